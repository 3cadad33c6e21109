"""The installed Chromium, driven by Playwright. Without it the tests are skipped."""

import shutil
from pathlib import Path

import pytest

from minigrad.draw import Drawing
from models.kinds import KINDS
from models.showing import live as live_page
from models.showing import pages

WIDE = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.fixture
def show(browser, tmp_path):
    """Opens the page of a run; at the end there were no errors, and nothing was fetched."""
    contexts, asked, wrong = [], [], []

    def opened(run, words, head=None, layer=None, kind=None, **settings):
        showing, given = KINDS[run.settings.model].showing, {} if kind is None else {"kind": kind}
        data = showing.page(run, words, **given)
        path = pages.save(data, tmp_path / "page.html", head, layer)
        contexts.append(browser.new_context(**{"viewport": WIDE} | settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append("a dialog"), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong
    assert {address.split(":")[0] for address in asked} <= {"file", "data"}
    assert len([address for address in asked if address.startswith("file:")]) == len(contexts)


@pytest.fixture(scope="module")
def live(browser, tmp_path_factory):
    """Opens the live page of a run; at the end there were no errors, and nothing was fetched."""
    contexts, asked, wrong = [], [], []

    def opened(run, **settings):
        path = tmp_path_factory.mktemp("live") / "live.html"
        live_page.save(run, KINDS[run.settings.model].showing, path)
        contexts.append(browser.new_context(**{"viewport": WIDE} | settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong
    assert {address.split(":")[0] for address in asked} <= {"file", "data"}
    assert len({address for address in asked if address.startswith("file:")}) == len(contexts)


@pytest.fixture(scope="session")
def audit():
    """Runs axe-core on a page, whose context bypasses its content policy: what it finds wrong."""
    package = pytest.importorskip("axe_playwright_python")
    source = Path(package.__file__).with_name("axe.min.js").read_text(encoding="utf-8")

    def audited(page):
        page.evaluate(source)
        found = page.evaluate("axe.run()")["violations"]
        return [(one["id"], [node["html"][:100] for node in one["nodes"]]) for one in found]

    return audited


@pytest.fixture
def explore(browser, tmp_path):
    """Saves a drawing and opens its explorer: nothing is logged, and only the page is requested."""
    said, asked, pages = [], [], []

    def open_page(drawing, link="", **settings):
        path = tmp_path / "graph.html"
        if isinstance(drawing, Drawing):
            drawing.save(path)
        else:
            path.write_text(drawing, "utf-8")
        page = browser.new_page(**({"viewport": WIDE} | settings))
        pages.append(page)
        page.set_default_timeout(10_000)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri() + link)
        page.wait_for_function("document.getElementById('said').textContent")
        assert {address.split("#")[0] for address in asked} == {path.as_uri()}
        return page

    yield open_page
    for page in pages:
        page.close()
    assert said == []
    # An image of the page's own data, and a file to save, are made in the page.
    fetched = [address for address in asked if not address.startswith(("data:", "blob:"))]
    assert len(fetched) == len(pages)

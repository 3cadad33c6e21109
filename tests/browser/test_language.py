"""The pages in two languages: which one is chosen, and that in Korean nothing stays English."""

import re
from itertools import chain

import pytest
from explored import deep, modules, plain

from models.kinds import KINDS
from models.showing import film, live, pages
from models.training import evaluation
from tests.browser.conftest import WIDE
from tests.browser.test_film_page import trained
from tests.browser.test_live_reader import reader
from tests.browser.test_live_translator import translator
from tests.browser.test_live_writer import writer
from tests.browser.test_weights_page import SENTENCE, TEXT
from tests.models.showing.test_korean import PAGES, table

NARROW = {"width": 390, "height": 844}
TITLES = {
    "explorer": ("#panel h2", "How it was computed", "계산 과정"),
    "modules": ("#panel h2", "How it was computed", "계산 과정"),
    "loop": ("#panel h2", "How it was computed", "계산 과정"),
    "weights of a reader": ("h1", "What the words attend to", "단어가 주목하는 곳"),
    "weights of a translator": ("h1", "What the words attend to", "단어가 주목하는 곳"),
    "film": ("h1", "A film of training", "훈련 필름"),
    "translator": ("h1", "A translator at work", "일하는 번역기"),
    "reader": ("h1", "What does it mean?", "it이 가리키는 것"),
    "writer": ("h1", "A GPT writes", "글을 쓰는 GPT"),
}
# All texts of the page, shown or read out, but code, the boxes of a drawing, and words of the data.
TEXTS = """() => {
  const found = [], own = "pre, kbd, script, style, noscript, [lang=en], .node, .edge, .cluster";
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode())
    if (!walk.currentNode.parentElement.closest(own)) found.push(walk.currentNode.data.trim());
  for (const name of ["aria-label", "title", "placeholder", "aria-valuetext"])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (!element.closest("pre, [lang=en]")) found.push(element.getAttribute(name).trim());
  return found.filter(Boolean);
}"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A page of each kind."""
    folder = tmp_path_factory.mktemp("pages")
    found = {name: folder / f"{name}.html" for name in TITLES}
    for name, drawing in (("explorer", plain()[-1]), ("modules", modules()), ("loop", deep(100))):
        drawing.save(found[name])
    runs = {"translator": translator(steps=20), "reader": reader(steps=20), "writer": writer(20)}
    for name, run in runs.items():
        live.save(run, KINDS[run.settings.model].showing, found[name])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "LIMIT", 4)  # a translator that has learned little ends nothing
        for name, words in (("reader", TEXT), ("translator", SENTENCE)):
            data = KINDS[runs[name].settings.model].showing.page(runs[name], words)
            pages.save(data, found[f"weights of a {name}"])
    film.save(trained("attention", tmp_path_factory), found["film"])
    return found


@pytest.fixture
def show(browser, files):
    """Opens a page; at the end there were no errors."""
    contexts, wrong = [], []

    def opened(name, address="", locale="en-US", **settings):
        contexts.append(browser.new_context(**{"viewport": WIDE, "locale": locale} | settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(files[name].as_uri() + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong


def spoken(page, name):
    """The language of the page, which its title, too, is in."""
    place, english, korean = TITLES[name]
    page.locator("#language").wait_for()
    language = page.locator("html").get_attribute("lang")
    assert page.locator(place).first.inner_text() == {"en": english, "ko": korean}[language]
    return language


@pytest.mark.parametrize("name", TITLES)
def test_by_the_browser_by_the_address_and_by_the_switch(show, name):
    assert spoken(show(name), name) == "en"
    assert spoken(show(name, locale="ko-KR"), name) == "ko"
    assert spoken(show(name, "?language=en", locale="ko-KR"), name) == "en"
    assert spoken(show(name, "?language=fr", locale="ko-KR"), name) == "ko"
    page = show(name, "?language=ko")
    assert spoken(page, name) == "ko"
    page.get_by_role("button", name="English").click()
    page.wait_for_url(re.compile("language=en"))
    assert spoken(page, name) == "en"
    page.get_by_role("button", name="한국어").click()
    page.wait_for_url(re.compile("language=ko"))
    assert spoken(page, name) == "ko"


def test_the_first_language_of_the_browser_that_a_page_has(show):
    page = show("explorer", locale="fr-FR")
    assert spoken(page, "explorer") == "en"
    assert spoken(show("explorer", locale="kok-IN"), "explorer") == "en"  # Konkani
    page.add_init_script("Object.defineProperty(navigator, 'languages', { value: ['fr', 'ko'] })")
    page.reload()
    assert spoken(page, "explorer") == "ko"


def test_the_switch_keeps_the_step(show):
    page = show("explorer", "#step=3")
    page.locator("#language").click()
    page.wait_for_url(re.compile("language=ko#step=3"))
    assert page.text_content("#said").startswith("3단계, 순전파: tanh 연산이 ")
    assert page.title().startswith("tanh, 순전파 3/4")


def test_in_a_notebook(show, files):
    """A page in a frame has no address of its own; it remembers the choice."""
    page = show("explorer")
    page.set_content('<iframe sandbox="allow-scripts allow-downloads"></iframe>')
    frame = page.locator("iframe")
    frame.evaluate("(frame, page) => frame.srcdoc = page", files["explorer"].read_text("utf-8"))
    inside = page.frame_locator("iframe")
    for name, language in (("한국어", "ko"), ("English", "en")):
        inside.get_by_role("button", name=name).click()
        inside.locator(f"html[lang={language}] #panel h2").wait_for()


# What is shown.


def explored(page):
    """Go through all steps, look at each box, and search for nothing."""
    for _ in range(int(page.get_attribute("#slider", "max")) % 20):
        page.keyboard.press("ArrowRight")
        yield
    for box in page.locator(".node:not(.gone)").all():
        box.focus()
        yield
        box.press("Enter")
        yield
    page.fill("#search", "qqq")
    yield
    page.fill("#search", "a")
    yield


def pointed(page):
    """Point at some cells, and cut them."""
    for row, column in ((0, 1), (2, 1), (1, 0)):
        page.locator(f"#weights td[data-row='{row}'][data-column='{column}']").click()
        yield
    if page.locator("input[name=layer]").count():
        page.locator("#choose label").first.click()
    yield


def compared(page):
    page.locator("#compare").click()
    yield
    page.keyboard.press("Home")
    yield
    page.locator("#play").click()
    yield


def asked(page):
    """Cut some edges and mend them, play, and give a text that is none."""
    for _ in range(2):
        page.locator("button.cut[aria-pressed=false]").first.click()
        yield
    if page.locator("#play").count():
        page.locator("#step").click()
        yield
        page.locator("#play").click()
        yield
        return
    while page.locator("button.cut[aria-pressed=false]").count() > 1:
        page.locator("button.cut[aria-pressed=false]").last.click()
    page.locator("button.cut[aria-pressed=false]").last.click()  # the last one stays
    yield
    for text in ("zzz yyy", "", "a " * 201):
        page.fill("#text", text)
        yield


def kind_of(name):
    """The page's name in PAGES, and what is done with it."""
    if name in ("explorer", "modules", "loop"):
        return "explorer", explored
    return {"weights": ("weights", pointed), "film": ("film", compared)}.get(
        name.split()[0], ("live", asked)
    )


def english(texts, korean):
    """The texts that are English: an entry of the table, a part of one, or three words in a row."""
    parts = {
        part.strip(" .,:;()")
        for entry in korean
        for part in re.split(r"\{\w+\}", entry)
        if len(re.findall("[A-Za-z]+", part)) > 1
    }
    for text in texts:
        row = re.search(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", text)
        if row or text in korean and korean[text] != text or any(part in text for part in parts):
            yield text


@pytest.mark.parametrize("name", TITLES)
def test_nothing_is_left_in_english(show, name):
    """All texts are looked at again and again while the page is used."""
    kind, used = kind_of(name)
    korean = table(PAGES[kind])
    page = show(name, locale="ko-KR")
    words = {"translator": SENTENCE, "reader": TEXT}.get(name.split()[-1], ())
    for _ in chain([None], used(page)):
        texts = set(page.evaluate(TEXTS))
        given = {text for text in texts if "→" in text or text in words}
        assert list(english(texts - given, korean)) == []


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", TITLES)
def test_in_korean_it_fits_and_axe_finds_nothing(show, audit, name, viewport):
    page = show(name, "?language=ko", viewport=viewport, bypass_csp=True)
    page.locator("#language").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert audit(page) == []

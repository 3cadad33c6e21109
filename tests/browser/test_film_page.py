"""The page of a film in a real browser: sliders, play, keys, touch, the address, two moments."""

from itertools import pairwise

import numpy as np
import pytest

from models.kinds import KINDS
from models.showing import film as shows
from models.tasks import calendar, coreference, stories
from models.training import film
from tests.browser.conftest import WIDE

STEPS = 40
NARROW = {"width": 390, "height": 844}
# Texts that are shown smaller than 9 px.
SMALL = """[...document.querySelectorAll("body *")].filter((element) =>
  [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
  && element.checkVisibility() && !element.closest("script, noscript")
  && Number.parseFloat(getComputedStyle(element).fontSize) < 9).map((small) => small.outerHTML)"""
# The contrast of a cell with its number, for every weight.
CONTRAST = """() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const linear = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((x) =>
      x / 255 <= 0.04 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05;
  };
  const cell = document.querySelector(".cell");
  return Math.min(...Array.from({ length: 101 }, (_, i) => {
    cell.style.setProperty("--share", i / 100);
    const style = getComputedStyle(cell);
    const both = [light(style.color), light(style.backgroundColor)];
    return Math.max(...both) / Math.min(...both);
  }));
}"""


@pytest.fixture(scope="module", params=["attention", "gpt"])
def folder(request, tmp_path_factory):
    return trained(request.param, tmp_path_factory)


def trained(model, tmp_path_factory):
    """The folder of a small run, trained on a few examples."""
    kind = KINDS[model]
    given = {"model": model, **kind.run.SMALL, "steps": STEPS, "batch_size": 8}
    settings = kind.run.settings_from(given)
    with pytest.MonkeyPatch.context() as patch:
        for tasks, sizes in (
            (calendar, (60, 10, 10)),
            (coreference, (60, 10, 10)),
            (stories, (60, 10)),
        ):
            corpus = tasks.corpus
            names = ("size", "validation", "test")[: len(sizes)]
            few = dict(zip(names, sizes, strict=True))
            patch.setattr(
                tasks, "corpus", lambda seed, corpus=corpus, few=few: corpus(seed=seed, **few)
            )
        splits = kind.run.load(settings)
    run = kind.run.start(tmp_path_factory.mktemp(model), settings, splits.train, model=kind.model)
    run.train(splits.train, validation=splits.validation)
    return run.folder


@pytest.fixture
def show(browser, tmp_path):
    """Opens the page of a film; at the end there were no errors, and nothing was fetched."""
    contexts, asked, wrong = [], [], []

    def opened(folder, address="", **settings):
        path, _ = shows.save(folder, tmp_path / "film.html")
        contexts.append(browser.new_context(**{"viewport": WIDE} | settings))
        page = contexts[-1].new_page()
        page.set_default_timeout(5000)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri() + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong
    assert {address.split(":")[0] for address in asked} <= {"file", "data"}
    assert len([address for address in asked if address.startswith("file:")]) == len(contexts)


def until(page, condition):
    """Wait until JavaScript says so; Playwright's own way needs `eval`, which the page forbids."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


def step_of(page, name="at"):
    return int(page.locator(f"#{name}-step").inner_text().split()[0].replace(",", ""))


def steps_of(folder):
    return [moment["step"] for moment in film.read(folder)[1]]


def numbers(page, chosen):
    return [float(cell or 0) for cell in page.locator(f"{chosen} .cell").all_inner_texts()]


# What is shown.


def test_a_moment_is_shown_as_it_was_noted(show, folder):
    page = show(folder)
    head, moments = film.read(folder)
    for moment in (moments[-1], moments[3]):
        page.locator("#at").fill(str(moments.index(moment)))
        assert step_of(page) == moment["step"]
        assert page.locator(".example .said").first.inner_text() == f"says «{moment['says']}»"
        answers = [row[0][0] for row in moment["answers"]]
        assert page.locator("#moments .answer b").all_inner_texts() == answers
        norms = moment["gradients"]["norms"]
        shown = page.locator("#norms .numbers b").all_inner_texts()
        assert len(shown) == len(norms) == page.locator("#norms .strip button").count()
        found = [float(text.replace("−", "-")) for text in shown]
        np.testing.assert_allclose(found, norms, rtol=0.05)
        assert f"training {moment['loss']:.3g}"[:12] in page.locator("#loss .values").inner_text()
    assert page.title() == f"A film of training: {head['model']}"


def test_the_weights_of_the_chosen_head_are_shown(show, tmp_path_factory):
    folder = trained("transformer", tmp_path_factory)
    page = show(folder)
    head, moments = film.read(folder)
    example, last = head["example"], moments[-1]
    shape = (*example["maps"], len(example["rows"]), len(example["columns"]))
    weights = np.frombuffer(film.unpacked(last["attention"]), np.uint8).reshape(shape) / 255
    np.testing.assert_allclose(numbers(page, "#moments"), weights.mean((0, 1)).ravel(), atol=0.0051)
    page.get_by_role("button", name="layer 1, head 2").click()
    np.testing.assert_allclose(numbers(page, "#moments"), weights[0, 1].ravel(), atol=0.0051)
    until(page, "location.hash.includes('head=2')")


def test_a_model_without_attention_shows_its_words(show, tmp_path_factory):
    folder = trained("seq2seq", tmp_path_factory)
    page = show(folder)
    _, moments = film.read(folder)
    answers = [name for row in moments[-1]["answers"] for name, _ in row]
    assert page.locator(".answer b").all_inner_texts() == answers
    assert "has no attention" in page.locator("div.example").inner_text()


def test_a_parameter_and_its_histograms_are_chosen(show, folder):
    page = show(folder)
    head, _ = film.read(folder)
    name, shape = head["parameters"][-1]
    page.locator("#norms .strip button").last.click()
    said = f"{name} ({' × '.join(map(str, shape))})"
    assert page.locator(".pictures .said").inner_text() == said
    assert page.locator(".histogram path").count() == 2
    page.get_by_role("button", name="weights").click()
    assert page.locator("#strip.weights").count() == 1


def test_before_the_first_step_there_is_no_gradient(show, folder):
    page = show(folder, "#step=0")
    assert set(page.locator("#norms .numbers b").all_inner_texts()) == {"–"}
    assert "no gradient yet" in page.locator(".histogram.gradients").inner_text()


def test_korean_has_its_font(show, tmp_path_factory):
    page = show(trained("attention", tmp_path_factory))
    assert "오늘은" in page.locator("#about").inner_text()
    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.fonts].map((font) => font.status)") == ["loaded"]


# How one moves.


def test_keys_step_and_space_plays(show, folder):
    page = show(folder, f"#step={STEPS}")
    steps = steps_of(folder)
    assert step_of(page) == STEPS
    page.keyboard.press("ArrowLeft")
    assert step_of(page) == steps[-2]
    page.keyboard.press("Home")
    assert step_of(page) == 0
    page.keyboard.press("ArrowRight")
    assert step_of(page) == steps[1]
    page.locator("#at").focus()
    page.keyboard.press("ArrowRight")
    assert step_of(page) == steps[2]
    page.keyboard.press(" ")
    page.get_by_role("button", name="Pause").wait_for()
    until(page, "document.getElementById('at').value > 4")
    page.keyboard.press(" ")
    page.get_by_role("button", name="Play").wait_for()
    held = step_of(page)
    page.wait_for_timeout(300)
    assert step_of(page) == held < STEPS


def test_playing_ends_at_the_end_and_begins_again(show, folder):
    page = show(folder, f"#step={steps_of(folder)[-3]}")
    play = page.locator("#play")
    play.click()
    page.get_by_role("button", name="Play").wait_for()
    assert step_of(page) == STEPS
    play.click()
    assert step_of(page) < STEPS


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_by_itself(show, folder, motion):
    page = show(folder, "#step=0", reduced_motion=motion)
    page.wait_for_timeout(400)
    assert step_of(page) == 0


def test_a_plot_is_scrubbed_by_mouse_and_by_touch(show, folder):
    page = show(folder)
    box = page.locator("#loss .plot").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    page.mouse.down()
    assert step_of(page) == 0
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    assert 0 < step_of(page) < STEPS
    page.mouse.up()
    page.mouse.move(box["x"] + 2, box["y"] + 20)
    assert step_of(page) > 0
    page = show(folder, has_touch=True, viewport=NARROW)
    plot = page.locator("#strip .plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 27)
    assert 0 < step_of(page) < STEPS
    assert page.locator("#strip button").nth(1).get_attribute("aria-pressed") == "true"


def test_two_moments_side_by_side(show, folder):
    page = show(folder, "#step=3")
    assert page.locator(".moment").count() == 1
    page.get_by_role("button", name="Compare").click()
    assert page.locator(".moment").count() == 2
    first, second = (page.locator(".moment").nth(i).bounding_box() for i in range(2))
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] <= second["x"]
    titles = page.locator(".moment .example h2, .moment h2").all_inner_texts()
    assert any("step 3" in title for title in titles)
    assert any(f"step {STEPS}" in title for title in titles)
    page.locator("#beside").fill("0")
    assert step_of(page, "beside") == 0
    assert step_of(page) == 3
    assert page.locator(".marker").count() == 4  # two in each plot
    page.get_by_role("button", name="Compare").click()
    assert page.locator(".moment").count() == 1


def test_the_address_keeps_what_is_shown(show, folder):
    head, _ = film.read(folder)
    name = head["parameters"][-1][0]
    page = show(folder, f"#step=5&beside={STEPS}&norms=weights&parameter={name}")
    assert (step_of(page), step_of(page, "beside")) == (5, STEPS)
    assert page.locator("#strip.weights").count() == 1
    page.locator("#at").fill("0")
    until(page, "location.hash.startsWith('#step=0&')")
    address = page.evaluate("location.hash")
    assert f"beside={STEPS}&norms=weights&parameter=" in address
    step = steps_of(folder)[7]
    page.evaluate(f"location.hash = '#step={step}'")
    until(page, "document.getElementById('second').hidden")
    assert step_of(page) == step


@pytest.mark.parametrize(
    "address", ["#step=", "#step=x&beside=-1e999", "#head=99&parameter=no", "#%"]
)
def test_an_address_that_says_nothing_is_no_error(show, folder, address):
    assert step_of(show(folder, address)) in steps_of(folder)


# For everyone.


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_it_fits_and_can_be_read(show, folder, viewport, theme):
    page = show(folder, f"#step=3&beside={STEPS}", viewport=viewport, color_scheme=theme)
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert page.evaluate(SMALL) == []
    assert page.evaluate(CONTRAST) >= 4.5


def test_landmarks_headings_and_names(show, folder):
    page = show(folder, "#step=3&beside=9")
    assert page.locator("main").count() == page.locator("h1").count() == 1
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3')].map((h) => +h.localName[1])"
    )
    assert all(b - a <= 1 for a, b in pairwise(levels))
    nameless = """[...document.querySelectorAll("button, input, select")].filter((control) =>
      !(control.ariaLabel || control.textContent.trim() || control.labels?.length))"""
    assert page.evaluate(f"{nameless}.length") == 0
    said = page.locator("#at").get_attribute("aria-valuetext")
    assert said == f"step 3 of {STEPS}"


def test_the_theme_is_chosen(show, folder):
    page = show(folder, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_role("button", name="Dark mode").click()
    assert page.evaluate(ground) != before


def test_on_paper_the_controls_are_gone_and_all_rows_are_there(show, folder):
    page = show(folder)
    page.emulate_media(media="print")
    assert not page.locator("footer").is_visible()
    assert page.evaluate("strip.scrollHeight <= strip.clientHeight")

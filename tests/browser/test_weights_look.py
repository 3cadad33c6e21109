"""The page of weights on paper, in its letters, for a finger, and for a screen reader."""

from itertools import pairwise

import pytest

from tests.browser.test_transformer_page import transformer  # noqa: F401
from tests.browser.test_weights_page import IT, SENTENCE, TEXT, cell, choose, translator

__all__ = ["translator"]

SHEET = {"width": 718, "height": 1000}  # of A4, in pixels
SMALL = """() => {
  const small = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || element.closest('script, noscript')) continue;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (box.width && parseFloat(style.fontSize) * (element.currentCSSZoom ?? 1) < 9)
      small.push([element.outerHTML.slice(0, 80), style.fontSize]);
  }
  return small;
}"""


@pytest.mark.parametrize("words", [TEXT, TEXT * 3, TEXT * 10])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_text_is_under_9_pixels(show, reader, words, width):
    page = show(reader, words, viewport={"width": width, "height": 800})
    assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_it_is_light_and_has_its_colours(show, reader, scheme):
    page = show(reader, TEXT, color_scheme=scheme, viewport=SHEET)
    page.emulate_media(media="print", color_scheme=scheme)
    for switched in (False, True):
        colour = "one => getComputedStyle(one).backgroundColor"
        assert page.locator("body").evaluate(colour) == "rgb(255, 255, 255)"
        for one in ("#weights td[data-row]", ".scale i", "#odds td", "#choose :checked + span"):
            exact = "one => getComputedStyle(one).printColorAdjust"
            assert page.locator(one).first.evaluate(exact) == "exact"
        if not switched:
            page.emulate_media(media="screen", color_scheme=scheme)
            page.locator("#theme").click()
            page.emulate_media(media="print", color_scheme=scheme)


@pytest.mark.parametrize("words", [TEXT, TEXT * 3, TEXT * 10])
def test_on_paper_nothing_is_cut_off(show, reader, words):
    page = show(reader, words, viewport=SHEET)
    page.emulate_media(media="print")
    ends = page.eval_on_selector_all(
        ".map thead span, .map td, #to button, #answer, h1, .note",
        "all => all.map(one => one.getBoundingClientRect().right)",
    )
    assert max(ends) <= SHEET["width"] + 1
    assert page.locator(".scroll").first.evaluate("one => getComputedStyle(one).overflowX") == (
        "visible"
    )
    assert page.locator("#answer").evaluate("one => getComputedStyle(one).position") == "static"


def test_the_title_follows_the_choice(show, transformer):  # noqa: F811
    page = show(transformer, SENTENCE, kind="encoder")
    titles = [page.title()]
    for layer, head in ((0, ""), (0, 1), (1, 0)):
        choose(page, "layer", layer)
        choose(page, "head", head)
        titles.append(page.title())
    assert titles[0] == (
        "오늘은 금요일 입니다 · transformer, self-attention of the encoder · layer 2, all heads"
    )
    assert titles[2].endswith(" · layer 1, head 2")
    assert len(set(titles)) == 4


def test_every_head_has_a_map_with_its_words(show, transformer):  # noqa: F811
    page = show(transformer, SENTENCE)
    assert page.locator("#heads .map").count() == 2
    for head in (1, 2):
        assert page.locator(f"#head-{head} th[scope=col]").all_inner_texts() == list(SENTENCE)
        rows = page.locator(f"#head-{head} th[scope=row]").all_inner_texts()
        assert rows == page.locator("#weights th[scope=row]").all_inner_texts()
    page.get_by_role("button", name="head 2").click()
    assert page.locator("#weights-title").inner_text() == "Weights: layer 2, head 2"
    assert page.locator("input[name='head'][value='1']").is_checked()
    cell(page, 0, 0, "head-1").click()
    assert cell(page, 0, 0).get_attribute("aria-selected") == "true"


def test_the_page_brings_its_hangul(show, translator):
    page = show(translator, SENTENCE)
    page.evaluate("document.fonts.ready")
    loaded = "[...document.fonts].filter(one => one.status === 'loaded').map(one => one.family)"
    assert page.evaluate(loaded) == ["hangul"]
    first = page.locator("#to button").first
    assert first.evaluate("one => getComputedStyle(one).fontFamily").startswith("hangul")


def test_by_touch(show, reader):
    page = show(reader, TEXT, viewport={"width": 390, "height": 800}, has_touch=True)
    cell(page, IT, 1).tap()
    assert cell(page, IT, 1).get_attribute("aria-selected") == "true"
    assert "with the cut 0.0000" in page.locator("#readout").inner_text()
    page.locator("#mend").tap()
    assert page.locator("[aria-selected=true]").count() == 0


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(show, audit, reader, translator, transformer, width, scheme):  # noqa: F811
    look = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    for run, words in ((reader, TEXT), (translator, SENTENCE), (transformer, SENTENCE)):
        page = show(run, words, bypass_csp=True, **look)
        assert audit(page) == []
        cell(page, 0, 0).click()
        assert audit(page) == []


def test_there_is_a_main_landmark_and_headings_are_in_order(show, transformer):  # noqa: F811
    page = show(transformer, SENTENCE)
    assert page.locator("main").count() == 1
    levels = page.eval_on_selector_all(
        "h1, h2, h3", "all => all.map(one => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    unnamed = page.locator("button, input, [role=grid]").evaluate_all(
        "all => all.filter(e => !(e.ariaLabel || e.textContent.trim() || e.labels?.length)).length"
    )
    assert unnamed == 0

"""The page of weights in a real browser: what it shows, and how it responds."""

import numpy as np
import pytest

from models.showing import pages
from models.showing import reading as shows_reading
from models.showing import translating as shows_translating
from models.tasks import coreference
from models.tasks.calendar import corpus
from models.training import evaluation
from models.training.reading import weights_of
from models.training.translating import Settings, Translating

TEXT = coreference.COURSE.words
SENTENCE = ("오늘은", "금요일", "입니다")
NASTY = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</script>", "&amp;", "It")
IT = coreference.COURSE.it
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 800}


@pytest.fixture
def translator(monkeypatch):
    """A translator that has learned too little to end a sentence; four words are enough."""
    monkeypatch.setattr(evaluation, "LIMIT", 4)
    pairs = corpus(size=100, validation=10, test=10, max_clauses=2).train
    run = Translating.start("", Settings(embedding=8, hidden=8, steps=9), pairs)
    for _, batch in zip(range(5), run.batches(pairs), strict=False):
        run.step(batch)
    return run


def cell(page, row, column, table="weights"):
    return page.locator(f"#{table} td[data-row='{row}'][data-column='{column}']")


def numbers(page, table):
    """The numbers in a heat map, in the unit shown: (rows, columns)."""
    shown = page.eval_on_selector_all(
        f"#{table} tbody tr",
        "rows => rows.map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))",
    )
    return np.array([[float(text.replace("−", "-")) for text in row] for row in shown])


def odds(page):
    """The table of the answer: for each word its probability, before and after the cut."""
    rows = page.eval_on_selector_all(
        "#odds tbody tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return {word: (float(before), float(after)) for word, before, after in rows}


def expected(changed, names):
    """The expected table of the answer."""
    return {
        name if isinstance(name, str) else names[name]: (
            pytest.approx(before, abs=0.0051),
            pytest.approx(after, abs=0.0051),
        )
        for name, before, after in changed
    }


def called(words):
    """The words as the answers name them: with the index if a word appears twice."""
    return [
        f"{word} (word {i})" if words.count(word) > 1 else word
        for i, word in enumerate(words, start=1)
    ]


def choose(page, name, value):
    page.locator(f"input[name='{name}'][value='{value}']").check()


# What it shows


def test_the_weights_of_each_layer_and_head(show, reader):
    page, weights = show(reader, TEXT), weights_of(reader, TEXT)
    for layer in (1, 0):
        choose(page, "layer", layer)
        for head, expected in (("", weights[layer].mean(0)), *enumerate(weights[layer])):
            choose(page, "head", head)
            assert np.allclose(numbers(page, "weights"), expected, atol=0.0052)


def test_the_gradients_of_each_layer_and_head(show, reader):
    page = show(reader, TEXT)
    gradients = np.array(shows_reading.page(reader, TEXT)["gradients"])
    for layer in (0, 1):
        choose(page, "layer", layer)
        for head, expected in (("", gradients[layer].sum(0)), *enumerate(gradients[layer])):
            choose(page, "head", head)
            unit = page.locator(".scale.gradients sup")
            power = int(unit.inner_text().replace("−", "-")) if unit.count() else 0
            shown = numbers(page, "gradients") * 10.0**power
            assert np.allclose(shown, expected, atol=0.0052 * 10.0**power, rtol=0.06)
            assert page.locator("#gradients td.minus").count() == (expected < 0).sum()


def test_a_head_to_begin_with(show, reader):
    page = show(reader, TEXT, head=2)
    assert np.allclose(numbers(page, "weights"), weights_of(reader, TEXT)[1, 1], atol=0.0052)
    assert page.locator("input[name='head'][value='1']").is_checked()
    assert page.locator("#weights-title").inner_text() == "Weights: layer 2, head 2"


def test_the_words_are_labels(show, reader, translator):
    page = show(reader, TEXT)
    assert page.locator("#weights th[scope='row']").all_inner_texts() == list(TEXT)
    assert page.locator("#weights th[scope='col']").all_inner_texts() == list(TEXT)
    assert page.locator("#from button").all_inner_texts() == list(TEXT)
    page = show(translator, SENTENCE)
    target = shows_translating.page(translator, SENTENCE)["rows"]
    assert page.locator("#weights th[scope='row']").all_inner_texts() == target
    assert page.locator("#to button").all_inner_texts() == list(SENTENCE)
    assert page.locator("#weights th[lang='ko']").count() == 3
    assert page.locator("#choose input").count() == 0  # one layer and head: nothing to choose


def test_words_are_shown_as_text_even_if_they_look_like_html(show, reader):
    page = show(reader, NASTY)
    assert page.locator("#weights th[scope='row']").all_inner_texts() == list(NASTY)
    assert page.locator("#from button").all_inner_texts() == list(NASTY)
    assert page.locator("img").count() == 0
    cell(page, 4, 0).click()
    assert NASTY[0] in page.locator("#what").inner_text()
    assert NASTY[0] in page.locator("#text").inner_text()  # and that it is not known


def test_the_last_word_is_resolved_if_there_is_no_it(show, reader):
    page = show(reader, TEXT)
    assert page.locator("#instead").is_hidden()
    page = show(reader, ("The", "dog", "runs"))
    assert page.locator("#instead").is_visible()
    assert page.locator("#says").inner_text().startswith("runs points to ")


# How it responds


def classed(page, where, name):
    """The places of the elements with this class: {(row, column)}."""
    found = page.eval_on_selector_all(
        f"{where}.{name}", "all => all.map(one => [one.dataset.row, one.dataset.column])"
    )
    return {(int(row), int(column)) for row, column in found}


@pytest.mark.parametrize("way", ["hover", "focus"])
def test_a_word_shows_the_weights_from_it_and_to_it(show, reader, way):
    page, weights = show(reader, TEXT), weights_of(reader, TEXT)[1].mean(0)
    getattr(page.locator("#from button").nth(4), way)()
    assert classed(page, "#weights td", "out") == {(4, j) for j in range(12)}
    assert classed(page, "#weights td", "in") == {(i, 4) for i in range(12)}
    assert classed(page, "#lines g", "out") == {(4, j) for j in range(12) if weights[4, j] > 0.01}
    assert classed(page, "#lines g", "in") == {(i, 4) for i in range(12) if weights[i, 4] > 0.01}
    most = TEXT[weights[4].argmax()]
    assert f"apple attends most to {most}" in page.locator("#readout").inner_text()


def test_a_word_of_a_translation_shows_its_row_or_its_column(show, translator):
    page = show(translator, SENTENCE)
    page.locator("#to button").nth(1).hover()
    rows = page.locator("#from button").count()
    assert classed(page, "#weights td", "in") == {(i, 1) for i in range(rows)}
    assert classed(page, "#weights td", "out") == set()


def test_a_link_is_as_wide_as_its_weight(show, reader):
    page, weights = show(reader, TEXT), weights_of(reader, TEXT)[1].mean(0)
    widths = page.eval_on_selector_all(
        "#lines g",
        "all => all.map(one => [one.dataset.row, one.dataset.column,"
        " parseFloat(getComputedStyle(one.firstChild).strokeWidth)])",
    )
    assert len(widths) == (weights >= 0.01).sum()
    for i, j, width in widths:
        assert width == pytest.approx(1 + 7 * weights[int(i), int(j)], abs=0.01)


def test_a_cell_says_its_numbers(show, reader):
    page, given = show(reader, TEXT), shows_reading.page(reader, TEXT)
    choose(page, "head", 1)
    cell(page, IT, 3).hover()
    said = page.locator("#readout").inner_text().replace("\xa0", " ").replace("−", "-")
    assert said.startswith("It → an")
    assert f"weight {given['weights'][1][1][IT][3]:.4f}" in said


def test_a_word_is_pinned(show, reader):
    page = show(reader, TEXT)
    word = page.locator("#from button").nth(1)
    word.click()
    page.mouse.move(2, 2)
    page.evaluate("document.activeElement.blur()")
    assert word.get_attribute("aria-pressed") == "true"
    assert classed(page, "#weights td", "out") == {(1, j) for j in range(12)}
    word.click()
    page.mouse.move(2, 2)
    assert word.get_attribute("aria-pressed") == "false"
    assert classed(page, "#weights td", "out") == set()


# Cutting


@pytest.mark.parametrize(("layer", "row", "column"), [(0, IT, 10), (0, 1, 2), (1, IT, 1)])
def test_a_cut_changes_the_answer_as_the_model_says(show, reader, layer, row, column):
    page, given = show(reader, TEXT), shows_reading.page(reader, TEXT)
    before = odds(page)
    choose(page, "layer", layer)
    cell(page, row, column).click()
    assert odds(page) == expected(given["cuts"][layer][row][column], called(TEXT))
    assert cell(page, row, column).get_attribute("aria-selected") == "true"
    said = page.locator("#what").inner_text()
    assert f"in layer {layer + 1} (all heads) {TEXT[row]} may not attend to {TEXT[column]}" in said
    page.locator("#mend").click()
    assert odds(page) == before
    assert page.locator("[aria-selected='true']").count() == 0


def test_a_cut_without_effect_says_so(show, reader):
    page = show(reader, TEXT)
    before = odds(page)
    cell(page, 0, 0).click()
    assert "Nothing changes" in page.locator("#what").inner_text()
    assert odds(page) == before
    page = show(reader, ("It",))
    cell(page, 0, 0).click()
    assert "the only word" in page.locator("#what").inner_text()


def test_a_cut_of_a_translation(show, translator):
    page, given = show(translator, SENTENCE), shows_translating.page(translator, SENTENCE)
    for row in (0, len(given["rows"]) - 1):
        for column in range(3):
            cell(page, row, column).click()
            assert odds(page) == expected(given["cuts"][0][row][column], None)
            likeliest = max(given["cuts"][0][row][column], key=lambda one: one[2])[0]
            assert likeliest in page.locator("#says").inner_text()


def test_each_word_of_a_translation_has_its_answer(show, translator):
    page, given = show(translator, SENTENCE), shows_translating.page(translator, SENTENCE)
    for row, answer in enumerate(given["answers"]):
        page.locator("#from button").nth(row).hover()
        assert odds(page) == expected([(name, p, p) for name, p in answer], None)


def test_a_link_is_cut_by_a_click(show, reader):
    page, given = show(reader, TEXT), shows_reading.page(reader, TEXT)
    page.locator(f"#lines g[data-row='{IT}'][data-column='1'] .grip").dispatch_event("click")
    assert odds(page) == expected(given["cuts"][1][IT][1], called(TEXT))
    assert classed(page, "#lines g", "cut") == {(IT, 1)}
    page.keyboard.press("Escape")
    assert classed(page, "#lines g", "cut") == set()


def test_by_keyboard(show, reader):
    page, given = show(reader, TEXT), shows_reading.page(reader, TEXT)
    assert page.locator("#weights td[tabindex='0']").count() == 1
    cell(page, 0, 0).focus()
    for key in ["ArrowUp", "ArrowLeft"] + ["ArrowDown"] * IT + ["ArrowRight"] * 2 + ["ArrowLeft"]:
        page.keyboard.press(key)
    assert classed(page, "#weights td", "exact") == {(IT, 1)}
    page.keyboard.press("Enter")
    assert odds(page) == expected(given["cuts"][1][IT][1], called(TEXT))
    page.keyboard.press("Space")  # the same edge once more: mended
    assert page.locator("#mend").count() == 0
    assert page.locator("#weights td[tabindex='0']").count() == 1


# What it looks like


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(show, reader, scheme):
    page = show(reader, TEXT, color_scheme=scheme)
    paper = "getComputedStyle(document.body).backgroundColor"
    colours = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}
    assert page.evaluate(paper) == colours[scheme]
    assert page.locator("#theme").get_attribute("aria-pressed") == str(scheme == "dark").lower()
    page.locator("#theme").click()
    other = "dark" if scheme == "light" else "light"
    assert page.evaluate(paper) == colours[other]
    assert page.locator("#theme").get_attribute("aria-pressed") == str(other == "dark").lower()


@pytest.mark.parametrize("viewport", [WIDE, NARROW])
@pytest.mark.parametrize("words", [TEXT, TEXT * 4])
def test_the_page_is_no_wider_than_the_window(show, reader, viewport, words):
    page = show(reader, words, viewport=viewport)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_long_text_stays_readable(show, reader):
    page = show(reader, (TEXT * 4)[:40])
    heads = page.eval_on_selector_all(
        "#weights thead span",
        "all => all.map(one => [one.getBoundingClientRect().x,"
        " parseFloat(getComputedStyle(one).fontSize)])",
    )
    assert len(heads) == 40
    assert min(np.diff([x for x, _ in heads])) > 0
    assert all(size >= 12 for _, size in heads)
    rows = page.eval_on_selector_all(
        "#weights tbody th", "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(rows) >= 14


def test_numbers_stand_out_from_their_cells(show, reader):
    page = show(reader, TEXT)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for share in np.linspace(0, 1, 41):
            cell(page, 0, 0).evaluate(f"one => one.style.setProperty('--share', {share})")
            ratio = page.evaluate(CONTRAST)
            assert ratio > 4.5, (scheme, share)


# The contrast (WCAG 2) between the first cell and its number; a canvas parses the colours.
CONTRAST = """() => {
  const cell = document.querySelector('#weights td[data-row="0"]');
  cell.classList.remove('nil', 'minus', 'in', 'out');
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminance = (colour) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)
      .map((x) => x / 255).map((x) => (x > 0.04045 ? ((x + 0.055) / 1.055) ** 2.4 : x / 12.92));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const style = getComputedStyle(cell);
  const [x, y] = [luminance(style.color), luminance(style.backgroundColor)];
  return Math.max(x, y) / Math.min(x, y);
}"""


def test_an_edge_that_was_not_cut_says_so(show, reader, monkeypatch):
    monkeypatch.setattr(pages, "LIMIT", 2 * len(TEXT) ** 3)
    page = show(reader, TEXT)
    page.locator("#choose input[name=layer]").first.check()
    mean = weights_of(reader, TEXT).mean(1)[0]
    strong, weak = int(mean[1].argmax()), int(mean[1].argmin())
    page.locator(f'#weights td[data-row="1"][data-column="{weak}"]').click()
    said = page.locator("#what").inner_text()
    assert "only the 2 strongest links of each word were cut: this one is not among them" in said
    page.locator(f'#weights td[data-row="1"][data-column="{strong}"]').click()
    assert "strongest" not in page.locator("#what").inner_text()
    assert page.locator('#weights [aria-selected="true"]').count() == 1

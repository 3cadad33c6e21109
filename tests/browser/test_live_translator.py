"""The live page of a translator computes what Python computes, without and with cuts."""

import json

import numpy as np
import pytest

import minigrad
from models.attention import Attention
from models.seq2seq import Seq2Seq
from models.showing.translating import EXAMPLES
from models.tasks.calendar import corpus
from models.tasks.vocabulary import Vocabulary
from models.training import evaluation
from models.training.translating import Settings, Translating
from tests.browser.halves import trained

SPLITS = corpus(size=2000, validation=10, test=200)
COMPUTED = """(asked) => JSON.stringify(asked.map(([text, cuts]) => {
  const { tokens, unknown, words, text: said, steps } = live.translation(text, new live.Cuts(cuts));
  const of = (name) => steps.map((step) => step[name] ?? null);
  return { tokens, unknown, words, text: said, logits: of("logits"), weights: of("weights") };
}))"""  # one string: Playwright takes long for many numbers


def translator(model=Attention, steps=100, **settings):
    name = {Attention: "attention", Seq2Seq: "seq2seq"}[model]
    given = {"model": name, "embedding": 16, "hidden": 24, "steps": steps, **settings}
    run = Translating.start("", Settings(**given), SPLITS.train, model=model)
    return trained(run, SPLITS.train, steps)


@pytest.fixture(scope="module")
def run():
    return translator(steps=300, embedding=32, hidden=48)


@pytest.fixture(scope="module")
def opened(live, run):
    return live(run)


@pytest.fixture
def page(opened):
    opened.reload()
    return opened


def computed(page, texts, cuts=()):
    """What the page finds for each text, with these cuts."""
    return json.loads(page.evaluate(COMPUTED, [[text, list(cuts)] for text in texts]))


def expected(run, text, cuts=()):
    """What Python finds: the words, and each step's logits, weights and context."""
    source = minigrad.tensor([run.source_vocabulary.encode(run.tokens_of(text))])
    words, found = [Vocabulary.BEGIN], []
    with minigrad.no_grad():
        h, memory = run.model.encode(source)
        while len(found) < evaluation.LIMIT and (words[-1] != Vocabulary.END):
            seen = memory
            if memory is not None:
                mask = np.ones(source.shape, bool)
                mask[0, [cut["column"] for cut in cuts if cut["row"] == len(found)]] = False
                seen = memory[0], minigrad.tensor(mask)
            logits, weights, h = run.model.decode(minigrad.tensor([words[-1:]]), h, seen)
            found.append((logits[0, 0].numpy(), None if weights is None else weights[0, 0].numpy()))
            words.append(int(logits[0, 0].argmax()))
    return run.target_vocabulary.decode(words[1:]), found


def compare(run, text, one, cuts=()):
    words, found = expected(run, text, cuts)
    assert one["tokens"] == list(run.tokens_of(text)), text
    assert one["words"] == words, text
    assert one["text"] == run.target_tokens.decode(words)
    assert len(one["logits"]) == len(found)
    for logits, weights, (ours, attended) in zip(one["logits"], one["weights"], found, strict=True):
        np.testing.assert_allclose(logits, ours, atol=1e-4, rtol=1e-4)
        if attended is not None:
            np.testing.assert_allclose(weights, attended, atol=1e-4)


def test_200_sentences(page, run):
    texts = [pair.text[0] for pair in SPLITS.test]
    assert len(texts) == 200
    lengths = set()
    for text, one in zip(texts, computed(page, texts), strict=True):
        compare(run, text, one)
        lengths.add(len(one["words"]))
    assert len(lengths) > 5


@pytest.mark.parametrize(
    "settings",
    [
        {"cell": "gru", "score": "general"},
        {"cell": "lstm", "score": "additive", "order": "bahdanau"},
        {"cell": "rnn", "score": "general", "order": "bahdanau"},
        {"model": Seq2Seq, "cell": "gru"},
        {"model": Seq2Seq, "cell": "lstm"},
    ],
)
def test_every_variant(live, settings):
    run = translator(steps=10, **settings)
    page = live(run)
    texts = [pair.text[0] for pair in SPLITS.test[:10]]
    for text, one in zip(texts, computed(page, texts), strict=True):
        compare(run, text, one)
    assert page.locator("#detail h2").inner_text().startswith("Word 1")


@pytest.mark.parametrize("tokens", ["words", "characters", "bpe"])
def test_sentence_pairs_of_a_file(live, tmp_path, tokens):
    lines = [f"{p.text[1]}\t{p.text[0]}" for p in SPLITS.train[:200]]
    (tmp_path / "pairs.tsv").write_text("\n".join(lines), encoding="utf-8")
    given = {"pairs": str(tmp_path / "pairs.tsv"), "tokens": tokens, "merges": 100}
    settings = Translating.settings_from(given | {"embedding": 16, "hidden": 16, "steps": 20})
    splits = Translating.load(settings)
    run = Translating.start("", settings, splits.train)
    trained(run, run.tokenized(splits).train, 20)
    texts = [pair.text[0] for pair in splits.test] + ["  «오늘은»  don't 10,000 e\u0301\u200b ."]
    page = live(run)
    for text, one in zip(texts, computed(page, texts), strict=True):
        compare(run, text, one)


def test_cuts_and_all_that_follows(page, run):
    changed = 0
    for pair in SPLITS.test[:8]:
        text, (before,) = pair.text[0], computed(page, [pair.text[0]])
        row = len(before["logits"]) // 3
        column = int(np.argmax(before["weights"][row]))
        cuts = [{"layer": 0, "head": None, "row": row, "column": column}]
        cuts.append({**cuts[0], "row": row + 1})
        (one,) = computed(page, [text], cuts)
        compare(run, text, one, cuts)
        assert one["logits"][:row] == before["logits"][:row]
        changed += one["words"][row:] != before["words"][row:]
    assert changed > 2


def test_words_that_are_not_known(page, run):
    texts = ["오늘은 모르는 금요일 말", "hello 오늘은", "12일은 <pad> 금요일", "🙂 내일은 토요일"]
    for text, one in zip(texts, computed(page, texts), strict=True):
        compare(run, text, one)
        unknown = run.source_vocabulary.unknown(run.tokens_of(text))
        assert one["unknown"] == list(dict.fromkeys(unknown))


# The page


def said(page):
    return page.locator("#answer").inner_text()


def words(page):
    return page.locator("#stage button .word").all_inner_texts()


def test_both_spellings(page, run):
    assert page.input_value("#text") == EXAMPLES[0] == "오늘은 금요일 입니다"
    first = said(page)
    page.fill("#text", "오늘은 금요일입니다.")
    assert said(page) == first
    shown = page.locator("#stage .token .word").all_inner_texts()[:4]
    assert shown == ["오늘은", "금요일", "입니다", "."]
    page.fill("#text", SPLITS.test[0].text[0])
    assert said(page) == computed(page, [SPLITS.test[0].text[0]])[0]["text"]


def test_unknown_words_and_empty_texts_are_said(page):
    page.fill("#text", "오늘은 모르는 금요일 말")
    assert page.locator("#unknown").inner_text() == "unknown words: 모르는, 말"
    page.fill("#text", "  ")
    assert page.locator("#wrong").inner_text() == "the sentence is empty: it has no words"
    assert not page.locator("#shown").is_visible()
    page.fill("#text", "말 " * 201)
    assert "at most 200 words, and these are 201" in page.locator("#wrong").inner_text()
    page.fill("#text", "오늘은 금요일입니다.")
    assert page.locator("#shown").is_visible()
    assert page.locator("#wrong").inner_text() == ""


def test_a_line_is_cut_and_mended(page):
    before = words(page)
    row, column = page.evaluate("""() => {
      const { steps } = live.translation(document.getElementById("text").value);
      const row = 1, { weights } = steps[row];
      return [row, weights.indexOf(Math.max(...weights))];
    }""")
    line = page.locator(f"#stage g[data-row='{row}'][data-column='{column}']")
    line.locator(".grip").dispatch_event("click")
    cut = [{"layer": 0, "head": None, "row": row, "column": column}]
    (one,) = computed(page, [page.input_value("#text")], cut)
    assert words(page)[: len(one["words"])] == one["words"]
    assert line.get_attribute("class") == "isCut chosen"
    assert page.locator("#undo").inner_text().startswith("1 cut. Without: ")
    marked = page.locator("#stage .changed .word").count()
    assert marked == sum(a != b for a, b in zip(words(page), before, strict=False)) + max(
        0, len(words(page)) - len(before)
    )
    page.get_by_role("button", name="Undo").click()
    assert words(page) == before
    assert not page.locator("#undo").is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_line_goes_from_the_middle_of_a_word_to_the_middle_of_another(live, run, width):
    page = live(run, viewport={"width": width, "height": 800})
    middles = """(all) => all.map((one) => {
      const { x, width } = one.getBoundingClientRect();
      return x + width / 2;
    })"""
    above, below = (
        page.locator(f"#stage ol:nth-of-type(1) >> nth={i} >> li").evaluate_all(middles)
        for i in (0, 1)
    )
    lines = page.locator("#stage g").evaluate_all("""(all) => all.map((one) => {
      const path = one.querySelector("path"), svg = one.ownerSVGElement.getBoundingClientRect().x;
      const ends = [path.getPointAtLength(0), path.getPointAtLength(path.getTotalLength())];
      return [one.dataset.row, one.dataset.column, ...ends.map((end) => end.x + svg)];
    })""")
    assert len(lines) > 3
    for row, column, start, end in lines:
        assert start == pytest.approx(above[int(column)], abs=1.5)
        assert end == pytest.approx(below[int(row)], abs=1.5)


def test_by_keyboard(page):
    page.locator("#stage button").nth(1).focus()
    page.keyboard.press("Enter")
    assert page.locator("#detail h2").inner_text().startswith("Word 2: ")
    assert page.evaluate("document.activeElement.dataset.about") == "1 1"  # the focus stays
    page.locator("#detail .cut").nth(0).focus()
    page.keyboard.press("Enter")
    assert page.locator("#detail .cut").nth(0).inner_text() == "mend"
    assert page.locator("#detail tr.isCut td").first.inner_text() == "−∞"
    page.keyboard.press("Escape")
    assert page.locator("#detail .cut").nth(0).inner_text() == "cut"


def test_the_last_edge_of_a_word_stays(page):
    buttons = page.locator("#detail .cut")
    count = buttons.count()
    for i in range(count):
        buttons.nth(i).click()
    assert page.locator("#detail tr.isCut").count() == count - 1
    assert page.locator("#wrong").inner_text().startswith("This edge stays")


def test_an_example_is_chosen_by_a_click(page):
    page.locator("#examples button").nth(2).click()
    assert page.input_value("#text") == EXAMPLES[2]
    assert said(page) == computed(page, [EXAMPLES[2]])[0]["text"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("text", [EXAMPLES[0], max((p.text[0] for p in SPLITS.test), key=len)])
def test_the_page_is_no_wider_than_the_window(live, run, width, text):
    page = live(run, viewport={"width": width, "height": 800})
    page.fill("#text", text)
    page.locator("#detail .cut").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = """[...document.querySelectorAll("body *")].filter((one) => one.innerText?.trim()
      && parseFloat(getComputedStyle(one).fontSize) < 9).map((one) => one.outerHTML)"""
    assert page.evaluate(small) == []


def test_light_and_dark(live, run):
    paper = "getComputedStyle(document.body).backgroundColor"
    for scheme, other in (("light", "dark"), ("dark", "light")):
        page = live(run, color_scheme=scheme)
        colours = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"}
        assert page.evaluate(paper) == colours[scheme]
        page.locator("#theme").click()
        assert page.evaluate(paper) == colours[other]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(live, run, audit, width, scheme):
    size = {"width": width, "height": 800}
    page = live(run, viewport=size, color_scheme=scheme, bypass_csp=True)
    page.locator("#detail .cut").first.click()
    page.fill("#text", "오늘은 모르는 금요일")
    page.locator("#detail .cut").first.click()
    assert audit(page) == []


def test_korean_has_its_font(page):
    page.evaluate("document.fonts.ready")
    loaded = "[...document.fonts].filter((one) => one.status === 'loaded').map((one) => one.family)"
    assert "hangul" in page.evaluate(loaded)


def test_by_touch(live, run):
    page = live(run, viewport={"width": 390, "height": 800}, has_touch=True)
    page.locator("#stage button").nth(1).tap()
    assert page.locator("#detail h2").inner_text().startswith("Word 2: ")
    page.locator("#detail .cut").first.tap()
    assert page.locator("#detail tr.isCut").count() == 1
    page.get_by_role("button", name="Undo").tap()
    assert page.locator("#detail tr.isCut").count() == 0

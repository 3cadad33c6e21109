"""The live page of a reader computes what Python computes, without and with cuts."""

import json

import numpy as np
import pytest

import minigrad
from models.self_attention import pointer
from models.showing.reading import EXAMPLES
from models.tasks.coreference import corpus
from models.training.reading import Reading, Settings, index_of_it
from tests.browser.halves import trained

SPLITS = corpus(size=500, validation=2, test=200)
COMPUTED = """(asked) => JSON.stringify(asked.map(([text, cuts]) => {
  const found = live.reading(text, new live.Cuts(cuts));
  const weights = found.layers.map(({ heads }) => heads.map((head) => head.weights));
  return { ...found, layers: null, weights };
}))"""  # one string: Playwright takes long for many numbers


def reader(steps=60, **settings):
    run = Reading.start("", Settings(steps=60, **settings), SPLITS.train)
    return trained(run, SPLITS.train, steps)


@pytest.fixture(scope="module")
def run():
    return reader()


@pytest.fixture(scope="module")
def opened(live, run):
    return live(run)


@pytest.fixture
def page(opened):
    opened.reload()
    return opened


def computed(page, texts, cuts=()):
    return json.loads(page.evaluate(COMPUTED, [[text, list(cuts)] for text in texts]))


def compare(run, text, one, cuts=()):
    words = run.tokens_of(text)
    layers, it = run.settings.layers, index_of_it(words)
    cut = np.zeros((layers, 1, 1, len(words), len(words)), bool)
    for edge in cuts:
        cut[edge["layer"], ..., edge["row"], edge["column"]] = True
    with minigrad.no_grad():
        ids = minigrad.tensor([run.vocabulary.encode(words)])
        _, weights = run.model(ids, minigrad.tensor(cut))
        answer = pointer(weights[:, -1])[0, it].exp()
    assert one["tokens"] == list(words)
    assert one["it"] == it
    np.testing.assert_allclose(one["weights"], weights[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(one["probabilities"], answer.numpy(), atol=1e-4)
    assert one["answer"] == int(answer.argmax())


def test_200_texts(page, run):
    texts = [" ".join(text.words) for text in SPLITS.test]
    assert len(texts) == 200
    found = computed(page, texts)
    for text, one in zip(texts, found, strict=True):
        compare(run, text, one)
    assert len({one["tokens"][one["answer"]] for one in found}) > 5


@pytest.mark.parametrize(
    "settings",
    [
        {"heads": 2, "positions": "learned", "layers": 3},
        {"heads": 4, "positions": "none", "layers": 1},
    ],
)
def test_variants(live, settings):
    run = reader(steps=5, **settings)
    page = live(run)
    for text, one in zip(EXAMPLES, computed(page, EXAMPLES), strict=True):
        compare(run, text, one)
    page.locator("#options input").last.check()
    assert page.locator("#stage ol").count() == settings["layers"] + 1


def test_cuts_and_all_that_follows(page, run):
    changed = 0
    for text in SPLITS.test[:20]:
        text = " ".join(text.words)
        (before,) = computed(page, [text])
        it, answer = before["it"], before["answer"]
        cuts = [
            {"layer": 1, "head": None, "row": it, "column": answer},
            {"layer": 0, "head": None, "row": it, "column": 1},
        ]
        (one,) = computed(page, [text], cuts)
        compare(run, text, one, cuts)
        changed += one["answer"] != answer
    assert changed == 20


def test_it_points_elsewhere_when_its_edge_is_cut(page):
    assert page.input_value("#text") == EXAMPLES[0]
    said = page.locator("#answer").inner_text()
    assert said.startswith("It means ")
    noun = said.split()[2]
    page.locator(f"#detail tr:has(th:text-is('{noun}')) .cut").first.click()
    now = page.locator("#answer").inner_text()
    assert now.split()[2] != noun
    assert page.locator("#undo").inner_text().startswith(f"1 cut. Without: {noun}")
    assert page.locator("#stage .changed").count() == 1
    page.get_by_role("button", name="Undo").click()
    assert page.locator("#answer").inner_text() == said


def test_a_word_of_the_first_layer_is_chosen(page):
    page.locator("#stage button[data-level='1'][data-row='2']").click()
    assert page.locator("#detail h2").inner_text() == "Layer 1: likes asks"
    assert page.locator("#detail .edges tbody tr").count() == 12


def test_unknown_words_and_too_many(page, live):
    page.fill("#text", "The aardvark sleeps. It has a tail.")
    assert page.locator("#unknown").inner_text() == "unknown words: aardvark, sleeps"
    assert page.locator("#stage .unknown").count() == 2 * 3
    page = live(reader(steps=1, positions="learned"))
    page.fill("#text", "dog " * 65)
    said = page.locator("#wrong").inner_text()
    assert said == "a text of 65 words, but there are only 64 positions"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_no_wider_than_the_window(live, run, width):
    page = live(run, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#detail .cut").first.is_visible()
    right = "document.querySelector('#detail .cut').getBoundingClientRect().right"
    assert page.evaluate(right) <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_wrong(live, run, audit, width):
    page = live(run, viewport={"width": width, "height": 800}, bypass_csp=True)
    page.locator("#detail .cut").first.click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert audit(page) == []

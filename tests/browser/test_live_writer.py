"""The live page of a GPT writes what Python writes, and shows what it attends to."""

import json

import numpy as np
import pytest

import minigrad
from models.showing.writing import PROMPTS, ids_of
from models.tasks import stories
from models.training.generation import continued
from models.training.writing import Settings, Writing
from tests.browser.halves import trained

TEXTS = stories.corpus(size=400, validation=0).train
WRITTEN = """([prompts, settings, count, cuts]) => JSON.stringify(prompts.map((prompt) => {
  const text = new live.Writing(prompt, settings, new live.Cuts(cuts));
  for (let i = 0; i < count; i++) text.step();
  const weights = text.rows.map(({ layers }) =>
    layers.map((heads) => heads.map((one) => one.weights)));
  const logits = text.rows.map((row) => row.logits.map((x) => (x === -Infinity ? -1e9 : x)));
  const { tokens, prompt: read, unknown, places } = text;
  return { tokens, read, unknown, places, weights, logits };
}))"""  # one string: Playwright takes long for many numbers
COUNT = 30


def writer(steps=60, texts=TEXTS, **settings):
    given = {"embedding": 32, "hidden": 64, "layers": 2, "heads": 2, "steps": 60, **settings}
    return trained(Writing.start("", Settings(**given), texts), texts, steps)


@pytest.fixture(scope="module")
def run():
    return writer()


@pytest.fixture(scope="module")
def opened(live, run):
    return live(run)


@pytest.fixture
def page(opened):
    opened.reload()
    return opened


def written(page, prompts, count=COUNT, cuts=(), **settings):
    return json.loads(page.evaluate(WRITTEN, [list(prompts), settings, count, list(cuts)]))


def expected(run, prompt, count=COUNT, **options):
    """The tokens that Python writes after a prompt."""
    return list(continued(run, run.tokens_of(prompt), limit=count, **options))


def new_tokens(one):
    tokens = one["tokens"][1 + len(one["read"]) :]
    return tokens[:-1] if tokens[-1:] == ["<end>"] else tokens


def test_greedy_texts_after_200_prompts(page, run):
    prompts = [" ".join(text[: 2 + i % 9]) for i, text in enumerate(TEXTS[:200])]
    assert len(prompts) == 200
    for prompt, one in zip(prompts, written(page, prompts, 10, temperature=0), strict=True):
        assert one["read"] == list(run.tokens_of(prompt))
        assert new_tokens(one) == expected(run, prompt, 10, temperature=0), prompt


@pytest.mark.parametrize(("temperature", "top_k"), [(0.5, None), (1.3, 5), (1.0, 1)])
def test_the_same_seed_writes_the_same_text(page, run, temperature, top_k):
    for seed in (0, 7, 2**40):
        given = {"temperature": temperature, "topK": top_k, "seed": seed}
        one = written(page, PROMPTS, **given)
        generator = minigrad.Generator
        for prompt, text in zip(PROMPTS, one, strict=True):
            options = {"temperature": temperature, "top_k": top_k}
            options["generator"] = generator().manual_seed(seed)
            assert new_tokens(text) == expected(run, prompt, **options)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"positions": "learned", "norm": "after", "layers": 1},
        {"positions": "sinusoidal", "heads": 4},
    ],
)
def test_weights_and_logits(live, settings):
    run = writer(steps=10, **settings)
    page = live(run)
    (one,) = written(page, [" ".join(TEXTS[0][:20])], 0)
    logits, weights = run.model(ids_of(run, TEXTS[0][:20]))
    compare(one, logits, weights)


def compare(one, logits, weights):
    """Compare with what Python finds: each row of the page attends to itself and those before."""
    for i, (row, found) in enumerate(zip(one["logits"], one["weights"], strict=True)):
        known = np.array(row) > -1e8
        ours = logits[0, i].detach().numpy()
        np.testing.assert_allclose(np.array(row)[known], ours[known], atol=1e-4, rtol=1e-4)
        ours = weights[0, :, :, i, : i + 1].detach().numpy()
        np.testing.assert_allclose(found, ours, atol=1e-4)


def test_an_edge_is_cut(page, run):
    words = TEXTS[1][:15]
    cuts = [{"layer": 0, "head": 1, "row": 9, "column": 4}]
    cuts.append({"layer": 1, "head": None, "row": 12, "column": 12})
    (one,) = written(page, [" ".join(words)], 0, cuts)
    cut = np.zeros((2, 1, 2, 16, 16), bool)
    cut[0, 0, 1, 9, 4] = cut[1, 0, :, 12, 12] = True
    compare(one, *run.model(ids_of(run, words), minigrad.tensor(cut)))


def test_a_head_is_cut(page, run):
    """It passes nothing on, as if the output layer had zeros there."""
    words = TEXTS[1][:15]
    (one,) = written(page, [" ".join(words)], 0, [
        {"layer": 0, "head": 1, "row": None, "column": None}
    ])  # fmt: skip
    weight = run.model.blocks[0].attention.output.weight
    before = weight.detach().clone()
    with minigrad.no_grad():
        weight[:, 16:] = 0.0
    compare(one, *run.model(ids_of(run, words)))
    with minigrad.no_grad():
        weight.copy_(before)


@pytest.mark.parametrize("tokens", ["characters", "bpe", "words"])
def test_the_tokens_of_a_text_that_slides(live, tmp_path, tokens):
    text = "Der Hund läuft, und 금요일 ist (heute) nicht;\n «don't» 10,000 mal.\n" * 30
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    given = {"text": str(tmp_path / "text.txt"), "tokens": tokens, "context": 10, "merges": 40}
    settings = Writing.settings_from(given | {"embedding": 16, "hidden": 16, "layers": 2})
    splits = Writing.load(settings)
    run = trained(Writing.start("", settings, splits.train), splits.train, 20)
    page = live(run)
    prompts = [
        "Der Hund",
        "  läuft,\n\nund 금요일 👩‍👩‍👧!",
        "",
        "x_1 «do",
        "e\u0301 10,000 ²½ a\u200bb",
    ]
    for prompt, one in zip(prompts, written(page, prompts, temperature=0), strict=True):
        assert one["read"] == list(run.tokens_of(prompt))
        assert one["unknown"] == list(dict.fromkeys(run.vocabulary.unknown(one["read"])))
        assert new_tokens(one) == expected(run, prompt, temperature=0)
        assert len(one["places"]) <= 10


# The page


def tokens(page):
    return page.locator("#stage .token:not(.next)").all_inner_texts()


def test_step_play_and_pause(page):
    assert tokens(page) == ["<begin>", "The", "young", "dog"]
    page.locator("#step").click()
    page.locator("#step").click()
    assert len(tokens(page)) == 6
    assert tokens(page) == written(page, ["The young dog"], 2)[0]["tokens"]
    page.locator("#play").click()
    assert page.locator("#play").inner_text() == "Pause"
    page.locator("#stage .token").nth(9).wait_for()
    page.locator("#play").click()
    count = len(tokens(page))
    page.wait_for_timeout(600)
    assert len(tokens(page)) == count
    page.locator("#restart").click()
    assert tokens(page) == ["<begin>", "The", "young", "dog"]


def test_the_settings_of_the_form(page):
    for id, value in (("temperature", "1.5"), ("seed", "3"), ("top-k", "4")):
        page.fill(f"#{id}", value)
    for _ in range(8):
        page.locator("#step").click()
    given = {"temperature": 1.5, "seed": 3, "topK": 4}
    assert tokens(page) == written(page, ["The young dog"], 8, **given)[0]["tokens"]


def test_a_head_and_a_token_are_chosen_and_cut(page):
    for _ in range(10):
        page.locator("#step").click()
    page.locator("#stage .token").nth(5).click()
    assert page.locator("#detail h2").inner_text() == f"Token 5: {tokens(page)[5]}"
    page.locator(".head[aria-label='layer 1, head 2']").click()
    assert "Layer 1, head 2" in page.locator("#detail .edges caption").inner_text()
    page.locator("#detail .edges tbody .cut").first.click()
    assert page.locator("#detail tr.isCut").count() == 1
    page.get_by_text("cut this head").click()
    assert page.locator("#undo").inner_text().startswith("2 cuts. Without: The young dog")
    assert page.locator(".head.isCut").count() == 1
    cuts = [{"layer": 0, "head": 1, "row": None, "column": None}]
    edge = page.evaluate("document.querySelector('tr.isCut .cut').dataset.about")
    column = int(edge.split("(token ")[1].rstrip(")"))
    cuts.append({"layer": 0, "head": 1, "row": 4, "column": column})
    assert tokens(page) == written(page, ["The young dog"], 10, cuts)[0]["tokens"]
    page.keyboard.press("Escape")
    assert page.locator("#undo").is_hidden()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_no_wider_than_the_window(live, run, width):
    page = live(run, viewport={"width": width, "height": 800})
    for _ in range(30):
        if page.locator("#step").is_enabled():
            page.locator("#step").click()
    page.locator("#detail .cut").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_wrong(live, run, audit, width):
    page = live(run, viewport={"width": width, "height": 800}, bypass_csp=True)
    for _ in range(10):
        page.locator("#step").click()
    page.locator("#detail .cut").first.click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert audit(page) == []

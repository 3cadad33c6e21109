"""What is shown of a Transformer: three kinds of attention, by layer and head, with cuts."""

import json

import numpy as np
import pytest

import minigrad
import minigrad.nn.functional as F
from models import self_attention
from models import transformer as model_file
from models.kinds import KINDS
from models.showing import pages
from models.showing import transformer as shows
from models.tasks.vocabulary import Vocabulary
from models.training import evaluation
from models.training.transformer import Settings, Transforming

SENTENCE = ("오늘은", "금요일", "입니다")
WORDS = 5  # of its translation


@pytest.fixture(scope="module")
def run(splits):
    settings = Settings(embedding=8, hidden=8, heads=2, steps=40, warmup=4, learning_rate=1e-2)
    run = Transforming.start("", settings, splits.train)
    for _, batch in zip(range(20), run.batches(splits.train), strict=False):
        run.step(batch)
    with minigrad.no_grad():
        run.model.output.bias[:4] -= 10.0  # it writes no special tokens, such as an early end
    run.model.double()  # for differences of nearby numbers
    return run


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Translations of a few words, because such a small model does not know when to end."""
    monkeypatch.setattr(evaluation, "LIMIT", WORDS)


@pytest.fixture
def sight(run):
    return shows.seen(run, SENTENCE)


def softmax(logits):
    return F.softmax(logits.detach(), -1).numpy()


# Weights.


def test_it_is_shown_by_its_own_file():
    assert KINDS["transformer"].showing is shows


def test_what_is_seen_is_what_the_model_does(run, sight):
    logits, cross = run.model(sight.source, sight.target)
    np.testing.assert_allclose(sight.logits.detach(), logits.detach(), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(logits.argmax(-1).numpy(), sight.ids.numpy())
    for i, layer in enumerate(sight.weights["cross"]):
        np.testing.assert_allclose(layer.detach(), cross[:, i].detach(), rtol=0, atol=1e-6)
    words = evaluation.translate_words(run, SENTENCE)
    assert shows.translation_of(sight) == words.words
    found = shows.weights_of(sight, "cross")
    np.testing.assert_allclose(found, words.weights, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", shows.KINDS)
def test_rows_add_up_to_one(sight, kind):
    rows, columns = shows.axes(sight, kind)
    weights = np.array(shows.weights_of(sight, kind))
    assert weights.shape == (2, 2, len(rows), len(columns))
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    if kind == "decoder":
        later = np.array(list(columns)) > np.array(list(rows))[:, None]
        assert (weights[..., later] == 0).all()
        assert next(iter(columns.values())) == "<begin>"


def test_special_tokens_are_not_shown(sight):
    ids = minigrad.tensor([[7, Vocabulary.UNKNOWN, Vocabulary.BEGIN, 8, Vocabulary.END]])
    other = sight._replace(ids=ids)
    assert list(shows.written(other)) == [0, 1, 3]
    assert [len(layer[0]) for layer in shows.weights_of(other, "cross")] == [3, 3]
    rows, columns = shows.axes(other, "decoder")
    assert (list(rows), list(columns)) == ([0, 1, 3], [0, 1, 2, 3])


def test_an_empty_translation_has_no_weights(run, monkeypatch):
    monkeypatch.setattr(shows, "greedy", lambda *_: (minigrad.tensor([[Vocabulary.END]]), None))
    with pytest.raises(ValueError, match="the translation is empty"):
        shows.attend(run, SENTENCE)


# The page.


@pytest.fixture(params=list(shows.KINDS))
def kind(request):
    return request.param


@pytest.fixture
def page(run, kind):
    return shows.page(run, SENTENCE, kind)


def test_the_page_has_its_words(run, sight, kind, page):
    words = shows.translation_of(sight)
    rows = {"cross": words, "encoder": list(SENTENCE), "decoder": words}[kind]
    assert page["rows"] == rows
    assert (page["sentence"], page["translation"]) == (list(SENTENCE), words)
    assert page["asked"] is None
    for place, answer in zip(page["places"], page["answers"], strict=True):
        assert answer[0][0] == words[place]
    assert np.shape(page["weights"]) == np.shape(page["gradients"])
    json.dumps(page, allow_nan=False)
    pages.html(page | {"head": None})


def test_the_answer_of_a_source_word_is_its_translation(run, sight):
    places = shows.places_of(sight, "encoder")
    mean = np.mean(shows.weights_of(sight, "cross"), (0, 1))
    assert list(places) == [0, 1, 2]
    for row, place in places.items():
        assert mean[list(shows.written(sight)).index(place), row] == mean[:, row].max()


CALLS = {"encoder": (0, 1), "decoder": (2, 4), "cross": (3, 5)}  # of `attention`, for each layer


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("head", [0, 1])
def test_gradients_are_differences(run, sight, kind, page, monkeypatch, layer, head):
    rows, columns = map(list, shows.axes(sight, kind))
    places = shows.places_of(sight, kind)
    original = self_attention.attention
    for row, column in ((0, 0), (2, 1), (2, 2)):
        place, ends = places[rows[row]], []
        for by in (1e-5, -1e-5):
            calls = []

            def nudged(query, key, value, mask, scale, by=by, calls=calls, at=(row, column)):
                context, weights = original(query, key, value, mask, scale)
                calls.append(None)
                if len(calls) == CALLS[kind][layer] + 1:
                    nudge = np.zeros(weights.shape)
                    nudge[0, head, rows[at[0]], columns[at[1]]] = by
                    context = (weights + minigrad.tensor(nudge)) @ value
                return context, weights

            with monkeypatch.context() as patch, minigrad.no_grad():
                patch.setattr(model_file, "attention", nudged)
                logits, _ = run.model(sight.source, sight.target)
            ends.append(F.log_softmax(logits, -1)[0, place, sight.ids[0, place].item()].item())
            assert len(calls) == 6
        slope = (ends[0] - ends[1]) / 2e-5
        assert page["gradients"][layer][head][row][column] == pytest.approx(
            slope, rel=1e-3, abs=1e-6
        )


def test_a_later_word_has_no_gradient(run):
    for layer in shows.page(run, SENTENCE, "decoder")["gradients"]:
        for head in layer:
            np.testing.assert_array_equal(np.triu(head, 1), 0)


def test_cuts_are_those_of_the_model(run, sight, kind, page):
    rows, columns = map(list, shows.axes(sight, kind))
    places, names = shows.places_of(sight, kind), run.target_vocabulary.words
    before = softmax(sight.logits)[0]
    for layer, row, column in np.ndindex(2, len(rows), len(columns)):
        given = page["cuts"][layer][row][column]
        if kind == "decoder" and (columns[column] > rows[row] or row == 0):
            assert given is None  # it cannot be cut
            continue
        cut = np.zeros((2, 1, 1, *sight.weights[kind][0].shape[2:]), bool)
        cut[layer, ..., rows[row], columns[column]] = True
        with minigrad.no_grad():
            logits, weights = shows.looked(
                run.model, sight.source, sight.target, **{kind: minigrad.tensor(cut)}
            )
        assert (weights[kind][layer].numpy()[0, :, rows[row], columns[column]] == 0).all()
        after, place = softmax(logits)[0], places[rows[row]]
        for name, was, now in given:
            index = names.index(name)
            assert (was, now) == pytest.approx(
                (before[place, index], after[place, index]), abs=1e-4
            )


def test_a_cut_of_nothing_changes_nothing(run, sight, kind):
    nothing = np.zeros((2, 1, 1, *sight.weights[kind][0].shape[2:]), bool)
    logits, _ = shows.looked(
        run.model, sight.source, sight.target, **{kind: minigrad.tensor(nothing)}
    )
    np.testing.assert_array_equal(logits.detach().numpy(), sight.logits.detach().numpy())


def test_the_only_word_is_not_cut(run):
    for kind in ("cross", "encoder"):
        for layer in shows.page(run, ("오늘은",), kind)["cuts"]:
            assert all(row == [None] for row in layer)


def test_in_a_long_sentence_only_the_strongest_edges_are_cut(run, monkeypatch):
    whole = shows.page(run, SENTENCE * 4)
    rows, weights = len(whole["rows"]), np.mean(whole["weights"], 1)
    monkeypatch.setattr(pages, "LIMIT", 3 * shows.COST * rows * 2 * (12 + WORDS) ** 2)
    some = shows.page(run, SENTENCE * 4)["cuts"]
    for layer, row in np.ndindex(2, rows):
        tried = [column for column, cut in enumerate(some[layer][row]) if cut]
        assert len(tried) == 3
        assert min(weights[layer, row, tried]) >= np.sort(weights[layer, row])[-3] - 1e-4
        assert [whole["cuts"][layer][row][c] for c in tried] == [some[layer][row][c] for c in tried]
        assert {cut for cut in some[layer][row] if not cut} == {False}

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

import minigrad
from models.experiments import induction
from models.experiments.induction import CUTS, FULL, MODELS, ONE_LAYER, QUICK, TWO_LAYERS
from models.showing import plots
from models.tasks import repeats


@pytest.fixture
def batch():
    return repeats.texts(np.random.default_rng(0), 50, 10, known=24)


def cut(result, name):
    """The fraction of words right after a cut, for each seed."""
    return np.array(result["cuts"][name])


# The claim, for every seed.


def test_two_layers_continue_the_repeat(result):
    found = np.array(result["right"][TWO_LAYERS])  # (seeds, lengths)
    assert len(found) >= 3
    assert found.min() >= 0.95
    assert min(result["whole"][TWO_LAYERS]) >= 0.85


@pytest.mark.parametrize("name", [name for name in MODELS if name != TWO_LAYERS])
def test_one_layer_is_at_chance(result, name):
    if name not in result["right"]:
        pytest.skip("not measured in QUICK")
    found, chance = np.array(result["right"][name]), np.array(result["chance"])
    assert len(found) >= 3
    assert (found < chance + 0.06).all()  # short texts have few words to be right in
    assert (found[:, -1] < chance[-1] + 0.02).all()
    assert max(result["whole"][name]) == 0


def test_the_heads_are_seen(result):
    before, after = (
        induction.largest(result, TWO_LAYERS, 0)[0],
        induction.largest(result, TWO_LAYERS, 1)[1],
    )
    assert min(before) > 0.7
    assert min(after) > 0.8
    for layer in range(len(result["weights"][ONE_LAYER][0][0])):
        assert max(induction.largest(result, ONE_LAYER, layer)[1]) < 0.2


def test_without_them_the_answer_falls(result):
    chance, before = result["chance"][-1], cut(result, "nothing")
    for name in ("layer 2: → the word that came next", "layer 1: → the word before"):
        assert cut(result, name).max() < chance
    for name in ("layer 2: → other words", "layer 1: → other words"):
        assert (cut(result, name) > before - 0.03).all()


def test_the_claim_in_full(course):
    assert course["settings"] == json.loads(json.dumps(asdict(FULL)))
    result = course["result"]
    assert list(result["right"]) == list(MODELS)
    assert np.min(np.array(result["right"][TWO_LAYERS])[:, -1]) >= 0.98
    assert min(result["parameters"][induction.WIDE]) > max(result["parameters"][TWO_LAYERS])


# The texts.


def test_predicted_are_the_words_after_the_first_of_the_repeat(batch):
    class Echo:
        """A model that is sure that every word comes again at once."""

        def __call__(self, ids, cut):
            return minigrad.nn.functional.one_hot(ids, 25).float(), None

    logits, expected = induction.predicted(Echo(), batch)
    assert np.array_equal(logits.argmax(-1).numpy(), batch.ids[:, 10:-1].ravel())
    assert np.array_equal(expected.numpy(), batch.ids[:, 11:].ravel())


# The cuts.


def test_the_edges(batch):
    who, what = induction.edges(0, batch)
    assert who.shape == what.shape == (50, 9)
    assert (who - what == 1).all()
    assert who.max() == 9
    who, what = induction.edges(1, batch)
    rows = np.arange(50)[:, None]
    assert np.array_equal(batch.ids[rows, who], batch.ids[rows, what - 1])  # the same word
    assert np.array_equal(batch.ids[rows, who + 1], batch.ids[rows, what])  # and what comes next
    assert what.max() < batch.length


WEIGHTS = [[[0.1, 0.9, 0.2], [0, 0, 0]], [[0, 0, 0], [0.7, 0.1, 0.2]]]  # (kinds, layers, heads)


@pytest.mark.parametrize("name", [name for name, what in CUTS.items() if what])
def test_the_edges_that_are_cut(batch, name):
    layer, heads, control = CUTS[name]
    mask = induction.cut_edges(batch, WEIGHTS, layer, heads, control)
    assert mask.shape == (2, 50, 3, 15, 15)
    assert not mask[1 - layer].any()
    assert not np.triu(mask, 1).any()  # a word that is masked anyway would be no cut
    best = (1, 0)[layer]
    others = [head for head in range(3) if head != best]
    chosen = {"all": [0, 1, 2], "strongest": [best], "others": others}[heads]
    assert [head for head in range(3) if mask[layer, :, head].any()] == chosen
    who, what = induction.edges(layer, batch)
    rows = np.arange(50)[:, None]
    assert mask.sum() == who.size * len(chosen)
    for head in chosen:
        assert mask[layer, rows, head, who, what].all() != control
        assert mask[layer, rows, head, who, what].any() != control
        assert mask[layer, rows, head, who].sum(-1).max() == 1
    assert not mask.all(-1).any()  # something is left to attend to


def test_the_weights_are_those_on_the_edges(monkeypatch):
    batch = repeats.Texts(np.array([[3, 1, 2, 4, 1, 2]]), np.array([[1, 2]]))
    weights = np.arange(2 * 1 * 36).reshape(1, 2, 1, 6, 6)
    monkeypatch.setattr(induction, "attention_of", lambda model, batch: weights)
    before, after = induction.weights_on(None, batch)
    assert before == [[np.mean([6, 13, 20])], [36 + np.mean([6, 13, 20])]]
    assert after == [[4 * 6 + 2], [36 + 4 * 6 + 2]]


# Training.


def test_the_rate_grows_and_then_falls(monkeypatch):
    rates = []
    monkeypatch.setattr(
        induction,
        "training_step",
        lambda framework, optimizer, *rest, clip: rates.append(optimizer.param_groups[0]["lr"]),
    )
    settings = replace(QUICK, steps=8, warm_up=4, learning_rate=1.0)
    model = induction.model_of(ONE_LAYER, settings)
    assert list(induction.learn(model, iter(range(8)), None, settings)) == list(range(1, 9))
    assert rates == pytest.approx([min(1, (step + 1) / 4) * (1 - step / 8) for step in range(8)])


def test_batches_of_training_have_all_lengths():
    stream = induction.stream(np.random.default_rng(0), QUICK)
    lengths = {next(stream).length for _ in range(100)}
    assert sorted(lengths) == induction.lengths_of(QUICK) == [4, 6, 8, 10, 12, 14, 16]


# What it looks like.


def test_the_report(result):
    text = induction.report(result)
    assert f"chance {result['chance'][-1]:.3f}" in text
    for name in (*result["right"], *CUTS):
        assert f"\n{name}  " in text
    assert f"{np.median([seed[-1] for seed in result['right'][TWO_LAYERS]]):.3f} (" in text


def test_the_figures(result, tmp_path):
    figures = induction.draw(result)
    assert list(figures) == ["induction", "induction_cut", "induction_heads"]
    for name, fig in figures.items():
        assert all(ax.get_xlabel() for ax in fig.axes[:2])
        assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000
    by_length = figures["induction"].axes[1]
    for line, name in zip(by_length.lines, result["right"], strict=False):
        assert line.get_label() == name
        np.testing.assert_allclose(line.get_ydata(), np.median(result["right"][name], 0))
    for line, found in zip(
        figures["induction_cut"].axes[0].lines, result["cuts"].values(), strict=False
    ):
        assert np.array_equal(line.get_xdata(), found)
    for ax, weights in zip(figures["induction_heads"].axes, result["maps"], strict=False):
        assert np.array_equal(ax.images[0].get_array(), weights)

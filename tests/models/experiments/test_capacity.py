import json
import math
from dataclasses import asdict, replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

import minigrad
from minigrad import nn
from models.experiments import capacity
from models.experiments.capacity import (
    ATTENTION,
    BITS,
    FIXED,
    FULL,
    IDS,
    MODELS,
    OF_A_NUMBER,
    QUICK,
)
from models.rnn import CELLS
from models.showing import plots
from models.tasks.digits import VOCABULARY


def digits(result, reader):
    """What came through, for each size: (steps, seeds)."""
    return {
        int(size): np.array([cell["digits"] for cell in cells.values()])
        for size, cells in result[reader].items()
    }


def check(result, least):
    """The claim, for every seed: with more steps, so many times the digits, at every size."""
    for reader in MODELS:
        for size, found in digits(result, reader).items():
            assert found.shape[1] >= 3
            assert (found[1:] > least * found[:-1]).all()
            assert found.max() <= result["longest"]
            for cell in result[reader][str(size)].values():
                assert max(cell["bits"]) < 0.5 * OF_A_NUMBER * size
                assert np.allclose(cell["digits"], np.array(cell["bits"]) / BITS)
                assert cell["rate"] == float(max(cell["validation"], key=cell["validation"].get))


def test_the_claim(quick):
    check(quick, least=1.2)
    fixed, attention = digits(quick, FIXED), digits(quick, ATTENTION)
    steps = len(QUICK.with_attention)
    for size in QUICK.sizes:
        assert (attention[size][steps - 1] > 1.2 * fixed[size][steps - 1]).all()
    assert (fixed[32][steps - 1] > 2 * fixed[8][steps - 1]).all()


def test_the_claim_in_full(course):
    assert course["settings"] == json.loads(json.dumps(asdict(FULL)))
    result = course["result"]
    check(result, least=1.3)
    fixed, attention = digits(result, FIXED), digits(result, ATTENTION)
    assert all((found[1:] > 1.5 * found[:-1]).all() for found in fixed.values())
    for smaller, larger in pairwise(FULL.sizes):
        assert (fixed[larger][2] > 1.2 * fixed[smaller][2]).all()
    assert FULL.with_attention == FULL.steps
    for size in FULL.sizes:
        assert (attention[size] > 1.2 * fixed[size][:3]).all()
        later = np.median(fixed[size][1:], 1)  # after four times the steps
        np.testing.assert_allclose(np.median(attention[size], 1)[: len(later)], later, rtol=0.3)
    found = result[FIXED]["64"]["4000"]
    assert min(found["exact"]) > 0.75  # of 20 digits, in little more than bottleneck's steps
    assert max(found["bits"]) < 0.1 * OF_A_NUMBER * 64


@pytest.fixture(scope="module")
def batch():
    return capacity.reversals(np.random.default_rng(0), 300, 5)


def test_a_batch_is_digits_and_their_reversal(batch):
    assert batch.source.shape == (300, 5)
    assert set(np.unique(batch.source)) == set(IDS)
    np.testing.assert_array_equal(batch.target_in[:, 1:], batch.source[:, ::-1])
    np.testing.assert_array_equal(batch.target_out[:, :-1], batch.source[:, ::-1])
    assert (batch.target_in[:, 0] == VOCABULARY.BEGIN).all()
    assert (batch.target_out[:, -1] == VOCABULARY.END).all()


def speaker(logits_at):
    """A model whose logits at each position are a function of source (batch, n) and position."""

    def model(source, target):
        source = source.numpy()
        places = range(target.shape[1])
        return minigrad.tensor(np.stack([logits_at(source, i) for i in places], 1))

    return model


def test_bits_that_come_through(batch):
    words = len(VOCABULARY)

    def sure_of(known):
        def logits_at(source, i):
            if i == source.shape[1]:
                return 50.0 * np.eye(words)[np.full(len(source), VOCABULARY.END)]
            if i < known:
                return 50.0 * np.eye(words)[source[:, -1 - i]]
            return np.tile(np.where(np.isin(np.arange(words), IDS), 0.0, -50.0), (len(source), 1))

        return speaker(logits_at)

    for known in (0, 2, 5):
        found = capacity.bits_through(sure_of(known), batch)
        assert found == pytest.approx(known * math.log2(10), abs=1e-6)
    wrong = speaker(lambda source, i: 50.0 * np.eye(words)[np.full(len(source), IDS[0])])
    assert capacity.bits_through(wrong, batch) < 0  # worse than a guess: nothing is claimed


def test_exactly_counts_whole_sentences(monkeypatch, batch):
    def says(ids):
        monkeypatch.setattr(capacity, "greedy", lambda *_: (minigrad.tensor(ids), None))
        return capacity.exactly(SimpleNamespace(), batch)

    assert says(batch.target_out) == 1
    wrong = batch.target_out.copy()
    wrong[:150, 2] = IDS[0]
    right = (wrong == batch.target_out).all(1).mean()
    assert 0.5 <= right < 0.6
    assert says(wrong) == right
    assert says(batch.target_out[:, :3]) == 0  # all have ended too early


@pytest.mark.parametrize("name", list(CELLS))
def test_one_op_is_the_layer(name):
    layer = CELLS[name](3, 4).double()
    fast = capacity.in_one_op(layer)
    x = minigrad.randn(2, 6, 3, dtype=minigrad.float64)
    state = layer.state(minigrad.zeros(2, layer.VECTORS * 4, dtype=minigrad.float64))
    slow, _ = layer(x, state)
    slow = slow[0] if isinstance(slow, tuple) else slow
    hs, _ = fast(x)
    np.testing.assert_allclose(hs.detach().numpy(), slow.detach().numpy(), rtol=1e-12)
    learned = [p for p in fast.parameters() if p.requires_grad]
    assert {id(p) for p in learned} == {id(p) for p in layer.parameters()}


@pytest.mark.parametrize("reader", list(MODELS))
def test_the_model_is_the_course_s(reader):
    model = capacity.start(reader, 6, seed=1, settings=QUICK).double()
    slow = MODELS[reader](model.config).double()
    slow.load_state_dict({
        name: value
        for name, value in model.state_dict().items()
        if ".layer." not in name
    } | {
        f"{part}.rnn.{name}": getattr(getattr(model, part).rnn.layer, one_op)
        for part in ("encoder", "decoder")
        for name, one_op in (
            ("input.weight", "weight_ih_l0"),
            ("input.bias", "bias_ih_l0"),
            ("hidden.weight", "weight_hh_l0"),
        )
    })  # fmt: skip
    batch = capacity.reversals(np.random.default_rng(1), 3, 4)
    one, two = (capacity.loss_of(m, batch)[0].item() for m in (model, slow))
    assert one == pytest.approx(two, rel=1e-12)
    assert capacity.exactly(model, batch) == capacity.exactly(slow, batch)
    weight = model.encoder.rnn.layer.weight_hh_l0.detach().numpy()
    np.testing.assert_allclose(weight @ weight.T, np.eye(6), atol=1e-6)


def test_the_length_grows_when_it_is_mastered(monkeypatch):
    lengths, mastered = [], [True]

    def step(framework, optimizer, parameters, loss, batch, clip):
        lengths.append(batch.source.shape[1])
        return 0.0, 1.0 if mastered[0] else 0.5, 0.0

    monkeypatch.setattr(capacity, "training_step", step)
    settings = replace(QUICK, longest=5)
    model = nn.Linear(1, 1)
    reached = list(capacity.train(model, 60, 1e-2, 0, settings))
    assert len(reached) == capacity.CHECKPOINTS
    assert sorted(reached) == reached
    assert reached[-1] == 5
    assert max(lengths) == 5
    half = np.mean(np.array(lengths[30:]) == 5)
    assert 0.4 < half < 0.8  # half of the batches, and some of the others
    mastered[0] = False
    assert set(capacity.train(model, 60, 1e-2, 0, settings)) == {1}


def test_the_best_checkpoint_is_kept(monkeypatch):
    def train(model, steps, rate, seed, settings):
        for factor in (1.0, 0.0):  # the second checkpoint has lost all
            with minigrad.no_grad():
                model.output.weight *= factor
            yield 1

    def bits(model, batch):
        return float(abs(model.output.weight.detach().numpy()).sum())

    monkeypatch.setattr(capacity, "train", train)
    monkeypatch.setattr(capacity, "bits_through", bits)
    found = capacity.trained(FIXED, 4, 20, 1e-2, 0, replace(QUICK, tests=2, longest=4))
    assert found["bits"] == found["validation"] > 0


def test_the_report(quick):
    text = capacity.report(quick)
    for reader in MODELS:
        for cells in quick[reader].values():
            for cell in cells.values():
                low, high = min(cell["digits"]), max(cell["digits"])
                assert f"{np.median(cell['digits']):.1f} ({low:.1f} to {high:.1f})" in text


def test_the_picture(quick, tmp_path):
    ((name, fig),) = capacity.draw(quick).items()
    assert name == "capacity"
    for ax, reader in zip(fig.axes, MODELS, strict=True):
        assert ax.get_xlabel()
        for line, (size, found) in zip(ax.lines, digits(quick, reader).items(), strict=True):
            assert line.get_label() == f"hidden size {size}"
            np.testing.assert_allclose(line.get_ydata(), np.median(found, 1))
    assert fig.axes[0].get_ylabel()
    assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000

import json
from dataclasses import asdict, replace
from itertools import product

import numpy as np
import pytest

import minigrad
from minigrad import nn
from models.experiments import recurrence
from models.experiments.recurrence import FULL, GROWING, LAYERS, OPEN, QUICK, STARTS, USUAL
from models.showing import plots


def before(result, layer, start, back):
    """The gradient so many steps back, before training: (seeds,)."""
    row = list(result["back"]).index(back)
    return np.array(result["models"][f"{layer}, {start}"]["before"])[row]


def right(result, layer, start, trained, tested):
    """The accuracies: (seeds,)."""
    distances = [*result["distances"], result["beyond"]]
    found = np.array(result["models"][f"{layer}, {start}"]["trained"][str(trained)]["right"])
    assert len(found) == len(distances)
    return found[distances.index(tested)]


def after(result, layer, start, trained=GROWING):
    """The gradient of the input that is farthest back, after training: (seeds,)."""
    return np.array(result["models"][f"{layer}, {start}"]["trained"][str(trained)]["after"])[-1]


def check_the_start(result):
    """The gradient before training, for every seed."""
    assert set(result["models"]) == {f"{layer}, {start}" for layer in LAYERS for start in STARTS}
    farthest = result["back"][-1]
    for layer in LAYERS:
        usual, kept = (before(result, layer, start, farthest) for start in STARTS)
        assert (usual < 3e-3).all()  # gates alone do not bring it back
        assert (kept > 100 * usual).all()
        assert layer == "RNN" or (kept > 0.05).all()


def test_the_claim(quick):
    check_the_start(quick)
    for layer in LAYERS:
        assert right(quick, layer, USUAL, 4, 4).min() > 0.7
        assert right(quick, layer, USUAL, 16, 16).max() < 0.4
    for layer in ("GRU", "LSTM"):
        assert right(quick, layer, OPEN, 16, 16).min() > right(quick, layer, USUAL, 16, 16).max()
        assert after(quick, layer, OPEN, 16).min() > 0.5


def test_the_claim_in_full(course):
    assert course["settings"] == json.loads(json.dumps(asdict(FULL)))
    result = course["result"]
    check_the_start(result)
    for layer, start in product(LAYERS, STARTS):
        for distance in FULL.distances:
            assert right(result, layer, start, GROWING, distance).min() > 0.95
    for layer in ("GRU", "LSTM"):
        assert before(result, layer, USUAL, 40).max() < 1e-5
        assert right(result, layer, USUAL, 40, 40).max() < 0.3
        assert right(result, layer, OPEN, 20, 20).min() > 0.9
        for distance in (10, 40):  # a memory that keeps is right at other distances, too;
            assert np.median(right(result, layer, OPEN, 20, distance)) > 0.95
    assert np.median(right(result, "RNN", USUAL, 20, 20)) > 0.7
    for distance in (10, 40):  # one that keeps time is not
        assert np.median(right(result, "RNN", USUAL, 20, distance)) < 0.4
    for layer, start in product(("GRU", "LSTM"), STARTS):
        assert np.median(after(result, layer, start)) > 10 * np.median(after(result, "RNN", start))


def test_all_have_about_as_many_parameters():
    for settings in (FULL, QUICK):
        counts = [
            sum(p.numel() for p in recurrence.begin(layer, USUAL, 0, settings).parameters())
            for layer in LAYERS
        ]
        assert max(counts) < 1.12 * min(counts)


def test_a_start_that_keeps():
    plain, kept = (recurrence.begin("RNN", start, 0, QUICK).rnn for start in STARTS)
    weight = kept.weight_hh_l0.detach().numpy()
    np.testing.assert_allclose(weight @ weight.T, np.eye(len(weight)), atol=1e-6)
    np.testing.assert_array_equal(plain.weight_ih_l0.detach(), kept.weight_ih_l0.detach())
    for layer in ("GRU", "LSTM"):
        plain, kept = (recurrence.begin(layer, start, 0, QUICK) for start in STARTS)
        size = kept.rnn.hidden_size
        opened = (kept.rnn.bias_ih_l0 - plain.rnn.bias_ih_l0).detach().numpy()
        np.testing.assert_allclose(opened[size : 2 * size], QUICK.open, rtol=1e-6)
        assert not np.delete(opened, range(size, 2 * size)).any()


@pytest.mark.parametrize("layer", ["GRU", "LSTM"])
def test_with_its_gate_open_a_layer_keeps_its_state(layer):
    settings = replace(QUICK, open=30.0)
    rnn = recurrence.begin(layer, OPEN, 0, settings).rnn
    state = minigrad.ones(1, 1, rnn.hidden_size)
    if layer == "LSTM":
        with minigrad.no_grad():
            rnn.bias_ih_l0[: rnn.hidden_size] = -30.0  # and nothing is added
        _, (_, kept) = rnn(minigrad.randn(1, 9, 8), (state, state))
    else:
        _, kept = rnn(minigrad.randn(1, 9, 8), state)
    np.testing.assert_allclose(kept.detach().numpy(), 1, atol=1e-5)


def test_the_task():
    symbols = recurrence.sequences(0, recurrence.TEST, QUICK, 7)
    assert symbols.shape == (QUICK.tests, 8)
    assert set(np.unique(symbols)) == set(range(recurrence.SYMBOLS))

    def model(said):
        return lambda ids: (minigrad.tensor(9.0 * np.eye(recurrence.SYMBOLS)[said(ids.numpy())]), 0)

    assert recurrence.loss_of(model(lambda ids: ids[:, 0]), symbols)[1] == 1
    assert recurrence.loss_of(model(lambda ids: ids[:, -1]), symbols)[1] < 0.4


def test_the_reach_is_that_of_finite_differences():
    model = recurrence.begin("RNN", USUAL, 0, QUICK).double()
    symbols = recurrence.sequences(0, recurrence.TEST, replace(QUICK, tests=3), 4)
    found = recurrence.reach(model, symbols, (0, 2, 4))
    x = model.embedding(minigrad.tensor(symbols)).detach()

    def loss():
        hs, _ = model.rnn(x)
        first = minigrad.tensor(symbols[:, 0])
        return nn.functional.cross_entropy(model.output(hs[:, -1]), first).item()

    norms = []
    for place in (4, 2, 0):
        total = 0.0
        for row in range(3):
            for i in range(x.shape[2]):
                both = []
                for nudge in (1e-5, -2e-5):
                    x[row, place, i] += nudge
                    both.append(loss())
                x[row, place, i] += 1e-5
                total += ((both[0] - both[1]) / 2e-5) ** 2
        norms.append(total**0.5)
    np.testing.assert_allclose(found, np.array(norms) / norms[0], rtol=1e-4)


def test_distances_grow_when_they_are_mastered(monkeypatch):
    distances, share = [], [1.0]

    def step(framework, optimizer, parameters, loss, batch, clip):
        distances.append(batch.shape[1] - 1)
        return 0.0, share[0], 0.0

    monkeypatch.setattr(recurrence, "training_step", step)
    model = nn.Linear(1, 1)
    recurrence.train(model, GROWING, 1e-2, 0, replace(QUICK, growing_steps=200))
    assert distances[0] == 1
    assert max(distances) == QUICK.distances[-1]
    assert min(distances[100:]) < QUICK.distances[-1]  # smaller ones are not forgotten
    distances.clear()
    recurrence.train(model, 4, 1e-2, 0, QUICK)
    assert set(distances) == {4}
    distances.clear()
    share[0] = 0.5
    recurrence.train(model, GROWING, 1e-2, 0, QUICK)
    assert set(distances) == {1}


def test_the_report(quick):
    text = recurrence.report(quick)
    for name, model in quick["models"].items():
        assert text.count(name) == 2
        assert f"{np.median(model['before'][-1]):.1e}" in text
        for i, distance in enumerate(quick["distances"]):
            for trained in (str(distance), GROWING):
                row = model["trained"][trained]["right"][i]
                assert f"{np.median(row):.2f} ({min(row):.2f} to {max(row):.2f})" in text


def test_the_picture(quick, tmp_path):
    ((name, fig),) = recurrence.draw(quick).items()
    assert name == "recurrence"
    axes = np.reshape(fig.axes, (2, 3))
    for row, start in zip(axes, STARTS, strict=True):
        for ax in row:
            assert [line.get_label() for line in ax.lines[:3]] == list(LAYERS)
        for line, layer in zip(row[1].lines, LAYERS, strict=False):
            medians = np.median(quick["models"][f"{layer}, {start}"]["before"], 1)
            np.testing.assert_allclose(line.get_ydata(), medians)
    assert all(ax.get_xlabel() for ax in axes[1])
    assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

import minigrad
from models.experiments import bottleneck, gradient_reach
from models.experiments.gradient_reach import FULL, QUICK, TIMES, reach
from models.showing import plots
from models.tasks import digits

COURSE = Path(__file__).parents[3] / "docs" / "figures" / "gradient_reach.json"
NAMES = ("attention, plain", "attention, orthogonal", "one vector, plain", "one vector, orthogonal")
BEFORE, AFTER = TIMES
VOCABULARIES = digits.VOCABULARY, digits.VOCABULARY
SMALL = replace(QUICK.digits, longest=6, tested=6, tests=1, hidden=10, embedding=4)


@pytest.fixture(scope="module")
def quick():
    return gradient_reach.measure(QUICK)


@pytest.fixture(scope="module")
def course():
    if not COURSE.exists():
        pytest.skip(f"{COURSE} is not there")
    return json.loads(COURSE.read_text(encoding="utf-8"))


def check_the_start(result, states, seeds):
    """The claim before training, for every seed."""
    assert tuple(result) == NAMES
    for found in result.values():
        for time in TIMES:
            norms = np.array(found[time])
            assert norms.shape == (states, seeds)
            assert (norms > 0).all()
    ratios = {name: reach(found[BEFORE]) for name, found in result.items()}
    assert ratios["one vector, plain"].min() > 3e5
    assert ratios["one vector, orthogonal"].min() > 30
    assert ratios["one vector, orthogonal"].max() < 3e3
    for name in NAMES[:2]:
        assert ratios[name].min() > 1
        assert ratios[name].max() < 5


def test_the_claim(quick):
    check_the_start(quick, QUICK.digits.longest + 1, len(QUICK.seeds))


def test_the_claim_in_full(course):
    assert course["settings"] == json.loads(json.dumps(asdict(FULL)))
    result = course["result"]
    check_the_start(result, FULL.digits.longest + 1, len(FULL.seeds))
    for name in NAMES:
        after = reach(result[name][AFTER])
        if name.startswith("attention"):
            assert after.max() < 4
        else:  # the way is open: still long, but thousands of times wider from plain weights
            assert after.min() > 5
            assert after.max() < 100


@pytest.mark.parametrize("reader", gradient_reach.READERS)
def test_both_starts_are_the_same_in_both_models(reader):
    run = bottleneck.start(SMALL, reader, 0, VOCABULARIES)
    before = [p.detach().numpy().copy() for p in run.parameters]
    weight = run.model.encoder.rnn.hidden.weight
    gradient_reach.set_plain(weight)
    bound = len(weight) ** -0.5
    assert abs(weight.detach().numpy()).max() <= bound
    assert weight.detach().numpy().std() == pytest.approx(bound / 3**0.5, rel=0.2)
    after = [p.detach().numpy() for p in run.parameters]
    assert sum((a != b).any() for a, b in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize("reader", gradient_reach.READERS)
def test_the_first_state_is_the_parameter_that_it_starts_from(reader):
    run, batch = one_sentence(reader)
    norms = gradient_reach.state_norms(run, batch)
    loss, _ = run.loss(batch)
    (gradient,) = minigrad.autograd.grad(loss, run.model.encoder.start)
    assert norms[0] == pytest.approx(np.linalg.norm(gradient.numpy()), rel=1e-10)


def test_the_norms_are_those_of_backpropagation_by_hand():
    run, batch = one_sentence(bottleneck.FIXED)
    norms = gradient_reach.state_norms(run, batch)
    model = run.model
    hs = model.encoder(minigrad.tensor(batch.source)).detach().numpy()[0]  # h_1 … h_T
    last = minigrad.tensor(hs[-1:]).requires_grad_()
    logits, _, _ = model.decode(minigrad.tensor(batch.target_in), last)
    target = minigrad.tensor(batch.target_out)
    loss = minigrad.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten())
    (g,) = minigrad.autograd.grad(loss, last)
    g, weight = g.numpy()[0], model.encoder.rnn.hidden.weight.detach().numpy()
    expected = [np.linalg.norm(g)]
    for h in hs[::-1]:
        g = (g * (1 - h**2)) @ weight
        expected.append(np.linalg.norm(g))
    np.testing.assert_allclose(norms, expected[::-1], rtol=1e-10)


@pytest.mark.parametrize("reader", gradient_reach.READERS)
def test_watching_changes_nothing(reader):
    run, batch = one_sentence(reader)
    names = [name for name, _ in run.model.named_parameters()]
    first = gradient_reach.state_norms(run, batch)
    assert gradient_reach.state_norms(run, batch) == first
    assert [name for name, _ in run.model.named_parameters()] == names
    assert all(p.grad is None for p in run.parameters)


def one_sentence(reader):
    """A run in double precision, and a batch of one sentence."""
    sentences = bottleneck.digit_sentences(SMALL, seed=0)
    run = bottleneck.start(SMALL, reader, 0, sentences.vocabularies)
    run.model.double()
    return run, run.batch(sentences.tests[-1])


def test_the_report_has_one_line_per_model(quick):
    header, *lines = gradient_reach.report(quick).splitlines()
    assert BEFORE in header
    assert AFTER in header
    for line, (name, found) in zip(lines, quick.items(), strict=True):
        assert line.startswith(name)
        for time in TIMES:
            assert f"{np.median(reach(found[time])):,.3g}" in line


def test_the_picture_without_attention(quick):
    fig = gradient_reach.draw(quick)["gradient_reach_recurrent"]
    assert [line.get_label() for line in fig.axes[0].lines] == [
        "one vector, plain",
        "one vector, orthogonal",
    ]
    for line, weights in zip(fig.axes[0].lines, gradient_reach.STARTS, strict=True):
        found = quick[f"{bottleneck.FIXED}, {weights}"][BEFORE]
        np.testing.assert_allclose(line.get_ydata(), np.median(found, 1))


def test_the_picture(quick, tmp_path):
    name, fig = next(iter(gradient_reach.draw(quick).items()))
    assert name == "gradient_reach"
    assert len(fig.axes) == 2
    for ax, time in zip(fig.axes, TIMES, strict=True):
        assert ax.get_xlabel()
        assert ax.get_yscale() == "log"
        for line, (label, found) in zip(ax.lines, quick.items(), strict=True):
            assert line.get_label() == label
            np.testing.assert_allclose(line.get_ydata(), np.median(found[time], 1))
    assert fig.axes[0].get_ylabel()
    assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000

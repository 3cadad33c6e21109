import json
from dataclasses import asdict

import numpy as np
import pytest

import minigrad
from minigrad import nn
from models.experiments import residual_norm
from models.experiments.residual_norm import (
    AFTER,
    BEFORE,
    FULL,
    MODELS,
    NO_NORM,
    NO_RESIDUAL,
    QUICK,
    STARTS,
    TORCH,
    TRAINED,
    WARM_UP,
    XAVIER,
)
from models.showing import plots
from models.transformer import Block


def model(name, depth=3, start=TORCH):
    """A small model before training, in double precision."""
    minigrad.manual_seed(0)
    return residual_norm.model_of(name, start, depth, QUICK).double()


BATCH = residual_norm.texts(np.random.default_rng(0), 20, QUICK.digits)


def outputs(model):
    """The logits of a batch."""
    with minigrad.no_grad():
        logits, _ = residual_norm.predicted(model, BATCH)
    return logits.numpy()


# The task.


def test_the_digits_are_sorted():
    for ids in BATCH:
        digits, separator, ordered = np.split(ids, [QUICK.digits, QUICK.digits + 1])
        assert separator.tolist() == [residual_norm.SEPARATOR]
        assert sorted(digits) == ordered.tolist()
        assert 1 <= digits.min() <= digits.max() < residual_norm.SEPARATOR


def test_the_guess_is_right_as_often_as_it_says():
    batch = residual_norm.texts(np.random.default_rng(1), 5_000, QUICK.digits)
    right = [np.mean(place == np.bincount(place).argmax()) for place in batch[:, -6:].T]
    assert residual_norm.guess(QUICK) == pytest.approx(np.mean(right), abs=0.01)


# The models.


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("name", MODELS)
def test_each_model_has_the_norms_that_its_name_says(name, start):
    norms = sum(isinstance(part, nn.LayerNorm) for part in model(name, 3, start).modules())
    assert norms == {BEFORE: 7, AFTER: 6, NO_NORM: 0, NO_RESIDUAL: 7}[name]


@pytest.mark.parametrize("name", MODELS)
def test_only_without_residuals_nothing_passes_by_the_sublayers(name):
    """If every sublayer gives 0, the words' own vectors are left, or nothing."""
    blocks = model(name).blocks
    for block in blocks:
        for layer in (block.attention.output, block.feed_forward.second):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
    x = minigrad.randn(1, 4, QUICK.embedding, dtype=minigrad.float64)
    after = x
    for block in blocks:
        after, *_ = block(after, minigrad.ones(4, 4) > 0)
    x, after = x.numpy(), after.detach().numpy()
    if name == NO_RESIDUAL:
        assert not after.any()
    elif name == AFTER:
        x = (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True)
        np.testing.assert_allclose(after, x, rtol=1e-3)
    else:
        np.testing.assert_array_equal(after, x)


def test_without_residuals_it_is_otherwise_the_same_block():
    """A block minus its sums, with the same weights."""
    plain, block = model(NO_RESIDUAL, 1).blocks[0], model(BEFORE, 1).blocks[0]
    assert isinstance(block, Block)
    for part in ("attention", "feed_forward"):
        getattr(plain, part).load_state_dict(getattr(block, part).state_dict())
    x = minigrad.randn(2, 4, QUICK.embedding, dtype=minigrad.float64)
    mask = minigrad.ones(4, 4).tril() > 0
    _, (weights,), _ = block(x, mask)
    y, (plain_weights,), _ = plain(x, mask)
    np.testing.assert_allclose(plain_weights.detach().numpy(), weights.detach().numpy())
    nn.init.zeros_(block.feed_forward.second.weight)
    nn.init.zeros_(block.feed_forward.second.bias)
    attended = (block(x, mask)[0] - x).detach()
    expected = plain.feed_forward(plain.norms[1](attended))
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), rtol=1e-9)


def test_every_parameter_is_used():
    for name in MODELS:
        for start in STARTS:
            made = model(name, 2, start)
            residual_norm.predicted(made, BATCH)[0].sum().backward()
            unused = [n for n, p in made.named_parameters() if p.grad is None]
            assert not unused, (name, unused)


def test_xavier_draws_wider_and_leaves_the_embeddings():
    torch, xavier = model(BEFORE), model(BEFORE, start=XAVIER)
    np.testing.assert_array_equal(
        torch.embedding.words.weight.detach().numpy(),
        xavier.embedding.words.weight.detach().numpy(),
    )
    query = xavier.blocks[0].attention.query
    bound = (6 / (2 * QUICK.embedding)) ** 0.5
    assert 0.9 * bound < abs(query.weight.detach().numpy()).max() <= bound
    assert not query.bias.detach().numpy().any()


# The gradients.


@pytest.mark.parametrize("name", MODELS)
def test_the_gradients_are_those_of_finite_differences(name):
    made = model(name, 2)
    batch = residual_norm.texts(np.random.default_rng(0), 64, QUICK.digits)
    found = residual_norm.gradients(name, TORCH, 2, 0, QUICK)
    assert len(found) == 2
    weight = made.blocks[0].feed_forward.second.weight

    def loss():
        logits, expected = residual_norm.predicted(made, batch)
        return nn.functional.cross_entropy(logits, expected)

    (gradient,) = minigrad.autograd.grad(loss(), weight)
    assert found[0] == pytest.approx(np.linalg.norm(gradient.numpy()))
    direction = gradient.numpy() / np.linalg.norm(gradient.numpy())
    with minigrad.no_grad():
        weight += minigrad.tensor(1e-4 * direction)
        more = loss().item()
        weight -= minigrad.tensor(2e-4 * direction)
        less = loss().item()
    assert (more - less) / 2e-4 == pytest.approx(found[0], rel=1e-3)


@pytest.mark.parametrize("name", MODELS)
def test_the_differences_are_those_of_the_last_layer(name, monkeypatch):
    made = model(name, 2)
    monkeypatch.setattr(residual_norm, "started", lambda *_: (made, BATCH))
    seen = []
    forward = made.blocks[-1].forward
    made.blocks[-1].forward = lambda *inputs: seen.append(forward(*inputs)) or seen[-1]
    found = residual_norm.differences()
    outputs(made)  # by the model itself
    vectors = seen[1][0].numpy()
    squares = [((text - text.mean(0)) ** 2).sum() for text in vectors]
    assert found == pytest.approx((sum(squares) / (vectors**2).sum()) ** 0.5)


# The claim, for every seed.


def right(result, name):
    """The fraction of digits that are right: (trainings, depths, seeds)."""
    found = np.array(result["right"][name])
    assert found.shape[:2] == (len(result["trainings"]), len(result["depths"]))
    assert found.shape[2] >= 3
    return found


def test_with_norm_before_it_trains_without_warm_up(result):
    assert right(result, BEFORE).min() > result["guess"] + 0.25


def test_with_norm_after_a_deep_one_needs_a_warm_up(result):
    fast = [rate >= 0.01 and start == TORCH for start, rate in result["trainings"]]
    deep, warmed_up = (right(result, name)[fast, -1] for name in (AFTER, AFTER + WARM_UP))
    assert np.median(deep) < result["guess"]
    assert warmed_up.min() > result["guess"] + 0.25
    assert (deep < warmed_up - 0.2).all()


def test_without_residuals_a_deep_one_learns_nothing(result):
    assert right(result, NO_RESIDUAL)[:, -1].max() < result["guess"]
    for models in result["differences"].values():
        assert np.max(models[NO_RESIDUAL][-1]) < 0.05
        for name in MODELS[:3]:
            assert np.min(models[name][-1]) > 2 * np.max(models[NO_RESIDUAL][-1])


def test_without_norm_it_depends_on_the_start(result):
    for (start, _), found in zip(result["trainings"], right(result, NO_NORM), strict=True):
        if start == TORCH:
            assert found.min() > result["guess"] + 0.25
        else:
            assert found[-1].max() < result["guess"]
    torch, xavier = (np.array(models[NO_NORM][-1]) for models in result["gradients"].values())
    assert torch.max() < 5
    assert xavier[:, 0].min() > 20
    assert (xavier[:, 0] > 2 * xavier[:, -1]).all()


def test_the_gradients_of_the_last_layer(result):
    for models in result["gradients"].values():
        before, after = (np.median(models[name][-1], 0) for name in (BEFORE, AFTER))
        assert before[-1] < after[-1]
        assert before[-1] < before[0]


def test_the_claim_in_full(course):
    assert course["settings"] == json.loads(json.dumps(asdict(FULL)))
    result = course["result"]
    assert list(result["right"]) == list(TRAINED)
    assert right(result, AFTER)[2:, -1].max() < result["guess"]  # from Xavier's weights
    assert right(result, NO_RESIDUAL)[:, 1].max() < result["guess"]  # six layers
    assert right(result, NO_RESIDUAL)[:, 0].min() > result["guess"] + 0.1  # two layers
    xavier = result["gradients"][XAVIER]
    before, after = (np.median(xavier[name][-1], 0)[-1] for name in (BEFORE, AFTER))
    assert before < after / 2


# What it looks like.


def test_the_report(result):
    text = residual_norm.report(result)
    for start, rate in result["trainings"]:
        for name in TRAINED:
            assert f"{name}; {start}, rate {rate:g}" in text
    assert f"{np.median(right(result, BEFORE)[0, 0]):.2f} (" in text


def test_the_figures(result, tmp_path):
    figures = residual_norm.draw(result)
    assert list(figures) == ["residual_norm", "residual_norm_start"]
    for name, fig in figures.items():
        assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000
    for i, ax in enumerate(figures["residual_norm"].axes):
        for line, name in zip(ax.lines, TRAINED, strict=False):
            assert line.get_label() == name
            np.testing.assert_allclose(line.get_ydata(), np.median(right(result, name)[i], 1))

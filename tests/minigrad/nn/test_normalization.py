"""Normalizations and distances in nn.functional, and running statistics: beside PyTorch; alone."""

import numpy as np
import pytest
from agreement import draw
from room_tables import beside, cases, names, ours

import minigrad
from minigrad import nn
from minigrad.autograd import gradcheck
from minigrad.nn import functional as F

X, IMAGE = draw(4, 6), draw(3, 6, 2, 4)
W, B, MEAN = draw(6), draw(6, seed=1), draw(6, seed=2)
VAR = np.random.default_rng(3).uniform(0.5, 2, 6)

TABLE = {
    "batch_norm": [
        (lambda F, x: F.batch_norm(x, None, None, training=True), X),
        (lambda F, x, w, b: F.batch_norm(x, None, None, w, b, True, eps=0.1), IMAGE, W, B),
        (
            lambda F, x, m, v, w, b: F.batch_norm(x, m.detach(), v.detach(), w, b),
            IMAGE, MEAN, VAR, W, B,
        ),
    ],
    "group_norm": [
        (lambda F, x: F.group_norm(x, 3), X),
        (lambda F, x, w, b: F.group_norm(x, 2, w, b, eps=0.1), IMAGE, W, B),
        (lambda F, x, w: F.group_norm(x, 6, w), IMAGE, W),
    ],
    "instance_norm": [
        (lambda F, x: F.instance_norm(x), IMAGE),
        (lambda F, x, w, b: F.instance_norm(x, weight=w, bias=b, eps=0.1), draw(2, 6, 5), W, B),
        (
            lambda F, x, m, v: F.instance_norm(x, m.detach(), v.detach(), use_input_stats=False),
            IMAGE, MEAN, VAR,
        ),
    ],
    "rms_norm": [
        (lambda F, x: F.rms_norm(x, [6]), X),
        (lambda F, x, w: F.rms_norm(x, (6,), w, eps=0.1), X, W),
        (lambda F, x, w: F.rms_norm(x, (2, 4), w), IMAGE, draw(2, 4)),
    ],
}  # fmt: skip
DISTANCES = {
    "normalize": [
        *[(lambda F, x, p=p: F.normalize(x, p), X) for p in (1, 2, 3, 0.5, float("inf"))],
        (lambda F, x: F.normalize(x, dim=0, eps=10.0), X),
    ],
    "cosine_similarity": [
        (lambda F, x, y: F.cosine_similarity(x, y), X, draw(4, 6, seed=1)),
        (lambda F, x, y: F.cosine_similarity(x, y, dim=-1, eps=5.0), X, W),
        (lambda F, x, y: F.cosine_similarity(x, y, dim=0), draw(3, 1), draw(1, 4)),
    ],
    "pairwise_distance": [
        *[(lambda F, x, y, p=p: F.pairwise_distance(x, y, p), X, W) for p in (1, 2, 3)],
        (lambda F, x, y: F.pairwise_distance(x, y, eps=0.1, keepdim=True), X, W),
        (lambda F, x, y: F.pairwise_distance(x, y), W, B),
    ],
}
ALL = TABLE | DISTANCES


def test_every_name_of_the_rooms_is_in_the_table():
    assert names(F, "normalization", "distances") == set(ALL)


@pytest.mark.parametrize(("name", "i"), cases(ALL))
def test_beside_torch(torch, name, i):
    beside(torch, ALL[name][i], rtol=1e-9)


@pytest.mark.parametrize(("name", "i"), cases(ALL))
def test_derivatives_against_differences(name, i):
    function, xs = ours(ALL[name][i])
    if name == "cosine_similarity" and i == 1:
        pytest.skip("the gradient passes where eps replaces a norm, as in PyTorch")
    if len(xs) > 2 and name in ("batch_norm", "instance_norm") and i == 2:
        xs[1:3] = [x.detach() for x in xs[1:3]]  # running statistics get no gradient
    assert gradcheck(function, xs)


def test_vectors_of_zeros(torch):
    zeros = np.array([[0.0, 0.0], [1, 2]])
    for name, others in [("normalize", ()), ("cosine_similarity", (np.ones((2, 2)),))]:
        beside(torch, (lambda F, *xs, n=name: getattr(F, n)(*xs), zeros, *others), order=1)
    x = minigrad.tensor(zeros, requires_grad=True)
    F.normalize(x).sum().backward()
    assert np.isfinite(x.grad.value).all()


# --- running statistics ---------------------------------------------------------------------------

NORMS = {
    "batch": lambda nn, **settings: nn.BatchNorm1d(6, **settings),
    "instance": lambda nn, **settings: nn.InstanceNorm1d(
        6, affine=True, **{"track_running_stats": True, **settings}
    ),
}
STATISTICS = [{}, {"momentum": 0.3}, {"momentum": None}, {"track_running_stats": False}]


@pytest.mark.parametrize("settings", STATISTICS)
@pytest.mark.parametrize("name", NORMS)
def test_running_statistics_as_torchs(torch, name, settings):
    if name == "instance" and settings.get("momentum", 0) is None:
        pytest.skip("PyTorch's InstanceNorm has no cumulative average")
    results = []
    for library in (minigrad, torch):
        layer = NORMS[name](library.nn, **settings).double()
        outputs = [layer(library.tensor(draw(3, 6, 4, seed=i))) for i in range(3)]
        layer.eval()
        outputs.append(layer(library.tensor(draw(3, 6, 4, seed=9))))
        state = layer.state_dict()
        results.append(([*outputs, *state.values()], list(state)))
    assert results[0][1] == results[1][1]
    for our, their in zip(results[0][0], results[1][0], strict=True):
        np.testing.assert_allclose(our.detach().numpy(), their.detach().numpy(), atol=1e-12)


def test_training_mode_normalizes_and_evaluation_mode_remembers():
    layer = nn.BatchNorm1d(2, momentum=None).double()
    x = minigrad.tensor(draw(50, 2) * 3 + 1)
    y = layer(x)
    np.testing.assert_allclose(y.value.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(y.value.var(0), 1, rtol=1e-5)
    assert layer.num_batches_tracked.item() == 1
    np.testing.assert_allclose(layer.running_mean.value, x.value.mean(0))
    np.testing.assert_allclose(layer.running_var.value, x.value.var(0, ddof=1))
    again = layer.eval()(x)
    np.testing.assert_allclose(again.value, y.value * np.sqrt(49 / 50), atol=1e-4)
    assert layer.num_batches_tracked.item() == 1
    layer.reset_running_stats()
    assert layer.running_var.tolist() == [1, 1]


MISTAKES = {
    "one value": (lambda: nn.BatchNorm1d(3)(minigrad.ones(1, 3)), ValueError, "no variance"),
    "channels": (lambda: nn.BatchNorm1d(3)(minigrad.ones(2, 4)), RuntimeError, "4 channels"),
    "dims": (lambda: nn.BatchNorm2d(3)(minigrad.ones(2, 3)), ValueError, "takes 4 dims"),
    "no statistics": (
        lambda: F.batch_norm(minigrad.ones(2, 3), None, None), RuntimeError, "running_mean",
    ),
    "groups": (lambda: F.group_norm(minigrad.ones(2, 3), 2), RuntimeError, "2 groups"),
    "groups of a module": (lambda: nn.GroupNorm(2, 3), ValueError, "2 groups"),
    "one value of an instance": (
        lambda: F.instance_norm(minigrad.ones(2, 3, 1)), ValueError, "no variance",
    ),
    "rms": (lambda: F.rms_norm(minigrad.ones(2, 3), 2), RuntimeError, r"\(2, 3\)"),
    "ints": (lambda: F.rms_norm(minigrad.tensor([1]), 1), TypeError, "floats"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained(name):
    call, error, message = MISTAKES[name]
    with pytest.raises(error, match=message):
        call()

"""The activations in nn.functional: beside PyTorch, at special points, in place; and alone."""

import warnings

import numpy as np
import pytest
from agreement import agree, draw
from room_tables import beside, cases, names, ours

import minigrad
from minigrad.autograd import gradcheck
from minigrad.nn import functional as F

inf, nan = float("inf"), float("nan")
X, ROWS = 2 * draw(3, 4), draw(2, 3, 4)

TABLE = {
    "silu": [(lambda F, x: F.silu(x), X)],
    "mish": [(lambda F, x: F.mish(x), X)],
    "leaky_relu": [(lambda F, x: F.leaky_relu(x), X), (lambda F, x: F.leaky_relu(x, 0.3), X)],
    "elu": [(lambda F, x: F.elu(x), X), (lambda F, x: F.elu(x, alpha=0.7), X)],
    "selu": [(lambda F, x: F.selu(x), X)],
    "celu": [(lambda F, x: F.celu(x), X), (lambda F, x: F.celu(x, 0.5), X)],
    "glu": [(lambda F, x: F.glu(x), X), (lambda F, x: F.glu(x, dim=0), draw(4, 3))],
    "softplus": [(lambda F, x: F.softplus(x), X), (lambda F, x: F.softplus(x, 2.0, 1.5), X)],
    "softsign": [(lambda F, x: F.softsign(x), X)],
    "hardtanh": [(lambda F, x: F.hardtanh(x), X), (lambda F, x: F.hardtanh(x, -0.5, 2.0), X)],
    "hardsigmoid": [(lambda F, x: F.hardsigmoid(x), 3 * X)],
    "hardswish": [(lambda F, x: F.hardswish(x), 3 * X)],
    "relu6": [(lambda F, x: F.relu6(x), 4 * X)],
    "prelu": [
        (lambda F, x, w: F.prelu(x, w), ROWS, draw(1)),
        (lambda F, x, w: F.prelu(x, w), ROWS, draw(3)),
        (lambda F, x, w: F.prelu(x, w), draw(5), draw(1)),
    ],
    "rrelu": [(lambda F, x: F.rrelu(x), X), (lambda F, x: F.rrelu(x, 0.1, 0.1, training=True), X)],
    "threshold": [(lambda F, x: F.threshold(x, 0.5, 3.0), X)],
    "logsigmoid": [(lambda F, x: F.logsigmoid(x), X)],
    "tanhshrink": [(lambda F, x: F.tanhshrink(x), X)],
    "softshrink": [(lambda F, x: F.softshrink(x), X), (lambda F, x: F.softshrink(x, 1.0), X)],
    "hardshrink": [(lambda F, x: F.hardshrink(x), X), (lambda F, x: F.hardshrink(x, 1.0), X)],
    "softmin": [(lambda F, x: F.softmin(x, 1), ROWS)],
    "relu_": [(lambda F, x: F.relu_(x * 1), X)],
    "leaky_relu_": [(lambda F, x: F.leaky_relu_(x * 1, 0.3), X)],
    "elu_": [(lambda F, x: F.elu_(x * 1, 0.7), X)],
    "gumbel_softmax": [],  # random: tested below
}
OF_FUNCTIONAL = {
    "gelu": [(lambda F, x: F.gelu(x), X), (lambda F, x: F.gelu(x, approximate="tanh"), X)],
    "relu": [(lambda F, x: F.relu(x), X), (lambda F, x: F.relu(x * 1, inplace=True), X)],
    "softmax": [(lambda F, x: F.softmax(x, dim=1), ROWS)],
    "log_softmax": [(lambda F, x: F.log_softmax(x, -2), ROWS)],
}
ALL = TABLE | OF_FUNCTIONAL
ONE_SIXTH = ("hardsigmoid",)  # PyTorch's slope is 1/6 in float32; it has no second derivative


def test_every_name_of_the_room_is_in_the_table():
    assert names(F, "activations") == set(TABLE)


@pytest.mark.parametrize(("name", "i"), cases(ALL))
def test_beside_torch(torch, name, i):
    rough = {"order": 1, "rtol": 1e-7} if name in ONE_SIXTH else {}
    beside(torch, ALL[name][i], **rough)


@pytest.mark.parametrize(("name", "i"), cases(ALL))
def test_derivatives_against_differences(name, i):
    function, xs = ours(ALL[name][i])
    assert gradcheck(function, xs)


POINTS = [0.0, -0.0, 1, -1, 0.5, -0.5, 3, -3, 6, -6, 1e-310, inf, -inf, nan, -20, 710, -745, 1e-9]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [name for name, rows in TABLE.items() if rows and name != "glu"])
@np.errstate(all="ignore")
def test_special_points(torch, name, dtype):
    expression, _, *weights = TABLE[name][0]
    weights = [w[:1].astype(dtype) for w in weights]
    exact = dtype == "float64" and name not in ONE_SIXTH
    for point in POINTS:  # one by one: PyTorch computes long rows otherwise
        x = np.array([[point]], dtype)
        beside(torch, (expression, x, *weights), order=1, rtol=1e-10 if exact else 1e-5)


# --- in place ------------------------------------------------------------------------------------

IN_PLACE = (
    "silu", "mish", "leaky_relu", "elu", "selu", "celu", "hardtanh", "hardsigmoid", "hardswish",
    "relu6", "rrelu", "relu",
)  # fmt: skip


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_the_input_becomes_the_output(name):
    function = getattr(F, name)
    x = minigrad.tensor(X, requires_grad=True)
    y = x * 2
    out = function(y, inplace=True)
    assert out is y
    np.testing.assert_array_equal(y.value, function(x.detach() * 2).value)
    (out * out).sum().backward()
    in_place, x.grad = x.grad, None
    plain = function(x * 2)
    (plain * plain).sum().backward()
    np.testing.assert_allclose(in_place.value, x.grad.value)


def test_a_leaf_does_not_change_in_place():
    x = minigrad.tensor(X, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        F.relu(x, inplace=True)


# --- dims, dtypes and mistakes --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (2, 3, 4, 5)])
def test_without_dim_as_torch_with_a_warning(torch, name, shape):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        agree(torch, lambda library, x: getattr(library.nn.functional, name)(x), draw(*shape))
    assert any("minigrad" in w.filename or "dim" in str(w.message) for w in caught)
    with pytest.warns(UserWarning, match="give dim"):
        getattr(F, name)(minigrad.ones(shape))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_computed_in_a_dtype(torch, name):
    for given in (np.float32(X), np.array([[1, 2], [3, 5]])):
        results = [
            getattr(lib.nn.functional, name)(lib.tensor(given), dim=1, dtype=lib.float64)
            for lib in (minigrad, torch)
        ]
        assert results[0].dtype == minigrad.float64
        np.testing.assert_allclose(results[0].numpy(), results[1].numpy(), rtol=1e-12)


MISTAKES = {
    "gelu of ints": (lambda: F.gelu(minigrad.tensor([1])), TypeError, "got int64"),
    "gelu approximate": (lambda: F.gelu(minigrad.ones(2), "sin"), ValueError, "sin"),
    "elu of a list": (lambda: F.elu([1.0]), TypeError, "tensor"),
    "silu by name": (lambda: F.silu(input=3), TypeError, "tensor"),
    "glu odd": (lambda: F.glu(minigrad.ones(3)), ValueError, "even"),
    "hardtanh": (lambda: F.hardtanh(minigrad.ones(3), 1, 0), ValueError, "min_val 1"),
    "softshrink": (lambda: F.softshrink(minigrad.ones(3), -1), ValueError, "negative"),
    "celu": (lambda: F.celu(minigrad.ones(3), 0), ZeroDivisionError, "alpha"),
    "prelu": (lambda: F.prelu(minigrad.ones(2, 3), minigrad.ones(2)), ValueError, "3 channels"),
    "rrelu": (lambda: F.rrelu(minigrad.ones(2), 1.0, 0.5), ValueError, "lower"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained(name):
    call, error, message = MISTAKES[name]
    with pytest.raises(error, match=message):
        call()


# --- random ones ---------------------------------------------------------------------------------


def test_rrelu_draws_slopes_in_its_range():
    x = minigrad.full((1000,), -1.0, requires_grad=True)
    y = F.rrelu(x, 0.2, 0.6, training=True)
    assert 0.2 <= -y.value.max() < 0.21
    assert 0.59 < -y.value.min() <= 0.6
    assert y.value.mean() == pytest.approx(-0.4, abs=0.02)
    y.sum().backward()
    np.testing.assert_allclose(x.grad.value, -y.value)


def test_gumbel_softmax_samples_by_the_probabilities():
    logits = minigrad.tensor(np.log([0.1, 0.2, 0.7]))
    samples = F.gumbel_softmax(logits.expand(20_000, 3), hard=True)
    assert set(np.unique(samples.value)) == {0, 1}
    np.testing.assert_allclose(samples.value.mean(0), [0.1, 0.2, 0.7], atol=0.02)
    soft = F.gumbel_softmax(logits.expand(5, 3), tau=0.5)
    np.testing.assert_allclose(soft.value.sum(1), 1)


def test_a_hard_sample_has_the_gradient_of_the_soft_one():
    logits, found = minigrad.tensor(draw(4, 3), requires_grad=True), []
    for hard in (False, True):
        minigrad.manual_seed(0)
        y = F.gumbel_softmax(logits, tau=0.7, hard=hard, dim=1)
        (y * minigrad.tensor(draw(4, 3, seed=1))).sum().backward()
        found.append(logits.grad.value)
        logits.grad = None
    np.testing.assert_allclose(*found)


# --- known values --------------------------------------------------------------------------------


def test_known_values():
    x = minigrad.tensor([-1.0, 0.0, 2.0], dtype=minigrad.float64)
    known = {
        "gelu": [-0.15865525, 0, 1.95449974], "silu": [-0.26894142, 0, 1.76159416],
        "elu": [-0.63212056, 0, 2], "softplus": [0.31326169, 0.69314718, 2.12692801],
        "leaky_relu": [-0.01, 0, 2], "hardswish": [-1 / 3, 0, 5 / 3],
        "logsigmoid": [-1.31326169, -0.69314718, -0.12692801],
    }  # fmt: skip
    for name, values in known.items():
        np.testing.assert_allclose(getattr(F, name)(x).value, values, atol=1e-7)

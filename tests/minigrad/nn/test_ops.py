"""The fused ops beside what they fuse: plain NumPy gives the same values and gradients."""

import numpy as np
import pytest

import minigrad
from minigrad.dims import axes
from minigrad.kernels import exps
from minigrad.nn import functional as F
from minigrad.nn import ops
from minigrad.nn.kernels import standardized


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def classes(*shape, below, seed=0):
    return np.random.default_rng(seed).integers(0, below, shape)


SHAPES = [(5, 1), (0, 3), (4, 7), (300, 500), (2, 6, 3), (2, 3, 4, 5), (7,)]
ALONG = [(shape, dim) for shape in SHAPES for dim in range(len(shape)) if shape[dim]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "dim"), ALONG, ids=str)
def test_exps_are_what_a_softmax_is_made_of(shape, dim, dtype):
    x = 3 * numbers(*shape).astype(dtype)
    top = x.max(dim)
    e = np.exp(x - np.expand_dims(top, dim))
    for found, plain in zip(exps(x, dim), (e, e.sum(dim), top), strict=True):
        assert (found.shape, found.dtype) == (plain.shape, plain.dtype)
        np.testing.assert_allclose(found, plain, rtol=1e-5 if dtype == np.float32 else 1e-13)


def cross_entropy_gradient_simple(x, target, g):
    """(softmax(x) - onehot(target)) · g, for one loss per target."""
    e = np.exp(x)
    onehot = np.moveaxis(np.eye(x.shape[1])[target], -1, 1)
    return (e / e.sum(1, keepdims=True) - onehot) * g[:, None]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5), (2, 6, 3, 2)])
def test_the_gradient_of_cross_entropy_is_softmax_minus_onehot(shape, create_graph):
    x, target = numbers(*shape), classes(shape[0], *shape[2:], below=shape[1])
    g = numbers(*target.shape, seed=1)
    logits = minigrad.tensor(x, requires_grad=True)
    losses = F.cross_entropy(logits, minigrad.tensor(target), reduction="none")
    losses.backward(minigrad.tensor(g), create_graph=create_graph)
    np.testing.assert_allclose(logits.grad.value, cross_entropy_gradient_simple(x, target, g))


@pytest.mark.parametrize("dim", [0, -1, (0, 2)])
def test_standardize_is_its_formula(dim):
    x = numbers(4, 3, 5)
    variance = x.var(dim, keepdims=True)
    plain = (x - x.mean(dim, keepdims=True)) / np.sqrt(variance + 0.1)
    np.testing.assert_allclose(ops.standardize(x, dim=dim, eps=0.1), plain)


def exactly(x, eps, g):
    """Standardized rows and their gradient, in more digits than x has."""
    x, g = x.astype(np.longdouble), g.astype(np.longdouble)
    centered = x - x.mean(-1, keepdims=True)
    std = np.sqrt((centered**2).mean(-1, keepdims=True) + np.longdouble(eps))
    out = centered / std
    return out, (g - g.mean(-1, keepdims=True) - out * (g * out).mean(-1, keepdims=True)) / std


ROWS = {  # mean, standard deviation
    "of mean 0": (0, 1), "of mean 100": (100, 1), "of a large mean": (1e6, 1),
    "nearly equal": (1000, 1e-3), "large": (0, 1e20), "large and nearly equal": (1e20, 1e18),
    "very large": (1e38, 1e37), "small": (0, 1e-20), "equal": (1000.1, 0), "equal 0.1": (0.1, 0),
    "equal and large": (1e20, 0), "equal and very large": (3e38, 0), "equal below 0": (-7e5, 0),
}  # fmt: skip


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [1, 5])  # one row has a way of its own
@pytest.mark.parametrize("name", ROWS)
def test_rows_are_standardized_to_the_last_digits(name, rows, dtype, create_graph):
    """PyTorch loses as many digits as the mean has above the standard deviation."""
    mean, std = ROWS[name]
    x = (mean + std * numbers(rows, 512)).astype(dtype)
    g = numbers(rows, 512, seed=1).astype(dtype)
    expected, gradient = exactly(x, 1e-5, g)
    tensor = minigrad.tensor(x, requires_grad=True)
    with np.errstate(all="raise"):
        y = F.layer_norm(tensor, (512,))
        y.backward(minigrad.tensor(g), create_graph=create_graph)
    digits = 10 * np.finfo(dtype).eps
    assert np.abs(y.value - expected).max() <= digits
    if std == 0:
        np.testing.assert_array_equal(y.value, 0)
    if "very large" not in name or not create_graph:  # recorded, the sum of a row is not scaled
        assert np.abs(tensor.grad.value - gradient).max() <= digits * np.abs(gradient).max()


@pytest.mark.parametrize("shape", [(1, 512), (5, 512), (512,), (1, 2, 1, 512)])
@pytest.mark.parametrize("name", ROWS)
def test_layer_norm_is_the_same_whether_it_is_recorded_or_not(name, shape):
    mean, std = ROWS[name]
    x = minigrad.tensor((mean + std * numbers(*shape)).astype(np.float32))
    given = x, (512,), minigrad.randn(512), minigrad.randn(512)
    recorded = F.layer_norm(*given)
    with minigrad.no_grad():
        np.testing.assert_array_equal(F.layer_norm(*given).value, recorded.value)


@pytest.mark.parametrize("dim", [-1, 0, (0, 2), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("mean", [0, 1e4])
def test_standardized_is_its_formula(dim, mean):
    x = mean + numbers(4, 3, 5)
    over = axes(x, dim)
    m, s = x.mean(over, keepdims=True), np.sqrt(x.var(over, keepdims=True) + 0.1)
    for found, plain in zip(standardized(x, over, 0.1), ((x - m) / s, s), strict=True):
        np.testing.assert_allclose(found, plain, rtol=1e-9)


def test_what_is_not_finite_spoils_its_own_row_only():
    x = numbers(3, 8)
    x[0, 3], x[1, 2] = np.inf, np.nan
    y = ops.standardize(x, dim=-1, eps=1e-5)
    assert np.isnan(y[:2]).all()
    assert np.isnan(ops.standardize(x[:1], dim=-1, eps=1e-5)).all()
    np.testing.assert_allclose(y[2:], ops.standardize(x[2:], dim=-1, eps=1e-5))


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0, 0)])
def test_nothing_is_standardized_to_nothing(shape):
    assert F.layer_norm(minigrad.zeros(shape), shape[1:]).shape == shape


@pytest.mark.parametrize("shape", [(3,), (1, 3), (1, 1, 3)])
def test_linear_of_one_row_is_its_formula(shape):
    x, weight, bias = numbers(*shape), numbers(4, 3, seed=1), numbers(4, seed=2)
    found = ops.linear(x, weight, bias)
    np.testing.assert_allclose(found, x @ weight.T + bias)
    assert found.shape == (*shape[:-1], 4)
    for wrong in (numbers(4, 2), numbers(4, 1), numbers(3)):
        with pytest.raises(ValueError, match="linear: "):
            ops.linear(x, wrong)


def test_linear_of_one_number_is_not_finite_where_the_product_is_not():
    with np.errstate(invalid="ignore"):
        assert np.isnan(ops.linear(np.array([[np.inf]]), np.array([[0.0]]))).all()


def test_linear_and_embedding_are_their_formulas():
    x, weight, bias = numbers(2, 5, 3), numbers(4, 3, seed=1), numbers(4, seed=2)
    np.testing.assert_allclose(ops.linear(x, weight, bias), x @ weight.T + bias)
    ids = classes(2, 5, below=4)
    np.testing.assert_array_equal(ops.embedding(ids, weight), weight[ids])

"""0, -0, ±inf, NaN, ties, and the extremes of ints and floats: values and derivatives."""

import itertools

import numpy as np
import pytest
from agreement import agree, draw
from op_examples import over_the_table

import minigrad
from minigrad import functions as f
from minigrad.autograd import grad
from minigrad.graph import Op

inf, nan = float("inf"), float("nan")
POINTS = [
    0.0,
    -0.0,
    1,
    -1,
    2,
    -2,
    0.5,
    -3,
    1e-310,
    5e-324,
    1e300,
    -1e300,
    inf,
    -inf,
    nan,
    710,
    -745,
]
PAIRS = np.array(list(itertools.product(POINTS, POINTS))).T
SMALLEST, LARGEST = -(2**63), 2**63 - 1

# --- beside PyTorch -------------------------------------------------------------------------------

OF_ONE = [
    *[f"torch.{name}(x)" for name in ("sqrt", "abs", "exp", "log", "tanh", "sigmoid", "relu")],
    "x**0", "x**1", "x**2", "x**3.0", "x**0.5", "x**-0.5", "x**-1", "x**1.5", "x**-1.5", "2**x",
    "1.0**x", "x**np.inf", "x**np.nan", "x/0", "1/x", "x*np.inf", "x - x", "x.abs().sqrt()",
    "torch.clamp(x, -1, 1)", "torch.clamp(x, min=0)", "torch.clamp(x, max=0.0)",
    "torch.clamp(x, 2, 1)", "torch.clamp(x, min=np.nan)", "torch.clamp(x, np.nan, 1)",
    "torch.where(x > 0, x, 0.0)", "x.softmax(0)", "x.log_softmax(0)",
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("expression", OF_ONE)
@np.errstate(all="ignore")
def test_functions_of_one_value(torch, expression, dtype):
    agree(torch, expression, np.array(POINTS, dtype), rtol=1e-10 if dtype == "float64" else 1e-5)


OF_TWO = [
    "torch.maximum(x, y)", "torch.minimum(x, y)", "torch.max(x, y)", "torch.min(x, y)", "x + y",
    "x - y", "x * y", "x / y", "torch.clamp(x, min=y)", "torch.clamp(x, max=y)",
    "torch.clamp(x, y, 1 + 0 * y)", "torch.where(x > y, x, y)", "(x == y, x < y, x >= y, x != y)",
]  # fmt: skip


@pytest.mark.parametrize("expression", OF_TWO)
@np.errstate(all="ignore")
def test_functions_of_two_values(torch, expression):
    agree(torch, expression, *PAIRS, order=2 if "/" not in expression else 1)


@np.errstate(all="ignore")
def test_powers_of_tensors(torch):
    agree(torch, "x**y", *PAIRS, order=1)
    positive = PAIRS[:, (PAIRS[0] > 1e-300) & (PAIRS[1] != 0) & np.isfinite(PAIRS).all(0)]
    agree(torch, "x**y", *positive)


@pytest.mark.parametrize("bound", [2.0, 3.0, -1.0])
def test_a_value_between_equal_bounds(torch, bound):
    x, bounds = np.array([1.0, 2.0, 3.0, nan]), np.full(4, bound)
    agree(torch, lambda torch, x, low, high: torch.clamp(x, low, high), x, bounds, bounds)


ROWS = [
    [1, 3, 3], [3, 3, 3], [nan, 1, 2], [1, nan, nan], [nan, nan, nan], [inf, 1, inf],
    [inf, -inf, 0], [-inf, -inf, -inf], [0.0, -0.0, 0.0], [inf, -inf, nan],
]  # fmt: skip
REDUCTIONS = [
    *[f"torch.{name}(x)" for name in ("max", "min", "amax", "amin", "sum", "mean")],
    *[f"torch.{name}(x, {d})" for name in ("max", "min", "amax", "amin") for d in (0, 1)],
    *[f"torch.{name}(x, 1)" for name in ("logsumexp", "softmax", "log_softmax", "sum", "mean")],
    "torch.amax(x, (0, 1))", "torch.amin(x, (0, 1), keepdim=True)", "torch.logsumexp(x, (0, 1))",
    "x.topk(2)", "x.topk(1, 0, largest=False)",
    "(x.argmax(), x.argmin(), x.argmax(0), x.argmin(1), x.any(), x.all(1))",
]  # fmt: skip


@pytest.mark.parametrize("reduction", REDUCTIONS)
@np.errstate(all="ignore")
def test_reductions(torch, reduction):
    for row in ROWS:
        agree(torch, reduction, np.array([row, [5.0, 1.0, 5.0]]))


@pytest.mark.parametrize(
    "reduction", ["x.sum(1)", "x.amax(1)", "x.logsumexp(0)", "x.softmax(0)", "x.mean(0)", "x.sum()"]
)
@np.errstate(all="ignore")
def test_reductions_of_nothing(torch, reduction):
    agree(torch, reduction, draw(0, 3))


INTS = np.array([0, 1, -1, 2, SMALLEST, LARGEST, 7, -3])
BOOLS = np.array([True, False, True])
OF_INTS = [
    *[f"torch.{name}(x)" for name in ("max", "min", "amax", "amin", "sum", "any", "all")],
    "torch.maximum(x, x)", "torch.minimum(x, x)", "torch.max(x, 0)", "torch.min(x, 0)", "x**2",
    "x**0", "2**x", "x**True", "x**False", "x**0.5", "x.sqrt()", "x + True", "x * True", "x / 2",
    "torch.clamp(x, 0, 1)", "torch.clamp(x, min=0.5)", "torch.where(x > 0, x, 1.5)", "~x",
    "x.masked_fill(x > 0, 1.5)", "x.masked_fill(x > 0, torch.tensor(2.5))", "x.logsumexp(0)",
]  # fmt: skip


@pytest.mark.parametrize("values", [INTS, BOOLS, np.array(True), np.array(3)], ids=str)
@pytest.mark.parametrize("expression", OF_INTS)
@np.errstate(all="ignore")
def test_ints_and_bools(torch, expression, values):
    agree(torch, expression, values, rtol=1e-6)


def test_ints_to_the_power_of_ints(torch):
    x, y = (a.ravel() for a in np.meshgrid([-3, -2, -1, 0, 1, 2, 3], [-3, -2, -1, 0, 1, 2, 3]))
    nonzero = (x != 0) | (y >= 0)
    agree(torch, "x**y", x[nonzero], y[nonzero])


# --- without PyTorch ------------------------------------------------------------------------------


def gradients(function, *values):
    xs = [minigrad.tensor(v, dtype=minigrad.float64, requires_grad=True) for v in values]
    function(*xs).sum().backward()
    return [x.grad.tolist() for x in xs]


def test_nan_shows_in_values():
    x = minigrad.tensor([1.0, nan])
    for y in (
        x.max(),
        x.min(),
        x.amax(0),
        x.amin(),
        x.max(0).values,
        x.min(0).values,
        x.clamp(0)[1],
    ):
        assert np.isnan(y.item())
    for y in (minigrad.maximum(x, x.roll(1, 0)), minigrad.minimum(x.roll(1, 0), x), x.abs() * nan):
        assert np.isnan(y.value).all()
    assert np.isnan(x.clamp(max=nan).value).all()


def test_nan_keeps_its_gradient():
    for two in (minigrad.maximum, minigrad.minimum):
        assert gradients(two, [nan, 1.0, 2.0], [1.0, nan, 2.0]) == [[1, 1, 0.5], [1, 1, 0.5]]
    for one in (f.max, f.min):
        assert gradients(one, [nan, 1.0, nan, 2.0]) == [[0.5, 0, 0.5, 0]]
    assert np.isnan(gradients(minigrad.amax, [nan, 1.0])).all()
    assert gradients(minigrad.abs, [nan, 0.0, -0.0, 2.0, -2.0]) == [[0, 0, 0, 1, -1]]
    assert gradients(lambda x: x.clamp(-1, 1), [nan, -1.0, 1.0, 2.0]) == [[0, 1, 1, 0]]


def test_the_sign_of_zero():
    x = minigrad.tensor([0.0, -0.0])
    assert not np.signbit(x.abs().value).any()
    assert np.signbit(x.relu().value).tolist() == [False, True]
    assert np.signbit(x.sqrt().value).tolist() == [False, True]
    assert (x**-0.5).tolist() == [inf, -inf]


def test_the_root_at_its_edges():
    assert gradients(minigrad.sqrt, [0.0, 4.0]) == [[inf, 0.25]]
    assert gradients(minigrad.sqrt, [-0.0]) == [[-inf]]
    assert np.isnan(gradients(minigrad.sqrt, [-inf, -1.0])).all()
    assert np.isnan((minigrad.tensor([-inf]) ** -0.5).value).all()


@pytest.mark.parametrize("x", [2.0, 0.25, 1e-150])
def test_the_mixed_derivative_of_a_power_at_exponent_0(x):
    """d²(xʸ) / dx dy = xʸ⁻¹ (1 + y log x): 1 / x at y = 0, whichever is taken first."""
    x = minigrad.tensor(x, dtype=minigrad.float64, requires_grad=True)
    y = minigrad.tensor(0.0, dtype=minigrad.float64, requires_grad=True)
    gx, gy = grad(x**y, [x, y], create_graph=True)
    assert gx.item() == 0
    for mixed in (grad(gx, y)[0], grad(gy, x)[0]):
        assert mixed.item() == pytest.approx(1 / x.item())


def test_the_smallest_int():
    x = minigrad.tensor([SMALLEST, 3, LARGEST])
    assert x.amin().item() == x.min().item() == x.min(0).values.item() == SMALLEST
    assert minigrad.minimum(x, x.roll(1, 0)).tolist() == [SMALLEST, SMALLEST, 3]
    assert minigrad.tensor([True, False]).amin().item() is False


@over_the_table
def test_no_op_stops_where_numpy_is_told_to_raise(name, example):
    """np.seterr(all="raise") is for NumPy's users: PyTorch is silent, and so are ops."""
    op = Op.registry[name]
    given = example.inputs()
    if name not in ("getitem", "add_at", "embedding", "cross_entropy"):
        given = [x * 1e300 if np.ndim(x) and x.dtype.kind == "f" else x for x in given]
    settings = example.settings
    with np.errstate(all="ignore"):
        expected = op(*given, **settings)
    tensors = [
        minigrad.tensor(x, requires_grad=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x
        for x in given
    ]
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(op(*given, **settings), expected)
        y = op(*tensors, **settings)
        y.sum().backward()
        np.testing.assert_array_equal(y.value, expected)


def test_a_softmax_underflows_silently():
    with np.errstate(all="raise"):
        assert minigrad.tensor([0.0, -800.0]).softmax(0).tolist() == [1, 0]
        assert minigrad.tensor([0.0, -800.0]).log().tolist()[0] == -inf
        assert minigrad.isnan(minigrad.tensor([inf]) - inf).tolist() == [True]


@pytest.mark.parametrize("name", ["minimum", "maximum"])
def test_the_smaller_of_a_bool_and_a_float(torch, name):
    results = []
    for library in (minigrad, torch):
        x = library.tensor([0.5, 1.0, 2.0, 0.0], requires_grad=True)
        flags = library.tensor([True, True, False, False])
        extreme = getattr(library, name)
        (extreme(flags, x) + 2 * extreme(x, flags)).sum().backward()
        results.append(x.grad.tolist())
    assert results[0] == results[1]

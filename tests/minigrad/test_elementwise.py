"""The room of elementwise functions: each name beside PyTorch, special points, errors."""

import itertools
import math

import numpy as np
import pytest
from agreement import agree, draw

import minigrad
from minigrad import elementwise
from minigrad.autograd import grad, gradcheck
from minigrad.tensor import METHODS

inf, nan = math.inf, math.nan
INSIDE = np.array([[0.1, -0.4, 0.75], [-0.9, 0.3, -0.2]])
X, Y = draw(2, 3), draw(3)
PLUS, LARGE = np.abs(X) + 0.3, np.abs(X) + 1.5
INTS, MORE = np.array([6, -7, 0, 5]), np.array([4, 2, 3, -3])
BOOLS = np.array([True, False, True])
TIES = np.array([1.0, nan, -0.0, 2.0]), np.array([1.0, 2.0, 0.0, nan])

# Expressions and their arrays, by the name that they are examples of.
TABLE = {
    "sin": ("x.sin()", X), "cos": ("x.cos()", X), "tan": ("x.tan()", X),
    "asin": ("x.asin()", INSIDE), "acos": ("x.acos()", INSIDE), "atan": ("x.atan()", X),
    "atan2": ("torch.atan2(x, y)", X, Y), "arctan2": ("x.arctan2(y)", X, Y),
    "sinh": ("x.sinh()", X), "cosh": ("x.cosh()", X), "asinh": ("x.asinh()", X),
    "acosh": ("x.acosh()", LARGE), "atanh": ("x.atanh()", INSIDE),
    "arcsin": ("torch.arcsin(x)", INSIDE), "arccos": ("torch.arccos(x)", INSIDE),
    "arctan": ("torch.arctan(x)", X), "arcsinh": ("torch.arcsinh(x)", X),
    "arccosh": ("torch.arccosh(x)", LARGE), "arctanh": ("torch.arctanh(x)", INSIDE),
    "exp2": ("x.exp2()", X), "expm1": ("x.expm1()", X * 1e-3), "log2": ("x.log2()", PLUS),
    "log10": ("x.log10()", PLUS), "log1p": ("x.log1p()", PLUS * 1e-3),
    "logaddexp": ("torch.logaddexp(x, y)", X, Y), "rsqrt": ("x.rsqrt()", PLUS),
    "square": ("x.square()", X), "reciprocal": ("x.reciprocal()", PLUS),
    "sign": ("x.sign()", X), "sgn": ("x.sgn()", X), "floor": ("x.floor()", X * 3),
    "ceil": ("x.ceil()", X * 3), "trunc": ("x.trunc()", X * 3), "fix": ("x.fix()", X * 3),
    "round": ("(x.round(), torch.round(x, decimals=2), x.round(decimals=-1))", X * 30),
    "frac": ("x.frac()", X * 3), "fmod": ("(torch.fmod(x, y), x.fmod(-1.5))", X * 3, Y),
    "remainder": ("(x.remainder(y), torch.remainder(x, -1.5))", X * 3, Y),
    "floor_divide": ("torch.floor_divide(x, y)", INTS, MORE),
    "true_divide": ("torch.true_divide(x, y)", X, PLUS),
    "divide": ("[torch.divide(x, y, rounding_mode=m) for m in (None, 'floor', 'trunc')]", X, Y),
    "multiply": ("x.multiply(y)", X, Y), "subtract": ("torch.subtract(x, y, alpha=2)", X, Y),
    "rsub": ("torch.rsub(x, y, alpha=0.5)", X, Y), "negative": ("x.negative()", X),
    "positive": ("x.positive()", X), "absolute": ("x.absolute()", X),
    "clip": ("(x.clip(-0.5, 0.5), torch.clip(x, max=0.1))", X),
    "clamp_min": ("(x.clamp_min(0.2), torch.clamp_min(x, y))", X, Y),
    "clamp_max": ("(x.clamp_max(0.2), torch.clamp_max(x, y))", X, Y),
    "lerp": ("(torch.lerp(x, y, 0.3), torch.lerp(x, y, 0.8), x.lerp(y, y))", X, Y),
    "addcmul": ("torch.addcmul(x, x, y, value=3)", X, Y),
    "addcdiv": ("torch.addcdiv(x, y, x, value=0.5)", PLUS, Y),
    "erf": ("x.erf()", X), "erfc": ("x.erfc()", X), "erfinv": ("x.erfinv()", INSIDE),
    "sinc": ("x.sinc()", PLUS), "hypot": ("torch.hypot(x, y)", X, Y),
    "logit": ("(x.logit(), torch.logit(x, 0.3))", np.abs(INSIDE)),
    "xlogy": ("(torch.xlogy(x, y), torch.xlogy(2, y), x.xlogy(3))", X, np.abs(Y)),
    "nan_to_num": ("(x.nan_to_num(), torch.nan_to_num(x, 1, 2, 3))", np.array([nan, inf, -inf, 1])),
    "heaviside": ("torch.heaviside(x, y)", INTS, MORE), "deg2rad": ("x.deg2rad()", X),
    "rad2deg": ("x.rad2deg()", X),
    "float_power": ("(x.float_power(2), x.float_power(y), torch.float_power(2, x))", PLUS, Y),
    "fmax": ("torch.fmax(x, y)", *TIES), "fmin": ("torch.fmin(x, y)", *TIES),
    "bitwise_xor": ("torch.bitwise_xor(x, y)", INTS, MORE),
    "bitwise_left_shift": ("torch.bitwise_left_shift(x, y)", INTS, np.array([64, 63, -1, 2])),
    "bitwise_right_shift": ("torch.bitwise_right_shift(x, y)", INTS, np.array([64, 63, -1, 1])),
    "logical_and": ("torch.logical_and(x, y)", *TIES),
    "logical_or": ("torch.logical_or(x, y)", *TIES), "logical_xor": ("x.logical_xor(y)", *TIES),
    "logical_not": ("x.logical_not()", TIES[0]), "isfinite": ("x.isfinite()", TIES[0] / 0.0),
    "isinf": ("x.isinf()", TIES[0] / 0.0), "isposinf": ("x.isposinf()", np.array([inf, -inf, nan])),
    "isneginf": ("x.isneginf()", np.array([inf, -inf, nan])), "isreal": ("x.isreal()", X),
    "isclose": ("(x.isclose(y), torch.isclose(x, y, 0.1, 1, equal_nan=True))", *TIES),
    "signbit": ("x.signbit()", np.array([-0.0, 0.0, -inf, nan])),
    "copysign": ("(torch.copysign(x, y), x.copysign(-1))", X, Y), "less": ("x.less(y)", *TIES),
    "less_equal": ("x.less_equal(y)", *TIES), "greater": ("x.greater(y)", *TIES),
    "greater_equal": ("x.greater_equal(y)", *TIES), "not_equal": ("x.not_equal(y)", *TIES),
}  # fmt: skip
OF_ANY = (
    "sin", "sinh", "atan", "asinh", "exp2", "expm1", "log1p", "log2", "rsqrt", "reciprocal",
    "square", "erf", "erfc", "sinc", "sign", "floor", "ceil", "round", "trunc", "absolute",
    "positive", "negative", "deg2rad", "rad2deg", "logit", "nan_to_num", "isfinite", "isinf",
    "isposinf", "signbit", "logical_not", "isreal",
)  # fmt: skip
INT_TABLE = [
    *[f"x.{name}()" for name in OF_ANY],
    "x.fmod(3)", "x.remainder(-3)", "x.floor_divide(3)", "x.divide(2, rounding_mode='trunc')",
    "torch.divide(x, -2, rounding_mode='floor')", "x.clamp_min(1.5)", "x.clip(1, 2)",
    "torch.atan2(x, x)", "torch.copysign(x, -1)", "torch.rsub(x, 3, alpha=2)", "x.float_power(2)",
    "torch.addcmul(x, x, x, value=2)", "torch.xlogy(x, 2)", "torch.fmax(x, x)", "x.isclose(x)",
    "torch.logaddexp(x.float(), x.float())", "torch.bitwise_xor(x, 3)",
]  # fmt: skip


def test_every_name_of_the_room_is_there_and_has_an_example():
    listed = {
        *minigrad.ROOMS["minigrad.elementwise"].split(),
        *METHODS["minigrad.elementwise"].split(),
    }
    assert listed == set(TABLE)
    for name in listed:
        assert getattr(minigrad, name) is getattr(elementwise, name)
        assert getattr(elementwise, name).__doc__


@pytest.mark.parametrize("name", TABLE)
@np.errstate(all="ignore")
def test_beside_torch(torch, name):
    expression, *arrays = TABLE[name]
    agree(torch, expression, *arrays)


@pytest.mark.parametrize("expression", INT_TABLE)
@np.errstate(all="ignore")
def test_ints_beside_torch(torch, expression):
    agree(torch, expression, INTS, rtol=1e-6)


@pytest.mark.parametrize(
    "name", ["sign", "sin", "square", "isinf", "logical_not", "signbit", "erf"]
)
def test_bools_beside_torch(torch, name):
    agree(torch, f"x.{name}()", BOOLS, rtol=1e-6)


@pytest.mark.parametrize("name", TABLE)
@np.errstate(all="ignore")
def test_float32_beside_torch(torch, name):
    expression, *arrays = TABLE[name]
    small = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays]
    agree(torch, expression, *small, order=1, rtol=3e-5)


# --- special points ------------------------------------------------------------------------------

POINTS = np.array([0.0, -0.0, 1, -1, 2, 0.5, -0.5, 1.5, -2.5, 1e-9, 1e300, inf, -inf, nan, -745])
PAIRS = np.array(list(itertools.product(POINTS, POINTS))).T
OF_ONE = (
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "exp2",
    "expm1", "log2", "log10", "log1p", "rsqrt", "square", "reciprocal", "sign", "floor", "ceil",
    "round", "trunc", "frac", "absolute", "erf", "erfc", "erfinv", "nan_to_num", "signbit",
    "isfinite", "isinf", "isposinf", "isneginf", "logical_not",
)  # fmt: skip
OF_TWO = (
    "atan2", "hypot", "xlogy", "fmod", "remainder", "fmax", "fmin", "isclose", "logical_and",
    "logical_xor", "subtract",
)  # fmt: skip


@pytest.mark.parametrize("name", OF_ONE)
@np.errstate(all="ignore")
def test_special_points_of_one_value(torch, name):
    agree(torch, f"torch.{name}(x)", POINTS)


@pytest.mark.parametrize("name", OF_TWO)
@np.errstate(all="ignore")
def test_special_points_of_two_values(torch, name):
    pairs = PAIRS[:, abs(PAIRS[0]) != 1e300] if name in ("fmod", "remainder") else PAIRS
    agree(torch, f"torch.{name}(x, y)", *pairs, order=2 if name != "atan2" else 1)


@np.errstate(all="ignore")
def test_special_points_where_second_derivatives_are_better_here(torch):
    """PyTorch's are NaN at some of these."""
    for expression in ("x.sinc()", "x.logit()", "x.logit(0.1)", "x.copysign(-1)"):
        agree(torch, expression, POINTS, order=1)
    for expression in ("torch.logaddexp(x, y)", "torch.copysign(x, y)", "torch.float_power(x, y)"):
        agree(torch, expression, *PAIRS, order=1)
    for expression in ("torch.floor_divide(x, y)", "torch.heaviside(x, y)"):
        agree(torch, expression, *PAIRS, order=0)


def test_a_gradient_of_pieces_is_0_not_none():
    for function in (minigrad.sign, minigrad.floor, minigrad.ceil, minigrad.trunc, minigrad.round):
        x = minigrad.tensor([1.5, inf], requires_grad=True)
        (function(x) * inf).sum().backward()
        assert x.grad.tolist() == [0, 0]


# --- without PyTorch -----------------------------------------------------------------------------


def test_known_values():
    x = minigrad.tensor([0.0, 0.5, 1.0], dtype=minigrad.float64)
    np.testing.assert_allclose((math.pi * x).sin().tolist(), [0, 1, 0], atol=1e-15)
    np.testing.assert_allclose(x.erf().tolist(), [math.erf(v) for v in (0, 0.5, 1)], rtol=1e-15)
    assert minigrad.round(minigrad.tensor([0.5, 1.5, -2.5])).tolist() == [0, 2, -2]
    assert minigrad.remainder(minigrad.tensor([-7, 7]), 3).tolist() == [2, 1]
    assert minigrad.fmod(minigrad.tensor([-7, 7]), 3).tolist() == [-1, 1]
    assert minigrad.floor_divide(minigrad.tensor([-7, 7]), 2).tolist() == [-4, 3]
    assert minigrad.divide(minigrad.tensor([-7, 7]), 2, rounding_mode="trunc").tolist() == [-3, 3]


@pytest.mark.parametrize("name", ["sin", "tan", "atan", "asinh", "exp2", "erf", "sinc", "logit"])
def test_gradients_against_differences(name):
    x = minigrad.tensor([0.2, 0.7], dtype=minigrad.float64, requires_grad=True)
    assert gradcheck(getattr(minigrad, name), [x])


def test_the_second_derivative_of_sinc_at_0():
    x = minigrad.tensor(0.0, dtype=minigrad.float64, requires_grad=True)
    (slope,) = grad(minigrad.sinc(x), [x], create_graph=True)
    (curvature,) = grad(slope, [x])
    assert curvature.item() == pytest.approx(-(math.pi**2) / 3)


def test_keywords_as_in_torch():
    x, y = minigrad.tensor([1.0, -2.0]), minigrad.tensor([3.0, 4.0])
    assert minigrad.atan2(input=x, other=y).tolist() == minigrad.atan2(x, y).tolist()
    assert minigrad.remainder(input=x, other=3).tolist() == [1, 1]
    assert minigrad.logical_and(input=x, other=y).tolist() == [True, True]
    assert minigrad.lerp(input=x, end=y, weight=0.5).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda x: minigrad.remainder(x, 0), RuntimeError, "remainder: an int is divided by 0"),
        (lambda x: minigrad.fmod(x, 0), RuntimeError, "fmod: an int is divided by 0"),
        (lambda x: minigrad.floor_divide(x, x - x), RuntimeError, "divided by 0"),
        (lambda x: minigrad.divide(x, 0, rounding_mode="floor"), RuntimeError, "divided by 0"),
        (lambda x: minigrad.divide(x, 2, rounding_mode="up"), ValueError, '"trunc" or "floor"'),
        (lambda x: minigrad.floor(x > 0), TypeError, "floor: got bool"),
        (lambda x: minigrad.round(x, decimals=1), TypeError, "round: got int64"),
        (lambda x: minigrad.frac(x), TypeError, "frac of .*int64"),
        (lambda x: minigrad.bitwise_xor(x, 1.5), TypeError, "only ints and bools have bits"),
        (lambda x: minigrad.bitwise_left_shift(x.float(), 1), TypeError, "have bits"),
        (lambda x: minigrad.isclose(x, x.float()), TypeError, "the same dtype"),
        (lambda x: minigrad.isclose(x, x, rtol=-1), ValueError, "must not be negative"),
        (lambda x: minigrad.heaviside(x, x.float()), TypeError, "the same dtype"),
        (lambda x: minigrad.lerp(x, x, 0.5), TypeError, "lerp takes floats of one dtype"),
        (lambda x: minigrad.positive(x > 0), TypeError, "got bool"),
        (lambda x: minigrad.rsub(x > 0, 1), TypeError, "got bool"),
        (lambda x: minigrad.subtract(x, x, alpha=0.5), TypeError, "alpha must be an int, not 0.5"),
        (lambda x: minigrad.rsub(x, 1, alpha=True), TypeError, "alpha must be an int, not True"),
        (lambda x: minigrad.sin("a"), TypeError, "sin: expected a tensor or a number"),
        (lambda x: minigrad.square(2), TypeError, "square: expected a tensor"),
        (lambda x: minigrad.fmax(x, minigrad.ones(3)), ValueError, "fmax"),
    ],
)  # fmt: skip
def test_errors(call, kind, message):
    with pytest.raises(kind, match=message) as error:
        call(minigrad.tensor([6, -7]))
    assert "\n" not in str(error.value)


def test_a_gradient_of_0_stays_0_where_the_logarithm_is_nan():
    """As in PyTorch, whose rule of xlogy is xlogy."""
    x = minigrad.tensor([-1.0, 0.0, 2.0], requires_grad=True)
    (minigrad.xlogy(x, x.detach()) * minigrad.tensor([0.0, 1.0, 1.0])).sum().backward()
    assert x.grad.tolist() == [0, 0, pytest.approx(math.log(2))]

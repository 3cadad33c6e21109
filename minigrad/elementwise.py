"""Elementwise functions beside those of the course: composites, comparisons, bits, other names.

Ops with a rule of their own are in elementary.py. Shapes broadcast, and mixed dtypes are promoted.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import divisions, ops
from .compare import ge as greater_equal
from .compare import gt as greater
from .compare import isfinite, untracked
from .compare import le as less_equal
from .compare import lt as less
from .compare import ne as not_equal
from .dtypes import Array, as_array, float64, no_bools, number_in, promote, result_type
from .elementary import (
    acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, erf, erfc, erfinv, exp2, expm1, hypot,
    log1p, log2, log10, logaddexp, logit, rsqrt, sin, sinc, sinh, tan, xlogy,
)  # fmt: skip
from .errors import of_tensor
from .functions import clamp
from .graph import value_of
from .ops import abs as absolute
from .ops import add, cast, div, mul, pow, sub, where
from .ops import mul as multiply
from .ops import neg as negative
from .pieces import (
    ceil, copysign, div_floor, div_trunc, divisible, floor, fmax, fmin, fmod, nan_to_num, remainder,
    round, sign, trunc,
)  # fmt: skip

# --- other names of the same functions ---------------------------------------------------------

arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
arcsinh, arccosh, arctanh = asinh, acosh, atanh
fix, sgn, clip = trunc, sign, clamp


@of_tensor
def positive(input: Any) -> Any:
    """+x: x itself."""
    no_bools(value_of(input))
    return input


def subtract(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """x - alpha · y."""
    return sub(input, _scaled(other, alpha, input))


def rsub(input: Any, other: Any, alpha: float = 1) -> Any:
    """y - alpha · x: `sub` with its inputs exchanged."""
    no_bools(value_of(input))
    return sub(other, _scaled(input, alpha, other))


def _scaled(x: Any, alpha: Any, beside: Any) -> Any:
    """alpha · x. Raises TypeError for an alpha that would make floats of ints."""
    kind = result_type(value_of(x), value_of(beside)).kind
    if isinstance(alpha, bool) or isinstance(alpha, float) and kind != "f":
        raise TypeError(f"alpha must be {'a number' if kind == 'f' else 'an int'}, not {alpha}")
    return x if type(alpha) is int and alpha == 1 else mul(x, alpha)


# --- division ----------------------------------------------------------------------------------


def divide(input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """x / y; rounded toward 0 with the rounding mode "trunc", downward with "floor"."""
    if rounding_mode is None:
        return div(input, other)
    rounded = {"floor": div_floor, "trunc": div_trunc}.get(rounding_mode)
    if rounded is None:
        raise ValueError(f'div: rounding_mode is None, "trunc" or "floor", not {rounding_mode!r}')
    return rounded(input, other)


true_divide = divide


@untracked
def floor_divide(input: Any, other: Any) -> Any:
    """x / y rounded downward: without a gradient."""
    return divisions.floor_divide(*divisible("floor_divide", input, other))


# --- powers, and mixtures ----------------------------------------------------------------------


@of_tensor
def square(input: Any) -> Any:
    """x²."""
    return pow(input, 2)


@of_tensor
def reciprocal(input: Any) -> Any:
    """1 / x."""
    return div(1, input)  # type: ignore[call-overload]


def float_power(input: Any, exponent: Any) -> Any:
    """x to the power of y, as float64."""
    both = [cast(v, dtype=float64) if hasattr(v, "dtype") else v for v in (input, exponent)]
    x: Any = both[0]
    return pow(x, both[1])


@of_tensor
def lerp(input: Any, end: Any, weight: Any) -> Any:
    """From x, exactly at weight 0, to `end`, exactly at weight 1, and so on beyond."""
    dtypes = [getattr(value, "dtype", input.dtype) for value in (input, end, weight)]
    if dtypes != [input.dtype] * 3 or input.dtype.kind != "f":
        raise TypeError(f"lerp takes floats of one dtype, not {', '.join(map(str, dtypes))}")
    step, near = sub(end, input), np.abs(value_of(weight)) < 0.5
    if np.ndim(near) == 0:
        return add(input, mul(step, weight)) if near else sub(end, mul(step, 1 - weight))
    return where(near, add(input, mul(step, weight)), sub(end, mul(step, 1 - weight)))


@of_tensor
def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
    """x + value · t1 · t2."""
    product = mul(tensor1, tensor2)
    if product.dtype.kind in "iu":
        number_in(value, value_of(product).dtype)
    return add(input, product if value == 1 else mul(product, value))


@of_tensor
def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Any:
    """x + value · t1 / t2."""
    return add(input, mul(div(tensor1, tensor2), value))


@of_tensor
def frac(input: Any) -> Any:
    """The decimals of x: x - trunc(x); floats only."""
    if input.dtype.kind != "f":
        raise TypeError(f"frac of {input.dtype}: only floats have decimals")
    return sub(input, trunc(input))


@of_tensor
def deg2rad(input: Any) -> Any:
    """Degrees as radians."""
    return mul(input, math.pi / 180)


@of_tensor
def rad2deg(input: Any) -> Any:
    """Radians as degrees."""
    return mul(input, 180 / math.pi)


# --- limits ------------------------------------------------------------------------------------


@of_tensor
def clamp_min(input: Any, min: Any) -> Any:
    """x, but at least `min`."""
    return clamp(input, min)


@of_tensor
def clamp_max(input: Any, max: Any) -> Any:
    """x, but at most `max`."""
    return clamp(input, None, max)


@untracked
def heaviside(input: Array, values: Array) -> Any:
    """0 below 0, 1 above it, and `values` at 0."""
    if input.dtype != values.dtype:
        raise TypeError(f"{input.dtype} and {values.dtype}: both must have the same dtype")
    return np.where(input == 0, values, (input > 0).astype(input.dtype))


# --- what a number is --------------------------------------------------------------------------


@untracked
def isinf(input: Array) -> Any:
    """True where x is inf or -inf."""
    return np.isinf(input)


@untracked
def isposinf(input: Array) -> Any:
    """True where x is inf."""
    return input == math.inf


@untracked
def isneginf(input: Array) -> Any:
    """True where x is -inf."""
    return input == -math.inf


@untracked
def isreal(input: Array) -> Any:
    """True everywhere: there are no complex numbers."""
    return np.ones(input.shape, bool)


@untracked
def signbit(input: Array) -> Any:
    """True where x is negative, or -0."""
    return np.signbit(input) if input.dtype.kind == "f" else input < 0


@untracked
def isclose(
    input: Array, other: Array, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> Any:
    """True where |x - y| <= atol + rtol · |y|, or x and y are equal."""
    if input.dtype != other.dtype:
        raise TypeError(f"{input.dtype} and {other.dtype}: both must have the same dtype")
    if rtol < 0 or atol < 0:
        raise ValueError(f"rtol and atol must not be negative, got {rtol} and {atol}")
    return np.isclose(input, other, rtol, atol, equal_nan)


# --- logic and bits ----------------------------------------------------------------------------


@untracked
def logical_not(input: Array) -> Any:
    """True where x is 0."""
    return np.logical_not(input)


@untracked
def logical_and(input: Array, other: Array) -> Any:
    """True where neither of the two is 0."""
    return np.logical_and(input, other)


@untracked
def logical_or(input: Array, other: Array) -> Any:
    """True where one of the two is not 0."""
    return np.logical_or(input, other)


@untracked
def logical_xor(input: Array, other: Array) -> Any:
    """True where exactly one of the two is not 0."""
    return np.logical_xor(input, other)


@untracked
def bitwise_xor(input: Array, other: Array) -> Any:
    """x ^ y; for bools: exactly one of the two."""
    return np.bitwise_xor(*_bits(input, other))


@untracked
def bitwise_left_shift(input: Array, other: Array) -> Any:
    """x with its bits shifted to the left: x · 2ʸ."""
    x, y = _bits(input, other)
    no_bools(x)
    inside = (y >= 0) & (y < 8 * x.dtype.itemsize)
    return np.where(inside, np.left_shift(x, np.where(inside, y, 0)), 0).astype(x.dtype)


@untracked
def bitwise_right_shift(input: Array, other: Array) -> Any:
    """x with its bits shifted to the right: x / 2ʸ, rounded downward."""
    x, y = _bits(input, other)
    no_bools(x)
    most = 8 * x.dtype.itemsize - 1
    return np.right_shift(x, np.where((y >= 0) & (y <= most), y, most).astype(x.dtype))


def _bits(x: Any, y: Any) -> Any:
    """x and y promoted. Raises TypeError for floats."""
    x, y = (as_array(v) for v in promote(x, y))
    if x.dtype.kind == "f":
        raise TypeError("only ints and bools have bits: compare floats first")
    return x, y

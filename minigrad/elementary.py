"""Ops of the elementary functions that the course does without: trigonometry, logarithms, erf …

They are written as in ops.py: a forward in NumPy and, under it, its rule. Ints are converted to
float32, angles are in radians.
"""

from __future__ import annotations

import math

import numpy as np

from . import error_function
from .dtypes import as_float, as_floats
from .graph import op, value_of
from .ops import exp, sigmoid, where


# --- trigonometric and hyperbolic functions ----------------------------------------------------


@op
def sin(x):
    """The sine."""
    return np.sin(as_float(x))
@sin.backward
def _(g, out, x):
    return (g * cos(x),)


@op
def cos(x):
    """The cosine."""
    return np.cos(as_float(x))
@cos.backward
def _(g, out, x):
    return (-g * sin(x),)


@op
def tan(x):
    """The tangent: sin x / cos x."""
    return np.tan(as_float(x))
@tan.backward
def _(g, out, x):
    return (g * (1 + out * out),)


@op
def asin(x):
    """The angle from -π/2 to π/2 with sine x; NaN outside -1 to 1."""
    return np.arcsin(as_float(x))
@asin.backward
def _(g, out, x):
    return (g * rsqrt(1 - x * x),)


@op
def acos(x):
    """The angle from 0 to π with cosine x; NaN outside -1 to 1."""
    return np.arccos(as_float(x))
@acos.backward
def _(g, out, x):
    return (-g * rsqrt(1 - x * x),)


@op
def atan(x):
    """The angle from -π/2 to π/2 with tangent x."""
    return np.arctan(as_float(x))
@atan.backward
def _(g, out, x):
    return (g / (1 + x * x),)


@op
def atan2(y, x):
    """The angle from -π to π of the point (x, y), from the positive x axis."""
    return np.arctan2(*as_floats(y, x))
@atan2.backward
def _(g, out, y, x):
    square = x * x + y * y
    scale = where(square == 0, 0, g / where(square == 0, 1, square))
    return lambda: scale * x, lambda: -scale * y


@op
def sinh(x):
    """(eˣ - e⁻ˣ) / 2."""
    return np.sinh(as_float(x))
@sinh.backward
def _(g, out, x):
    return (g * cosh(x),)


@op
def cosh(x):
    """(eˣ + e⁻ˣ) / 2."""
    return np.cosh(as_float(x))
@cosh.backward
def _(g, out, x):
    return (g * sinh(x),)


@op
def asinh(x):
    """The inverse of sinh."""
    return np.arcsinh(as_float(x))
@asinh.backward
def _(g, out, x):
    return (g * rsqrt(x * x + 1),)


@op
def acosh(x):
    """The inverse of cosh, not negative; NaN for x below 1."""
    return np.arccosh(as_float(x))
@acosh.backward
def _(g, out, x):
    return (g * rsqrt(x * x - 1),)


@op
def atanh(x):
    """The inverse of tanh; NaN outside -1 to 1."""
    return np.arctanh(as_float(x))
@atanh.backward
def _(g, out, x):
    return (g / (1 - x * x),)


@op
def sinc(x):
    """sin πx / πx, and 1 at 0."""
    x = np.pi * as_float(x)
    return np.where(x == 0, 1, np.sin(x) / np.where(x == 0, 1, x))
@sinc.backward
def _(g, out, x):
    z = where(x == 0, 1, x)
    return (g * where(x == 0, x * (-(np.pi**2) / 3), (cos(np.pi * z) - sinc(z)) / z),)


@op
def hypot(x, y):
    """√(x² + y²), without overflow."""
    return np.hypot(*as_floats(x, y))
@hypot.backward
def _(g, out, x, y):
    return lambda: g * (x / out), lambda: g * (y / out)


# --- exponentials and logarithms ---------------------------------------------------------------


@op
def exp2(x):
    """2 to the power of x."""
    return np.exp2(as_float(x))
@exp2.backward
def _(g, out, x):
    return (g * out * math.log(2),)


@op
def expm1(x):
    """eˣ - 1, accurate near 0."""
    return np.expm1(as_float(x))
@expm1.backward
def _(g, out, x):
    return (g * (out + 1),)


@op
def log2(x):
    """The logarithm to base 2."""
    return np.log2(as_float(x))
@log2.backward
def _(g, out, x):
    return (g / (x * math.log(2)),)


@op
def log10(x):
    """The logarithm to base 10."""
    return np.log10(as_float(x))
@log10.backward
def _(g, out, x):
    return (g / (x * math.log(10)),)


@op
def log1p(x):
    """log(1 + x), accurate near 0."""
    return np.log1p(as_float(x))
@log1p.backward
def _(g, out, x):
    return (g / (x + 1),)


@op
def logaddexp(x, y):
    """log(eˣ + eʸ), without overflow."""
    x, y = as_floats(x, y)
    apart = np.where(x == y, 0, x - y)  # inf - inf, too; np.logaddexp takes ten times as long
    return np.maximum(x, y) + np.log1p(np.exp(-np.abs(apart)))
@logaddexp.backward
def _(g, out, x, y):
    return lambda: g * sigmoid(x - y), lambda: g * sigmoid(y - x)


@op
def xlogy(x, y):
    """x · log y; 0 where x is 0, unless y is NaN."""
    x, y = as_floats(x, y)
    product = x * np.log(y)
    return np.where((x == 0) & ~np.isnan(y), 0, product).astype(product.dtype)
@xlogy.backward
def _(g, out, x, y):
    empty, one = (x == 0) & (y <= 0), np.ones((), value_of(out).dtype)
    return lambda: where(empty, 0, xlogy(g, where(empty, one, y))), lambda: g * x / y


@op
def logit(x, *, eps=None):
    """log(x / (1 - x)), the inverse of sigmoid; with eps, x is first limited to eps … 1 - eps."""
    x = as_float(x) if eps is None else np.clip(as_float(x), eps, 1 - eps)
    return np.log(x / (1 - x))
@logit.backward
def _(g, out, x, *, eps=None):  # outside, it is NaN or, with eps, 0
    low, beyond = (0, math.nan) if eps is None else (eps, 0)
    inside = (x >= low) & (x <= 1 - low)
    z = where(inside, x, 0.5)
    return (where(inside, g / (z * (1 - z)), beyond),)


@op
def rsqrt(x):
    """1 / √x."""
    return 1 / np.sqrt(as_float(x))
@rsqrt.backward
def _(g, out, x):
    return (-g / 2 * (out * out * out),)


@op
def erf(x):
    """The error function, 2/√π · ∫ e^-t² dt from 0 to x: from -1 to 1."""
    return error_function.erf(as_float(x))
@erf.backward
def _(g, out, x):
    return (g * (2 / math.sqrt(math.pi)) * exp(-(x * x)),)


@op
def erfc(x):
    """1 - erf(x), to full precision also where it is close to 0."""
    return error_function.erfc(as_float(x))
@erfc.backward
def _(g, out, x):
    return (-g * (2 / math.sqrt(math.pi)) * exp(-(x * x)),)


@op
def erfinv(x):
    """The inverse of erf: ±inf at ±1, NaN beyond."""
    return error_function.erfinv(as_float(x))
@erfinv.backward
def _(g, out, x):
    return (g * (math.sqrt(math.pi) / 2) * exp(out * out),)

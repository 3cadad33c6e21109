"""Ops that are constant or linear, piece by piece: sign, floor, round, remainder, fmax …

They are written as in ops.py: a forward in NumPy and, under it, its rule.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import divisions
from .compare import ge, isfinite, isnan, le
from .dtypes import as_array, as_floats, no_bools, only_floats, promote
from .graph import Node, Op, op
from .ops import where


def nothing(g):
    """A gradient of zeros: that of what is constant piece by piece."""
    zeros = np.zeros(g.shape, g.dtype)
    return Op.node(zeros) if isinstance(g, Node) else zeros


@op
def sign(x):
    """-1, 0 or 1: the sign of x, with a gradient of 0."""
    x = as_array(x)
    if x.dtype.kind == "b":
        return x.copy()
    signs = np.sign(x)
    return np.where(np.isnan(x), signs.dtype.type(0), signs) if np.isnan(signs).any() else signs
@sign.backward
def _(g, out, x):
    return (nothing(g),)


def whole(rounded, x):
    """A rounded x, in its dtype. Raises TypeError for bools."""
    no_bools(x)
    x = as_array(x)
    return rounded(x) if x.dtype.kind == "f" else x.copy()


@op
def floor(x):
    """The largest whole number that is not above x."""
    return whole(np.floor, x)
floor.backward(sign.rule)


@op
def ceil(x):
    """The smallest whole number that is not below x."""
    return whole(np.ceil, x)
ceil.backward(sign.rule)


@op
def trunc(x):
    """x without its decimals: rounded toward 0."""
    return whole(np.trunc, x)
trunc.backward(sign.rule)


@op
def round(x, *, decimals=0):
    """x rounded to a number of decimals, ties to the even digit; ints have no decimals."""
    if not decimals:
        return whole(np.rint, x)
    scale = 10.0 ** abs(decimals)
    x = only_floats(x)
    return np.rint(x * scale) / scale if decimals > 0 else np.rint(x / scale) * scale
@round.backward
def _(g, out, x, *, decimals=0):
    return (nothing(g),)


def divisible(name: str, x: Any, y: Any) -> tuple[Any, Any]:
    """x and y promoted. Raises TypeError for bools, RuntimeError if an int is divided by 0."""
    x, y = promote(x, y)
    dtype = np.result_type(x, y)
    if dtype.kind == "b":
        raise TypeError("got bools: convert with float() or long() first")
    if dtype.kind in "iu" and not np.all(y):
        raise RuntimeError(f"{name}: an int is divided by 0 (ZeroDivisionError)")
    return x, y


@op
def div_floor(x, y):
    """x / y, rounded downward."""
    return divisions.floor_divide(*divisible("div", x, y))
@div_floor.backward
def _(g, out, x, y):
    return lambda: nothing(g), lambda: nothing(g)


@op
def div_trunc(x, y):
    """x / y, rounded toward 0."""
    x, y = divisible("div", x, y)
    out = np.trunc(x / y) if np.result_type(x, y).kind == "f" else np.floor_divide(x, y)
    return out if out.dtype.kind == "f" else out + ((out < 0) & (out * y != x))
div_trunc.backward(div_floor.rule)


@op
def fmod(x, y):
    """The remainder of x / y with the sign of x: x - y · trunc(x / y)."""
    x, y = divisible("fmod", x, y)
    return divisions.fmod(x, y)
@fmod.backward
def _(g, out, x, y):
    return lambda: g, lambda: -g * div_trunc(x, y)


@op
def remainder(x, y):
    """The remainder of x / y with the sign of y: x - y · floor(x / y)."""
    x, y = divisible("remainder", x, y)
    return divisions.remainder(x, y)
@remainder.backward
def _(g, out, x, y):
    return lambda: g, lambda: -g * div_floor(x, y)


@op
def nan_to_num(x, *, nan=None, posinf=None, neginf=None):
    """x with NaN as 0 and ±inf as the largest and smallest number of the dtype, or as given."""
    return np.nan_to_num(x, nan=0 if nan is None else nan, posinf=posinf, neginf=neginf)
@nan_to_num.backward
def _(g, out, x, *, nan=None, posinf=None, neginf=None):
    return (where(isfinite(x), g, 0),)


@op
def fmax(x, y):
    """The larger of x and y, elementwise; the other one, if one is NaN."""
    return np.fmax(*promote(x, y))
@fmax.backward
def _(g, out, x, y):
    first = ge(x, y) | isnan(y)
    return lambda: where(first, g, 0), lambda: where(first, 0, g)


@op
def fmin(x, y):
    """The smaller of x and y, elementwise; the other one, if one is NaN."""
    return np.fmin(*promote(x, y))
@fmin.backward
def _(g, out, x, y):
    first = le(x, y) | isnan(y)
    return lambda: where(first, g, 0), lambda: where(first, 0, g)


@op
def copysign(x, y):
    """|x| with the sign of y."""
    return np.copysign(*as_floats(x, y))
@copysign.backward
def _(g, out, x, y):
    return lambda: g * where(x == 0, 0, out / where(x == 0, 1, x)), lambda: nothing(g)

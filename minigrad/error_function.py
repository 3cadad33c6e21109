"""The error function erf, its complement erfc and its inverse, on float arrays.

Each is a Taylor polynomial around the nearest of many tabulated points: a few passes over the
array, without branches, accurate to about the last bit.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

from .dtypes import Array

PART = 1 << 14  # how many elements are computed at once, so that each pass finds them in the cache


def erf(x: Array) -> Array:
    """2/√π · ∫ e^-t² dt from 0 to x: from -1 to 1."""
    points, limit, degree = (256, 6, 5) if x.dtype.itemsize > 4 else (256, 4, 3)
    table = _erf_table(points, limit, degree, x.dtype)
    out = _in_parts(x, lambda part: _taylor(part, table, points, -limit, limit))
    return np.copysign(out, x)  # of -0, too


def erfc(x: Array) -> Array:
    """1 - erf(x), to full precision also where erf(x) is close to 1."""
    return _in_parts(x.astype(np.float64), _erfc).astype(x.dtype)


def erfinv(y: Array) -> Array:
    """The x with erf(x) = y; ±inf at ±1, NaN beyond."""
    return _in_parts(y.astype(np.float64), _erfinv).astype(y.dtype)


def _in_parts(x: Array, function: Callable[[Array], Array]) -> Array:
    """function(x), for a function of 1-D arrays, part by part."""
    flat = x.reshape(-1)
    out = np.empty_like(flat)
    with np.errstate(all="ignore"):
        for i in range(0, flat.size, PART):
            out[i : i + PART] = function(flat[i : i + PART])
    return out.reshape(x.shape)


def _taylor(x: Array, table: tuple[Array, ...], points: int, first: int, last: int) -> Array:
    """A tabulated function of x clipped to [first, last], with so many points per unit."""
    d = np.clip(x, first, last)
    d *= points
    nearest = np.rint(d)
    d -= nearest  # in units of the distance of two points
    at = nearest.astype(np.intp)
    at -= first * points
    out = table[-1].take(at, mode="clip")  # NaN has no place, but its d is NaN
    for coefficients in table[-2::-1]:
        out *= d
        out += coefficients.take(at, mode="clip")
    return out


@functools.cache
def _erf_table(points: int, limit: int, degree: int, dtype: np.dtype) -> tuple[Array, ...]:
    """Taylor coefficients of erf at every point; those of e^-x² are Hermite polynomials."""
    x = np.arange(-limit * points, limit * points + 1) / points
    slopes = [2 / math.sqrt(math.pi) * np.exp(-x * x)]
    for n in range(1, degree):  # the n-th derivative of the slope
        slopes.append(-2 * (x * slopes[-1] + (n - 1) * (slopes[-2] if n > 1 else 0)))
    table = [np.array([math.erf(v) for v in x])]
    table += [s / math.factorial(n) / points**n for n, s in enumerate(slopes, 1)]
    return tuple([column.astype(dtype) for column in table])


def _erfc(x: Array) -> Array:
    """e^-x² · erfcx(x) from 0.5 on, 1 - erf(x) below."""
    far = np.abs(x)
    head = far.astype(np.float32).astype(np.float64)  # head² is exact
    tail = np.exp(-head * head) * np.exp((head - far) * (head + far))
    tail *= _taylor(far, _erfcx_table(), 64, 0, 28)
    tail[far > 28] = 0
    tail[x < 0] = 2 - tail[x < 0]
    near = far < 0.5
    tail[near] = 1 - erf(x[near])
    return tail


@functools.cache
def _erfcx_table() -> tuple[Array, ...]:
    """Taylor coefficients of erfcx(x) = e^x² · erfc(x), by f' = 2x f - 2/√π, at 64 points per 1."""
    x = np.arange(28 * 64 + 1) / 64
    fraction = x + 0.0
    for n in range(120, 0, -1):  # the continued fraction x + 1/2/(x + 2/2/(x + 3/2/(x + …
        fraction = x + n / 2 / np.maximum(fraction, 1 / 64)
    near = np.array([math.exp(v * v) * math.erfc(v) for v in x[: 3 * 64]])
    f = np.concatenate([near, 1 / math.sqrt(math.pi) / fraction[3 * 64 :]])
    table = [f, 2 * x * f - 2 / math.sqrt(math.pi)]
    for n in range(2, 8):  # f⁽ⁿ⁾ = 2x f⁽ⁿ⁻¹⁾ + 2(n - 1) f⁽ⁿ⁻²⁾
        table.append(2 * x * table[-1] + 2 * (n - 1) * table[-2])
    return tuple([c / math.factorial(n) / 64**n for n, c in enumerate(table)])


def _erfinv(y: Array) -> Array:
    """Winitzki's estimate (2008), to 0.2 %, and two steps of Halley's method, which cube the error.

    From 0.75 on with erfc, since 1 - y is exact there.
    """
    size = np.abs(y)
    log = np.log1p(-size * size) / 2
    a = 2 / (math.pi * 0.147) + log
    x = np.sqrt(np.sqrt(a * a - 2 * log / 0.147) - a)
    near = size < 0.75
    for part in (near, ~near):
        z, wanted = x[part], size[part]
        for _ in range(2):
            error = erf(z) - wanted if part is near else (1 - wanted) - _erfc(z)
            error /= 2 / math.sqrt(math.pi) * np.exp(-z * z)
            z -= error / (1 + z * error)
        x[part] = z
    x = np.where(size == 1, math.inf, np.where(size == 0, 0, x))
    return np.copysign(np.where(size > 1, math.nan, x), y)

"""Fast NumPy for remainders and rounded quotients: docstrings open with the NumPy they equal."""

from __future__ import annotations

from typing import Any

import numpy as np

from .dtypes import Array, float64

PART = 1 << 16  # elements that are computed at once, so that each pass finds them in the cache
FEW = 1 << 10  # elements for which NumPy is as fast
SURE = float(1 << 24)  # up to this quotient, float64 holds all products exactly
HEAD = np.int64(-1 << 27)  # a mask: the bits of a float64 that leave 26 digits


def fmod(x: Any, y: Any) -> Any:
    """np.fmod(x, y)."""
    return _by_quotients(np.fmod, x, y)


def remainder(x: Any, y: Any) -> Any:
    """np.remainder(x, y)."""
    return _by_quotients(np.remainder, x, y)


def floor_divide(x: Any, y: Any) -> Any:
    """np.floor_divide(x, y)."""
    return _by_quotients(np.floor_divide, x, y)


def _by_quotients(plain: np.ufunc, x: Any, y: Any) -> Any:
    """plain(x, y); of many floats by quotients in float64, because NumPy divides bit by bit."""
    if max(getattr(x, "size", 1), getattr(y, "size", 1)) < FEW:
        return plain(x, y)
    if (dtype := np.result_type(x, y)).kind != "f":
        return plain(x, y)
    arrays = [np.asarray(value, dtype) for value in (x, y)]
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    flat = [np.broadcast_to(a, shape).reshape(-1) for a in arrays]
    out = np.empty(flat[0].size, dtype)
    for i in range(0, out.size, PART):
        given = [array[i : i + PART] for array in flat]
        a, b = (array.astype(float64, copy=False) for array in given)
        found = _exactly(plain, a, b, dtype == float64)
        if found is None:
            found = plain(*given)
        out[i : i + PART] = found
    return out.reshape(shape)


def _exactly(plain: np.ufunc, x: Array, y: Array, long: bool) -> Array | None:
    """plain(x, y), by x - q * y; None if a quotient is too large, or a number not finite.

    long  numbers have more digits than float32: y is taken in two parts, whose products are exact,
          and q may have been rounded up to a whole number
    """
    q = np.divide(x, y)
    if not (q.min() > -SURE and q.max() < SURE):
        return None
    np.trunc(q, q)
    if long:
        head = (y.view(np.int64) & HEAD).view(float64)
        r = x - q * head
        r -= q * (y - head)
        beyond = r * x < 0
        if beyond.any():
            q -= np.where(beyond, np.copysign(1, q), 0)
            r += np.where(beyond, np.copysign(y, x), 0)
    else:
        r = x - q * y
    if np.isnan(np.add.reduce(r)):  # 0 · inf
        return None
    if plain is np.fmod:
        return np.copysign(r, x, r)
    other = (r < 0) != (y < 0)
    other &= r != 0
    if plain is np.floor_divide:
        return np.subtract(q, other, q)
    r += other * y
    return np.copysign(r, y, r)

"""Fast NumPy for remainders and rounded quotients: docstrings open with the NumPy they equal."""

from __future__ import annotations

from typing import Any

import numpy as np

from .dtypes import Array, float32

PART = 1 << 13  # elements that are computed at once, so that each pass finds them in the cache
FEW = 1 << 10  # elements for which NumPy is as fast
SURE = float(1 << 28)  # below it, a quotient of float32 is not rounded to the next whole number


def fmod(x: Any, y: Any) -> Any:
    """np.fmod(x, y)."""
    return _by_quotients(np.fmod, np.trunc, x, y)


def remainder(x: Any, y: Any) -> Any:
    """np.remainder(x, y)."""
    return _by_quotients(np.remainder, np.floor, x, y)


def floor_divide(x: Any, y: Any) -> Any:
    """np.floor_divide(x, y)."""
    return _by_quotients(np.floor_divide, np.floor, x, y)


def _by_quotients(plain: np.ufunc, rounded: np.ufunc, x: Any, y: Any) -> Any:
    """plain(x, y); for many float32 by quotients in float64, because NumPy divides bit by bit."""
    if max(np.size(x), np.size(y)) < FEW or np.result_type(x, y) != float32:
        return plain(x, y)
    arrays = [np.asarray(value, float32) for value in (x, y)]
    shape = np.broadcast_shapes(*[a.shape for a in arrays])
    flat = [np.broadcast_to(a, shape).reshape(-1) for a in arrays]
    out, quotients = np.empty(flat[0].size, float32), np.empty(PART)
    for i in range(0, out.size, PART):
        a, b, found = (array[i : i + PART] for array in (*flat, out))
        q = np.divide(a, b, quotients[: a.size], dtype=float)
        if not (q.min() > -SURE and q.max() < SURE):
            plain(a, b, found)
            continue
        rounded(q, q)
        if plain is np.floor_divide:
            found[...] = q
        elif not _remainder(a, b, q, a if plain is np.fmod else b, found):
            plain(a, b, found)
    return out.reshape(shape)


def _remainder(x: Array, y: Array, quotient: Array, signed: Array, out: Array) -> bool:
    """out[...] = x - quotient * y, which float64 holds exactly, and 0 with a sign.

    False if a number is not finite: 0 · inf is NaN.
    """
    quotient *= y
    np.subtract(x, quotient, quotient)
    out[...] = quotient
    if np.isnan(np.add.reduce(quotient)):
        return False
    if (zero := out == 0).any():
        np.copysign(out, signed, out, where=zero)
    return True

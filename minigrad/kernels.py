"""Fast NumPy: each function's docstring opens with the plain NumPy that it equals."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from .dtypes import Array, int64

VIEWS = {int, slice, type(None), type(...)}


def select(condition: Array, x: Any, y: Any) -> Array:
    """x where the condition holds, y elsewhere: np.where, but for floats without a branch.

    Where a condition is as good as random, the processor guesses wrong at each second element;
    to pick bits takes a tenth of the time. Small arrays np.where has done before that counts.
    """
    if condition.size < 1 << 12 or (dtype := np.result_type(x, y)).kind != "f":
        return np.where(condition, x, y)
    x, y, bits = np.asarray(x, dtype), np.asarray(y, dtype), np.dtype(f"i{dtype.itemsize}")
    ones = condition.astype(bits)
    np.negative(ones, ones)  # every bit set where the condition holds
    x, y = x.view(bits), y.view(bits)
    out = ones if x.shape == ones.shape else None
    picked = y ^ ((x ^ y) & ones) if y.ndim or y else np.bitwise_and(x, ones, out)
    return picked.view(dtype)


def add_up(x: Array, over: tuple[int, ...], keepdims: Any = False) -> Array:
    """The sum over dims: of floats over the first or the last of them as a product with ones.

    The BLAS is faster at that. A sum over more than some thousand elements in a row stays
    np.add.reduce's, which adds them up in pairs and so rounds less.
    """
    n, lead = len(over), x.ndim - len(over)
    if x.dtype.kind == "f" and 0 < n < x.ndim and x.size:
        if over == tuple(range(lead, x.ndim)) and (of := math.prod(x.shape[lead:])) <= 1 << 14:
            shape = x.shape[:lead] + (1,) * n if keepdims else x.shape[:lead]
            return x.reshape(-1, of).dot(_ones(of, x.dtype)).reshape(shape)
        if over == tuple(range(n)):
            of = math.prod(x.shape[:n])
            shape = (1,) * n + x.shape[n:] if keepdims else x.shape[n:]
            return _ones(of, x.dtype).dot(x.reshape(of, -1)).reshape(shape)
    return np.add.reduce(x, over, keepdims=keepdims)


def largest(x: Array, over: tuple[int, ...]) -> Array:
    """The largest of the floats over some dims, which are kept as 1; of none it is -inf.

    In a row NumPy is faster to find where it is than to say what it is; in short rows, to go over
    all of them at once, from one element to the next.
    """
    if over == (x.ndim - 1,) and x.size:
        rows = x.reshape(-1, x.shape[-1])
        if rows.shape[1] <= 32:
            most = np.maximum.reduce(rows.T.copy())
        else:
            most = rows[np.arange(len(rows)), rows.argmax(1)]
        return most.reshape(*x.shape[:-1], 1)
    return np.maximum.reduce(x, over, keepdims=True, initial=-np.inf)


@functools.lru_cache(maxsize=64)
def _ones(size: int, dtype: np.dtype) -> Array:
    return np.ones(size, dtype)


def parts(x: Array, over: tuple[int, ...]) -> list[Any]:
    """Indices of parts of x small enough for the cache, for what goes over it more than once.

    x is cut along its first dim; if that one is in `over`, not at all.
    """
    if 0 in over or x.ndim == 0:
        return [...]
    rows = max(1, (1 << 16) * len(x) // max(x.size, 1))
    return [slice(i, i + rows) for i in range(0, len(x), rows)]


def picks_view(index: Any) -> bool:
    """Whether x[index] is a view or a single number: of slices, ints, None and …"""
    return VIEWS.issuperset(map(type, index if isinstance(index, tuple) else (index,)))


def add_at(total: Array, index: Any, x: Array) -> None:
    """total[index] += x, counting an element as often as the index names it."""
    if picks_view(index):
        there = total[index]
        if isinstance(there, Array):
            there += x
        else:
            total[index] = there + x
        return
    ids = isinstance(index, Array) and index.dtype == int64
    if ids and total.ndim == 2 and total.flags.c_contiguous:
        add_rows(total, index.ravel(), x.reshape(-1, total.shape[1]))
    else:
        np.add.at(total, index, x)


def add_rows(total: Array, rows: Array, x: Array) -> None:
    """total[rows] += x, for a matrix whose rows lie one behind the other.

    Each number by itself, for np.add.at is several times as fast with one dim as with more; and
    floats two by two, as the two parts of complex numbers.
    """
    width, x = total.shape[1], x.ravel()
    if x.dtype == total.dtype and total.dtype.kind == "f" and width % 2 == 0:
        pair = np.dtype(f"c{2 * total.itemsize}")
        total, x, width = total.view(pair), x.view(pair), width // 2
    numbers = rows[:, None] % len(total) * width + np.arange(width)
    np.add.at(total.reshape(-1), numbers.ravel(), x)


def open_grid(shape: tuple[int, ...]) -> list[Array]:
    """Indices that name each element of a shape, and broadcast together (np.ogrid, but faster)."""
    return [np.arange(n).reshape(-1, *[1] * (len(shape) - d - 1)) for d, n in enumerate(shape)]


def outside(indices: Array, size: int) -> Array:
    """Those of the int64 indices that lie not from 0 to size - 1."""
    return indices[indices.view(np.uint64) >= size]  # unsigned, a negative one is very large


def exps(x: Array, dim: int) -> tuple[Array, Array, Array]:
    """e = np.exp(x - x.max(dim, keepdims=True)), and e.sum(dim) and x.max(dim).

    Part by part, so that each pass over a part finds it in the cache; and as rows, which the BLAS
    adds up fast and with little rounding. This is 1.2 to 1.5 times as fast as the plain lines.
    """
    moved = x if dim == x.ndim - 1 else np.moveaxis(x, dim, -1)
    rows = moved.reshape(-1, x.shape[dim])
    e, total, top = (np.empty(shape, x.dtype) for shape in (rows.shape, len(rows), len(rows)))
    for part in parts(rows, (1,)):
        most = largest(rows[part], (1,))
        y = np.subtract(rows[part], most, e[part])
        total[part], top[part] = add_up(np.exp(y, y), (1,)), most[:, 0]
    e, shape = e.reshape(moved.shape), moved.shape[:-1]
    e = e if moved is x else np.moveaxis(e, -1, dim)
    return e, total.reshape(shape), top.reshape(shape)

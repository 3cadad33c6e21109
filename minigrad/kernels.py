"""Fast NumPy: each function's docstring opens with the plain NumPy that it equals."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from .dtypes import Array, int64

VIEWS = {int, slice, type(None), type(...)}


def select(condition: Array, x: Any, y: Any) -> Array:
    """np.where(condition, x, y); branch-free for large float arrays.

    With a random mask the branch predictor misses every second element; selecting bits takes a tenth of the time. For small arrays plain np.where is faster.
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
    """np.sum over dims. For floats, over leading or trailing dims, computed as a product with ones.

    The BLAS is faster at that. Rows longer than 2**14 use np.add.reduce, whose pairwise summation has a smaller rounding error.
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
    """np.max over dims with keepdims=True; -inf where there is nothing to compare.

    Along a row NumPy's argmax is faster than its max. For short rows it is faster to reduce the transposed copy.
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
    """Slices of x that fit the cache, for computations that pass over x several times.

    x is sliced along its first dim, unless that dim is in `over`.
    """
    if 0 in over or x.ndim == 0:
        return [...]
    rows = max(1, (1 << 16) * len(x) // max(x.size, 1))
    return [slice(i, i + rows) for i in range(0, len(x), rows)]


def picks_view(index: Any) -> bool:
    """Whether x[index] is a view or a single number: of slices, ints, None and …"""
    return VIEWS.issuperset(map(type, index if isinstance(index, tuple) else (index,)))


def add_at(total: Array, index: Any, x: Array) -> None:
    """total[index] += x, where repeated indices accumulate (np.add.at)."""
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
    """total[rows] += x with repeated rows accumulated, for a C-contiguous matrix.

    np.add.at is several times faster on 1-D arrays, so the matrix is flattened; and floats are added in pairs, viewed as complex numbers, which halves the count.
    """
    width, x = total.shape[1], x.ravel()
    if x.dtype == total.dtype and total.dtype.kind == "f" and width % 2 == 0:
        pair = np.dtype(f"c{2 * total.itemsize}")
        total, x, width = total.view(pair), x.view(pair), width // 2
    numbers = rows[:, None] % len(total) * width + np.arange(width)
    np.add.at(total.reshape(-1), numbers.ravel(), x)


def open_grid(shape: tuple[int, ...]) -> list[Array]:
    """np.ogrid for a shape, but faster."""
    return [np.arange(n).reshape(-1, *[1] * (len(shape) - d - 1)) for d, n in enumerate(shape)]


def outside(indices: Array, size: int) -> Array:
    """The indices (int64) that are outside 0 … size - 1."""
    return indices[indices.view(np.uint64) >= size]  # as unsigned, a negative index is huge

"""Fast NumPy for sums and extremes along dims: docstrings open with what the function equals.

NumPy computes along a short last dim row by row, which is slow. Transposed, part by part in the
processor's cache, many short rows are a few long columns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .dtypes import Array, float64
from .kernels import add_up, largest, row_of_ones

PART = 1 << 16  # elements that are computed at once
FEW = 1 << 10  # elements whose softmax along the last dim takes a fifth less time as a matrix
SHORT = 64  # rows of at most so many are taken as columns


def blocks(x: Array) -> Iterator[tuple[slice, slice]]:
    """Indices that divide a matrix into parts of about PART elements, along its memory."""
    n, m = x.shape
    if x.strides[0] < x.strides[1]:
        height = min(n, PART)
        width = max(1, PART // max(height, 1))
    else:
        width = min(m, 1 << 10)
        height = max(1, PART // max(width, 1))
    for j in range(0, m, width):
        yield from [(slice(i, i + height), slice(j, j + width)) for i in range(0, n, height)]


def as_columns(x: Array, over: tuple[int, ...]) -> Array:
    """x as a matrix, its dims `over` merged into the first dim, the others into the second."""
    others = [d for d in range(x.ndim) if d not in over]
    n, m = (math.prod([x.shape[d] for d in some]) for some in (over, others))
    return x.transpose(*over, *others).reshape(n, m)


def variance(
    x: Array, over: tuple[int, ...], correction: float, keepdims: bool, root: bool = False
) -> Array:
    """np.var(x, over, ddof=correction, keepdims=keepdims); with root=True, np.std(…).

    float32 is summed in float64, where squares do not overflow. The sums are of differences from
    about the mean, or from the first number, which is within √n standard deviations of it.
    """
    columns, kept = as_columns(x, over), [1 if d in over else n for d, n in enumerate(x.shape)]
    n, m = columns.shape
    with np.errstate(all="ignore"):
        about = columns[0] if n else np.zeros(m, x.dtype)  # so equal numbers have variance 0
        if x.dtype == float64 and n:
            about = about + add_up(columns - about, (0,)) / n
        first, second = np.zeros((2, m))  # the sums of x - about, and of its squares
        order: Any = "C" if n <= SHORT else "K"
        for i, j in blocks(columns):
            d = np.subtract(columns[i, j], about[j], dtype=float64, order=order)
            first[j] += np.add.reduce(d, 0)
            np.multiply(d, d, d)
            second[j] += np.add.reduce(d, 0)
        second -= first * first / n
        found = np.maximum(second, 0) / max(n - correction, 0)
        found = (np.sqrt(found) if root else found).astype(x.dtype)
    return found.reshape(kept if keepdims else [s for d, s in enumerate(x.shape) if d not in over])


def softmax(x: Array, over: tuple[int, ...]) -> Array:
    """np.exp(x) / np.exp(x).sum(over, keepdims=True), without overflow."""
    if x.size > PART:
        return _by_rows(_softmax, x, over)
    if 0 < x.size <= FEW and over == (x.ndim - 1,):  # most of the work are NumPy's calls
        e = x.reshape(-1, x.shape[-1])
        e = np.exp(e - np.maximum.reduce(e, 1, keepdims=True))
        e /= e.dot(row_of_ones(e.shape[1], e.dtype))[:, None]
        return e.reshape(x.shape)
    return _softmax(x, over, None)


def log_softmax(x: Array, over: tuple[int, ...]) -> Array:
    """x - np.log(np.exp(x).sum(over, keepdims=True)), without overflow."""
    return _by_rows(_log_softmax, x, over)


def _softmax(x: Array, over: tuple[int, ...], out: Array | None) -> Array:
    if over == (1,) and out is not None:  # mostly, exponentials are neither too large nor too small
        with np.errstate(all="ignore"):
            sums = add_up(np.exp(x, out), over, keepdims=True)
        if sums.min() > SURE[0] and sums.max() < SURE[1]:
            return np.divide(out, sums, out)
    e = np.subtract(x, largest(x, over), out)
    e = np.exp(e, out)
    return np.divide(e, add_up(e, over, keepdims=True), out)


SURE = (1e-3, 1e30)  # sums of exponentials in which neither these nor small parts of them are lost


def _log_softmax(x: Array, over: tuple[int, ...], out: Array | None) -> Array:
    y = np.subtract(x, largest(x, over), out)
    return np.subtract(y, np.log(add_up(np.exp(y), over, keepdims=True)), out)


def _by_rows(
    function: Callable[[Array, tuple[int, ...], Array | None], Array], x: Array, over: Any
) -> Array:
    """function(x, over, None); over the last dim of a large array part by part, in the cache."""
    if x.size <= PART or over != (x.ndim - 1,):
        return function(x, over, None)
    rows = x.reshape(-1, x.shape[-1])
    out, step = np.empty(rows.shape, x.dtype), max(1, PART // rows.shape[1])
    for i in range(0, len(rows), step):
        part, found = rows[i : i + step], out[i : i + step]
        if rows.shape[1] <= 16:
            columns = part.T.copy()
            found[...] = function(columns, (0,), columns).T
        else:
            function(part, (1,), found)
    return out.reshape(x.shape)


def product(x: Array, over: tuple[int, ...], keepdims: Any) -> Array:
    """np.multiply.reduce(x, over, keepdims=keepdims).

    NumPy multiplies a row number by number, each waiting for the one before it. Pieces of a row
    are multiplied with each other instead: over a million numbers, a fifth of the time.
    """
    if x.size <= FEW or over != (x.ndim - 1,) and len(over) < x.ndim:
        return np.multiply.reduce(x, over, keepdims=keepdims)
    kept = [1 if d in over else n for d, n in enumerate(x.shape)]
    rows = x.reshape(-1, x.shape[-1] if len(over) < x.ndim else x.size)
    if (n := rows.shape[1]) > SHORT:
        piece = 1 << 10 if n > PART else SHORT
        whole = n // piece * piece
        found = np.multiply.reduce(rows[:, :whole].reshape(len(rows), -1, piece), 1)
        found[:, : n - whole] *= rows[:, whole:]
        rows = found
    out, step = np.empty(len(rows), x.dtype), max(1, PART // rows.shape[1])
    for i in range(0, len(rows), step):
        np.multiply.reduce(rows[i : i + step].T.copy(), 0, out=out[i : i + step])
    return out.reshape(kept if keepdims else x.shape[:-1] if len(over) < x.ndim else ())


def running(ufunc: np.ufunc, x: Array, axis: int, dtype: Any) -> Array:
    """ufunc.accumulate(x, axis, dtype).astype(x.dtype).

    NumPy computes one result at a time, and each waits for the one before it. Here many rows, or
    columns, go on together: over rows of 10, a third of the time.
    """
    n, after = x.shape[axis], math.prod(x.shape[axis + 1 :])
    if x.size > FEW and after >= SHORT:
        return _running_down(ufunc, x.reshape(-1, n, after), dtype).reshape(x.shape)
    if x.size <= FEW or after > 1 or n > SHORT:
        return ufunc.accumulate(x.astype(dtype, copy=False), axis).astype(x.dtype, copy=False)
    rows = x.reshape(-1, n)
    out, step = np.empty_like(rows), PART // n
    for i in range(0, len(rows), step):
        columns = rows[i : i + step].T.astype(dtype, order="C")
        for k in range(1, n):
            ufunc(columns[k], columns[k - 1], columns[k])
        out[i : i + step] = columns.T
    return out.reshape(x.shape)


def _running_down(ufunc: np.ufunc, x: Array, dtype: Any) -> Array:
    """ufunc.accumulate(x, 1, dtype).astype(x.dtype)."""
    out, total = np.empty_like(x), x[:, 0].astype(dtype)
    out[:, 0] = total
    for k in range(1, x.shape[1]):
        ufunc(total, x[:, k], total)
        out[:, k] = total
    return out


FEW = 1 << 12  # elements for which NumPy is as fast


def first_sorted(x: Array, axis: int, k: int, descending: bool) -> Array | None:
    """np.argsort(x, axis, stable=True), the first k, or of -x; None if not faster, or ambiguous.

    A partition finds the k-th number without sorting the others: 5 of a 1,000 in a twentieth of
    the time. If others equal it, or it is NaN, the first k are not known.
    """
    n = x.shape[axis]
    if x.size <= FEW or not 0 < k <= n >> 3:
        return None
    x = np.moveaxis(x, axis, -1)
    rows, place = np.ascontiguousarray(x).reshape(-1, n), n - k if descending else k - 1
    last = np.partition(rows, place)[:, place, None]
    found = np.flatnonzero(rows >= last if descending else rows <= last)
    if found.size != k * len(rows):
        return None
    numbers = rows.reshape(-1)[found].reshape(-1, k)[:, :: -1 if descending else 1]
    order = np.argsort(numbers, stable=True)
    order = k - 1 - order[:, ::-1] if descending else order
    found = found.reshape(-1, k) - np.arange(0, rows.size, n)[:, None]
    found = np.take_along_axis(found, order, 1).reshape(*x.shape[:-1], k)
    return np.moveaxis(found, -1, axis)


def nth_sorted(x: Array, axis: int, k: int) -> Array | None:
    """np.argsort(x, axis, stable=True), the k-th alone; None if not faster, or ambiguous.

    As in `first_sorted`, by a partition: a tenth of the time.
    """
    n = x.shape[axis]
    if x.size <= FEW or n <= SHORT or x.dtype.kind == "f" and np.isnan(x).any():
        return None
    x = np.moveaxis(x, axis, -1)
    rows = np.ascontiguousarray(x).reshape(-1, n)
    found = np.flatnonzero(rows == np.partition(rows, k)[:, k, None])
    if found.size != len(rows):
        return None
    found -= np.arange(0, rows.size, n)
    return np.moveaxis(found.reshape(*x.shape[:-1], 1), -1, axis)

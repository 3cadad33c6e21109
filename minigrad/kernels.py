"""Fast NumPy: each docstring opens with the plain NumPy that the function equals.

What a kernel buys was measured in the training steps of tests/benchmarks, on one thread.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from .dtypes import FOLLOWS, Array, int64, no_bools, number_in, promote


def select(condition: Array, x: Any, y: Any) -> Array:
    """np.where(condition, x, y).

    If the condition is as good as random, the processor mispredicts every second branch of
    np.where. Selecting the bits of large float arrays has no branches: a tenth of the time.
    """
    size = max(condition.size, getattr(x, "size", 1), getattr(y, "size", 1))
    if size < 1 << 12 or (dtype := np.result_type(x, y)).kind != "f":
        return np.where(condition, x, y)
    bits = np.dtype(f"i{dtype.itemsize}")
    x, y = np.asarray(x, dtype).view(bits), np.asarray(y, dtype).view(bits)
    ones = condition.astype(bits)
    np.negative(ones, ones)  # every bit set where the condition is True
    if not x.ndim and (not x or condition.size < y.size):
        return _filled(y, ones, x).view(dtype)
    out = ones if x.shape == ones.shape else None
    picked = y ^ ((x ^ y) & ones) if y.ndim or y else np.bitwise_and(x, ones, out)
    return picked.view(dtype)


def _filled(y: Array, ones: Array, x: Array) -> Array:
    """The bits of y, or of a number x where there are ones."""
    zeros = ~ones
    out = np.bitwise_and(y, zeros, zeros if y.shape == zeros.shape else None)
    if x:
        out |= x & ones
    return out


def add_up(x: Array, over: tuple[int, ...], keepdims: Any = False) -> Array:
    """np.sum(x, over, keepdims=keepdims).

    Over the first or the last dims, floats are summed as a product with ones: the BLAS is faster.
    Rounding errors grow with the length, so that longer sums are left to `add_many`.
    """
    n, lead = len(over), x.ndim - len(over)
    if x.dtype.kind == "f" and n and x.size:
        if lead and over == tuple(range(lead, x.ndim)):
            if (of := math.prod(x.shape[lead:])) <= LONG_ROW:
                shape = x.shape[:lead] + (1,) * n if keepdims else x.shape[:lead]
                return x.reshape(-1, of).dot(row_of_ones(of, x.dtype)).reshape(shape)
        elif lead and over == tuple(range(n)) and (of := math.prod(x.shape[:n])) <= LONG:
            shape = (1,) * n + x.shape[n:] if keepdims else x.shape[n:]
            return row_of_ones(of, x.dtype).dot(x.reshape(of, -1)).reshape(shape)
        if x.size > SHORT and math.prod([x.shape[d] for d in over]) > SHORT:
            return add_many(x, over, keepdims)
    return np.add.reduce(x, over, int64 if x.dtype.kind == "u" else None, keepdims=keepdims)


LONG, LONG_ROW = 1 << 12, 1 << 14  # the longest sums, over first and last dims, in one product
SHORT = 1 << 8  # the longest sum that may be added up number by number, as NumPy does
ROW = 1 << 8  # how many numbers of the sum of all one product adds up
BLOCK = 1 << 5  # how many numbers of a longer sum one product adds up


def add_many(x: Array, over: tuple[int, ...], keepdims: bool) -> Array:
    """np.sum(x, over, keepdims=keepdims), for many floats, with as little rounding as PyTorch.

    NumPy adds pairwise only what is contiguous in memory, and all else number by number: a sum of
    8 million rows of float32 loses 4 %.
    """
    kept = [1 if d in over else n for d, n in enumerate(x.shape)]
    shape = kept if keepdims else [n for d, n in enumerate(x.shape) if d not in over]
    if len(over) == x.ndim:  # of many, rows first, as products: a third of the time
        flat = x.ravel("K")
        if flat.size < ROW << 6:
            return np.add.reduce(flat, keepdims=True).reshape(shape)
        whole = flat.size // ROW * ROW
        sums = flat[:whole].reshape(-1, ROW).dot(row_of_ones(ROW, x.dtype))
        return np.add.reduce(np.append(sums, flat[whole:]), keepdims=True).reshape(shape)
    # Dims that are neighbours are summed as one; the last first, because they are contiguous.
    for end in sorted([d for d in over if d + 1 not in over], reverse=True):
        start = next(d for d in range(end, -1, -1) if d - 1 not in over)  # dims start … end
        before, after = x.shape[:start], x.shape[end + 1 :]
        run = x.reshape(math.prod(before), -1, math.prod(after))
        run = _rows(run[..., 0]) if run.shape[2] == 1 else _middle(run)
        x = run.reshape(*before, *[1] * (end + 1 - start), *after)
    return x.reshape(shape)


def _rows(x: Array) -> Array:
    """np.sum(x, 1), for a matrix of floats: pairwise, which takes rows that are contiguous."""
    return np.add.reduce(np.ascontiguousarray(x), 1)


def _middle(x: Array) -> Array:
    """np.sum(x, 1), for floats (a, n, b): block by block, as products with ones."""
    while (n := x.shape[1]) > 1:
        size = min(n, BLOCK)
        whole, ones = n // size * size, row_of_ones(size, x.dtype)
        sums = ones @ x[:, :whole].reshape(len(x), -1, size, x.shape[2])
        if whole < n:
            rest = ones[: n - whole] @ x[:, whole:]
            sums = np.concatenate([sums, rest[:, None]], 1)
        x = sums
    return x[:, 0]


@functools.lru_cache(maxsize=64)
def row_of_ones(size: int, dtype: np.dtype) -> Array:
    """np.ones(size, dtype).

    For sizes up to LONG_ROW: a view of one array, to save memory.
    """
    return _all_ones(dtype)[:size]


@functools.cache
def _all_ones(dtype: np.dtype) -> Array:
    return np.ones(LONG_ROW, dtype)


def largest(x: Array, over: tuple[int, ...]) -> Array:
    """np.max(x, over, keepdims=True, initial=-np.inf)."""
    if x.size:
        return extreme(np.maximum, x, over, True)
    return np.maximum.reduce(x, over, keepdims=True, initial=-np.inf)


def extreme(function: np.ufunc, x: Array, over: tuple[int, ...], keepdims: bool) -> Array:
    """function.reduce(x, over, keepdims=keepdims), for np.maximum or np.minimum.

    NumPy is slow at many rows. Transposed, short ones are few long ones, compared element by
    element: 3 % of a step of self-attention over texts of 10 words. And argmax is not slow.
    """
    n = x.shape[-1] if over == (x.ndim - 1,) and x.size else 0
    if 0 < n <= 32 and x.size > n << 5 or 32 < n <= 96 and x.size > 1 << 12:
        rows, step = x.reshape(-1, n), (1 << 14) // n
        parts = [function.reduce(rows[i : i + step].T.copy()) for i in range(0, len(rows), step)]
        found = np.concatenate(parts) if len(parts) > 1 else parts[0]
    elif n > 96 and x.size > 1 << 15 and x.flags.c_contiguous:
        rows = x.reshape(-1, n)
        at = rows.argmax(1) if function is np.maximum else rows.argmin(1)
        at += np.arange(0, rows.size, n)
        found = x.reshape(-1).take(at)
    else:
        return function.reduce(x, over, keepdims=keepdims)
    return found.reshape(*x.shape[:-1], 1) if keepdims else found.reshape(x.shape[:-1])


def sigmoid(x: Array) -> Array:
    """1 / (1 + np.exp(-x)), for floats, where overflow is right: 1 / inf is 0."""
    out = np.empty(x.shape, x.dtype)
    with np.errstate(over="ignore", under="ignore"):
        np.negative(x, out)
        np.exp(out, out)
        out += 1
        np.divide(1, out, out)
    return out


def parts(x: Array) -> list[slice]:
    """Slices of the rows of a matrix, each small enough for the processor's cache.

    For computations that pass over x several times: 2 % of a step of seq2seq with 5,000 words.
    """
    rows = max(1, (1 << 16) * len(x) // max(x.size, 1))
    return [slice(i, i + rows) for i in range(0, len(x), rows)]


def fitted(x: Any, y: Any) -> tuple[Any, Any]:
    """promote(x, y). Raises ValueError for a Python int that does not fit the other's int dtype."""
    if type(x) is int or type(y) is int:
        number, beside = (x, y) if type(x) is int else (y, x)
        if isinstance(beside, Array) and beside.dtype.kind in "iu":
            number_in(number, beside.dtype)
    return promote(x, y)


def power(x: Any, y: Any) -> Any:
    """np.power(x, y), for floats of one dtype; others are promoted as in PyTorch.

    An exponent of -0.5 is 1 / root, also at -0 and -inf, where NumPy differs. Ints to negative
    powers, which NumPy refuses in arrays, are rounded toward 0. A mask to a bool is a mask.
    """
    if type(y) in FOLLOWS["f"] and isinstance(x, Array) and x.dtype.kind == "f":
        return _power(x, y)
    of_mask = isinstance(y, bool) and isinstance(x, Array)
    given = y
    x, y = promote(x, y)
    kind = (x if isinstance(x, Array) else y).dtype.kind
    if kind == "b" and of_mask:
        return x | ~y
    if kind == "b":
        no_bools(x)
    if type(given) is int and kind != "f":
        if given < 0:
            raise ValueError("ints to a negative power are not ints: convert with float() first")
        number_in(given, x.dtype)
    if kind == "f" or not isinstance(y, Array):
        return x**y
    return np.where(y < 0, np.where(np.abs(x) == 1, x ** (y & 1), 0), x ** np.maximum(y, 0))


def _power(x: Array, y: float) -> Array:
    """np.power(x, y), for floats x and a number y.

    NumPy is slow at powers of negative numbers, 300 times as slow as at a product: half of a step
    of a Transformer whose GELU has pow(x, 3.0). Whole powers have the sign of x, or none.
    """
    if y == 3:
        out = np.multiply(x, x)
        return np.multiply(out, x, out if type(out) is Array else None)
    if y == -0.5:
        root = np.sqrt(x)
        return np.divide(1, root, root if type(root) is Array else None)
    if y == 0:
        return np.ones_like(x)
    if y == 1:
        return np.array(x)
    if y == -2:
        return 1 / (x * x)
    if y in (-1, 0.5, 2) or y % 1:
        return x**y  # the first of these are a division, a root, a product
    out = np.abs(x) ** y
    return np.copysign(out, x) if y % 2 else out


def matmul(x: Array, y: Array) -> Array:
    """x @ y.

    With a matrix y it is one large product, instead of one small product per matrix in x.
    """
    if y.ndim == 2 and x.ndim > 2:
        rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
        return product(rows, y).reshape(*x.shape[:-1], y.shape[-1])
    return x @ y


def product(x: Any, y: Any) -> Any:
    """x @ y, for matrices, or tensors of matrices.

    np.dot is faster than @ for small ones. But of a single number it makes 0 · inf 0.
    """
    return x.dot(y) if isinstance(x, Array) and x.size > 1 < y.size else x @ y


def add_at(total: Array, index: Any, x: Array) -> None:
    """np.add.at(total, index, x).

    If total[index] is a view, no element is in it twice, and += is enough.
    """
    if isinstance(index, Array):
        if index.dtype == int64 and 0 < total.ndim < 3 and total.flags.c_contiguous:
            rows = total if total.ndim == 2 else total[:, None]
            _add_rows(rows, index.ravel(), x.reshape(index.size, rows.shape[1]))
        else:
            np.add.at(total, index, x)
        return
    several = type(index) is tuple and index and type(index[-1]) is Array
    if several and np.size(x) > FEW and (found := _flat_rows(total, index)) is not None:
        rows, numbers, shape = found
        x = np.broadcast_to(x, shape).reshape(len(numbers), -1)
        _add_rows(rows, numbers, x)
        return
    view = total[index]
    if isinstance(view, Array) and view.base is total:
        view += x
    else:
        np.add.at(total, index, x)


FEW = 1 << 10  # numbers that np.add.at adds faster than their places are counted


def _flat_rows(total: Array, index: tuple[Any, ...]) -> tuple[Array, Array, tuple[int, ...]] | None:
    """total as a matrix, the numbers of the rows that an index picks, and total[index].shape.

    None unless the index is a tuple of whole slices and then of int64 arrays, as that of gather.
    np.add.at is ten times as fast with one array as with several.
    """
    arrays = [part for part in index if isinstance(part, Array)]
    if {array.dtype for array in arrays} != {int64} or not total.flags.c_contiguous:
        return None
    lead, ndim = len(index) - len(arrays), len(index)
    if not total.size or any(type(part) is not slice or part != WHOLE for part in index[:lead]):
        return None
    places: Any = 0
    for array, size in zip(arrays, total.shape[lead:], strict=False):
        negative = array.size and array.min() < 0
        places = places * size + (np.where(array < 0, array + size, array) if negative else array)
    if not places.size:
        return None
    every = math.prod(total.shape[lead:ndim])
    starts = np.arange(0, math.prod(total.shape[:lead]) * every, every)
    shape = (*total.shape[:lead], *places.shape, *total.shape[ndim:])
    rows = total.reshape(-1, math.prod(total.shape[ndim:]))
    return rows, (starts[:, None] + places.ravel()).ravel(), shape


WHOLE = slice(None)


def _add_rows(total: Array, rows: Array, x: Array) -> None:
    """`add_rows`; but long rows are added one by one, many single numbers counted like votes."""
    width, floats = total.shape[1], x.dtype == total.dtype and total.dtype.kind == "f"
    if width >= LONG_ROW >> 6:
        for row, values in zip(rows.tolist(), x, strict=True):
            total[row] += values
    elif width == 1 and floats and FEW < rows.size > total.size >> 2:
        rows = rows if rows.min() >= 0 else rows % len(total)
        total[:, 0] += np.bincount(rows, x[:, 0], len(total))  # in float64
    else:
        add_rows(total, rows, x)


def add_rows(total: Array, rows: Array, x: Array) -> None:
    """np.add.at(total, rows, x), for a C-contiguous matrix and int64 rows.

    np.add.at is several times as fast on one dim as on two, so the matrix is flattened. And floats
    are added in pairs, as the two parts of complex numbers: half as many additions.
    """
    width, x = total.shape[1], x.ravel()
    if x.dtype == total.dtype and total.dtype.kind == "f" and width % 2 == 0:
        pair = np.dtype(f"c{2 * total.itemsize}")
        total, x, width = total.view(pair), x.view(pair), width // 2
    numbers = rows[:, None] % len(total) * width + np.arange(width)
    np.add.at(total.reshape(-1), numbers.ravel(), x)


def outside(indices: Array, size: int) -> Array:
    """indices[(indices < 0) | (indices >= size)], for int64 indices."""
    return indices[indices.view(np.uint64) >= size]  # as unsigned, a negative index is huge


def exps(x: Array, dim: int) -> tuple[Array, Array, Array]:
    """e = np.exp(x - x.max(dim, keepdims=True)), and e.sum(dim) and x.max(dim).

    Part by part, so that each pass over a part finds it in the cache; and as rows, which the BLAS
    adds up fast and with little rounding. This is 1.2 to 1.5 times as fast as the plain lines.
    """
    moved = x if dim == x.ndim - 1 else np.moveaxis(x, dim, -1)
    rows = moved.reshape(-1, x.shape[dim])
    e, total, top = (np.empty(shape, x.dtype) for shape in (rows.shape, len(rows), len(rows)))
    for part in parts(rows):
        most = largest(rows[part], (1,))
        y = np.subtract(rows[part], most, e[part])
        total[part], top[part] = add_up(np.exp(y, y), (1,)), most[:, 0]
    e, shape = e.reshape(moved.shape), moved.shape[:-1]
    e = e if moved is x else np.moveaxis(e, -1, dim)
    return e, total.reshape(shape), top.reshape(shape)

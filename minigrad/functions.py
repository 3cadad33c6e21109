"""Composites: a few lines of ops each.

They need no rule of their own, because the ops they call are recorded. Like ops they also work on
arrays.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple

import numpy as np

from . import ops
from .compare import argmax, argmin, argsort, eq, gt, lt
from .dims import Dim, axes, axis, size_of
from .dtypes import Array, TensorOrArray, Value
from .graph import Node, value_of

from .ops import add, amax, div, exp, getitem, log, maximum, neg, permute, reshape, sub
from .ops import pow as power
from .ops import where


class ValuesAndIndices(NamedTuple, Generic[Value]):
    """Values, and their indices along the dim that was searched."""

    values: Value
    indices: Value


# --- arithmetic --------------------------------------------------------------------------------


def sqrt(x: Value) -> Value:
    """The square root; NaN for negative x."""
    return power(x, 0.5)


def abs(x: Value) -> Value:
    """|x|; the gradient at 0 is 0."""
    return maximum(x, neg(x))


def minimum(x: Value, y: Value) -> Value:
    """The smaller of x and y, elementwise. Where they are equal, each gets half the gradient."""
    return neg(maximum(neg(x), neg(y)))


def clamp(x: Value, min: float | None = None, max: float | None = None) -> Value:
    """x limited to the range from min to max. The gradient passes where x lies inside it."""
    if min is None and max is None:
        raise ValueError("clamp: give min, max or both")
    x = x if min is None else where(lt(x, min), min, x)
    return x if max is None else where(gt(x, max), max, x)


# --- reductions: dim may be an int, several, or None for all -----------------------------------


def mean(x: Value, dim: Dim = None, keepdim: bool = False) -> Value:
    """The mean over some dims; floats only."""
    if x.dtype.kind != "f":
        raise TypeError(f"mean of {x.dtype}: take the mean of x.float()")
    return div(ops.sum(x, dim=dim, keepdim=keepdim), size_of(x, dim))


def var(x: Value, dim: Dim = None, *, correction: int = 1, keepdim: bool = False) -> Value:
    """The variance over some dims: Σ (x - mean)² / (n - correction)."""
    squares = power(sub(x, mean(x, dim, keepdim=True)), 2)
    total = ops.sum(squares, dim=dim, keepdim=keepdim)
    return div(total, builtins.max(size_of(x, dim) - correction, 0))


def std(x: Value, dim: Dim = None, *, correction: int = 1, keepdim: bool = False) -> Value:
    """The standard deviation over some dims: the square root of `var`."""
    variance = var(x, dim, correction=correction, keepdim=keepdim)
    still = eq(variance, 0)  # the root has no slope at 0; PyTorch gives gradient 0 there
    return where(still, 0, sqrt(where(still, 1, variance)))


def amin(x: Value, dim: Dim = None, keepdim: bool = False) -> Value:
    """The smallest value over some dims. Equal ones share its gradient evenly."""
    return neg(amax(neg(x), dim=dim, keepdim=keepdim))


def max(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """max(x): the largest value. max(x, y): elementwise. max(x, dim): (values, indices)."""
    if dim is None:
        return amax(x)
    if isinstance(dim, Node | Array):
        return maximum(x, dim)
    return _found(x, argmax(x, dim, keepdim=True), dim, keepdim)


def min(x: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """min(x): the smallest value. min(x, y): elementwise. min(x, dim): (values, indices)."""
    if dim is None:
        return amin(x)
    if isinstance(dim, Node | Array):
        return minimum(x, dim)
    return _found(x, argmin(x, dim, keepdim=True), dim, keepdim)


def logsumexp(x: Value, dim: Dim, keepdim: bool = False) -> Value:
    """log Σ eˣ over some dims. The maximum is subtracted before and added after: no overflow."""
    largest = value_of(amax(x, dim=dim, keepdim=True))
    largest = np.where(np.isinf(largest), 0, largest)
    total = add(log(ops.sum(exp(sub(x, largest)), dim=dim, keepdim=True)), largest)
    return total if keepdim else squeeze(total, axes(x, dim))


def topk(x: Value, k: int, dim: int = -1, largest: bool = True) -> ValuesAndIndices[Value]:
    """The k largest (or smallest) along dim, in order, and their indices."""
    if not x.ndim:
        x = reshape(x, shape=(1,))
        return ValuesAndIndices(*[squeeze(found) for found in topk(x, k, dim, largest)])
    if not 0 <= k <= x.shape[axis(x, dim)]:
        raise ValueError(f"topk: k is {k}, but dim {dim} of {x.shape} has {x.shape[dim]} elements")
    indices = index_select(argsort(x, dim, descending=largest), dim, np.arange(k))
    return ValuesAndIndices(gather(x, dim, indices), indices)


def _found(x: Value, indices: Value, dim: int, keepdim: bool) -> ValuesAndIndices[Value]:
    values = gather(x, dim, indices)
    found = (values, indices) if keepdim else (squeeze(values, dim), squeeze(indices, dim))
    return ValuesAndIndices(*found)


# --- shape -------------------------------------------------------------------------------------


def flatten(x: Value, start_dim: int = 0, end_dim: int = -1) -> Value:
    """The dims from start_dim to end_dim merged into one."""
    first, last = axes(x, start_dim), axes(x, end_dim)
    if not first:
        return reshape(x, shape=(1,))
    if first > last:
        raise ValueError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    merged = math.prod(x.shape[first[0] : last[0] + 1])
    return reshape(x, shape=(*x.shape[: first[0]], merged, *x.shape[last[0] + 1 :]))


def transpose(x: Value, dim0: int, dim1: int) -> Value:
    """x with two dims exchanged."""
    first, second = axes(x, (dim0,)), axes(x, (dim1,))
    if not first:
        return x
    dims = list(range(x.ndim))
    dims[first[0]], dims[second[0]] = second[0], first[0]
    return permute(x, dims=tuple(dims))


def mT(x: Value) -> Value:
    """x with its last two dims exchanged: each matrix of a batch transposed."""
    return transpose(x, -2, -1)


def t(x: Value) -> Value:
    """A matrix transposed; a tensor with fewer dims stays as it is."""
    if x.ndim > 2:
        raise ValueError(f"t: shape {x.shape} has more than two dims; use mT for the last two")
    return transpose(x, 0, -1)


def unsqueeze(x: Value, dim: int) -> Value:
    """Insert a dim of size 1 at position `dim`."""
    if not -x.ndim - 1 <= dim <= x.ndim:
        raise IndexError(
            f"unsqueeze: dim {dim} of shape {x.shape} must lie from {-x.ndim - 1} to {x.ndim}"
        )
    at = dim % (x.ndim + 1)
    return reshape(x, shape=(*x.shape[:at], 1, *x.shape[at:]))


def squeeze(x: Value, dim: Dim = None) -> Value:
    """x without its dims of size 1, or without those named. A named dim of another size stays."""
    named = axes(x, dim) if dim is None or np.size(dim) else ()
    dropped = [d for d in named if x.shape[d] == 1]
    return reshape(x, shape=tuple(n for d, n in enumerate(x.shape) if d not in dropped))


def cat(tensors: Sequence[Value], dim: int = 0) -> Value:
    """Tensors concatenated along dim; their other dims must be equal."""
    return ops.cat(*tensors, dim=dim)


def stack(tensors: Sequence[Value], dim: int = 0) -> Value:
    """Tensors of one shape stacked along a new dim."""
    return ops.stack(*tensors, dim=dim)


def split(x: Value, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Value, ...]:
    """x in pieces along dim: of one size (the last may be smaller), or of the sizes given."""
    at = axis(x, dim)
    size, sections = x.shape[at], split_size_or_sections
    if isinstance(sections, int | np.integer):
        if sections < 1:
            raise ValueError(f"split: the size of a piece must be positive, not {sections}")
        sections = [builtins.min(sections, size - i) for i in range(0, size, sections)] or [0]
    ends = np.cumsum(sections).tolist()
    if builtins.min(sections) < 0 or ends[-1] != size:
        total = f"add up to {ends[-1]}, dim {dim} has {size}"
        raise ValueError(f"split: sizes {list(sections)} {total}")
    before = (slice(None),) * at
    pieces = [slice(end - int(n), end) for n, end in zip(sections, ends, strict=True)]
    return tuple([getitem(x, index=(*before, piece)) for piece in pieces])


def chunk(x: Value, chunks: int, dim: int = 0) -> tuple[Value, ...]:
    """x in at most `chunks` pieces of equal size along dim (the last may be smaller)."""
    if chunks < 1:
        raise ValueError(f"chunk: the number of pieces must be positive, not {chunks}")
    return split(x, -(-x.shape[axis(x, dim)] // chunks) or 1, dim)


def unbind(x: Value, dim: int = 0) -> tuple[Value, ...]:
    """The slices of x along dim, without that dim."""
    at = axis(x, dim)
    before = (slice(None),) * at
    return tuple([getitem(x, index=(*before, i)) for i in range(x.shape[at])])


# --- picking and placing -----------------------------------------------------------------------


def _triangle(x: TensorOrArray, diagonal: int) -> Any:
    """A bool mask of the lower triangle of the last two dims, up to a diagonal."""
    if x.ndim < 2:
        raise ValueError(f"tril and triu take at least two dims, not {x.shape}")
    rows, columns = x.shape[-2:]
    return np.arange(columns) <= np.arange(rows)[:, None] + diagonal


def tril(x: Value, diagonal: int = 0) -> Value:
    """The lower triangle of the last two dims, up to a diagonal, and 0 above it."""
    return where(_triangle(x, diagonal), x, np.zeros((), x.dtype))


def triu(x: Value, diagonal: int = 0) -> Value:
    """The upper triangle of the last two dims, from a diagonal on, and 0 below it."""
    return where(~_triangle(x, diagonal - 1), x, np.zeros((), x.dtype))


def roll(x: Value, shifts: int | Sequence[int], dims: Dim = None) -> Value:
    """Roll x by `shifts` along dims; what leaves at the end re-enters at the front."""
    if dims is None:
        return reshape(roll(reshape(x, shape=(-1,)), shifts, 0), shape=x.shape)
    if np.size(shifts) != np.size(dims):
        raise ValueError(f"roll: shifts {shifts} and dims {dims}: give one shift per dim")
    for shift, dim in zip(np.ravel(shifts).tolist(), np.ravel(dims).tolist(), strict=True):
        x = index_select(x, dim, (np.arange(x.shape[dim]) - shift) % builtins.max(x.shape[dim], 1))
    return x


def masked_fill(x: Value, mask: Value, value: float) -> Value:
    """`value` where the mask (bool, broadcastable to x) is True, x elsewhere."""
    ints = x.dtype.kind != "f" and not isinstance(value, Node)
    if ints and not np.isfinite(value):
        raise ValueError(f"masked_fill: {value} cannot be converted to {x.dtype}")
    try:
        filled = where(mask, np.asarray(value).astype(x.dtype) if ints else value, x)
    except ValueError:
        filled = None
    if filled is None or filled.shape != x.shape:
        raise ValueError(f"masked_fill: a mask of {mask.shape} does not broadcast to {x.shape}")
    return filled


def gather(x: Value, dim: int, index: Any) -> Value:
    """For dim 1, out[i][j] = x[i][index[i][j]], and so on for other dims."""
    index = np.array(value_of(index))
    if index.dtype != np.int64:
        raise TypeError(f"gather: the index must be int64, not {index.dtype}")
    if index.ndim != x.ndim:
        both = f"an index of shape {index.shape} for a tensor of shape {x.shape}"
        raise ValueError(f"gather: {both}: they must have the same number of dims")
    if not x.ndim:
        return getitem(x, index=())
    at = axis(x, dim)
    if builtins.any(n > x.shape[d] for d, n in enumerate(index.shape) if d != at):
        reach = f"index {index.shape} reaches beyond {x.shape}"
        raise ValueError(f"gather: {reach} in a dim other than {dim}")
    if index.size and not 0 <= index.min() <= index.max() < x.shape[at]:
        raise IndexError(f"gather: indices must lie from 0 to {x.shape[at] - 1} along dim {dim}")
    grid = np.indices(index.shape, sparse=True)
    return getitem(x, index=(*grid[:at], index, *grid[at + 1 :]))


def index_select(x: Value, dim: int, index: Any) -> Value:
    """The slices of x along dim that a 1-D index names, in its order."""
    at, index = axis(x, dim), np.atleast_1d(np.array(value_of(index)))
    if index.ndim > 1:
        raise ValueError(f"index_select: the index has one dim, not shape {index.shape}")
    if index.size and not 0 <= index.min() <= index.max() < x.shape[at]:
        raise IndexError(f"index_select: indices must lie from 0 to {x.shape[at] - 1} in dim {dim}")
    return getitem(x, index=(slice(None),) * at + (index,))

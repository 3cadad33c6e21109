"""Composites that pick elements by their place, or put others in theirs: tril, roll, gather …"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .dims import Dim, axis, integer
from .dtypes import Array, TensorOrArray, Value, int64, number_in, uint8
from .errors import describe, of_tensor
from .graph import Node, value_of
from .kernels import outside
from .ops import cast, cat, getitem, reshape, where


def _triangle(x: TensorOrArray, diagonal: int) -> Any:
    """A bool mask (rows, columns) of the lower triangle of the last two dims, up to a diagonal."""
    if x.ndim < 2:
        raise ValueError(f"tril and triu take at least two dims, not {describe(x)}")
    rows, columns = x.shape[-2:]
    return np.arange(columns) <= np.arange(rows)[:, None] + integer(diagonal, "the diagonal")


@of_tensor
def tril(x: Value, diagonal: int = 0) -> Value:
    """The lower triangle of the last two dims, up to a diagonal, and 0 above it."""
    return where(_triangle(x, diagonal), x, np.zeros((), x.dtype))


@of_tensor
def triu(x: Value, diagonal: int = 0) -> Value:
    """The upper triangle of the last two dims, from a diagonal on, and 0 below it."""
    return where(~_triangle(x, diagonal - 1), x, np.zeros((), x.dtype))


@of_tensor
def roll(x: Value, shifts: int | Sequence[int], dims: Dim = None) -> Value:
    """Roll x by `shifts` along dims; what leaves at the end re-enters at the front."""
    along = () if dims is None else tuple(dims) if isinstance(dims, list | tuple) else (dims,)
    by = tuple(shifts) if isinstance(shifts, list | tuple) else (shifts,)
    if not along and len(by) == 1:
        return reshape(roll(reshape(x, shape=(-1,)), by, 0), shape=x.shape)
    if len(by) != len(along):
        raise ValueError(f"roll: shifts {shifts} and dims {dims}: give one shift per dim")
    for shift, dim in zip(by, along, strict=True):
        at, shift = axis(x, dim), integer(shift, "roll: a shift")
        end, before = x.shape[at] - shift % (x.shape[at] or 1), (slice(None),) * at
        parts = [getitem(x, index=(*before, part)) for part in (slice(end, None), slice(end))]
        x = cat(*parts, dim=at)
    return x


@of_tensor
def masked_fill(x: Value, mask: Value, value: Any) -> Value:
    """`value` where the mask (bool) is True, x elsewhere; in the dtype of x.

    The value is a number, or a tensor without dims. Raises ValueError if it cannot be converted.
    """
    if type(value) not in (int, float) or x.dtype.kind != "f":
        value = _filling(value, value_of(x).dtype)
    if getattr(value_of(mask), "dtype", None) == uint8:
        raise TypeError("masked_fill: the mask must be bool, not uint8: use mask.bool()")
    try:
        return where(mask, value, x)
    except ValueError:
        shapes = f"a mask of {np.shape(value_of(mask))} does not broadcast to {describe(x)}"
        raise ValueError(f"masked_fill: {shapes}") from None


def _filling(value: Any, dtype: np.dtype) -> Any:
    """A number or tensor in a dtype. Raises TypeError or ValueError if it cannot be one number."""
    given: Any = value_of(value)
    if not isinstance(given, int | float | np.generic | Array):
        raise TypeError(f"masked_fill: the value must be a number, not {type(given).__name__}")
    if np.ndim(given):
        raise ValueError(
            f"masked_fill: the value must be one number, not of shape {np.shape(given)}"
        )
    if isinstance(value, Node) and dtype.kind == "f":
        tensor: Any = value
        return tensor if tensor.value.dtype == dtype else cast(tensor, dtype=dtype)
    if dtype.kind not in "iu":
        return np.array(given, dtype)
    try:
        return number_in(np.asarray(given).item(), dtype)
    except ValueError as error:
        raise ValueError(f"masked_fill: {error}") from None


@of_tensor
def gather(x: Value, dim: int, index: Any) -> Value:
    """For dim 1, out[i][j] = x[i][index[i][j]], and so on for other dims; the index is int64.

    Raises ValueError if the index has another number of dims or reaches beyond x, IndexError if it
    is out of range.
    """
    index = _indices("gather", index, copy=None)
    shape = index.shape
    if not index.size:
        return getitem(reshape(x, shape=(-1,)), index=index.astype(int64))
    if x.ndim != index.ndim and max(x.ndim, index.ndim) > 1:
        both = f"an index of shape {shape} for a tensor of shape {describe(x)}"
        raise ValueError(f"gather: {both}: they must have the same number of dims")
    if not x.ndim:
        x = reshape(x, shape=(1,))
    index, at = np.atleast_1d(index), axis(x, dim)
    if any(n > x.shape[d] for d, n in enumerate(index.shape) if d != at):
        reach = f"index {shape} reaches beyond {describe(x)}"
        raise ValueError(f"gather: {reach} in a dim other than {dim}")
    _within("gather", index, x.shape[at], f"along dim {dim}")
    found = _gathered(x, at, index)
    return found if shape else reshape(found, shape=())


def _gathered(x: Any, at: int, index: Array) -> Any:
    """`gather` along an axis, with an index of int64 that is in range.

    One array of places in x as one row is several times as fast as an array for each dim.
    """
    if index.size > MANY and value_of(x).flags.c_contiguous:
        return getitem(reshape(x, shape=(-1,)), index=flat_places(x.shape, at, index))
    grid = np.indices(index.shape, sparse=True)
    return getitem(x, index=(*grid[:at], np.array(index), *grid[at + 1 :]))


MANY = 1 << 12  # elements from which on places are computed


def flat_places(shape: Sequence[int], at: int, index: Array) -> Array:
    """The places, in a tensor of this shape as one row, of what an index along an axis picks."""
    steps = [math.prod(shape[d + 1 :]) for d in range(len(shape))]
    others = [d for d, n in enumerate(index.shape) if d != at and n > 1]
    starts: Any = sum(
        np.arange(0, index.shape[d] * steps[d], steps[d]).reshape(-1, *[1] * (len(shape) - 1 - d))
        for d in others
    )
    return (index if steps[at] == 1 else index * steps[at]) + starts


@of_tensor
def index_select(x: Value, dim: int, index: Any) -> Value:
    """The slices of x along dim that a 1-D index (int64) names, in its order.

    Raises IndexError if the index is out of range.
    """
    index = np.atleast_1d(_indices("index_select", index))
    if index.ndim > 1:
        raise ValueError(f"index_select: the index has one dim, not shape {index.shape}")
    if not x.ndim and index.size == 1:
        return reshape(index_select(reshape(x, shape=(1,)), dim, index), shape=())
    at = axis(x, dim)
    _within("index_select", index, x.shape[at], f"in dim {dim}")
    return getitem(x, index=(slice(None),) * at + (index,))


def _indices(name: str, index: Any, copy: bool | None = True) -> Array:
    """A copy of an index of int64 or int32, as int64. An empty one may have any dtype.

    With copy=None, it is only copied if it needs another dtype.
    """
    index = np.array(value_of(index), copy=copy)
    if index.dtype not in (int64, np.int32) and index.size:
        raise TypeError(f"{name}: the index must be int32 or int64, not {index.dtype}")
    return index.astype(int64, copy=False)


def _within(name: str, index: Array, size: int, where: str) -> None:
    """Raise IndexError for an index below 0 or not below a size; `where` ends the message."""
    if (bad := outside(index, size)).size:
        lie = f"indices must lie from 0 to {size - 1} {where}" if size else f"{where} is nothing"
        raise IndexError(f"{name}: index {bad[0]} is out of range: {lie}")

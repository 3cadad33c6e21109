"""Order and search: sort, unique, nonzero, searchsorted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import checks, columns
from .compare import argsort
from .dims import axis, integer, only
from .dtypes import Array, Value, int64
from .errors import of_tensor, shown
from .functions import ValuesAndIndices
from .graph import Node, value_of
from .ops import getitem, reshape
from .picking import gather
from .shaping import like


@of_tensor
def sort(
    x: Value, dim: int = -1, descending: bool = False, stable: bool = False
) -> ValuesAndIndices[Value]:
    """x sorted along dim, and the indices (int64) that sort it; NaN counts as the largest.

    Equal elements keep their order, for which PyTorch needs stable=True.
    """
    indices = argsort(x, dim, checks.flag("sort: descending", descending))
    return ValuesAndIndices(gather(x, dim, indices), indices)


@of_tensor
def msort(x: Value) -> Value:
    """x sorted along its first dim."""
    return sort(x, 0).values


@of_tensor
def kthvalue(x: Any, k: int, dim: int = -1, keepdim: bool = False) -> ValuesAndIndices[Any]:
    """The k-th smallest element along dim, counted from 1, and its index (int64)."""
    if x.dtype.kind == "b":
        raise TypeError("kthvalue: got bool: convert with long() first")
    (at,) = only(x, dim, keepdim) or (0,)
    size = x.shape[at] if x.ndim else 1
    if not 1 <= (k := integer(k, "kthvalue: k")) <= size:
        raise ValueError(f"kthvalue: k is {k}; dim {dim} of {tuple(x.shape)} has {size} elements")
    found = columns.nth_sorted(value_of(x), at, k - 1) if x.ndim else None
    if found is None:
        place = (slice(None),) * at + (slice(k - 1, k),) if x.ndim else ...
        index = getitem(argsort(x, dim), index=place)
    else:
        index = like(found, x)
    shape = tuple([n for d, n in enumerate(x.shape) if d != at])
    both = gather(x, at, index), index
    return ValuesAndIndices(*[one if keepdim else reshape(one, shape=shape) for one in both])


# --- different elements ------------------------------------------------------------------------


@of_tensor
def unique(
    x: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False,
    dim: int | None = None,
) -> Any:  # fmt: skip
    """The different elements of x, or its different slices along dim, in ascending order.

    return_inverse  also the place (int64) of each element, or slice, of x among them
    return_counts   also how often each of them is there (int64)
    """
    array, at = _slices_of("unique", x, dim)
    if not return_inverse and not return_counts:
        return like(np.unique(array, axis=at, equal_nan=False), x)
    values, _, inverse, counts = np.unique(array, True, True, True, at, equal_nan=False)
    inverse = inverse.reshape(x.shape if dim is None else -1)
    return _found(x, values, (inverse, return_inverse), (counts, return_counts))


@of_tensor
def unique_consecutive(
    x: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements of x, or its slices along dim, without those that equal the one before them.

    The inverse and the counts are as in `unique`.
    """
    array, at = _slices_of("unique_consecutive", x, dim)
    rows = array.ravel() if at is None else np.moveaxis(array, at, 0)
    differs = rows[1:] != rows[:-1]
    new = np.ones(len(rows), bool)
    new[1:] = differs.any(tuple(range(1, differs.ndim)))
    values, counts = rows[new], np.diff(np.flatnonzero(new), append=len(rows))
    inverse = (np.cumsum(new) - 1).reshape(x.shape if at is None else -1)
    values = values if at is None else np.moveaxis(values, 0, at)
    return _found(x, values, (inverse, return_inverse), (counts, return_counts))


def _slices_of(name: str, x: Any, dim: int | None) -> tuple[Array, int | None]:
    """The array of x, and the axis of its slices. Raises ValueError for slices of nothing."""
    array = value_of(x)
    at = None if dim is None else axis(x, dim)
    if at is not None and 0 in array.shape[:at] + array.shape[at + 1 :]:
        raise ValueError(f"{name}: the slices of {array.shape} along dim {dim} have no elements")
    return array, at


def _found(x: Any, values: Array, *others: tuple[Array, bool]) -> Any:
    """The values alone or, with what else is wanted, in a tuple."""
    also = [like(array.astype(int64), x) for array, wanted in others if wanted]
    return (like(values, x), *also) if also else like(values, x)


@of_tensor
def nonzero(x: Any, *, as_tuple: bool = False) -> Any:
    """The indices (int64) of the elements that are not 0: one per row; or a tensor for each dim."""
    if as_tuple:
        return tuple([like(index, x) for index in np.nonzero(np.atleast_1d(value_of(x)))])
    return like(np.argwhere(value_of(x)), x)


@of_tensor
def argwhere(x: Any) -> Any:
    """The indices (int64) of the elements that are not 0, one per row."""
    return nonzero(x)


@of_tensor
def unravel_index(x: Any, shape: Any) -> Any:
    """The place of the n-th element in a tensor of a shape: a tensor (int64) for each dim.

    As in PyTorch, counting goes on at the start after the last element.
    """
    size = checks.shape_or_int("unravel_index: a size", shape)
    places, numbers = value_of(x), math.prod(size)
    if places.dtype.kind not in "iu":
        raise TypeError(f"unravel_index: indices are ints, not {places.dtype}")
    if places.size and not numbers:
        raise ValueError(f"unravel_index: a tensor of shape {size} has no elements")
    found = np.unravel_index(places.astype(int64) % (numbers or 1), size)
    return tuple([like(np.asarray(one, int64), x) for one in found])


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False
) -> Any:
    """True (bool) where an element is one of the test elements; with invert, where it is not."""
    given = value_of(elements), value_of(test_elements)
    if not any(isinstance(one, Array) for one in given):
        raise TypeError(f"isin: one of the two must be a tensor, not {shown(elements)}")
    of = elements if isinstance(elements, Node) else test_elements
    return like(np.isin(*given, invert=checks.flag("isin: invert", invert)), of)


# --- binary search -----------------------------------------------------------------------------


def searchsorted(
    sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False,
    side: str | None = None, sorter: Any = None,
) -> Any:  # fmt: skip
    """Where each number of input would be inserted into a sorted last dim: int64 (or int32).

    The sequence is 1-D, or has the leading dims of input. Before what is equal, unless `right` (or
    side="right") puts it after. `sorter` are the indices that sort the sequence, if it is not.
    """
    checks.tensors("searchsorted", sorted_sequence=sorted_sequence)
    if side not in (None, "left", "right") or side == "left" and right:
        raise ValueError(
            f'searchsorted: side is "left" or "right", not {side!r} with right={right}'
        )
    ordered, numbers = value_of(sorted_sequence), np.asarray(value_of(input))
    if ordered.ndim == 0 or ordered.ndim > 1 and ordered.shape[:-1] != numbers.shape[:-1]:
        both = f"a sequence of {ordered.shape} for input of {numbers.shape}"
        raise ValueError(f"searchsorted: {both}: it is 1-D, or has the leading dims of the input")
    if sorter is not None:
        if np.shape(value_of(sorter)) != ordered.shape or value_of(sorter).dtype.kind not in "iu":
            raise ValueError(
                f"searchsorted: a sorter is ints of shape {ordered.shape}: {shown(sorter)}"
            )
        ordered = np.take_along_axis(ordered, value_of(sorter), -1)
    found = _inserted(ordered, numbers, right or side == "right")
    of = sorted_sequence if isinstance(sorted_sequence, Node) else input
    return like(found.astype(np.int32 if out_int32 else int64), of)


def _inserted(ordered: Array, numbers: Array, right: bool) -> Array:
    """For each number, its place in the last dim of `ordered`; as in PyTorch, NaN is never less."""
    if ordered.ndim == 1 and not np.isnan(ordered[-1:]).any():
        return np.searchsorted(ordered, numbers, "right" if right else "left")
    rows = np.broadcast_to(ordered, (*numbers.shape[:-1], ordered.shape[-1]))
    start, end = np.zeros(numbers.shape, int64), np.full(numbers.shape, ordered.shape[-1])
    while (start < end).any():
        middle = (start + end) // 2
        there = np.take_along_axis(rows, np.minimum(middle, rows.shape[-1] - 1), -1)
        before = (start < end) & ~(there > numbers if right else there >= numbers)
        start = np.where(before, middle + 1, start)
        end = np.where(before, end, np.minimum(end, middle))
    return start


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """The bucket of each number: its place among sorted boundaries (1-D), as in `searchsorted`."""
    checks.tensors("bucketize", boundaries=boundaries)
    if boundaries.ndim != 1:
        raise ValueError(f"bucketize: boundaries have one dim, not shape {tuple(boundaries.shape)}")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)

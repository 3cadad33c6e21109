"""Composites: a few lines of ops each.

They need no rule of their own, because the ops they call are recorded. Like ops they also work on
arrays.
"""

from __future__ import annotations

import builtins
import itertools
import math
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple

import numpy as np

from . import columns, ops
from .compare import argmax, argmin, argsort, ge, gt, le, lt
from .dims import Dim, axes, axis, exchanged, integer, kept, names_none, only, size_of
from .dtypes import Array, Value, as_array, float32, int64, no_bools, only_floats, within
from .errors import describe, flexible, not_a_tensor, of_tensor
from .graph import Node, Op, op, value_of
from .kernels import largest
from .ops import add, amax, amin, cast, div, exp, getitem, log, maximum, minimum, permute, reshape
from .ops import sub
from .picking import gather, index_select


class ValuesAndIndices(NamedTuple, Generic[Value]):
    """Values, and their indices along the dim that was searched."""

    values: Value
    indices: Value


def where(condition: Any, *xy: Any, **named: Any) -> Any:
    """x where the condition (bool) is True, y elsewhere: where(condition, x, y).

    where(condition) gives the indices (int64) of what is not 0: a 1-D tensor for each dim.
    """
    if xy or named:
        names = {"input": "x", "other": "y"}
        return ops.where(condition, *xy, **{names.get(name, name): y for name, y in named.items()})
    found = np.nonzero(np.atleast_1d(as_array(value_of(condition))))
    return tuple(map(Op.node, found)) if isinstance(condition, Node) else found


# --- arithmetic --------------------------------------------------------------------------------


@of_tensor
def clamp(x: Value, min: float | None = None, max: float | None = None) -> Value:
    """x limited to the range from min to max. The gradient passes where x lies inside it."""
    if min is None and max is None:
        raise ValueError("clamp: give min, max or both")
    if x.dtype.kind == "f" and not any(isinstance(bound, Node | Array) for bound in (min, max)):
        low, high = -math.inf if min is None else min, math.inf if max is None else max
        return clip(x, min=float(low), max=float(high))
    if isinstance(min, Node) and isinstance(max, Node):  # equal bounds get no gradient
        min = where(lt(min, max), min, value_of(min))
    x = x if min is None else _bounded(x, min, ge, lt)
    return x if max is None else _bounded(x, max, le, gt)


@op
def clip(x: Any, *, min: float, max: float) -> Any:
    """`clamp` of floats by two numbers: one pass."""
    return np.clip(x, min, max)


@clip.backward
def _(g: Any, out: Any, x: Any, *, min: float, max: float) -> Any:
    return (where((x >= min) & (x <= max), g, 0),)


def _bounded(x: Any, bound: Any, inside: Any, outside: Any) -> Any:
    """x where it lies inside a bound, else the bound; NaN without a gradient if one is NaN."""
    beyond = bound
    if type(bound) is int and x.dtype.kind in "iu":
        within("clamp", bound, x.dtype)
    if x.dtype.kind == "f" and not isinstance(bound, Node | Array):
        return clamp(x, bound) if inside is ge else clamp(x, None, bound)
    if x.dtype.kind == "f":
        beyond = where(outside(x, bound), bound, np.array(math.nan, x.dtype))
    return where(inside(x, bound), x, beyond)


# --- reductions: dim may be an int, several, or None for all -----------------------------------


@of_tensor
def mean(x: Value, dim: Dim = None, keepdim: bool = False) -> Value:
    """The mean over some dims; floats only."""
    if x.dtype.kind != "f":
        raise TypeError(f"mean of {x.dtype.name}: take the mean of x.float()")
    return div(ops.sum(x, dim=dim, keepdim=keepdim), size_of(x, dim))


@of_tensor
def var(x: Value, dim: Dim = None, *, correction: int | None = 1, keepdim: bool = False) -> Value:
    """The variance over some dims: Σ (x - mean)² / (n - correction)."""
    correction = 1 if correction is None else correction
    return variance(x, dim=dim, correction=correction, keepdim=keepdim)


@of_tensor
def std(x: Value, dim: Dim = None, *, correction: int | None = 1, keepdim: bool = False) -> Value:
    """The standard deviation over some dims: the square root of `var`."""
    correction = 1 if correction is None else correction
    return variance(x, dim=dim, correction=correction, keepdim=keepdim, root=True)


@op
def variance(
    x: Any, *, dim: Dim = None, correction: float = 1, keepdim: bool = False, root: bool = False
) -> Any:
    """`var`, or with `root` its square root, `std`, which may be finite where `var` overflows."""
    return columns.variance(only_floats(x), axes(x, dim, keepdim), correction, keepdim, root)


@variance.backward
def _(g: Any, out: Any, x: Any, *, dim: Any = None, correction: Any = 1, keepdim: Any = False,
      root: Any = False) -> Any:  # fmt: skip
    shape, left = kept(x, dim), builtins.max(size_of(x, dim) - correction, 0)
    g = g.reshape(shape) * (2 / left if left else math.inf)
    if root:  # which has no slope at 0; PyTorch gives gradient 0 there
        out = out.reshape(shape)
        g = where(out == 0, 0, g / (2 * where(out == 0, 1, out)))
    return (g * (x - mean(x, dim, keepdim=True)),)


@flexible
def max(x: Any, other: Any = None, keepdim: bool = False, *, dim: Any = None) -> Any:
    """max(x): the largest value. max(x, y): elementwise. max(x, dim): (values, indices)."""
    return _extreme(x, (amax, maximum, argmax), other, keepdim, dim)


@flexible
def min(x: Any, other: Any = None, keepdim: bool = False, *, dim: Any = None) -> Any:
    """min(x): the smallest value. min(x, y): elementwise. min(x, dim): (values, indices)."""
    return _extreme(x, (amin, minimum, argmin), other, keepdim, dim)


def _extreme(x: Any, of: tuple[Any, Any, Any], other: Any, keepdim: bool, dim: Any) -> Any:
    of_all, of_two, index_of = of
    x = x if isinstance(x, Node) else as_array(x)
    if isinstance(other, Node | Array) and not keepdim:
        return of_two(x, other)
    if None not in (other, dim):
        raise TypeError(f"{of_all.__name__[1:]}: give one dim, not both {other} and {dim}")
    dim = other if dim is None else dim
    if dim is None:
        value = value_of(of_all(x))  # those that have it share the gradient, NaNs too
        if np.isnan(value):
            return mean(getitem(x, index=np.isnan(value_of(x))))
        return of_all(getitem(x, index=value_of(x) == value))
    (at,) = only(x, dim, keepdim) or (0,)
    numbers = cast(x, dtype=int64) if x.dtype.kind == "b" else x
    indices = index_of(numbers, at, keepdim=True)
    values = gather(x, at, indices)
    found = (values, indices) if keepdim else (squeeze(values, at), squeeze(indices, at))
    return ValuesAndIndices(*found)


@flexible
def logsumexp(x: Value, dim: Dim, keepdim: bool = False) -> Value:
    """log Σ eˣ over some dims. The maximum is subtracted before and added after: no overflow."""
    if dim is None or names_none(dim) and not keepdim and np.ndim(value_of(x)):
        raise TypeError(f"logsumexp: give one dim or several, not {dim}")
    x = x if as_array(value_of(x)).dtype.kind == "f" else cast(x, dtype=float32)
    over = axes(x, dim, keepdim)
    most = largest(value_of(x), over)
    most = np.clip(most, np.finfo(most.dtype).min, np.finfo(most.dtype).max)  # inf - inf is NaN
    total = add(log(ops.sum(exp(sub(x, most)), dim=over, keepdim=True)), most)
    return total if keepdim else squeeze(total, over)


@of_tensor
def topk(
    x: Value, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> ValuesAndIndices[Value]:
    """The k largest (or smallest) along dim, always in order, and their indices."""
    no_bools(x)
    if not x.ndim:
        x = reshape(x, shape=(1,))
        return ValuesAndIndices(*[squeeze(found) for found in topk(x, k, dim, largest)])
    size = x.shape[at := axis(x, dim)]
    if not 0 <= (k := integer(k, "topk: k")) <= size:
        raise ValueError(f"topk: k is {k}, but dim {dim} of {describe(x)} has {size} elements")
    found: Any = columns.first_sorted(value_of(x), at, k, largest)
    if found is None:
        indices = index_select(argsort(x, dim, descending=largest), dim, np.arange(k))
    else:
        indices = Op.node(found) if isinstance(x, Node) else found
    return ValuesAndIndices(gather(x, dim, indices), indices)


# --- shape -------------------------------------------------------------------------------------


@of_tensor
def flatten(x: Value, start_dim: int = 0, end_dim: int = -1) -> Value:
    """The dims from start_dim to end_dim merged into one."""
    array: Any = value_of(x)
    first, last = only(array, start_dim), only(array, end_dim)
    if not first:
        return reshape(x, shape=(1,))
    if first == last:
        return x
    if first > last:
        raise ValueError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    shape = array.shape
    merged = math.prod(shape[first[0] : last[0] + 1])
    return reshape(x, shape=(*shape[: first[0]], merged, *shape[last[0] + 1 :]))


def transpose(input: Value, dim0: int, dim1: int) -> Value:
    """The input with two dims exchanged."""
    if not hasattr(type(input), "ndim"):
        raise not_a_tensor("transpose", input)
    if type(dim0) is not int or type(dim1) is not int:
        dim0, dim1 = integer(dim0), integer(dim1)
    if dims := exchanged(input.ndim, dim0, dim1):
        return permute(input, dims=dims)
    for dim in (dim0, dim1):  # raises IndexError, unless input has no dims
        only(input, dim)
    return permute(input, dims=())


def mT(x: Value) -> Value:
    """x with its last two dims exchanged: each matrix of a batch transposed."""
    return transpose(x, -2, -1)


@flexible
def t(x: Value) -> Value:
    """A matrix transposed; a tensor with fewer dims stays as it is."""
    if np.ndim(x) > 2:  # type: ignore[arg-type]
        raise ValueError(f"t: shape {describe(x)} has more than two dims; use mT for the last two")
    return transpose(x, 0, -1)


@of_tensor
def unsqueeze(x: Value, dim: int) -> Value:
    """Insert a dim of size 1 at position `dim`."""
    if not -x.ndim - 1 <= (dim := integer(dim)) <= x.ndim:
        raise IndexError(
            f"unsqueeze: dim {dim} of shape {describe(x)} must lie from {-x.ndim - 1} to {x.ndim}"
        )
    at = dim % (x.ndim + 1)
    return reshape(x, shape=(*x.shape[:at], 1, *x.shape[at:]))


@of_tensor
def squeeze(x: Value, dim: Dim = None) -> Value:
    """x without its dims of size 1, or without those named. A named dim of another size stays."""
    named = () if names_none(dim) else axes(x, dim)
    dropped = [d for d in named if x.shape[d] == 1]
    return reshape(x, shape=tuple(n for d, n in enumerate(x.shape) if d not in dropped))


@flexible
def cat(tensors: Sequence[Value], dim: int = 0) -> Value:
    """Tensors concatenated along dim; their other dims must be equal."""
    return ops.cat(*_several("cat", tensors), dim=integer(dim))


@flexible
def stack(tensors: Sequence[Value], dim: int = 0) -> Value:
    """Tensors of one shape stacked along a new dim."""
    return ops.stack(*_several("stack", tensors), dim=integer(dim))


def _several(name: str, tensors: Any) -> Any:
    if hasattr(tensors, "shape"):
        raise TypeError(
            f"{name}: give a list of tensors, not one tensor of shape {describe(tensors)}"
        )
    return tensors


@of_tensor
def split(x: Value, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Value, ...]:
    """x in pieces along dim: of one size (the last may be smaller), or of the sizes given."""
    at = axis(x, dim)
    size, sections = x.shape[at], split_size_or_sections
    if not isinstance(sections, list | tuple):
        piece = integer(sections, "split: the size of a piece")
        if piece < 1 and size or piece < 0:
            raise ValueError(f"split: the size of a piece must be positive, not {piece}")
        sections = [builtins.min(piece, size - i) for i in range(0, size, piece or 1)] or [0]
    sections = [integer(n, "split: a size") for n in sections]
    ends = list(itertools.accumulate(sections))
    if builtins.min(sections, default=0) < 0 or builtins.sum(sections) != size:
        total = f"add up to {builtins.sum(sections)}, dim {dim} has {size}"
        raise ValueError(f"split: sizes {sections} {total}")
    before = (slice(None),) * at
    pieces = [slice(end - n, end) for n, end in zip(sections, ends, strict=True)]
    return tuple([getitem(x, index=(*before, piece)) for piece in pieces])


@of_tensor
def chunk(x: Value, chunks: int, dim: int = 0) -> tuple[Value, ...]:
    """x in at most `chunks` pieces of equal size along dim (the last may be smaller)."""
    if (chunks := integer(chunks, "chunk: the number of pieces")) < 1:
        raise ValueError(f"chunk: the number of pieces must be positive, not {chunks}")
    size = x.shape[axis(x, dim)]
    return split(x, -(-size // chunks) if size else [0] * chunks, dim)


def iterated(x: Any) -> tuple[Any, ...]:
    """The slices of x along its first dim. Raises TypeError, as Python expects, if it has none."""
    if not x.ndim:
        raise TypeError("a single number has no dims to iterate over: use item() for its value")
    return unbind(x)


@of_tensor
def unbind(x: Value, dim: int = 0) -> tuple[Value, ...]:
    """The slices of x along dim, without that dim."""
    at = axis(x, dim)
    before = (slice(None),) * at
    return tuple([getitem(x, index=(*before, i)) for i in range(x.shape[at])])

"""More shapes: tensors repeated, rearranged, divided and turned over.

What is a view in PyTorch is one here; the docstrings say so. All else is a copy.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .dims import axes, axis, integer, only, sizes
from .dtypes import Array, Value
from .errors import describe, not_a_tensor, of_tensor, shown
from .functions import flatten, split, transpose, unsqueeze
from .graph import Node, Op, value_of
from .memory import owner
from .ops import cast, expand, getitem, permute, reshape
from .picking import index_select

ALL = slice(None)


def one_by_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function of a tensor and a list of ints: they may be given one by one, too."""

    @functools.wraps(function)
    def call(x: Any, *given: Any, **named: Any) -> Any:
        return function(x, *([sizes(given)] if given else []), **named)

    return of_tensor(call)


def copied(x: Any, of: Any) -> Any:
    """x, or a copy of it if it shares memory with another tensor."""
    shares = owner(value_of(x)) is owner(value_of(of))
    return cast(x, dtype=value_of(x).dtype, order="C") if shares else x


def like(array: Any, x: Any) -> Any:
    """The array as a tensor, if x is a tensor."""
    return Op.node(np.asarray(array)) if isinstance(x, Node) else array


# --- repeated ----------------------------------------------------------------------------------


@one_by_one
def repeat(x: Any, repeats: Sequence[int]) -> Any:
    """x next to itself, `repeats` times along each dim; leading dims may be added."""
    repeats = sizes((tuple(repeats),))
    if len(repeats) < x.ndim or min(repeats, default=0) < 0:
        each = f"a number for each of the {x.ndim} dims, none of them negative"
        raise ValueError(f"repeat: {repeats} for shape {tuple(x.shape)}: give {each}")
    shape = (1,) * (len(repeats) - x.ndim) + tuple(x.shape)
    pairs = list(zip(repeats, shape, strict=True))
    once = reshape(x, shape=tuple([n for _, size in pairs for n in (1, size)]))
    several = expand(once, shape=tuple([n for pair in pairs for n in pair]))
    return copied(reshape(several, shape=tuple([times * size for times, size in pairs])), x)


@one_by_one
def tile(x: Value, dims: Sequence[int]) -> Value:
    """`repeat` along the last dims, if fewer numbers are given than there are dims."""
    return repeat(x, (1,) * (x.ndim - len(dims)) + tuple(dims))


def repeat_interleave(
    input: Any = None, repeats: Any = None, dim: Any = None, *, output_size: int | None = None
) -> Any:
    """Each slice along dim (None: each element) `repeats` times in a row: an int, or one per slice.

    Given only repeats, the result is the index (int64): 0 repeated repeats[0] times, and so on.
    """
    if input is None or repeats is None:
        repeats = input if repeats is None else repeats
        input = like(np.arange(len(repeats)), repeats)
    if not isinstance(input, Node | Array):
        raise not_a_tensor("repeat_interleave", input)
    x: Any = input
    x, dim = (reshape(x, shape=(-1,)), 0) if dim is None else (x, dim)
    at = axis(x, dim)
    times = _repeats(repeats, x.shape[at])
    if output_size is not None and output_size != (total := int(times.sum())):
        raise ValueError(f"repeat_interleave: output_size is {output_size}; it must be {total}")
    if np.ndim(value_of(repeats)):
        return index_select(x, at, np.repeat(np.arange(x.shape[at]), times))
    shape = (*x.shape[: at + 1], integer(repeats), *x.shape[at + 1 :])
    return copied(flatten(expand(unsqueeze(x, at + 1), shape=shape), at, at + 1), x)


def _repeats(repeats: Any, size: int) -> Array:
    """How often each of `size` slices is repeated."""
    given = value_of(repeats)
    if not isinstance(given, int | np.integer | Array) or np.asarray(given).dtype.kind not in "iu":
        raise TypeError(f"repeat_interleave: repeats is an int or a tensor of ints: {shown(given)}")
    if np.ndim(given) > 1 or np.size(given) not in (1, size) or np.min(given, initial=0) < 0:
        each = f"give one number, or one for each of {size} slices, none of them negative"
        raise ValueError(f"repeat_interleave: repeats {describe(given)}: {each}")
    return np.broadcast_to(given, (size,))


# --- the shape of another tensor; dims in another order -------------------------------------------


@of_tensor
def expand_as(x: Value, other: Any) -> Value:
    """x broadcast to the shape of another tensor: a view."""
    return expand(x, shape=tuple(other.shape))


@of_tensor
def view_as(x: Any, other: Any) -> Any:
    """x in the shape of another tensor, and in its own memory (see `Tensor.view`)."""
    return x.view(tuple(other.shape))


@of_tensor
def reshape_as(x: Value, other: Any) -> Value:
    """x in the shape of another tensor: a view, if the memory allows it."""
    return reshape(x, shape=tuple(other.shape))


@of_tensor
def movedim(x: Value, source: int | Sequence[int], destination: int | Sequence[int]) -> Value:
    """x with some dims moved to other places; the others keep their order. A view."""
    here, there = (_places(x, dim) for dim in (source, destination))
    if len(here) != len(there):
        raise ValueError(f"movedim: from {source} to {destination}: give one place per dim")
    rest = iter([d for d in range(x.ndim) if d not in here])
    moved = dict(zip(there, here, strict=True))
    return permute(x, dims=tuple([moved[d] if d in moved else next(rest) for d in range(x.ndim)]))


def _places(x: Any, dim: Any) -> tuple[int, ...]:
    """The dims that one int or a list of them names; an empty list names none."""
    if isinstance(dim, tuple | list):
        return axes(x, dim) if dim else ()
    return only(x, dim)


moveaxis = movedim


@of_tensor
def swapaxes(x: Value, axis0: int, axis1: int) -> Value:
    """`transpose`, by NumPy's name."""
    return transpose(x, axis0, axis1)


@of_tensor
def swapdims(x: Value, dim0: int, dim1: int) -> Value:
    """`transpose`."""
    return transpose(x, dim0, dim1)


@of_tensor
def adjoint(x: Value) -> Value:
    """The last two dims exchanged, which is `mT`, because all numbers here are real."""
    return transpose(x, -2, -1) if x.ndim else x


@of_tensor
def ravel(x: Value) -> Value:
    """All elements in one dim: `flatten`."""
    return reshape(x, shape=(-1,))


@of_tensor
def unflatten(x: Value, dim: int, sizes: Sequence[int]) -> Value:
    """A dim divided into several, whose sizes multiply to its own; one may be -1. A view."""
    at, parts = axis(x, dim), [integer(n, "unflatten: a size") for n in sizes]
    size, known = x.shape[at], int(np.prod([n for n in parts if n != -1]))
    whole = [size // known if n == -1 and known else n for n in parts]
    if not parts or parts.count(-1) > 1 or min(whole) < 0 or np.prod(whole) != size:
        raise ValueError(
            f"unflatten: sizes {sizes} do not multiply to dim {dim} of {tuple(x.shape)}"
        )
    return reshape(x, shape=(*x.shape[:at], *whole, *x.shape[at + 1 :]))


# --- parts -------------------------------------------------------------------------------------


@of_tensor
def narrow(x: Value, dim: int, start: Any, length: int) -> Value:
    """The `length` slices along dim from `start` on, which may be negative. A view."""
    at, start, length = (
        axis(x, dim),
        integer(value_of(start), "narrow: start"),
        integer(length, "length"),
    )
    size = x.shape[at]
    first = start + size if start < 0 else start
    if not 0 <= first <= size:
        raise IndexError(f"narrow: start {start} must lie from {-size} to {size} in dim {dim}")
    if not 0 <= length <= size - first:
        given = f"narrow: length {length} from {start} on in dim {dim} of {tuple(x.shape)}"
        raise ValueError(f"{given}: it must lie from 0 to {size - first}")
    return getitem(x, index=(ALL,) * at + (slice(first, first + length),))


@of_tensor
def select(x: Value, dim: int, index: Any) -> Value:
    """The slice of x at one index along dim, without that dim. A view."""
    at, index = axis(x, dim), integer(index, "select: the index")
    if not -x.shape[at] <= index < x.shape[at]:
        raise IndexError(f"select: index {index} is out of range in dim {dim} of {tuple(x.shape)}")
    return getitem(x, index=(ALL,) * at + (index,))


@of_tensor
def tensor_split(
    x: Value, indices_or_sections: Any = None, dim: int = 0, *, indices: Any = None,
    sections: Any = None,
) -> tuple[Value, ...]:  # fmt: skip
    """x in so many pieces along dim, the first ones longer by 1; or cut at indices. Views."""
    at, (name, given) = axis(x, dim), _cuts("tensor_split", indices_or_sections, indices, sections)
    size, along = x.shape[at], (ALL,) * at
    if name == "indices":
        cuts = [0, *given, size]
        pieces = [slice(start, end) for start, end in itertools.pairwise(cuts)]
        return tuple([getitem(x, index=(*along, piece)) for piece in pieces])
    return split(x, [size // given + (i < size % given) for i in range(given)], dim)


def _cuts(name: str, *given: Any) -> tuple[str, Any]:
    """("indices", a list of ints) or ("sections", an int), from whichever argument was given."""
    one = value_of(next((one for one in given if one is not None), None))
    if isinstance(one, tuple | list) or np.ndim(one) == 1:
        return "indices", [integer(i, f"{name}: an index") for i in one]
    if (pieces := integer(one, f"{name}: the number of pieces")) < 1:
        raise ValueError(f"{name}: the number of pieces must be positive, not {pieces}")
    return "sections", pieces


def _split_along(name: str, doc: str, least: int, dim: int) -> Callable[..., Any]:
    """`tensor_split` along a dim of tensors that have at least so many, into equal pieces."""

    def parts(
        x: Value, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
    ) -> tuple[Value, ...]:
        if x.ndim < least:
            raise ValueError(f"{name}: shape {tuple(x.shape)}: it needs at least {least} dims")
        at = dim if x.ndim > dim else 0
        kind, given = _cuts(name, indices_or_sections, indices, sections)
        if kind == "sections" and x.shape[at] % given:
            raise ValueError(
                f"{name}: dim {at} of {tuple(x.shape)} does not divide into {given} equal pieces"
            )
        return tensor_split(x, given, at)

    parts.__name__, parts.__qualname__, parts.__doc__ = name, name, doc
    return of_tensor(parts)


hsplit = _split_along("hsplit", "x cut along dim 1, or 0 of a vector (see `tensor_split`).", 1, 1)
vsplit = _split_along("vsplit", "x cut along dim 0 (see `tensor_split`).", 2, 0)
dsplit = _split_along("dsplit", "x cut along dim 2 (see `tensor_split`).", 3, 2)


# --- turned over -----------------------------------------------------------------------


@one_by_one
def flip(x: Any, dims: Sequence[int]) -> Any:
    """x with the order of its elements reversed along some dims: a copy."""
    over = _places(x, tuple(dims))
    index = tuple([slice(None, None, -1) if d in over else ALL for d in range(x.ndim)])
    return cast(getitem(x, index=index), dtype=value_of(x).dtype, order="C")


@of_tensor
def fliplr(x: Any) -> Any:
    """x reversed along dim 1."""
    if x.ndim < 2:
        raise ValueError(f"fliplr: shape {tuple(x.shape)}: it needs at least 2 dims")
    return flip(x, (1,))


@of_tensor
def flipud(x: Any) -> Any:
    """x reversed along dim 0."""
    return flip(x, (axis(x, 0),))


def two(name: str, x: Any, dim1: int, dim2: int) -> tuple[int, ...]:
    """Two dims of x, counted from the front."""
    dims = axis(x, dim1), axis(x, dim2)
    if dims[0] == dims[1]:
        raise ValueError(f"{name}: dim1 {dim1} and dim2 {dim2} are the same dim")
    return dims


@of_tensor
def rot90(x: Any, k: int = 1, dims: Sequence[int] = (0, 1)) -> Any:
    """x turned k times by 90 degrees in the plane of two dims, from the first to the second."""
    if len(dims) != 2 or x.ndim < 2:
        raise ValueError(f"rot90: dims {dims} of shape {tuple(x.shape)}: give two dims")
    first, second = two("rot90", x, *dims)
    flipped = {0: (), 1: (second,), 2: (first, second), 3: (first,)}[turns := integer(k, "k") % 4]
    out = flip(x, flipped)
    return transpose(out, first, second) if turns % 2 else out

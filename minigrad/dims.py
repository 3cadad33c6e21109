"""Dims and sizes: the axes that a `dim` names, shapes after a reduction, inverse permutations."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np

from .dtypes import TensorOrArray
from .errors import shown

Dim = int | Sequence[int] | None
Sizes = int | Sequence[int]  # sizes are given one by one or as one sequence
INTS = {int}


class Size(tuple[int, ...]):
    """The shape of a tensor: a tuple of ints that prints as in PyTorch, and its parts are too."""

    __slots__ = ()

    def __new__(cls, sizes: Iterable[Any] = ()) -> Self:
        return tuple.__new__(
            cls, [int(n) if n is True or n is False else integer(n) for n in sizes]
        )

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def __getitem__(self, index: Any) -> Any:
        found = item(self, index)
        return new(Size, found) if type(index) is slice else found

    def __add__(self, other: Any) -> Any:
        return new(Size, (*self, *other)) if isinstance(other, tuple) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        return new(Size, (*other, *self)) if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: Any) -> Any:
        return new(Size, tuple(self) * times)

    __rmul__ = __mul__


new, item = tuple.__new__, tuple.__getitem__  # new(Size, …) does not look at the sizes


def integer(given: Any, what: str = "a dim") -> int:
    """An int, also if it is NumPy's, or a tensor or array of ints without dims; not a bool.

    Raises TypeError for anything else; `what` names the argument.
    """
    if type(given) is int:
        return given
    try:
        if isinstance(given, bool):
            raise TypeError
        return operator.index(given)
    except TypeError:
        raise TypeError(f"{what} must be an int, not {shown(given)}") from None


def axes(x: TensorOrArray, dim: Dim, keepdim: bool = False) -> tuple[int, ...]:
    """The dims that `dim` names (None or an empty sequence: all of them), counted from the front.

    Raises IndexError for a dim that x does not have, TypeError for one that is not an int (and for
    a keepdim that is not a bool), ValueError if the same dim is given twice.
    """
    ndim = x.ndim if hasattr(x, "ndim") else np.ndim(x)  # type: ignore[arg-type]
    if keepdim is not False and keepdim is not True:
        raise TypeError(f"keepdim is True or False, not {keepdim!r}; several dims are one tuple")
    one = dim[0] if type(dim) is tuple and len(dim) == 1 else dim
    if type(one) is int and 0 <= (d := one + ndim if one < 0 else one) < ndim:
        return (d,)  # the common case: one int
    given = dim if isinstance(dim, tuple | list) else () if dim is None else (dim,)
    if not given:
        return tuple(range(ndim))
    dims, end = [], ndim or 1
    for d in given:
        d = d if type(d) is int else integer(d)
        if not -end <= d < end:
            there = f"there are {ndim} dims, so it must lie from {-end} to {end - 1}"
            raise IndexError(f"dim {d} of shape {tuple(np.shape(x))}: {there}")
        dims.append(d % end)
    if len(set(dims)) < len(dims):
        raise ValueError(f"dim {dim} of shape {tuple(np.shape(x))}: the same dim is given twice")
    return tuple(dims) if ndim else ()


def names_none(dim: Any) -> bool:
    """True for () and []."""
    return isinstance(dim, tuple | list) and not dim


def only(x: TensorOrArray, dim: int, keepdim: bool = False) -> tuple[int, ...]:
    """`axes` of exactly one dim; empty if x has no dims. Raises TypeError for several or None."""
    return axes(x, dim if type(dim) is int else integer(dim), keepdim)


def axis(x: TensorOrArray, dim: int) -> int:
    """One dim, counted from the front. Raises IndexError also if x has no dims."""
    dim = integer(dim)
    ndim = x.ndim if hasattr(x, "ndim") else np.ndim(x)  # type: ignore[arg-type]
    if -ndim <= dim < ndim:
        return dim % ndim
    if not ndim:
        raise IndexError(f"dim {dim} of a single number: it has no dims")
    return axes(x, dim)[0]


def rows(x: Any) -> Any:
    """x as a matrix: all dims except the last merged into one."""
    if x.ndim == 2:
        return x
    *lead, n = x.shape
    return x.reshape(-1 if n else math.prod(lead), n)


@functools.lru_cache
def exchanged(ndim: int, first: int, second: int) -> tuple[int, ...]:
    """The permutation that exchanges two dims; empty if there are no such dims."""
    if not -ndim <= min(first, second) <= max(first, second) < ndim:
        return ()
    dims = list(range(ndim))
    dims[first], dims[second] = dims[second], dims[first]
    return tuple(dims)


@functools.lru_cache
def inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    """The inverse permutation of dims."""
    permutation = [int(d) % len(dims) for d in dims]
    return tuple(map(permutation.index, range(len(dims))))


def kept(x: TensorOrArray, dim: Dim) -> tuple[int, ...]:
    """The shape of x after a reduction over `dim` with keepdim=True."""
    reduced = axes(x, dim)
    return tuple(1 if d in reduced else n for d, n in enumerate(x.shape))


def size_of(x: TensorOrArray, dim: Dim) -> int:
    """The number of elements along `dim`."""
    return math.prod([x.shape[d] for d in axes(x, dim)])


def sizes(given: tuple[Any, ...]) -> tuple[int, ...]:
    """A shape that was given as view(2, 3) or as view((2, 3))."""
    several = given[0] if len(given) == 1 and isinstance(given[0], tuple | list) else given
    if not INTS.issuperset(map(type, several)):
        several = [integer(n, "a size") for n in several]
    return tuple(several)

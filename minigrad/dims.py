"""Dims and sizes: the axes that a `dim` names, shapes after a reduction, inverse permutations."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .dtypes import TensorOrArray

Dim = int | Sequence[int] | None
Size = int | Sequence[int]  # sizes are given one by one or as one sequence


def axes(x: TensorOrArray, dim: Dim) -> tuple[int, ...]:
    """The dims that `dim` names (None or an empty sequence: all of them), counted from the front.

    Raises IndexError for a dim that x does not have, TypeError for one that is not an int,
    ValueError if the same dim is given twice.
    """
    ndim = x.ndim if hasattr(x, "ndim") else np.ndim(x)  # type: ignore[arg-type]
    if type(dim) is tuple and len(dim) == 1:
        (dim,) = dim
    if type(dim) is int and 0 <= (d := dim + ndim if dim < 0 else dim) < ndim:
        return (d,)  # the common case: one int
    dims = () if dim is None else (dim,) if isinstance(dim, int | np.integer) else tuple(dim)
    if not dims:
        return tuple(range(ndim))
    for d in dims:
        if isinstance(d, bool) or not isinstance(d, int | np.integer):
            raise TypeError(f"a dim is an int, not {d!r}")
        if not -max(ndim, 1) <= d < max(ndim, 1):
            raise IndexError(
                f"dim {d} of shape {np.shape(x)}: there are {ndim} dims, "
                f"so it must lie from {-max(ndim, 1)} to {max(ndim, 1) - 1}"
            )
    dims = tuple(d % max(ndim, 1) for d in dims)
    if len(set(dims)) < len(dims):
        raise ValueError(f"dim {dim} of shape {np.shape(x)}: the same dim is given twice")
    return dims if ndim else ()


def axis(x: TensorOrArray, dim: int) -> int:
    """One dim, counted from the front. Raises IndexError also if x has no dims."""
    if not np.ndim(x):  # type: ignore[arg-type]
        raise IndexError(f"dim {dim} of a single number: it has no dims")
    return axes(x, dim)[0]


@functools.lru_cache
def inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    """The inverse permutation of dims."""
    permutation = [d % len(dims) for d in dims]
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
    return given if len(given) != 1 or isinstance(given[0], int | np.integer) else tuple(given[0])

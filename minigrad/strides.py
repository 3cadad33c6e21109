"""Views that NumPy makes by other strides, and their inverses: diagonals and windows."""

from __future__ import annotations

from typing import Any

import numpy as np

from .autograd.changed import WRITTEN_TO_VIEW
from .checks import whole
from .dims import axis, integer
from .dtypes import Array
from .errors import of_tensor
from .graph import op
from .memory import owner
from .ops import add_at, put_at, reshape
from .shaping import copied, movedim, ravel, select, two

# --- diagonals ---------------------------------------------------------------------------------


@of_tensor
def diagonal(x: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The diagonals of the matrices in two dims, in a new last dim: a view."""
    return diagonals(x, offset=integer(offset, "the offset"), dims=two("diagonal", x, dim1, dim2))


@op
def diagonals(x: Array, *, offset: int, dims: tuple[int, ...]) -> Array:
    """The diagonals of the matrices in two dims, in a new last dim: a view."""
    return np.diagonal(x, offset, *dims)


@diagonals.backward
def _of_diagonals(g: Any, out: Any, x: Any, *, offset: int, dims: tuple[int, ...]) -> Any:
    return (with_diagonals(np.zeros(x.shape, g.dtype), g, offset=offset, dims=dims),)


def with_diagonals(x: Any, g: Any, *, offset: int, dims: tuple[int, ...]) -> Any:
    """A copy of x with g on its diagonals."""
    index: list[Any] = [slice(None)] * len(x.shape)
    index[dims[0]], index[dims[1]] = _places_of_diagonal(g.shape[-1], offset)
    apart = abs(dims[0] - dims[1]) > 1  # NumPy then puts the picked dim first
    return put_at(x, movedim(g, -1, 0 if apart else min(dims)), index=tuple(index))


def _places_of_diagonal(size: int, offset: int) -> tuple[Array, Array]:
    """The rows and the columns of the elements of a diagonal."""
    return np.arange(size) + max(-offset, 0), np.arange(size) + max(offset, 0)


@of_tensor
def diag(x: Any, diagonal: int = 0) -> Any:
    """The matrix with the vector x on a diagonal; of a matrix x, its diagonal, copied."""
    if x.ndim not in (1, 2):
        raise ValueError(f"diag: shape {tuple(x.shape)}: it takes a vector or a matrix")
    return (
        diag_embed(x, diagonal)
        if x.ndim == 1
        else copied(diagonals(x, offset=diagonal, dims=(0, 1)), x)
    )


@of_tensor
def diag_embed(x: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """Matrices, in two dims of the result, with the last dim of x on a diagonal, and else 0."""
    offset, size = integer(offset, "diag_embed: the offset"), x.shape[axis(x, -1)]
    shape = (*x.shape[:-1], size + abs(offset), size + abs(offset))
    dims = two("diag_embed", np.empty(shape[:-2] + (0, 0)), dim1, dim2)
    index = (..., *_places_of_diagonal(size, offset))
    made = put_at(np.zeros(shape, x.dtype), x, index=index)
    return movedim(made, (-2, -1), dims)


@of_tensor
def diagflat(x: Any, offset: int = 0) -> Any:
    """The matrix with all elements of x on a diagonal."""
    return diag_embed(ravel(x), offset)


# --- windows -----------------------------------------------------------------------------------


@of_tensor
def unfold(x: Any, dimension: int, size: int, step: int) -> Any:
    """Windows of a size along a dim, one every `step`, in a new last dim: a view."""
    size, step = whole("unfold: size", size), whole("unfold: step", step, least=1)
    if not x.ndim:
        return select(unfold(reshape(x, shape=(1,)), dimension, size, step), 0, 0)
    at = axis(x, dimension)
    if size > x.shape[at]:
        raise ValueError(f"unfold: size {size} in dim {dimension} of {tuple(x.shape)}: too large")
    return windows(x, dim=at, size=size, step=step)


@op
def windows(x: Array, *, dim: int, size: int, step: int) -> Array:
    """Windows of a size along dim (from 0 on), one every `step`, in a new last dim: a view."""
    shape = (*x.shape[:dim], (x.shape[dim] - size) // step + 1, *x.shape[dim + 1 :], size)
    strides = (*x.strides[:dim], x.strides[dim] * step, *x.strides[dim + 1 :], x.strides[dim])
    memory = owner(x) if owner(x).flags.c_contiguous else owner(x).T
    if not memory.flags.c_contiguous or not x.size:
        return np.lib.stride_tricks.as_strided(x, shape, strides).copy()
    # NumPy's as_strided would hide which memory this is a view of.
    start = x.__array_interface__["data"][0] - memory.__array_interface__["data"][0]
    return np.ndarray(shape, x.dtype, memory, start, strides)


@windows.backward
def _of_windows(g: Any, out: Any, x: Any, *, dim: int, size: int, step: int) -> Any:
    zeros, index = np.zeros(x.shape, g.dtype), _places_of_windows(g, dim, step)
    return (add_at(zeros, movedim(g, -1, dim + 1), index=index),)


def _places_of_windows(g: Any, dim: int, step: int) -> tuple[Any, ...]:
    """The index that picks all windows: (…, window, place in it, …)."""
    starts = np.arange(g.shape[dim])[:, None] * step
    return (*[slice(None)] * dim, starts + np.arange(g.shape[-1]))


def _written_to_windows(x: Any, view: Any, *, dim: int, size: int, step: int) -> Any:
    if size > step:
        raise RuntimeError("in place: windows of unfold that overlap: write into a clone()")
    return put_at(x, movedim(view, -1, dim + 1), index=_places_of_windows(view, dim, step))


WRITTEN_TO_VIEW[windows] = _written_to_windows
WRITTEN_TO_VIEW[diagonals] = with_diagonals

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
    return (_with_diagonals(np.zeros(x.shape, x.dtype), g, offset=offset, dims=dims),)


def _with_diagonals(x: Any, g: Any, *, offset: int, dims: tuple[int, ...]) -> Any:
    """A copy of x with g on its diagonals."""
    rows, columns = _places_of_diagonal(g.shape[-1], offset)
    put = put_at(movedim(x, dims, (0, 1)), movedim(g, -1, 0), index=(rows, columns))
    return movedim(put, (0, 1), dims)


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
    starts = (x.shape[dim] - size) // step + 1
    shape = (*x.shape[:dim], starts, *x.shape[dim + 1 :], size)
    strides = (*x.strides[:dim], x.strides[dim] * step, *x.strides[dim + 1 :], x.strides[dim])
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)


@windows.backward
def _of_windows(g: Any, out: Any, x: Any, *, dim: int, size: int, step: int) -> Any:
    moved = movedim(g, (dim, -1), (0, 1))  # (window, place in it, the other dims)
    index = (np.arange(len(moved))[:, None] * step + np.arange(size),)
    shape = (x.shape[dim], *moved.shape[2:])
    return (movedim(add_at(np.zeros(shape, x.dtype), moved, index=index), 0, dim),)


def _written_to_windows(x: Any, view: Any, *, dim: int, size: int, step: int) -> Any:
    if size > step:
        raise RuntimeError("in place: windows of unfold that overlap: write into a clone()")
    moved = movedim(view, (dim, -1), (0, 1))
    index = np.arange(len(moved))[:, None] * step + np.arange(size)
    return movedim(put_at(movedim(x, dim, 0), moved, index=index), 0, dim)


WRITTEN_TO_VIEW[windows] = _written_to_windows
WRITTEN_TO_VIEW[diagonals] = _with_diagonals

"""Tensors joined into one: next to each other, on a diagonal, combined, broadcast together."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import checks, ops
from .checks import whole
from .dtypes import Array, float32, result_type
from .errors import of_tensor, shown
from .functions import cat, stack, unsqueeze
from .graph import Node, Op, value_of
from .ops import expand, getitem, reshape
from .shaping import one_by_one, ravel

concat = concatenate = cat


def _tensors(name: str, given: Any, least: int = 1) -> tuple[Any, ...]:
    """A list of tensors or arrays. Raises TypeError for anything else, ValueError for too few."""
    if hasattr(given, "shape"):
        raise TypeError(f"{name}: give a list of tensors, not one of shape {tuple(given.shape)}")
    wrong = [one for one in given if not isinstance(one, Node | Array)]
    if wrong:
        raise TypeError(f"{name}: give tensors, not {shown(wrong[0])}")
    if len(given) < least:
        raise ValueError(f"{name}: give at least one tensor")
    return tuple(given)


def _listed(given: tuple[Any, ...]) -> Any:
    """Several tensors that were given one by one or, alone, as a list."""
    return given[0] if len(given) == 1 and isinstance(given[0], tuple | list) else given


# --- at least so many dims -----------------------------------------------------------------------


def atleast_1d(*tensors: Any) -> Any:
    """A number as a vector; several tensors give a tuple. Views."""
    return _each("atleast_1d", tensors, lambda x: x if x.ndim else reshape(x, shape=(1,)))


def atleast_2d(*tensors: Any) -> Any:
    """A number or vector as a matrix of one row; several tensors give a tuple. Views."""
    return _each("atleast_2d", tensors, lambda x: x if x.ndim > 1 else unsqueeze(atleast_1d(x), 0))


def atleast_3d(*tensors: Any) -> Any:
    """A number, vector or matrix with new dims of 1, the last one last; several give a tuple."""
    return _each("atleast_3d", tensors, lambda x: x if x.ndim > 2 else unsqueeze(atleast_2d(x), -1))


def _each(name: str, tensors: Any, of: Any) -> Any:
    several = [of(x) for x in _tensors(name, _listed(tensors), least=0)]
    return several[0] if _listed(tensors) is tensors and len(several) == 1 else tuple(several)


# --- next to each other ------------------------------------------------------------------------


def hstack(tensors: Sequence[Any]) -> Any:
    """Tensors next to each other: along dim 1, or along dim 0 if the first is a vector."""
    several = atleast_1d(_tensors("hstack", tensors))
    return cat(several, 0 if several[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Any]) -> Any:
    """Tensors below each other, along dim 0; vectors are rows."""
    return cat(atleast_2d(_tensors("vstack", tensors)), 0)


row_stack = vstack


def dstack(tensors: Sequence[Any]) -> Any:
    """Tensors after each other, along dim 2."""
    return cat(atleast_3d(_tensors("dstack", tensors)), 2)


def column_stack(tensors: Sequence[Any]) -> Any:
    """Tensors next to each other, along dim 1; vectors are columns."""
    several = _tensors("column_stack", tensors)
    return cat([reshape(x, shape=(-1, 1)) if x.ndim < 2 else x for x in several], 1)


def block_diag(*tensors: Any) -> Any:
    """The matrix with the given matrices along its diagonal, and 0 elsewhere; vectors are rows."""
    blocks = [atleast_2d(x) for x in _tensors("block_diag", tensors, least=0)]
    if wide := [x for x in blocks if x.ndim > 2]:
        raise ValueError(f"block_diag: shape {tuple(wide[0].shape)}: it takes at most two dims")
    if not blocks:
        return Op.node(np.zeros((1, 0), float32))
    dtype, total = result_type(*map(value_of, blocks)), sum(x.shape[1] for x in blocks)
    start, rows = 0, []  # the column at which the next block begins
    for x in blocks:
        height, end = x.shape[0], start + x.shape[1]
        left, right = np.zeros((height, start), dtype), np.zeros((height, total - end), dtype)
        rows.append(ops.cat(left, x, right, dim=1))
        start = end
    return cat(rows, 0)


# --- broadcast and combined --------------------------------------------------------------------


def broadcast_shapes(*shapes: int | Sequence[int]) -> tuple[int, ...]:
    """The shape that tensors of these shapes have together. Raises ValueError if there is none."""
    several = [checks.shape_or_int("broadcast_shapes: a size", shape) for shape in shapes]
    try:
        return Op.node(np.empty(np.broadcast_shapes(*several), bool)).shape  # type: ignore[attr-defined]
    except ValueError:
        given = ", ".join(map(str, several))
        equal = "counted from the last, dims must be equal, or one of them 1"
        raise ValueError(f"broadcast_shapes: {given}: {equal}") from None


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """Tensors expanded to the shape that they have together: views, or the tensor itself."""
    several = _tensors("broadcast_tensors", tensors, least=0)
    shape = broadcast_shapes(*[tuple(x.shape) for x in several])
    return tuple([x if x.shape == shape else expand(x, shape=shape) for x in several])


@one_by_one
def broadcast_to(x: Any, size: Sequence[int]) -> Any:
    """x expanded to a shape: a view."""
    return expand(x, shape=tuple(size))


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Any, ...]:
    """The coordinates of a grid: for each vector, its elements along a dim of their own. Views.

    indexing  "ij": the n-th vector runs along dim n; "xy": the first one along dim 1, the second
              along dim 0
    """
    vectors = [atleast_1d(x) for x in _tensors("meshgrid", _listed(tensors))]
    if wide := [x for x in vectors if x.ndim > 1]:
        raise ValueError(f"meshgrid: shape {tuple(wide[0].shape)}: it takes vectors")
    if len(dtypes := {value_of(x).dtype for x in vectors}) > 1:
        raise TypeError(
            f"meshgrid: all must have the same dtype, not {', '.join(map(str, dtypes))}"
        )
    if indexing not in ("ij", "xy"):
        raise ValueError(f'meshgrid: indexing is "ij" or "xy", not {indexing!r}')
    order = list(range(len(vectors)))
    order[:2] = order[:2][:: -1 if indexing == "xy" else 1]  # the dim that each vector runs along
    sizes = [vectors[order.index(d)].shape[0] for d in range(len(vectors))]
    shapes = [[-1 if d == at else 1 for d in range(len(vectors))] for at in order]
    pairs = zip(vectors, shapes, strict=True)
    return tuple([expand(reshape(x, shape=tuple(shape)), shape=tuple(sizes)) for x, shape in pairs])


def cartesian_prod(*tensors: Any) -> Any:
    """All ways to pick one element from each vector, one per row, the last one changing fastest."""
    for x in _tensors("cartesian_prod", tensors):
        if x.ndim != 1:
            raise ValueError(f"cartesian_prod: shape {tuple(x.shape)}: it takes vectors")
    if len(tensors) == 1:
        return tensors[0]
    return stack([ravel(x) for x in meshgrid(*tensors)], 1)


@of_tensor
def combinations(x: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All ways to pick r elements of a vector, one per row, in their order in x."""
    if x.ndim != 1:
        raise ValueError(f"combinations: shape {tuple(x.shape)}: it takes a vector")
    r = whole("combinations: r", r)
    if not r:
        return getitem(x, index=(slice(0),))
    pick = itertools.combinations_with_replacement if with_replacement else itertools.combinations
    if r == 2:  # the places above the diagonal of a matrix, which NumPy knows
        rows = np.stack(np.triu_indices(x.shape[0], int(not with_replacement)), 1)
    else:
        rows = np.array(list(pick(range(x.shape[0]), r)), np.int64).reshape(-1, r)
    return getitem(x, index=(rows,))

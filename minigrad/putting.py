"""Elements put to places, or taken from them, by an index or a mask: scatter, index_add, take …

Each form without `_` returns a copy; the methods with `_` write into the tensor. The index of
`scatter` and its like is as in `gather`: for dim 1, x[i][index[i][j]] belongs to src[i][j].
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import checks
from .dims import axis, integer
from .dtypes import Array, Number, bool_, number_in
from .errors import of_tensor, shown
from .graph import Node, op, value_of
from .inplace import as_broadcast, check_same_dtype, in_place
from .joining import atleast_1d, broadcast_shapes
from .ops import add_at, cast, div, expand, getitem, mul, put_at, reshape, where
from .picking import MANY, _indices, _within, flat_places, gather
from .shaping import like, ravel, two
from .strides import with_diagonals

ALL = slice(None)


# --- scatter: an index for every element -------------------------------------------------------


@of_tensor
def scatter(
    x: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Any:
    """A copy of x with src, a tensor or a number, in the places that the index names along dim.

    reduce  "add" or "multiply": combine it with what is there, instead of replacing it
    """
    src = value if src is None else src
    if reduce not in (None, "add", "multiply"):
        raise ValueError(f'scatter: reduce is "add" or "multiply", not {reduce!r}')
    how: dict[Any, Any] = {
        None: put_at,
        "add": add_at,
        "multiply": functools.partial(combine_at, by="prod"),
    }
    return _scattered("scatter", x, dim, index, src, how[reduce])


@of_tensor
def scatter_add(x: Any, dim: int, index: Any, src: Any) -> Any:
    """A copy of x with src added in the places that the index names along dim."""
    checks.tensors("scatter_add", src=src)
    return _scattered("scatter_add", x, dim, index, src, add_at)


@of_tensor
def scatter_reduce(
    x: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True
) -> Any:
    """A copy of x where each place has the sum, prod, mean, amax or amin of what the index brings.

    include_self  what x has there counts, too
    """
    checks.tensors("scatter_reduce", src=src)
    name = {"max": "amax", "min": "amin"}.get(reduce, reduce)
    if name not in REDUCTIONS:
        raise ValueError(
            f"scatter_reduce: reduce is one of {', '.join(REDUCTIONS)}, not {reduce!r}"
        )
    if name == "mean" and x.dtype.kind == "b":
        raise TypeError("scatter_reduce: bools have no mean: convert with float() first")
    how = functools.partial(_reduced, by=name, include_self=include_self)
    return _scattered("scatter_reduce", x, dim, index, src, how)


def _scattered(name: str, x: Any, dim: int, index: Any, src: Any, how: Callable[..., Any]) -> Any:
    """how(x, src, index=places), where the places are those of an index along dim."""
    index, rows = np.atleast_1d(_indices(name, index, copy=None)), _rows(x)
    at, dtype = axis(rows, dim), value_of(x).dtype
    if not isinstance(src, Node | Array):
        src = np.full(index.shape, number_in(checks.number(f"{name}: src", src), dtype))
    if not index.size:
        return cast(x, dtype=dtype)
    same_dtype(name, x, src)
    src = atleast_1d(src)
    sizes = zip(index.shape, rows.shape, src.shape, strict=False)
    fits = [n <= src_n and (n <= x_n or d == at) for d, (n, x_n, src_n) in enumerate(sizes)]
    if not (index.ndim == rows.ndim == src.ndim and all(fits)):
        given = f"index {index.shape}, src {tuple(src.shape)}, x {tuple(x.shape)}"
        rule = f"be no larger than src, nor than x in a dim other than {dim}"
        raise ValueError(f"{name}: {given}: the index must have the dims of both, and {rule}")
    _within(name, index, rows.shape[at], f"along dim {dim}")
    if src.shape != index.shape:
        src = getitem(src, index=tuple(map(slice, index.shape)))
    if index.size > MANY:  # places in one row, as in `gather`
        row = reshape(rows, shape=(-1,))
        return reshape(how(row, src, index=flat_places(rows.shape, at, index)), shape=x.shape)
    grid = np.indices(index.shape, sparse=True)
    out = how(rows, src, index=(*grid[:at], np.array(index), *grid[at + 1 :]))
    return out if x.ndim else reshape(out, shape=())


def _rows(x: Any) -> Any:
    """x with at least one dim: a number is copied, because its rule may need it after a write."""
    return x if x.ndim else reshape(cast(x, dtype=value_of(x).dtype), shape=(1,))


def same_dtype(name: str, x: Any, source: Any) -> None:
    """Raise TypeError if what is put into x has another dtype."""
    if x.dtype != source.dtype:
        raise TypeError(
            f"{name}: {source.dtype.name} into {x.dtype.name}: both must have the same dtype"
        )


def _reduced(x: Any, src: Any, index: Any, by: str, include_self: bool) -> Any:
    if not include_self:
        x = put_at(x, _empty(by, value_of(x).dtype), index=index)
    if by in COMBINED:
        return combine_at(x, src, index=index, by=by)
    total = add_at(x, src, index=index)
    if by == "sum":
        return total
    counts = np.full(x.shape, int(include_self))
    np.add.at(counts, index, 1)
    counts = np.maximum(counts, 1)
    if x.dtype.kind == "f":
        return div(total, counts.astype(value_of(x).dtype))
    rounded_down = value_of(total) // counts.astype(value_of(x).dtype)  # as in PyTorch
    return like(rounded_down, x)


COMBINED = {"prod": np.multiply, "amax": np.maximum, "amin": np.minimum}
REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def _empty(by: str, dtype: np.dtype) -> Any:
    """The result of a reduction of nothing."""
    if by not in ("amax", "amin"):
        return int(by == "prod")
    if dtype.kind == "b":
        return by == "amin"
    least, most = (
        (-np.inf, np.inf) if dtype.kind == "f" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    )
    return least if by == "amax" else most


@op
def combine_at(x: Any, y: Any, *, index: Any, by: str) -> Any:
    """A copy of x with the prod, amax or amin of x and y at [index], also at repeated indices."""
    total = np.array(x)
    COMBINED[by].at(total, index, y)
    return total


@combine_at.backward
def _of_combined(g: Any, out: Any, x: Any, y: Any, *, index: Any, by: str) -> Any:
    if by == "prod":
        return _of_product(g, out, x, y, index)
    of_x, of_y = x == out, y == getitem(out, index=index)  # equal ones share the gradient evenly
    several = add_at(cast(of_x, dtype=g.dtype), cast(of_y, dtype=g.dtype), index=index)
    share = g / several
    return share * of_x, lambda: getitem(share, index=index) * of_y


def _of_product(g: Any, out: Any, x: Any, y: Any, index: Any) -> tuple[Any, Any]:
    """The gradients of x · Πy: out / y would be 0 / 0 at a 0, which is left out of its product."""

    def of_y() -> Any:
        zero = y == 0
        zeros = add_at(np.zeros(x.shape), cast(zero, dtype=np.dtype(float)), index=index)
        single = zero & (getitem(zeros, index=index) == 1)
        others = combine_at(x, where(single, 1, y), index=index, by="prod")
        of_single = getitem(g * others, index=index)
        return where(single, of_single, getitem(g * out, index=index) / where(zero, 1, y))

    return lambda: g * combine_at(np.ones(x.shape, x.dtype), y, index=index, by="prod"), of_y


# --- an index of slices ------------------------------------------------------------------------


def _along(name: str, x: Any, dim: int, index: Any) -> tuple[Any, Array, tuple[Any, ...]]:
    """x with a dim at least, a 1-D index along dim, and the two as an index of NumPy."""
    index, rows = np.atleast_1d(_indices(name, index)), _rows(x)
    at = axis(rows, dim)
    if index.ndim > 1:
        raise ValueError(f"{name}: the index has one dim, not shape {index.shape}")
    return rows, index, (ALL,) * at + (index,)


def _slices(name: str, x: Any, dim: int, index: Any, source: Any) -> tuple[Any, Any, Any]:
    """x with a dim at least, a source with a slice for each index along dim, and the places.

    Raises ValueError if the source has another shape; only numbers may have a dim more or less.
    """
    checks.tensors(name, source=source)
    same_dtype(name, x, source)
    rows, index, places = _along(name, x, dim, index)
    at = len(places) - 1
    _within(name, index, rows.shape[at], f"in dim {dim}")
    shape = (*rows.shape[:at], len(index), *rows.shape[at + 1 :])
    single = not x.ndim or not source.ndim
    if source.shape != shape and not (single and shape == (1,) and math.prod(source.shape) == 1):
        given = f"a source of shape {tuple(source.shape)}"
        raise ValueError(f"{name}: {given}: for x {tuple(x.shape)}, it must be {shape}")
    return rows, reshape(source, shape=shape) if single else source, places


@of_tensor
def index_add(x: Any, dim: int, index: Any, source: Any, *, alpha: Number = 1) -> Any:
    """A copy of x with alpha · source added to the slices along dim that a 1-D index names."""
    checks.tensors("index_add", source=source)
    if not x.ndim and source.ndim:
        raise ValueError(f"index_add: a source of {tuple(source.shape)} for a single number")
    rows, source, places = _slices("index_add", x, dim, index, source)
    factor = value_of(x).dtype.type(checks.number("index_add: alpha", alpha)).item()
    added = source if factor == 1 else mul(source, factor)
    return _back(add_at(rows, added, index=places), x)


@of_tensor
def index_copy(x: Any, dim: int, index: Any, source: Any) -> Any:
    """A copy of x with source in place of the slices along dim that a 1-D index names."""
    rows, source, places = _slices("index_copy", x, dim, index, source)
    return _back(put_at(rows, source, index=places), x)


@of_tensor
def index_fill(x: Any, dim: int, index: Any, value: Any) -> Any:
    """A copy of x with one number, or a tensor without dims, in the slices that the index names."""
    rows, index, places = _along("index_fill", x, dim, index)
    size = rows.shape[len(places) - 1]
    index = np.unique(np.where(index < 0, index + size, index))  # each takes the value once
    _within("index_fill", index, size, f"in dim {dim}")
    if np.ndim(value_of(value)):
        raise ValueError(f"index_fill: the value must be one number, not {shown(value)}")
    value = value if isinstance(value, Node | Array) else number_in(value, value_of(x).dtype)
    return _back(put_at(rows, value, index=(*places[:-1], index)), x)


def _back(out: Any, x: Any) -> Any:
    """The result of a function of x with a dim at least, in the shape of x."""
    return out if x.ndim else reshape(out, shape=())


# --- an index as in x[…], a mask ---------------------------------------------------------------


@of_tensor
def index_put(x: Any, indices: Sequence[Any], values: Any, accumulate: bool = False) -> Any:
    """A copy of x with x[indices] = values, or += values, also where an index is repeated."""
    if not isinstance(indices, tuple | list) or not indices:
        raise TypeError(f"index_put: the indices are a tuple of tensors, not {shown(indices)}")
    checks.tensors("index_put", values=values)
    places = tuple([ALL if one is None else np.array(value_of(one)) for one in indices])
    if x.dtype != values.dtype:
        check_same_dtype(places, value_of(values), value_of(x))
    shape = getitem(value_of(x), index=places).shape
    try:
        values = as_broadcast(values, shape, leading=False)
    except ValueError as error:
        raise ValueError(f"index_put: values of shape {tuple(values.shape)}: {error}") from None
    values = values if values.dtype == x.dtype else cast(values, dtype=value_of(x).dtype)
    put = add_at if checks.flag("index_put: accumulate", accumulate) else put_at
    return put(x, expand(values, shape=shape), index=places)


def _masked(name: str, x: Any, mask: Any) -> tuple[Any, Array]:
    """x and a mask (bool), broadcast together."""
    where_true = np.array(value_of(mask))
    if where_true.dtype != bool_:
        raise TypeError(f"{name}: the mask must be bool, not {where_true.dtype.name}")
    if x.shape == where_true.shape:
        return x, where_true
    try:
        shape = broadcast_shapes(tuple(x.shape), where_true.shape)
    except ValueError:
        shapes = f"a mask of {where_true.shape} and a tensor of {tuple(x.shape)}"
        raise ValueError(f"{name}: {shapes}: they do not broadcast") from None
    where_true = np.broadcast_to(where_true, shape)
    return x if x.shape == shape else expand(x, shape=shape), where_true


@of_tensor
def masked_scatter(x: Any, mask: Any, source: Any) -> Any:
    """A copy of x with the elements of source, in their order, where the mask (bool) is True."""
    checks.tensors("masked_scatter", source=source)
    same_dtype("masked_scatter", x, source)
    x, where_true = _masked("masked_scatter", x, mask)
    needed, there = int(where_true.sum()), math.prod(source.shape)
    if there < needed:
        raise ValueError(f"masked_scatter: source has {there} elements, the mask takes {needed}")
    return put_at(x, getitem(ravel(source), index=(slice(needed),)), index=where_true)


@of_tensor
def masked_select(x: Any, mask: Any) -> Any:
    """The elements of x where the mask (bool) is True, in one dim; the two broadcast."""
    x, where_true = _masked("masked_select", x, mask)
    return getitem(x, index=where_true)


@of_tensor
def take(x: Any, index: Any) -> Any:
    """The elements of x, seen as one row, at an index of any shape; -1 is the last one."""
    row, index = ravel(x), _indices("take", index)
    size = row.shape[0]
    negative = index.size and index.min() < 0
    whole = np.where(index < 0, index + size, index) if negative else index
    _within("take", whole, size, "in x as one row")
    return getitem(row, index=index)


@of_tensor
def take_along_dim(x: Any, indices: Any, dim: int | None = None) -> Any:
    """`gather` where the index broadcasts with x in all other dims; dim None: of x as one row."""
    index = _indices("take_along_dim", indices)
    if dim is None:
        return take(x, index.ravel())
    if x.ndim != index.ndim:
        both = f"an index of {index.shape} for a tensor of {tuple(x.shape)}"
        raise ValueError(f"take_along_dim: {both}: they must have the same number of dims")
    at = axis(x, dim)
    size, of_x, of_index = x.shape[at], list(x.shape), list(index.shape)
    of_x[at] = of_index[at] = 1
    shape = broadcast_shapes(tuple(of_x), tuple(of_index))

    def whole(n: int) -> tuple[int, ...]:
        return (*shape[:at], n, *shape[at + 1 :])

    index = np.broadcast_to(index % (size or 1), whole(index.shape[at]))
    return gather(expand(x, shape=whole(size)), at, like(index, x))


# --- into what a view would show -----------------------------------------------------------------


@of_tensor
def select_scatter(x: Any, src: Any, dim: int, index: int) -> Any:
    """A copy of x with src in place of x.select(dim, index)."""
    at = axis(x, dim)
    return _placed("select_scatter", x, src, (ALL,) * at + (integer(index, "the index"),))


@of_tensor
def slice_scatter(
    x: Any, src: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Any:
    """A copy of x with src in place of its slices start:end:step along dim."""
    step = checks.whole("slice_scatter: step", step, least=1)
    return _placed("slice_scatter", x, src, (ALL,) * axis(x, dim) + (slice(start, end, step),))


@of_tensor
def diagonal_scatter(x: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """A copy of x with src in place of x.diagonal(offset, dim1, dim2)."""
    dims = two("diagonal_scatter", x, dim1, dim2)
    _fits("diagonal_scatter", src, np.diagonal(value_of(x), offset, *dims))
    return with_diagonals(x, src, offset=offset, dims=dims)


def _placed(name: str, x: Any, src: Any, index: Any) -> Any:
    """A copy of x with src, of the shape of x[index], in that place."""
    _fits(name, src, getitem(value_of(x), index=index))
    return put_at(x, src, index=index)


def _fits(name: str, src: Any, place: Array) -> None:
    """Raise ValueError unless src has the shape of the place that it is put to."""
    checks.tensors(name, src=src)
    if tuple(src.shape) != place.shape:
        raise ValueError(f"{name}: src of shape {tuple(src.shape)}: it must be {place.shape}")


# --- in place ----------------------------------------------------------------------------------


writing = functools.partial(in_place, views=True)
scatter_, scatter_add_ = writing(scatter), writing(scatter_add)
scatter_reduce_, index_add_ = writing(scatter_reduce), writing(index_add)
index_copy_, index_fill_ = writing(index_copy), writing(index_fill)
index_put_, masked_scatter_ = writing(index_put), writing(masked_scatter)

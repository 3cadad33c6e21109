"""Reductions beside sum, mean and max: products, norms, medians, running extremes, histograms.

Ops with a rule of their own are in along.py.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import along, columns, ops
from .along import cumprod, cumsum, logcumsumexp, prod
from .checks import number, tensors, whole
from .compare import argsort, isnan, ne, untracked
from .dims import Dim, axes, axis, kept, only
from .dtypes import Array, no_bools, supported_dtype
from .elementwise import lerp
from .errors import of_tensor
from .functions import ValuesAndIndices, cat, mean, squeeze, std, var
from .graph import Node, Op, value_of
from .ops import amax, amin, cast, div, getitem, mul, permute, reshape, sub, where
from .picking import gather

ROUNDED: dict[str, Any] = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}
INTERPOLATIONS = ("linear", "midpoint", *ROUNDED)


class MinAndMax(NamedTuple):
    """The smallest and the largest value."""

    min: Any
    max: Any


# --- norms and means ---------------------------------------------------------------------------


@of_tensor
def norm(
    input: Any, p: Any = "fro", dim: Dim = None, keepdim: bool = False, dtype: Any = None
) -> Any:
    """The p-norm over some dims (None: all): (Σ |x|ᵖ)^(1/p). "fro", Frobenius, is p = 2.

    p = inf and -inf: the largest and smallest |x|; p = 0: how many are not 0. Floats only.
    PyTorch also has the nuclear norm, "nuc".
    """
    if isinstance(p, str) and p != "fro":
        raise ValueError(f'norm: p is a number, "fro" or None, not {p!r}')
    p = 2 if p is None or isinstance(p, str) else number("norm: p", p)
    if input.dtype.kind != "f":
        raise TypeError(f"norm of {input.dtype}: take the norm of x.float()")
    if dtype is not None:
        input = cast(input, dtype=_float_dtype("norm", dtype))
    return along.vector_norm(input, p=p, dim=dim, keepdim=keepdim)


def _float_dtype(name: str, dtype: Any) -> Any:
    if (wanted := supported_dtype(dtype)).kind != "f":
        raise TypeError(f"{name}: dtype must be a float dtype, not {wanted}")
    return wanted


@of_tensor
def dist(input: Any, other: Any, p: float = 2) -> Any:
    """The p-norm of the difference, whose shapes broadcast."""
    return norm(sub(input, other), p)


@of_tensor
def nansum(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The sum over some dims, with NaN as 0; in a dtype, if one is given."""
    known = where(isnan(input), 0, input) if input.dtype.kind == "f" else input
    known = known if dtype is None else cast(known, dtype=supported_dtype(dtype))
    return ops.sum(known, dim=dim, keepdim=keepdim)


@of_tensor
def nanmean(input: Any, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean of those that are not NaN, over some dims; NaN, if there are none. Floats only."""
    if input.dtype.kind != "f":
        raise TypeError(f"nanmean of {input.dtype}: take the mean of x.float()")
    count = ops.sum(~isnan(input), dim=dim, keepdim=keepdim)
    return div(nansum(input, dim, keepdim, dtype=dtype), count)


def var_mean(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *,
    correction: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The variance over some dims, divided by n - correction (default 1), and the mean."""
    return _with_mean(var, input, dim, unbiased, keepdim, correction)


def std_mean(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *,
    correction: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """The standard deviation over some dims, with n - correction (default 1), and the mean."""
    return _with_mean(std, input, dim, unbiased, keepdim, correction)


def _with_mean(
    of: Any, input: Any, dim: Any, unbiased: Any, keepdim: bool, correction: Any
) -> tuple[Any, Any]:
    if isinstance(dim, bool):  # var_mean(x, False)
        dim, unbiased = None, dim
    if correction is None:
        correction = 0 if unbiased is False else 1
    return of(input, dim, correction=correction, keepdim=keepdim), mean(input, dim, keepdim)


# --- medians, quantiles, modes -----------------------------------------------------------------


@of_tensor
def median(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The middle value, the lower of two; NaN if one is NaN. Equal ones share the gradient.

    With a dim: (values, indices) along it, where the gradient flows to the element at the index.
    """
    return _median(input, dim, keepdim, skip_nan=False)


@of_tensor
def nanmedian(input: Any, dim: int | None = None, keepdim: bool = False) -> Any:
    """The `median` of those that are not NaN; NaN, if there are none."""
    return _median(input, dim, keepdim, skip_nan=True)


def _median(x: Any, dim: int | None, keepdim: bool, skip_nan: bool) -> Any:
    no_bools(x)
    if dim is None:
        if not value_of(x).size:
            return ops.sum(x) * float("nan")
        values = value_of(x).reshape(-1)
        value = np.partition(values, place := int(_middle(values, skip_nan)[0]))[place]
        equal = np.isnan(value_of(x)) if np.isnan(value) else value_of(x) == value
        found = getitem(x, index=equal)  # those that have it share the gradient
        return mean(found) if x.dtype.kind == "f" else getitem(found, index=0)
    return _picked("median", x, dim, keepdim, lambda values: _middle(values, skip_nan))


def _middle(values: Array, skip_nan: bool) -> Array:
    """The place of the median among values once they are sorted; or of the first NaN."""
    count = np.sum(~np.isnan(values), -1, keepdims=True)  # of numbers: NaN comes last
    middle = np.maximum(count - 1, 0) // 2
    return middle if skip_nan else np.where(count < values.shape[-1], count, middle)


def _picked(
    name: str, x: Any, dim: int, keepdim: bool, place: Callable[[Array], Array]
) -> ValuesAndIndices[Any]:
    """The elements at a place of the sorted values along dim, and their indices."""
    if not x.ndim:
        only(x, dim, keepdim)
        return ValuesAndIndices(_copy(x), _like(x, np.zeros((), np.int64)))
    at = axis(x, dim)
    if not x.shape[at]:
        raise IndexError(f"{name}: dim {dim} of {x.shape} has no elements")
    values = np.moveaxis(value_of(x), at, -1)
    middle = (x.shape[at] - 1) // 2
    indices = columns.nth_sorted(value_of(x), at, middle) if name == "median" else None
    if indices is None:
        order = np.argsort(values, -1, stable=True)
        places = place(np.take_along_axis(values, order, -1))
        indices = np.moveaxis(np.take_along_axis(order, places, -1), -1, at)
    found = gather(x, at, indices), _like(x, indices)
    return ValuesAndIndices(*(found if keepdim else [squeeze(one, at) for one in found]))


def _like(x: Any, values: Array) -> Any:
    """An array, or a leaf if x is a tensor."""
    return Op.node(values) if isinstance(x, Node) else values


def _copy(x: Any) -> Any:
    return cast(x, dtype=value_of(x).dtype)


@of_tensor
def mode(input: Any, dim: int = -1, keepdim: bool = False) -> ValuesAndIndices[Any]:
    """The most frequent value along dim, the smallest of several, and its last index."""

    def longest(values: Array) -> Array:  # each value's number in its run of equal ones
        index = np.arange(values.shape[-1])
        starts = np.ones(values.shape, bool)
        starts[..., 1:] = values[..., 1:] != values[..., :-1]
        return np.argmax(index - np.maximum.accumulate(index * starts, -1), -1, keepdims=True)

    return _picked("mode", input, dim, keepdim, longest)


@of_tensor
def quantile(
    input: Any, q: Any, dim: int | None = None, keepdim: bool = False, *,
    interpolation: str = "linear",
) -> Any:  # fmt: skip
    """The values below which lie parts q, from 0 to 1, of the elements along dim (None: of all).

    q is a number, or a tensor of the input's dtype: if it has a dim, that is the first of the
    result. Between two elements it is interpolated. Floats only; NaN if one is NaN.
    """
    _check_quantile(input, q, interpolation)
    shape, several = input.shape, np.shape(value_of(q))
    if dim is None or not shape:
        only(input, dim or 0)
        found = _quantile(reshape(input, shape=(-1,)), q, 0, interpolation)
        return reshape(found, shape=several + (1,) * len(shape) * keepdim)
    at = axis(input, dim)
    found = _quantile(input, q, at, interpolation)
    first = permute(found, dims=(at, *range(at), *range(at + 1, len(shape))))
    return reshape(first, shape=several + (kept(input, at) if keepdim else first.shape[1:]))


def _quantile(x: Any, q: Any, at: int, interpolation: str) -> Any:
    """The quantiles along a dim, one per q in place of the elements."""
    ordered, after = gather(x, at, argsort(x, at)), (1,) * (x.ndim - 1 - at)
    nans, last = np.isnan(value_of(x)).any(at, keepdims=True), x.shape[at] - 1
    q = q if hasattr(q, "ndim") else np.array(q, value_of(x).dtype)
    places = where(nans, last, mul(reshape(q, shape=(-1, *after)), last))

    def found(rounded: Any) -> Any:
        return gather(ordered, at, rounded(value_of(places)).astype(np.int64))

    if interpolation in ROUNDED:
        return found(ROUNDED[interpolation])
    low, high = found(np.floor), found(np.ceil)
    middle = interpolation == "midpoint"
    return lerp(low, high, 0.5 if middle else sub(places, np.floor(value_of(places))))


def _check_quantile(x: Any, q: Any, interpolation: str) -> None:
    parts = np.asarray(value_of(q))
    if x.dtype.kind != "f" or hasattr(q, "ndim") and q.dtype != x.dtype:
        raise TypeError(f"quantile: floats of one dtype, not {x.dtype} and q of {parts.dtype}")
    if interpolation not in INTERPOLATIONS:
        raise ValueError(f"quantile: interpolation is one of {INTERPOLATIONS}")
    if parts.ndim > 1 or not ((parts >= 0) & (parts <= 1)).all():
        raise ValueError(f"quantile: q lies from 0 to 1 and has at most one dim, not {parts}")
    if not value_of(x).size:
        raise ValueError(f"quantile: no elements in shape {tuple(x.shape)}")


# --- extremes and counts -----------------------------------------------------------------------


@of_tensor
def aminmax(input: Any, *, dim: int | None = None, keepdim: bool = False) -> MinAndMax:
    """(min, max) along dim (None: of all elements); equal ones share the gradient."""
    if dim is not None:
        only(input, dim, keepdim)
    of = amin(input, dim=dim, keepdim=keepdim), amax(input, dim=dim, keepdim=keepdim)
    return MinAndMax(*of)


@of_tensor
def cummax(input: Any, dim: int) -> ValuesAndIndices[Any]:
    """The largest so far along dim, and the index of the last that equals it."""
    return _running(input, dim, np.maximum)


@of_tensor
def cummin(input: Any, dim: int) -> ValuesAndIndices[Any]:
    """The smallest so far along dim, and the index of the last that equals it."""
    return _running(input, dim, np.minimum)


def _running(x: Any, dim: int, extreme: np.ufunc) -> ValuesAndIndices[Any]:
    (at,) = only(x, dim) or (None,)
    if at is None or not value_of(x).size:
        indices = np.zeros(x.shape, np.int64)
        return ValuesAndIndices(_copy(x), _like(x, indices))
    values = value_of(x)
    found = (values == extreme.accumulate(values, at)) | np.isnan(values)
    index = np.arange(values.shape[at]).reshape((-1,) + (1,) * (values.ndim - 1 - at))
    indices = np.maximum.accumulate(np.where(found, index, 0), at)
    return ValuesAndIndices(gather(x, at, indices), _like(x, indices))


@untracked
def count_nonzero(input: Array, dim: Dim = None) -> Any:
    """How many elements over some dims are not 0: int64."""
    return np.sum(input != 0, axis=axes(input, dim), dtype=np.int64)


@untracked
def bincount(input: Array, weights: Array | None = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, … occurs in a 1-D tensor of ints, or the sum of their weights.

    At least `minlength` long.
    """
    least = whole("bincount: minlength", minlength)
    if input.ndim != 1 or input.dtype.kind not in "iu" or (input < 0).any():
        raise ValueError(f"bincount: one dim of ints from 0 on, not {input.dtype} {input.shape}")
    if weights is not None and weights.shape != input.shape:
        raise ValueError(f"bincount: weights {weights.shape} for an input {input.shape}")
    counts = np.bincount(input, weights, least)
    if weights is None:
        return counts
    return counts.astype(weights.dtype if weights.dtype.kind == "f" else np.float64)


@untracked
def histc(input: Array, bins: int = 100, min: float = 0, max: float = 0) -> Any:
    """How many elements lie in each of equal bins from min to max; others do not count.

    If min and max are equal, they are the smallest and the largest element. Floats only.
    """
    if input.dtype.kind != "f":
        raise TypeError(f"histc of {input.dtype}: count x.float()")
    bins = whole("histc: bins", bins, least=1)
    values, low, high = input.reshape(-1), number("histc: min", min), number("histc: max", max)
    if low == high and values.size:
        low, high = values.min(), values.max()
    if low == high:
        low, high = low - 1, high + 1
    if not low < high or not np.isfinite([low, high]).all():
        raise ValueError(f"histc: min must be below max and both finite, not {low} and {high}")
    inside = values[(values >= low) & (values <= high)]
    places = ((inside - low) * (bins / (high - low))).astype(np.intp)
    return np.bincount(np.minimum(places, bins - 1), minlength=bins).astype(input.dtype)


# --- differences -------------------------------------------------------------------------------


@of_tensor
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """The difference of each element and the one before it along dim, n times; of bools: xor.

    `prepend` and `append` are put before and after the input first.
    """
    if not input.ndim:
        raise ValueError("diff: a single number has no dims: give at least one")
    parts = [one for one in (prepend, input, append) if one is not None]
    tensors("diff", **{f"tensor {i}": one for i, one in enumerate(parts)})
    n, at = whole("diff: n", n), axis(input, dim)
    if not n:
        return _copy(input)
    out, before = cat(parts, at), (slice(None),) * at
    for _ in range(builtins.min(n, out.shape[at])):
        later, earlier = (getitem(out, index=(*before, s)) for s in (slice(1, None), slice(-1)))
        out = ne(later, earlier) if out.dtype.kind == "b" else sub(later, earlier)
    return out

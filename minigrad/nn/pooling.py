"""Pooling: the largest value, or the mean, in each window. Loaded when asked for.

Inputs are (N, C, *size), or (C, *size) without a batch. `padding` surrounds them with what changes
no maximum, or with zeros. A window begins every `stride` elements, by default every kernel_size.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np

from ..graph import Op, value_of
from ..ops import div, getitem, reshape
from ..ops import sum as total
from ..tensor import Tensor
from .convolution import Sizes, batched, several
from .more_ops import surrounded, patches


def _settings(
    name: str, n: int, size: Any, stride: Any, padding: Any, dilation: Any
) -> tuple[tuple[int, ...], ...]:
    """The settings of windows, as one int per dim."""
    size = several(f"{name}: kernel_size", size, n, 1)
    stride = size if stride in (None, [], ()) else several(f"{name}: stride", stride, n, 1)
    padding = several(f"{name}: padding", padding, n)
    dilation = several(f"{name}: dilation", dilation, n, 1)
    reach = [d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True)]
    if any(p > r // 2 for p, r in zip(padding, reach, strict=True)):
        raise RuntimeError(f"{name}: padding {padding} is more than half of a kernel of {size}")
    return size, stride, padding, dilation


def _positions(name: str, sizes: Any, settings: Any, ceil: bool) -> tuple[int, ...]:
    """The number of windows along each dim; with `ceil`, also those that reach beyond the end."""
    counts = []
    for n, k, s, p, d in zip(sizes, *settings, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        count = (room + s - 1) // s + 1 if ceil else room // s + 1
        count -= ceil and (count - 1) * s >= n + p  # a window must begin in the input
        counts.append(count)
    if any(count < 1 for count in counts):
        raise RuntimeError(f"{name}: no window of {settings[0]} fits into {tuple(sizes)}")
    return tuple(counts)


def _beyond(sizes: Any, settings: Any, counts: Any) -> tuple[tuple[int, int], ...]:
    """How many elements the windows reach before and after each dim."""
    each = zip(sizes, counts, *settings, strict=True)
    return tuple([(p, max((m - 1) * s + d * (k - 1) + 1 - p - n, 0)) for n, m, k, s, p, d in each])


# --- the largest value --------------------------------------------------------------------------


def _max_pool(
    n: int, input: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool,
    return_indices: bool,
) -> Any:  # fmt: skip
    name = f"max_pool{n}d"
    x, has_batch = batched(name, input, n)
    settings = _settings(name, n, kernel_size, stride, padding, dilation)
    sizes = x.shape[2:]
    counts = _positions(name, sizes, settings, ceil_mode)
    around = _beyond(sizes, settings, counts)
    values = surrounded(value_of(x), widths=around, value=lowest(value_of(x)))
    starts, picks = [], []
    for m, k, s, p, d in zip(counts, *settings, strict=True):
        first = np.arange(m) * s - p
        starts.append([first + i * d for i in range(k)])
        picks.append([slice(i * d, i * d + s * (m - 1) + 1, s) for i in range(k)])
    places = places_of_largest(values, sizes, picks, starts)
    return picked(x, places, has_batch, return_indices)


def lowest(values: Any) -> Any:
    """The lowest number of a dtype, -inf for floats."""
    kind = values.dtype.kind
    return -math.inf if kind == "f" else np.iinfo(values.dtype).min if kind in "iu" else False


def places_of_largest(values: Any, sizes: Any, picks: Any, coordinates: Any) -> Any:
    """The place of the largest value in each window, in the flattened input.

    For each dim, and for each element of a window along it: `picks` says where that element of all
    windows is in `values`, `coordinates` where it is in the input. NaN counts as the largest.
    """
    strides = [math.prod(sizes[d + 1 :]) for d in range(len(sizes))]
    holes = values.dtype.kind == "f" and bool(np.isnan(values).any())
    windows = list(itertools.product(*[range(len(one)) for one in picks]))
    number = np.min_scalar_type(len(windows)).type  # small numbers are compared fast
    best: Any = None
    places: list[Any] = []
    for k, offsets in enumerate(windows):
        index: Any = [pick[i] for pick, i in zip(picks, offsets, strict=True)]
        found = values[(..., *(index if isinstance(index[0], slice) else np.ix_(*index)))]
        at = [one[i] for one, i in zip(coordinates, offsets, strict=True)]
        flat = sum(_grid([c * s for c, s in zip(at, strides, strict=True)]))
        inside = functools.reduce(np.logical_and, _grid([c >= 0 for c in at]))
        places.append(np.where(inside, flat, -1).ravel())
        if best is None:
            best, which, seen = found.copy(), np.zeros(found.shape, number), inside
            continue
        better = found > best
        if not seen.all():
            better |= inside & ~seen
            seen = seen | inside
        if holes:
            better |= np.isnan(found)
        np.maximum(best, found, out=best)
        np.maximum(which, better * number(k), out=which)  # without branches, a third of the time
    at_all = which.astype(np.int64) * len(places[0])
    at_all += np.arange(len(places[0])).reshape(which.shape[-len(sizes) :])
    return np.concatenate(places).take(at_all)


def _grid(each: list[Any]) -> Any:
    """Arrays with one dim each, shaped so that they broadcast to one dim per array."""
    return [a.reshape(-1, *[1] * (len(each) - 1 - i)) for i, a in enumerate(each)]


def picked(x: Any, places: Any, has_batch: bool, return_indices: bool) -> Any:
    """The elements at these places of the flattened last dims, and the places if wanted."""
    lead, size = math.prod(x.shape[:2]), math.prod(x.shape[2:])
    flat = places.reshape(lead, math.prod(places.shape[2:])) + np.arange(lead)[:, None] * size
    shape = places.shape if has_batch else places.shape[1:]
    out = reshape(getitem(reshape(x, shape=(-1,)), index=flat.ravel()), shape=shape)
    return (out, Op.node(places.reshape(shape))) if return_indices else out


def max_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest value in each window, and its index if it is wanted: (N, C, L) to (N, C, L')."""
    settings = kernel_size, stride, padding, dilation, ceil_mode, return_indices
    return _max_pool(1, input, *settings)


def max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest value in each window, and its index if it is wanted: (N, C, H, W).

    The indices are those in the flattened image.
    """
    settings = kernel_size, stride, padding, dilation, ceil_mode, return_indices
    return _max_pool(2, input, *settings)


def max_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest value in each window, and its index if it is wanted: (N, C, D, H, W)."""
    settings = kernel_size, stride, padding, dilation, ceil_mode, return_indices
    return _max_pool(3, input, *settings)


# --- the mean -----------------------------------------------------------------------------------


def _avg_pool(
    n: int, input: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool,
    count_include_pad: bool, divisor: int | None,
) -> Any:  # fmt: skip
    name = f"avg_pool{n}d"
    x, has_batch = batched(name, input, n)
    settings = _settings(name, n, kernel_size, stride, padding, 1)
    size, stride, padding, dilation = settings
    sizes = x.shape[2:]
    counts = _positions(name, sizes, settings, ceil_mode)
    if divisor == 0:
        raise ValueError(f"{name}: divisor_override must not be 0")
    x = surrounded(x, widths=_beyond(sizes, settings, counts))
    sums = total(patches(x, size=size, stride=stride, dilation=dilation), dim=tuple(range(-n, 0)))
    spans = []  # how many elements are counted, per dim
    for m, n_in, k, s, p in zip(counts, sizes, size, stride, padding, strict=True):
        start, extra = np.arange(m) * s - p, p if count_include_pad else 0
        spans.append(np.minimum(start + k, n_in + extra) - np.maximum(start, -extra))
    counted: Any = math.prod(_grid(spans)) if divisor is None else divisor
    dtype = value_of(x).dtype
    if dtype.kind == "f":
        out = div(sums, np.asarray(counted, dtype))
    else:  # rounded toward 0, as C divides
        out = Op.node(np.asarray(np.trunc(value_of(sums) / counted), dtype))
    return out if has_batch else reshape(out, shape=out.shape[1:])


def avg_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window: (N, C, L) to (N, C, L'); without count_include_pad, of the input."""
    return _avg_pool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window: (N, C, H, W) to (N, C, H', W').

    Without count_include_pad, the padding does not count; divisor_override replaces the number of
    elements.
    """
    settings = kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    return _avg_pool(2, input, *settings)


def avg_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window: (N, C, D, H, W) to (N, C, D', H', W'), as `avg_pool2d`."""
    settings = kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    return _avg_pool(3, input, *settings)

"""Ops of the rooms in nn: what no composition of other ops computes fast and accurately.

Written like ops.py: each op with its rule under it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..dtypes import only_floats
from ..graph import op, value_of
from ..ops import abs, getitem, log, maximum, sigmoid, where
from .kernels import by_blocks


# --- activations -------------------------------------------------------------------------------


@op
def exponential_unit(x, *, alpha, scale=1.0, input_scale=1.0):
    """scale · x where x is positive, else scale · alpha · (e^(input_scale · x) - 1)."""
    def unit(x, out):
        np.minimum(x, 0, out=out)
        out *= input_scale
        np.expm1(out, out)
        out *= alpha
        out += np.maximum(x, 0)
        out *= scale
    return by_blocks(unit, only_floats(x))
@exponential_unit.backward
def _(g, out, x, *, alpha, scale=1.0, input_scale=1.0):
    at_0 = np.where(value_of(x) == 0, alpha * scale * input_scale, scale).astype(x.dtype)
    return (g * where(x < 0, (out + alpha * scale) * input_scale, at_0),)  # at 0, it does not bend


@op
def smooth_hinge(x):
    """log(1 + eˣ), without overflow."""
    def hinge(x, out):
        np.abs(x, out)
        np.negative(out, out)
        np.exp(out, out)
        np.log1p(out, out)
        out += np.maximum(x, 0)
    return by_blocks(hinge, only_floats(x))
@smooth_hinge.backward
def _(g, out, x):
    return (g * sigmoid(x),)


@op
def silu(x):
    """x · sigmoid(x)."""
    def times_sigmoid(x, out):
        np.negative(x, out)
        np.exp(out, out)
        out += 1
        np.divide(x, out, out)
    with np.errstate(over="ignore", under="ignore"):
        return by_blocks(times_sigmoid, only_floats(x))
@silu.backward
def _(g, out, x):
    s = sigmoid(x)
    return (g * (s + out * (1 - s)),)


@op
def leaky(x, slope):
    """x where it is positive, else slope · x; the slope is a number, or broadcasts."""
    only_floats(x)
    if isinstance(slope, float) and 0 < slope <= 1:
        out = x * slope
        return np.maximum(x, out, out=out if type(out) is np.ndarray else None)
    if np.size(slope) > 1 or np.ndim(slope) > x.ndim:
        return np.maximum(x, 0) + np.minimum(x, 0) * slope
    def bent(x, out):
        np.minimum(x, 0, out=out)
        out *= np.ravel(slope)
        out += np.maximum(x, 0)
    return by_blocks(bent, x)
@leaky.backward
def _(g, out, x, slope):
    return where(x > 0, g, g * slope), lambda: g * where(x > 0, 0, x)


@op
def limited(x, *, low, high):
    """x limited to the range from low to high. No gradient at the limits."""
    return np.clip(x, x.dtype.type(low), x.dtype.type(high))
@limited.backward
def _(g, out, x, *, low, high):
    return (where((x <= low) | (x >= high), 0, g),)


@op
def hard_sigmoid(x):
    """(x + 3) / 6, limited to the range from 0 to 1."""
    out = only_floats(x) + 3
    return np.divide(np.clip(out, 0, 6, out=out if type(out) is np.ndarray else None), 6)
@hard_sigmoid.backward
def _(g, out, x):
    return (where((x > -3) & (x < 3), g / 6, 0),)


@op
def hard_swish(x):
    """x · (x + 3) / 6, where x + 3 is limited to the range from 0 to 6."""
    def swish(x, out):
        np.add(x, 3, out)
        np.clip(out, 0, 6, out=out)
        out *= x
        out /= 6
    return by_blocks(swish, only_floats(x))
@hard_swish.backward
def _(g, out, x):
    return (where(x <= -3, 0, where(x < 3, g * (x / 3 + 0.5), g)),)


@op
def shrunk(x, *, by):
    """x moved towards 0 by a number, and 0 where |x| is at most that."""
    return only_floats(x) - np.clip(x, -by, by)
@shrunk.backward
def _(g, out, x, *, by):
    return (where(abs(x) <= by, 0, g),)


# --- losses ------------------------------------------------------------------------------------


@op
def huber(x, *, delta):
    """x² / 2 up to |x| = delta, then delta · (|x| - delta / 2)."""
    def bent(x, out):
        size = np.abs(x)
        np.minimum(size, delta, out=out)
        size -= 0.5 * out
        out *= size
    return by_blocks(bent, only_floats(x))
@huber.backward
def _(g, out, x, *, delta):
    return (g * limited(x, low=-delta, high=delta),)


@op
def binary_entropy(p, target):
    """-target · log(p) - (1 - target) · log(1 - p); each logarithm is at least -100."""
    with np.errstate(divide="ignore"):
        yes, no = np.maximum(np.log(only_floats(p)), -100), np.maximum(np.log1p(-p), -100)
    return -(target * yes + (1 - target) * no)
@binary_entropy.backward
def _(g, out, p, target):
    return (
        lambda: g * (p - target) / maximum(p * (1 - p), 1e-12),
        lambda: g * (log(1 - p) - log(p)),
    )


# --- windows: of the last dims of x, at steps of `stride`, with `dilation` between their elements


@op
def patches(x, *, size, stride, dilation):
    """The windows of x: (…, *n) to (…, *positions, *size), a view."""
    n = len(size)
    reach = [d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True)]
    steps: Any = (..., *[slice(None, None, s) for s in (*stride, *dilation)])
    return sliding_window_view(x, reach, tuple(range(-n, 0)))[steps]
@patches.backward
def _(g, out, x, *, size, stride, dilation):
    return (add_patches(g, shape=x.shape[-len(size) :], stride=stride, dilation=dilation),)


@op
def add_patches(x, *, shape, stride, dilation):
    """Windows added up where they overlap: (…, *positions, *size) to (…, *shape)."""
    n = len(shape)
    lead, positions, size = x.shape[: -2 * n], x.shape[-2 * n : -n], x.shape[-n:]
    total = np.zeros((*lead, *shape), x.dtype)
    for at in np.ndindex(*size):
        each = zip(at, dilation, stride, positions, strict=True)
        places = [slice(i * d, i * d + s * (m - 1) + 1, s) for i, d, s, m in each]
        index: Any = (..., *places)
        total[index] += x[(..., *at)]
    return total
@add_patches.backward
def _(g, out, x, *, shape, stride, dilation):
    size = x.shape[-len(shape) :]
    each = zip(x.shape[-2 * len(shape) :], size, stride, dilation, strict=False)
    covered = tuple([s * (m - 1) + d * (k - 1) + 1 for m, k, s, d in each])
    if covered != shape:
        g = getitem(g, index=(..., *map(slice, covered)))
    return (patches(g, size=size, stride=stride, dilation=dilation),)


@op
def surrounded(x, *, widths, value=0):
    """x with `value` around it: widths (before, after) of each of its last dims."""
    total = np.full(_surrounded(x.shape, widths), value, x.dtype)
    total[_inside(x.shape, widths)] = x
    return total
@surrounded.backward
def _(g, out, x, *, widths, value=0):
    return (getitem(g, index=_inside(x.shape, widths)),)


def _surrounded(shape, widths):
    lead = len(shape) - len(widths)
    return [*shape[:lead], *[n + a + b for n, (a, b) in zip(shape[lead:], widths, strict=True)]]


def _inside(shape, widths):
    sizes = shape[len(shape) - len(widths) :]
    return (..., *[slice(a, a + n) for n, (a, _) in zip(sizes, widths, strict=True)])

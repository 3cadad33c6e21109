"""Ops of the rooms in nn: what no composition of other ops computes fast and accurately.

Written like ops.py: each op with its rule under it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..dtypes import only_floats
from ..graph import op, value_of
from ..ops import exp, getitem, log, maximum, sigmoid, where


@op
def exponential_unit(x, *, alpha, scale=1.0, input_scale=1.0):
    """scale · x where x is positive, else scale · alpha · (e^(input_scale · x) - 1)."""
    low = np.expm1(np.minimum(only_floats(x), 0) * input_scale) * alpha
    return np.where(x <= 0, low, x) * scale
@exponential_unit.backward
def _(g, out, x, *, alpha, scale=1.0, input_scale=1.0):
    at_0 = np.where(value_of(x) == 0, alpha * scale * input_scale, scale).astype(x.dtype)
    return (g * where(x < 0, (out + alpha * scale) * input_scale, at_0),)  # at 0, it does not bend


@op
def smooth_hinge(x):
    """log(1 + eˣ), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(only_floats(x))))
@smooth_hinge.backward
def _(g, out, x):
    return (g * sigmoid(x),)


@op
def gauss_error(x):
    """erf(x). Until minigrad.elementwise has it: one number after the other."""
    return np.vectorize(math.erf, otypes=[np.float64])(only_floats(x)).astype(x.dtype)
@gauss_error.backward
def _(g, out, x):
    return (g * (2 / math.sqrt(math.pi)) * exp(-x * x),)


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
def windows(x, *, size, stride, dilation):
    """The windows of x: (…, *n) to (…, *positions, *size), a view."""
    n = len(size)
    reach = [d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True)]
    steps: Any = (..., *[slice(None, None, s) for s in (*stride, *dilation)])
    return sliding_window_view(x, reach, tuple(range(-n, 0)))[steps]
@windows.backward
def _(g, out, x, *, size, stride, dilation):
    return (add_windows(g, shape=x.shape[-len(size) :], stride=stride, dilation=dilation),)


@op
def add_windows(x, *, shape, stride, dilation):
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
@add_windows.backward
def _(g, out, x, *, shape, stride, dilation):
    size = x.shape[-len(shape) :]
    each = zip(x.shape[-2 * len(shape) :], size, stride, dilation, strict=False)
    covered = tuple([s * (m - 1) + d * (k - 1) + 1 for m, k, s, d in each])
    if covered != shape:
        g = getitem(g, index=(..., *map(slice, covered)))
    return (windows(g, size=size, stride=stride, dilation=dilation),)


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

"""Ops along a dim that the course does without: products, running sums, the norm.

They are written as in ops.py: a forward in NumPy and, under it, its rule.
"""

from __future__ import annotations

import math

import numpy as np

from . import columns, kernels
from .compare import eq, gt, isnan
from .dims import axes, axis, kept, only
from .dtypes import as_array, float32, float64, int64, only_floats, supported_dtype
from .pieces import nothing, sign
from .graph import op, value_of
from .ops import abs, cat, exp, getitem, log, pow, reshape, sum, where


def counted(x, dtype):
    """x in a dtype or, if that is None, ints and bools as int64, to be added up or multiplied."""
    x = as_array(x)
    if dtype is not None:
        return x.astype(supported_dtype(dtype), copy=False)
    return x if x.dtype.kind == "f" else x.astype(int64, copy=False)


def accumulated(ufunc, x, dim):
    """ufunc.accumulate(x, dim); float32 in float64, as in PyTorch, since errors accumulate, too."""
    over = only(x, dim)
    if not over or not x.size:
        return x.copy()
    return columns.running(ufunc, x, over[0], float64 if x.dtype == float32 else x.dtype)


def part(x, dim, of):
    """A slice of x along a dim."""
    return getitem(x, index=(slice(None),) * axis(x, dim) + (of,))


def flipped(x, dim):
    """x in reverse order along a dim; of no dims, x."""
    return part(x, dim, slice(None, None, -1)) if x.ndim else x


def from_the_end(running, x, dim):
    """A running sum, or another one, that starts at the end of a dim."""
    return flipped(running(flipped(x, dim), dim=dim), dim)


# --- products ----------------------------------------------------------------------------------


@op
def prod(x, *, dim=None, keepdim=False, dtype=None):
    """The product over a dim (None: of all elements); ints multiply to int64."""
    over = axes(x, None, keepdim) if dim is None else only(x, dim, keepdim)
    x = counted(x, dtype)
    return columns.product(x, over, keepdim)
@prod.backward
def _(g, out, x, *, dim=None, keepdim=False, dtype=None):
    if dim is None:
        x, shape = reshape(x, shape=(-1,)), x.shape
        return (reshape(g.reshape((1,)) * others(x, out.reshape((1,)), 0), shape=shape),)
    shape = kept(x, dim)
    return (g.reshape(shape) * others(x, out.reshape(shape), dim),)


def others(x, product, dim):
    """The product of all other elements along a dim, for each element."""
    if not x.ndim:
        return x * 0 + 1
    if np.all(value_of(x)):
        return product / x
    ones = np.ones(kept(x, dim), value_of(x).dtype)
    before = cumprod(cat(ones, part(x, dim, slice(None, -1)), dim=dim), dim=dim)
    after = cat(part(x, dim, slice(1, None)), ones, dim=dim)
    return before * from_the_end(cumprod, after, dim)


@op
def cumprod(x, *, dim, dtype=None):
    """The running product along a dim; ints multiply to int64."""
    return accumulated(np.multiply, counted(x, dtype), dim)
@cumprod.backward
def _(g, out, x, *, dim, dtype=None):
    if not x.size or not x.ndim:
        return (g,)
    if np.all(value_of(x)):
        return (from_the_end(cumsum, g * out, dim) / x,)
    found, until, length = [], np.ones(kept(x, dim), value_of(x).dtype), x.shape[axis(x, dim)]
    for k in range(length):  # the gradient of each element, from the products without it
        rest = cat(until, part(x, dim, slice(k + 1, None)), dim=dim)
        later = part(g, dim, slice(k, None)) * cumprod(rest, dim=dim)
        found.append(sum(later, dim=dim, keepdim=True))
        until = until * part(x, dim, slice(k, k + 1))
    return (cat(*found, dim=dim),)


# --- running sums ------------------------------------------------------------------------------


@op
def cumsum(x, *, dim, dtype=None):
    """The running sum along a dim; ints add up to int64."""
    return accumulated(np.add, counted(x, dtype), dim)
@cumsum.backward
def _(g, out, x, *, dim, dtype=None):
    return (from_the_end(cumsum, g, dim),)


@op
def logcumsumexp(x, *, dim):
    """log of the running sum of eˣ along a dim, without overflow; floats only."""
    return accumulated(np.logaddexp, only_floats(x), dim)
@logcumsumexp.backward
def _(g, out, x, *, dim):
    lowest = float(np.finfo(value_of(x).dtype).min)  # in place of -inf, which leads to NaN
    def share(weight):  # Σ weight · e^(x - out) over later elements, for positive weights
        some = gt(weight, 0)
        logs = where(some, log(where(some, weight, 1)), lowest)
        return exp(from_the_end(logcumsumexp, logs - out, dim) + x)
    return (share(g) - share(-g),)


# --- the norm ----------------------------------------------------------------------------------


@op
def vector_norm(x, *, p, dim=None, keepdim=False):
    """The p-norm over some dims: (Σ |x|ᵖ)^(1/p); p = 0 counts, ±inf take the extremes."""
    over = axes(x, dim, keepdim)
    if not math.prod([x.shape[d] for d in over]) and (p < 0 or p == math.inf):
        raise RuntimeError(f"norm: no elements, over dim {dim} of {x.shape}, have no {p}-norm")
    if p == 2:
        return np.sqrt(kernels.add_up(x * x, over, keepdim))
    if math.isinf(p):
        extreme = np.maximum if p > 0 else np.minimum
        return extreme.reduce(np.abs(x), over, keepdims=keepdim)
    if p == 0:
        return kernels.add_up((x != 0).astype(x.dtype), over, keepdim)
    total = kernels.add_up(np.abs(x) ** p, over, keepdim)
    return total if p == 1 else total ** (1 / p)
@vector_norm.backward
def _(g, out, x, *, p, dim=None, keepdim=False):  # at 0, the gradient is 0
    shape = kept(x, dim)
    g, out = g.reshape(shape), out.reshape(shape)
    if p == 0:
        return (nothing(x),)
    if p == 1:
        return (g * sign(x),)
    if math.isinf(p):  # equal ones share the gradient
        found = eq(abs(x), out) | isnan(x)
        return (sign(x) * (g * found / sum(found, dim=dim, keepdim=True)),)
    zero = eq(out, 0)
    scale = where(zero, 0, g * pow(where(zero, 1, out), 1 - p))
    if p == 2:
        return (x * scale,)
    none = eq(x, 0)
    return (where(none, 0, sign(x) * pow(where(none, 1, abs(x)), p - 1)) * scale,)

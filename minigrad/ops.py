"""Every differentiable op: the forward and, under it, the rule that carries gradients back.

A forward is NumPy on arrays. A rule reads like calculus: it gets g, the gradient of the op's
output, then the output, the inputs and the settings, and returns one gradient per input. A
gradient inside `lambda:` is computed only if it is needed. Broadcasting is undone, and the dtype
restored, in one place for all ops: the sweep (autograd/sweep.py).

Dims may be negative. Mixed dtypes are promoted as in PyTorch. NumPy warns if a result is not
finite, as it always does; it stops no op, even if np.seterr tells it to.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import columns, kernels
from .dims import axes, axis, inverse, kept, only, rows
from .dtypes import Array, as_array, as_float, bool_, no_bools, only_floats, promote, result_type
from .dtypes import uint8
from .kernels import add_up, fitted, largest, product, select
from .graph import op
from .scattered import Scattered


def sum_to(g: Any, shape: tuple[int, ...]) -> Any:
    """Undo broadcasting: sum g over the dims that were expanded from `shape`."""
    if lead := g.ndim - len(shape):
        g = sum(g, dim=tuple(range(lead)))
    repeated = [d for d, n in enumerate(shape) if n == 1 != g.shape[d]]
    return sum(g, dim=repeated, keepdim=True) if repeated else g


# --- arithmetic: shapes broadcast --------------------------------------------------------------


@op
def add(x, y):
    """x + y, elementwise."""
    x, y = promote(x, y)
    return x + y
@add.backward
def _(g, out, x, y):
    return g, g


@op
def sub(x, y):
    """x - y, elementwise."""
    no_bools(x, y)
    x, y = promote(x, y)
    return x - y
@sub.backward
def _(g, out, x, y):
    return g, lambda: -g


@op
def mul(x, y):
    """x · y, elementwise."""
    x, y = promote(x, y)
    return x * y
@mul.backward
def _(g, out, x, y):
    return lambda: g * y, lambda: g * x


@op
def div(x, y):
    """x / y, elementwise; ints divide to float32."""
    a, b = promote(x, y)
    kind = (a if isinstance(a, Array) else b).dtype.kind
    return a / b if kind == "f" else np.divide(x, y, dtype="float32")
@div.backward
def _(g, out, x, y):
    return lambda: g / y, lambda: -g * out / y


@op
def neg(x):
    """-x."""
    no_bools(x)
    return -x
@neg.backward
def _(g, out, x):
    return (-g,)


@op
def pow(x, y):
    """x to the power of y, elementwise. Ints to a negative power are rounded toward 0."""
    return kernels.power(x, y)
@pow.backward
def _(g, out, x, y):  # the guards avoid 0 · inf = nan where the gradient is 0
    if isinstance(y, int | float):
        return lambda: g * (y * pow(x, y - 1) if y else 0), None
    flat = (y == 0) & (0 * pow(x, -1.0) != 0)
    return (
        lambda: g * where(flat, 0, y * pow(x, y - 1)),
        lambda: g * out * log(where((x == 0) & (y >= 0), out**0, x)),
    )


@op
def maximum(x, y):
    """The larger of x and y, elementwise; NaN if one is NaN."""
    return np.maximum(*promote(x, y))
@maximum.backward
def _(g, out, x, y):  # equal ones share the gradient; at NaN, both get it
    return (
        lambda: where(x == y, g / 2, where(x < y, 0, g)),
        lambda: where(x == y, g / 2, where(x > y, 0, g)),
    )


@op
def minimum(x, y):
    """The smaller of x and y, elementwise; NaN if one is NaN."""
    return np.minimum(*promote(x, y))
minimum.backward(lambda g, out, x, y: maximum.rule(g, out, y, x))  # x < y


@op
def abs(x):
    """|x|; the gradient at 0 is 0."""
    no_bools(x)
    return np.abs(x)
@abs.backward
def _(g, out, x):
    return (where(x > 0, g, where(x < 0, -g, g * 0)),)


@op
def where(condition, x, y):
    """x where the condition (bool or uint8) is True, y elsewhere; the three broadcast together."""
    condition = np.asarray(condition)
    condition = condition != 0 if condition.dtype == uint8 else condition
    if condition.dtype != bool_:
        raise TypeError(f"the condition must be bool, not {condition.dtype}")
    return select(condition, *fitted(x, y))
@where.backward
def _(g, out, condition, x, y):
    return None, lambda: where(condition, g, 0), lambda: where(condition, 0, g)


@op
def cast(x, *, dtype, order="K"):
    """A copy of x in a dtype, which may be its own; order "C": its elements in memory in order."""
    return np.array(x, dtype, order=order)
@cast.backward
def _(g, out, x, *, dtype, order="K"):
    return (g,)


# --- functions of one value: ints are converted to float32 -------------------------------------


@op
def exp(x):
    """e to the power of x."""
    return np.exp(as_float(x))
@exp.backward
def _(g, out, x):
    return (g * out,)


@op
def sqrt(x):
    """The square root; NaN for negative x."""
    return np.sqrt(as_float(x))
@sqrt.backward
def _(g, out, x):
    return (g / (2 * out),)


@op
def log(x):
    """The natural logarithm."""
    return np.log(as_float(x))
@log.backward
def _(g, out, x):
    return (g / x,)


@op
def tanh(x):
    """(eˣ - e⁻ˣ) / (eˣ + e⁻ˣ), from -1 to 1."""
    return np.tanh(as_float(x))
@tanh.backward
def _(g, out, x):
    return (g * (1 - out * out),)


@op
def sigmoid(x):
    """1 / (1 + e⁻ˣ), from 0 to 1."""
    return kernels.sigmoid(as_float(x))
@sigmoid.backward
def _(g, out, x):
    return (g * out * (1 - out),)


@op
def relu(x):
    """x where it is positive, else 0. The gradient at 0 is 0."""
    no_bools(x)
    return np.maximum(np.zeros(x.shape[-1:], x.dtype), x)  # faster than a number
@relu.backward
def _(g, out, x):
    return (where(out != 0, g, 0),)


# --- reductions, and expand, softmax -----------------------------------------------------------


@op
def sum(x, *, dim=None, keepdim=False):
    """The sum over some dims (None: over all). Bools and ints add up to int64."""
    return add_up(x if type(x) is Array else as_array(x), axes(x, dim, keepdim), keepdim)
@sum.backward
def _(g, out, x, *, dim=None, keepdim=False):
    return (expand(g.reshape(kept(x, dim)), shape=x.shape),)


@op
def expand(x, *, shape):
    """x broadcast to a larger shape: new leading dims, dims of 1 repeated; -1 keeps a size."""
    if len(shape) < x.ndim:
        raise ValueError
    lead = len(shape) - x.ndim
    sizes = [x.shape[d - lead] if n == -1 and d >= lead else n for d, n in enumerate(shape)]
    return np.broadcast_to(x, sizes)
@expand.backward
def _(g, out, x, *, shape):
    return (sum_to(g, x.shape),)


@op
def amax(x, *, dim=None, keepdim=False):
    """The largest value over some dims; NaN if one is NaN."""
    return kernels.extreme(np.maximum, as_array(x), axes(x, dim, keepdim), keepdim)
@amax.backward
def _(g, out, x, *, dim=None, keepdim=False):  # equal ones share the gradient evenly
    shape = kept(x, dim)
    found = x == out.reshape(shape)
    return (g.reshape(shape) * found / sum(found, dim=dim, keepdim=True),)


@op
def amin(x, *, dim=None, keepdim=False):
    """The smallest value over some dims; NaN if one is NaN."""
    return kernels.extreme(np.minimum, as_array(x), axes(x, dim, keepdim), keepdim)
amin.backward(amax.rule)


@op
def softmax(x, *, dim):
    """eˣ / Σ eˣ over dim: positive, with sum 1. Subtracting the largest x keeps eˣ finite."""
    over = only(only_floats(x), dim)
    if not columns.FEW < x.size <= columns.PART:
        return columns.softmax(x, over)  # the same, for few numbers, or in parts
    e = np.exp(x - largest(x, over))
    return e / add_up(e, over, keepdims=True)
@softmax.backward
def _(g, out, x, *, dim):
    gx = g * out
    gx -= out * sum(gx, dim=dim, keepdim=True)  # gx was just made: nobody else holds it
    return (gx,)


@op
def log_softmax(x, *, dim):
    """log softmax(x) over dim, without the logarithm of a softmax that was rounded to 0."""
    return columns.log_softmax(x, only(only_floats(x), dim))
@log_softmax.backward
def _(g, out, x, *, dim):
    return (g - exp(out) * sum(g, dim=dim, keepdim=True),)


# --- shape -------------------------------------------------------------------------------------


@op
def reshape(x, *, shape):
    """The same elements, in the same order, in another shape. One size may be -1."""
    out = x.reshape(shape)
    if isinstance(shape, int):
        raise TypeError(f"a shape is a tuple of ints, not {shape}")
    if out.shape != shape and any(n < -1 for n in shape):
        raise ValueError
    return out
@reshape.backward
def _(g, out, x, *, shape):
    return (g.reshape(x.shape),)


@op
def permute(x, *, dims):
    """x with its dims in another order: dim i of the result is dim dims[i] of x."""
    return x.transpose(dims)
@permute.backward
def _(g, out, x, *, dims):
    return (permute(g, dims=inverse(tuple(dims))),)


# --- picking elements --------------------------------------------------------------------------


@op
def getitem(x, *, index):
    """x[index], with ints, slices, None, …, int arrays and bool masks, as in NumPy."""
    out = x[index]
    if type(out) is Array:
        base = out.base
        view = base is None or base is x or base is x.base
        return out if view else np.ascontiguousarray(out)  # NumPy had ordered its dims otherwise
    return x[(*index, ...) if type(index) is tuple else (index, ...)]  # a view, not a number
@getitem.backward
def _(g, out, x, *, index):
    return (Scattered(g, index, x),)


@op
def add_at(x, y, *, index):
    """A copy of x with y added at [index]; repeated indices accumulate."""
    total = np.array(x)
    kernels.add_at(total, index, y)
    return total
@add_at.backward
def _(g, out, x, y, *, index):
    return g, lambda: getitem(g, index=index)


@op
def put_at(x, y, *, index):
    """A copy of x with y in place of [index]; the last one, if an index is repeated."""
    total = np.array(x)
    total[index] = y
    return total
@put_at.backward
def _(g, out, x, y, *, index):
    return lambda: put_at(g, 0, index=index), lambda: getitem(g, index=index)


@op
def cat(*tensors, dim=0):
    """Tensors concatenated along dim; their other dims must be equal, or the shape is (0,)."""
    if not tensors:
        raise ValueError
    full = [x for x in tensors if x.shape != (0,)]
    at = axis(full[0], dim) if full else 0
    return np.concatenate(full or tensors[:1], at, dtype=result_type(*tensors))
@cat.backward
def _(g, out, *tensors, dim=0):
    at = dim % g.ndim
    lengths = [x.shape[at] if x.ndim == g.ndim else 0 for x in tensors]
    before, ends = (slice(None),) * at, np.cumsum(lengths).tolist()
    picked = [g[(*before, slice(end - n, end))] for n, end in zip(lengths, ends, strict=True)]
    shapes = [x.shape for x in tensors]
    return [p.reshape(shape) for p, shape in zip(picked, shapes, strict=True)]


@op
def stack(*tensors, dim=0):
    """Tensors of one shape stacked along a new dim."""
    return np.stack(tensors, dim, dtype=result_type(*tensors))
@stack.backward
def _(g, out, *tensors, dim=0):
    before = (slice(None),) * (dim % g.ndim)
    return [g[(*before, i)] for i in range(len(tensors))]


# --- matrix products ---------------------------------------------------------------------------


@op
def matmul(x, y):
    """The matrix product of the last two dims; dims before them broadcast.

    A 1-D x is taken as one row, a 1-D y as one column, and that dim is dropped again.
    """
    if not (getattr(x, "ndim", 0) and getattr(y, "ndim", 0)):
        raise ValueError
    if x.dtype != y.dtype or x.dtype.kind == "b":
        raise TypeError(f"{x.dtype} @ {y.dtype}: both must have the same dtype, and not be bool")
    return kernels.matmul(x, y)
@matmul.backward
def _(g, out, x, y):
    if x.ndim == y.ndim == 1:
        return lambda: g * y, lambda: g * x
    if x.ndim == 1:
        return lambda: matmul(y, g[..., None])[..., 0], lambda: x[:, None] * g[..., None, :]
    if y.ndim == 1:
        return lambda: g[..., None] * y, lambda: (rows(x).mT @ rows(g[..., None]))[:, 0]
    if y.ndim == 2:
        return lambda: product(rows(g), y.mT).reshape(x.shape), lambda: product(rows(x).mT, rows(g))
    return lambda: g @ y.mT, lambda: x.mT @ g

"""Ops of nets, with their rules: what could be made of others, but is exact or fast as one.

They read like those in ops.py, and are called through nn.functional.
"""

from __future__ import annotations

import numpy as np

from ..dims import axes, kept, size_of
from ..dtypes import int64, only_floats
from ..kernels import add_up, largest, open_grid, outside, parts
from .losses import logits_and_classes
from ..graph import Saved, op, value_of
from ..ops import Scattered, add_at, product, rows, softmax, sum, where


@op
def linear(input, weight, *bias):
    """input @ weightᵀ, plus the bias if there is one: (…, in), (out, in), (out,) to (…, out)."""
    if weight.ndim != 2 or input.ndim == 0:
        raise ValueError("a matrix, and at least one dim before it")
    for p in (weight, *bias):
        if p.dtype != input.dtype:
            raise TypeError(f"{input.dtype} for {p.dtype} weights: their dtypes must be equal")
    out = rows(input).dot(weight.T)
    for b in bias:
        out += b
    return out if out.ndim == input.ndim else out.reshape(*input.shape[:-1], len(weight))
@linear.backward
def _(g, out, input, weight, *bias):
    return (
        lambda: product(rows(g), weight).reshape(input.shape),
        lambda: product(rows(g).mT, rows(input)),
        *[g] * len(bias),
    )


@op
def embedding(input, weight, *, padding_idx=None):
    """Row `input` of `weight`, for each word id: (…) and (words, d) to (…, d).

    The row padding_idx gets no gradient.
    """
    if input.dtype != int64:
        raise TypeError(f"word ids must be int64, not {input.dtype}")
    if padding_idx is not None and not -len(weight) <= padding_idx < len(weight):
        raise IndexError(f"padding_idx {padding_idx} is none of the {len(weight)} rows")
    bad = outside(input, len(weight))
    if bad.size:
        raise IndexError(f"word id {bad[0]} is none of the {len(weight)} rows from 0")
    return weight.take(input, axis=0)
@embedding.backward
def _(g, out, input, weight, *, padding_idx=None):
    ids = value_of(input)
    if padding_idx is not None and (padding := ids == padding_idx % len(weight)).any():
        g = where(padding[..., None], 0, g)
    return None, Scattered(g, ids, weight)


@op
def standardize(x, *, dim, eps):
    """(x - mean) / √(variance + eps) over dim: mean 0 and variance 1."""
    over, count = axes(only_floats(x), dim), size_of(x, dim)
    out = x - add_up(x, over, keepdims=True) / count
    spread = np.sqrt(add_up(out * out, over, keepdims=True) / count + eps)
    out /= spread
    return Saved(out, {"saved": spread})
@standardize.backward
def _(g, out, x, *, dim, eps, saved=None):
    count = size_of(x, dim)

    def mean(y):
        return sum(y, dim=dim, keepdim=True) / count

    if saved is None:  # the spread
        centred = x - mean(x)
        saved = (mean(centred * centred) + eps) ** 0.5
    gx = g - mean(g)
    gx -= out * mean(g * out)
    gx /= saved
    return (gx,)


@op
def cross_entropy(x, target, *, ignore_index=-100, reduction="mean"):
    """-log softmax(x)[target]: what it costs to expect `x` where `target` came.

    x: logits (C,), (N, C) or (N, C, d1, …); target: classes (), (N,) or (N, d1, …), int64.
    A target that equals ignore_index costs nothing and does not count in the mean.
    reduction: "mean" over the targets that count, "sum", or "none" for one cost a target.
    """
    logits, classes, count = logits_and_classes(x, target, ignore_index)
    powers, totals = np.empty(logits.shape, x.dtype), np.empty(len(logits), x.dtype)
    came = np.empty_like(totals)
    for part in parts(logits, (1,)):
        e = np.subtract(logits[part], largest(logits[part], (1,)), powers[part])
        came[part] = e[np.arange(len(e)), classes[part]]
        totals[part] = add_up(np.exp(e, e), (1,))
    costs = np.log(totals) - came
    costs[~count] = 0
    if reduction == "none":
        costs = costs.reshape(np.shape(target))
    elif reduction == "sum":
        costs = np.add.reduce(costs)
    elif reduction == "mean":
        costs = np.add.reduce(costs) / int(np.count_nonzero(count))
    else:
        raise ValueError(f'reduction must be "mean", "sum" or "none", not {reduction!r}')
    return Saved(costs, {"saved": (powers, totals, classes, count)})
@cross_entropy.backward
def _(g, out, x, target, *, ignore_index=-100, reduction="mean", saved=None):
    dim = 1 if x.ndim > 1 else 0
    if saved is None:
        target = value_of(target)
        count = target != ignore_index
        each = count * (g / int(np.count_nonzero(count)) if reduction == "mean" else g)
        index = open_grid(target.shape)
        index.insert(dim, np.where(count, target, 0))
        expected = softmax(x, dim=dim) * each.reshape(kept(x, dim))
        return add_at(expected, -each, index=tuple(index)), None
    powers, totals, classes, count = saved  # eˣ for each target and class, Σ eˣ for each target
    each = count * (g / int(np.count_nonzero(count)) if reduction == "mean" else g.reshape(-1))
    expected = powers * (each / totals)[:, None]
    expected[np.arange(len(classes)), classes] -= each
    if x.ndim < 3:
        return expected.reshape(x.shape), None
    return np.moveaxis(expected.reshape(*target.shape, x.shape[dim]), -1, dim), None

"""Fused ops for neural networks: composed of other ops they would be slower or less accurate.

Written like ops.py: each op with its rule under it. nn.functional calls them.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..checks import whole
from ..dims import axes, kept, rows
from ..dtypes import Array, int64, only_floats
from ..errors import shown
from ..grad_mode import mode
from ..graph import Saved, op, value_of
from ..kernels import add_up, exps, outside, product, select
from ..ops import add_at, exp, matmul, softmax, sum, tanh, where
from ..scattered import Scattered
from . import kernels
from .reduction import count, reduced, target_index


@op
def linear(input, weight, *bias):
    """input @ weightᵀ, plus the bias if there is one: (…, in), (out, in), (out,) to (…, out)."""
    if weight.ndim != 2 or input.ndim == 0:
        raise ValueError
    for p in (weight, *bias):
        if p.dtype is not input.dtype and p.dtype != input.dtype:
            raise TypeError(f"input is {input.dtype}, weights {p.dtype}: dtypes must be equal")
    out = kernels.rows_times(input, weight)
    for b in bias:
        out += b
    return out if out.ndim == input.ndim else out.reshape(input.shape[:-1] + weight.shape[:1])
@linear.backward
def _(g, out, input, weight, *bias):
    return (
        lambda: product(rows(g), weight).reshape(input.shape),
        lambda: product(rows(g).mT, rows(input)),
        *[g] * len(bias),
    )


@op
def embedding(input, weight, *, padding_idx=None):
    """The row of `weight` for each word id in `input`: (…) int64, (words, d) to (…, d).

    The row padding_idx gets no gradient.
    """
    if input.dtype != int64:
        if input.dtype != np.int32:
            raise TypeError(f"word ids must be int64 or int32, not {input.dtype}")
        input = input.astype(int64)
    if weight.ndim != 2:
        raise ValueError(f"the weight must be a matrix (words, d), not of shape {weight.shape}")
    if padding_idx is not None and type(padding_idx) is not int:
        padding_idx = whole("padding_idx", padding_idx, None)
    if padding_idx is not None and not -len(weight) <= padding_idx < len(weight):
        raise IndexError(f"padding_idx {padding_idx} is out of range for {len(weight)} rows")
    bad = outside(input, len(weight))
    if bad.size:
        raise IndexError(f"word id {bad[0]} is out of range for {len(weight)} rows")
    return weight.take(input, axis=0)
@embedding.backward
def _(g, out, input, weight, *, padding_idx=None):
    ids = value_of(input)
    if padding_idx is not None and not (words := ids != padding_idx % len(weight)).all():
        ids, g = ids[words], g[words]
    return None, Scattered(g, ids, weight)


@op
def standardize(x, *, dim, eps):
    """(x - mean) / √(variance + eps) over dim: mean 0 and variance 1."""
    out, std = kernels.standardized(only_floats(x), axes(x, dim), eps)
    return Saved(out, {"std": std})
@standardize.backward
def _(g, out, x, *, dim, eps, std=None):
    over = axes(x, dim)
    n = math.prod([x.shape[d] for d in over])

    def mean(y):
        plain = isinstance(y, Array)
        return (add_up(y, over, True) if plain else sum(y, dim=over, keepdim=True)) / n

    if std is None:  # recorded: compute it again, with history
        y = x - mean(x)
        y = y - mean(y)
        unit = np.maximum(1, np.abs(value_of(y)).max(over, keepdims=True, initial=0))
        std = unit * (mean((y / unit) ** 2) + eps / unit**2) ** 0.5  # no square overflows
    gx = g - mean(g)
    gx -= out * mean(g * out)
    gx /= std
    return (gx,)


@op
def layer_norm(x, weight, bias, *, eps):
    """`standardize` over the last dims, those of the weight; then times weight, plus bias."""
    only_floats(x)
    alone = x.size == weight.size and not mode.recording  # one row, and no rule to save for
    if alone and (out := kernels.layer_norm_row(x, weight, bias, eps)) is not None:
        return out
    over = tuple(range(x.ndim - weight.ndim, x.ndim))
    unit, std = kernels.standardized(x, over, eps)
    out = kernels.with_row(np.multiply, unit, weight, np.empty_like(unit))
    return Saved(kernels.with_row(np.add, out, bias, out), {"unit": unit, "std": std})
@layer_norm.backward
def _(g, out, x, weight, bias, *, eps, unit=None, std=None):
    if unit is not None:
        gx, *others = kernels.layer_norm_gradients(g, unit, std, weight)
        return gx.reshape(x.shape), *others
    dim = tuple(range(-weight.ndim, 0))
    unit = standardize(x, dim=dim, eps=eps)
    return *standardize.rule(g * weight, unit, x, dim=dim, eps=eps), g * unit, g


@op
def gauss(x):
    """erf(x / √2): the probability that a normal random number lies within ±x, signed as x."""
    return kernels.gauss(only_floats(x))
@gauss.backward
def _(g, out, x):
    return (g * exp(x * x * -0.5) * math.sqrt(2 / math.pi),)


@op
def gelu(x, *, approximate="none"):
    """x · Φ(x), where Φ(x) = (1 + erf(x / √2)) / 2 (Hendrycks and Gimpel 2016, §2).

    approximate: "none", or "tanh" for Φ(x) = (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2.
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'approximate is "none" or "tanh", not {shown(approximate)}')
    out, slope = kernels.gelu(only_floats(x), approximate, mode.recording)
    return Saved(out, {"slope": slope})
@gelu.backward
def _(g, out, x, *, approximate="none", slope=None):
    if slope is not None:
        return (g * slope,)
    if approximate == "none":
        t, slope = gauss(x), exp(x * x * -0.5) * math.sqrt(2 / math.pi)
    else:  # recorded: compute it again, with history
        a, b = kernels.CUBIC
        t = tanh(x * (a + b * x * x))
        slope = (1 - t * t) * (a + 3 * b * x * x)
    return (g * (1 + t + x * slope) / 2,)


@op
def attend(query, key, value, *mask, scale, causal):
    """softmax(scale · QKᵀ) V, the scores masked; computed by parts that fit the cache.

    Forward and backward, memory grows with the length of long texts, not with its square
    (Dao et al. 2022, "FlashAttention").
    """
    if not query.dtype == key.dtype == value.dtype:
        raise TypeError(f"dtypes differ: {query.dtype}, {key.dtype}, {value.dtype}")
    out, softmaxed = kernels.attend(query, key, value, mask, scale, causal)
    return Saved(out, {"softmaxed": softmaxed})
@attend.backward
def _(g, out, query, key, value, *mask, scale, causal, softmaxed=None):
    def of_scores(weights):
        return weights * (g @ value.mT - sum(g * out, dim=-1, keepdim=True))

    weights = functools.partial(attention_weights, query, key, *mask, scale=scale, causal=causal)
    if softmaxed is not None:
        three = kernels.attend_gradients(
            g, out, query, key, value, mask, scale, causal, softmaxed
        )
        return *three, *[lambda: of_scores(weights())] * len(mask)
    weights = weights()
    gs = of_scores(weights)
    return scale * (gs @ key), scale * (gs.mT @ query), weights.mT @ g, *[gs] * len(mask)


def attention_weights(query: Any, key: Any, *mask: Any, scale: float, causal: bool) -> Any:
    """softmax(scale · QKᵀ), the scores masked: how much each query attends to each key, (…, L, S).

    A query with everything masked attends to nothing.
    """
    scores = matmul(query, key.mT) * scale
    if causal:
        mask = (kernels.causal_mask(*scores.shape[-2:]),)
    for m in mask:
        bools = m.dtype.kind == "b"
        scores = scores + (kernels.as_scores(value_of(m), value_of(scores).dtype) if bools else m)
    nothing = (value_of(scores) == -np.inf).all(-1, keepdims=True)
    if not nothing.any():
        return softmax(scores, dim=-1)
    return where(nothing, 0, softmax(where(nothing, 0, scores), dim=-1))


@op
def cross_entropy(x, target, *, ignore_index=-100, reduction="mean"):
    """-log softmax(x)[target]: the same as nll_loss(log_softmax(x, 1), target), in one op.

    x: logits (C,), (N, C) or (N, C, d1, …); target: classes (), (N,) or (N, d1, …), int64.
    A target that equals ignore_index has a loss of 0 and does not count in the mean.
    reduction: "mean" over the targets that count, "sum", or "none" for one loss per target.
    """
    index, counted = target_index(x, target, ignore_index)
    with np.errstate(under="ignore"):  # the exponential of a small logit
        e, total, top = exps(x, min(1, x.ndim - 1))
    losses = np.where(counted, np.log(total) - (x[index] - top), 0)
    return Saved(reduced(losses, reduction, counted), {"computed": (e, total, index, counted)})
@cross_entropy.backward
def _(g, out, x, target, *, ignore_index=-100, reduction="mean", computed=None):
    dim = min(1, x.ndim - 1)
    if computed is None:  # recorded: compute them again, with history; softmax(x) = e / total
        computed = (softmax(x, dim=dim), 1, *target_index(x, value_of(target), ignore_index))
    e, total, index, counted = computed
    each = g / count(counted) if reduction == "mean" else g  # the gradient of each loss
    pick = select if isinstance(g, Array) else where
    each = pick(counted, each, 0)  # 0 for an ignored one, also if g is not finite
    gx = e * (each / total).reshape(kept(x, dim))  # softmax(x) · each
    return subtract_at(gx, index, each), None  # (softmax(x) - onehot(target)) · each


def subtract_at(x, index, y):
    """x with y subtracted at [index], where no element appears twice.

    An array is changed in place: the rule has just made it, and nobody else holds it.
    """
    if not isinstance(x, Array):
        return add_at(x, -y, index=index)
    x[index] -= y
    return x

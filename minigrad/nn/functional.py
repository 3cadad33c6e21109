"""What nets are made of, as functions: each a few lines of ops."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..compare import gt, untracked
from ..dtypes import Value
from ..creation import random
from ..functions import gather, mean, mT, squeeze, unsqueeze
from ..ops import (
    add, div, log_softmax, matmul, mul, neg, relu, sigmoid, softmax, sub,
    sum, tanh, where,
)  # fmt: skip
from ..ops import pow as power
from . import ops
from .ops import cross_entropy, embedding

__all__ = [
    "cross_entropy", "dropout", "embedding", "layer_norm", "linear", "log_softmax", "mse_loss",
    "nll_loss", "one_hot", "relu", "scaled_dot_product_attention", "sigmoid", "softmax", "tanh",
]  # fmt: skip


def linear(input: Value, weight: Value, bias: Value | None = None) -> Value:
    """input @ weightᵀ + bias: (…, in), weight (out, in), bias (out,) to (…, out)."""
    if weight.ndim == 1:  # one number for each row
        out = matmul(input, weight)
        return out if bias is None else add(out, bias)
    return ops.linear(input, weight) if bias is None else ops.linear(input, weight, bias)


def dropout(input: Value, p: float = 0.5, training: bool = True) -> Value:
    """In training, each element is 0 with probability p; the others are divided by 1 - p.

    So the expected value is the input (Srivastava et al. 2014, §4, with the scaling of §10).
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p is a probability, from 0 to 1, not {p}")
    if input.dtype.kind != "f":
        raise TypeError(f"dropout: only floats can be scaled, not {input.dtype}")
    if not training or p == 0:
        return input
    kept = random(input.shape) >= p
    return mul(input, (kept / (1 - p) if p < 1 else kept).astype(input.dtype))


def layer_norm(
    input: Value,
    normalized_shape: Any,
    weight: Value | None = None,
    bias: Value | None = None,
    eps: float = 1e-5,
) -> Value:
    """The last dims (of `normalized_shape`) with mean 0 and variance 1, times weight, plus bias.

    Ba, Kiros and Hinton 2016, §3.
    """
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if input.shape[-len(shape) :] != shape:
        raise ValueError(f"layer_norm: the last dims of {input.shape} are not {shape}")
    for name, p in (("weight", weight), ("bias", bias)):
        if p is not None and p.shape != shape:
            raise ValueError(f"layer_norm: {name} has the shape {p.shape}, and must have {shape}")
    dims = tuple(range(-len(shape), 0))
    out = ops.standardize(input, dim=dims, eps=eps)
    out = out if weight is None else mul(out, weight)
    return out if bias is None else add(out, bias)


@untracked
def one_hot(tensor: Value, num_classes: int = -1) -> Value:
    """1 at the class, 0 elsewhere: (…) int64 to (…, num_classes) int64; -1: as many as needed."""
    if tensor.dtype != np.int64:
        raise TypeError(f"one_hot: classes must be int64, not {tensor.dtype}")
    needed = int(tensor.max(initial=-1)) + 1
    classes = needed if num_classes == -1 else num_classes
    if tensor.min(initial=0) < 0 or needed > classes:
        raise IndexError(f"one_hot: classes must lie from 0 to {classes - 1}")
    return (tensor[..., None] == np.arange(classes)).astype(np.int64)


def nll_loss(
    input: Value, target: Value, *, ignore_index: int = -100, reduction: str = "mean"
) -> Value:
    """-input[target]: input holds log-probabilities (N, C) or (C,), target classes (N,) or ()."""
    dim = 1 if input.ndim > 1 else 0
    if target.shape != input.shape[:dim] + input.shape[dim + 1 :]:
        raise ValueError(f"nll_loss: targets {target.shape} do not fit the input {input.shape}")
    count = target != ignore_index
    picked = gather(input, dim, unsqueeze(where(count, target, 0), dim))
    costs = where(count, neg(squeeze(picked, dim)), 0)
    return div(sum(costs), sum(count)) if reduction == "mean" else _reduced(costs, reduction)


def mse_loss(input: Value, target: Value, reduction: str = "mean") -> Value:
    """The squared difference: its mean, its sum, or ("none") one an element."""
    if input.shape != target.shape:
        raise ValueError(f"mse_loss: input {input.shape} and target {target.shape} differ in shape")
    return _reduced(power(sub(input, target), 2), reduction)


def _reduced(costs: Value, reduction: str) -> Value:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction must be "mean", "sum" or "none", not {reduction!r}')
    return costs if reduction == "none" else sum(costs) if reduction == "sum" else mean(costs)


def scaled_dot_product_attention(
    query: Value,
    key: Value,
    value: Value,
    attn_mask: Value | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
) -> Value:
    """softmax(QKᵀ / √d) V (Vaswani et al. 2017, §3.2.1).

    query (…, L, d), key (…, S, d), value (…, S, dv) to (…, L, dv).
    attn_mask, broadcasting to (…, L, S): bool, True where a query may look; or floats, added to
    the scores. is_causal: position i looks at positions up to i. scale: instead of 1 / √d.
    """
    scores = mul(matmul(query, mT(key)), 1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if is_causal:
        if attn_mask is not None:
            raise ValueError("scaled_dot_product_attention: give attn_mask or is_causal, not both")
        queries, keys = scores.shape[-2:]
        attn_mask = np.arange(keys) <= np.arange(queries)[:, None]
    if attn_mask is None:
        return matmul(dropout(softmax(scores, dim=-1), dropout_p), value)
    if attn_mask.dtype.kind == "f":
        seen = gt(attn_mask, -math.inf)
        scores = add(scores, where(seen, attn_mask, 0))
    else:
        seen = attn_mask
    # Not -inf: a query that may look nowhere has weights of 0, not of NaN.
    weights = softmax(where(seen, scores, float(np.finfo(scores.dtype).min)), dim=-1)
    return matmul(dropout(where(seen, weights, 0), dropout_p), value)

"""Functions for neural networks: composed of ops, or ops of nn/ops.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import checks
from ..compare import untracked
from ..creation import random
from ..errors import EXPLAINED, explained
from ..graph import value_of
from ..kernels import outside
from ..ops import (
    add,
    getitem,
    log_softmax,
    matmul,
    mul,
    neg,
    relu,
    sigmoid,
    softmax,
    sub,
    tanh,
    where,
)
from ..ops import pow as power
from ..rooms import rooms
from ..tensor import Tensor
from . import ops
from .attention import scaled_dot_product_attention
from .losses import Reduction, reduced, target_index
from .ops import cross_entropy, embedding, gelu

__all__ = [
    "cross_entropy", "dropout", "embedding", "gelu", "layer_norm", "linear", "log_softmax",
    "mse_loss", "nll_loss", "one_hot", "relu", "scaled_dot_product_attention", "sigmoid", "softmax",
    "tanh",
]  # fmt: skip

# What is loaded when it is asked for, by the room that has it.
ROOMS = {
    "minigrad.nn.activations": """
        silu mish leaky_relu elu selu celu glu softplus softsign hardtanh hardsigmoid hardswish
        relu6 prelu rrelu threshold logsigmoid tanhshrink softshrink hardshrink softmin
        gumbel_softmax relu_ leaky_relu_ elu_""",
    "minigrad.nn.losses": """
        l1_loss smooth_l1_loss huber_loss binary_cross_entropy binary_cross_entropy_with_logits
        kl_div cosine_embedding_loss margin_ranking_loss hinge_embedding_loss triplet_margin_loss
        soft_margin_loss multi_margin_loss multilabel_soft_margin_loss poisson_nll_loss
        gaussian_nll_loss""",
    "minigrad.nn.more_layers": """
        bilinear embedding_bag cosine_similarity pairwise_distance normalize dropout1d dropout2d
        alpha_dropout""",
    "minigrad.nn.normalization": "batch_norm group_norm instance_norm rms_norm",
    "minigrad.nn.convolution": """
        conv1d conv2d conv_transpose1d conv_transpose2d max_pool1d max_pool2d avg_pool1d avg_pool2d
        adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool1d adaptive_max_pool2d unfold
        pad""",
    "minigrad.nn.transformer": "multi_head_attention_forward",
}
__getattr__ = rooms(__name__, ROOMS)


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """input @ weightᵀ + bias: (…, in), weight (out, in), bias (out,) to (…, out).

    With a weight of shape (in,) there is one output: (…, in) to (…).
    """
    if getattr(weight, "ndim", 2) == 1:
        out = matmul(input, weight)
        return out if bias is None else add(out, bias)
    return ops.linear(input, weight) if bias is None else ops.linear(input, weight, bias)


def dropout(input: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """In training, each element is 0 with probability p; the others are divided by 1 - p.

    The expected value stays that of the input (Srivastava et al. 2014, §4, scaled as in §10).
    """
    if getattr(getattr(input, "dtype", None), "kind", None) != "f":
        checks.floats("dropout", input=input)
    if type(p) is not float or not 0 <= p <= 1:
        p = checks.probability("dropout: p", p)
    if training is not True and not checks.flag("dropout: training", training) or p == 0:
        return input
    kept = random(input.shape) >= p
    factor: Any = np.multiply(kept, 1 / (1 - p) if p < 1 else 1, dtype=value_of(input).dtype)
    return mul(input, factor)


def layer_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Layer normalization: mean 0 and variance 1 over the last dims, times weight, plus bias.

    The last dims, weight and bias have the shape `normalized_shape`; eps is added to the variance
    (Ba, Kiros and Hinton 2016, §3).
    """
    shape = checks.shape_or_int("layer_norm: normalized_shape", normalized_shape)
    if getattr(input, "shape", ())[-len(shape) :] != shape:
        checks.tensors("layer_norm", input=input)
        raise ValueError(f"layer_norm: the last dims of {input.shape} are not {shape}")
    for name, p in (("weight", weight), ("bias", bias)):
        if p is not None and getattr(p, "shape", None) != shape:
            checks.tensors("layer_norm", **{name: p})
            raise ValueError(f"layer_norm: {name} has shape {p.shape}, it must have shape {shape}")
    dims = tuple(range(-len(shape), 0))
    eps = checks.number("layer_norm: eps", eps)
    if not eps >= 0:
        raise ValueError(f"layer_norm: eps must not be negative, got {eps}")
    if weight is not None and bias is not None and weight.dtype == bias.dtype == input.dtype:
        return ops.layer_norm(input, weight, bias, eps=eps)
    out = ops.standardize(input, dim=dims, eps=eps)
    out = out if weight is None else mul(out, weight)
    return out if bias is None else add(out, bias)


@untracked
def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """1 at the class, 0 elsewhere: (…) int64 to (…, num_classes) int64; -1 means the max + 1."""
    if tensor.dtype != np.int64:
        raise TypeError(f"classes must be int64, not {tensor.dtype}")
    num_classes = checks.whole("num_classes", num_classes, least=-1)
    if num_classes == -1 and not np.size(tensor):
        raise ValueError("no classes to take num_classes from: give num_classes")
    needed = int(np.max(tensor, initial=-1)) + 1
    classes = needed if num_classes == -1 else num_classes
    ids: Any = tensor  # an array, if the function was called on a tensor
    bad = outside(ids, classes)
    if bad.size:
        raise IndexError(f"class {bad[0]} is out of range: classes must be from 0 to {classes - 1}")
    return (tensor[..., None] == np.arange(classes)).astype(np.int64)


def nll_loss(
    input: Tensor, target: Tensor, *, ignore_index: int = -100, reduction: Reduction = "mean"
) -> Tensor:
    """The negative log-likelihood, -input[target].

    input: log-probabilities (C,), (N, C) or (N, C, d1, …); target: the classes (), (N,) or
    (N, d1, …), int64. ignore_index and reduction as in `cross_entropy`.
    """
    checks.tensors("nll_loss", input=input, target=target)
    x, classes = value_of(input), value_of(target)
    try:
        index, counted = target_index(x, classes, ignore_index)
        losses: Any = where(counted, neg(getitem(input, index=index)), 0)
        return reduced(losses, reduction, counted)
    except EXPLAINED as error:
        settings = {"ignore_index": ignore_index, "reduction": reduction}
        raise explained("nll_loss", error, [x, classes], settings) from None


def mse_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean") -> Tensor:
    """The squared difference, reduced by "mean", "sum" or "none" (one loss per element)."""
    checks.tensors("mse_loss", input=input, target=target)
    if input.shape != target.shape:
        raise ValueError(f"mse_loss: input {input.shape} and target {target.shape} differ in shape")
    return reduced(power(sub(input, target), 2), reduction)

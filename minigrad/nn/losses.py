"""Losses beside those of the course. Loaded when asked for.

They are in nn.functional, too; their modules are in loss_modules.py. `reduction` is "mean", "sum"
or "none" (one loss per element, or per example); `size_average` and `reduce` are PyTorch's older
names for it.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from .. import checks
from ..compare import any as any_of
from ..compare import lt
from ..errors import describe
from ..functions import clamp, unsqueeze
from ..graph import value_of
from ..ops import abs as absolute
from ..ops import add, div, exp, getitem, log, minimum, mul, neg, reshape, sqrt, sub, where
from ..ops import pow as power
from ..ops import sum as total
from ..tensor import Tensor
from .activations import logsigmoid
from .functional import check_sizes
from .likelihood import class_weights
from .distances import pairwise_distance
from .more_ops import binary_entropy, huber, smooth_hinge
from .reduction import Reduction, Setting, chosen, reduced, same_shape, target_index, weighted_mean


# --- differences --------------------------------------------------------------------------------


def l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
    weight: Tensor | None = None,
) -> Tensor:
    """|input - target|; weight, of the input's shape, is a factor per element."""
    reduction = chosen(reduction, size_average, reduce)
    check_sizes("l1_loss", input, target, weight)
    losses = absolute(sub(input, target))
    of = reduced if weight is None else weighted_mean
    return of(losses, reduction, weight)


def smooth_l1_loss(
    input: Tensor,
    target: Tensor,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
    beta: float = 1.0,
) -> Tensor:
    """The squared difference / (2 · beta) up to |difference| = beta, then |difference| - beta/2."""
    reduction = chosen(reduction, size_average, reduce)
    check_sizes("smooth_l1_loss", input, target)
    if checks.number("smooth_l1_loss: beta", beta) < 0:
        raise ValueError(f"smooth_l1_loss: beta must not be negative, got {beta}")
    if beta == 0:
        return reduced(absolute(sub(input, target)), reduction)
    return reduced(div(huber(sub(input, target), delta=float(beta)), beta), reduction)


def huber_loss(
    input: Tensor,
    target: Tensor,
    reduction: Reduction = "mean",
    delta: float = 1.0,
    weight: Tensor | None = None,
) -> Tensor:
    """Half the squared difference up to |difference| = delta, then a line (Huber 1964, §4).

    The line is delta · (|difference| - delta / 2). weight, of the input's shape, is a factor per
    element.
    """
    check_sizes("huber_loss", input, target, weight)
    if checks.number("huber_loss: delta", delta) <= 0:
        raise ValueError(f"huber_loss: delta must be positive, got {delta}")
    losses = huber(sub(input, target), delta=float(delta))
    return reduced(losses if weight is None else mul(losses, weight), reduction)


# --- probabilities ------------------------------------------------------------------------------


def binary_cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """-target · log(input) - (1 - target) · log(1 - input), for probabilities as inputs.

    Each logarithm is at least -100, so that the loss is finite.
    """
    reduction = chosen(reduction, size_average, reduce)
    same_shape("binary_cross_entropy", input, target)
    checks.floats("binary_cross_entropy", input=input, target=target)
    if (bad := value_of(input)[~((value_of(input) >= 0) & (value_of(input) <= 1))]).size:
        what = f"inputs are probabilities, from 0 to 1, not {bad[0]}"
        raise RuntimeError(f"binary_cross_entropy: {what}")
    losses: Any = binary_entropy(input, target)
    return reduced(losses if weight is None else mul(losses, weight), reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """`binary_cross_entropy` of sigmoid(input), without the logarithm of a rounded sigmoid.

    weight is a factor per element, pos_weight one of the part of positive targets.
    """
    reduction = chosen(reduction, size_average, reduce)
    same_shape("binary_cross_entropy_with_logits", input, target)
    checks.floats("binary_cross_entropy_with_logits", input=input)
    factor = 1 if pos_weight is None else add(mul(sub(pos_weight, 1), target), 1)
    losses = add(mul(1 - target, input), mul(smooth_hinge(neg(input)), factor))
    return reduced(losses if weight is None else mul(losses, weight), reduction)


def kl_div(
    input: Tensor,
    target: Tensor,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction | str = "mean",
    log_target: bool = False,
) -> Tensor:
    """The Kullback–Leibler divergence target · (log(target) - input), of log-probabilities.

    reduction="batchmean" divides the sum by the number of rows. log_target: the targets are
    log-probabilities, too.
    """
    of = chosen(reduction, size_average, reduce)  # type: ignore[arg-type]
    if reduction == "mean" and size_average is None and reduce is None:
        what = 'kl_div: "mean" divides by the number of elements; the definition is "batchmean"'
        warnings.warn(what, stacklevel=2)
    checks.tensors("kl_div", input=input, target=target)
    if log_target:
        losses = mul(exp(target), sub(target, input))
    else:
        losses = sub(_times_log(target), mul(target, input))
    if str(of) == "batchmean":
        return div(total(losses), input.shape[0]) if input.ndim else total(losses)
    return reduced(losses, of)


def _times_log(x: Any) -> Any:
    """x · log(x); 0 at 0, where the slope is 0."""
    empty = value_of(x) == 0
    return where(empty, 0, mul(x, log(where(empty, 1, x))))


def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    size_average: Setting = None,
    eps: float = 1e-8,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The negative log-likelihood of counts under a Poisson distribution with mean e^input.

    log_input=False: with mean `input`. full adds Stirling's approximation of log(target!).
    """
    reduction = chosen(reduction, size_average, reduce)
    if log_input:
        losses = sub(exp(input), mul(target, input))
    else:
        losses = sub(input, mul(target, log(add(input, eps))))
    if full:
        many = value_of(target) > 1
        counts = where(many, target, 1)
        stirling = sub(mul(counts, log(counts)), counts)
        stirling = add(stirling, mul(log(mul(counts, 2 * math.pi)), 0.5))
        losses = add(losses, where(many, stirling, 0))
    return reduced(losses, reduction)


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Reduction = "mean",
) -> Tensor:
    """The negative log-likelihood of targets under a normal distribution: (mean `input`, var).

    var: of the input's shape, or with one variance per last dim; at least eps is taken. full adds
    the constant log(2π) / 2.
    """
    spread: Any = var
    if isinstance(var, int | float):
        spread = np.full(input.shape, var, value_of(input).dtype)
    if any_of(lt(spread, 0)):
        raise ValueError("gaussian_nll_loss: var must not be negative")
    if spread.shape != input.shape:
        pairs = zip(spread.shape, input.shape, strict=False)
        if spread.shape == input.shape[:-1]:
            spread = unsqueeze(spread, -1)
        elif spread.ndim != input.ndim or [a for a, b in pairs if a != b] != [1]:
            raise ValueError(
                f"gaussian_nll_loss: var {describe(spread)} for an input {describe(input)}"
            )
    least = np.maximum(eps - value_of(spread), 0)  # PyTorch's gradient passes where var is small
    spread = add(spread, least)
    losses = mul(add(log(spread), div(power(sub(input, target), 2), spread)), 0.5)
    return reduced(add(losses, 0.5 * math.log(2 * math.pi)) if full else losses, reduction)


# --- margins ------------------------------------------------------------------------------------


def hinge(x: Any) -> Any:
    """max(x, 0); the gradient at 0 is 1, as that of PyTorch's clamp_min."""
    return clamp(x, min=0)


def margin_ranking_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """max(0, -target · (input1 - input2) + margin): 1 where input1 should be larger, else -1."""
    reduction = chosen(reduction, size_average, reduce)
    checks.tensors("margin_ranking_loss", input1=input1, input2=input2, target=target)
    if not input1.ndim == input2.ndim == target.ndim:
        shapes = f"{describe(input1)}, {describe(input2)} and {describe(target)}"
        raise RuntimeError(f"margin_ranking_loss: {shapes} must have the same number of dims")
    return reduced(hinge(add(mul(neg(target), sub(input1, input2)), margin)), reduction)


def hinge_embedding_loss(
    input: Tensor,
    target: Tensor,
    margin: float = 1.0,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The input where the target is 1; max(0, margin - input) where it is -1."""
    reduction = chosen(reduction, size_average, reduce)
    checks.tensors("hinge_embedding_loss", input=input, target=target)
    sign = value_of(target)
    losses = add(where(sign == -1, 0, input), where(sign == 1, 0, hinge(margin - input)))
    return reduced(losses, reduction)


def soft_margin_loss(
    input: Tensor,
    target: Tensor,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """log(1 + e^(-target · input)), for targets of 1 and -1."""
    reduction = chosen(reduction, size_average, reduce)
    checks.tensors("soft_margin_loss", input=input, target=target)
    return reduced(smooth_hinge(mul(neg(target), input)), reduction)


def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """Σ max(0, margin - input[target] + input[i])ᵖ / C over the other classes i.

    input (N, C) or (C,), target (N,) or (), int64; p is 1 or 2; weight (C,), a factor per class.
    """
    reduction = chosen(reduction, size_average, reduce)
    checks.floats("multi_margin_loss", input=input)
    if p not in (1, 2):
        raise ValueError(f"multi_margin_loss: p is 1 or 2, not {p}")
    rows = input if input.ndim > 1 else reshape(input, shape=(1, -1))
    classes = np.atleast_1d(value_of(target))
    (index, ids), _ = target_index(value_of(rows), classes, -1)
    right = getitem(rows, index=(index, ids))
    over = hinge(add(sub(rows, unsqueeze(right, 1)), margin))
    over = mul(over, over) if p == 2 else over
    if weight is not None:
        of_class = class_weights("multi_margin_loss", weight, value_of(rows))
        over = mul(over, of_class[ids][:, None])
    others = np.arange(rows.shape[1]) != ids[:, None]
    losses: Any = div(total(where(others, over, 0), dim=1), rows.shape[1])
    return reduced(losses if np.ndim(value_of(target)) else getitem(losses, index=0), reduction)


def multilabel_soft_margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """`binary_cross_entropy_with_logits`, averaged over the classes, the last dim."""
    reduction = chosen(reduction, size_average, reduce)
    checks.floats("multilabel_soft_margin_loss", input=input)
    right, wrong = logsigmoid(input), logsigmoid(neg(input))
    losses = neg(add(mul(target, right), mul(1 - target, wrong)))
    losses = losses if weight is None else mul(losses, weight)
    return reduced(div(total(losses, dim=-1), input.shape[-1]), reduction)


# --- of embeddings ------------------------------------------------------------------------------


def cosine_embedding_loss(
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: float = 0,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """1 - cos(input1, input2) where the target is 1; max(0, cos - margin) where it is -1.

    Inputs (N, d) with targets (N,), or (d,) with ().
    """
    reduction = chosen(reduction, size_average, reduce)
    checks.tensors("cosine_embedding_loss", input1=input1, input2=input2, target=target)
    if target.ndim not in (0, 1) or not input1.ndim == input2.ndim == target.ndim + 1:
        shapes = f"{describe(input1)}, {describe(input2)} and targets {describe(target)}"
        raise RuntimeError(f"cosine_embedding_loss: {shapes}: (N, d) and (N,), or (d,) and ()")
    dim, eps = target.ndim, 1e-12
    squares = [add(total(mul(x, x), dim=dim), eps) for x in (input1, input2)]
    cosine = div(total(mul(input1, input2), dim=dim), sqrt(mul(*squares)))
    sign = value_of(target)
    near, far = where(sign == 1, 1 - cosine, 0), hinge(sub(cosine, margin))
    return reduced(add(near, where(sign == -1, far, 0)), reduction)


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    size_average: Setting = None,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """max(0, |anchor - positive| - |anchor - negative| + margin), with p-norms over the last dim.

    swap: if the negative is nearer to the positive, that distance counts (Balntas et al. 2016).
    """
    reduction = chosen(reduction, size_average, reduce)
    if margin <= 0:
        raise ValueError(f"triplet_margin_loss: margin must be positive, got {margin}")
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = minimum(far, pairwise_distance(positive, negative, p, eps))
    return reduced(hinge(add(sub(near, far), margin)), reduction)

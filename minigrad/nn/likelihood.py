"""The losses of classes: cross-entropy, and the negative log-likelihood that it is made of."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from .. import checks
from .. import ops as plain
from ..errors import EXPLAINED, describe, explained
from ..graph import value_of
from ..ops import add, div, getitem, mul, neg, where
from ..ops import sum as total
from ..tensor import Tensor
from . import ops
from .reduction import Reduction, Setting, chosen, reduced, target_index, weighted_mean


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Setting = None,
    ignore_index: int = -100,
    reduce: Setting = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """The negative log-likelihood, -input[target].

    input: log-probabilities (C,), (N, C) or (N, C, d1, …); target: the classes (), (N,) or
    (N, d1, …), int64. weight, ignore_index and reduction as in `cross_entropy`.
    """
    checks.tensors("nll_loss", input=input, target=target)
    reduction = chosen(reduction, size_average, reduce)
    x, classes = value_of(input), value_of(target)
    try:
        index, counted = target_index(x, classes, ignore_index)
        losses: Any = where(counted, neg(getitem(input, index=index)), 0)
        if weight is not None:
            of_class = class_weights("nll_loss", weight, x)
            each = np.where(counted, of_class[index[min(1, x.ndim - 1)]], 0)
            return weighted_mean(losses, reduction, each)
        return reduced(losses, reduction, counted)
    except EXPLAINED as error:
        settings = {"ignore_index": ignore_index, "reduction": reduction}
        raise explained("nll_loss", error, [x, classes], settings) from None


def class_weights(name: str, weight: Any, x: Any) -> Any:
    """One weight per class, as an array. Raises TypeError or ValueError unless they fit logits."""
    checks.tensors(name, weight=weight)
    of_class, classes = value_of(weight), x.shape[min(1, x.ndim - 1)]
    if of_class.shape != (classes,):
        raise ValueError(f"weight {describe(of_class)}: there must be one per class, ({classes},)")
    if of_class.dtype != x.dtype:
        raise TypeError(f"weight is {of_class.dtype}, logits are {x.dtype}: both must be equal")
    return of_class


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Setting = None,
    ignore_index: int = -100,
    reduce: Setting = None,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """-log softmax(x)[target], the loss of a classifier.

    input            logits (C,), (N, C) or (N, C, d1, …)
    target           the classes (), (N,) or (N, d1, …), int64; or a probability of each class, of
                     the shape of the input
    weight           (C,), a factor per class
    ignore_index     a target that equals it has a loss of 0 and does not count in the mean
    reduction        "mean" over the targets that count, weighted; "sum", or "none" for one loss
                     per target
    label_smoothing  this much of the probability is spread evenly over all classes
    """
    if size_average is not None or reduce is not None:
        reduction = chosen(reduction, size_average, reduce)
    soft = getattr(getattr(target, "dtype", None), "kind", "i") == "f"
    soft = soft and getattr(input, "shape", None) == target.shape
    if weight is None and not soft and label_smoothing == 0:
        return ops.cross_entropy(input, target, ignore_index=ignore_index, reduction=reduction)
    checks.floats("cross_entropy", input=input)
    smooth = checks.probability("cross_entropy: label_smoothing", label_smoothing)
    of = _of_probabilities if soft else partial(_of_classes, ignore_index=ignore_index)
    return of(input, target, weight, reduction=reduction, smooth=smooth)


def _parts(input: Any, weight: Any) -> tuple[int, Any, Any]:
    """The dim of classes, the log-probabilities, and factors that broadcast along that dim."""
    dim = min(1, input.ndim - 1)
    logs = plain.log_softmax(input, dim=dim)
    if weight is None:
        return dim, logs, 1
    of_class = class_weights("cross_entropy", weight, value_of(input))
    return dim, logs, of_class.reshape(-1, *[1] * (input.ndim - 1 - dim))


def _of_probabilities(
    input: Any, target: Any, weight: Any, reduction: Reduction, smooth: float
) -> Any:
    """The loss of a probability per class, from logits."""
    dim, logs, factors = _parts(input, weight)
    classes = input.shape[dim]
    target = target if not smooth else add(mul(target, 1 - smooth), smooth / classes)
    losses: Any = neg(total(mul(mul(logs, target), factors), dim=dim))
    if reduction == "mean":
        return div(total(losses), math.prod(input.shape) // classes if classes else 0)
    return reduced(losses, reduction)


def _of_classes(
    input: Any, target: Any, weight: Any, ignore_index: int, reduction: Reduction, smooth: float
) -> Any:
    """The loss of classes with weights and label smoothing, from logits."""
    dim, logs, factors = _parts(input, weight)
    losses = nll_loss(logs, target, weight, ignore_index=ignore_index, reduction=reduction)
    if not smooth:
        return losses
    counted = value_of(target) != ignore_index
    each = where(counted, neg(total(mul(logs, factors), dim=dim)), 0)
    spread: Any = reduced(each, "sum" if reduction == "mean" else reduction)
    if reduction == "mean":
        ids = np.where(counted, value_of(target), 0)
        of_class = np.ones(logs.shape[dim]) if weight is None else value_of(weight)
        spread = spread / float((of_class[ids] * counted).sum())
    return add(mul(losses, 1 - smooth), mul(spread, smooth / logs.shape[dim]))

"""Shared by the losses: checks of logits and targets, and the reduction."""

from __future__ import annotations

import warnings
from typing import Any, Literal, TypeVar

import numpy as np

from ..checks import tensors, whole
from ..dtypes import Array, int64
from ..errors import describe, shown
from ..functions import mean
from ..graph import value_of
from ..kernels import outside
from ..tensor import Tensor

Setting = bool | None
Reduction = Literal["mean", "sum", "none"]
Losses = TypeVar("Losses", Array, Tensor)


def target_index(x: Array, target: Array, ignore_index: int) -> tuple[tuple[Array, ...], Array]:
    """The index of each target's logit, and a bool mask of the targets that are not ignored.

    x: logits (C,), (N, C) or (N, C, d1, …), floats; target: classes (), (N,) or (N, d1, …), int64.
    x[index] has the shape of target; where a target is ignored, the index is that of class 0.
    Raises TypeError for other dtypes, ValueError for shapes that do not fit, IndexError for a class
    that x does not have.
    """
    if not x.ndim:
        raise ValueError("logits of a single number: they need a dim of classes, (C,) or (N, C, …)")
    dim = 1 if x.ndim > 1 else 0
    if type(ignore_index) is not int:
        ignore_index = whole("ignore_index (there are no class weights)", ignore_index, None)
    if x.dtype.kind != "f" or target.dtype != int64:
        raise TypeError(
            f"logits must be floats, targets int64, not {x.dtype.name} and {target.dtype.name}"
        )
    if target.shape != x.shape[:dim] + x.shape[dim + 1 :]:
        raise ValueError(
            f"logits {describe(x)} and targets {describe(target)}: without the logits' dim {dim}, "
            f"the {x.shape[dim]} classes, their shapes must be equal"
        )
    counted = target != ignore_index
    classes = np.where(counted, target, 0)
    bad = outside(classes, x.shape[dim])
    if bad.size:
        where = np.argwhere(classes == bad[0])[0].tolist() if target.ndim else ""
        at = f", at index {tuple(where)}" if where else ""
        raise IndexError(f"target {bad[0]} is out of range for {x.shape[dim]} classes{at}")
    grid = np.indices(target.shape, sparse=True)
    return (*grid[:dim], classes, *grid[dim:]), counted


def reduced(losses: Losses, reduction: Reduction, counted: Any = None) -> Losses:
    """The mean or the sum of the losses, or (with "none") the losses themselves.

    counted: a bool mask of the losses that the mean is over; the others must be 0.
    """
    if not isinstance(reduction, str):
        raise TypeError(f'reduction must be "mean", "sum" or "none", not {shown(reduction)}')
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if reduction == "mean":
        return mean(losses) if counted is None else losses.sum() / count(counted)
    raise ValueError(f'reduction must be "mean", "sum" or "none", not {reduction!r}')


def chosen(reduction: Reduction, size_average: Setting, reduce: Setting) -> Reduction:
    """The reduction that PyTorch's older arguments name, with a warning; as given without them."""
    if size_average is None and reduce is None:
        return reduction
    by_flags: Reduction = "none" if reduce is False else "sum" if size_average is False else "mean"
    old = f'size_average and reduce are old: write reduction="{by_flags}"'
    warnings.warn(old, UserWarning, stacklevel=3)
    return by_flags


def weighted_mean(losses: Any, reduction: Reduction, weight: Any) -> Any:
    """Losses times weights, reduced; "mean" divides their sum by the sum of the weights."""
    weight = value_of(weight)
    out = reduced(losses * weight, "sum" if reduction == "mean" else reduction)
    whole = np.broadcast_to(weight, np.shape(value_of(losses)))
    return out / float(whole.sum()) if reduction == "mean" else out


def count(counted: Any) -> int:
    """The number of True elements in a bool mask."""
    return int(np.count_nonzero(value_of(counted)))


def same_shape(name: str, input: Any, target: Any) -> None:
    """Raise ValueError if an input and a target differ in shape."""
    tensors(name, input=input, target=target)
    if input.shape != target.shape:
        shapes = f"input {describe(input)} and target {describe(target)}"
        raise ValueError(f"{name}: {shapes} must have the same shape")

"""Normalization: mean 0 and variance 1, over a batch or parts of it. Loaded when asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import checks
from ..functions import mean
from ..grad_mode import no_grad
from ..graph import value_of
from ..ops import add, div, mul, reshape, sqrt
from ..tensor import Tensor
from .ops import standardize


def _scaled(x: Any, weight: Any, bias: Any) -> Any:
    """x times a weight per channel (dim 1), plus a bias."""
    shape = (1, -1, *[1] * (x.ndim - 2))
    x = x if weight is None else mul(x, reshape(weight, shape=shape))
    return x if bias is None else add(x, reshape(bias, shape=shape))


def _check_channels(name: str, channels: int, **given: Any) -> None:
    """Raise an error unless each tensor (None: none) has one number per channel."""
    for what, value in given.items():
        if value is not None:
            checks.tensors(name, **{what: value})
            if value.shape != (channels,):
                raise RuntimeError(f"{name}: {what} {value.shape} for {channels} channels")


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalized per channel over the batch, times weight, plus bias (Ioffe and Szegedy 2015, §3).

    input (N, C, …), the others (C,). In training, mean and variance are those of the batch, and the
    running ones move towards them by `momentum`; else the running ones are taken.
    """
    checks.floats("batch_norm", input=input)
    if input.ndim < 2:
        raise ValueError(f"batch_norm takes (N, C, …), not {input.shape}")
    n, channels = input.shape[0] * math.prod(input.shape[2:]), input.shape[1]
    own = {"running_mean": running_mean, "running_var": running_var}
    _check_channels("batch_norm", channels, **own, weight=weight, bias=bias)
    if not training:
        if running_mean is None or running_var is None:
            raise RuntimeError("batch_norm: running_mean and running_var are needed in evaluation")
        centred = _scaled(input, None, -value_of(running_mean))
        scale = np.sqrt(value_of(running_var) + eps)
        return _scaled(div(centred, scale.reshape(-1, *[1] * (input.ndim - 2))), weight, bias)
    if n == 1:
        raise ValueError(f"batch_norm: one value per channel has no variance: {input.shape}")
    over = (0, *range(2, input.ndim))
    _move(running_mean, running_var, value_of(input), over, momentum)
    return _scaled(standardize(input, dim=over, eps=eps), weight, bias)


@no_grad()
def _move(running_mean: Any, running_var: Any, x: Any, over: Any, momentum: float) -> None:
    """Move the running statistics towards those of a batch; the variance divides by n - 1."""
    if running_mean is None and running_var is None:
        return
    wide = x.astype(np.float64)
    n = math.prod([x.shape[d] for d in over])
    with np.errstate(all="ignore"):
        new = wide.mean(over), wide.var(over) * (n / max(n - 1, 1))
    for running, value in zip((running_mean, running_var), new, strict=True):
        if running is not None:
            value = value if value.ndim == 1 else value.reshape(-1, running.shape[0]).mean(0)
            running.copy_(running.value * (1 - momentum) + momentum * value)


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalized per channel and example, times weight, plus bias (Ulyanov et al. 2016).

    input (N, C, …), the others (C,). Without use_input_stats, the running mean and variance are
    taken, as in `batch_norm`; with it, they move towards the average over the examples.
    """
    checks.floats("instance_norm", input=input)
    own = {"running_mean": running_mean, "running_var": running_var}
    _check_channels("instance_norm", input.shape[1], **own, weight=weight, bias=bias)
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    if math.prod(input.shape[2:]) == 1:
        raise ValueError(f"instance_norm: one value per channel has no variance: {input.shape}")
    over = tuple(range(2, input.ndim))
    _move(running_mean, running_var, value_of(input), over, momentum)
    return _scaled(standardize(input, dim=over, eps=eps), weight, bias)


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalized per example and group of channels, times weight, plus bias (Wu and He 2018, §3).

    input (N, C, …), weight and bias (C,).
    """
    checks.floats("group_norm", input=input)
    groups = checks.whole("group_norm: num_groups", num_groups, 1)
    if input.ndim < 2 or input.shape[1] % groups:
        raise RuntimeError(
            f"group_norm: {groups} groups do not divide the channels of {input.shape}"
        )
    _check_channels("group_norm", input.shape[1], weight=weight, bias=bias)
    size = math.prod(input.shape[1:]) // groups
    rows = reshape(input, shape=(input.shape[0], groups, size))
    return _scaled(reshape(standardize(rows, dim=-1, eps=eps), shape=input.shape), weight, bias)


def rms_norm(
    input: Tensor,
    normalized_shape: int | Sequence[int],
    weight: Tensor | None = None,
    eps: float | None = None,
) -> Tensor:
    """x / √(mean of x² + eps) over the last dims, times weight (Zhang and Sennrich 2019, §4).

    The last dims and weight have the shape `normalized_shape`; eps is the dtype's, if None.
    """
    checks.floats("rms_norm", input=input)
    shape = checks.shape_or_int("rms_norm: normalized_shape", normalized_shape)
    for what, given in (("the last dims of input", input), ("weight", weight)):
        if given is not None and given.shape[given.ndim - len(shape) :] != shape:
            raise RuntimeError(f"rms_norm: {what}, {given.shape}, must be {shape}")
    eps = float(np.finfo(value_of(input).dtype).eps) if eps is None else eps
    dims = tuple(range(-len(shape), 0))
    out = div(input, sqrt(add(mean(mul(input, input), dims, keepdim=True), eps)))
    return out if weight is None else mul(out, weight)

"""Clipping by value, norms of several tensors, and parameters as one vector."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from ...checks import number
from ...graph import Op
from ...errors import shown
from ...functions import cat
from ...memory import overwrite, writable, wrote
from ...tensor import Tensor
from . import clip_grad_norm_, listed, total_norm

clip_grad_norm = clip_grad_norm_  # its name before 2018


def clip_grad_value_(
    parameters: Tensor | Iterable[Tensor], clip_value: float, foreach: bool | None = None
) -> None:
    """Clip each element of the gradients to [-clip_value, clip_value], in place."""
    most = float(number("clip_grad_value_: clip_value", clip_value))
    for p in listed("clip_grad_value_", parameters):
        if p._grad is not None:
            memory = writable(p._grad.value)
            np.minimum(np.maximum(memory, -most), most, out=memory)
            wrote(p._grad.value)


def get_total_norm(
    tensors: Tensor | Iterable[Tensor],
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The norm of all elements of some tensors, as `clip_grad_norm_` computes it of gradients."""
    arrays = [x.value for x in listed("get_total_norm", tensors)]
    norm: Any = Op.node(np.asarray(total_norm(arrays, norm_type, error_if_nonfinite)))
    return norm


def clip_grads_with_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    total_norm: Tensor,
    foreach: bool | None = None,
) -> None:
    """Scale the gradients, whose joint norm is known, to a norm of at most max_norm, in place."""
    most = float(number("clip_grads_with_norm_: max_norm", max_norm))
    scale = min(most / (float(total_norm) + 1e-6), 1.0)
    for p in listed("clip_grads_with_norm_", parameters):
        if p._grad is not None:
            memory = writable(p._grad.value)
            memory *= scale
            wrote(p._grad.value)


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All parameters in one vector, one after another."""
    return cat([p.reshape(-1) for p in listed("parameters_to_vector", parameters)])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Write the parts of a vector into the parameters, one after another."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters: vec must be a tensor, not {shown(vec)}")
    given, end = listed("vector_to_parameters", parameters), 0
    needed = sum([math.prod(p.shape) for p in given])
    if vec.ndim != 1 or len(vec) < needed:
        what = f"a vector of shape {tuple(vec.shape)} for {needed} numbers"
        raise RuntimeError(f"vector_to_parameters: {what}")
    for p in given:
        start, end = end, end + p.value.size
        part: Any = vec.value[start:end].reshape(p.value.shape)
        overwrite(p.value, part)

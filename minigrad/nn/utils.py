"""Gradient clipping."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..creation import tensor
from ..tensor import Tensor


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float) -> Tensor:
    """Scale all gradients by one factor, so that their joint norm is at most max_norm.

    Returns the norm before clipping (Pascanu, Mikolov and Bengio 2013, §3.2). A `grad` that is
    scaled becomes a new tensor; the old one is not modified, because a graph may hold it.
    """
    given = [parameters] if isinstance(parameters, Tensor) else parameters
    clipped = [p for p in given if p.grad is not None]
    with np.errstate(all="ignore"):  # a norm that is inf or nan shows in the gradients
        squares = [np.vdot(p.grad.value, p.grad.value) for p in clipped]
        norm = np.sqrt(np.add.reduce([np.float32(0), *squares]))
        scale = float(max_norm / (norm + 1e-6))
        if not scale >= 1:
            for p in clipped:
                p.grad = p.grad.detach() * scale
    return tensor(norm)

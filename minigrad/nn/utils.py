"""clip_grad_norm_: keeping a step from being too long."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..creation import tensor
from ..tensor import Tensor


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float) -> Tensor:
    """Shorten all gradients together to a length of max_norm, if they are longer.

    Returns their length before (Pascanu, Mikolov and Bengio 2013, §3.2). Each `grad` becomes a
    new tensor; a graph that remembers the old one is left alone.
    """
    given = [parameters] if isinstance(parameters, Tensor) else parameters
    clipped = [p for p in given if p.grad is not None]
    with np.errstate(all="ignore"):  # a length that is inf or nan shows in the gradients
        squares = [np.vdot(p.grad.value, p.grad.value) for p in clipped]
        norm = np.sqrt(np.add.reduce([np.float32(0), *squares]))
        scale = float(max_norm / (norm + 1e-6))
        if not scale >= 1:
            for p in clipped:
                p.grad = p.grad.detach() * scale
    return tensor(norm)

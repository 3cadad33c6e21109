"""clip_grad_norm_: keeping a step from being too long."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ..creation import tensor
from ..tensor import Tensor


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float) -> Tensor:
    """Shorten all gradients together to a length of max_norm, if they are longer.

    Returns their length before (Pascanu, Mikolov and Bengio 2013, §3.2).
    """
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = math.sqrt(sum(float(np.vdot(g.value, g.value)) for g in grads))
    scale = max_norm / (norm + 1e-6)
    if scale < 1:
        for g in grads:
            g.replace(g.value * g.dtype.type(scale))
    return tensor(norm)

"""Gradient clipping."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..checks import number
from ..dtypes import Array
from ..errors import shown
from ..tensor import Tensor


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float) -> Tensor:
    """Scale all gradients by one factor, so that their joint norm is at most max_norm.

    Returns the norm before clipping (Pascanu, Mikolov and Bengio 2013, §3.2). A `grad` that is
    scaled becomes a new tensor; the old one is not modified, because a graph may hold it.
    """
    max_norm = number("clip_grad_norm_: max_norm", max_norm)
    clipped = [p for p in _listed(parameters) if p.grad is not None]
    with np.errstate(all="ignore"):  # a norm that is inf or nan shows in the gradients
        norm = _norm([p.grad.value for p in clipped])
        scale = float(max_norm / (norm + 1e-6))
        if not scale >= 1:
            for p in clipped:
                p.grad = p.grad.detach() * scale
    return Tensor(np.asarray(norm))


def _norm(arrays: list[Array]) -> Any:
    """The root of the sum of all squares; in units of the largest if these would not fit."""
    norm = np.sqrt(np.add.reduce([np.float32(0), *[np.vdot(x, x) for x in arrays]]))
    if 1e-15 < norm < np.inf:
        return norm
    largest = max([np.abs(x).max(initial=0) for x in arrays], default=0)
    if not 0 < largest < np.inf:
        return norm
    parts = [x.astype(np.float64) / largest for x in arrays]
    return norm.dtype.type(largest * np.sqrt(np.add.reduce([np.vdot(x, x) for x in parts])))


def _listed(parameters: Any) -> list[Tensor]:
    """The parameters as a list. Raises TypeError for anything but tensors."""
    one = isinstance(parameters, Tensor)
    given = [parameters] if one else list(parameters) if isinstance(parameters, Iterable) else None
    wrong = [parameters] if given is None else [p for p in given if not isinstance(p, Tensor)]
    if wrong or given is None:
        what = "parameters must be a tensor, or a list of them"
        raise TypeError(f"clip_grad_norm_: {what}, not {shown(wrong[0])}")
    return given

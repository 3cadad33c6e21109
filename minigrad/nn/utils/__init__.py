"""Gradient clipping."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...checks import number
from ...dtypes import Array
from ...errors import shown
from ...graph import Op
from ...memory import writable, wrote
from ...rooms import rooms
from ...tensor import Tensor

ROOMS = {
    "minigrad.nn.utils.clipping": """
        clip_grad_value_ parameters_to_vector vector_to_parameters get_total_norm""",
    "minigrad.nn.utils.rnn": "",
}
__getattr__ = rooms(__name__, ROOMS)


def clip_grad_norm_(parameters: Tensor | Iterable[Tensor], max_norm: float) -> Tensor:
    """Scale all gradients by one factor, so that their joint norm is at most max_norm.

    They are scaled in place. Returns the norm before clipping (Pascanu, Mikolov and Bengio 2013,
    §3.2).
    """
    max_norm = number("clip_grad_norm_: max_norm", max_norm)
    grads = [p._grad.value for p in _listed(parameters) if p._grad is not None]
    with np.errstate(all="ignore"):  # a norm that is inf or nan shows in the gradients
        squares = [np.vdot(g, g) for g in grads]
        norm = np.sqrt(np.add.reduce([np.float32(0), *squares]))
        if not 1e-15 < norm < np.inf:
            norm = _scaled_norm(grads, norm)
        scale = float(max_norm / (norm + 1e-6))
        if not scale >= 1:
            for g in grads:
                memory = writable(g)
                memory *= scale
                wrote(g)
    return Op.node(np.asarray(norm))  # type: ignore[return-value]


def _scaled_norm(arrays: list[Array], norm: Any) -> Any:
    """The norm in units of the largest number, for numbers whose squares do not fit their dtype."""
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

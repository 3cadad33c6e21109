"""Gradient clipping."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterable
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
        clip_grad_value_ clip_grads_with_norm_ get_total_norm parameters_to_vector
        vector_to_parameters clip_grad_norm""",
    "minigrad.nn.utils.rnn": "",
}
__getattr__ = rooms(__name__, ROOMS)


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scale all gradients by one factor, so that their joint norm is at most max_norm.

    They are scaled in place. Returns the norm before clipping (Pascanu, Mikolov and Bengio 2013,
    §3.2). `foreach` changes nothing here.
    """
    max_norm = number("clip_grad_norm_: max_norm", max_norm)
    grads = [p._grad.value for p in listed("clip_grad_norm_", parameters) if p._grad is not None]
    norm = total_norm(grads, norm_type, error_if_nonfinite)
    with np.errstate(all="ignore"):  # a norm that is inf or nan shows in the gradients
        scale = float(max_norm / (norm + 1e-6))
        if not scale >= 1:
            for g in grads:
                memory = writable(g)
                memory *= scale
                wrote(g)
    return Op.node(np.asarray(norm))  # type: ignore[return-value]


def total_norm(arrays: list[Array], norm_type: Any = 2.0, error_if_nonfinite: bool = False) -> Any:
    """The norm of all numbers in some arrays, as a NumPy number.

    norm_type  p of the p-norm; inf: the largest size
    """
    norm_type = float(number("norm_type", norm_type))
    with np.errstate(all="ignore"):
        if norm_type == 2:
            squares = [np.vdot(x, x) for x in arrays]
            norm = np.sqrt(np.add.reduce([np.float32(0), *squares]))
            if not 1e-15 < norm < np.inf:
                norm = _scaled_norm(arrays, norm)
        else:
            norms = [_norm(x, norm_type) for x in arrays]
            norm = _norm(np.array(norms), norm_type) if norms else np.float32(0)
    if error_if_nonfinite and not np.isfinite(norm):
        what = f"the gradients have a norm of {norm}, so they cannot be clipped"
        raise RuntimeError(f"{what}: error_if_nonfinite=False scales them by it anyway")
    return norm


def _norm(x: Array, p: float) -> Any:
    """The p-norm of an array; with p = 0, the number of its elements that are not 0."""
    sizes = np.abs(x)
    if p == 0:
        return x.dtype.type(np.count_nonzero(x))
    if np.isinf(p):
        return sizes.max(initial=0) if p > 0 else sizes.min(initial=np.inf)
    return np.add.reduce(sizes**p, None) ** (1 / p)


def _scaled_norm(arrays: list[Array], norm: Any) -> Any:
    """The norm in units of the largest number, for numbers whose squares do not fit their dtype."""
    largest = max([np.abs(x).max(initial=0) for x in arrays], default=0)
    if not 0 < largest < np.inf:
        return norm
    parts = [x.astype(np.float64) / largest for x in arrays]
    return norm.dtype.type(largest * np.sqrt(np.add.reduce([np.vdot(x, x) for x in parts])))


def listed(name: str, parameters: Any) -> list[Tensor]:
    """The parameters as a list. Raises TypeError for anything but tensors."""
    one = isinstance(parameters, Tensor)
    given = [parameters] if one else list(parameters) if isinstance(parameters, Iterable) else None
    wrong = [parameters] if given is None else [p for p in given if not isinstance(p, Tensor)]
    if wrong or given is None:
        what = "parameters must be a tensor, or a list of them"
        raise TypeError(f"{name}: {what}, not {shown(wrong[0])}")
    if not given and isinstance(parameters, Generator):
        empty = f"{name}: `parameters` is an empty generator: was it used up before?"
        warnings.warn(empty, UserWarning, stacklevel=3)
    return given

"""The in-place form of functions: x.f_(…) gives x the values of x.f(…), and returns x.

All take their function's arguments. What a write means for gradients is in inplace.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .dtypes import Number
from .graph import Op
from .inplace import OVERWRITING
from .tensor import Tensor

# Those that give the tensor another shape, in the same memory.
TURNS = "t_ transpose_ swapaxes_ swapdims_ squeeze_ unsqueeze_"


def _overwriting(name: str) -> Callable[..., Any]:
    def method(input: Tensor, *args: Any, **settings: Any) -> Tensor:
        return input._become(getattr(input, name)(*args, **settings))

    method.__name__, method.__doc__ = f"{name}_", f"`{name}`, written into the tensor itself."
    return method


def _turning(name: str) -> Callable[..., Any]:
    def method(input: Tensor, *args: Any, **settings: Any) -> Tensor:
        return input._turn(lambda x: getattr(x, name)(*args, **settings))

    method.__name__, method.__doc__ = f"{name}_", f"`{name}` of the tensor itself: its new shape."
    return method


for _name in OVERWRITING.split():
    globals()[_name] = (_turning if _name in TURNS.split() else _overwriting)(_name[:-1])


def fill_(input: Tensor, value: Any) -> Tensor:
    """Write one number, or a tensor without dims, into every element."""
    return input.fill_(value)


def zero_(input: Tensor) -> Tensor:
    """Write 0 into every element."""
    return input.zero_()


def fill_diagonal_(input: Tensor, fill_value: Number, wrap: bool = False) -> Tensor:
    """Write a number into the main diagonal: of a matrix, or of more dims of one size.

    wrap: below a square of a matrix with more rows, after one row left out, the diagonal begins
    again.
    """
    n = input.shape
    if len(n) < 2:
        raise RuntimeError(f"fill_diagonal_: at least two dims are needed, not shape {n}")
    if len(n) > 2 and len(set(n)) > 1:
        raise RuntimeError(f"fill_diagonal_: of more than two dims, all must be equal, not {n}")
    mask = np.zeros(n, bool)
    steps = np.arange(min(n))
    mask[(steps,) * len(n)] = True
    if wrap and len(n) == 2 and n[0] > n[1]:
        mask.flat[:: n[1] + 1] = True
    where: Any = Op.node(mask)
    return input._become(input.masked_fill(where, fill_value))


def apply_(input: Tensor, callable: Callable[[Any], Any]) -> Tensor:
    """Write function(number) into every element: slow, and without a gradient."""
    if input.requires_grad:
        raise RuntimeError("apply_: the tensor requires grad: use x.detach().apply_(…)")
    found = [callable(number) for number in input.value.ravel().tolist()]
    return input.copy_(np.array(found, input.value.dtype).reshape(input.shape))

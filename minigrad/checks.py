"""Checks of arguments: ints, numbers, shapes, tensors. Each error says what was given, in one line.

Every check takes first the name that its error begins with, such as "eye: n".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .dims import integer
from .dtypes import Number
from .errors import shown
from .graph import Node, value_of

TENSORS = (Node, np.ndarray)


def whole(what: str, value: Any, least: int | None = 0) -> int:
    """An int, as `integer` takes it, that is not below `least` (None: any).

    Raises TypeError for anything else, ValueError for an int below `least`.
    """
    number = integer(value, what)
    if least is not None and number < least:
        bound = "must not be negative" if least == 0 else f"must be at least {least}"
        raise ValueError(f"{what} {bound}, got {number}")
    return number


def number(what: str, value: Any) -> Number:
    """A Python number, also if it is NumPy's or a tensor with no dims, which needs no gradient.

    As in PyTorch, np.bool_ is a float. Raises TypeError for anything else.
    """
    if type(value) is float or type(value) is int:
        return value
    single = isinstance(value, Node) and not value.requires_grad and value.value.ndim == 0
    if single or isinstance(value, np.generic):
        plain = value_of(value).item()
        plain = float(plain) if isinstance(value, np.bool_) else plain
    else:
        plain = value
    if not isinstance(plain, bool | int | float):
        raise TypeError(f"{what} must be a number, not {shown(value)}")
    return plain


def probability(what: str, value: Any) -> Number:
    """A number from 0 to 1. Raises TypeError for anything else, ValueError for another number."""
    p = number(what, value)
    if not 0 <= p <= 1:
        raise ValueError(f"{what} is a probability, from 0 to 1, not {p}")
    return p


def shape(name: str, size: Any) -> tuple[int, ...]:
    """A shape, given as a tuple or list of ints. Raises TypeError, or ValueError if negative."""
    if not isinstance(size, tuple | list):
        raise TypeError(f"{name}: a shape must be a tuple of ints, not {shown(size)}")
    return tuple([whole(f"{name}: a size", n) for n in size])


def shape_or_int(what: str, size: Any) -> tuple[int, ...]:
    """A shape given as ints, or as one int. Raises TypeError, or ValueError if it is negative."""
    sizes = size if isinstance(size, tuple | list) else (size,)
    return tuple([n if type(n) is int and n >= 0 else whole(what, n) for n in sizes])


def flag(what: str, value: Any) -> bool:
    """A bool. Raises TypeError for anything else, since "no" and [] have a truth value, too."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{what} must be True or False, not {shown(value)}")
    return bool(value)


def tensors(name: str, **given: Any) -> None:
    """Raise TypeError for the first of the given arguments that is not a tensor or an array."""
    for what, value in given.items():
        if not isinstance(value, TENSORS):
            raise TypeError(f"{name}: {what} must be a tensor, not {shown(value)}")


def floats(name: str, **given: Any) -> None:
    """Raise TypeError for the first of the given arguments that is not a tensor of floats."""
    tensors(name, **given)
    for what, value in given.items():
        if value.dtype.kind != "f":
            raise TypeError(f"{name}: {what} must hold floats, not {value.dtype}")

"""Functions without a gradient: comparisons, argmax, sorting."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .dims import Dim, axes, axis
from .dtypes import promote
from .errors import do_not_broadcast
from .graph import Node, Op, value_of

Value = Any  # an array, or a tensor: what comes in is what goes out


def untracked(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a function of arrays that has no gradient: of tensors it makes a leaf."""

    @functools.wraps(function)
    def call(*inputs: Any, **settings: Any) -> Any:
        kinds = {isinstance(x, Node) for x in (*inputs, *settings.values())}
        settings = {name: value_of(x) for name, x in settings.items()}
        value = function(*map(value_of, inputs), **settings)
        return Op.result(np.asarray(value)) if True in kinds else value

    return call


def _comparison(name: str, compare: Any, doc: str) -> Any:
    def compared(x: Value, y: Value) -> Value:
        try:
            return compare(*promote(x, y))
        except (ValueError, TypeError) as error:
            raise type(error)(f"{name}: {do_not_broadcast(x, y) or error}") from None

    compared.__name__, compared.__doc__ = name, doc
    return untracked(compared)


eq = _comparison("eq", np.equal, "x == y, elementwise: bool.")
ne = _comparison("ne", np.not_equal, "x != y, elementwise: bool.")
lt = _comparison("lt", np.less, "x < y, elementwise: bool.")
le = _comparison("le", np.less_equal, "x <= y, elementwise: bool.")
gt = _comparison("gt", np.greater, "x > y, elementwise: bool.")
ge = _comparison("ge", np.greater_equal, "x >= y, elementwise: bool.")
bitwise_and = _comparison("bitwise_and", np.bitwise_and, "x & y: of bools, whether both hold.")
bitwise_or = _comparison("bitwise_or", np.bitwise_or, "x | y: of bools, whether one holds.")


@untracked
def bitwise_not(x: Value) -> Value:
    """~x: of bools, whether it does not hold."""
    return np.bitwise_not(x)


@untracked
def isnan(x: Value) -> Value:
    """Which elements are NaN."""
    return np.isnan(x)


@untracked
def any(x: Value, dim: Dim = None, keepdim: bool = False) -> Value:
    """Whether at least one element over some dims holds, or is not 0."""
    return np.any(x, axis=axes(x, dim), keepdims=keepdim)


@untracked
def all(x: Value, dim: Dim = None, keepdim: bool = False) -> Value:
    """Whether every element over some dims holds, or is not 0."""
    return np.all(x, axis=axes(x, dim), keepdims=keepdim)


@untracked
def argmax(x: Value, dim: int | None = None, keepdim: bool = False) -> Value:
    """The index of the largest along dim (None: of x flattened), the first of equals: int64."""
    return np.argmax(x, axis=_axis(x, dim), keepdims=keepdim)


@untracked
def argmin(x: Value, dim: int | None = None, keepdim: bool = False) -> Value:
    """The index of the smallest along dim (None: of x flattened), the first of equals: int64."""
    return np.argmin(x, axis=_axis(x, dim), keepdims=keepdim)


@untracked
def argsort(x: Value, dim: int = -1, descending: bool = False) -> Value:
    """The indices that put x in order along dim; equals keep their order: int64."""
    if not x.ndim:
        return np.zeros((), np.int64)
    at = axis(x, dim)
    if not descending:
        return np.argsort(x, axis=at, stable=True)
    return x.shape[at] - 1 - np.flip(np.argsort(np.flip(x, at), axis=at, stable=True), at)


def _axis(x: Value, dim: int | None) -> int | None:
    """The axis that NumPy's argmax takes: None also for a 0-d array."""
    return axes(x, dim)[0] if dim is not None and axes(x, dim) else None


def allclose(
    x: Value, y: Value, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """Whether |x - y| <= atol + rtol · |y| everywhere."""
    return bool(np.allclose(value_of(x), value_of(y), rtol, atol, equal_nan))


def equal(x: Value, y: Value) -> bool:
    """Whether x and y have the same shape and the same values."""
    return np.array_equal(value_of(x), value_of(y))

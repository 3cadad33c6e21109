"""Functions without a gradient: comparisons, argmax, sorting.

They take tensors and return leaves. Like ops they also work on arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

import numpy as np

from .dims import Dim, axes, names_none, only
from .dtypes import Array, as_array, no_bools, promote, uint8
from .errors import STOPPED, again, flexible, resumed
from .graph import Function, Node, Op, number, value_of

P = ParamSpec("P")


def untracked(function: Callable[Concatenate[Any, P], Any]) -> Function[P]:
    """Decorate a function without a gradient: it gets arrays, and tensors as inputs give a leaf."""

    @functools.wraps(function)
    def call(*inputs: Any, **settings: Any) -> Any:
        values, named, of_tensors = [], {}, False
        for x in inputs:
            if isinstance(x, Node):
                of_tensors, x = True, x.value
            elif isinstance(x, np.generic):
                x = number(x, inputs)
            values.append(x)
        for name, x in settings.items():
            of_tensors, named[name] = of_tensors or isinstance(x, Node), value_of(x)
        try:
            value = function(*values, **named)
        except STOPPED as error:
            try:
                value = resumed(function, function.__name__, error, values, named)
            except TypeError as explained:
                return again(call, function, inputs, settings, explained)
        return Op.node(np.asarray(value)) if of_tensors else value

    made: Any = call
    return made


def operator(compared: Any) -> Any:
    """A comparison as an operator of tensors: NotImplemented for what does not hold numbers.

    So `x == (1, 2)` is False, as in Python, and `x < None` a TypeError.
    """

    def method(self: Any, other: Any) -> Any:
        comparable = isinstance(other, Node | Array | np.generic | int | float)
        return compared(self, other) if comparable else NotImplemented

    method.__name__, method.__doc__ = compared.__name__, compared.__doc__
    return method


def _comparison(name: str, compare: Any, doc: str) -> Function[[Any]]:
    def compared(x: Any, y: Any) -> Any:
        return compare(*promote(x, y))

    compared.__name__, compared.__doc__ = name, doc
    return untracked(compared)


def _of_bits(bitwise: Any) -> Any:
    """A function of ints and bools. Raises TypeError for floats."""

    def checked(*values: Any) -> Any:
        try:
            return bitwise(*values)
        except TypeError:
            raise TypeError("only ints and bools have bits: compare floats first") from None

    return checked


eq = _comparison("eq", np.equal, "x == y, elementwise: bool.")
ne = _comparison("ne", np.not_equal, "x != y, elementwise: bool.")
lt = _comparison("lt", np.less, "x < y, elementwise: bool.")
le = _comparison("le", np.less_equal, "x <= y, elementwise: bool.")
gt = _comparison("gt", np.greater, "x > y, elementwise: bool.")
ge = _comparison("ge", np.greater_equal, "x >= y, elementwise: bool.")
bitwise_and = _comparison("bitwise_and", _of_bits(np.bitwise_and), "x & y; for bools: x and y.")
bitwise_or = _comparison("bitwise_or", _of_bits(np.bitwise_or), "x | y; for bools: x or y.")


@untracked
def bitwise_not(x: Array) -> Any:
    """~x, elementwise; logical not."""
    return _of_bits(np.bitwise_not)(as_array(x))


@untracked
def isnan(x: Array) -> Any:
    """True where an element is NaN."""
    return np.isnan(x)


@untracked
def isfinite(x: Array) -> Any:
    """True where an element is neither NaN nor infinite."""
    return np.isfinite(x)


@untracked
def any(x: Array, dim: Dim = None, keepdim: bool = False) -> Any:
    """True if any element over some dims is True (nonzero)."""
    return _found(x, np.any(as_array(x), axis=_over(x, dim, keepdim), keepdims=keepdim))


@untracked
def all(x: Array, dim: Dim = None, keepdim: bool = False) -> Any:
    """True if all elements over some dims are True (nonzero)."""
    return _found(x, np.all(as_array(x), axis=_over(x, dim, keepdim), keepdims=keepdim))


def _found(x: Any, answer: Any) -> Any:
    """A bool, or 1 and 0 if x is of uint8, as in PyTorch."""
    return answer.astype(uint8) if getattr(x, "dtype", None) == uint8 else answer


def _over(x: Array, dim: Dim, keepdim: bool) -> tuple[int, ...]:
    """`axes`, except that () names no dim, as in PyTorch."""
    over = axes(x, dim, keepdim)
    return () if names_none(dim) else over


@untracked
def argmax(x: Array, dim: int | None = None, keepdim: bool = False) -> Any:
    """The index of the largest element along dim (None: of x flattened): int64.

    The first one, if several are equal.
    """
    return as_array(x).argmax(_axis(x, dim, keepdim), keepdims=keepdim)


@untracked
def argmin(x: Array, dim: int | None = None, keepdim: bool = False) -> Any:
    """The index of the smallest element along dim (None: of x flattened): int64.

    The first one, if several are equal.
    """
    return as_array(x).argmin(_axis(x, dim, keepdim), keepdims=keepdim)


@untracked
def argsort(x: Array, dim: int = -1, descending: bool = False, stable: bool = False) -> Any:
    """The indices that sort x along dim, as int64. The sort is always stable."""
    (at,) = only(x, dim) or (None,)
    if at is None:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(x, axis=at, stable=True)
    return x.shape[at] - 1 - np.flip(np.argsort(np.flip(x, at), axis=at, stable=True), at)


def _axis(x: Array, dim: int | None, keepdim: bool) -> Any:
    """The axis for NumPy's argmax: None also for a 0-d array."""
    no_bools(x)
    over = axes(x, None, keepdim) if dim is None else only(x, dim, keepdim)
    return None if dim is None or not over else over[0]


@flexible
def allclose(
    x: Array, y: Array, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False
) -> bool:
    """True if |x - y| <= atol + rtol · |y| everywhere."""
    x, y = value_of(x), value_of(y)
    if x.dtype != y.dtype:
        raise TypeError(f"allclose: {x.dtype} and {y.dtype}: both must have the same dtype")
    return bool(np.allclose(x, y, rtol, atol, equal_nan))


@flexible
def equal(x: Array, y: Array) -> bool:
    """True if x and y have the same shape and the same values."""
    return np.array_equal(value_of(x), value_of(y))


def contains(x: Any, value: Any) -> bool:
    """True if an element of x equals the value: a number, or a tensor that broadcasts."""
    if not isinstance(value, Node | Array | np.generic | int | float):
        raise TypeError(f"in: a tensor holds numbers, not a {type(value).__name__}")
    return bool(np.any(value_of(eq(x, value))))

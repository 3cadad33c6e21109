"""Error messages: what was given, with its shape, and what would be right."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

import numpy as np

from .text import printable

P = ParamSpec("P")
R = TypeVar("R")

# What a forward raises for arguments that do not fit, and what else NumPy stops it with.
EXPLAINED = (IndexError, TypeError, AttributeError, ValueError, OverflowError)
STOPPED = (*EXPLAINED, FloatingPointError)


def not_a_tensor(name: str, given: Any, wanted: str = "a tensor") -> TypeError:
    """The error of a function that was called on something else than a tensor."""
    return TypeError(f"{name}: expected {wanted}, not {shown(given)}")


def of_tensor(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function whose first argument must be a tensor or an array.

    Anything else is a TypeError. PyTorch's other keywords are understood, see `flexible`.
    """

    @functools.wraps(function)
    def call(*inputs: Any, **settings: Any) -> R:
        if inputs and not hasattr(type(inputs[0]), "dtype"):  # faster than of the tensor
            raise not_a_tensor(function.__name__, inputs[0])
        try:
            return function(*inputs, **settings)
        except TypeError as error:
            return again(call, function, inputs, settings, error)

    made: Any = call
    return made


def flexible(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that is to understand PyTorch's other keywords, input= and axis=, say.

    Ops, and what is decorated by `of_tensor` or `untracked`, do anyway.
    """

    @functools.wraps(function)
    def call(*inputs: Any, **settings: Any) -> R:
        try:
            return function(*inputs, **settings)
        except TypeError as error:
            return again(call, function, inputs, settings, error)

    made: Any = call
    return made


def again(call: Any, function: Any, inputs: Any, settings: dict[str, Any], error: Exception) -> Any:
    """After a TypeError: the call with PyTorch's other keywords, or the error (see keywords.py)."""
    return import_module("minigrad.keywords").again(call, function, inputs, settings, error)


def resumed(
    forward: Callable[..., Any], name: str, error: Exception, values: Any, settings: Any
) -> Any:
    """The result of a forward that NumPy stopped at inf or NaN, as np.seterr told it to.

    PyTorch goes on there, and so do ops. Any other error is raised, explained.
    """
    if not isinstance(error, FloatingPointError):
        raise explained(name, error, values, settings) from None
    with np.errstate(all="ignore"):
        return forward(*values, **settings)


def explained(
    name: str, error: Exception, values: list[Any], settings: dict[str, Any]
) -> Exception:
    """A clearer error to raise in place of `error`, raised in the forward of op `name`."""
    kind = next(kind for kind in EXPLAINED if isinstance(error, kind))
    no_arrays = [v for v in values if not hasattr(v, "dtype")]
    if kind is AttributeError and no_arrays:
        return not_a_tensor(name, no_arrays[0])
    if no_arrays and no_arrays[0] is values[0] and not isinstance(values[0], int | float):
        return not_a_tensor(name, values[0], "a tensor or a number")
    why = WHY.get(name) if kind is ValueError else None
    if kind is OverflowError:
        why = too_large
    what = why and why(*values, **settings)
    named = [f"{setting}={describe(v)}" for setting, v in settings.items()]
    given = ", ".join([describe(v) for v in values] + named)
    kind = TypeError if kind is AttributeError else kind
    return kind(f"{name}: {what or f'{error} (called on {given})'}")


def shown(value: Any) -> str:
    """An argument as an error message shows it: dtype and shape of a tensor, else type and repr."""
    if hasattr(value, "dtype") and isinstance(getattr(value, "shape", None), tuple):
        return f"{getattr(value.dtype, 'name', value.dtype)} of shape {tuple(value.shape)}"
    return "None" if value is None else f"{type(value).__name__} {printable(repr(value), 60)}"


def describe(value: Any) -> str:
    """A value as it appears in an expression: the shape of a tensor, the repr of anything else."""
    return str(tuple(value.shape)) if hasattr(value, "shape") else printable(repr(value), 60)


def too_large(*values: Any, **_: Any) -> str | None:
    """The message if one of the values is an int that int64 does not have; None otherwise."""
    wide = [v for v in values if isinstance(v, int) and not -(2**63) <= v < 2**63]
    return f"{printable(str(wide[0]), 40)} is out of the range of int64" if wide else None


def broadcast_error(*values: Any, **_: Any) -> str | None:
    """The message if the shapes do not broadcast; None if they do."""
    try:
        np.broadcast_shapes(*[np.shape(v) for v in values])
    except ValueError:
        shapes = " and ".join(describe(v) for v in values)
        return f"shapes {shapes}: counted from the last, dims must be equal, or one of them 1"
    return None


def _expand(x: Any, *, shape: Any) -> str:
    if len(shape) < x.ndim:
        return f"{x.shape} to {tuple(shape)}: the new shape must not have fewer dims"
    return f"{x.shape} to {tuple(shape)}: only dims of 1 are repeated, and new dims come first"


def _permute(x: Any, *, dims: Any) -> str:
    return f"{tuple(dims)} is not a permutation of the {x.ndim} dims of shape {x.shape}"


def _reshape(x: Any, *, shape: Any) -> str:
    return f"{x.shape} to {shape}: {x.size} elements do not fit that shape"


def _cat(*tensors: Any, dim: int = 0) -> str | None:
    if not tensors:
        return "give at least one tensor"
    others = {x.shape[:dim] + x.shape[dim:][1:] for x in tensors if x.ndim}
    if len(others) < 2:
        return None
    shapes = ", ".join(str(x.shape) for x in tensors)
    return f"shapes {shapes}: they must be equal except in dim {dim}"


def _stack(*tensors: Any, **_: Any) -> str:
    shapes = ", ".join(str(x.shape) for x in tensors)
    return f"the shapes must be equal, and are {shapes}" if tensors else "give at least one tensor"


def _linear(input: Any, weight: Any, *bias: Any) -> str:
    if weight.ndim != 2:
        return f"a weight of shape {weight.shape}: it must be a matrix (out, in)"
    if not input.ndim:
        return "the input is a single number: it needs at least one dim, (…, in)"
    if input.shape[-1:] != weight.shape[1:]:
        return f"{input.shape} @ {weight.shape}ᵀ: the last dims of both must be equal"
    return f"a bias of shape {bias[0].shape} for {len(weight)} outputs"


def _matmul(x: Any, y: Any) -> str | None:
    if not (np.ndim(x) and np.ndim(y)):
        return f"{describe(x)} @ {describe(y)}: both need at least one dim; use * for numbers"
    last, contracted = x.shape[-1], y.shape[-2 if y.ndim > 1 else 0]
    if last == contracted:
        return f"{x.shape} @ {y.shape}: the dims before the last two do not broadcast"
    which = "second-to-last" if y.ndim > 1 else "only dim"
    return (
        f"{x.shape} @ {y.shape}: the last dim of the first ({last}) must equal "
        f"the {which} of the second ({contracted})"
    )


COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge", "bitwise_and", "bitwise_or")
BROADCASTING = ("add", "sub", "mul", "div", "pow", "maximum", "minimum", "where", *COMPARISONS)
WHY = dict.fromkeys(BROADCASTING, broadcast_error) | {
    "expand": _expand,
    "permute": _permute,
    "reshape": _reshape,
    "cat": _cat,
    "stack": _stack,
    "linear": _linear,
    "matmul": _matmul,
}

"""PyTorch's other names and options: axis=, keepdims=, alpha=, rounding_mode=, dtype=, out= …

A function that is called with an argument that it does not have raises TypeError; only then does
`again` look here. So the functions need not know of these, and calls that need none cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

import numpy as np

from .dtypes import no_bools, number_in, result_type, supported_dtype
from .errors import shown
from .graph import Node, Op, value_of
from .ops import cast, mul

# Names for the same argument, as PyTorch's Python interface takes them.
NAMES = {
    "axis": ("dim", "dims"), "keepdims": ("keepdim",), "dims": ("dim",), "end": ("n",),
    "exponent": ("y",), "mat2": ("y",), "split_size": ("split_size_or_sections",),
}  # fmt: skip
FIRST, SECOND = ("input", "self", "x", "x1"), ("other", "x2")
# The options that a function may be given although it does not have them; what is done then is
# below, and nothing for those that only say how PyTorch stores or orders what we always do.
SORTED = ("stable", "sorted")
OPTIONS = {
    "add": ("alpha",), "sub": ("alpha",), "subtract": ("alpha",), "rsub": ("alpha",),
    "div": ("rounding_mode",), "divide": ("rounding_mode",), "true_divide": ("rounding_mode",),
    "var": ("unbiased",), "std": ("unbiased",), "var_mean": ("unbiased",),
    "std_mean": ("unbiased",), "sort": SORTED, "argsort": SORTED, "topk": SORTED,
} | dict.fromkeys(
    ("sum", "mean", "prod", "cumsum", "cumprod", "nansum", "nanmean", "softmax", "log_softmax"),
    ("dtype",),
)  # fmt: skip
# Options that may be given by position, after all others.
POSITIONAL = {"softmax": ("dtype",), "log_softmax": ("dtype",), "topk": ("sorted",)}
# The option that old programs give as the second of so many arguments: add_(-lr, x.grad).
SCALED = {
    "add": ("alpha", 3), "sub": ("alpha", 3), "addcmul": ("value", 4), "addcdiv": ("value", 4),
}  # fmt: skip
VARIANCES = ("var", "std", "var_mean", "std_mean")


def again(
    call: Callable[..., Any], function: Any, inputs: Any, settings: dict[str, Any], error: Exception
) -> Any:
    """The result of `call`, which has raised an error, with the arguments as `function` has them.

    Raises the error if they do not explain it, TypeError for an argument that nobody knows.
    """
    name, inner = function.__name__, function
    while hasattr(inner, "__wrapped__"):
        inner = inner.__wrapped__
    code = inner.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    has = code.co_varnames[:count]  # the names of all arguments
    op = Op.registry.get(name) is call  # an op takes all by position, unless it has *args: 0x04
    positional = has if op and not code.co_flags & 0x04 else has[: code.co_argcount]
    given_inputs, given_settings = inputs, settings
    inputs, settings = _by_name(name, positional, inputs, dict(settings))
    known: dict[str, Any] = {}  # what the function has, by its own names
    options: dict[str, Any] = {}  # what it does not have, and is done here
    for given, value in settings.items():
        taken = given if given in has else _renamed(name, given, has)
        place = known if taken in has else options
        if taken in place or taken in positional[: len(inputs)]:
            raise TypeError(f"{name}: {taken} is given twice")
        if place is options and given != "out" and given not in OPTIONS.get(name, ()):
            unknown(name, given, has)
        place[taken] = value
    if inputs is given_inputs and known == given_settings:  # nothing to translate
        raise error
    while code.co_argcount > len(inputs) and has[len(inputs)] in known:
        inputs = (*inputs, known.pop(has[len(inputs)]))  # tensors are given by position
    return _with_options(call, name, inputs, known, options)


def _by_name(
    name: str, positional: tuple[str, ...], inputs: tuple[Any, ...], settings: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments that PyTorch takes by position, and the function does not, by their names."""
    if name in VARIANCES and len(inputs) > 1:  # var(x, dim, unbiased, keepdim); var(x, unbiased)
        names = ("unbiased",) if isinstance(inputs[1], bool) else ("dim", "unbiased", "keepdim")
    elif name in POSITIONAL and len(inputs) > len(positional):
        names = POSITIONAL[name]
    elif len(inputs) == SCALED.get(name, ("", -1))[1] and isinstance(inputs[1], int | float):
        return (inputs[0], *inputs[2:]), {SCALED[name][0]: inputs[1]} | settings
    else:
        return inputs, settings
    start = 1 if name in VARIANCES else len(positional)
    if len(inputs) - start > len(names):
        return inputs, settings
    return inputs[:start], dict(zip(names, inputs[start:], strict=False)) | settings


def _renamed(name: str, given: str, has: tuple[str, ...]) -> str:
    """The name of an argument in a function, given as PyTorch names it, too."""
    if given in FIRST and has:
        return has[1 if name == "where" else 0]
    if given in SECOND and len(has) > 1:
        return has[2 if name == "where" else 1]
    return next((one for one in NAMES.get(given, ()) if one in has), given)


def unknown(name: str, given: str, has: tuple[str, ...]) -> NoReturn:
    """Raise TypeError for an argument that a function does not have."""
    raise TypeError(f"{name} has no argument {given!r}: it takes ({', '.join(has)})")


def _with_options(
    call: Any, name: str, inputs: Any, settings: dict[str, Any], options: dict[str, Any]
) -> Any:
    """`call` with options that it does not have: what they do to its arguments and its result."""
    dtype = options.get("dtype")
    if dtype is not None:
        dtype = supported_dtype(dtype)
        inputs = (cast(inputs[0], dtype=dtype), *inputs[1:])
    if options.get("unbiased") is not None:
        settings["correction"] = int(options["unbiased"])
    if "alpha" in options:
        inputs = _scaled(name, inputs[0], inputs[1], options["alpha"])
    if options.get("rounding_mode") is not None:
        result = _rounded(inputs[0], inputs[1], options["rounding_mode"])
    else:
        result = call(*inputs, **settings)
    if dtype is not None and value_of(result).dtype != dtype:
        result = cast(result, dtype=dtype)
    return result if options.get("out") is None else _into(name, options["out"], result)


def _scaled(name: str, x: Any, y: Any, alpha: Any) -> tuple[Any, Any]:
    """x and alpha · y; for rsub, alpha · x and y."""
    if name == "rsub":
        return _scaled("sub", y, x, alpha)[::-1]
    if name != "add":
        no_bools(value_of(x), value_of(y))
    common = result_type(value_of(x), value_of(y))
    if isinstance(alpha, float) and common.kind != "f" or alpha is True and common.kind != "b":
        raise RuntimeError(f"{name}: alpha is {alpha}, but the result is {common}")
    if common.kind in "iu":
        number_in(alpha, common)
    alpha = bool(alpha) if common.kind == "b" else alpha
    if not isinstance(y, Node):
        return x, y * alpha if common.kind != "b" else y and alpha
    other: Any = y
    return x, mul(other if y.value.dtype == common else cast(other, dtype=common), alpha)


def _rounded(x: Any, y: Any, mode: str) -> Any:
    """x / y, rounded down ("floor") or toward 0 ("trunc"); ints stay ints. The gradient is 0."""
    if mode not in ("floor", "trunc"):
        raise RuntimeError(f'div: rounding_mode is None, "trunc" or "floor", not {shown(mode)}')
    return import_module("minigrad.elementwise").divide(x, y, rounding_mode=mode)


def _into(name: str, out: Any, result: Any) -> Any:
    """`out`, a tensor or as many as the result has, with the values of the result written to it.

    Raises RuntimeError if a gradient flows to one of them.
    """
    if isinstance(result, tuple):
        for one, of in zip(out, result, strict=True):
            _into(name, one, of)
        return type(result)(*out) if hasattr(result, "_fields") else tuple(out)
    if not isinstance(out, Node):
        raise TypeError(f"{name}: out is a tensor, not {shown(out)}")
    if result.requires_grad or out.requires_grad:
        raise RuntimeError(f"{name}: out= records no gradient: write out = {name}(…), or detach()")
    if out.value.shape != result.shape:
        out.replace(np.zeros(result.shape, out.value.dtype))
    target: Any = out
    return target._become(result)

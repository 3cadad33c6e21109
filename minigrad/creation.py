"""Creating tensors: from data, filled with a number, or random.

Most functions take `dtype` (default: float32; int64 for integers of arange, randint, randperm) and
the `Options`. A shape is given as numbers or as one sequence:
zeros(2, 3) or zeros((2, 3)). Random numbers come from one generator, seeded by `manual_seed`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

import numpy as np

from . import checks
from .checks import whole
from .data import PLAIN, array, numbers
from .device import device, on_cpu
from .dims import Size, Sizes
from .dtypes import (
    Array, Number, bool_, dtype, float32, float64, int64, supported_dtype, within,
)  # fmt: skip
from .errors import shown
from .graph import Node, Op, require_grad, value_of
from .memory import watch_when_used
from .seeds import _Random as _Random
from .seeds import manual_seed as manual_seed
from .seeds import random as random
from .seeds import source
from .tensor import Tensor, TensorType

Dtype = dtype | np.dtype | None


class Options(TypedDict, total=False):
    """The arguments of all functions: `requires_grad`, and a device, which can only be the CPU.

    The others say how the elements lie in memory. Here they change nothing.
    """

    requires_grad: bool
    device: str | device | None
    layout: Any
    pin_memory: bool
    memory_format: Any


def tensor(data: Any, *, dtype: Dtype = None, **options: Unpack[Options]) -> Tensor:
    """A tensor with a copy of the data: a number, nested lists of numbers, an array or a tensor.

    Without `dtype`, arrays, tensors and NumPy's numbers keep their dtype, Python's floats become
    float32, and in a list of mixed ones the highest wins. A tensor in a list must be a single
    number.
    Raises ValueError for ragged lists and for numbers that do not fit the dtype, TypeError for
    anything else and for an unsupported dtype.
    """
    if isinstance(data, Node | Array):
        value = np.array(value_of(data))
        with np.errstate(all="ignore"):  # converted as C does it, as in PyTorch
            return _made(value, _dtype(dtype, value.dtype), **options)
    listed, found = numbers(data)
    return _made(array(listed, _dtype(dtype, found)), None, **options)


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares its memory with an array: writing to one changes the other.

    Raises TypeError for anything but an array of float32, float64, int64 or bool.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy takes an array, not a {type(array).__name__}: use tensor()")
    made = _made(array.view(), _dtype(array.dtype))
    watch_when_used(made.value)  # the caller can write to it unseen
    return made


def zeros(*size: Sizes, dtype: Dtype = None, **options: Unpack[Options]) -> Tensor:
    """A tensor filled with 0."""
    return _full("zeros", _shape("zeros", size), 0, _dtype(dtype), **options)


def ones(*size: Sizes, dtype: Dtype = None, **options: Unpack[Options]) -> Tensor:
    """A tensor filled with 1."""
    return _full("ones", _shape("ones", size), 1, _dtype(dtype), **options)


def full(
    size: Sequence[int], fill_value: Number, *, dtype: Dtype = None, **options: Unpack[Options]
) -> Tensor:
    """Filled with one number; without `dtype`, a float gives float32, an int int64.

    Raises ValueError for a number that does not fit the dtype.
    """
    value = checks.number("full: fill_value", fill_value)
    dtype = _dtype(dtype, PLAIN[type(value)])
    return _full("full", checks.shape("full", size), value, dtype, **options)


def _full(
    name: str, size: tuple[int, ...], value: Number, dtype: np.dtype, **options: Unpack[Options]
) -> Tensor:
    single = array(value, dtype, name)
    if dtype.kind == "f" and np.isinf(single) and not np.isinf(value):
        raise ValueError(f"{name}: {value} does not fit {dtype}: it would be {single}")
    return _made(np.full(size, single, dtype), None, **options)


def arange(
    start: Number | None = None,
    end: Number | None = None,
    step: Number = 1,
    *,
    dtype: Dtype = None,
    **options: Unpack[Options],
) -> Tensor:
    """start, start + step, …, below end; arange(end) starts at 0. int64 unless a float is given.

    As in PyTorch, floats are rounded towards 0 before they count up to ints. Raises ValueError if
    step is 0 or leads away from end, or if a number does not fit the dtype.
    """
    start, end = (None, start) if end is None else (start, end)
    given: tuple[Any, ...] = (0 if start is None else start, end, step)
    if not set(map(type, given)) <= {int}:
        named = zip(("start", "end", "step"), given, strict=True)
        given = tuple([checks.number(f"arange: {what}", value) for what, value in named])
    floats = float in map(type, given)
    dtype = _dtype(dtype, float32 if floats else int64)
    if dtype == bool_:
        raise TypeError("arange: bools do not count; choose an int or a float dtype")
    ints = dtype.kind in "iu"
    if floats or not ints:
        given = tuple(array(given, int64 if ints else float64, "arange").tolist())
    first, last, by = given
    asked = f"arange: from {first} to {last} by {by}"
    if not by or (last - first) / by < 0:
        raise ValueError(f"{asked}: the step must lead from start to end, and not be 0")
    if ints:
        values = np.arange(first, last, by)
        if values.dtype != int64:
            raise ValueError(f"{asked}: the numbers do not fit int64")
        return _made(values, dtype, **options)
    if not np.isfinite(given).all():
        raise ValueError(f"{asked}: the numbers must be finite")
    return _made(first + by * np.arange(math.ceil((last - first) / by)), dtype, **options)


def eye(n: int, m: int | None = None, *, dtype: Dtype = None, **options: Unpack[Options]) -> Tensor:
    """The identity matrix: 1 on the diagonal, else 0; n rows and m columns (default: n)."""
    rows = whole("eye: n", n)
    columns = rows if m is None else whole("eye: m", m)
    return _made(np.eye(rows, columns, dtype=_dtype(dtype)), None, **options)


def rand(
    *size: Sizes, generator: Any = None, dtype: Dtype = None, **options: Unpack[Options]
) -> Tensor:
    """A tensor of random numbers, uniform in [0, 1)."""
    dtype = _float_dtype("rand", dtype)
    value = np.asarray(random(_shape("rand", size), generator), dtype)
    below_one = np.nextafter(dtype.type(1), dtype.type(0))
    # Rounded to float32, a number just below 1 would be 1.
    return _made(np.minimum(value, below_one), dtype, **options)


def randn(
    *size: Sizes, generator: Any = None, dtype: Dtype = None, **options: Unpack[Options]
) -> Tensor:
    """A tensor of normal random numbers, with mean 0 and variance 1."""
    value = np.asarray(source(generator).standard_normal(_shape("randn", size)))
    return _made(value, _float_dtype("randn", dtype), **options)


def randint(
    low: int = 0,
    high: Any = None,
    size: Sequence[int] | None = None,
    *,
    generator: Any = None,
    dtype: Dtype = None,
    **options: Unpack[Options],
) -> Tensor:
    """Integers drawn uniformly from low, …, high - 1; randint(high, size) starts at 0."""
    low, high, size = (0, low, high) if size is None else (low, high, size)
    low, high = (0, low) if high is None else (low, high)
    low, high = (whole(f"randint: {n}", v, None) for n, v in [("low", low), ("high", high)])
    dtype = _dtype(dtype, int64)
    limits = None if dtype.kind != "i" and dtype.kind != "u" else np.iinfo(dtype)
    least, most = (limits.min, limits.max + 1) if limits else (-(2**63), 2**63)
    least, most = (0, 2) if dtype == bool_ else (least, most)
    if not least <= low < high <= most:
        bounds = f"{least} <= low < high <= {most}"
        raise ValueError(f"randint: low {low} and high {high}: must be {bounds} for {dtype}")
    value = np.asarray(source(generator).integers(low, high, checks.shape("randint", size)))
    return _made(value, dtype, **options)


def randperm(
    n: int, *, generator: Any = None, dtype: Dtype = None, **options: Unpack[Options]
) -> Tensor:
    """The numbers 0 … n - 1 in random order."""
    dtype = _dtype(dtype, int64)
    if dtype == bool_:
        raise TypeError("randperm: bools do not count; choose an int or a float dtype")
    drawn = source(generator).permutation(whole("randperm: n", n))
    if dtype.kind != "f":
        within("randperm", drawn, dtype)
    return _made(drawn, dtype, **options)


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Tensor:
    """Indices drawn by weight: (n,) or (rows, n) weights to (num_samples,) or (rows, num_samples).

    Weights are floats, must not be negative, and need not add up to 1. Raises ValueError for other
    weights, and if more are drawn without replacement than have a positive weight.
    """
    checks.floats("multinomial", input=input)
    num_samples = whole("multinomial: num_samples", num_samples, least=1)
    given = value_of(input)
    if given.ndim not in (1, 2):
        raise ValueError(f"multinomial: weights must have one or two dims, not shape {given.shape}")
    weights = np.atleast_2d(given).astype(float64)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any(-1).all()):
        raise ValueError("multinomial: weights must be finite, none negative, and not all 0")
    replacement = checks.flag("multinomial: replacement", replacement)
    if not replacement and (num_samples > np.count_nonzero(weights, -1)).any():
        raise ValueError(
            f"multinomial: cannot draw {num_samples} without replacement: "
            f"fewer than {num_samples} have a positive weight"
        )
    if np.isinf(weights.sum(-1)).any():
        weights /= weights.max(-1, keepdims=True)
    choice = source(generator).choice
    drawn = [choice(len(row), num_samples, replacement, row / row.sum()) for row in weights]
    return _made(np.reshape(drawn, (*given.shape[:-1], num_samples)), int64)


def zeros_like(input: Tensor, *, dtype: Dtype = None, **options: Unpack[Options]) -> Tensor:
    """`zeros` of the shape and dtype of another tensor."""
    return zeros(_like("zeros_like", input), dtype=_own(dtype, input), **options)


def ones_like(input: Tensor, *, dtype: Dtype = None, **options: Unpack[Options]) -> Tensor:
    """`ones` of the shape and dtype of another tensor."""
    return ones(_like("ones_like", input), dtype=_own(dtype, input), **options)


def full_like(
    input: Tensor, fill_value: Number, *, dtype: Dtype = None, **options: Unpack[Options]
) -> Tensor:
    """`full` of the shape and dtype of another tensor."""
    return full(_like("full_like", input), fill_value, dtype=_own(dtype, input), **options)


def rand_like(input: Tensor, *, dtype: Dtype = None, **options: Unpack[Options]) -> Tensor:
    """`rand` of the shape and dtype of another tensor."""
    return rand(_like("rand_like", input), dtype=_own(dtype, input), **options)


def randn_like(input: Tensor, *, dtype: Dtype = None, **options: Unpack[Options]) -> Tensor:
    """`randn` of the shape and dtype of another tensor."""
    return randn(_like("randn_like", input), dtype=_own(dtype, input), **options)


def _own(dtype: Dtype, input: Any) -> Dtype:
    return input.dtype if dtype is None else dtype


def _like(name: str, input: Tensor) -> tuple[int, ...]:
    checks.tensors(name, input=input)
    return input.shape


def _shape(name: str, given: tuple[Any, ...]) -> tuple[int, ...]:
    """A shape given as zeros(2, 3) or as zeros((2, 3))."""
    one = len(given) == 1 and isinstance(given[0], tuple | list)
    return checks.shape(name, given[0] if one else given)


def _dtype(given: Any, default: np.dtype = float32) -> np.dtype:
    """The given dtype or, if it is None, the default. Raises TypeError for an unsupported one."""
    return supported_dtype(default if given is None else given)


def _float_dtype(name: str, given: Dtype) -> np.dtype:
    """float32, or the given dtype. Raises TypeError unless it is a float dtype."""
    dtype = _dtype(given)
    if dtype.kind != "f":
        raise TypeError(f"{name}: these random numbers are floats; they cannot be {dtype}")
    return dtype


def _made(value: Any, dtype: np.dtype | None, **options: Unpack[Options]) -> Tensor:
    """A tensor around this array, which is not copied if it has the dtype (None: its own)."""
    if options:
        _check(**options)
    made = Op.node(np.asarray(value, dtype))
    made.value.setflags(write=False)
    if options.get("requires_grad"):
        require_grad(made)
    return made  # type: ignore[return-value]


def _check(
    requires_grad: bool = False,
    device: Any = None,
    layout: Any = None,
    pin_memory: bool = False,
    memory_format: Any = None,
    **unknown: Any,
) -> None:
    """Raise an error for options that no function has, and for those that only others can have."""
    if unknown:
        raise TypeError(f"there is no argument {next(iter(unknown))}=")
    checks.flag("requires_grad", requires_grad)
    on_cpu(device)
    if checks.flag("pin_memory", pin_memory):
        raise RuntimeError("pin_memory: there is no other device that would copy from it")


# --- the class, called as in PyTorch -------------------------------------------------------------


def constructed(
    *data: Any, device: Any = None, requires_grad: bool = False, **unknown: Any
) -> Tensor:
    """Tensor([1, 2]): float32 of lists or an array. Tensor(2, 3): of this shape, filled with 0.

    A tensor keeps its dtype, and shares its memory; so does an array of float32.
    """
    if unknown:
        raise TypeError(f"Tensor takes no {next(iter(unknown))}: use tensor()")
    options: Options = {"device": device, "requires_grad": requires_grad}
    first = data[0] if len(data) == 1 else None
    if isinstance(first, Node):
        on_cpu(device)
        return first[...]  # type: ignore[index]
    if isinstance(first, Size):
        return zeros(first, **options)
    if not isinstance(first, bool | Array) and all(map(_is_int, data)):
        return zeros(*data or (0,), **options)
    if isinstance(first, Array) and first.dtype == float32:
        shared = from_numpy(first)
        return shared.requires_grad_() if requires_grad else shared
    if not isinstance(first, Array) and not hasattr(first, "__len__"):
        given = ", ".join(map(shown, data))
        raise TypeError(f"Tensor takes lists, an array, or a shape as ints, not {given}")
    return tensor(first, dtype=float32, **options)


def _is_int(given: Any) -> bool:
    return hasattr(type(given), "__index__") and (not np.ndim(value_of(given)))


TensorType.made = staticmethod(constructed)

"""Creating tensors: from data, filled with a number, or random.

Most functions take `dtype` (default: float32; int64 for integers of arange, randint, randperm),
`device` (only "cpu" exists) and `requires_grad`. A shape is given as numbers or as one sequence:
zeros(2, 3) or zeros((2, 3)). Random numbers come from one generator, seeded by `manual_seed`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from . import checks
from .checks import whole
from .device import on_cpu
from .dims import Size
from .dtypes import Array, Number, bool_, float32, float64, int64, supported_dtype
from .errors import shown
from .graph import Node, require_grad, value_of
from .memory import watch_when_used
from .seeds import _Random as _Random
from .seeds import manual_seed as manual_seed
from .seeds import random as random
from .seeds import source
from .tensor import Tensor

Dtype = np.dtype | None
PLAIN: dict[type, np.dtype] = {
    float: float32,
    int: int64,
    bool: bool_,
}  # the dtypes of Python's numbers


def tensor(
    data: Any, *, dtype: Dtype = None, device: str | None = None, requires_grad: bool = False
) -> Tensor:
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
            return _made(value, _dtype(dtype, value.dtype), device, requires_grad)
    numbers, found = _numbers(data)
    return _made(_array(numbers, _dtype(dtype, found)), None, device, requires_grad)


def _numbers(data: Any, deep: int = 0) -> tuple[Any, np.dtype]:
    """Nested lists with NumPy's numbers and the tensors in them as Python's, and their dtype."""
    if isinstance(data, Node) and data.value.size == 1 or isinstance(data, np.generic):
        value = value_of(data)
        return _numbers(value.item())[0], value.dtype
    if type(data) in PLAIN:
        return data, PLAIN[type(data)]
    if isinstance(data, Array) and data.dtype.kind in "biuf":
        return data, data.dtype
    listed = hasattr(data, "__len__") and hasattr(data, "__getitem__") and deep < 64
    if not listed or isinstance(data, str | bytes | Mapping | Node):
        single = "; a tensor in a list must be a single number" if isinstance(data, Node) else ""
        raise TypeError(f"tensor: expected numbers or lists of them, not {shown(data)}{single}")
    data = data if isinstance(data, list | tuple) else list(data)
    kinds = set(map(type, data))  # fast: lists of Python's numbers are not looked at one by one
    if kinds <= PLAIN.keys():
        dtypes = [PLAIN[kind] for kind in kinds]
    else:
        pairs = [_numbers(part, deep + 1) for part in data]
        data, dtypes = [value for value, _ in pairs], [dtype for _, dtype in pairs]
    return data, _highest(dtypes) if dtypes else float32


def _highest(dtypes: Iterable[np.dtype]) -> np.dtype:
    """Floats win over ints, ints over bools; among one kind, the larger dtype."""
    ranks = {dtype: "buif".find(dtype.kind) for dtype in dtypes}
    highest = max(ranks.values())
    return np.result_type(*[dtype for dtype, rank in ranks.items() if rank == highest])


def _array(numbers: Any, dtype: np.dtype, name: str = "tensor") -> Array:
    """An array of nested lists of numbers. Raises ValueError for ragged lists, and overflow."""
    try:
        # float32 of a larger number is inf, as in PyTorch; "invalid": int64 cannot hold an array.
        with np.errstate(all="ignore", invalid="raise"):
            return np.array(numbers, dtype)
    except (OverflowError, FloatingPointError):
        fits = "from -2**63 to 2**63 - 1" if dtype == int64 else "within its range"
        raise ValueError(f"{name}: a number does not fit {dtype}: it must lie {fits}") from None
    except ValueError as error:
        ragged = f"the data is not a rectangular array of numbers ({error})"
        what = "NaN cannot be converted to int64" if "NaN" in str(error) else ragged
        raise ValueError(f"{name}: {what}") from None


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares its memory with an array: writing to one changes the other.

    Raises TypeError for anything but an array of float32, float64, int64 or bool.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy takes an array, not a {type(array).__name__}: use tensor()")
    made = _made(array.view(), _dtype(array.dtype))
    watch_when_used(made.value)  # the caller can write to it unseen
    return made


def zeros(
    *size: Size, dtype: Dtype = None, device: str | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor filled with 0."""
    return _full("zeros", _shape("zeros", size), 0, _dtype(dtype), device, requires_grad)


def ones(
    *size: Size, dtype: Dtype = None, device: str | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor filled with 1."""
    return _full("ones", _shape("ones", size), 1, _dtype(dtype), device, requires_grad)


def full(
    size: Sequence[int],
    fill_value: Number,
    *,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Filled with one number; without `dtype`, a float gives float32, an int int64.

    Raises ValueError for a number that does not fit the dtype.
    """
    value = checks.number("full: fill_value", fill_value)
    dtype = _dtype(dtype, PLAIN[type(value)])
    return _full("full", checks.shape("full", size), value, dtype, device, requires_grad)


def _full(
    name: str, size: tuple[int, ...], value: Number, dtype: np.dtype, device: Any, grad: bool
) -> Tensor:
    single = _array(value, dtype, name)
    if dtype.kind == "f" and np.isinf(single) and not np.isinf(value):
        raise ValueError(f"{name}: {value} does not fit {dtype}: it would be {single}")
    return _made(np.full(size, single, dtype), None, device, grad)


def arange(
    start: Number | None = None,
    end: Number | None = None,
    step: Number = 1,
    *,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
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
    if floats or dtype != int64:
        given = tuple(_array(given, int64 if dtype == int64 else float64, "arange").tolist())
    first, last, by = given
    asked = f"arange: from {first} to {last} by {by}"
    if not by or (last - first) / by < 0:
        raise ValueError(f"{asked}: the step must lead from start to end, and not be 0")
    if dtype == int64:
        values = np.arange(first, last, by)
        if values.dtype != int64:
            raise ValueError(f"{asked}: the numbers do not fit int64")
        return _made(values, None, device, requires_grad)
    if not np.isfinite(given).all():
        raise ValueError(f"{asked}: the numbers must be finite")
    return _made(
        first + by * np.arange(math.ceil((last - first) / by)), dtype, device, requires_grad
    )


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The identity matrix: 1 on the diagonal, else 0; n rows and m columns (default: n)."""
    rows = whole("eye: n", n)
    columns = rows if m is None else whole("eye: m", m)
    return _made(np.eye(rows, columns, dtype=_dtype(dtype)), None, device, requires_grad)


def rand(
    *size: Size,
    generator: Any = None,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of random numbers, uniform in [0, 1)."""
    dtype = _float_dtype("rand", dtype)
    value = np.asarray(random(_shape("rand", size), generator), dtype)
    below_one = np.nextafter(dtype.type(1), dtype.type(0))
    # Rounded to float32, a number just below 1 would be 1.
    return _made(np.minimum(value, below_one), dtype, device, requires_grad)


def randn(
    *size: Size,
    generator: Any = None,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of normal random numbers, with mean 0 and variance 1."""
    value = np.asarray(source(generator).standard_normal(_shape("randn", size)))
    return _made(value, _float_dtype("randn", dtype), device, requires_grad)


def randint(
    low: int = 0,
    high: Any = None,
    size: Sequence[int] | None = None,
    *,
    generator: Any = None,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers drawn uniformly from low, …, high - 1; randint(high, size) starts at 0."""
    low, high, size = (0, low, high) if size is None else (low, high, size)
    low, high = (0, low) if high is None else (low, high)
    low, high = (whole(f"randint: {n}", v, None) for n, v in [("low", low), ("high", high)])
    dtype = _dtype(dtype, int64)
    least, most = (0, 2) if dtype == bool_ else (-(2**63), 2**63)
    if not least <= low < high <= most:
        bounds = f"{least} <= low < high <= {most}"
        raise ValueError(f"randint: low {low} and high {high}: must be {bounds} for {dtype}")
    value = np.asarray(source(generator).integers(low, high, checks.shape("randint", size)))
    return _made(value, dtype, device, requires_grad)


def randperm(
    n: int, *, generator: Any = None, dtype: Dtype = None, device: str | None = None
) -> Tensor:
    """The numbers 0 … n - 1 in random order."""
    dtype = _dtype(dtype, int64)
    if dtype == bool_:
        raise TypeError("randperm: bools do not count; choose an int or a float dtype")
    return _made(source(generator).permutation(whole("randperm: n", n)), dtype, device)


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


def zeros_like(input: Tensor, *, dtype: Dtype = None, **options: Any) -> Tensor:
    """`zeros` of the shape and dtype of another tensor."""
    return zeros(_like("zeros_like", input), dtype=dtype or input.dtype, **options)


def ones_like(input: Tensor, *, dtype: Dtype = None, **options: Any) -> Tensor:
    """`ones` of the shape and dtype of another tensor."""
    return ones(_like("ones_like", input), dtype=dtype or input.dtype, **options)


def full_like(input: Tensor, fill_value: Number, *, dtype: Dtype = None, **options: Any) -> Tensor:
    """`full` of the shape and dtype of another tensor."""
    return full(_like("full_like", input), fill_value, dtype=dtype or input.dtype, **options)


def rand_like(input: Tensor, *, dtype: Dtype = None, **options: Any) -> Tensor:
    """`rand` of the shape and dtype of another tensor."""
    return rand(_like("rand_like", input), dtype=dtype or input.dtype, **options)


def randn_like(input: Tensor, *, dtype: Dtype = None, **options: Any) -> Tensor:
    """`randn` of the shape and dtype of another tensor."""
    return randn(_like("randn_like", input), dtype=dtype or input.dtype, **options)


def _like(name: str, input: Tensor) -> tuple[int, ...]:
    checks.tensors(name, input=input)
    return input.shape


def _shape(name: str, given: tuple[Any, ...]) -> tuple[int, ...]:
    """A shape given as zeros(2, 3) or as zeros((2, 3))."""
    one = len(given) == 1 and isinstance(given[0], tuple | list)
    return checks.shape(name, given[0] if one else given)


def _dtype(given: Any, default: np.dtype = float32) -> np.dtype:
    """The given dtype or, if it is None, the default. Raises TypeError for an unsupported one."""
    if given is None:
        return supported_dtype(default)
    try:
        dtype = np.dtype(given)
    except TypeError:
        what = f"a dtype is float32, float64, int64 or bool, not {shown(given)}"
        raise TypeError(what) from None
    return supported_dtype(dtype)


def _float_dtype(name: str, given: Dtype) -> np.dtype:
    """float32, or the given dtype. Raises TypeError unless it is a float dtype."""
    dtype = _dtype(given)
    if dtype.kind != "f":
        raise TypeError(f"{name}: these random numbers are floats; they cannot be {dtype}")
    return dtype


def _made(
    value: Any, dtype: np.dtype | None, device: str | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor around this array, which is not copied if it has the dtype (None: its own)."""
    if device is not None:
        on_cpu(device)
    made = Tensor(np.asarray(value, dtype))
    made.value.setflags(write=False)
    if checks.flag("requires_grad", requires_grad):
        require_grad(made)
    return made

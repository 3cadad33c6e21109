"""Creating tensors in more ways: equal steps, without a copy, with another tensor's dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import checks
from .checks import whole
from .creation import from_numpy, full, ones, randint, tensor, zeros
from .device import on_cpu
from .dtypes import Array, Number, bool_, float32, int64
from .errors import of_tensor, shown
from .graph import Node, value_of
from .ops import cast
from .tensor import Tensor

Dtype = Any


# --- equal steps -------------------------------------------------------------------------------


def linspace(
    start: Number, end: Number, steps: int, *, dtype: Dtype = None, **options: Any
) -> Tensor:
    """`steps` numbers (float32) from start to end, both included, at equal distances."""
    dtype = _dtype("linspace", dtype)
    return tensor(_steps("linspace", start, end, steps, dtype).astype(dtype), **options)


def logspace(
    start: Number, end: Number, steps: int, base: float = 10.0, *, dtype: Dtype = None,
    **options: Any,
) -> Tensor:  # fmt: skip
    """`steps` powers (float32) of a base, the exponents at equal distances from start to end."""
    dtype = _dtype("logspace", dtype)
    exponents = _steps("logspace", start, end, steps, dtype)
    with np.errstate(all="ignore"):
        powers = np.power(float(checks.number("logspace: base", base)), exponents)
        return tensor(powers.astype(dtype), **options)


def _dtype(name: str, given: Dtype, default: np.dtype = float32) -> np.dtype:
    dtype = np.dtype(default if given is None else given)
    if dtype == bool_:
        raise TypeError(f"{name}: bools do not count; choose an int or a float dtype")
    return dtype


def _steps(name: str, start: Any, end: Any, steps: Any, dtype: np.dtype) -> Array:
    """Equal steps in float64, counted from both ends, so that both are exact."""
    n = whole(f"{name}: steps", steps)
    detached = [one.detach() if isinstance(one, Tensor) else one for one in (start, end)]
    first, last = [checks.number(f"{name}: start and end", one) for one in detached]
    if dtype.kind != "f":
        first, last = int(first), int(last)
    count, half = np.arange(n, dtype=float), max(n // 2, 1)
    with np.errstate(all="ignore"):
        step = np.float64(last - first) / max(n - 1, 1)
        numbers = first + step * count
        numbers[half:] = last - step * (n - 1 - count[half:])
    return numbers


# --- the upper and the lower triangle of a matrix ----------------------------------------------


def triu_indices(
    row: int, col: int, offset: int = 0, *, dtype: Dtype = int64, device: Any = None
) -> Tensor:
    """The places (2, n) of the upper triangle of a matrix, from a diagonal on: rows and columns."""
    return _triangle("triu_indices", np.triu_indices, row, col, offset, dtype, device)


def tril_indices(
    row: int, col: int, offset: int = 0, *, dtype: Dtype = int64, device: Any = None
) -> Tensor:
    """The places (2, n) of the lower triangle of a matrix, up to a diagonal: rows and columns."""
    return _triangle("tril_indices", np.tril_indices, row, col, offset, dtype, device)


def _triangle(
    name: str, of: Any, row: int, col: int, offset: int, dtype: Dtype, device: Any
) -> Tensor:
    rows, columns = whole(f"{name}: row", row), whole(f"{name}: col", col)
    if (dtype := np.dtype(dtype)).kind != "i":
        raise TypeError(f"{name}: indices are ints; they cannot be {dtype}")
    return tensor(np.stack(of(rows, offset, columns)).astype(dtype), device=device)


# --- without a copy, without numbers -------------------------------------------------------------


def empty(*size: Any, **options: Any) -> Tensor:
    """A tensor of a shape, to be filled. In PyTorch it holds anything, here it holds 0."""
    return zeros(*_size("empty", size, options), **options)


def empty_like(input: Any, *, dtype: Dtype = None, **options: Any) -> Tensor:
    """`empty` of the shape and dtype of another tensor."""
    checks.tensors("empty_like", input=input)
    options.pop("memory_format", None)
    return zeros(tuple(input.shape), dtype=input.dtype if dtype is None else dtype, **options)


def as_tensor(data: Any, dtype: Dtype = None, device: Any = None) -> Tensor:
    """A tensor of the data, which shares its memory if they are a tensor or an array of the dtype.

    A tensor of the dtype is returned as it is.
    """
    if device is not None:
        on_cpu(device)
    if isinstance(data, Node):
        return data if dtype is None else data.to(dtype)  # type: ignore[attr-defined, return-value]
    if isinstance(data, Array) and (dtype is None or data.dtype == np.dtype(dtype)):
        return from_numpy(data)
    return tensor(data, dtype=dtype)


def asarray(
    obj: Any, *, dtype: Dtype = None, device: Any = None, copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """`as_tensor`, which with copy=True always copies, and with copy=False never does.

    Raises ValueError if it would have to.
    """
    same = dtype is None or getattr(obj, "dtype", None) == np.dtype(dtype)
    if copy is False and not (same and isinstance(obj, Node | Array)):
        raise ValueError(f"asarray: {shown(obj)} cannot be a tensor of {dtype} without a copy")
    made = as_tensor(obj, dtype, device)
    if copy and made is obj or copy and isinstance(obj, Array):
        made = made.clone()
    return made.requires_grad_() if requires_grad and not made.requires_grad else made


def scalar_tensor(s: Number, *, dtype: Dtype = None, **options: Any) -> Tensor:
    """A tensor (float32) without dims that holds one number."""
    number = checks.number("scalar_tensor: s", s)
    return full((), number, dtype=float32 if dtype is None else dtype, **options)


def randint_like(
    input: Any, low: int, high: int | None = None, *, dtype: Dtype = None, **options: Any
) -> Tensor:
    """Integers drawn uniformly from low, …, high - 1, in the shape and dtype of another tensor."""
    checks.tensors("randint_like", input=input)
    options.pop("memory_format", None)
    bounds = (0, low) if high is None else (low, high)
    return randint(
        *bounds, tuple(input.shape), dtype=input.dtype if dtype is None else dtype, **options
    )


# --- what a tensor is; a copy of it --------------------------------------------------------------


def is_tensor(obj: Any) -> bool:
    """True for a tensor."""
    return isinstance(obj, Node)


@of_tensor
def is_floating_point(x: Any) -> bool:
    """True if the tensor holds floats."""
    return bool(x.dtype.kind == "f")


@of_tensor
def is_nonzero(x: Any) -> bool:
    """True if the one element of a tensor is not 0. Raises RuntimeError if there is not one."""
    if numel(x) != 1:
        raise RuntimeError(f"is_nonzero: shape {tuple(x.shape)}: only one element is true or false")
    return bool(value_of(x).item())


@of_tensor
def numel(x: Any) -> int:
    """The number of elements."""
    return int(value_of(x).size)


@of_tensor
def clone(x: Any, *, memory_format: Any = None) -> Any:
    """A copy, through which gradients flow."""
    return cast(x, dtype=value_of(x).dtype)


@of_tensor
def detach(x: Any) -> Any:
    """The same values in the same memory, without history."""
    return x.detach()


# --- with the dtype of a tensor ------------------------------------------------------------------


def new_tensor(self: Tensor, data: Any, *, dtype: Dtype = None, **options: Any) -> Tensor:
    """`tensor` of some data, in the dtype of this tensor."""
    return tensor(data, dtype=self.dtype if dtype is None else dtype, **options)


def new_zeros(self: Tensor, *size: Any, dtype: Dtype = None, **options: Any) -> Tensor:
    """`zeros` of a shape, in the dtype of this tensor."""
    shape = _size("new_zeros", size, options)
    return zeros(*shape, dtype=self.dtype if dtype is None else dtype, **options)


def new_ones(self: Tensor, *size: Any, dtype: Dtype = None, **options: Any) -> Tensor:
    """`ones` of a shape, in the dtype of this tensor."""
    shape = _size("new_ones", size, options)
    return ones(*shape, dtype=self.dtype if dtype is None else dtype, **options)


def new_empty(self: Tensor, *size: Any, dtype: Dtype = None, **options: Any) -> Tensor:
    """`empty` of a shape, in the dtype of this tensor."""
    shape = _size("new_empty", size, options)
    return zeros(*shape, dtype=self.dtype if dtype is None else dtype, **options)


def new_full(
    self: Tensor, size: Any, fill_value: Number, *, dtype: Dtype = None, **options: Any
) -> Tensor:
    """`full` of a shape and a number, in the dtype of this tensor."""
    return full(size, fill_value, dtype=self.dtype if dtype is None else dtype, **options)


def _size(name: str, given: tuple[Any, ...], options: dict[str, Any]) -> tuple[Any, ...]:
    """A shape, given by position or as size=(2, 3). Raises TypeError if there is none."""
    given = (options.pop("size"),) if "size" in options else given
    if not given:
        raise TypeError(f"{name}: give a size: numbers, or a tuple of numbers")
    return given

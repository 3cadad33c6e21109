"""Creating tensors: from data, filled with a number, or random.

Most functions take `dtype` (default: float32; int64 for integers of arange, randint, randperm),
`device` (only "cpu" exists) and `requires_grad`. A shape is given as numbers or as one sequence:
zeros(2, 3) or zeros((2, 3)). Random numbers come from one generator, seeded by `manual_seed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .device import on_cpu
from .dims import Size, sizes
from .dtypes import Array, Number, float32, float64, int64, supported_dtype
from .graph import Node, require_grad, value_of
from .memory import watch
from .tensor import Tensor

Dtype = np.dtype | None


class _Random:
    generator: Any = None  # created on first use, because importing numpy.random is slow


def manual_seed(seed: int | None) -> None:
    """Seed the generator of all random numbers: the same seed gives the same numbers."""
    _Random.generator = np.random.default_rng(seed)


def generator() -> Any:
    """The NumPy generator that all random numbers come from."""
    if _Random.generator is None:
        manual_seed(None)
    return _Random.generator


def random(shape: tuple[int, ...] = ()) -> Array:
    """A float64 array, uniform in [0, 1), from the generator of all random numbers."""
    return generator().random(shape)


def tensor(
    data: Any, *, dtype: Dtype = None, device: str | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor with a copy of the data: a number, nested lists of numbers, an array or a tensor.

    Without `dtype`, arrays and tensors keep their dtype, and Python's floats become float32.
    Raises ValueError for ragged lists, TypeError for an unsupported dtype.
    """
    try:
        value = np.array(value_of(data))
    except ValueError as error:
        what = "tensor: the data is not a rectangular array of numbers"
        raise ValueError(f"{what} ({error})") from None
    plain = not isinstance(data, Node | np.ndarray | np.generic)
    own = float32 if plain and value.dtype == float64 else value.dtype
    return _made(value, dtype or own, device, requires_grad)


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares its memory with an array: writing to one changes the other.

    Raises TypeError for anything but an array of float32, float64, int64 or bool.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy takes an array, not a {type(array).__name__}: use tensor()")
    made = _made(array.view(), array.dtype)
    watch(made.value)  # the caller can write to it unseen
    return made


def zeros(
    *size: Size, dtype: Dtype = None, device: str | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor filled with 0."""
    return full(sizes(size), 0.0, dtype=dtype, device=device, requires_grad=requires_grad)


def ones(
    *size: Size, dtype: Dtype = None, device: str | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor filled with 1."""
    return full(sizes(size), 1.0, dtype=dtype, device=device, requires_grad=requires_grad)


def full(
    size: Sequence[int],
    fill_value: Number,
    *,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Filled with one number; without `dtype`, the dtype is that of the number."""
    fill_value = fill_value.item() if isinstance(fill_value, np.generic) else fill_value
    dtype = dtype or tensor(fill_value).dtype
    return _made(np.full(tuple(size), fill_value, dtype), dtype, device, requires_grad)


def arange(
    start: Number = 0,
    end: Number | None = None,
    step: Number = 1,
    *,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """start, start + step, …, below end; arange(end) starts at 0. int64 unless a float is given."""
    start, end = (0, start) if end is None else (start, end)
    if not step:
        raise ValueError("arange: step must not be 0")
    values = np.arange(start, end, step)
    dtype = dtype or (int64 if values.dtype == int64 else tensor([start, end, step]).dtype)
    return _made(values, dtype, device, requires_grad)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """The identity matrix: 1 on the diagonal, else 0; n rows and m columns (default: n)."""
    return _made(np.eye(n, m), dtype or float32, device, requires_grad)


def rand(
    *size: Size, dtype: Dtype = None, device: str | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of random numbers, uniform in [0, 1)."""
    return _made(random(sizes(size)), _float_dtype(dtype), device, requires_grad)


def randn(
    *size: Size, dtype: Dtype = None, device: str | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of normal random numbers, with mean 0 and variance 1."""
    value = np.asarray(generator().standard_normal(sizes(size)))
    return _made(value, _float_dtype(dtype), device, requires_grad)


def randint(
    low: int = 0,
    high: Any = None,
    size: Sequence[int] | None = None,
    *,
    dtype: Dtype = None,
    device: str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Integers drawn uniformly from low, …, high - 1; randint(high, size) starts at 0."""
    low, high, size = (0, low, high) if size is None else (low, high, size)
    value = np.asarray(generator().integers(low, high, tuple(size)))
    return _made(value, dtype or int64, device, requires_grad)


def randperm(n: int, *, dtype: Dtype = None, device: str | None = None) -> Tensor:
    """The numbers 0 … n - 1 in random order."""
    if n < 0:
        raise ValueError(f"randperm: n must not be negative, got {n}")
    return _made(generator().permutation(n), dtype or int64, device)


def multinomial(input: Tensor, num_samples: int, replacement: bool = False) -> Tensor:
    """Indices drawn by weight: (n,) or (rows, n) weights to (num_samples,) or (rows, num_samples).

    Weights must not be negative, and need not add up to 1. Raises ValueError for other weights, and
    if more are drawn without replacement than have a positive weight.
    """
    weights = np.atleast_2d(value_of(input)).astype(float64)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and (weights.sum(-1) > 0).all()):
        raise ValueError("multinomial: weights must be finite, none negative, and not all 0")
    if not replacement and num_samples > (weights > 0).sum(-1).min():
        raise ValueError(
            f"multinomial: cannot draw {num_samples} without replacement: "
            f"fewer than {num_samples} have a positive weight"
        )
    choice = generator().choice
    drawn = [choice(len(row), num_samples, replacement, row / row.sum()) for row in weights]
    return _made(np.reshape(drawn, (*np.shape(value_of(input))[:-1], num_samples)), int64)


def zeros_like(input: Tensor, **options: Any) -> Tensor:
    """`zeros` of the shape and dtype of another tensor."""
    return zeros(input.shape, **{"dtype": input.dtype} | options)


def ones_like(input: Tensor, **options: Any) -> Tensor:
    """`ones` of the shape and dtype of another tensor."""
    return ones(input.shape, **{"dtype": input.dtype} | options)


def full_like(input: Tensor, fill_value: Number, **options: Any) -> Tensor:
    """`full` of the shape and dtype of another tensor."""
    return full(input.shape, fill_value, **{"dtype": input.dtype} | options)


def rand_like(input: Tensor, **options: Any) -> Tensor:
    """`rand` of the shape and dtype of another tensor."""
    return rand(input.shape, **{"dtype": input.dtype} | options)


def randn_like(input: Tensor, **options: Any) -> Tensor:
    """`randn` of the shape and dtype of another tensor."""
    return randn(input.shape, **{"dtype": input.dtype} | options)


def _float_dtype(dtype: Dtype) -> np.dtype:
    """float32, or the given dtype. Raises TypeError unless it is a float dtype."""
    if dtype is not None and np.dtype(dtype).kind != "f":
        raise TypeError(f"these random numbers are floats; they cannot be {np.dtype(dtype)}")
    return dtype or float32


def _made(
    value: Any, dtype: np.dtype, device: str | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor around this array, which is not copied if it has the dtype."""
    if device is not None:
        on_cpu(device)
    made = Tensor(np.asarray(value, supported_dtype(dtype)))
    made.value.setflags(write=False)
    if requires_grad:
        require_grad(made)
    return made

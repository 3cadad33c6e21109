"""NumPy's dtypes by PyTorch's rules: which dtypes tensors have, and how they are promoted."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import numpy as np

Array = np.ndarray
Number = float | int | bool
float32, float64, int64 = np.dtype("float32"), np.dtype("float64"), np.dtype("int64")
bool_ = np.dtype("bool")


class TensorOrArray(Protocol):
    """The attributes that tensors and arrays share."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def ndim(self) -> int: ...
    @property
    def dtype(self) -> np.dtype: ...


Value = TypeVar("Value", bound=TensorOrArray)  # a tensor gives a tensor, an array gives an array
SUPPORTED = (float32, float64, int64, bool_)
# The Python numbers that take an array's dtype in NumPy too, by the kind of the array.
FOLLOWS: dict[str, tuple[type, ...]] = {"f": (int, float), "i": (int,)}


def result_type(*values: Any) -> np.dtype:
    """The common dtype of tensors, arrays and numbers: floats win over ints, ints over bools.

    Arrays with dims decide first. A 0-d array counts only if its kind is higher, and a Python
    number only if its kind is higher still; a float counts as float32 (PyTorch, "Tensor
    Attributes", type promotion). Raises TypeError for anything else.
    """
    dtypes = {value.dtype if isinstance(value, Array) else None for value in values}
    if len(dtypes) == 1 and (dtype := dtypes.pop()):
        return dtype
    ranks: tuple[list[Any], ...] = ([], [], [])
    for value in values:
        if isinstance(value, np.generic) and value.dtype not in SUPPORTED:
            value = value.item()
        if hasattr(value, "dtype"):
            ranks[0 if value.ndim else 1].append(supported_dtype(value.dtype))
        elif isinstance(value, bool | int | float):
            ranks[2].append({bool: bool_, int: int64}.get(type(value), float32))
        else:
            raise TypeError(f"expected tensors, arrays or numbers, got {type(value).__name__}")
    dtype = bool_
    for rank in ranks:
        highest = max(rank, key=_kind_and_size, default=bool_)
        if rank is ranks[0] or _kind_and_size(highest)[0] > _kind_and_size(dtype)[0]:
            dtype = highest
    return dtype


def _kind_and_size(dtype: np.dtype) -> tuple[int, int]:
    return "bif".index(dtype.kind), dtype.itemsize


def promote(x: Any, y: Any) -> tuple[Any, Any]:
    """x and y converted to their common dtype (see `result_type`)."""
    if type(x) is type(y) is Array and x.dtype is y.dtype:
        return x, y
    return _promoted(x, y)


def _promoted(x: Any, y: Any) -> tuple[Any, Any]:
    if isinstance(x, Array) and type(y) in FOLLOWS.get(x.dtype.kind, ()):
        return x, y
    if isinstance(y, Array) and type(x) in FOLLOWS.get(y.dtype.kind, ()):
        return x, y
    dtype = result_type(x, y)
    return np.asarray(x, dtype), np.asarray(y, dtype)


def only_floats(x: Array) -> Array:
    """x unchanged. Raises TypeError unless it holds floats."""
    if x.dtype.kind != "f":
        raise TypeError(f"got {x.dtype}: convert with float() first")
    return x


def no_bools(*values: Any) -> None:
    """Raise TypeError if one of the values is a bool or holds bools."""
    for value in values:
        if isinstance(value, bool) or getattr(value, "dtype", None) == bool_:
            raise TypeError("got bool: convert with float() or long() first; ~ is logical_not")


def supported_dtype(dtype: Any) -> np.dtype:
    """`dtype` as a np.dtype. Raises TypeError unless tensors support it."""
    dtype = np.dtype(dtype)
    if dtype not in SUPPORTED:
        raise TypeError(f"tensors are float32, float64, int64 or bool, not {dtype}: convert first")
    return dtype


def as_array(x: Any) -> Array:
    """x unchanged if it is an array, else an array of a number or of lists of numbers.

    Raises TypeError for anything else.
    """
    if isinstance(x, Array):
        return x
    array = np.asarray(x)
    if array.dtype.kind not in "bif":
        raise TypeError(f"expected a tensor, an array or numbers, got {type(x).__name__}")
    return array


def as_float(x: Any) -> Array:
    """x unchanged if it is a float array, else converted to float32."""
    x = x if isinstance(x, Array) else as_array(x)
    return x if x.dtype.kind == "f" else x.astype(float32)


def as_floats(x: Any, y: Any) -> tuple[Array, Array]:
    """x and y as arrays of their common dtype, or of float32 if that is not a float dtype."""
    common = result_type(x, y)
    common = common if common.kind == "f" else float32
    return np.asarray(x, common), np.asarray(y, common)

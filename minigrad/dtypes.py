"""Dtypes by PyTorch's rules: which dtypes tensors have, and how they are promoted.

Inside minigrad they are NumPy's: `float32` here is np.dtype("float32"). Users see a `dtype` for
each, as x.dtype and minigrad.float32: it prints as in PyTorch, and is equal to NumPy's.
"""

from __future__ import annotations

import functools
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from .errors import shown

Array = np.ndarray
Number = float | int | bool
float32, float64, int64 = np.dtype("float32"), np.dtype("float64"), np.dtype("int64")
bool_, uint8 = np.dtype("bool"), np.dtype("uint8")
SUPPORTED = (bool_, uint8, *map(np.dtype, ("int8", "int16", "int32")), int64, float32, float64)
NAMES = ", ".join(map(str, SUPPORTED[:-1])) + f" or {SUPPORTED[-1]}"


class dtype:
    """A dtype of tensors. `dtype("float32")` is always the same object, minigrad.float32.

    It is equal to NumPy's, which is its attribute `dtype`: so NumPy takes it wherever it takes its
    own. That of float16 and bfloat16 is None: they are only names, which programs mention.
    """

    __slots__ = ("name", "dtype", "kind", "itemsize")
    name: str
    dtype: Any
    kind: str  # NumPy's: b for bools, u and i for ints, f for floats
    itemsize: int  # in bytes
    known: ClassVar[dict[str, dtype]] = {}

    def __new__(cls, name: str) -> dtype:
        if name not in cls.known:
            made = cls.known[name] = super().__new__(cls)
            made.name, made.dtype = name, None if name in ABSENT else np.dtype(name)
            made.kind, made.itemsize = (
                (made.dtype.kind, made.dtype.itemsize) if made.dtype else ("f", 2)
            )
        return cls.known[name]

    type = property(lambda self: self.dtype.type, doc="The class of NumPy's numbers of this dtype.")
    is_floating_point = property(lambda self: self.kind == "f", doc="True for floats.")
    is_signed = property(lambda self: self.kind in "fi", doc="True if there are negative numbers.")
    is_complex = property(lambda self: False, doc="False: no tensor holds complex numbers.")

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __eq__(self, other: object) -> bool:
        numpys = isinstance(other, np.dtype | type) and self.dtype is not None
        return self is other or numpys and bool(self.dtype == other)

    def __hash__(self) -> int:
        return hash(self.dtype or self.name)

    def __reduce__(self) -> Any:
        return dtype, (self.name,)


ABSENT = ("float16", "bfloat16")
DTYPES = {own: dtype(own.name) for own in SUPPORTED}  # by NumPy's


class TensorOrArray(Protocol):
    """The attributes that tensors and arrays share."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def ndim(self) -> int: ...
    @property
    def dtype(self) -> Any: ...


Value = TypeVar("Value", bound=TensorOrArray)  # a tensor gives a tensor, an array gives an array
# The Python numbers that take an array's dtype in NumPy too, by the array's dtype.
FOLLOWS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys((float32.char, float64.char), (int, float)), int64.char: (int,),
}  # fmt: skip


def result_type(*values: Any) -> np.dtype:
    """The common dtype of tensors, arrays and numbers: floats win over ints, ints over bools.

    Arrays with dims decide first. A 0-d array counts only if its kind is higher, and a Python
    number only if its kind is higher still; a float counts as float32 (PyTorch, "Tensor
    Attributes", type promotion). Raises TypeError for anything else.
    """
    dtypes = {value.dtype if isinstance(value, Array) else None for value in values}
    if len(dtypes) == 1 and (only := dtypes.pop()):
        return only
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
    common = bool_
    for rank in ranks:
        highest = functools.reduce(higher, rank, bool_)
        if rank is ranks[0] or level(highest) > level(common):
            common = highest
    return common


def higher(x: np.dtype, y: np.dtype) -> np.dtype:
    """The common dtype of two: of the higher kind, or large enough for the numbers of both."""
    if level(x) != level(y):
        return max(x, y, key=level)
    return np.promote_types(x, y)


def level(of: np.dtype) -> int:
    """0 for bools, 1 for ints, 2 for floats."""
    return {"b": 0, "f": 2}.get(of.kind, 1)


def promote(x: Any, y: Any) -> tuple[Any, Any]:
    """x and y converted to their common dtype (see `result_type`)."""
    if type(x) is type(y) is Array and x.dtype is y.dtype:
        return x, y
    return _promoted(x, y)


def _promoted(x: Any, y: Any) -> tuple[Any, Any]:
    if isinstance(x, Array) and type(y) in FOLLOWS.get(x.dtype.char, ()):
        return x, y
    if isinstance(y, Array) and type(x) in FOLLOWS.get(y.dtype.char, ()):
        return x, y
    common = result_type(x, y)
    return converted(x, common), converted(y, common)


def converted(x: Any, to: np.dtype) -> Array:
    """An array or a number in a dtype. A Python int that a small one lacks is counted around."""
    if type(x) is int and to.itemsize < 8 and to.kind in "iu":
        x = np.array(x, int64)
    return np.asarray(x, to)


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


def supported_dtype(given: Any) -> np.dtype:
    """A dtype as NumPy's. Raises TypeError unless tensors support it."""
    if isinstance(given, dtype):
        if given.dtype is None:
            raise TypeError(f"{given}: minigrad computes in float32 and float64")
        return np.dtype(given.dtype)
    try:
        own = np.dtype("O" if given is None else given)
    except (TypeError, ValueError):
        raise TypeError(f"a dtype is {NAMES}, not {shown(given)}") from None
    if own not in SUPPORTED:
        raise TypeError(f"tensors are {NAMES}, not {own}: convert first")
    return own


def within(name: str, numbers: Any, own: np.dtype) -> None:
    """Raise ValueError for ints that do not fit a dtype. As in PyTorch, uint8 takes -255 as 1."""
    limits = np.iinfo(own)
    least = limits.min or -limits.max
    if np.size(numbers) and not least <= np.min(numbers) <= np.max(numbers) <= limits.max:
        lie = f"from {least} to {limits.max}"
        raise ValueError(f"{name}: a number does not fit {own}: it must lie {lie}")


def number_in(number: float, own: np.dtype) -> Any:
    """A Python number in a dtype. As in PyTorch, uint8 takes ints from -255, counted around.

    Raises ValueError if it does not fit an int dtype.
    """
    if own.kind not in "iu":
        return np.array(number, own)
    limits = np.iinfo(own)
    least = limits.min if isinstance(number, float) else limits.min or -limits.max
    if not least <= number <= limits.max:
        raise ValueError(f"{number} cannot be converted to {own}")
    return np.array(int(number), int64).astype(own)


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

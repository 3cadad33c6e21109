"""Data as arrays: numbers and nested lists of numbers, arrays and tensors."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from .dtypes import Array, bool_, float32, higher, int64, within
from .errors import shown
from .graph import Node, value_of

# The dtypes of Python's numbers.
PLAIN: dict[type, np.dtype] = {float: float32, int: int64, bool: bool_}


def numbers(data: Any, deep: int = 0) -> tuple[Any, np.dtype]:
    """Nested lists with NumPy's numbers and the tensors in them as Python's, and their dtype."""
    if isinstance(data, Node) and data.value.size == 1 or isinstance(data, np.generic):
        value = value_of(data)
        return numbers(value.item())[0], value.dtype
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
        pairs = [numbers(part, deep + 1) for part in data]
        data, dtypes = [value for value, _ in pairs], [dtype for _, dtype in pairs]
    return data, functools.reduce(higher, dtypes) if dtypes else float32


def array(given: Any, dtype: np.dtype, name: str = "tensor") -> Array:
    """An array of nested lists of numbers. Raises ValueError for ragged lists, and overflow."""
    if dtype.kind in "iu" and dtype != int64:
        wide = array(given, int64, name)
        within(name, wide, dtype)
        return wide.astype(dtype)
    try:
        # float32 of a larger number is inf, as in PyTorch; "invalid": int64 cannot hold an array.
        with np.errstate(all="ignore", invalid="raise"):
            return np.array(given, dtype)
    except (OverflowError, FloatingPointError):
        fits = "from -2**63 to 2**63 - 1" if dtype == int64 else "within its range"
        raise ValueError(f"{name}: a number does not fit {dtype}: it must lie {fits}") from None
    except ValueError as error:
        ragged = f"the data is not a rectangular array of numbers ({error})"
        what = "NaN cannot be converted to int64" if "NaN" in str(error) else ragged
        raise ValueError(f"{name}: {what}") from None

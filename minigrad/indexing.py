"""Indices: from those that PyTorch takes to those that NumPy takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .dtypes import Array, int64
from .graph import value_of

VIEWS = {int, slice, type(None), type(...)}


def picks_view(index: Any) -> bool:
    """True if x[index] is a view or a single number: slices, ints, None and …."""
    return VIEWS.issuperset(map(type, index if isinstance(index, tuple) else (index,)))


def index_steps(index: Any, ndim: int) -> list[Any]:
    """An index as NumPy takes it, its arrays copied, so that the caller cannot change them later.

    If an index has ints and arrays, NumPy moves the arrays' dims to the front; PyTorch takes the
    ints first. We follow PyTorch, by indexing in two steps.
    """
    if picks_view(index):
        return [index]
    parts = [_plain(part) for part in index] if isinstance(index, tuple) else [_plain(index)]
    arrays = any(isinstance(part, Array) for part in parts)
    if arrays and sum(map(_dims, parts)) >= ndim:  # then … covers no dims
        parts = [part for part in parts if part is not Ellipsis]
    ints = [isinstance(part, int | np.integer) and not isinstance(part, bool) for part in parts]
    if not any(ints) or not arrays:
        return [tuple(parts) if isinstance(index, tuple) else parts[0]]
    first: list[Any] = []
    for part, is_int in zip(parts, ints, strict=True):
        if is_int or part is Ellipsis:
            first.append(part)
        else:
            first.extend([slice(None)] * _dims(part))
    return [tuple(first), tuple(p for p, is_int in zip(parts, ints, strict=True) if not is_int)]


def _dims(part: Any) -> int:
    """The number of dims that a part of an index covers; a bool mask covers mask.ndim."""
    mask = isinstance(part, Array) and part.dtype == bool
    return part.ndim if mask else 0 if part is None or part is Ellipsis else 1


def _plain(part: Any) -> Any:
    """A part of an index without lists, tensors and 0-d arrays."""
    if isinstance(part, list):
        return np.array(part) if part else np.array(part, int64)
    part = value_of(part)
    if isinstance(part, Array):
        return int(part) if part.ndim == 0 and part.dtype == int64 else part.copy()
    return part

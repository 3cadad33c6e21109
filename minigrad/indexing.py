"""Indices: from those that PyTorch takes to those that NumPy takes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .dtypes import Array, int64, uint8
from .graph import Node, value_of
from .text import printable

VIEWS = {int, slice, type(None), type(...)}  # the types of indices that give a view
WHOLE = slice(None)


def picks_view(index: Any) -> bool:
    """True if x[index] is a view or a single number: slices, ints, None and …."""
    return VIEWS.issuperset(map(type, index if isinstance(index, tuple) else (index,)))


def index_steps(index: Any, ndim: int) -> list[Any]:
    """An index as NumPy takes it, its arrays copied, so that the caller cannot change them later.

    If an index has arrays, and ints or bools too, NumPy may move the arrays' dims to the front.
    PyTorch takes the ints first, and makes a bool a new dim with 1 element or none. We follow
    PyTorch, by indexing in two steps: by what picks a view, then by arrays.
    """
    parts: Any = index if isinstance(index, tuple) else _parts(index)
    if picks_view(parts):
        for part in parts:
            if type(part) is slice and part.step is not None:
                _forward(part)
        return [parts if isinstance(index, tuple | list) else index]
    parts = [_plain(part) for part in parts]
    left_out = ndim - sum(map(_dims, parts))  # the dims that … covers
    parts = [p for p in parts if p is not ... or left_out > 0]
    if not any(isinstance(part, bool | Array) for part in parts):
        return [tuple(parts)]
    if not any(isinstance(part, bool | int) for part in parts):
        return [parts[0] if len(parts) == 1 else tuple(parts)]
    first: list[Any] = []
    then: list[Any] = []
    for part in parts:
        if isinstance(part, bool):
            first.append(None)
            then.append(np.zeros(int(part), int64))
        elif isinstance(part, Array):
            first.extend([WHOLE] * _dims(part))
            then.append(part)
        else:
            first.append(part)
            then.extend([] if isinstance(part, int) else [part if part is ... else WHOLE])
    return [tuple(first), tuple(then)]


def _parts(index: Any) -> tuple[Any, ...]:
    """The parts of an index other than a tuple.

    A short list counts as a tuple if there is a sequence, slice, None, … or tensor in it: so it was
    in NumPy, and is in PyTorch.
    """
    several = (list, tuple, range, slice, type(None), type(...), Node, Array)
    tuple_like = isinstance(index, list) and len(index) < 32
    return tuple(index) if tuple_like and any(isinstance(p, several) for p in index) else (index,)


def _dims(part: Any) -> int:
    """The number of dims that a part of an index covers; a bool mask covers mask.ndim."""
    if part is None or part is ... or isinstance(part, bool):
        return 0
    return part.ndim if isinstance(part, Array) and part.dtype == bool else 1


def _plain(part: Any) -> Any:
    """A part of an index as Python's int or bool, a slice, None, … or an array of ints or bools.

    Raises IndexError for anything else.
    """
    if isinstance(part, slice):
        return _forward(part)
    given = _array(part) if isinstance(part, list | tuple | range) else value_of(part)
    if isinstance(given, Array) and given.dtype == uint8:
        warnings.warn("an index of uint8 is taken as a mask: use bool for it", stacklevel=2)
        given = given != 0
    if isinstance(part, Node) and given.ndim and given.dtype.kind == "i" and given.itemsize < 4:
        raise IndexError(f"getitem: an index is int64, int32 or bool, not {given.dtype}")
    if isinstance(given, int) or given is None or given is ...:
        return given
    if isinstance(given, Array | np.generic) and given.dtype.kind in "biu":
        return given.copy() if given.ndim else given.item()
    raise IndexError(
        "getitem: an index is made of integers, slices, None, … and lists or tensors of integers "
        f"or bools, not of the {type(part).__name__} {printable(repr(part), 60)}"
    )


def _array(part: Any) -> Array:
    """A list of an index as an array. An empty one has ints."""
    try:
        array = np.array(part)
    except ValueError:
        given = printable(repr(part), 60)
        raise IndexError(f"getitem: a list in an index must be rectangular, not {given}") from None
    return array if array.size else array.astype(int64)


def _forward(part: slice) -> slice:
    """The slice. Raises ValueError if it goes backwards."""
    if part.step is not None and part.step <= 0:
        raise ValueError(f"getitem: the step of a slice must be positive, not {part.step}")
    return part

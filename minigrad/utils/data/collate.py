"""Collating: a batch of a list of examples."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from ...creation import tensor
from ...dtypes import float64
from ...functions import stack
from ...tensor import Tensor


def default_collate(batch: Any) -> Any:
    """The batch of a list of examples that have the same structure.

    Tensors and arrays are stacked, numbers become a tensor (floats in float64), text stays a list;
    of tuples, lists, named tuples and dicts, each part is collated.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray) and first.dtype.kind in "biuf":
        return stack([tensor(one) for one in batch])
    if isinstance(first, np.bool_ | np.number):
        return tensor(np.asarray(batch))
    if isinstance(first, float | int):
        return tensor(batch, dtype=float64) if isinstance(first, float) else tensor(batch)
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return _mapped(first, lambda key: default_collate([one[key] for one in batch]))
    if isinstance(first, Sequence):
        if len({len(one) for one in batch}) > 1 and not hasattr(first, "_fields"):
            raise RuntimeError("each element in list of batch should be of equal size")
        columns = list(zip(*batch, strict=False))
        return _listed(first, [default_collate(column) for column in columns])
    given = first.dtype if isinstance(first, np.ndarray) else type(first).__name__
    raise TypeError(f"default_collate takes tensors, arrays, numbers, dicts and lists, not {given}")


def default_convert(data: Any) -> Any:
    """Data with its arrays and NumPy's numbers as tensors, and all else as it is."""
    if isinstance(data, np.ndarray | np.generic) and data.dtype.kind in "biuf":
        return tensor(data)
    if isinstance(data, Mapping):
        return _mapped(data, lambda key: default_convert(data[key]))
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _listed(data, [default_convert(part) for part in data])
    return data


def _mapped(like: Any, part: Callable[[Any], Any]) -> Any:
    """A mapping like another one, with these parts; a dict, if it cannot be made like that."""
    parts = {key: part(key) for key in like}
    try:
        if not isinstance(like, MutableMapping):
            return type(like)(parts)
        made = copy.copy(like)  # it may have more attributes than its keys
        made.update(parts)
    except TypeError:
        return parts
    return made


def _listed(like: Any, parts: list[Any]) -> Any:
    """A named tuple or a sequence like another one, with these parts; of a tuple, a list."""
    if hasattr(like, "_fields"):
        return type(like)(*parts)
    if isinstance(like, tuple):
        return parts
    try:
        if not isinstance(like, MutableSequence):
            return type(like)(parts)
        made = copy.copy(like)
        for i, part in enumerate(parts):
            made[i] = part
    except TypeError:
        return parts
    return made

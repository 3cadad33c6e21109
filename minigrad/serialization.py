"""save and load: a state_dict as a safetensors file, which holds numbers and no code."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from typing import Any

import numpy as np

from .creation import tensor
from .dtypes import SUPPORTED, Array
from .files import FilePath, write_atomically
from .graph import value_of
from .tensor import Tensor
from .text import printable

METADATA = "__metadata__"  # in the format, the name under which a file's notes are kept
LONG = 100  # names in errors are cut after this many characters


def save(state_dict: Mapping[str, Tensor | Array], path: FilePath) -> None:
    """Write tensors by name. The write is atomic: after a crash the old file is still there.

    PyTorch writes any objects, as a pickle; here it is safetensors' format, which holds tensors.
    Raises TypeError or ValueError for what `load` could not read again: anything but a tensor of
    float32, float64, int64 or bool, and a name that is not text, or is `__metadata__`.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save as to_bytes

    if not isinstance(state_dict, Mapping):
        given = type(state_dict).__name__
        raise TypeError(f"save takes a dict of tensors by name, as model.state_dict(), not {given}")
    arrays = {name: value_of(v) for name, v in state_dict.items()}
    for name, array in arrays.items():
        _check(name, array)
    try:
        content = to_bytes({k: np.asarray(v, order="C") for k, v in arrays.items()})
    except SafetensorError as error:
        raise ValueError(
            f"save: these {len(arrays):,} tensors do not fit a file: {error}"
        ) from None
    write_atomically(path, content)


def _check(name: Any, array: Any) -> None:
    """Raise TypeError or ValueError for what a file cannot hold."""
    shown = printable(repr(name), LONG)
    if not isinstance(name, str):
        raise TypeError(f"save: a tensor's name is text, not the {type(name).__name__} {shown}")
    if name == METADATA:
        raise ValueError(
            f"save: a tensor cannot be named {shown}: the format keeps its notes there"
        )
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ValueError(f"save: the name {shown} has a lone surrogate: half a character") from None
    if not isinstance(array, Array):
        given = f"a {type(array).__name__}"
    elif isinstance(array, np.ma.MaskedArray):
        given = "a masked array"
    elif array.dtype not in SUPPORTED:
        given = f"of {array.dtype}"
    else:
        return
    raise TypeError(f"save: {shown} is {given}, not a tensor of float32, float64, int64 or bool")


def load(path: FilePath) -> dict[str, Tensor]:
    """Read tensors by name.

    PyTorch reads its own files, which are pickles; here it is safetensors' format.
    Raises ValueError for a file that is not safetensors, is cut off, or holds an unsupported dtype.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    content, shown = _content(path), printable(os.fsdecode(path))
    try:
        return {name: tensor(_clean(array)) for name, array in from_bytes(content).items()}
    except SafetensorError as error:
        why = printable(str(error), 2 * LONG)
        raise ValueError(f"load: {shown} is not a complete safetensors file ({why})") from None
    except (TypeError, KeyError) as error:  # KeyError: NumPy does not have the dtype
        raise ValueError(f"load: {shown} holds an unsupported dtype ({error})") from None
    except ValueError as error:
        raise ValueError(f"load: {shown} holds an impossible shape ({error})") from None


def _content(path: FilePath) -> bytes:
    """The bytes of a file. Raises ValueError for what may have no end, as a pipe or a device."""
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise ValueError(
            f"load: {printable(os.fsdecode(path))} is not a file, but a pipe or device"
        )
    try:
        with open(path, "rb") as file:
            return file.read()
    except MemoryError:
        shown = printable(os.fsdecode(path))
        raise MemoryError(f"load: {shown} has {status.st_size:,} bytes, too many to load") from None


def _clean(array: Array) -> Array:
    """The array; in a damaged one of bools, every byte but 0 is True, as it is in NumPy."""
    return array.view(np.uint8) != 0 if array.dtype == bool else array

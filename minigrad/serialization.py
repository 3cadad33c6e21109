"""save and load: a state_dict or a checkpoint as a safetensors file: numbers, and no code."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from .creation import tensor
from .device import on_cpu
from .dtypes import SUPPORTED, Array
from .files import FilePath, write_atomically
from .graph import value_of
from .nested import in_order, is_nested, put_together, taken_apart
from .text import printable

NESTED = "minigrad"  # among the notes, what tensors of a checkpoint are nested in
METADATA = "__metadata__"  # in the format, the name under which a file's notes are kept
LONG = 100  # names in errors are cut after this many characters


def save(
    obj: Any,
    f: FilePath | IO[bytes],
    pickle_module: Any = None,
    pickle_protocol: Any = None,
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Write a state_dict, or a checkpoint: dicts, lists and tuples with tensors, numbers and text.

    f  a path, or a file that is open for writing

    PyTorch writes any objects, as a pickle; here it is safetensors' format, which holds tensors.
    A path is written atomically: after a crash the old file is still there. The settings of pickle
    change nothing. Raises TypeError or ValueError for what `load` could not read again, such as a
    module itself, or a dtype that is not here.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save as to_bytes

    nested = is_nested(obj)
    if not nested and not isinstance(obj, Mapping):
        kind = type(obj).__name__
        raise TypeError(f"save takes a dict of tensors by name, as model.state_dict(), not {kind}")
    given, text = taken_apart(obj) if nested else (obj, "")
    arrays = {name: value_of(v) for name, v in given.items()}
    for name, array in arrays.items():
        _check(name, array)
    notes = {NESTED: text or in_order(obj)}
    try:
        content = to_bytes({k: np.asarray(v, order="C") for k, v in arrays.items()}, notes)
    except SafetensorError as error:
        raise ValueError(
            f"save: these {len(arrays):,} tensors do not fit a file: {error}"
        ) from None
    if hasattr(f, "write"):
        f.write(content)
    else:
        write_atomically(f, content)


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


def load(
    f: FilePath | IO[bytes],
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **_: Any,
) -> Any:
    """Read what `save` wrote, or tensors by name from any safetensors file.

    f             a path, or a file that is open for reading
    map_location  the CPU, or None; a function or dict, which would name a device, changes nothing

    PyTorch reads its own files, which are pickles; here it is safetensors' format. The settings of
    pickle and of memory change nothing. Raises ValueError for a file that is not safetensors, is
    cut off, or holds an unsupported dtype.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    if not (callable(map_location) or isinstance(map_location, Mapping)):
        on_cpu(map_location)
    content, shown = _content(f)
    try:
        tensors = {name: tensor(_clean(array)) for name, array in from_bytes(content).items()}
        notes = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")]).get(METADATA, {})
        return put_together(notes[NESTED], tensors) if NESTED in notes else tensors
    except SafetensorError as error:
        why = printable(str(error), 2 * LONG)
        raise ValueError(f"load: {shown} is not a complete safetensors file ({why})") from None
    except (TypeError, KeyError) as error:  # KeyError: NumPy does not have the dtype
        raise ValueError(f"load: {shown} holds an unsupported dtype ({error})") from None
    except ValueError as error:
        raise ValueError(f"load: {shown} holds an impossible shape ({error})") from None


def _content(f: Any) -> tuple[bytes, str]:
    """The bytes of a file, and its name as errors show it."""
    if hasattr(f, "read"):
        return f.read(), printable(str(getattr(f, "name", "the file")))
    return _read(f), printable(os.fsdecode(f))


def _read(path: FilePath) -> bytes:
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

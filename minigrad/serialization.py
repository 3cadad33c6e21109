"""save and load: a state_dict as a safetensors file, which holds numbers and no code."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from .dtypes import Array, bool_, float32, float64, int64
from .creation import tensor
from .graph import value_of
from .tensor import Tensor


def save(state_dict: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write tensors by name. The file appears whole or not at all: a crash leaves the old one."""
    from safetensors.numpy import save as to_bytes

    if not isinstance(state_dict, Mapping):
        given = type(state_dict).__name__
        raise TypeError(f"save: takes tensors by name, as model.state_dict() gives, not a {given}")
    arrays = {name: value_of(v) for name, v in state_dict.items()}
    for name, array in arrays.items():
        if not isinstance(array, Array) or array.dtype not in (float32, float64, int64, bool_):
            raise TypeError(f"save: {name!r} holds no tensor of float32, float64, int64 or bool")
    write_atomically(path, to_bytes({k: np.asarray(v, order="C") for k, v in arrays.items()}))


def load(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """Read tensors by name.

    Raises ValueError for a file that is not safetensors, or holds a dtype that tensors have not.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    with open(path, "rb") as file:
        content = file.read()
    try:
        return {name: tensor(array) for name, array in from_bytes(content).items()}
    except SafetensorError as error:
        raise ValueError(f"load: {path} is not a whole safetensors file ({error})") from None
    except (TypeError, KeyError) as error:  # KeyError: NumPy has no such dtype either
        raise ValueError(f"load: {path} holds a dtype that tensors have not ({error})") from None


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file beside its place, and put it there when it is whole and on the disk."""
    folder, name = os.path.split(path)
    beside = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(beside)
        raise

"""save and load: a state_dict as a safetensors file, which holds numbers and no code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .creation import tensor
from .graph import value_of
from .tensor import Tensor


def save(state_dict: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Write tensors by name. The file appears whole or not at all: a crash leaves the old one."""
    from safetensors.numpy import save as to_bytes

    wrong = [k for k, v in state_dict.items() if not isinstance(value_of(v), np.ndarray)]
    if wrong:
        raise TypeError(f"save: takes tensors by name; {', '.join(map(repr, wrong))} holds none")
    arrays = {name: np.ascontiguousarray(value_of(v)) for name, v in state_dict.items()}
    write_atomically(path, to_bytes(arrays))


def load(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """Read tensors by name. Raises ValueError for a file that is not safetensors."""
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        arrays = from_bytes(Path(path).read_bytes())
    except SafetensorError as error:
        raise ValueError(f"load: {os.fspath(path)} is not a whole safetensors file ({error})") from None
    return {name: tensor(array) for name, array in arrays.items()}


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file beside its place, and put it there when it is whole and on the disk."""
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)

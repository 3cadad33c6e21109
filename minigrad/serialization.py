"""save and load: a state_dict as a safetensors file, which holds numbers and no code."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .creation import tensor
from .dtypes import SUPPORTED, Array
from .files import FilePath, write_atomically
from .graph import value_of
from .tensor import Tensor


def save(state_dict: Mapping[str, Tensor | Array], path: FilePath) -> None:
    """Write tensors by name. The write is atomic: after a crash the old file is still there."""
    from safetensors.numpy import save as to_bytes

    if not isinstance(state_dict, Mapping):
        given = type(state_dict).__name__
        raise TypeError(f"save takes a dict of tensors by name, as model.state_dict(), not {given}")
    arrays = {name: value_of(v) for name, v in state_dict.items()}
    for name, array in arrays.items():
        if not isinstance(array, Array) or array.dtype not in SUPPORTED:
            raise TypeError(f"save: {name!r} is not a tensor of float32, float64, int64 or bool")
    write_atomically(path, to_bytes({k: np.asarray(v, order="C") for k, v in arrays.items()}))


def load(path: FilePath) -> dict[str, Tensor]:
    """Read tensors by name.

    Raises ValueError for a file that is not safetensors, is cut off, or holds an unsupported dtype.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    with open(path, "rb") as file:
        content = file.read()
    try:
        return {name: tensor(array) for name, array in from_bytes(content).items()}
    except SafetensorError as error:
        raise ValueError(f"load: {path} is not a complete safetensors file ({error})") from None
    except (TypeError, KeyError) as error:  # KeyError: NumPy does not have the dtype
        raise ValueError(f"load: {path} holds an unsupported dtype ({error})") from None

"""Pooling to a size: windows that divide the input evenly. Loaded when asked for.

Window i of m along a dim of n goes from i · n / m, rounded down, to (i + 1) · n / m, rounded up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks import whole
from ..errors import shown
from ..functions import mean, stack
from ..graph import value_of
from ..ops import getitem, reshape
from ..tensor import Tensor
from .convolution import batched
from .pooling import picked, places_of_largest

OutputSize = int | None | tuple[int | None, ...]


def _bounds(name: str, x: Any, output_size: Any) -> list[tuple[Any, Any]]:
    """Where the windows begin and end along each of the last dims."""
    n = x.ndim - 2
    several = isinstance(output_size, tuple | list)
    sizes = tuple(output_size) if several else (output_size,) * n
    if len(sizes) != n:
        raise ValueError(f"{name}: output_size is one int, or {n}, not {shown(output_size)}")
    bounds = []
    for size, length in zip(sizes, x.shape[2:], strict=True):
        m = length if size is None else whole(f"{name}: output_size", size)
        i = np.arange(m)
        bounds.append((i * length // max(m, 1), -(-(i + 1) * length // max(m, 1))))
    return bounds


def _adaptive_avg(n: int, input: Any, output_size: Any) -> Any:
    """The mean of each window: a mean over one dim after the other."""
    name = f"adaptive_avg_pool{n}d"
    x, has_batch = batched(name, input, n)
    for dim, (starts, ends) in enumerate(_bounds(name, x, output_size), 2):
        before = (slice(None),) * dim
        cuts = [slice(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        if cuts:
            x = stack([mean(getitem(x, index=(*before, cut)), dim) for cut in cuts], dim)
        else:
            x = getitem(x, index=(*before, slice(0)))
    return x if has_batch else reshape(x, shape=x.shape[1:])


def _adaptive_max(n: int, input: Any, output_size: Any, return_indices: bool) -> Any:
    """The largest value in each window, and its index if it is wanted."""
    name = f"adaptive_max_pool{n}d"
    x, has_batch = batched(name, input, n)
    picks = []
    for starts, ends in _bounds(name, x, output_size):
        longest = max((ends - starts).tolist(), default=1)
        picks.append([np.minimum(starts + i, ends - 1) for i in range(longest)])
    places = places_of_largest(value_of(x), x.shape[2:], picks, picks)
    return picked(x, places, has_batch, return_indices)


def adaptive_avg_pool1d(input: Tensor, output_size: OutputSize) -> Tensor:
    """The mean of each of `output_size` windows: (N, C, L) to (N, C, output_size)."""
    return _adaptive_avg(1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: OutputSize) -> Tensor:
    """The mean of each window: (N, C, H, W) to (N, C, *output_size); None keeps a size."""
    return _adaptive_avg(2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: OutputSize) -> Tensor:
    """The mean of each window: (N, C, D, H, W) to (N, C, *output_size); None keeps a size."""
    return _adaptive_avg(3, input, output_size)


def adaptive_max_pool1d(
    input: Tensor, output_size: OutputSize, return_indices: bool = False
) -> Any:
    """The largest value in each window, and its index if it is wanted: (N, C, output_size)."""
    return _adaptive_max(1, input, output_size, return_indices)


def adaptive_max_pool2d(
    input: Tensor, output_size: OutputSize, return_indices: bool = False
) -> Any:
    """The largest value in each window, and its index if it is wanted: (N, C, *output_size)."""
    return _adaptive_max(2, input, output_size, return_indices)


def adaptive_max_pool3d(
    input: Tensor, output_size: OutputSize, return_indices: bool = False
) -> Any:
    """The largest value in each window, and its index if it is wanted: (N, C, *output_size)."""
    return _adaptive_max(3, input, output_size, return_indices)

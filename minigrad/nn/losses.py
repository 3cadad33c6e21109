"""What a loss checks before it computes: shapes, dtypes, classes, and the reduction."""

from __future__ import annotations

import numpy as np

from ..dtypes import Array, int64
from ..kernels import outside


def logits_and_classes(x: Array, target: Array, ignore_index: int) -> tuple[Array, Array, Array]:
    """Logits as (N, C), targets as (N,), and which of them count; raises what is wrong."""
    dim = 1 if x.ndim > 1 else 0
    if not isinstance(ignore_index, int):
        raise TypeError(f"ignore_index is an int, not {ignore_index!r}; there are no class weights")
    if x.dtype.kind != "f" or target.dtype != int64:
        raise TypeError(f"logits must be floats, targets int64, not {x.dtype} and {target.dtype}")
    if target.shape != x.shape[:dim] + x.shape[dim + 1 :]:
        raise ValueError(
            f"logits {x.shape} and targets {target.shape}: without the logits' dim {dim}, "
            f"the {x.shape[dim]} classes, their shapes must be equal"
        )
    logits = (x if x.ndim < 3 else np.moveaxis(x, dim, -1)).reshape(-1, x.shape[dim])
    classes = target.reshape(-1)
    count = classes != ignore_index
    classes = np.where(count, classes, 0)
    bad = outside(classes, x.shape[dim])
    if bad.size:
        raise IndexError(f"target {bad[0]} is none of the {x.shape[dim]} classes from 0")
    return logits, classes, count

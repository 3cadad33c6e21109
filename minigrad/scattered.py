"""The gradient of a pick: 0 everywhere except at an index."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import kernels
from .dtypes import Array
from .graph import Op


class Scattered:
    """The gradient of x[index]: g at the index, and 0 elsewhere.

    Called, it is that array or tensor. The sweep adds it in place instead: so T picks from one
    tensor cost what they touch, and not T arrays of its size.
    """

    __slots__ = ("g", "index", "x")

    def __init__(self, g: Any, index: Any, x: Any) -> None:
        self.g, self.index, self.x = g, index, x

    def __call__(self) -> Any:
        """The gradient whole: an array, or a tensor if g is one."""
        zeros = np.zeros(self.x.shape, self.x.dtype)
        return Op.registry["add_at"](zeros, self.g, index=self.index)

    def add_to(self, total: Array) -> None:
        """Add it to an array of x's shape, in place."""
        kernels.add_at(total, self.index, self.g)

"""Writing into a tensor in place, without ever making a gradient wrong.

What a graph remembers is read-only. A leaf can still be written to (under no_grad() if it requires
grad): it gets a new array, and backward through a graph that used the old one raises an error.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from .dtypes import Array
from .errors import describe
from .grad_mode import is_grad_enabled
from .graph import Node, value_of
from .indexing import index_steps


class InPlace(Node):
    """A node that can be written to: x[i] = …, x += …, x.copy_(…)."""

    __slots__ = ()

    def __setitem__(self, index: Any, value: Any) -> None: self._write(index, value)
    def __iadd__(self, other: Any) -> Self: return self._become(self + other)
    def __isub__(self, other: Any) -> Self: return self._become(self - other)
    def __imul__(self, other: Any) -> Self: return self._become(self * other)
    def __itruediv__(self, other: Any) -> Self: return self._become(self / other)
    def __ipow__(self, other: Any) -> Self: return self._become(self**other)
    def __iand__(self, other: Any) -> Self: return self._become(self & other)
    def __ior__(self, other: Any) -> Self: return self._become(self | other)
    def copy_(self, other: Any) -> Self: return self._write(..., other)
    def fill_(self, value: Any) -> Self: return self._write(..., value)
    def zero_(self) -> Self: return self._write(..., 0)

    def _write(self, index: Any, value: Any) -> Self:
        """self[index] = value. Raises RuntimeError if that would make a gradient wrong."""
        tracked = self.requires_grad or isinstance(value, Node) and value.requires_grad
        if self.call or tracked and is_grad_enabled():
            raise RuntimeError(
                "a graph would not remember that this tensor was changed in place, and gradients "
                "would be wrong: make a new one with where(), cat() or stack(), or change a leaf "
                "under no_grad()"
            )
        value, base = value_of(value), self.value.base
        locked = not self.value.flags.writeable
        if isinstance(base, Array) and (locked or not base.flags.writeable):
            raise RuntimeError(
                "this tensor is a view of memory that a graph remembers, or was expanded, and is "
                "read-only: write into a clone()"
            )
        array = into = self.value.copy() if locked else self.value
        *first, last = index_steps(index, self.value.ndim)
        try:
            for part in first:
                into = into[part]
            into[last] = value
        except (ValueError, IndexError, TypeError) as error:
            what = f"writing {describe(value)} into {self.value.shape}"
            raise type(error)(f"{what}: {error}") from None
        if locked:
            self.replace(array)
        return self

    def _become(self, result: Any) -> Any:
        """The result of `self += other`: self with new values or, if recorded, a new tensor.

        In the second case other references keep the old tensor. Views are refused, because their
        memory is shared.
        """
        if not result.requires_grad:
            fits = np.can_cast(result.value.dtype, self.value.dtype, "same_kind")
            if not fits or result.value.shape != self.value.shape:
                raise RuntimeError(
                    f"in place, a {self.value.dtype} of shape {self.value.shape} cannot become "
                    f"a {result.value.dtype} of shape {result.value.shape}"
                )
            return self._write(..., result)
        if self.requires_grad and self.call is None:
            raise RuntimeError("in place, a leaf that requires grad changes only under no_grad()")
        if isinstance(self.value.base, Array) and self.call is None:
            raise RuntimeError("in place, a view cannot take what requires grad: use a clone()")
        return result

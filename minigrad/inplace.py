"""Writing into a tensor in place, without ever making a gradient wrong.

What a graph remembers is read-only. A leaf can be written to all the same, under no_grad() if it
requires grad: it gets a new array, and a graph that had used the old one refuses to go back.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from .arrays import Array, int64
from .errors import describe
from .graph import Node, is_grad_enabled, value_of


class InPlace(Node):
    """A node that can be written to: x[i] = …, x += …, x.copy_(…)."""

    __slots__ = ()

    def __setitem__(self, index: Any, value: Any) -> None: self._write(index, value)
    def __iadd__(self, other: Any) -> Self: return self._become(self + other)
    def __isub__(self, other: Any) -> Self: return self._become(self - other)
    def __imul__(self, other: Any) -> Self: return self._become(self * other)
    def __itruediv__(self, other: Any) -> Self: return self._become(self / other)
    def copy_(self, other: Any) -> Self: return self._write(..., other)
    def fill_(self, value: Any) -> Self: return self._write(..., value)
    def zero_(self) -> Self: return self._write(..., 0)

    def _write(self, index: Any, value: Any) -> Self:
        """self[index] = value, unless that would make some gradient wrong: then RuntimeError."""
        tracked = self.requires_grad or isinstance(value, Node) and value.requires_grad
        if self.call or tracked and is_grad_enabled():
            raise RuntimeError(
                "a graph would not remember this tensor being changed in place, and gradients "
                "would be wrong: make a new one with where(), cat() or stack(), or change a leaf "
                "under no_grad()"
            )
        value, base = value_of(value), self.value.base
        if base is not None and not (self.value.flags.writeable and base.flags.writeable):
            raise RuntimeError(
                "this tensor is a view of memory that a graph remembers, which is read-only: "
                "write into a clone()"
            )
        if not self.value.flags.writeable:
            self.replace(self.value.copy())
        *first, last = steps(index)
        into = self.value
        try:
            for part in first:
                into = into[part]
            into[last] = value
        except (ValueError, IndexError, TypeError) as error:
            what = f"writing {describe(value)} into {self.value.shape}"
            raise type(error)(f"{what}: {error}") from None
        return self

    def _become(self, result: Any) -> Any:
        """What `self += other` gives: self with new values; where it is recorded, a new tensor."""
        if not result.requires_grad:
            if result.value.dtype != self.value.dtype or result.value.shape != self.value.shape:
                raise RuntimeError(
                    f"in place, a {self.value.dtype} of shape {self.value.shape} cannot become "
                    f"a {result.value.dtype} of shape {result.value.shape}"
                )
            return self._write(..., result)
        if self.requires_grad and self.call is None:
            raise RuntimeError("a leaf that requires grad is changed in place: use no_grad()")
        return result


def steps(index: Any) -> list[Any]:
    """An index as NumPy takes it, its arrays copied so that nobody can change them.

    Where ints stand beside arrays, NumPy would move the arrays' dims to the front; PyTorch takes
    the ints first. So do we: in two steps.
    """
    parts = [_plain(part) for part in index] if isinstance(index, tuple) else [_plain(index)]
    ints = [isinstance(part, int | np.integer) and not isinstance(part, bool) for part in parts]
    if not any(ints) or not any(isinstance(part, Array) for part in parts):
        return [tuple(parts) if isinstance(index, tuple) else parts[0]]
    first: list[Any] = []
    for part, is_int in zip(parts, ints, strict=True):
        if is_int or part is Ellipsis:
            first.append(part)
        elif part is not None:  # a mask stands for as many dims as it has
            mask = isinstance(part, Array) and part.dtype == bool
            first.extend([slice(None)] * (part.ndim if mask else 1))
    return [tuple(first), tuple(p for p, is_int in zip(parts, ints, strict=True) if not is_int)]


def _plain(part: Any) -> Any:
    if isinstance(part, list):
        return np.array(part) if part else np.array(part, int64)
    part = value_of(part)
    if isinstance(part, Array):
        return int(part) if part.ndim == 0 and part.dtype == int64 else part.copy()
    return part

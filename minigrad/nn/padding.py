"""Padding: more elements around a tensor. Loaded when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from .. import checks
from ..errors import describe, shown
from ..ops import getitem
from ..tensor import Tensor
from .module import Module
from .more_ops import surrounded

MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}  # as NumPy names them


def pad(
    input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None
) -> Tensor:
    """More elements before and after the last dims; fewer, where a width is negative.

    pad    widths (before, after) of the last dim, then of the one before it, and so on
    mode   "constant": of `value`, or 0; "reflect": mirrored at the edge, which is not repeated;
           "replicate": the edge repeated; "circular": from the other end
    """
    checks.tensors("pad", input=input)
    widths = [checks.whole("pad: a width", n, None) for n in pad]
    pairs = list(zip(widths[::2], widths[1::2], strict=False))[::-1]  # in the order of the dims
    if len(widths) % 2 or len(pairs) > input.ndim:
        raise ValueError(f"pad: {shown(pad)} must be pairs, for at most {input.ndim} dims")
    sizes = zip(_last(input, pairs), pairs, strict=True)
    least = 1 if mode in ("reflect", "replicate") else 0
    if any(n + a + b < least or mode == "constant" and n + min(a, b) < 0 for n, (a, b) in sizes):
        raise RuntimeError(f"pad: {widths} takes away more than there is of {describe(input)}")
    if mode == "constant":
        return _constant(input, pairs, 0 if value is None else value)
    if value not in (None, 0):
        raise ValueError(f'pad: value is for mode="constant", not {mode!r}')
    return _from_itself(input, pairs, mode)


def _last(input: Any, pairs: Any) -> tuple[int, ...]:
    return input.shape[input.ndim - len(pairs) :]


def _constant(input: Any, pairs: Any, value: float) -> Any:
    if any(n < 0 for pair in pairs for n in pair):
        sizes = _last(input, pairs)
        cut = [slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(sizes, pairs, strict=True)]
        input = getitem(input, index=(..., *cut))
    wider = tuple([(max(a, 0), max(b, 0)) for a, b in pairs])
    return surrounded(input, widths=wider, value=value)


def _from_itself(input: Any, pairs: Any, mode: str) -> Any:
    """Padded with the input's own elements."""
    if mode not in MODES:
        raise NotImplementedError(f"pad: mode {mode!r} is not one of constant, {', '.join(MODES)}")
    if not 1 <= len(pairs) <= 3 or input.ndim - len(pairs) not in (1, 2):
        what = f"{describe(input)} with {len(pairs)} dims to pad"
        raise NotImplementedError(f"pad: {mode} takes (N, C, …) or (C, …), not {what}")
    picked = []
    for n, (a, b) in zip(_last(input, pairs), pairs, strict=True):
        most = {"reflect": n - 1, "circular": n}.get(mode, max(a, b))
        if max(a, b) > most:
            raise RuntimeError(f"pad: {mode} by {a} and {b} of a dim of {n}: at most by {most}")
        own, wider = np.arange(n), (max(a, 0), max(b, 0))
        cut = slice(max(-a, 0), n + sum(wider) - max(-b, 0))
        if mode == "circular":  # continued from what is left
            own, cut = own[max(-a, 0) : n - max(-b, 0)], slice(None)
        picked.append(np.pad(own, wider, MODES[mode])[cut])  # type: ignore[call-overload]
    return getitem(input, index=(..., *np.ix_(*picked)))


class _Pad(Module):
    """The base of the paddings: the widths, given one by one or as one int."""

    dims: ClassVar[int]
    mode: ClassVar[str] = "constant"
    value: float | None = None

    def __init__(self, padding: int | Sequence[int]) -> None:
        super().__init__()
        several = isinstance(padding, Sequence)
        self.padding: Any = tuple(padding) if several else (padding,) * (2 * self.dims)  # type: ignore[arg-type]

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *size) or (C, *size), with wider dims."""
        return pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad1d(_Pad):
    """Zeros before and after the last dim."""

    dims, value = 1, 0.0


class ZeroPad2d(_Pad):
    """Zeros around the last two dims: widths (left, right, top, bottom)."""

    dims, value = 2, 0.0


class _ConstantPad(_Pad):
    """The base of the paddings with a constant."""

    def __init__(self, padding: int | Sequence[int], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """A constant before and after the last dim."""

    dims = 1


class ConstantPad2d(_ConstantPad):
    """A constant around the last two dims: widths (left, right, top, bottom)."""

    dims = 2


class ReflectionPad1d(_Pad):
    """The last dim mirrored at its ends."""

    dims, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """The last two dims mirrored at their ends."""

    dims, mode = 2, "reflect"


class ReplicationPad1d(_Pad):
    """The ends of the last dim repeated."""

    dims, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """The ends of the last two dims repeated."""

    dims, mode = 2, "replicate"


class CircularPad1d(_Pad):
    """The last dim continued from its other end."""

    dims, mode = 1, "circular"


class CircularPad2d(_Pad):
    """The last two dims continued from their other ends."""

    dims, mode = 2, "circular"

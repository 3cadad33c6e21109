"""Tensors as text, to the character as PyTorch prints them.

All numbers of a tensor are written alike and in columns: as ints with a dot if they are whole, with
four decimals if not, and in scientific notation if they differ too much, or are very large or
small. Of more than 1,000, only those at the edges are shown. `set_printoptions` changes all this.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .dtypes import DTYPES, Array, bool_, float32, int64


@dataclass
class Options:
    """How numbers are printed.

    precision   the number of decimals
    threshold   from how many elements on only the edges are shown
    edgeitems   how many are shown at each edge of a dim
    linewidth   the longest line, in characters
    sci_mode    scientific notation: always (True), never (False), or where it helps (None)
    """

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}
options = Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change how tensors are printed: first as a profile says (default, short or full).

    What is not given stays as it is, except sci_mode.
    """
    global options
    if profile is not None and profile not in PROFILES:
        raise ValueError(f"set_printoptions: profile is default, short or full, not {profile!r}")
    given = {
        "precision": precision, "threshold": threshold, "edgeitems": edgeitems,
        "linewidth": linewidth,
    }  # fmt: skip
    changed = (PROFILES[profile] if profile else {}) | {
        name: value for name, value in given.items() if value is not None
    }
    options = replace(options, **changed, sci_mode=sci_mode)


def text(x: Any, name: str = "tensor") -> str:
    """A tensor as text: its numbers, and what they do not say themselves."""
    value, indent, notes = x.value, len(name) + 1, []
    if not value.size and value.ndim != 1 or value.size and not options.edgeitems:
        notes.append(f"size={value.shape}")
    if value.dtype not in ((float32, int64, bool_) if value.size else (float32,)):
        notes.append(f"dtype={DTYPES.get(value.dtype, value.dtype)}")
    if x.call is not None:
        notes.append(f"grad_fn=<{backward_name(x)}>")
    elif x.requires_grad:
        notes.append("requires_grad=True")
    return _with_notes(f"{name}({numbers(value, indent)}", notes, indent) + ")"


def backward_name(x: Any) -> str:
    """PyTorch's name for the backward pass of the op that made a tensor: AddBackward0, say."""
    made = getattr(x, "grad_fn", None)
    words = x.call.op.__name__.strip("_").split("_")
    return type(made).__name__ if made else "".join(map(str.capitalize, words)) + "Backward0"


def _with_notes(written: str, notes: list[str], indent: int) -> str:
    """Notes after the numbers, each in the same line if that does not get too long."""
    length = len(written) - written.rfind("\n") + 1
    for note in notes:
        if length + len(note) + 2 > options.linewidth:
            written, length = f"{written},\n{' ' * indent}{note}", indent + len(note)
        else:
            written, length = f"{written}, {note}", length + len(note) + 2
    return written


def numbers(value: Array, indent: int) -> str:
    """An array in brackets; `indent` is where the first one is."""
    if not value.size:
        return "[]"
    cut = value.size > options.threshold
    number, width = _columns(_edges(value) if cut else value)
    return _rows(value, indent, cut, number, width)


def _rows(value: Array, indent: int, cut: bool, number: Callable[[Any], str], width: int) -> str:
    """The rows of an array, and theirs, down to the numbers."""
    if not value.ndim:
        return number(value.item())
    edge = options.edgeitems
    left_out = cut and (len(value) > 2 * edge or value.ndim == 1 and not edge)
    shown = [*value[:edge], *value[len(value) - edge :]] if left_out else list(value)
    if value.ndim == 1:
        rows, dots = [number(one.item()) for one in shown], " ..." if edge else "..."
    else:
        rows, dots = [_rows(row, indent + 1, cut, number, width) for row in shown], "..."
    if left_out:
        rows.insert(edge, dots)
    if value.ndim == 1:
        each = max(1, int((options.linewidth - indent) // (width + 2)))  # how many fit a line
        rows = [", ".join(rows[i : i + each]) for i in range(0, len(rows), each)]
    lines = "\n" * max(value.ndim - 1, 1)
    return "[" + f",{lines}{' ' * (indent + 1)}".join(rows) + "]"


def _edges(value: Array) -> Array:
    """The elements that are shown when the others are left out."""
    for dim, size in enumerate(value.shape):
        edge = options.edgeitems
        if size > 2 * edge:
            value = np.take(value, [*range(edge), *range(size - edge, size)], dim)
    return value


def _columns(value: Array) -> tuple[Callable[[Any], str], int]:
    """A function that writes a number as wide as the others of an array, and that width."""
    floats = value.dtype.kind == "f"
    sized = value[np.isfinite(value) & (value != 0)] if floats else value
    written: Callable[[Any], str] = _style(sized) if floats else str
    width = max([1, *map(len, map(written, sized.ravel().tolist()))])
    return lambda one: written(one).rjust(width), width


def _style(finite: Array) -> Callable[[float], str]:
    """How floats are written, given those that are finite and not 0."""
    whole = bool((finite == np.ceil(finite)).all())
    size = np.abs(finite.astype(float))
    least, most = size.min(initial=math.inf), size.max(initial=0)
    scientific = most > 1000 * least or most > 1e8 or least < 1e-4
    if finite.size and (scientific if options.sci_mode is None else options.sci_mode):
        return f"{{:.{options.precision}e}}".format
    if whole:
        return lambda one: f"{one:.0f}." if math.isfinite(one) else f"{one:.0f}"
    return f"{{:.{options.precision}f}}".format

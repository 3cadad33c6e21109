"""The place of a call, for drawings: in which module, and at which line of the caller's code."""

from __future__ import annotations

import os
import threading
from sys import _getframe
from types import CodeType
from typing import Any


class Scope:
    """One call of a module, made inside another module's call, or inside none.

    A graph keeps the modules alive in which it was made, because drawings ask for their names.
    """

    __slots__ = ("module", "outer")

    def __init__(self, module: Any, outer: Scope | None) -> None:
        self.module, self.outer = module, outer


# Where an op was called: in which call of a module, and by which instruction of the first code on
# the way out that is not minigrad's own. A plain tuple, because one is made for every call.
Place = tuple[Scope | None, CodeType, int]


class _Here(threading.local):
    """Where this thread is."""

    scope: Scope | None = None  # the module's call
    back: Place | None = None  # while a rule is recorded: the place of its op, where it belongs to


here = _Here()


class _Own(dict[str, bool]):
    """For each file, whether it is part of minigrad."""

    def __missing__(self, file: str) -> bool:
        self[file] = own = file.startswith(os.path.join(os.path.dirname(__file__), ""))
        return own


_own = _Own()


def place() -> Place:
    """The place of an op's call; asked for by a function that the op calls."""
    if here.back:
        return (here.scope, *here.back[1:])
    frame: Any = _getframe(3)
    while _own[(code := frame.f_code).co_filename] and frame.f_back:
        frame = frame.f_back
    return here.scope, code, frame.f_lasti


def line_of(place: Place) -> int:
    """The line of a place in its file."""
    _, code, instruction = place
    for start, end, line in code.co_lines():
        if start <= instruction < end and line is not None:
            return line
    return code.co_firstlineno

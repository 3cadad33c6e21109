"""The place of a call, for drawings: in which module, and at which line of the caller's code."""

from __future__ import annotations

import os
import threading
from sys import _getframe
from types import CodeType
from typing import Any, NamedTuple


class Scope:
    """One call of a module, made inside another module's call, or inside none.

    A graph keeps alive the modules in which it was made, because drawings ask for their names.
    """

    __slots__ = ("module", "outer")

    def __init__(self, module: Any, outer: Scope | None) -> None:
        self.module, self.outer = module, outer


class Place(NamedTuple):
    """Where an op was called: in which call of a module, and by which instruction of whose code.

    The code is that of the nearest caller outside minigrad. What a rule records is placed where its
    op was called; `rule_of` is then the module's call that this was in, and `scope` that of now.
    """

    scope: Scope | None
    code: CodeType
    instruction: int
    rule_of: Scope | None = None


class _Here(threading.local):
    """Where this thread is."""

    scope: Scope | None = None  # the module's call
    back: Any = None  # while a rule is recorded: the place of its op


here = _Here()


class _Own(dict[str, bool]):
    """For each file, whether it is part of minigrad."""

    def __missing__(self, file: str) -> bool:
        self[file] = own = file.startswith(os.path.join(os.path.dirname(__file__), ""))
        return own


_own = _Own()


def place() -> tuple[Any, ...]:
    """The place of an op's call, as a plain tuple: one is made for every op that is recorded."""
    if here.back:
        return (here.scope, *here.back[1:], here.back[0])[:4]
    try:
        frame: Any = _getframe(3)  # the caller of the op: this function, `made`, `call` are skipped
    except ValueError:  # a thread was started with the op itself
        frame = _getframe(2)
    while _own[(code := frame.f_code).co_filename] and frame.f_back:
        frame = frame.f_back
    return here.scope, code, frame.f_lasti

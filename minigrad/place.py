"""The place of a call: in which module, and by which line of whose code. Drawings ask for it."""

from __future__ import annotations

import os
import threading
from types import CodeType
from typing import Any


class Scope:
    """One call of a module, made within another one's, or within none."""

    __slots__ = ("module", "outer")

    def __init__(self, module: Any, outer: Scope | None) -> None:
        self.module, self.outer = module, outer


class _Here(threading.local):
    scope: Scope | None = None


here = _Here()  # the scope that this thread is in


class _Ours(dict[str, bool]):
    """Of each file, whether it is one of minigrad's own."""

    def __missing__(self, file: str) -> bool:
        self[file] = ours = file.startswith(os.path.dirname(__file__))
        return ours


ours = _Ours()


def line_of(code: CodeType, instruction: int) -> int:
    """The line in its file of an instruction in a code."""
    for start, end, line in code.co_lines():
        if start <= instruction < end and line is not None:
            return line
    return code.co_firstlineno

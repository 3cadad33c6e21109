"""The place of a call: in which module, and by which line of whose code. Drawings ask for it."""

from __future__ import annotations

import os
import threading
from types import CodeType
from typing import Any


class Scope:
    """One call of a module, made within another one's, or within none.

    A graph keeps the modules alive that it was made in: drawings ask for their names.
    """

    __slots__ = ("module", "outer")

    def __init__(self, module: Any, outer: Scope | None) -> None:
        self.module, self.outer = module, outer


class _Here(threading.local):
    """Where this thread is: in a module's call, or on the way back from an op's (`with here:`)."""

    scope: Scope | None = None
    back: Any = None  # the Call whose gradients are being recorded: they are made where it was

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.back = None


here = _Here()


class _Ours(dict[str, bool]):
    """Of each file, whether it is one of minigrad's own."""

    def __missing__(self, file: str) -> bool:
        self[file] = ours = file.startswith(os.path.join(os.path.dirname(__file__), ""))
        return ours


ours = _Ours()


def line_of(code: CodeType, instruction: int) -> int:
    """The line in its file of an instruction in a code."""
    for start, end, line in code.co_lines():
        if start <= instruction < end and line is not None:
            return line
    return code.co_firstlineno

"""The source that the explorer shows: of ops and their rules, and the lines that called them."""

from __future__ import annotations

import inspect
import linecache
from pathlib import PurePath
from textwrap import dedent
from types import CodeType
from typing import Any

from ..place import Place
from ..text import printable

LONG = 200  # lines are cut after this many characters


class Sources:
    """Keeps what it has looked up: a graph has many calls from few places."""

    def __init__(self) -> None:
        # By id: to hash code takes as long as the code, and the graph keeps it alive.
        self._numbers: dict[int, dict[int, int]] = {}
        self._excerpts: dict[tuple[int, int], dict[str, Any]] = {}
        self._files: dict[str, list[str]] = {}
        self._ops: dict[Any, dict[str, str]] = {}

    def op(self, op: Any) -> dict[str, str]:
        """An op's name, and the source of its forward and of its rule, where it is known."""
        if op not in self._ops:
            found = {part: _source(getattr(op, part)) for part in ("forward", "rule")}
            self._ops[op] = {"name": printable(op.__name__, LONG), **found}
        return self._ops[op]

    def excerpt(self, place: Place) -> dict[str, Any]:
        """The line of source that made a call, and its neighbours; the path is folder/file."""
        code = place.code
        if id(code) not in self._numbers:
            self._numbers[id(code)] = lines(code)
        line = self._numbers[id(code)].get(place.instruction, code.co_firstlineno)
        if (id(code), line) not in self._excerpts:
            self._excerpts[id(code), line] = self._around(code, line)
        return self._excerpts[id(code), line]

    def _around(self, code: CodeType, line: int) -> dict[str, Any]:
        path = PurePath(code.co_filename)
        short = "/".join([part for part in path.parts if part != path.anchor][-2:])
        found = {"file": short, "function": code.co_name}
        shown: dict[str, Any] = {key: printable(text, LONG) for key, text in found.items()}
        first = max(line - 1, 1)
        around = self._file(code.co_filename)[first - 1 : line + 1]
        if any(text.strip() for text in around):
            shown |= {"first": first, "lines": _safe("".join(around)).split("\n")}
        return shown | {"line": line}

    def _file(self, name: str) -> list[str]:
        if name not in self._files:
            try:
                linecache.checkcache(name)  # the file may have changed
                self._files[name] = linecache.getlines(name)
            except ValueError:  # a name that no file can have
                self._files[name] = []
        return self._files[name]


def lines(code: CodeType) -> dict[int, int]:
    """The line of each instruction, in the file of the code."""
    spans = code.co_lines()
    return {i: line for start, end, line in spans if line for i in range(start, end, 2)}


def _source(part: Any) -> str:
    try:
        return _safe(inspect.getsource(part))
    except (OSError, TypeError):  # defined at the prompt, or not in Python
        return ""


def _safe(text: str) -> str:
    """Lines of source without what does not print; only "\\n" ends a line, as it does in Python."""
    return "\n".join(
        printable(line, LONG) for line in dedent(text.expandtabs()).rstrip().split("\n")
    )

"""The sessions of a chapter: what stands in its ```python fences, run as a reader would type it.

A fence with `>>>` is typed, and what comes must be what stands there; one without is run, too,
and prints nothing. All fences of a chapter share their names, in a folder of their own. Code that
stands under a link to its file is shown only.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import html
import re
from collections import Counter
from pathlib import Path
from unittest import mock

import minigrad
from minigrad.graph import Op

FENCE = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
LINKED = re.compile(r'\.py "[^"]+"\)\n\n\Z')  # what stands before code that is shown only
PARSER = doctest.DocTestParser()


def fences(text: str) -> list[tuple[int, str]]:
    """The fences that are run, each with the number of lines before it."""
    return [
        (text.count("\n", 0, found.start(1)), found.group(1))
        for found in FENCE.finditer(text)
        if not LINKED.search(text, 0, found.start())
    ]


def examples(text: str) -> list[doctest.Example]:
    """What is typed, statement by statement, with what should come."""
    found = []
    for before, fence in fences(text):
        if fence.startswith(">>>"):
            typed = PARSER.get_examples(fence)
        else:
            lines, body = fence.splitlines(keepends=True), ast.parse(fence).body
            typed = [
                doctest.Example("".join(lines[first - 1 : node.end_lineno]), "", lineno=first - 1)
                for first, node in [(start(node), node) for node in body]
            ]
        for example in typed:
            example.lineno += before
        found += typed
    return found


def start(node: ast.stmt) -> int:
    """The number of the first line of a statement, its decorators included."""
    return min([node.lineno, *[d.lineno for d in getattr(node, "decorator_list", [])]])


def run(chapter: Path, folder: Path) -> str:
    """Run a chapter's session in a folder; returns what went wrong, in words, or nothing.

    The chapter's pictures, and the pages to explore them, are then in `folder/pictures`.
    """
    text = chapter.read_text(encoding="utf-8")
    test = doctest.DocTest(examples(text), {}, chapter.stem, str(chapter), 0, None)
    said: list[str] = []
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    minigrad.manual_seed(0)
    with contextlib.chdir(folder), mock.patch.dict(Op.registry):  # its ops are gone after it
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    return "".join(said)


def shown(svg: Path) -> Counter[str]:
    """What is in a picture, wherever it is: texts, colours, widths of lines, and what leads where.

    So a picture is the same, whichever Graphviz or matplotlib laid it out.
    """
    text = svg.read_text(encoding="utf-8")
    body = text[text.index("<svg") :].replace('"transparent"', '"none"')
    parts = re.findall(r">([^<>]*\S[^<>]*)<", body)  # texts and titles
    parts += re.findall(r"<!--([^<>]*\S[^<>]*)-->", body)  # the texts that matplotlib outlines
    parts += re.findall(r'(?:fill|stroke|stroke-width)="[^"]+"', body)
    return Counter(html.unescape(part).strip() for part in parts)

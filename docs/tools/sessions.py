"""The sessions of a chapter: its ```python fences, run as if a reader had typed them.

A fence with `>>>` is a doctest. A fence without is executed, and must print nothing. All fences of
a chapter share one namespace and run in an empty folder. Code under a link to its file is not run.
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
LINKED = re.compile(r'\.py "[^"]+"\)\n\n\Z')  # the link above code that is not run
PARSER = doctest.DocTestParser()


def fences(text: str) -> list[tuple[int, str]]:
    """The fences to run, each with the number of lines before it."""
    return [
        (text.count("\n", 0, found.start(1)), found.group(1))
        for found in FENCE.finditer(text)
        if not LINKED.search(text, 0, found.start())
    ]


def examples(text: str) -> list[doctest.Example]:
    """All fences as doctest examples, one per statement."""
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
    """The number of a statement's first line, counting its decorators."""
    return min([node.lineno, *[d.lineno for d in getattr(node, "decorator_list", [])]])


def run(chapter: Path, folder: Path) -> str:
    """Run a chapter's session in a folder. Returns a description of what failed, or "".

    The pictures that the chapter saves, and their explorer pages, are then in `folder/pictures`.
    """
    text = chapter.read_text(encoding="utf-8")
    test = doctest.DocTest(examples(text), {}, chapter.stem, str(chapter), 0, None)
    report: list[str] = []
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    minigrad.manual_seed(0)
    with contextlib.chdir(folder), mock.patch.dict(Op.registry):  # removes its ops afterwards
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    return "".join(report)


def shown(svg: Path) -> Counter[str]:
    """The contents of a picture, without positions: its texts, colours, line widths and arrows.

    They are equal for two pictures of one graph, even from different versions of Graphviz or
    matplotlib. In pictures of words, the widths of lines and percentages do not count: they are the
    weights of models trained in the session, whose last digits differ from machine to machine.
    """
    text = svg.read_text(encoding="utf-8")
    body = text[text.index("<svg") :].replace('"transparent"', '"none"')
    parts = re.findall(r">([^<>]*\S[^<>]*)<", body)  # texts and titles
    parts += re.findall(r"<!--([^<>]*\S[^<>]*)-->", body)  # the texts that matplotlib outlines
    parts += re.findall(r'(?:fill|stroke|stroke-width)="[^"]+"', body)
    if 'class="diagram"' in body[:300]:
        parts = [part for part in parts if not re.match(r"stroke-width|\d+%$", part)]
    return Counter(html.unescape(part).strip() for part in parts)

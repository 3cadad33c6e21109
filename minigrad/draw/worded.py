"""Tensors with words, in Graphviz's HTML: numbers and heat maps with named rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..dtypes import Array
from . import arrays, labels
from .words import Axes

COLUMNS = {"i": 8, "f": 5}  # the most numbers in a line: floats have more digits
CELL = 14  # the side of a heat map's cell, in points
SHORT, MANY = 6, 10  # words over more columns than MANY are cut after SHORT characters, or half
# From 0 to the largest absolute value: below 0 and above.
BELOW, ABOVE = (3, 105, 161), (194, 65, 12)


def table(value: Array, grad: Array | None, words: Axes) -> str:
    """All numbers of a short tensor, or heat maps of a larger one; "" for many floats in a line."""
    row, column = arrays.sides(value.shape)
    if row is None and value.dtype.kind == "f" and value.size > MANY:
        return ""
    if row is None and value.size <= arrays.WORDS:
        return _table(_line(value, grad, words[column]), space=3)
    rows = list(_maps(value, words, row, column))
    return _table(
        rows + ([labels.summary_lines("grad", grad)] if grad is not None else []), space=2
    )


def _table(rows: Iterable[str], space: int) -> str:
    body = "".join(f"<TR>{row}</TR>" for row in rows)
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="{space}">{body}</TABLE>'


def _line(value: Array, grad: Array | None, words: Sequence[str] | None) -> Iterator[str]:
    """The numbers of a vector, each under its word."""
    columns = COLUMNS.get(value.dtype.kind, 8)
    for first in range(0, value.size, columns):
        part = range(first, min(first + columns, value.size))
        yield _row("", [labels.quiet(labels.escaped(words[i])) if words else "" for i in part])
        yield _row("value", [labels.number(value.flat[i]) for i in part])
        if grad is not None:
            yield _row("grad", [labels.number(grad.flat[i]) for i in part])


def _row(title: str, cells: Sequence[str]) -> str:
    return "".join(f'<TD ALIGN="RIGHT">{cell}</TD>' for cell in (labels.quiet(title), *cells))


def _maps(value: Array, words: Axes, row: int | None, column: int) -> Iterator[str]:
    """Heat maps on one scale, one below the other, and what the colours mean."""
    found = arrays.heat_map(value, words)
    maps, high = found.get("maps", 1), found["rows"] // found.get("maps", 1)
    wide = len(found["map"]) // found["rows"]
    down = _names(words[row] if row is not None else None, high)
    across = _names(words[column], wide)
    if wide > MANY:
        most = SHORT if wide <= 2 * MANY else SHORT // 2
        across = [word if len(word) <= most else f"{word[: most - 1]}…" for word in across]
    lines = [found["map"][i : i + wide] for i in range(0, len(found["map"]), wide)]
    titles = _titles(value, words, row, maps + found.get("left", 0))
    for i in range(maps):
        head = [labels.quiet(labels.escaped(word)) for word in (titles[i], *across)]
        body = [
            f'<TD ALIGN="RIGHT">{labels.quiet(labels.escaped(word))}</TD>'
            + "".join(map(_cell, line))
            for word, line in zip(down, lines[i * high :], strict=False)
        ]
        parts = ["".join(f"<TD>{word}</TD>" for word in head)] + body
        yield f"<TD>{_table(parts, space=1)}</TD>"
    means = found.get("block")
    said = [f"colours from −{found['scale']} to {found['scale']}"]
    said += [f"a cell is the mean of up to {means[0]} × {means[1]} numbers"] if means else []
    yield f"<TD>{labels.quiet('; '.join(said))}</TD>"


def _titles(value: Array, words: Axes, row: int | None, maps: int) -> list[str]:
    """The title of each map: the word of its axis, or its number."""
    before = [axis for axis, size in enumerate(value.shape[: row or 0]) if size > 1]
    if len(before) == 1 and (named := words[before[0]]):
        return list(named)
    return [f"{i + 1} of {maps}" if maps > 1 else "" for i in range(maps)]


def _names(words: Sequence[str] | None, cells: int) -> list[str]:
    """The word that each cell begins with; empty without words."""
    return [words[i * len(words) // cells] if words else "" for i in range(cells)]


def _cell(level: str) -> str:
    if level == arrays.BAD:
        return f'<TD WIDTH="{CELL}" HEIGHT="{CELL}" BGCOLOR="{labels.ALARM}"></TD>'
    middle = len(arrays.LEVELS) // 2
    share = arrays.LEVELS.index(level) / middle - 1
    end = BELOW if share < 0 else ABOVE
    color = "".join(f"{round(255 + (part - 255) * abs(share)):02x}" for part in end)
    return f'<TD WIDTH="{CELL}" HEIGHT="{CELL}" BGCOLOR="#{color}"></TD>'

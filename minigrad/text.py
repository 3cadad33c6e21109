"""Text that others wrote, such as names and sentences, made safe to print."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice


def printable(text: str, most: int | None = None) -> str:
    """The text with its unprintable characters (a newline, say) escaped as in Python.

    So it cannot start a new line, move the cursor or change the direction of writing, and can be
    written in any encoding of Unicode. If it is then longer than `most` characters, its middle is
    left out.
    """
    # Cut before as well, so that a huge text is not escaped only to be cut.
    escaped = [c if c.isprintable() else ascii(c)[1:-1] for c in _cut(text, most)]
    return _cut("".join(escaped), most)


def listed(names: Collection[object], most: int = 50) -> str:
    """Names that others gave, one after another; only the first ones, if there are many."""
    shown = [printable(str(name), 100) for name in islice(names, most)]
    return ", ".join(shown) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def _cut(text: str, most: int | None) -> str:
    """The text without its middle, if it is longer than `most` characters."""
    if most is None or len(text) <= most:
        return text
    first, last = most // 2, (most - 1) // 2
    return f"{text[:first]}…{text[len(text) - last :]}"

"""Text that others wrote, such as names and sentences, made safe to print."""

from __future__ import annotations


def printable(text: str, most: int | None = None) -> str:
    """The text with its unprintable characters (a newline, say) escaped as in Python.

    So it cannot start a new line, move the cursor or change the direction of writing. If it is
    longer than `most` characters, its middle is left out.
    """
    if most is not None and len(text) > most:
        end = (most - 1) // 2
        text = f"{text[: most - 1 - end]}…{text[len(text) - end :]}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)

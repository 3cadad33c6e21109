"""Plain text in columns, as a terminal shows it: a Hangul letter is two columns wide."""

import unicodedata
from statistics import median

from minigrad.text import printable

JOINER = "\u200d"  # between emoji that make one
MODIFIERS = frozenset(map(chr, range(0x1F3FB, 0x1F400)))  # the colour of the emoji before
# Vowels and final consonants that join the consonant before them in one block.
JAMO = frozenset(map(chr, [*range(0x1160, 0x1200), *range(0xD7B0, 0xD7FC)]))
MOST_LETTERS = 100  # of an entry


def width(text):
    """The number of columns that the text takes in a terminal."""
    columns, before = 0, ""
    for c in text:
        joined = before == JOINER or (before and c in MODIFIERS)
        invisible = unicodedata.category(c) in ("Mn", "Me", "Cf", "Cc")
        if not (joined or invisible or c in JAMO):
            columns += 2 if unicodedata.east_asian_width(c) in "WF" else 1
        before = c
    return columns


def padded(text, columns):
    """The text, with spaces up to this number of columns."""
    return text + " " * (columns - width(text))


def table(header, rows, digits=2):
    """Lines of columns, each as wide as its widest entry; numbers are aligned on the right.

    header  the title of each column
    rows    a list of entries per row: text or numbers; floats are shown with `digits` digits,
            None as a dash
    """
    header = [shown(title, digits) for title in header]
    texts = [[shown(entry, digits) for entry in row] for row in rows]
    right = [any(isinstance(row[i], int | float) for row in rows) for i in range(len(header))]
    wide = [max(map(width, column)) for column in zip(header, *texts, strict=True)]
    lines = []
    for row in [header, *texts]:
        cells = []
        for text, columns, at_right in zip(row, wide, right, strict=True):
            room = " " * (columns - width(text))
            cells.append(room + text if at_right else text + room)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def shown(entry, digits):
    """A table's entry as text that can be printed."""
    if entry is None:
        return "-"
    if isinstance(entry, float):
        return f"{entry:,.{digits}f}"
    return printable(str(entry), MOST_LETTERS)


def spread(values, digits=2):
    """The text "median (min to max)" of the values that are not None; None if there are none."""
    values = [value for value in values if value is not None]
    if not values:
        return None
    middle, least, most = (f"{f(values):.{digits}f}" for f in (median, min, max))
    return f"{middle} ({least} to {most})"

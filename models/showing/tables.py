"""Plain-text tables; a Hangul letter is two columns wide."""

import unicodedata
from statistics import median


def width(text):
    """The number of columns that the text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def table(header, rows, digits=2):
    """Lines of columns, each as wide as its widest entry; numbers are aligned on the right.

    header  the title of each column
    rows    a list of entries per row: text or numbers; floats are shown with `digits` digits,
            None as a dash
    """
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
    """A table's entry as text."""
    if entry is None:
        return "-"
    return f"{entry:,.{digits}f}" if isinstance(entry, float) else str(entry)


def spread(values, digits=2):
    """The text "median (min to max)" of the values that are not None; None if there are none."""
    values = [value for value in values if value is not None]
    if not values:
        return None
    middle, least, most = (f"{f(values):.{digits}f}" for f in (median, min, max))
    return f"{middle} ({least} to {most})"

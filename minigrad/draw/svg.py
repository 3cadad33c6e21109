"""What Graphviz leaves out of its SVG: a title, and the widths of texts in any browser's font."""

from __future__ import annotations

import re

# The advance widths of Helvetica, in thousandths of the font's size, from " " to "~": Adobe's font
# metrics. Graphviz makes room for these, and a font that a browser takes instead may be wider.
PLAIN = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 "
    "556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 "
    "722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 "
    "556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 "
    "260 334 584"
)
BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 "
    "556 556 556 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 "
    "722 778 667 778 722 667 611 722 667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 "
    "556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500 389 "
    "280 389 584"
)
OTHER = {"\xa0": 278, "·": 278, "×": 584, "±": 584, "−": 584, "…": 1000, "≥": 549}
PLAINS = OTHER | {chr(32 + i): int(width) for i, width in enumerate(PLAIN.split())}
BOLDS = OTHER | {chr(32 + i): int(width) for i, width in enumerate(BOLD.split())}
TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>")
SIZE = re.compile(r'font-size="([\d.]+)"')


def finished(svg: str, title: str = "") -> str:
    """Graphviz's SVG with text widths; and with a title, which browsers show and say, if given."""
    import html  # slow to load

    if title:
        label = html.escape(title)
        svg = re.sub(
            "<svg([^>]*)>",
            lambda start: f'<svg role="img"{start[1]}>\n<title>{label}</title>',
            svg,
            count=1,
        )
    return TEXT.sub(_fitted, svg)


def _fitted(text: re.Match[str]) -> str:
    """A text element with the width that Graphviz has made room for, if it is Latin."""
    import html

    look, words = text.groups()
    width, size = measured(html.unescape(words), "bold" in look), SIZE.search(look)
    if not width or not size:
        return text[0]
    length = f'textLength="{width * float(size[1]) / 1000:.4g}" lengthAdjust="spacingAndGlyphs"'
    return f"<text {look} {length}>{words}</text>"


def measured(words: str, bold: bool = False) -> int:
    """The width of a text in Helvetica, in thousandths of the font's size; 0 if it is not known."""
    widths = BOLDS if bold else PLAINS
    return sum(widths[c] for c in words) if all(c in widths for c in words) else 0

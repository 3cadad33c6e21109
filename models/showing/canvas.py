"""A canvas for pictures: boxes, lines and texts, as SVG, in light and in dark."""

import math
import unicodedata
from html import escape
from pathlib import Path
from typing import NamedTuple

from minigrad.files import write_atomically

from . import plots

FONTS = "Helvetica, Arial, 'Noto Sans KR', 'Apple SD Gothic Neo', 'Malgun Gothic', sans-serif"
SIZE, SMALL, GAP = 15, 12, 12  # of letters and between boxes, in px
CELL = 46  # px: how wide a number of a vector is
WIDEST = 9  # px: the line of an attention weight of 1

# What each colour means: (fill, outline) in light and in dark.
COLOURS = {
    "token": (("#f1f5f9", "#64748b"), ("#273449", "#94a3b8")),
    "state": (("#d6ebfa", "#0369a1"), ("#0c3a57", "#7cc4ee")),
    "output": (("#fef6e4", "#b45309"), ("#4a2f0a", "#f0b357")),
    "query": (("#fde4d6", "#c2410c"), ("#54230d", "#fb9a66")),
    "key": (("#d6ebfa", "#0369a1"), ("#0c3a57", "#7cc4ee")),
    "value": (("#d5f2e6", "#047857"), ("#0b4231", "#5ed6a9")),
    "layer": (("#e0e7ff", "#4338ca"), ("#2a2861", "#a5b4fc")),
    "blocked": (("#ffffff", "#cbd5e1"), ("#141b27", "#475569")),
}
INKS = {"ink": ("#1f2937", "#e5e7eb"), "quiet": ("#475569", "#b6c2d1")}
LINES = {"arrow": ("#64748b", "#94a3b8"), "weight": ("#0072b2", "#7cc4ee")}
PAPER = ("#ffffff", "#141b27")


def _style(of):
    """The rules of one of the two looks: 0 is light, 1 is dark."""
    rules = [f".diagram .paper{{fill:{PAPER[of]}}}"]
    for name, looks in COLOURS.items():
        rules.append(f".diagram .{name}{{fill:{looks[of][0]};stroke:{looks[of][1]}}}")
    rules += [f".diagram .{name}{{fill:{ink[of]}}}" for name, ink in INKS.items()]
    rules += [f".diagram .{name}{{stroke:{ink[of]};fill:none}}" for name, ink in LINES.items()]
    return "".join([*rules, f".diagram .head{{fill:{LINES['arrow'][of]}}}"])


LIGHT, DARK = _style(0), f"@media (prefers-color-scheme:dark){{{_style(1)}}}"


class Diagram(NamedTuple):
    """An SVG picture: `svg` is its text; notebooks show it by themselves."""

    svg: str

    def __repr__(self):
        return f"<Diagram: {len(self.svg):,} characters of SVG>"

    def save(self, path):
        """Write the picture to a file that ends in .svg, and return its path."""
        path = Path(path)
        if path.suffix != ".svg":
            raise ValueError(f"save: {path} must end in .svg")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, self.svg.encode())
        return path

    def _repr_svg_(self):
        return self.svg


class Canvas:
    """Shapes and texts by coordinates in px, from the upper left corner."""

    def __init__(self):
        self.parts, self.right, self.bottom = [], 0.0, 0.0

    def _reach(self, x, y):
        self.right, self.bottom = max(self.right, x), max(self.bottom, y)

    def text(self, x, y, text, look="ink", size=SIZE, anchor="middle"):
        """A text whose vertical middle is y, and whose middle (or start, or end) is x."""
        ahead = {"start": 1, "middle": 0.5, "end": 0}[anchor] * width(text, size)
        self._reach(x + ahead, y + size / 2)
        text = str(text)
        if any(unicodedata.east_asian_width(c) in "WF" for c in text):
            self.parts.append(outlined(text, x, y + 0.35 * size, size, look, anchor))
            return
        self.parts.append(
            f'<text class="{look}" x="{x:.1f}" y="{y + 0.35 * size:.1f}" font-size="{size}" '
            f'text-anchor="{anchor}">{escape(text, quote=False)}</text>'
        )

    def box(self, x, y, wide, high, text="", look="token", size=SIZE, round=6):
        """A box around the middle (x, y), with a text in it."""
        self._reach(x + wide / 2, y + high / 2)
        self.parts.append(
            f'<rect class="{look}" x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" '
            f'width="{wide:.1f}" height="{high:.1f}" rx="{round}"/>'
        )
        if text != "":
            self.text(x, y, text, size=size)

    def line(self, *points, look="arrow", wide=1.5, head=False):
        """A line through points, with or without an arrowhead."""
        for x, y in points:
            self._reach(x, y)
        path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.parts.append(f'<path class="{look}" stroke-width="{wide:.1f}" d="{path}"/>')
        if head:
            (x0, y0), (x, y) = points[-2:]
            length = math.hypot(x - x0, y - y0) or 1.0
            dx, dy = 7 * (x - x0) / length, 7 * (y - y0) / length
            corners = f"{x:.1f} {y:.1f} {x - dx - dy / 2:.1f} {y - dy + dx / 2:.1f}"
            corners += f" {x - dx + dy / 2:.1f} {y - dy - dx / 2:.1f}"
            self.parts.append(f'<polygon class="head" points="{corners}"/>')

    def curve(self, start, end, wide, look="weight"):
        """A curve from one point to another, both ends vertical."""
        (x0, y0), (x1, y1) = start, end
        middle = (y0 + y1) / 2
        path = f"M{x0:.1f} {y0:.1f} C{x0:.1f} {middle:.1f} {x1:.1f} {middle:.1f} {x1:.1f} {y1:.1f}"
        self.parts.append(
            f'<path class="{look}" stroke-width="{wide:.1f}" stroke-opacity="0.75" d="{path}"/>'
        )

    def numbers(self, x, y, vector, look, cell=CELL):
        """The numbers of a vector, as cells that begin at x. Returns where they end."""
        for i, number in enumerate(vector):
            self.box(x + (i + 0.5) * cell, y, cell, 26, short(number), look, SMALL, round=0)
        return x + len(vector) * cell

    def diagram(self, title):
        """The picture, with a title for those who cannot see it."""
        wide, high = math.ceil(self.right + GAP), math.ceil(self.bottom + GAP)
        return Diagram(
            f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" width="{wide}" '
            f'height="{high}" viewBox="0 0 {wide} {high}" font-family="{FONTS}" role="img">'
            f"<title>{escape(title)}</title><style>{LIGHT}{DARK}</style>"
            f'<rect class="paper" width="{wide}" height="{high}"/>{"".join(self.parts)}</svg>\n'
        )


def width(text, size=SIZE):
    """About how wide a text is, in px: Hangul is as wide as it is high, other letters half."""
    wide = (1.0 if unicodedata.east_asian_width(c) in "WF" else 0.56 for c in str(text))
    return size * sum(wide)


def outlined(text, x, y, size, look, anchor):
    """A text as outlines, because many machines have no Korean font; the text is in a comment."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path as Outline
    from matplotlib.textpath import TextPath

    plots.fonts()
    outline = TextPath((0, 0), text, size=size, prop=FontProperties(family=plots.HANGUL))
    x -= {"start": 0, "middle": 0.5, "end": 1}[anchor] * outline.get_extents().x1
    letters = {Outline.MOVETO: "M", Outline.LINETO: "L", Outline.CURVE3: "Q", Outline.CURVE4: "C"}
    parts = []
    for points, code in outline.iter_segments(simplify=False):
        numbers = " ".join(f"{n:.2f}" for n in points)
        parts.append("Z" if code == Outline.CLOSEPOLY else letters[code] + numbers)
    return (
        f'<g class="{look}" transform="translate({x:.1f} {y:.1f}) scale(1 -1)">'
        f'<!--{text.replace("--", "- -")}--><path d="{"".join(parts)}"/></g>'
    )


def short(number):
    """A number in at most five characters, with a true minus sign."""
    text = f"{number:.2f}".rstrip("0").rstrip(".") if abs(number) < 100 else f"{number:.0f}"
    return "0" if text in ("-0", "") else text.replace("-", "−")

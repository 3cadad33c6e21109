"""Pictures: heat maps of attention weights, training curves, medians of experiments."""

import importlib.util
import io
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np

from minigrad.draw import Drawing
from minigrad.files import write_atomically
from minigrad.text import printable

from .language import said
from .tables import width as columns_of

HANGUL = "NanumGothic"  # comes with koreanize-matplotlib, so that every machine can draw 금요일
FONTS = ["DejaVu Sans", HANGUL]
INK, LINE, FAINT = "#1f2937", "#0369a1", "#bae0f5"
FRAME = "#d55e00"  # around cells of a heat map
SIZE = 12  # of letters, in points; a figure is at most 10 inches wide, so that a page can show them
RESOLUTION, MOST_PIXELS = 160, 4_000  # of a PNG: dots per inch, and pixels of its longer side
UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}  # the same bytes every time

# Heat maps. Cells are CELL inches wide and high in small ones. In large ones they are smaller, so
# that the map is not larger than MAP inches, but a word still has the room that it needs.
MOST_NUMBERS = 12  # the largest heat map, in rows or columns, that shows numbers
MOST_WORDS = 200  # with a cell per word; if there are more, a cell is a block of words
BLOCKS = 60  # the most blocks in rows or columns
ACROSS = 4  # heat maps side by side
CELL, SMALL_CELL, MAP = (0.62, 0.42), 0.25, 16.0
NUMBER = 0.4  # inches: narrower cells show no number
LONG, MOST_LETTERS = 15, 30  # of a label: for more letters than LONG the picture is larger
BOX = "□"  # a letter that no font has


def style(color, linestyle, marker):
    """How a line looks, as settings of matplotlib's `plot`."""
    return {"color": color, "linestyle": linestyle, "marker": marker}


# One look has one meaning in all figures. The colours are safe for the colour-blind (Okabe and Ito
# 2008), and in grey the lines differ by lightness, line style and marker.
WITH = style("#0072b2", "-", "o")  # with what a figure is about: attention, gates, dropout, 1/√d
WITHOUT = style("#d55e00", "--", "s")  # without it
PARTLY = style("#e69f00", "-.", "^")  # in between, such as a GRU
TRANSFORMER = style("#009e73", "-.", "^")
BARE = style("#6b7280", ":", "D")  # embeddings that attend without Query, Key and Value
MORE = (  # of something that is counted, such as layers: the more, the darker
    style("#b094d6", ":", "D"),
    style("#8b62c4", "-.", "^"),
    style("#5e35b1", "--", "s"),
    style("#2f1663", "-", "o"),
)
CHANCE = {"color": INK, "linewidth": 1.5, "linestyle": (0, (1, 2))}  # what guessing would reach


def variant(look):
    """The look of a variant of the same thing: hollow, with another line style."""
    return look | {"markerfacecolor": "white", "linestyle": ":"}


def dots(look):
    """The look without lines: one dot per seed."""
    return look | {"linestyle": "", "alpha": 0.6}


def figure(width, height, columns=1, rows=1, **settings):
    """An empty figure (size in inches) and its axes (an array if there are several).

    Text is drawn as outlines, so an SVG needs no font. `settings` are those of matplotlib's
    `subplots`.
    """
    import matplotlib
    from matplotlib.figure import Figure

    fonts()
    matplotlib.rcParams.update({
        "font.family": FONTS, "font.size": SIZE, "text.color": INK,
        "axes.edgecolor": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
        "axes.titlesize": SIZE, "figure.titlesize": 14, "legend.fontsize": 11,
        "svg.fonttype": "path", "svg.hashsalt": "minigrad", "figure.dpi": 100,
    })  # fmt: skip
    fig = Figure(figsize=(width, height), layout="constrained")
    return fig, fig.subplots(rows, columns, **settings)


def save(picture, path):
    """Write a figure or a drawing in the format of the path's suffix; the same bytes every time."""
    path = Path(path)
    if isinstance(picture, Drawing):
        return picture.save(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    kind, content = path.suffix[1:].lower(), io.BytesIO()
    dpi = min(RESOLUTION, MOST_PIXELS / max(picture.get_size_inches()))
    picture.savefig(content, format=kind, dpi=dpi, metadata=UNDATED.get(kind))
    write_atomically(path, content.getvalue())
    return path


def median_and_band(ax, x, values, label, look):
    """The median over the seeds as a line, with a band from minimum to maximum.

    values (points, seeds)
    """
    values = np.asarray(values, float)
    ax.fill_between(x, values.min(1), values.max(1), color=look["color"], alpha=0.2, linewidth=0)
    ax.plot(x, np.median(values, 1), label=label, markersize=5, linewidth=2, **look)
    ax.spines[["top", "right"]].set_visible(False)


def heat_map(weights, rows, columns, row_title, column_title, title=""):
    """Weights (rows, columns) from 0 to 1 as shades of one colour, labelled with the words."""
    width, height = (
        max(3.0, 1.6 + size_of(columns, CELL[0])),
        max(2.2, 1.3 + size_of(rows, CELL[1])),
    )
    fig, ax = figure(width + room(rows) + room(columns), height + room(columns))
    image = paint(ax, weights, rows, columns, row_title, column_title, title, strongest([weights]))
    scale(fig, image, ax)
    return fig


def heat_maps(maps, rows, columns, row_title, column_title, cell=0.5):
    """Several heat maps of the same words, ACROSS side by side; `maps` has the weights by title.

    cell: the width of a cell in inches; narrow ones have no room for numbers.
    """
    width, height = max(3.0, 1.2 + size_of(columns, cell)), max(2.2, 1.6 + size_of(rows, CELL[1]))
    across = min(len(maps), ACROSS)
    down = -(-len(maps) // across)
    width, height = (width + room(rows) + room(columns)) * across, (height + room(columns)) * down
    fig, axes = figure(width, height, columns=across, rows=down, squeeze=False)
    most = strongest(maps.values())
    for ax in axes.flat[len(maps) :]:
        ax.remove()
    for i, (title, weights) in enumerate(maps.items()):
        titles = "" if i % across else row_title, column_title  # the rows' only on the left
        image = paint(axes.flat[i], weights, rows, columns, *titles, title, most, cell)
    scale(fig, image, list(axes.flat[: len(maps)]))
    return fig


def size_of(words, cell):
    """The width or height of all cells together, in inches; `cell` is that of one, if few."""
    count = len(words) if len(words) <= MOST_WORDS else BLOCKS
    return min(count * cell, max(MAP, count * SMALL_CELL))


def room(words):
    """The inches that the longest of these labels needs beyond those that every map has."""
    return max(0, max(columns_of(label(word)) for word in words) - LONG) * 0.1


def strongest(maps):
    """The weight that is darkest: 1, or the largest one if so many words share their weights."""
    maps = [np.asarray(weights) for weights in maps]
    return 1 if max(maps[0].shape) <= BLOCKS else max(weights.max() for weights in maps)


def paint(ax, weights, rows, columns, row_title, column_title, title="", most=1, cell=CELL[0]):
    """Draw a heat map on these axes, with colours from 0 to `most`; returns its image.

    Darker is larger, so it also works in grey. Small maps show the numbers. If there are more than
    MOST_WORDS words, each cell is the largest weight of a block of them, and the title says so.
    """
    from .cells import Cells

    weights = np.asarray(weights)
    steps = [1 if n <= MOST_WORDS else -(-n // BLOCKS) for n in weights.shape]
    names = [labels(words, step) for words, step in zip((rows, columns), steps, strict=True)]
    if max(steps) > 1:
        weights = blocks(weights, steps)
        title = f"{title}\n{said('largest weights of {} × {} words each', *steps)}".strip()
    image = Cells(ax, weights, most)
    slanted = {"rotation": 45, "ha": "left", "rotation_mode": "anchor"}
    if len(columns) <= 6 and not room(columns):
        slanted = {}
    ax.set_xticks(range(len(names[1])), names[1], **slanted)
    ax.set_yticks(range(len(names[0])), names[0])
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(label(column_title), labelpad=8)
    ax.set_ylabel(label(row_title))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    if max(weights.shape) <= MOST_NUMBERS and cell >= NUMBER:
        for (i, j), weight in np.ndenumerate(weights):
            colour = "white" if weight > 0.55 else INK
            ax.text(j, i, f"{weight:.2f}", ha="center", va="center", color=colour, fontsize=9)
    if title:
        ax.set_title("\n".join(label(line, most=80) for line in title.split("\n")))
    return image


def blocks(weights, steps):
    """The largest weight of each block of steps[0] rows and steps[1] columns."""
    for axis, (length, step) in enumerate(zip(weights.shape, steps, strict=True)):
        weights = np.maximum.reduceat(weights, np.arange(0, length, step), axis=axis)
    return weights


def labels(words, step):
    """The words as labels; for blocks of `step` words, the first of each, with its number."""
    if step == 1:
        return [label(word) for word in words]
    return [f"{i + 1}: {label(words[i])}" for i in range(0, len(words), step)]


def label(text, most=MOST_LETTERS):
    """The text as Matplotlib can show it, in one line: a letter that no font has becomes a box.

    A $ would begin a formula, so a backslash that is not shown comes before it.
    """
    letters = unicodedata.normalize("NFC", printable(text, most))
    missing = {c: "" if unicodedata.category(c)[0] == "M" else BOX for c in set(letters)}
    return "".join(c if in_a_font(c) else missing[c] for c in letters).replace("$", r"\$")


@cache
def in_a_font(letter):
    """True if one of the fonts of `figure` has the letter."""
    return any(font.get_char_index(ord(letter)) for font in fonts())


@cache
def fonts():
    """The fonts of `figure`; matplotlib knows them from now on."""
    from matplotlib import font_manager

    if HANGUL not in font_manager.get_font_names():
        package = importlib.util.find_spec("koreanize_matplotlib")
        font_manager.fontManager.addfont(Path(package.origin).parent / "fonts" / f"{HANGUL}.ttf")
    return [font_manager.get_font(font_manager.findfont(name)) for name in FONTS]


def scale(fig, image, axes):
    """Add a colour bar to heat maps that show no numbers."""
    if not any(ax.texts for ax in np.atleast_1d(axes)):
        bar = fig.colorbar(image, ax=axes, label=said("weight"), shrink=0.8)
        bar.solids.set(rasterized=False, edgecolor="face", linewidth=1.5)  # vectors, no seams


def frame(ax, cells):
    """Draw frames around cells (row, column) of a heat map."""
    from matplotlib.patches import Rectangle

    for row, column in cells:
        corner = column - 0.45, row - 0.45
        ax.add_patch(Rectangle(corner, 0.9, 0.9, fill=False, linewidth=2, color=FRAME))


def loss_curve(steps, losses, title=""):
    """The loss of every step on a log scale, and its running mean."""
    fig, ax = figure(7, 3.6)
    losses = np.asarray(losses, float)
    span = max(1, len(losses) // 40)
    mean = np.convolve(losses, np.ones(span) / span, mode="valid")
    marker = "o" if len(losses) == 1 else None
    ax.plot(steps, losses, color=FAINT, linewidth=1, marker=marker, label="each step")
    average = f"mean of {span} step{'s' * (span > 1)}"
    ax.plot(steps[span - 1 :], mean, color=LINE, linewidth=2, label=average)
    ax.set_yscale("log")
    ax.set_xlabel("training step")
    ax.set_ylabel("loss (cross-entropy)")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False)
    if title:
        ax.set_title(title)
    return fig

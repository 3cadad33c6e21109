"""Pictures: heat maps of attention weights, training curves, medians of experiments."""

import importlib.util
from pathlib import Path

import numpy as np

from minigrad.draw import Drawing

HANGUL = "NanumGothic"  # comes with koreanize-matplotlib, so that every machine can draw 금요일
INK, LINE, FAINT = "#1f2937", "#0369a1", "#bae0f5"
MOST_NUMBERS = 12  # the largest heat map, in rows or columns, that shows numbers
# A colour-blind-safe palette (Okabe and Ito 2008) that also works in grey, by lightness, line style
# and marker.
STYLES = (
    {"color": "#0072b2", "linestyle": "-", "marker": "o"},
    {"color": "#d55e00", "linestyle": "--", "marker": "s"},
    {"color": "#009e73", "linestyle": "-.", "marker": "^"},
    {"color": "#cc79a7", "linestyle": ":", "marker": "D"},
)


def figure(width, height, columns=1, rows=1, **settings):
    """An empty figure (size in inches) and its axes (an array if there are several).

    Text is drawn as outlines, so an SVG needs no font. `settings` are those of matplotlib's
    `subplots`.
    """
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    if HANGUL not in font_manager.get_font_names():
        fonts = importlib.util.find_spec("koreanize_matplotlib")
        font_manager.fontManager.addfont(Path(fonts.origin).parent / "fonts" / f"{HANGUL}.ttf")
    matplotlib.rcParams.update({
        "font.family": ["DejaVu Sans", HANGUL], "font.size": 11, "text.color": INK,
        "axes.edgecolor": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK,
        "svg.fonttype": "path", "svg.hashsalt": "minigrad", "figure.dpi": 100, "savefig.dpi": 160,
    })  # fmt: skip
    fig = Figure(figsize=(width, height), layout="constrained")
    return fig, fig.subplots(rows, columns, **settings)


def save(picture, path):
    """Write a figure or a drawing in the format of the path's suffix; the same bytes every time."""
    path = Path(path)
    if isinstance(picture, Drawing):
        return picture.save(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    return path


def median_and_band(ax, x, values, label, style):
    """The median over the seeds as a line, with a band from minimum to maximum.

    values (points, seeds); style: an index into STYLES.
    """
    values = np.asarray(values, float)
    ax.fill_between(
        x, values.min(1), values.max(1), color=STYLES[style]["color"], alpha=0.2, linewidth=0
    )
    ax.plot(x, np.median(values, 1), label=label, markersize=5, linewidth=2, **STYLES[style])
    ax.spines[["top", "right"]].set_visible(False)


def heat_map(weights, rows, columns, row_title, column_title, title=""):
    """Weights (rows, columns) from 0 to 1 as shades of one colour, labelled with the words."""
    fig, ax = figure(max(3.0, 1.6 + 0.62 * len(columns)), max(2.2, 1.3 + 0.42 * len(rows)))
    image = paint(ax, weights, rows, columns, row_title, column_title, title)
    scale(fig, image, ax)
    return fig


def heat_maps(maps, rows, columns, row_title, column_title):
    """Several heat maps of the same words side by side; `maps` has the weights by title."""
    width, height = max(3.0, 1.2 + 0.5 * len(columns)), max(2.2, 1.6 + 0.42 * len(rows))
    fig, axes = figure(width * len(maps), height, columns=len(maps), squeeze=False)
    for ax, (title, weights) in zip(axes[0], maps.items(), strict=True):
        image = paint(ax, weights, rows, columns, row_title, column_title, title)
        row_title = ""  # only on the leftmost map
    scale(fig, image, axes)
    return fig


def paint(ax, weights, rows, columns, row_title, column_title, title=""):
    """Draw a heat map on these axes; returns its image.

    Darker is larger, so it also works in grey. Small maps show the numbers.
    """
    weights = np.asarray(weights)
    image = ax.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    slanted = {"rotation": 45, "ha": "left", "rotation_mode": "anchor"}
    ax.set_xticks(range(len(columns)), columns, **slanted if len(columns) > 6 else {})
    ax.set_yticks(range(len(rows)), rows)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(column_title, labelpad=8)
    ax.set_ylabel(row_title)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xticks(np.arange(len(columns) + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(len(rows) + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="minor", length=0)
    if max(weights.shape) <= MOST_NUMBERS:
        for (i, j), weight in np.ndenumerate(weights):
            colour = "white" if weight > 0.55 else INK
            ax.text(j, i, f"{weight:.2f}", ha="center", va="center", color=colour, fontsize=9)
    if title:
        ax.set_title(title)
    return image


def scale(fig, image, axes):
    """Add a colour bar to heat maps that are too large for numbers."""
    if max(image.get_array().shape) > MOST_NUMBERS:
        fig.colorbar(image, ax=axes, label="weight", shrink=0.8)


def frame(ax, cells):
    """Draw frames around cells (row, column) of a heat map."""
    from matplotlib.patches import Rectangle

    for row, column in cells:
        corner = column - 0.45, row - 0.45
        ax.add_patch(Rectangle(corner, 0.9, 0.9, fill=False, linewidth=2, color="#d55e00"))


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

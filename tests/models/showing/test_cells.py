"""Heat maps are vectors, whatever their size, and show any word."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from matplotlib.colors import to_hex

from models.showing import plots
from models.showing.cells import Cells, rectangles

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
HOSTILE = [
    "\x00\x1b[31m", "\x9b2J", "\u202eevil\u2066", "two\nlines\r\t", "\ufffe\uffff", "\ud800\udfff",
    "$x^2$", "$\\frac{a}$", "$", "\\frac{a}", "\\", "--><b>", "&amp;<>\"'", "]]>", "한글",
    "ภาษาไทย", "हिन्दी", "😀", "", " ", "x" * 100_000, "\u0301" * 1_000, "%s {0}",
]  # fmt: skip


def drawn(fig, path):
    """The SVG's elements; whatever it refers to is in itself."""
    text = plots.save(fig, path).read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert all(e.get(LINK, "#").startswith("#") for e in root.iter())
    assert not list(root.iter(f"{SVG}image"))
    assert not list(root.iter(f"{SVG}text"))
    return root


def fills(root):
    return {
        found[1]
        for path in root.iter(f"{SVG}path")
        if (found := re.search(r"fill: (#\w+)", path.get("style", "")))
    }


@pytest.mark.parametrize("size", [1, 13, 61, 230])
def test_an_svg_has_no_pixels(tmp_path, size):
    weights = np.random.default_rng(0).random((size, size + 3))
    words, more = ["금요일"] * size, ["Friday"] * (size + 3)
    drawn(plots.heat_map(weights, words, more, "rows", "columns", "title"), tmp_path / "map.svg")
    maps = {"one": weights, "two": weights}
    drawn(plots.heat_maps(maps, words, more, "rows", "columns"), tmp_path / "maps.svg")


def test_every_shade_is_drawn(tmp_path):
    weights = [[0.0, 0.5], [1.0, 0.25]]
    fig, ax = plots.figure(3, 3)
    image = plots.paint(ax, weights, ["a", "b"], ["c", "d"], "", "")
    shades = {to_hex(colour) for colour in image.to_rgba(weights).reshape(-1, 4)}
    assert len(shades) == 4
    assert shades <= fills(drawn(fig, tmp_path / "map.svg"))


@pytest.mark.parametrize("seed", range(4))
def test_rectangles_cover_exactly_the_chosen_cells(seed):
    chosen = np.random.default_rng(seed).random((5, 7)) < 0.6
    corners = rectangles(chosen).vertices.reshape(-1, 5, 2)
    covered = np.zeros(chosen.shape, int)
    for left, top, right, bottom in zip(*corners[:, 0].T, *corners[:, 2].T, strict=True):
        rows, columns = np.arange(5), np.arange(7)
        inside = (rows > top) & (rows < bottom)
        covered += np.outer(inside, (columns > left) & (columns < right))
    assert np.array_equal(covered, chosen)


def test_cells_are_where_an_image_has_its_pixels(tmp_path):
    weights = np.arange(12).reshape(3, 4) / 12
    fig, ax = plots.figure(4, 3)
    assert Cells(ax, weights).get_extent() == (-0.5, 3.5, 2.5, -0.5)
    plots.save(fig, tmp_path / "map.png")
    assert (ax.get_xlim(), ax.get_ylim()) == ((-0.5, 3.5), (2.5, -0.5))


def test_a_cell_without_a_number_is_left_white(tmp_path):
    fig, ax = plots.figure(3, 3)
    plots.paint(ax, [[np.nan, 1.0]], ["a"], ["b", "c"], "", "")
    drawn(fig, tmp_path / "map.svg")


def test_of_many_words_a_cell_is_the_largest_weight_of_a_block(tmp_path):
    weights = np.zeros((80, 3_000))
    weights[7, 120] = 0.3
    words = [f"w{i}" for i in range(3_000)]
    fig = plots.heat_map(weights, words[:80], words, "rows", "columns", "Weights")
    ax = fig.axes[0]
    shown = ax.images[0].get_array()
    assert shown.shape == (80, 60)
    assert np.argwhere(shown).tolist() == [[7, 2]]
    assert ax.images[0].get_clim() == (0, 0.3)
    assert ax.get_title() == "Weights\nlargest weights of 1 × 50 words each"
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["1: w0", "51: w50"]
    assert max(fig.get_size_inches()) < 50
    assert plots.save(fig, tmp_path / "map.svg").stat().st_size < 2_000_000


@pytest.mark.parametrize("text", HOSTILE)
def test_any_word_can_be_drawn(tmp_path, text):
    fig = plots.heat_map([[0.5, 1.0]], [text], [text, "b"], text, text, text)  # warnings are errors
    drawn(fig, tmp_path / "map.svg")
    shown = [label.get_text() for label in (*fig.axes[0].texts, *fig.axes[0].get_xticklabels())]
    assert all(word.isprintable() and len(word) < 200 for word in shown)


def test_a_label_says_what_it_can():
    assert plots.label("금요일 $x$") == r"금요일 \$x\$"  # shown without the backslashes
    assert plots.label("a\nb\x1b") == "a\\nb\\x1b"
    assert plots.label("ก็x") == "□x"
    assert len(plots.label("x" * 100)) == plots.MOST_LETTERS


def test_powers_of_ten_are_shown_as_such(tmp_path):
    fig = plots.loss_curve(range(3), [1.0, 0.01, 0.0001])
    drawn(fig, tmp_path / "loss.svg")
    labels = fig.axes[0].get_yticklabels()
    assert any("10^{-2}" in one.get_text() for one in labels)  # a formula of Matplotlib's
    assert all(one.get_parse_math() for one in labels)


def test_a_picture_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = plots.save(plots.loss_curve([0, 1], [1.0, 0.5]), tmp_path / "loss.svg")
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        plots.save(plots.loss_curve([0, 1], [2.0, 0.5]), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["loss.svg"]

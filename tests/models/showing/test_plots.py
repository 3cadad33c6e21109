import xml.etree.ElementTree as ET

import numpy as np
import pytest

import minigrad
from models.showing import plots
from models.tasks.calendar import corpus

SVG = "{http://www.w3.org/2000/svg}"
KOREAN = ["오늘은", "금요일", "입니다"]
ENGLISH = ["Today", "is", "Friday", "."]
WEIGHTS = [[0.9, 0.1, 0.0], [0.1, 0.2, 0.7], [0.0, 0.95, 0.05], [0.3, 0.3, 0.4]]


def written(fig, path):
    """The SVG's elements, and the glyphs of the Hangul font that it uses."""
    root = ET.parse(plots.save(fig, path)).getroot()
    assert root.tag == f"{SVG}svg"
    used = {use.get("{http://www.w3.org/1999/xlink}href") for use in root.iter(f"{SVG}use")}
    outlines = {f"#{path.get('id')}" for path in root.iter(f"{SVG}path") if path.get("d")}
    return root, {name for name in used & outlines if plots.HANGUL in name}


def test_hangul_is_drawn_as_outlines(tmp_path):
    fig = plots.heat_map(WEIGHTS, ENGLISH, KOREAN, "translation", "source sentence")
    root, glyphs = written(fig, tmp_path / "map.svg")  # a missing glyph would be a warning
    assert len(glyphs) == len(set("".join(KOREAN)))
    assert not list(root.iter(f"{SVG}text"))


def test_every_word_of_the_corpus_can_be_drawn(tmp_path):
    pairs = corpus(size=1_000, validation=0, test=0).train
    words = sorted({word for pair in pairs for word in pair.source})
    glyphs = set()
    for shown in (words[::2], words[1::2]):  # wider maps leave out labels
        fig = plots.heat_map(np.zeros((1, len(shown))), ["x"], shown, "", "")
        glyphs |= written(fig, tmp_path / "words.svg")[1]
    hangul = {letter for word in words for letter in word if letter not in "0123456789.?"}
    assert len(glyphs) == len(hangul)


def test_a_heat_map_shows_its_weights():
    fig = plots.heat_map(WEIGHTS, ENGLISH, KOREAN, "translation", "source", title="Attention")
    (ax,) = fig.axes
    assert np.array_equal(ax.images[0].get_array(), WEIGHTS)
    assert ax.images[0].get_clim() == (0, 1)
    assert [label.get_text() for label in ax.get_xticklabels()] == KOREAN
    assert [label.get_text() for label in ax.get_yticklabels()] == ENGLISH
    assert [text.get_text() for text in ax.texts] == [f"{w:.2f}" for w in np.ravel(WEIGHTS)]
    assert ax.get_title() == "Attention"


@pytest.mark.parametrize("size", [1, 12, 20])
def test_heat_maps_of_any_size(tmp_path, size):
    weights = np.full((size, size), 1 / size)
    fig = plots.heat_map(weights, ["word"] * size, ["말"] * size, "", "")
    written(fig, tmp_path / "map.svg")
    assert len(fig.axes) == (2 if size > 12 else 1)  # many weights have a scale, not numbers


@pytest.mark.parametrize("steps", [1, 2, 200])
def test_the_loss_curve(tmp_path, steps):
    losses = np.exp(-np.arange(steps) / 50)
    fig = plots.loss_curve(range(steps), losses, "training of attention")
    root, _ = written(fig, tmp_path / "loss.svg")
    assert not list(root.iter(f"{SVG}text"))
    each, mean = fig.axes[0].lines
    assert np.array_equal(each.get_ydata(), losses)
    assert mean.get_xdata()[-1] == steps - 1
    span = max(1, steps // 40)
    assert mean.get_ydata()[-1] == pytest.approx(losses[-span:].mean())


def test_a_picture_has_the_same_bytes_each_time(tmp_path):
    for name in ("first.svg", "second.svg"):
        fig = plots.heat_map(WEIGHTS, ENGLISH, KOREAN, "translation", "source")
        plots.save(fig, tmp_path / name)
    assert (tmp_path / "first.svg").read_bytes() == (tmp_path / "second.svg").read_bytes()


def test_missing_folders_are_made_and_png_is_written(tmp_path):
    fig = plots.loss_curve([0, 1], [1.0, 0.5])
    path = plots.save(fig, tmp_path / "new" / "folder" / "loss.png")
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("columns", "rows", "shape"), [(1, 1, ()), (3, 1, (3,)), (1, 2, (2,)), (3, 2, (2, 3))]
)
def test_a_figure_of_several_panels(columns, rows, shape):
    fig, axes = plots.figure(8, 3, columns, rows, sharey=True)
    assert np.shape(axes) == shape
    assert len(fig.axes) == columns * rows
    assert fig.get_size_inches().tolist() == [8, 3]
    fig.axes[0].set_ylim(0, 7)
    assert all(ax.get_ylim() == (0, 7) for ax in fig.axes)


def test_the_median_of_the_seeds_and_their_band():
    x, values = [1, 2, 4], [[3, 1, 2], [5, 5, 5], [9, 7, -1]]
    _, ax = plots.figure(4, 3)
    plots.median_and_band(ax, x, values, "with", plots.WITH)
    (line,), (band,) = ax.lines, ax.collections
    assert line.get_xdata().tolist() == x
    assert line.get_ydata().tolist() == [2, 5, 7]
    assert line.get_label() == "with"
    corners = {tuple(corner) for corner in band.get_paths()[0].vertices.tolist()}
    assert corners == {(1, 1), (1, 3), (2, 5), (4, -1), (4, 9)}


def test_lines_differ_in_more_than_colour():
    of_one_figure = (
        (plots.WITH, plots.PARTLY, plots.WITHOUT),
        (plots.WITH, plots.TRANSFORMER, plots.WITHOUT),
        plots.MORE,
        (plots.WITH, plots.variant(plots.WITH)),
        (plots.BARE, *plots.MORE[1:]),
    )
    for looks in of_one_figure:
        for key in ("linestyle", "marker"):
            different = {look[key] + look.get("markerfacecolor", "") for look in looks}
            assert len(different) == len(looks)


@pytest.mark.parametrize(("suffix", "begin"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_a_drawing_is_saved_like_a_figure(tmp_path, suffix, begin):
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    drawing = minigrad.draw(x.sum(), names={"x": x})
    path = plots.save(drawing, tmp_path / "new" / f"graph.{suffix}")
    assert path == tmp_path / "new" / f"graph.{suffix}"
    assert path.read_bytes().startswith(begin)


def test_more_is_darker():
    def lightness(look):
        return sum(int(look["color"][i : i + 2], 16) for i in (1, 3, 5))

    assert [*map(lightness, plots.MORE)] == sorted(map(lightness, plots.MORE), reverse=True)


def test_narrow_cells_have_a_colour_bar_instead_of_numbers():
    maps = {"one": np.eye(3), "two": np.eye(3)}
    wide, narrow = (plots.heat_maps(maps, "abc", "def", "", "", cell=cell) for cell in (0.5, 0.3))
    assert [len(ax.texts) for ax in wide.axes] == [9, 9]
    assert [len(ax.texts) for ax in narrow.axes] == [0, 0, 0]


def test_many_heat_maps_are_in_rows(tmp_path):
    maps = {f"head {i}": np.eye(3) for i in range(plots.ACROSS + 1)}
    fig = plots.heat_maps(maps, "abc", "def", "rows", "columns")
    plots.save(fig, tmp_path / "maps.svg")
    assert [ax.get_title() for ax in fig.axes] == list(maps)
    assert len({round(ax.get_position().y0, 3) for ax in fig.axes}) == 2
    assert [bool(ax.get_ylabel()) for ax in fig.axes] == [True, *[False] * (plots.ACROSS - 1), True]

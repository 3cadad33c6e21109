"""A drawing: what it saves and shows, and that later changes do not reach it."""

import os
import subprocess
import sys

import pytest
from drawn import chain, small_graph

import minigrad
from minigrad.draw import Drawing, draw


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        (".svg", b"<?xml"),
        (".png", b"\x89PNG"),
        (".PDF", b"%PDF"),
        (".dot", b"dig"),
        (".gv", b"dig"),
    ],
)
def test_save_writes_the_file_and_says_where(tmp_path, suffix, start):
    path = tmp_path / "new" / f"graph{suffix}"
    drawing = draw(small_graph()[2])
    assert drawing.save(str(path)) == path
    assert path.read_bytes().startswith(start)
    if suffix in (".dot", ".gv"):
        assert path.read_text(encoding="utf-8") == drawing.source


def test_save_refuses_other_suffixes(tmp_path):
    for name in ("graph.jpg", "graph"):
        with pytest.raises(ValueError, match=r"must end in .svg, .png, .pdf, .html, .dot or .gv"):
            draw(small_graph()[2]).save(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".svg", ".png", ".html", ".dot"])
def test_a_failure_leaves_the_old_picture(tmp_path, monkeypatch, suffix):
    def fail(*_):
        raise OSError(28, "No space left on device")

    path = tmp_path / f"graph{suffix}"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=rf"No space left on device: '.*graph{suffix}'"):
        draw(small_graph()[2]).save(path)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == [path.name]


def test_text_that_cannot_be_written_leaves_the_old_picture(tmp_path):
    path = tmp_path / "graph.dot"
    path.write_bytes(b"old")
    with pytest.raises(UnicodeEncodeError):
        Drawing("digraph { \ud800 }", 0, 0).save(path)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("depth", [-1, "2", 1.5])
def test_depth_is_an_integer_from_0_up(depth):
    with pytest.raises(ValueError, match="depth is an integer from 0 up"):
        draw(minigrad.ones(1), depth=depth)


def test_later_changes_do_not_reach_the_drawing():
    _, w, y = small_graph()
    drawing = draw(y)
    before = drawing.source
    y.sum().backward()
    with minigrad.no_grad():
        w.zero_()
    assert drawing.source == before
    assert isinstance(drawing, Drawing)


def test_later_changes_do_not_reach_the_page():
    w = minigrad.tensor([1.0, 2.0])
    drawing = draw(w)
    before = drawing.page()
    w += 1
    assert drawing.page() == before


def test_a_chain_of_50_000_ops_has_dot_text():
    _, y = chain(50_000)
    y.backward()
    drawing = draw(y, unroll=True)
    assert repr(drawing) == "<Drawing: 50,001 tensors, 50,000 ops>"
    assert drawing.source.count(" -> ") == 50_001  # tensors go along the arrows
    assert draw(y).boxes == 3  # rolled up: x, add ×50000, y


def test_importing_minigrad_imports_no_graphviz():
    code = "import minigrad, sys; assert not {'graphviz', 'pygraphviz'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True)

"""Layout, with `dot` on the path, with pygraphviz, and without Graphviz."""

import sys

import pytest
from drawn import chain, small_graph

from minigrad.draw import draw, labels


def test_svg_has_a_background_and_fonts_that_browsers_know():
    svg = draw(small_graph()[2]).svg()
    assert '<polygon fill="white" stroke="none"' in svg
    assert f'font-family="{labels.FONTS}"' in svg
    assert svg.startswith('<?xml version="1.0" encoding="UTF-8"')


@pytest.fixture
def no_graphviz(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setitem(sys.modules, "pygraphviz", None)  # importing it fails


def test_without_graphviz_the_error_says_what_to_install(no_graphviz, tmp_path):
    drawing = draw(small_graph()[2])
    with pytest.raises(RuntimeError, match=r'pip install "pygraphviz>=2.0"`, or Graphviz itself'):
        drawing.svg()
    with pytest.raises(RuntimeError, match="apt install graphviz, brew install graphviz"):
        drawing.save(tmp_path / "graph.png")
    assert not (tmp_path / "graph.png").exists()
    assert drawing.save(tmp_path / "graph.dot").read_text(encoding="utf-8") == drawing.source


def test_without_graphviz_notebooks_show_text(no_graphviz):
    drawing = draw(small_graph()[2])
    assert drawing._repr_svg_() is None
    (kind,) = drawing._repr_mimebundle_().items()
    assert kind[0] == "text/plain"
    assert kind[1].startswith("<Drawing: 5 tensors, 3 ops>\ndraw: there is no Graphviz")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for dot is a shell script")
def test_dot_is_used_if_it_is_on_the_path(monkeypatch, tmp_path):
    fake = tmp_path / "dot"
    fake.write_text('#!/bin/sh\necho "$@"; cat\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    drawing = draw(small_graph()[2], names={"한글": small_graph()[0]})
    assert drawing.svg() == "-Kdot -Tsvg\n" + drawing.source


def test_too_large_a_graph_is_not_laid_out(tmp_path):
    drawing = draw(chain(2000)[1], unroll=True)
    for lay_out in (drawing.svg, lambda: drawing.save(tmp_path / "graph.png")):
        with pytest.raises(ValueError, match=r"2,002 boxes are too many .* depth=.* `.source`"):
            lay_out()
    assert "too many" in drawing._repr_mimebundle_()["text/plain"]
    assert drawing._repr_svg_() is None
    assert drawing.save(tmp_path / "graph.gv").exists()

"""Layout, with `dot` on the path, with pygraphviz, and without Graphviz."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from drawn import chain, small_graph

import minigrad
from minigrad.draw import draw, labels, layout


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
    (kind,) = drawing._repr_mimebundle_()[0].items()
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


def test_graphviz_that_fails_is_an_error_in_one_line(monkeypatch, capfd):
    with pytest.raises(
        RuntimeError, match=r"draw: Graphviz failed to lay out the graph: \w"
    ) as error:
        layout.lay_out("digraph { not ; ; DOT [", "svg")
    assert str(error.value).isprintable()
    ending = "import os; os.abort()"  # as Graphviz itself does where it fails
    monkeypatch.setattr(layout, "PROGRAM", ending)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(RuntimeError, match="lay out the graph: it ended with code -6"):
        layout.lay_out("digraph {}", "svg")
    monkeypatch.setattr(sys, "executable", str(__file__))
    with pytest.raises(RuntimeError, match=r"draw: Graphviz could not be started: .*denied"):
        layout.lay_out("digraph {}", "svg")
    assert "text/plain" in draw(small_graph()[2])._repr_mimebundle_()[0]
    assert capfd.readouterr().err == ""


def test_graphviz_does_not_work_for_ever(monkeypatch, tmp_path):
    monkeypatch.setattr(layout, "PROGRAM", "import time; time.sleep(60)")
    monkeypatch.setattr(layout, "PATIENCE", 0.1)
    monkeypatch.setattr("shutil.which", lambda _: None)
    drawing = draw(small_graph()[2])
    with pytest.raises(RuntimeError, match=r"still not done after 0.1 seconds: fold modules with"):
        drawing.save(tmp_path / "graph.png")
    assert not (tmp_path / "graph.png").exists()
    assert drawing.save(tmp_path / "graph.html").exists()  # in rows


def test_no_file_of_the_current_folder_is_taken_for_a_module(monkeypatch, tmp_path):
    for name in ("pygraphviz", "subprocess", "re", "threading"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    assert "<svg" in draw(small_graph()[2]).svg()


def test_drawing_in_many_threads_and_writing_to_stderr(capfd):
    """Lost before: drawing redirected the process's descriptor 2, and ended it in four threads."""
    drawing = draw(small_graph()[2])
    expected, stop, written = drawing.svg(), threading.Event(), 0
    with ThreadPoolExecutor(4) as pool:
        drawn = [pool.submit(drawing.svg) for _ in range(12)]
        while not all(future.done() for future in drawn):
            os.write(2, b"x")
            written += 1
            stop.wait(0.001)
    assert [future.result() for future in drawn] == [expected] * 12
    assert capfd.readouterr().err == "x" * written


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors in a shell")
@pytest.mark.parametrize("closed", ["2>&-", "<&- 2>&-", "<&- >&- 2>&-"])
def test_drawing_without_standard_streams(closed, tmp_path):
    """As under pythonw, or started by a program that closed them."""
    code = (
        "import sys; from minigrad import tensor; from minigrad.draw import draw\n"
        "draw(tensor(1.0, requires_grad=True) * 2).save(sys.argv[1])\n"
    )
    command = f'"$0" -c "$1" "$2" {closed}'
    root, path = Path(minigrad.__file__).parents[1], tmp_path / "x.svg"
    subprocess.run(["sh", "-c", command, sys.executable, code, path], cwd=root, check=True)
    assert "</svg>" in path.read_text(encoding="utf-8")


def test_too_large_a_graph_is_not_laid_out(tmp_path):
    drawing = draw(chain(2000)[1], unroll=True)
    for lay_out in (drawing.svg, lambda: drawing.save(tmp_path / "graph.png")):
        with pytest.raises(ValueError, match=r"2,002 boxes are too many .* depth=.* `.source`"):
            lay_out()
    assert "too many" in drawing._repr_mimebundle_()[0]["text/plain"]
    assert drawing._repr_svg_() is None
    assert drawing.save(tmp_path / "graph.gv").exists()

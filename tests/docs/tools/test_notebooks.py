"""Notebooks: what becomes of a chapter's parts, and that every chapter runs as a notebook."""

import re

import pytest

from docs.tools import korean, sync

nbformat = pytest.importorskip("nbformat")
from docs.tools import notebooks  # noqa: E402


def text_of(cell):
    """The text that a code cell printed, and its value; without warnings."""
    shown = [output for output in cell.outputs if output.get("name") != "stderr"]
    return "".join(one.get("text") or one.get("data", {}).get("text/plain", "") for one in shown)


def run(book, setup, folder, monkeypatch):
    """Run a notebook in a folder outside the checkout; its cell `setup` finds the checkout."""
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    cell = book.cells[setup]
    cell.source = cell.source.replace("Path.cwd()", f"Path({str(sync.ROOT)!r})")
    monkeypatch.setenv("PYTHONPATH", str(sync.ROOT))
    place = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(book, timeout=300, resources=place).execute()


def test_a_session_becomes_cells_with_their_outputs():
    cells = notebooks.code(">>> x = 1\n>>> x + 1\n2\n>>> print(x)\n1\n>>> y = 2\n")
    assert [cell.source for cell in cells] == ["x = 1\nx + 1", "print(x)", "y = 2"]
    kinds = [[output.output_type for output in cell.outputs] for cell in cells]
    assert kinds == [["execute_result"], ["stream"], []]
    assert [text_of(cell) for cell in cells] == ["2", "1\n", ""]


def test_an_empty_line_comes_after_a_function():
    cells = notebooks.code(">>> def f():\n...     return 1\n>>> f()\n1\n>>> f()\n1\n")
    assert [cell.source for cell in cells] == ["def f():\n    return 1\n\nf()", "f()"]


def test_an_error_that_the_chapter_shows_does_not_stop_the_notebook():
    cells = notebooks.code(
        ">>> 1 / 0\nTraceback (most recent call last):\nZeroDivisionError: x\n>>> 2\n2\n"
    )
    assert [cell.source for cell in cells] == ["1 / 0", "2"]
    assert [cell.metadata.get("tags") for cell in cells] == [["raises-exception"], None]


def test_a_drawing_shows_itself():
    (cell,) = notebooks.code(
        ">>> draw(z).save(\"pictures/01_z.svg\")\nPosixPath('pictures/01_z.svg')\n"
    )
    assert (cell.source, cell.outputs) == ("draw(z)", [])


def test_a_page_shows_itself():
    (cell,) = notebooks.code(
        ">>> draw(z).save(\"pictures/01_z.html\")\nPosixPath('pictures/01_z.html')\n"
    )
    assert (cell.source, cell.outputs) == ("draw(z).page()", [])


def test_drawings_of_a_loop_show_themselves():
    (cell,) = notebooks.code('>>> for z in zs:\n...     _ = draw(z).save(f"pictures/09_{z}.svg")\n')
    assert cell.source == "for z in zs:\n    display(draw(z))"


def test_links_lead_to_notebooks_and_to_files(tmp_path):
    (cell,) = notebooks.prose(
        "[a](05_gates.md#small) [b](glossary.md) [c](https://x.org)", tmp_path
    )
    assert "[a](05_gates.ipynb#small)" in cell.source
    assert "[c](https://x.org)" in cell.source
    link = re.search(r"\[b\]\((.*)\)", cell.source.split(" [c]")[0])[1]
    assert (tmp_path / link).resolve() == sync.DOCS / "glossary.md"


def test_figures_are_inside():
    (cell,) = notebooks.prose("![What is seen](figures/cache.svg)", sync.DOCS)
    assert cell.source == "![What is seen](attachment:cache.png)"
    assert set(cell.attachments) == {"cache.png"}


def test_exercises_have_their_check_below():
    cells = notebooks.cells_of_exercises(5)
    assert cells[1].source.startswith("def by_hand():")
    assert cells[2].source == "docs.exercises.check(5, by_hand)"
    checked = [cell.source for cell in notebooks.cells_of_exercises(3)]
    assert not any("check(3, train)" in source for source in checked)  # a helper


def test_a_korean_chapter_has_korean_stubs_and_checks(tmp_path, monkeypatch):
    monkeypatch.setattr(korean, "KO", tmp_path)
    monkeypatch.setitem(notebooks.CHAPTERS, "ko", tmp_path)
    monkeypatch.setitem(notebooks.FOLDERS, "ko", tmp_path)
    monkeypatch.setattr(sync, "DOCS", tmp_path.parent)
    stub = (sync.ROOT / "docs" / "exercises" / "chapter_05.py").read_text(encoding="utf-8")
    (tmp_path / "chapter_05.py").write_text(stub, encoding="utf-8")
    chapter = tmp_path / "05_gates.md"
    chapter.write_text(
        "# 5. 게이트\n\n[4장](04_x.md), [성능](../benchmarks.md)\n\n## 연습 문제\n\n1. `f`.\n\n"
        "## 더 읽을거리\n\n끝.\n\n---\n\n[차례](index.md)\n\n<!-- 05_gates.md: 01234567 -->\n",
        encoding="utf-8",
    )
    assert notebooks.main(["5", "--language", "ko", "--out", str(tmp_path / "out")]) == 0
    (book,) = (tmp_path / "out").glob("*.ipynb")
    sources = [cell.source for cell in nbformat.read(book, 4).cells]
    assert sources[0] == "# 5. 게이트"
    assert 'spoken.set("ko")  # in the pictures, too\n' in sources[1]
    assert sources[2] == "[4장](04_x.ipynb), [성능](../../benchmarks.md)"
    assert sources[3].startswith("## 연습 문제\n\n셀을")
    assert "python -m docs.exercises 5 --language ko --hint" in sources[3]
    assert 'docs.exercises.check(5, by_hand, language="ko")' in sources
    assert sources[-1] == "## 더 읽을거리\n\n끝."


def test_an_unknown_chapter_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        notebooks.main(["99", "--out", str(tmp_path)])
    assert "no chapter 99: there are chapters 1 to 16" in capsys.readouterr().err


@pytest.mark.parametrize("language", notebooks.CHAPTERS)
def test_the_first_cell_prints_nothing(language, tmp_path, monkeypatch):
    book = nbformat.v4.new_notebook(cells=[notebooks.cell(notebooks.SETUPS[language])])
    run(book, 0, tmp_path, monkeypatch)
    assert not book.cells[0].outputs


@pytest.mark.parametrize("chapter", sync.chapters(), ids=lambda path: path.stem)
def test_the_notebook_runs_and_says_what_the_chapter_says(chapter, tmp_path, monkeypatch):
    book = notebooks.notebook(chapter, tmp_path)
    nbformat.validate(book)
    expected = [text_of(cell) if cell.cell_type == "code" else "" for cell in book.cells]
    run(book, 1, tmp_path, monkeypatch)
    for cell, want in zip(book.cells, expected, strict=True):
        if want:
            pattern = r"\s*".join(map(re.escape, want.split())).replace(re.escape("..."), ".*")
            assert re.fullmatch(rf"\s*{pattern}\s*", text_of(cell), re.S), cell.source

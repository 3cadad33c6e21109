"""python -m models translate, attend, draw and experiment."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from models.__main__ import main
from models.experiments import FROM_A_FILE, NAMES
from models.tasks.tokens import Words
from tests.models.command_line.helpers import SMALL, refused, written


# translate


def test_translate(trained, capsys):
    printed = []
    for text in ("오늘은 금요일입니다.", "오늘은 금요일 입니다"):
        assert main(["translate", text]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    printed = printed[0]
    assert printed.startswith("«오늘은 금요일입니다.» → «")
    assert "attends to" in printed
    assert "unknown words" not in printed


def test_translate_says_which_words_are_unknown(trained, capsys):
    assert main(["translate", "오늘은 모르는 금요일 말", "--run", "runs/attention"]) == 0
    assert capsys.readouterr().out.startswith("unknown words: 모르는, 말\n")


# attend


def test_attend_to_a_korean_sentence(trained, capsys):
    assert main(["attend", "오늘은 모르는 금요일"]) == 0
    said, translation, _, header, *rows = capsys.readouterr().out.splitlines()
    assert said == "unknown words: 모르는"
    assert translation.startswith("«오늘은 모르는 금요일» → «")
    assert header.split() == ["오늘은", "모르는", "금요일"]
    words = Words().encode(translation.split("→ «")[1].removesuffix("»"))
    assert rows[len(words) :] == ["", "written:", "  weights.svg"]
    for word, row in zip(words, rows, strict=False):
        first, *weights = row.split()
        assert first == word
        assert sum(map(float, weights)) == pytest.approx(1, abs=0.02)
    assert "NanumGothic" in Path("weights.svg").read_text(encoding="utf-8")


def test_attend_to_an_english_text(reader, capsys):
    assert main(["attend", "The aardvark sleeps. It has a tail.", "--out", "new/map.png"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("unknown words: aardvark, sleeps\nlayer 1\n")
    assert "\nlayer 2\n" in printed
    assert "\nIt means " in printed
    assert written(printed) == {"map.png"}
    table = printed.split("layer 1\n")[1].split("\n\n")[0].splitlines()
    assert table[0].split() == ["The", "aardvark", "sleeps", ".", "It", "has", "a", "tail", "."]
    for row in table[1:]:
        assert sum(map(float, row.split()[1:])) == pytest.approx(1, abs=0.05)


def test_attend_by_one_head(reader, capsys):
    tables = []
    for head in ((), ("--head", "1"), ("--head", "2")):
        assert main(["attend", "It has a tail", *head]) == 0
        tables.append(capsys.readouterr().out)
    assert len(set(tables)) == 3
    assert "has 2 heads: there is no head 3" in refused(capsys, "attend", "a", "--head", "3")


def test_a_model_without_attention_cannot_attend(trained, capsys):
    assert main(["train", "seq2seq", *SMALL]) == 0
    capsys.readouterr()
    assert "has no attention" in refused(capsys, "attend", "오늘은", "--run", "runs/seq2seq")
    assert "has no heads" in refused(capsys, "attend", "오늘은", "--head", "1")


# experiment


@pytest.fixture
def done(monkeypatch):
    """What is performed: (name, folder, quick, pairs)."""
    done = []

    def perform(name, folder, quick, pairs):
        done.append((name, folder, quick, pairs))
        return [folder / f"{name}.json"]

    monkeypatch.setattr("models.__main__.perform", perform)
    return done


def test_experiments(done, capsys):
    assert main(["experiment", "scaling", "bottleneck", "--quick"]) == 0
    folder = Path("runs/experiments")
    assert done == [(name, folder, True, None) for name in ("scaling", "bottleneck")]
    assert f"written:\n  {folder / 'scaling.json'}\n" in capsys.readouterr().out
    done.clear()
    file = Path("pairs.tsv")
    assert main(["experiment", "--all", "--out", "here", "--pairs", str(file)]) == 0
    assert done == [(name, Path("here"), False, file) for name in NAMES]
    done.clear()
    assert main(["experiment", "--all", "--quick"]) == 0
    assert done == [(name, folder, True, None) for name in NAMES]


def test_the_figures_of_the_course_are_drawn_again_in_a_language(tmp_path, capsys):
    assert main(["experiment", "scaling", "--language", "ko", "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"scaling.svg", "scaling.png"}
    assert "written:" in capsys.readouterr().out
    said = refused(capsys, "experiment", "scaling", "--language", "ko", "--quick")
    assert "without --quick and --pairs" in said


def test_without_a_file_of_pairs_the_experiments_that_need_it_are_left_out(done, capsys):
    assert main(["experiment", "--all"]) == 0
    assert [name for name, *_ in done] == [name for name in NAMES if name not in FROM_A_FILE]
    said = capsys.readouterr().out
    assert said.startswith(f"{' and '.join(FROM_A_FILE)} are left out: ")
    assert "--pairs FILE" in said


@pytest.mark.parametrize("name", FROM_A_FILE)
def test_an_experiment_on_real_pairs_says_what_file_to_give(name, capsys):
    said = refused(capsys, "experiment", name)
    assert "give --pairs FILE, in UTF-8, with one pair per line: English, a tab, Korean" in said
    for arguments in ((name, "--quick"), ("scaling",)):
        said = refused(capsys, "experiment", *arguments, "--pairs", "pairs.tsv")
        assert "only decoding and exposure read a file" in said


@pytest.mark.parametrize("arguments", [(), ("scaling", "--all"), ("flying",), ("scaling", "x")])
def test_unknown_experiments(capsys, arguments):
    said = refused(capsys, "experiment", *arguments)
    assert all(name in said for name in NAMES)


# draw


def test_draw_a_reader(reader, capsys):
    assert main(["draw", "self_attention", "--out", "trained.dot"]) == 0
    assert "as trained in runs" in capsys.readouterr().out
    shutil.rmtree("runs")
    assert main(["draw", "self_attention", "--out", "new.svg"]) == 0
    said = "self_attention, untrained, with small sizes, on «The dog likes an apple . It has a"
    assert said in capsys.readouterr().out
    assert "layers.1.key.weight" in Path("new.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["graph.svg", "new/folder/graph.dot"])
def test_draw_an_untrained_model(capsys, name):
    assert main(["draw", "attention", "--out", name]) == 0
    printed = capsys.readouterr().out
    assert "untrained, with small sizes, on «오늘은 금요일입니다.» → «Today is Friday.»" in printed
    assert f"written: {Path(name)}" in printed
    text = Path(name).read_text(encoding="utf-8")
    assert "softmax" in text
    assert "encoder." in text
    assert "embedding.weight" in text
    if name.endswith(".svg"):
        ET.fromstring(text)
    else:
        assert text.startswith("digraph")
    assert not Path("runs").exists()


def test_draw_a_trained_model(trained, capsys):
    assert main(["draw", "attention", "--out", "graph.dot"]) == 0
    assert f"as trained in {Path('runs/attention')}" in capsys.readouterr().out
    assert main(["draw", "attention", "--run", "runs/attention", "--out", "again.dot"]) == 0
    assert Path("graph.dot").read_bytes() == Path("again.dot").read_bytes()


def test_draw_a_trained_model_without_its_config(trained, capsys):
    (trained / "config.json").unlink()
    assert main(["draw", "attention", "--out", "graph.dot"]) == 0
    assert "as trained in" in capsys.readouterr().out


def test_draw_your_own_sentence(trained, reader, capsys):
    options = ["--sentence", "내일은 모르는 토요일 입니다", "--depth", "1", "--out", "graph.dot"]
    assert main(["draw", "attention", *options]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("unknown words: 모르는\n")
    assert "on «내일은 모르는 토요일입니다.» → «" in printed
    assert "<B>encoder</B>" in Path("graph.dot").read_text(encoding="utf-8")
    options = ["--sentence", "The cat eats a fig. It sleeps", "--unroll", "--out", "graph.dot"]
    assert main(["draw", "self_attention", *options]) == 0
    assert "«The cat eats a fig . It sleeps»" in capsys.readouterr().out
    assert "no words" in refused(capsys, "draw", "attention", "--sentence", " ")


def test_draw_a_page(capsys):
    assert main(["draw", "seq2seq", "--html"]) == 0
    assert "written: graph.html" in capsys.readouterr().out
    assert Path("graph.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["draw", "seq2seq", "--html", "--out", "new/page.html"]) == 0
    assert Path("new/page.html").exists()


def test_draw_the_backward_pass(capsys):
    assert main(["draw", "seq2seq", "--backward", "--depth", "0", "--out", "graph.dot"]) == 0
    assert "dir=back" in Path("graph.dot").read_text(encoding="utf-8")

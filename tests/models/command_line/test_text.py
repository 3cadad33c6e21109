"""Sentences, vocabularies and files that others wrote: what the commands make of them."""

import io
import json
import os
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from models.__main__ import main
from tests.models.command_line.helpers import SMALL, refused

NASTY = "\x1b[31m금\u200b요일\x9b \u202e\ud800 $x$ \\frac ภาษา"


def only_printable(text):
    assert all(line.isprintable() for line in text.split("\n")), ascii(text)
    return text


@pytest.mark.parametrize("command", ["translate", "attend", "draw"])
def test_a_nasty_sentence(trained, capsys, command):
    if command == "draw":
        assert main(["draw", "attention", "--sentence", NASTY, "--out", "weights.svg"]) == 0
    else:
        assert main([command, NASTY]) == 0
    printed = only_printable(capsys.readouterr().out)
    assert "금요일" in printed
    assert "\\ud800" in printed
    if command != "translate":
        ET.parse("weights.svg")


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "html"])
def test_nasty_words_of_a_text_are_drawn(reader, capsys, suffix):
    assert main(["attend", f"it {NASTY}", "--run", str(reader.folder), "--out", f"x.{suffix}"]) == 0
    only_printable(capsys.readouterr().out)
    assert Path(f"x.{suffix}").stat().st_size > 1_000


def test_a_nasty_vocabulary(trained, capsys):
    config = json.loads((trained / "config.json").read_text(encoding="utf-8"))
    for side in ("source_vocabulary", "target_vocabulary"):
        words = config[side]
        words[4:] = [f"\x1b[2J\u202e\nforged {i}\ud800$^" for i in range(4, len(words))]
    (trained / "config.json").write_text(json.dumps(config), encoding="utf-8")
    for out in ("weights.svg", "weights.html"):
        if main(["attend", "오늘은 금요일", "--out", out]) == 0:
            text = Path(out).read_text(encoding="utf-8")
            assert "\x1b" not in text
            assert "\u202e" not in text
    said, told = capsys.readouterr()
    only_printable(said)
    only_printable(told)
    assert not any(line.startswith("forged") for line in (said + told).splitlines())


def test_too_many_words(trained, capsys):
    said = refused(capsys, "attend", "금요일 " * 5_001)
    assert "the sentence has 5,001 words: at most 5,000" in said
    said = refused(capsys, "attend", "금요일 " * 201, "--out", "weights.html")
    assert "at most 200 words" in said


def test_attend_to_many_words(trained, capsys):
    assert main(["attend", "오늘은 금요일 입니다 " * 100]) == 0
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) < 3_000
    assert "<image" not in Path("weights.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "cp1252"])
@pytest.mark.parametrize("command", ["translate", "train"])
def test_a_console_of_a_code_page(trained, monkeypatch, encoding, command):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for _ in "ab")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    if command == "translate":
        assert main(["translate", "오늘은 금요일 입니다"]) == 0
        assert main(["translate", "오늘은", "--run", "없는"]) == 2
        with pytest.raises(SystemExit):
            main(["translate", "오늘은", "--없는"])
    else:
        assert main(["train", "attention", *SMALL]) == 0
    out.flush()
    assert b"attends to" in out.buffer.getvalue()


def test_without_any_stream(trained, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["translate", "오늘은 금요일 입니다"]) == 0


@pytest.mark.parametrize("kind", ["folder", "long line", "binary"])
def test_pairs_that_are_none(here, trained, capsys, kind):
    path = here / "pairs"
    if kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"\x1b]0;x\x07 " * 10**6 if kind == "long line" else os.urandom(10**5))
    said = refused(capsys, "train", "attention", *SMALL, "--pairs", str(path))
    only_printable(said)
    assert len(said) < 600
    assert (trained / "config.json").exists()  # it was not put aside

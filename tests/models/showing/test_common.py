"""What is printed: aligned, bounded, and nothing that others wrote reaches the terminal raw."""

import io
import sys

import numpy as np
import pytest

from models.showing import common, reading, translating
from models.showing.tables import width
from models.tasks.coreference import Text
from models.tasks.pairs import Pair
from models.tasks.vocabulary import Vocabulary

HOSTILE = [
    "\x1b[2J",
    "\x9b31m",
    "\u202ecba",
    "forged\nline",
    "\r\x00",
    "\ufffe",
    "\ud800",
    "\u2028",
]


def printed(capsys):
    text = capsys.readouterr().out
    assert all(line.isprintable() for line in text.removesuffix("\n").split("\n")), ascii(text)
    return text.removesuffix("\n").split("\n")


@pytest.mark.parametrize("word", HOSTILE)
def test_words_are_printed_escaped(capsys, word):
    words = (word, "it")
    common.print_unknown(Vocabulary.build([]), words)
    common.print_weights([[0.5, 0.5]] * 2, words, words)
    common.print_largest(np.eye(2), words, words)
    common.written([word])
    reading.print_meaning(words, 0, np.ones((1, 1, 2, 2)))
    print(translating.caption(Pair(words, words)))
    print(reading.caption(Text(words, 0, 1, 1)))
    assert len(printed(capsys)) == 1 + 3 + 2 + 3 + 1 + 1 + 1


def test_lists_of_words_are_aligned_whatever_their_script(capsys):
    names = ["금요일", "is", "e\u0301", "ｦ"]
    common.print_largest(np.eye(4), names, ["a", "금", "c", "d"])
    lines = printed(capsys)
    assert {width(line.partition("attends")[0]) for line in lines} == {10}
    assert lines[0] == "  금요일  attends to a (1.00), 금 (0.00), c (0.00)"


def test_wide_tables_become_lists_and_long_ones_are_cut(capsys):
    words = [f"w{i}" for i in range(3_000)]
    common.print_weights(np.eye(3_000), words, words)
    lines = printed(capsys)
    assert lines[1] == "  w1   attends to w1 (1.00), w0 (0.00), w2 (0.00)"
    assert lines[-1] == "  … and 2,900 more words"
    assert len(lines) == 101
    common.print_unknown(Vocabulary.build([]), ["x" * 200_000])
    assert len(printed(capsys)[0]) < 3_000


@pytest.mark.parametrize("encoding", ["ascii", "cp949", "cp1252", "utf-8"])
def test_output_never_fails_by_its_encoding(monkeypatch, encoding):
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for _ in "ab"]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    common.allow_any_text()
    for stream in streams:
        print("«오늘은» → «Today» 😀 \ud800", file=stream, flush=True)
        seen = stream.buffer.getvalue().decode(encoding)
        assert "Today" in seen
        assert ("오늘은" in seen) == (encoding in ("cp949", "utf-8"))
        assert "\\ud800" in seen


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_streams_of_other_kinds_stay_as_they_are(monkeypatch, stream):
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    common.allow_any_text()

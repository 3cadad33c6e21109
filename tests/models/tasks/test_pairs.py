import os
import sys
import unicodedata

import pytest

from models.tasks import pairs as pairs_module
from models.tasks.pairs import Pair, read_pairs, split_pairs
from models.tasks.text import words


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "pairs.tsv"
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return write


def pair(source, target):
    """A pair of two texts, as it is read."""
    return Pair(words(source), words(target), text=(source, target))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I don't know.", "I don't know ."),
        ("I don\N{RIGHT SINGLE QUOTATION MARK}t know.", "I don't know ."),
        ("Well-known, isn't it?!", "Well-known , isn't it ? !"),
        ('He said: "Go."', 'He said : " Go . "'),
        ("10,000 won at 2:30, or 3.5", "10,000 won at 2:30 , or 3.5"),
        ("in 1999.", "in 1999 ."),
        ("오늘은 금요일입니다.", "오늘은 금요일입니다 ."),
        ("  \t ", ""),
    ],
)
def test_words_split_off_punctuation_and_keep_contractions(text, expected):
    assert " ".join(words(text)) == expected


def test_words_are_composed():
    decomposed = unicodedata.normalize("NFD", "오늘은 금요일")
    assert len(decomposed) > len("오늘은 금요일")
    assert words(decomposed) == ("오늘은", "금요일")


def test_the_second_column_is_the_source_by_default(write):
    path = write("Go.\t가.\tCC-BY 2.0 someone\nHi.\t안녕.\n")
    assert read_pairs(path) == [pair("가.", "Go."), pair("안녕.", "Hi.")]
    assert read_pairs(str(path), source="first")[0] == pair("Go.", "가.")


def test_a_pair_keeps_its_texts_as_they_are_spelled(write):
    ((source, target),) = [
        p.text for p in read_pairs(write("I  don’t\u200b (know).\t난\u00a0 몰라 .\n"))
    ]
    assert (source, target) == ("난 몰라 .", "I don't (know).")


def test_blank_lines_and_duplicates_are_left_out(write):
    path = write("\ufeffGo.\t가.\tone\n\n   \nGo.\t가.\tanother\nGo!\t가.\n")
    assert [pair.target for pair in read_pairs(path)] == [("Go", "."), ("Go", "!")]


@pytest.mark.parametrize("line", ["Go. 가.", "Go.\t", "\t가.", "Go.\t  \tsomeone"])
def test_a_line_without_two_sentences_is_named(write, line):
    path = write(f"Hi.\t안녕.\n\n{line}\n")
    with pytest.raises(ValueError, match=r"pairs\.tsv, line 3: .*one tab") as error:
        read_pairs(path)
    assert line.strip().split()[0] in str(error.value)


def test_an_unknown_column_is_refused(write):
    with pytest.raises(ValueError, match='"first" or "second"'):
        read_pairs(write("Go.\t가.\n"), source="Korean")


ODD = ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1e"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_where_an_editor_ends_them(write, odd, end):
    path = write(f"Go{odd}on.\t가.{end}Hi.\t안녕.{end}{end}Bye{odd}")
    with pytest.raises(ValueError, match=r"line 4: 'Bye.* is not two sentences"):
        read_pairs(path)
    path = write(f"Go{odd}on.\t가.{end}Hi.\t안녕.{end}")
    assert [pair.target for pair in read_pairs(path)] == [("Go", "on", "."), ("Hi", ".")]


def test_tatoeba_has_four_columns(write):
    path = write("\ufeff1276\tGo on.\t11\t계속 가.\n\n1277\tHi.\t12\t안녕.\r\n")
    go, hi = read_pairs(path)
    assert (go, hi) == (pair("계속 가.", "Go on."), pair("안녕.", "Hi."))
    assert read_pairs(path, source="first")[0] == pair("Go on.", "계속 가.")


def test_numbers_can_be_sentences_too(write):
    assert read_pairs(write("11\t십일\n12\t십이\n"))[0] == pair("십일", "11")
    assert len(read_pairs(write("11\t십일\tsomeone\nGo.\t가.\tsomeone\n"))) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1276\teng\tGo on.\n1277\teng\tHi.\n", 1),  # a list of sentences, not of pairs
        ("1276\tGo on.\t계속 가.\n", 1),
        ("1276\tGo.\t11\t가.\nHi.\t안녕.\n", 2),
        ("Hi.\t안녕.\n1276\tGo.\t11\t가.\n", 1),
    ],
)
def test_ambiguous_columns_are_refused(write, text, line):
    with pytest.raises(ValueError, match=rf"line {line}: is the first column a number or a sent"):
        read_pairs(write(text))


@pytest.mark.parametrize("hidden", ["\u200b", "\0", "\u202e", "\ufeff"])
def test_what_nobody_sees_makes_no_sentence(write, hidden):
    assert read_pairs(write(f"{hidden}\n{hidden}Go.\t{hidden}가.\n"))[0].source == ("가", ".")
    with pytest.raises(ValueError, match=r"line 1: 'Go.*' is not two sentences"):
        read_pairs(write(f"Go.\t{hidden}\n"))


def one_line(error):
    said = str(error.value)
    assert said.isprintable()
    assert len(said) < 500
    return said


def test_an_error_shows_no_control_characters(write):
    with pytest.raises(ValueError, match="line 1") as error:
        read_pairs(write("\x1b[2J\u202eGo\x9b" + "o" * 5_000))
    assert "\\x1b[2J\\u202eGo\\x9b" in one_line(error)


@pytest.mark.parametrize("letter", ["a", "\0", "\t", "a\t", "\u0301", "가 "])
def test_a_line_of_megabytes(write, letter):
    with pytest.raises(ValueError, match=r"line 2: .* characters: a line has at most") as error:
        read_pairs(write("Go.\t가.\n" + letter * 3_000_000))
    one_line(error)


def test_a_sentence_of_too_many_words(write):
    with pytest.raises(ValueError, match="line 1: a sentence has more than 1,000 words"):
        read_pairs(write("a " * 1_001 + "\tb\n"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files")
def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in ("/dev/zero", tmp_path, tmp_path / "fifo"):
        with pytest.raises(ValueError, match="is not a regular file"):
            read_pairs(path)
    with pytest.raises(FileNotFoundError):
        read_pairs(tmp_path / "nothing")


def test_large_and_binary_files(write, monkeypatch, tmp_path):
    (tmp_path / "binary").write_bytes(b"one\r\ntwo\rthree\n" + bytes(range(256)))
    with pytest.raises(ValueError, match=r"not in UTF-8: line 6: .*0x80") as error:
        read_pairs(tmp_path / "binary")
    one_line(error)
    monkeypatch.setattr(pairs_module, "MOST_BYTES", 2**20)
    with pytest.raises(ValueError, match="larger than 1 MB"):
        read_pairs(write("Go.\t가.\n" * 200_000))


class Broken:
    """A stderr that nobody reads."""

    def write(self, text=""):
        raise BrokenPipeError

    flush = write


@pytest.mark.parametrize("stream", [None, Broken()])
def test_the_progress_bar_never_ends_the_reading(write, monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(pairs_module, "DELAY", 1e-6)
    assert len(read_pairs(write("".join(f"Go {i}.\t가 {i}.\n" for i in range(5_000))))) == 5_000


def test_only_a_long_reading_shows_a_progress_bar(write, monkeypatch, capsys):
    path = write("".join(f"Go {i}.\t가 {i}.\n" for i in range(5_000)))
    read_pairs(path)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(pairs_module, "DELAY", 1e-6)
    read_pairs(path)
    assert "read pairs" in capsys.readouterr().err


def some_pairs(sources=100, translations=3):
    return [
        Pair((f"source{i}",), (f"target{j}",)) for j in range(translations) for i in range(sources)
    ]


def test_a_source_sentence_is_never_in_two_splits():
    pairs = some_pairs()
    splits = split_pairs(pairs, seed=0)
    assert [len(split) for split in splits] == [270, 15, 15]
    assert sorted(pair for split in splits for pair in split) == sorted(pairs)
    train, validation, test = ({pair.source for pair in split} for split in splits)
    assert len(train | validation | test) == len(train) + len(validation) + len(test)


def test_the_seed_decides_the_split():
    pairs = some_pairs()
    assert split_pairs(pairs, seed=1) == split_pairs(pairs, seed=1)
    assert split_pairs(pairs, seed=1) != split_pairs(pairs, seed=2)


def test_the_order_of_the_pairs_is_kept():
    pairs = some_pairs()
    assert split_pairs(pairs[:9], seed=1).train == pairs[:9]  # too few for the other two
    for split in split_pairs(pairs, seed=1):
        assert split == sorted(split, key=pairs.index)

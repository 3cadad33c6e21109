import unicodedata

import pytest

from models.tasks.pairs import Pair, read_pairs, split_pairs, words


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "pairs.tsv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


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
    assert read_pairs(path) == [Pair(("가", "."), ("Go", ".")), Pair(("안녕", "."), ("Hi", "."))]
    assert read_pairs(str(path), source="first")[0] == Pair(("Go", "."), ("가", "."))


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

import pytest

from models.showing.tables import shown, spread, table, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("Friday", 6),
        ("금요일", 6),
        ("e\u0301", 1),
        ("√d ·", 4),
        ("Ａ", 2),
        ("ｦ", 1),
        ("\u1112\u1161\u11ab", 2),
        ("ก็", 1),
        ("กี่", 1),
        ("हि", 2),
        ("a\u200b\u00adb", 2),
        ("😀", 2),
        ("👍🏽", 2),
        ("👨\u200d👩\u200d👧", 2),
        ("🇰🇷", 2),
        ("שָׁ", 1),
    ],
)
def test_columns_of_a_terminal(text, columns):
    assert width(text) == columns


@pytest.mark.parametrize(
    ("entry", "text"),
    [(None, "-"), ("word", "word"), (3, "3"), (0.125, "0.12"), (-1234.5, "-1,234.50")],
)
def test_entries(entry, text):
    assert shown(entry, digits=2) == text


def test_numbers_are_aligned_on_the_right_and_words_on_the_left():
    rows = [["오늘은", 3, 0.84375], ["is", 11, None]]
    assert table(["word", "score", "weight"], rows, digits=3).splitlines() == [
        "word    score  weight",
        "오늘은      3   0.844",
        "is         11       -",
    ]


def test_every_line_of_a_column_starts_at_the_same_place():
    rows = [["금요일", "Friday"], ["a", "b"], ["가나다라마", "c"]]
    header, *lines = table(["source", "target"], rows).splitlines()
    starts = [width(line[: line.index(word)]) for line, (_, word) in zip(lines, rows, strict=True)]
    assert starts == [header.index("target")] * 3


def test_no_line_ends_in_spaces():
    lines = table(["a", "long header"], [["x", "y"], ["x", ""]]).splitlines()
    assert lines == [line.rstrip() for line in lines]


def test_a_table_without_rows_is_its_header():
    assert table(["d", "variance"], []) == "d  variance"


@pytest.mark.parametrize("rows", [[["one"]], [["one", "two", "three"]]])
def test_rows_must_be_as_long_as_the_header(rows):
    with pytest.raises((ValueError, IndexError)):
        table(["a", "b"], rows)


def test_spread():
    assert spread([3.0, 1.0, 2.0, 6.0]) == "2.50 (1.00 to 6.00)"
    assert spread([None, 0.12345], digits=3) == "0.123 (0.123 to 0.123)"
    assert spread([None]) is None


def test_entries_cannot_break_a_table():
    rows = [["\x1b[31m", 1.0], ["two\nlines", 2.0], ["x" * 200_000, 3.0], ["금요일", 4.0]]
    lines = table(["forged\nheader", "\u202e"], rows).splitlines()
    assert len(lines) == 5
    assert all(line.isprintable() for line in lines)
    assert len({width(line) for line in lines[1:]}) == 1
    assert width(lines[0]) < 200

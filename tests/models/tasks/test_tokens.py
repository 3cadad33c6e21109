import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.text import words
from models.tasks.tokens import Known, Words


@pytest.mark.parametrize(
    "text",
    [
        "Today is Friday.",
        "Is it (or was it) 10,000, or 10:30?",
        "I don't know; well-known: yes!",
        "오늘은 금요일입니다.",
        "«오늘은» 가?",
        "",
    ],
)
def test_words_and_back(text):
    assert Words().encode(text) == list(words(text))
    assert Words().decode(Words().encode(text)) == text


def test_words_that_are_written_together():
    assert Words(attached=["일", "다"]).decode(["금요", "일", "이", "다", "."]) == "금요일 이다."


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("ab", ["ab"]),  # known as a whole
        ("abc", ["a", "bc"]),
        ("bc", ["bc"]),
        ("abcd", ["a", "bcd"]),  # the longest at the end
        ("xyzab", ["xyz", "ab"]),  # what is not known stays together,
        ("abxyz", ["ab", "xyz"]),
        ("xyabzzc", ["xy", "ab", "zz", "c"]),
        ("xyz", ["xyz"]),
        ("17", ["17"]),  # and a number whole
        ("x7", ["x", "7"]),
        ("177", ["177"]),
    ],
)
def test_known_tokens_are_split_off(word, pieces):
    assert Known(["a", "ab", "c", "bc", "bcd", "7"]).encode(word) == pieces


def test_known_tokens_of_several_words():
    assert Known(["a", "b"]).encode("ab xa, b") == ["a", "b", "x", "a", ",", "b"]


@given(st.text("abc1 ㄱ금일."), st.lists(st.text("abc1금일", min_size=1)))
def test_nothing_is_lost(text, known):
    assert "".join(Known(known).encode(text)) == "".join(words(text))


def test_what_is_known_is_found():
    assert Known(["금요일", "입니다", "일"]).encode("금요일입니다") == ["금요일", "입니다"]
    assert Known([]).encode("금요일입니다") == ["금요일입니다"]


def test_long_words_take_linear_time():
    pieces = Known(["ab", "1"]).encode("ab" * 100_000 + "1" * 100_000 + "x" * 100_000)
    assert len(pieces) == 100_001

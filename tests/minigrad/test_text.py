"""Text that others wrote is shown on one line, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.text import listed, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("한국어, ключ, 🙂, é", "한국어, ключ, 🙂, é"),
        ("", ""),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[2J\x9b\x07\x00\x7f", "\\x1b[2J\\x9b\\x07\\x00\\x7f"),
        ("\u202eright to left\u2066", "\\u202eright to left\\u2066"),
        ("\u2028\u2029\x85", "\\u2028\\u2029\\x85"),
        ("\ufeff\ufffe\uffff\U0010ffff", "\\ufeff\\ufffe\\uffff\\U0010ffff"),
        ("\ud800\udfff", "\\ud800\\udfff"),
    ],
)
def test_unprintable_characters_are_escaped(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("most", "shown"),
    [(1, "…"), (2, "a…"), (3, "a…z"), (4, "ab…z"), (25, "abcdefghijkl…opqrstuvwxyz")],
)
def test_long_text_is_cut_in_its_middle(most, shown):
    assert printable("abcdefghijklmnopqrstuvwxyz", most) == shown


def test_what_fits_is_not_cut():
    assert printable("abc", 3) == "abc"
    assert len(printable("\ud800" * 200_000, 40)) == 40
    assert len(printable("가" * 200_000, 40)) == 40


@given(st.text(), st.integers(1, 50))
def test_any_text_is_one_printable_line(text, most):
    shown = printable(text, most)
    assert shown.isprintable()
    assert len(shown) <= most
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert printable(printable(text)) == printable(text)


def test_names_are_listed_and_many_are_counted():
    assert listed(["a", "b\n", 3]) == "a, b\\n, 3"
    assert listed(range(60), most=2) == "0, 1 and 58 more"
    assert listed({"x" * 200_000}) == printable("x" * 200_000, 100)

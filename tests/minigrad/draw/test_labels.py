"""Labels: tensors with their numbers, ops as calls, and any text at all."""

import numpy as np
import pytest
from drawn import label, texts, words
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import nn
from minigrad.draw import draw, flow, labels
from minigrad.draw.scene import LONG
from minigrad.text import printable


# --- tensors -----------------------------------------------------------------------------------


def test_small_tensors_show_numbers_and_large_ones_a_summary():
    shown = words(draw(minigrad.arange(12).reshape(3, 4)))
    assert shown == ["(3, 4)", "int64", *map(str, range(12))]
    assert words(draw(minigrad.zeros(13))) == ["(13,)", "all 0"]
    assert words(draw(minigrad.arange(5, 18))) == ["(13,)", "int64", "5 … 17"]
    assert words(draw(minigrad.arange(16) < 4)) == ["(16,)", "bool", "25% True"]
    half = minigrad.cat([minigrad.zeros(8), minigrad.tensor([-1.0, 3.0] * 4)])
    assert words(draw(half)) == ["(16,)", "0.5 ± 1.5", "-1 … 3", "50% zeros"]
    assert words(draw(minigrad.zeros(0, 3))) == ["(0, 3)"]
    assert words(draw(minigrad.tensor(True))) == ["bool", "True"]
    assert words(draw(minigrad.tensor([[[1.0, 2], [3, 4]]]))) == ["(1, 2, 2)", "1", "2", "3", "4"]


def test_a_matrix_of_few_short_numbers_shows_its_rows():
    hot = minigrad.eye(4)
    assert words(draw(hot)) == ["(4, 4)", *"1000010000100001"]
    assert words(draw(minigrad.eye(5))) == ["(5, 5)", "0.2 ± 0.4", "0 … 1", "80% zeros"]
    assert words(draw(hot + 99)) == ["(4, 4)", "99 ± 0.43", "99 … 1e+02"]
    assert words(draw(minigrad.ones(4, 4))) == ["(4, 4)", "all 1"]


def test_beside_rows_of_numbers_a_summary_takes_their_whole_width():
    x = minigrad.tensor(np.eye(4), requires_grad=True)
    (x * 100 * minigrad.arange(16).reshape(4, 4)).sum().backward()
    source = draw(x).source
    assert source.count('COLSPAN="4"') == 2
    assert "0 … 1.5e+03&#160; 6% zeros" in source


def test_numbers_have_four_digits():
    numbers = minigrad.tensor([-0.0, 1 / 3, 1e-7, 123456.0, -2.5])
    assert words(draw(numbers))[1:] == ["0", "0.3333", "1e-07", "1.235e+05", "-2.5"]
    assert words(draw(minigrad.tensor([1234567])))[2:] == ["1234567"]


def test_numbers_that_are_not_finite_are_red():
    inf = float("inf")
    assert draw(minigrad.tensor([1.0, inf, -inf])).source.count(labels.ALARM) == 2
    many = minigrad.zeros(20)
    many[3:5] = inf
    assert words(draw(many)) == ["(20,)", "2 of 20 not finite"]
    assert labels.ALARM in draw(many).source
    assert labels.ALARM not in draw(minigrad.zeros(20)).source
    x = minigrad.tensor(-np.ones(20), requires_grad=True)
    with np.errstate(invalid="ignore"):
        loss = x.sqrt().sum()
    loss.backward()
    assert words(draw(loss)).count("nan") == 1  # the loss
    assert words(draw(loss)).count("20 of 20 not finite") == 2  # its input, and the gradient of x


# --- ops ---------------------------------------------------------------------------------------


x23 = minigrad.tensor(np.ones((2, 3)), requires_grad=True)


@pytest.mark.parametrize(
    ("result", "pill"),
    [
        (x23.tanh(), "tanh"),
        (x23 * 0.5, "mul(·, 0.5)"),
        (2 / x23, "div(2, ·)"),
        (x23**2, "pow(·, 2)"),
        (x23.sum(), "sum"),
        (x23.sum(1), "sum(dim=1)"),
        (x23.sum((0, 1), keepdim=True), "sum(dim=(0, 1), keepdim=True)"),
        (x23[:, 0], "getitem(index=[:, 0])"),
        (x23[0], "getitem(index=[0])"),
        (x23[..., ::2], "getitem(index=[..., ::2])"),
        (x23[None, 1:2], "getitem(index=[None, 1:2])"),
        (x23[[1, 0]], "getitem(index=[[1, 0]])"),
        (x23[minigrad.zeros(50, dtype=minigrad.int64)], "getitem(index=[int64 (50,)])"),
        (x23[minigrad.ones(12, dtype=minigrad.int64) * 0], "getitem(index=[[0, 0, 0, 0, 0, …)"),
        (x23.masked_fill(x23 > 0, float("-inf")), "where(·, -inf, ·)"),
        (x23.reshape(3, 2), "reshape(shape=(3, 2))"),
        (x23 * np.float32(0.25), "mul(·, 0.25)"),
        (
            nn.functional.cross_entropy(x23, minigrad.tensor([0, 1]), reduction="sum"),
            "cross_entropy(reduction='sum')",
        ),
    ],
)
def test_ops_are_written_as_calls(result, pill):
    name, *given = pill.partition("(")
    shown = "".join(words(draw(result)))
    assert name + "".join(given) in shown
    assert labels.ALARM not in label(draw(result), f"op{len(flow.tensors({result})) - 1}")


# --- any text ----------------------------------------------------------------------------------


NAMES = [
    "한글", "😀", "<script>alert('x')</script>", "<b>", "<<", ">", "-->", "]]>", "&amp; &lt;",
    "{a|b}",
    '"quoted"', "a\\b \\N \\G \\\\", "\\", "a\nb\tc", "\x00\x1b", "\ud800", "%s {}", " ",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_any_name_shows_as_it_is(name, capfd):
    x = minigrad.tensor(1.0)
    drawing = draw(x, names={name: x})
    seen = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
    assert [text for text, _, _ in texts(drawing)] == [seen, "1"]
    assert capfd.readouterr().err == ""


@settings(max_examples=20, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=LONG // 10), min_size=1, max_size=20, unique=True))
def test_any_text_at_all_shows_as_it_is(names):
    xs = {name: minigrad.tensor(1.0) for name in names}
    shown = [text for text, _, _ in texts(draw(*xs.values(), names=xs))]
    assert sorted(shown) == sorted(["1"] * len(names) + [printable(name) for name in names])

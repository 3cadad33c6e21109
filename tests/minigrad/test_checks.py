"""The checks of arguments: what passes, and what each error says, in one line."""

import numpy as np
import pytest

import minigrad
from minigrad import checks


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), minigrad.tensor(3), np.array(3)])
def test_a_whole_number(value):
    assert type(checks.whole("n", value)) is int
    assert checks.whole("n", value) == 3


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (2, 2), (2.5, 2.5), (True, True), (np.float32(2.5), 2.5), (np.int32(2), 2),
        (np.bool_(1), 1.0), (minigrad.tensor(2.5), 2.5), (minigrad.tensor(2), 2),
    ],
)  # fmt: skip
def test_a_number(value, number):
    found = checks.number("x", value)
    assert type(found) is type(number)
    assert found == number


ERRORS = {
    "a float for an int": (
        lambda: checks.whole("eye: n", 2.5), TypeError, "eye: n must be an int, not float 2.5",
    ),
    "a bool for an int": (
        lambda: checks.whole("n", True), TypeError, "n must be an int, not bool True",
    ),
    "a tensor for an int": (
        lambda: checks.whole("n", minigrad.ones(2)), TypeError,
        "n must be an int, not float32 of shape (2,)",
    ),
    "a negative int": (
        lambda: checks.whole("n", -1), ValueError, "n must not be negative, got -1",
    ),
    "too small an int": (
        lambda: checks.whole("n", 0, 1), ValueError, "n must be at least 1, got 0",
    ),
    "text for a number": (
        lambda: checks.number("SGD: lr", "0.1"), TypeError,
        "SGD: lr must be a number, not str '0.1'",
    ),
    "None for a number": (
        lambda: checks.number("lr", None), TypeError, "lr must be a number, not None",
    ),
    "a complex number": (
        lambda: checks.number("lr", 1j), TypeError, "lr must be a number, not complex 1j",
    ),
    "a tensor with a gradient for a number": (
        lambda: checks.number("lr", minigrad.tensor(1.0, requires_grad=True)), TypeError,
        "lr must be a number, not float32 of shape ()",
    ),
    "several numbers for one": (
        lambda: checks.number("lr", np.ones(2)), TypeError,
        "lr must be a number, not float64 of shape (2,)",
    ),
    "a probability": (
        lambda: checks.probability("p", 1.5), ValueError,
        "p is a probability, from 0 to 1, not 1.5",
    ),
    "a shape that is an int": (
        lambda: checks.shape("full", 2), TypeError,
        "full: a shape must be a tuple of ints, not int 2",
    ),
    "a size": (
        lambda: checks.shape("full", (2, "a")), TypeError,
        "full: a size must be an int, not str 'a'",
    ),
    "a flag": (
        lambda: checks.flag("bias", "no"), TypeError, "bias must be True or False, not str 'no'",
    ),
    "a tensor": (
        lambda: checks.tensors("add", x=[1, 2]), TypeError,
        "add: x must be a tensor, not list [1, 2]",
    ),
    "floats": (
        lambda: checks.floats("dropout", input=np.ones(2, int)), TypeError,
        "dropout: input must hold floats, not int64",
    ),
    "a class": (
        lambda: checks.tensors("add", x=np.float32), TypeError,
        "add: x must be a tensor, not type <class 'numpy.float32'>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_an_error_says_what_was_given(case):
    call, kind, message = ERRORS[case]
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message


def test_what_was_given_is_cut_and_escaped():
    with pytest.raises(TypeError) as error:
        checks.whole("n", "\x1b[2J\n" + "a" * 10_000)
    assert len(str(error.value)) < 120
    assert str(error.value).isprintable()

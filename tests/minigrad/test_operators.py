"""Operators: of tensors, numbers, and NumPy's numbers and arrays on either side."""

import operator

import numpy as np
import pytest
from agreement import agree, draw

import minigrad
from minigrad import Tensor

X = draw(2, 3, 4)
M = draw(3, 4)
POSITIVE = np.abs(M) + 0.5
INTS = np.array([[3, -1, 2], [0, 1, 1]])
ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}

COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]


@pytest.mark.parametrize("sign", [*ARITHMETIC, *COMPARISONS])
def test_operators_of_tensors_and_numbers(torch, sign):
    agree(torch, f"(x {sign} y, y {sign} x)", POSITIVE, POSITIVE[:1] + 1)
    for number in (2, 1.5, 3):
        agree(torch, f"(x {sign} {number}, {number} {sign} x)", POSITIVE)
        agree(torch, f"(x {sign} {number}, {number} {sign} x)", np.abs(INTS) + 1, rtol=1e-6)
    agree(torch, f"x {sign} y", np.abs(INTS) + 1, np.array([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("sign", ARITHMETIC)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_operators_with_numpys_numbers_and_arrays(sign, dtype):
    """A NumPy number counts as a number, an array as a tensor, on either side."""
    apply = ARITHMETIC[sign]
    x = minigrad.tensor([1.5, 2.5], dtype=getattr(minigrad, dtype), requires_grad=True)
    for other in (np.float64(2), np.float32(2), np.int64(2)):
        for y, expected in ((apply(x, other), apply(x, 2)), (apply(other, x), apply(2, x))):
            assert isinstance(y, Tensor)
            assert y.dtype == x.dtype
            np.testing.assert_allclose(y.value, expected.value, rtol=1e-6)
    array = np.array([[2.0], [3.0]], dtype)
    tensor = minigrad.tensor(array)
    for y, expected in ((apply(x, array), apply(x, tensor)), (apply(array, x), apply(tensor, x))):
        assert isinstance(y, Tensor)
        assert y.requires_grad
        assert y.dtype == expected.dtype
        np.testing.assert_array_equal(y.value, expected.value)


def test_matmul_with_arrays():
    x, array = minigrad.tensor(M, requires_grad=True), draw(4, 3)
    np.testing.assert_allclose((x @ array).value, M @ array)
    np.testing.assert_allclose((array @ x).value, array @ M)


@pytest.mark.parametrize("sign", COMPARISONS)
def test_comparisons_with_numpys_numbers_and_arrays(sign):
    x = minigrad.tensor([[0.1, 2.0], [3.0, 4.0]])
    for other in (np.float64(0.1), np.float32(0.1), np.array([0.1, 5], np.float32)):
        found = eval(f"x {sign} other", {"x": x, "other": other})
        mirrored = eval(f"other {sign} x", {"x": x, "other": other})
        expected = eval(f"x {sign} other", {"x": x.value, "other": np.asarray(other, np.float32)})
        swapped = eval(f"other {sign} x", {"x": x.value, "other": np.asarray(other, np.float32)})
        assert isinstance(found, Tensor)
        assert isinstance(mirrored, Tensor)
        np.testing.assert_array_equal(found.value, expected)
        np.testing.assert_array_equal(mirrored.value, swapped)


@pytest.mark.parametrize(
    "expression",
    [
        "-x", "x + x * x - x / 2", "2 - x", "2 / (x * x + 1)", "2 ** x", "x @ x.mT", "x @ x[0, 0]",
        "x[0, :, 0] @ x[0]", "(x > 0) & (x < 1)", "(x > 0) | (x < -1)", "~(x > 0)",
        "(x > 0) & True",
        "(x > 0) + (x > 1)", "(x > 0) * x", "x * (x > 0)", "True * x", "(x > 0) * 2", "(x > 0) / 2",
    ],
)  # fmt: skip
def test_operators(torch, expression):
    agree(torch, expression, X)


@pytest.mark.parametrize(
    "expression",
    ["x & y", "x | y", "x & 1", "x | 4", "~x", "-x", "x ** 2", "2 ** (x * x)", "x / 2"],
)
def test_operators_of_ints(torch, expression):
    agree(torch, expression, INTS, INTS + 1) if "y" in expression else agree(
        torch, expression, INTS
    )


@pytest.mark.parametrize("expression", ["x & x", "x | 1", "~x"])
def test_bitwise_operators_refuse_floats(expression):
    with pytest.raises(TypeError):
        eval(expression, {"x": minigrad.ones(2)})


OTHERS = [(1, 2), [1.0, 1.0], object(), "a", None, {}, 1j, int, range(2)]


@pytest.mark.parametrize("other", OTHERS)
def test_comparisons_with_what_holds_no_numbers(other):
    """== is False, as in Python; an order is an error; and the other side may answer."""
    x = minigrad.ones(2)
    assert (x == other) is False
    assert (other == x) is False
    assert (x != other) is True
    for compare in (operator.lt, operator.ge, operator.and_, operator.or_):
        with pytest.raises(TypeError, match=r"not supported|unsupported operand"):
            compare(x, other)
    with pytest.raises(TypeError, match="eq: expected tensors, arrays or numbers"):
        minigrad.eq(x, other)


def test_the_other_side_of_a_comparison_is_asked():
    class Everything:
        def __eq__(self, other):
            return "equal"

        def __gt__(self, other):
            return "greater"

    assert (minigrad.ones(2) == Everything()) == "equal"
    assert (minigrad.ones(2) < Everything()) == "greater"


@pytest.mark.parametrize(
    "expression",
    [
        "4 in x", "1.0 in x", "True in x", "float('nan') in x * float('nan')", "x[0, 0] in x",
        "torch.ones(4) in x", "x in x", "9 in torch.tensor(9)", "1 in torch.ones(0)",
        "np.float64(1) in x",
    ],
)  # fmt: skip
def test_in(torch, expression):
    for library in (minigrad, torch):
        x = library.tensor([[1.0, 2, 3, 4], [1, 1, 1, 1]])
        found = eval(expression, {"x": x, "torch": library, "np": np})
        assert found is (
            expression != "float('nan') in x * float('nan')" and "ones(0)" not in expression
        )


@pytest.mark.parametrize("other", [(1, 2), "a", None, [1]], ids=str)
def test_what_cannot_be_in_a_tensor(other):
    with pytest.raises(TypeError, match="in: a tensor holds numbers, not a"):
        _ = other in minigrad.ones(2)


def test_a_single_number_is_not_iterated_over():
    with pytest.raises(TypeError, match="no dims to iterate over"):
        list(minigrad.tensor(1.0))


def test_equality_with_other_types():
    """So `x in [None, …]` and `x == "auto"` are answered without looking at the values."""
    x = minigrad.ones(2)
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert (x == "mean") is False
    assert (x != "mean") is True
    assert x not in [None, "mean"]


# --- operators whose functions are loaded when they are first used -------------------------------

IN_ROOMS = [
    "x // 2", "7 // x", "x // y", "x % 3", "-7 % x", "x % y", "x ^ y", "x ^ 5", "5 ^ x", "x << 1",
    "1 << x", "x >> 1", "100 >> x", "(x > 1) ^ True", "x / 2 // y", "2.5 % x", "abs(-x)", "+x",
    "torch.stack(list(reversed(x)))",
]  # fmt: skip


@pytest.mark.parametrize("expression", IN_ROOMS)
def test_operators_in_rooms(torch, expression):
    for room in ("elementwise", "shaping"):
        pytest.importorskip(f"minigrad.{room}")
    agree(torch, expression, np.array([1, 5, 9]), np.array([2, 3, 4]), rtol=1e-6)


def test_operators_of_what_holds_no_numbers():
    for operation in (operator.floordiv, operator.mod, operator.xor, operator.lshift):
        with pytest.raises(TypeError):
            operation(minigrad.tensor([1, 2]), "a")
    with pytest.raises(TypeError):
        divmod(minigrad.tensor([5]), 3)
    with pytest.raises(TypeError):
        round(minigrad.tensor(2.5))

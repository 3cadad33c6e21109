"""Picking and placing: each expression in minigrad and in PyTorch, side by side."""

import numpy as np
import pytest
from agreement import agree, draw, several

import minigrad
from minigrad import picking

inf, nan = float("inf"), float("nan")


def ids(below, *shape):
    return np.random.default_rng(below).integers(below, size=shape)


X = draw(2, 3, 4)
M = draw(3, 4)
INTS = np.array([[3, 1, 2], [0, 1, 1]])
BOOLS = np.array([[True, False, True], [False, False, False]])

SMOOTH = {  # with second derivatives
    "tril": (lambda torch, x: torch.tril(x), X),
    "triu": (lambda torch, x: torch.triu(x), X),
    **{
        f"tril and triu from {d}": (
            lambda torch, x, d=d: (torch.tril(x, d), torch.triu(x, diagonal=d)),
            M,
        )
        for d in (-4, -1, 1, 2, 5)
    },
    "tril of no rows": (lambda torch, x: torch.tril(x), draw(0, 3)),
    "roll": (lambda torch, x: torch.roll(x, 5), X),
    "roll a dim": (lambda torch, x: torch.roll(x, -1, 1), X),
    "roll further than it is long": (lambda torch, x: torch.roll(x, 7, -1), X),
    "roll dims": (lambda torch, x: torch.roll(x, (1, -2), (0, -1)), X),
    "roll one dim twice": (lambda torch, x: torch.roll(x, (1, 1), (1, 1)), X),
    "roll nothing": (lambda torch, x: torch.roll(x, 1, 0), draw(0, 3)),
    "masked_fill": (lambda torch, x, m: torch.masked_fill(x, m, -1.5), X, X > 0),
    "masked_fill a row": (lambda torch, x, m: torch.masked_fill(x, m, -9), M, M[:1] > 0),
    "masked_fill by a tensor": (lambda torch, x, m, v: x.masked_fill(m, v), M, M > 0, draw()),
    "gather": (lambda torch, x, i: torch.gather(x, 1, i), X, ids(3, 2, 5, 4)),
    "gather from the last": (lambda torch, x, i: torch.gather(x, -1, i), X, ids(4, 2, 3, 1)),
    "gather by a smaller index": (lambda torch, x, i: torch.gather(x, 0, i), X, ids(2, 1, 2, 3)),
    "gather the same": (lambda torch, x, i: torch.gather(x, 1, i), M, np.zeros((3, 3), int)),
    "gather nothing": (lambda torch, x, i: torch.gather(x, 1, i), M, np.zeros((3, 0), int)),
    "gather 0-d": (lambda torch, x, i: torch.gather(x, 0, i), draw(), np.array(0)),
    "index_select": (lambda torch, x, i: torch.index_select(x, 0, i), X, np.array([1, 0, 1])),
    "index_select last": (lambda torch, x, i: torch.index_select(x, -1, i), X, np.array([3, 3])),
    "index_select none": (lambda torch, x, i: torch.index_select(x, 1, i), X, np.array([], int)),
    "index_select by 0-d": (lambda torch, x, i: torch.index_select(x, 1, i), X, np.array(2)),
    "masked_fill larger than it": (lambda torch, x, m: torch.masked_fill(x, m, 2), M[0], M > 0),
    "masked_fill by another dtype": (
        lambda torch, x, m, v: x.masked_fill(m, v), np.float32(M), M > 0, np.array(0.1),
    ),
    "gather several of 0-d": (lambda torch, x, i: torch.gather(x, 0, i), draw(), np.array([0, 0])),
    "gather one of 1-D": (lambda torch, x, i: torch.gather(x, 0, i), draw(3), np.array(2)),
    "index_select of 0-d": (lambda torch, x, i: torch.index_select(x, 0, i), draw(), np.array([0])),
    "roll without dims": (lambda torch, x: (torch.roll(x, 1, ()), torch.roll(x, (2,))), X),
}  # fmt: skip


@pytest.mark.parametrize("case", SMOOTH)
def test_picking(torch, case):
    agree(torch, *SMOOTH[case])


WITHOUT_GRADIENT = {
    "tril of ints": (lambda torch, x: torch.tril(x), INTS),
    "tril and triu of bools": (lambda torch, x: (torch.tril(x), torch.triu(x, 1)), BOOLS),
    "masked_fill ints": (lambda torch, x, m: torch.masked_fill(x, m, 7), INTS, BOOLS),
    "masked_fill ints by a float": (lambda torch, x, m: torch.masked_fill(x, m, 1.5), INTS, BOOLS),
    "masked_fill bools": (lambda torch, x, m: torch.masked_fill(x, m, True), ~BOOLS, BOOLS),
    "roll bools": (lambda torch, x: torch.roll(x, 1, 1), BOOLS),
    "masked_fill bools by NaN": (lambda torch, x, m: x.masked_fill(m, nan), BOOLS, ~BOOLS),
    "masked_fill ints by a tensor": (
        lambda torch, x, m: x.masked_fill(m, torch.tensor(2.5)), INTS, BOOLS,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WITHOUT_GRADIENT)
def test_ints_and_bools(torch, case):
    expression, *arrays = WITHOUT_GRADIENT[case]
    agree(torch, lambda torch, *xs: expression(torch, *[x.detach() for x in xs]), *arrays)


OF_ARRAYS = [case for case in SMOOTH if "by a tensor" not in case and "dtype" not in case]


class Functions:
    """A stand-in for the library whose functions an expression calls on arrays."""

    def __getattr__(self, name):
        return getattr(minigrad, name)


@pytest.mark.parametrize("case", OF_ARRAYS)
def test_on_arrays_they_compute_the_same(case):
    expression, *arrays = SMOOTH[case]
    on_arrays = several(expression(Functions(), *arrays))
    on_tensors = several(expression(minigrad, *map(minigrad.tensor, arrays)))
    for array, tensor in zip(on_arrays, on_tensors, strict=True):
        assert array.dtype == tensor.dtype
        np.testing.assert_array_equal(array, tensor.value)


NAMES = sorted(
    name
    for name in dir(minigrad)
    if getattr(getattr(minigrad, name), "__module__", "") == picking.__name__
)


@pytest.mark.parametrize("name", NAMES)
def test_every_function_is_one_of_pytorchs(torch, name):
    assert callable(getattr(torch, name))
    assert callable(getattr(torch.Tensor, name))


# --- errors ---------------------------------------------------------------------------------------

ERRORS = {
    "tril of 1-D": (lambda x: x[0].tril(), ValueError, r"tril.*\(3,\)"),
    "triu of 1-D": (lambda x: x[0].triu(), ValueError, r"triu.*\(3,\)"),
    "roll": (lambda x: x.roll((1, 2), 0), ValueError, "roll"),
    "roll without dims": (lambda x: x.roll((1, 2)), ValueError, "roll"),
    "masked_fill": (
        lambda x: x.masked_fill(minigrad.tensor([True, False]), 0), ValueError, r"\(2,\).*\(2, 3\)",
    ),
    "masked_fill by ints": (
        lambda x: x.masked_fill(minigrad.tensor([1, 0, 1]), 0), TypeError, "bool, not int64",
    ),
    "gather": (
        lambda x: x.gather(1, minigrad.tensor([[3]])), IndexError, "from 0 to 2 along dim 1",
    ),
    "gather by -1": (
        lambda x: x.gather(1, minigrad.tensor([[-1]])), IndexError, "from 0 to 2 along dim 1",
    ),
    "gather dims": (
        lambda x: x.gather(1, minigrad.tensor([0])), ValueError, r"\(1,\) for a tensor of shape",
    ),
    "gather floats": (lambda x: x.gather(1, x), TypeError, "int64, not float32"),
    "gather too far": (
        lambda x: x.gather(1, minigrad.zeros(3, 1).long()), ValueError,
        r"\(3, 1\) reaches beyond \(2, 3\)",
    ),
    "index_select": (
        lambda x: x.index_select(1, minigrad.tensor([3])), IndexError, "from 0 to 2 in dim 1",
    ),
    "index_select by -1": (
        lambda x: x.index_select(0, minigrad.tensor([-1])), IndexError, "from 0 to 1 in dim 0",
    ),
    "index_select by a matrix": (
        lambda x: x.index_select(1, minigrad.tensor([[1]])), (IndexError, ValueError),
        r"\(1, 1\)|1-D",
    ),
    "index_select by floats": (
        lambda x: x.index_select(1, minigrad.tensor([1.0])), (IndexError, TypeError), "int",
    ),
    "gather names the index": (
        lambda x: x.gather(1, minigrad.tensor([[0], [7]])), IndexError, "gather: index 7 is out of",
    ),
    "index_select names the index": (
        lambda x: x.index_select(0, minigrad.tensor([0, -5])), IndexError,
        "index_select: index -5 is out of range",
    ),
    "index_select of nothing": (
        lambda x: x[:0].index_select(0, minigrad.tensor([0])), IndexError, "in dim 0 is nothing",
    ),
    "masked_fill by several": (
        lambda x: x.masked_fill(x > 0, minigrad.ones(3)), ValueError, r"not of shape \(3,\)",
    ),
    "masked_fill by text": (lambda x: x.masked_fill(x > 0, "a"), TypeError, "a number, not str"),
    "masked_fill by None": (lambda x: x.masked_fill(x > 0, None), TypeError, "not NoneType"),
    "masked_fill ints by inf": (
        lambda x: x.long().masked_fill(x > 0, inf), ValueError, "inf cannot be converted to int64",
    ),
    "masked_fill ints by 2**63": (
        lambda x: x.long().masked_fill(x > 0, 2**63), ValueError, "cannot be converted to int64",
    ),
    "tril of a number": (lambda x: minigrad.tril(3), TypeError, "tril: expected .* not int 3"),
    "roll of a list": (lambda x: minigrad.roll([1, 2], 1), TypeError, "roll: expected .* not list"),
    "masked_fill of None": (lambda x: minigrad.masked_fill(None, x > 0, 1), TypeError, "not None"),
    "gather of a number": (lambda x: minigrad.gather(3, 0, x), TypeError, "gather: .* not int"),
    "a float diagonal": (lambda x: x.tril(0.5), TypeError, "must be an int, not float 0.5"),
    "a shift of text": (lambda x: x.roll("1"), TypeError, "a shift must be an int, not str '1'"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_what_is_wrong(case):
    expression, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        expression(minigrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True))

"""Errors of ops name the op, the shapes it was given, and what would be right."""

import numpy as np
import pytest

import minigrad
from minigrad import ops
from minigrad.graph import Op
from minigrad.nn import functional as F
from minigrad.ops import cat, matmul, reshape, where

ERRORS = {
    "add": (lambda x: ops.add(x, np.ones(2)), ValueError, r"add: shapes \(2, 3\) and \(2,\)"),
    "add of a string": (lambda x: x + "a", TypeError, "str"),
    "add of None": (lambda x: x + None, TypeError, "None"),
    "add with a setting it lacks": (lambda x: ops.add(x, 1, beta=2), TypeError, "beta"),
    "where": (lambda x: ops.where(x, x, 0), TypeError, "condition must be bool, not float32"),
    "where shapes": (lambda x: ops.where(x > 0, x, np.ones(2)), ValueError, r"shapes \(2, 3\)"),
    "pow of ints": (
        lambda x: minigrad.tensor([2, 3]) ** -1, (RuntimeError, ValueError), "negative",
    ),
    "sum": (lambda x: x.sum(2), IndexError, r"sum: dim 2 of shape \(2, 3\).* from -2 to 1"),
    "sum of one dim twice": (lambda x: x.sum((0, -2)), ValueError, "the same dim is given twice"),
    "amax of nothing": (lambda x: x[:0].amax(0), (ValueError, IndexError), r"\(0, 3\)"),
    "softmax": (lambda x: x.softmax(-3), IndexError, r"dim -3 of shape \(2, 3\)"),
    "softmax of ints": (lambda x: minigrad.tensor([1, 2]).softmax(0), TypeError, "int64"),
    "log_softmax of ints": (lambda x: minigrad.tensor([1, 2]).log_softmax(0), TypeError, "int64"),
    "expand": (lambda x: x.expand(4, 3), ValueError, r"expand: \(2, 3\) to \(4, 3\)"),
    "expand a new -1": (lambda x: x.expand(-1, 2, 3), ValueError, r"\(-1, 2, 3\)"),
    "expand to fewer": (lambda x: x.expand(3), ValueError, r"\(2, 3\) to \(3,\)"),
    "reshape": (lambda x: x.reshape(4, 2), ValueError, r"\(2, 3\) to \(4, 2\): 6 elements"),
    "reshape twice -1": (lambda x: x.reshape(-1, -1), ValueError, r"\(-1, -1\)"),
    "permute": (lambda x: x.permute(0, 0), ValueError, r"\(0, 0\) is not a permutation of the 2"),
    "permute too few": (lambda x: x.permute(0), ValueError, r"\(0,\) is not a permutation"),
    "getitem": (lambda x: x[2], IndexError, "index 2 is out of bounds"),
    "getitem too many": (lambda x: x[0, 0, 0], IndexError, "too many indices"),
    "getitem by floats": (lambda x: x[minigrad.tensor([0.0])], IndexError, "integer"),
    "cat": (
        lambda x: minigrad.cat([x, x[:, :2]]), ValueError, r"cat: shapes \(2, 3\), \(2, 2\).*dim 0",
    ),
    "cat of nothing": (lambda x: minigrad.cat([]), ValueError, "at least one tensor"),
    "cat dim": (lambda x: minigrad.cat([x, x], 2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "matmul": (
        lambda x: x @ x, ValueError,
        r"matmul: \(2, 3\) @ \(2, 3\): the last dim of the first \(3\) must equal the "
        r"second-to-last of the second \(2\)",
    ),
    "matmul vector": (
        lambda x: x @ x[:, 0], ValueError, r"\(2, 3\) @ \(2,\).*the only dim of the second \(2\)",
    ),
    "matmul batch": (
        lambda x: minigrad.ones(2, 1, 3) @ minigrad.ones(3, 3, 1), ValueError, "do not broadcast",
    ),
    "matmul of a number": (lambda x: x @ 2, ValueError, r"use \* for numbers"),
    "matmul dtypes": (lambda x: x @ x.double().mT, TypeError, "float32 @ float64"),
    "embedding": (
        lambda x: F.embedding(np.array([0, 2]), x), IndexError, "id 2 is out of range for 2 rows",
    ),
    "embedding by -1": (lambda x: F.embedding(np.array([-1]), x), IndexError, "word id -1"),
    "embedding by floats": (lambda x: F.embedding(np.array([0.0]), x), TypeError, "float64"),
    "embedding padding": (
        lambda x: F.embedding(np.array([0]), x, padding_idx=2),
        (ValueError, IndexError), "padding_idx",
    ),
    "cross_entropy class": (
        lambda x: F.cross_entropy(x, np.array([0, 3])), IndexError,
        "target 3 is out of range for 3 classes",
    ),
    "cross_entropy shapes": (
        lambda x: F.cross_entropy(x, np.array([0])), ValueError,
        r"logits \(2, 3\) and targets \(1,\)",
    ),
    "cross_entropy of float targets": (
        lambda x: F.cross_entropy(x, np.array([0.0, 1.0])), TypeError, "targets int64",
    ),
    "cross_entropy reduction": (
        lambda x: F.cross_entropy(x, np.array([0, 1]), reduction="avg"), ValueError, "'avg'",
    ),
    "exp twice": (lambda x: ops.exp(x, x=x), TypeError, "exp"),
    "neg of bools": (lambda x: -(x > 0), TypeError, "logical_not"),
    "relu of bools": (lambda x: minigrad.relu(x > 0), TypeError, "bool"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_what_is_wrong(case):
    expression, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        expression(minigrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True))


def leaf(*shape):
    return minigrad.randn(*shape, dtype=minigrad.float64, requires_grad=True)


def test_matmul_says_which_dims_must_be_equal():
    with pytest.raises(ValueError, match="matmul") as error:
        leaf(3, 4) @ leaf(5, 6)
    assert str(error.value) == (
        "matmul: (3, 4) @ (5, 6): the last dim of the first (4) must equal the second-to-last "
        "of the second (5)"
    )


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda: leaf(2, 3) + leaf(2), ["add", "(2, 3)", "(2,)"]),
        (lambda: leaf(2, 3) * leaf(4), ["mul", "(2, 3)", "(4,)"]),
        (lambda: where(np.ones(4, bool), leaf(3), 0.0), ["where", "(4,)", "(3,)"]),
        (lambda: leaf(2, 3).reshape(4, 2), ["reshape", "(2, 3)", "(4, 2)", "6"]),
        (lambda: leaf(2, 3).expand(3, 3), ["expand", "(2, 3)", "(3, 3)"]),
        (lambda: leaf(2, 3).permute(0, 0), ["permute", "(2, 3)", "(0, 0)"]),
        (lambda: leaf(2, 3).sum(2), ["sum", "(2, 3)", "2"]),
        (lambda: leaf(2, 3)[5], ["getitem", "(2, 3)", "5"]),
        (lambda: cat(leaf(2, 3), leaf(2, 2), dim=0), ["cat", "(2, 3)", "(2, 2)", "dim 0"]),
        (lambda: leaf(2, 3) @ leaf(4), ["matmul", "(2, 3)", "(4,)"]),
        (lambda: leaf(2, 3, 4) @ leaf(3, 4, 5), ["matmul", "(2, 3, 4)", "(3, 4, 5)"]),
        (lambda: leaf(2, 3).softmax(4), ["softmax", "(2, 3)", "4"]),
    ],
)
def test_an_error_names_the_op_and_the_shapes(call, parts):
    with pytest.raises((ValueError, IndexError, RuntimeError)) as error:
        call()
    assert str(error.value).startswith(f"{parts[0]}: ")
    for part in parts[1:]:
        assert part in str(error.value)


def test_ops_on_arrays_raise_the_same_errors():
    with pytest.raises(ValueError, match=r"^matmul: \(3, 4\) @ \(5, 6\): the last dim"):
        matmul(np.ones((3, 4)), np.ones((5, 6)))
    with pytest.raises(ValueError, match=r"^reshape: \(2, 3\) to \(5,\)"):
        reshape(np.ones((2, 3)), shape=(5,))


def test_lists_are_refused():
    with pytest.raises(TypeError, match=r"not list: use tensor\(\)"):
        Op.node([1.0, 2.0])
    with pytest.raises(TypeError, match=r"relu: expected a tensor, not list \[1.0\]$"):
        minigrad.relu([1.0])

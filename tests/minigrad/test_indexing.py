"""Indexing: reading and writing the elements that PyTorch's indexing selects."""

import numpy as np
import pytest
from agreement import agree, draw

import minigrad

X = draw(2, 3, 4)
INDICES = [
    "1", "-1", "0, 2", "1, -1, 0", "np.int64(1)", ":", "1:", "::2", ":, ::2", ":, 1:3, 2", "3:, :",
    "...", "..., 0", "0, ..., 0", "None", "None, 0", ":, None, :", "..., None",
    "1, None, ..., None",
    "[1, 0]", "[0, 0, 1, 0]", "[-1, 0]", "[]", ":, [2, 0, 2]", "..., [0, 0]",
    "[0, 1], [2, 2]", "[0, 0], :, [1, 1]", "[[0], [1]], [0, 2]", "0, [1, 1]", "0, :, [1, 1, 3]",
    "0, ..., [1, 1, 3]", "[1, 0], None, 2", "[1, 1], 0, :", ":, 0, [3, 3]", "[1, 1], ..., 0",
    "np.array([1, 1, 0])", "np.array(1)", "(slice(None), np.array([[0, 2]]))", "(0, 1)", "()",
    "torch.tensor([1, 1, 0])", "torch.tensor(1)", ":, torch.tensor([0, -1])",
    "1:, torch.tensor([0, 0])",
    "torch.tensor([True, False])", "[True, False]", "np.array([False, True])", "x > 0",
    "x[0, 0, 0] < 9",
    ":, torch.tensor([True, False, True])", "..., torch.tensor([True, False, True, True])",
    ":, x[0] > 0", "torch.tensor([True, True]), torch.tensor([2, 2])", "0, x[0] > 0", "x > 99",
    "True", "False", "..., True",
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES)
def test_indexing_against_torch(torch, index):
    agree(torch, f"x[{index}]", X)


@pytest.mark.parametrize("index", ["...", "None", "()", "True", "..., None"])
def test_indexing_of_0d_against_torch(torch, index):
    agree(torch, f"x[{index}]", draw())


@pytest.mark.parametrize("index", ["x[:, 1, ..., y]", "x[1, ..., y, 2]", "x[..., 0, :, y]"])
def test_an_ellipsis_that_covers_no_dims(torch, index):
    code = index.replace("y", "[1, 3, 0]" if index.endswith("y]") else "[1, 2]")
    agree(torch, code, X)


@pytest.mark.parametrize("index", INDICES)
def test_writing_by_index_against_torch(torch, index):
    """Writing by an index changes the same elements as in PyTorch."""
    written = []
    for library in (minigrad, torch):
        x = library.tensor(X)
        exec(f"x[{index}] = -5.0", {"x": x, "torch": library, "np": np})
        written.append(x.numpy())
    np.testing.assert_array_equal(*written)


def test_an_index_is_copied():
    index = np.array([0, 0, 1])
    x = minigrad.ones(3, requires_grad=True)
    y = x[index]
    index[:] = 2
    y.sum().backward()
    assert x.grad.tolist() == [2, 1, 0]


@pytest.mark.parametrize("index", ["2", "0, 3", "0, 0, 0, 0", "[2]", "[True]", "'a'", "1.5", "x"])
def test_indices_out_of_range_or_of_the_wrong_type(index):
    x = minigrad.tensor(X)
    with pytest.raises((IndexError, TypeError), match="getitem"):
        eval(f"x[{index}]", {"x": x})

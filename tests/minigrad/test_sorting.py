"""The room of order and search, and where(condition): beside PyTorch."""

import numpy as np
import pytest
import rooms
from agreement import agree, draw

import minigrad

ROOMS = ("minigrad.sorting",)
inf, nan = float("inf"), float("nan")
X = draw(3, 4)
INTS = np.array([[3, 1, 3, 0], [1, 1, 1, 2], [3, 1, 3, 0]])
ROWS = np.array([[1, 1], [1, 1], [0, 1], [1, 1]])
EDGES = np.array([[-1.0, 0.0, 0.0, 2.0], [-2.0, -1.0, 1.0, 1.0], [0.0, 1.0, 2.0, 3.0]])

TABLE = {
    "sort": (
        "(*x.sort(), *torch.sort(x, 0, True), *x.sort(dim=1, descending=True, stable=True),"
        " *torch.sort(x[0, 0]))",
        X,
    ),
    "msort": ("(torch.msort(x), x.msort())", X),
    "kthvalue": (
        "(*x.kthvalue(2), *torch.kthvalue(x, k=3, dim=0, keepdim=True), *x[0, 0].kthvalue(1))", X),
    "unique": (
        "(torch.unique(x), *x.unique(return_inverse=True), *torch.unique(x, True, False, True),"
        " *x.unique(dim=0, return_inverse=True, return_counts=True), x.unique(dim=-1))",
        INTS,
    ),
    "unique_consecutive": (
        "(torch.unique_consecutive(x), *x.unique_consecutive(True, True),"
        " *torch.unique_consecutive(x, return_inverse=True, return_counts=True, dim=0),"
        " x.unique_consecutive(dim=1))",
        ROWS,
    ),
    "nonzero": ("(torch.nonzero(x), *x.nonzero(as_tuple=True), (x > 1).nonzero())", INTS),
    "argwhere": ("(torch.argwhere(x), x.argwhere())", INTS),
    "searchsorted": (
        "(torch.searchsorted(x, y), torch.searchsorted(x, y, right=True),"
        " torch.searchsorted(x[0], y, side='right'), torch.searchsorted(x[0], 0),"
        " torch.searchsorted(-x[0], -y, sorter=torch.tensor([3, 2, 1, 0])))",
        EDGES,
        np.array([[0.0, 5.0], [1.0, -9.0], [2.5, nan]]),
    ),
    "bucketize": ("(torch.bucketize(x, y), torch.bucketize(3, boundaries=y, right=True))",
        INTS, np.array([0, 1, 3])),
    "unravel_index": (
        "(*torch.unravel_index(x, (4, 3)), *torch.unravel_index(x * 9 - 3, shape=(4, 2)))", INTS),
    "isin": (
        "(torch.isin(x, y), torch.isin(x, 3), torch.isin(3, x), torch.isin(x, y, invert=True))",
        INTS, np.array([0, 3])),
}  # fmt: skip


def test_every_name_has_an_example():
    rooms.check_names(TABLE, *ROOMS)


def test_every_name_is_one_of_pytorchs(torch):
    rooms.check_in_torch(torch, *ROOMS)


@pytest.mark.parametrize("name", TABLE)
def test_against_torch(torch, name):
    rooms.check_agreement(torch, TABLE, name)


@pytest.mark.parametrize("name", TABLE)
def test_gradients_against_differences(name):
    rooms.check_differences(TABLE, name)


NAN = np.array([2.0, nan, -inf, 2.0, inf, nan, -0.0, 0.0])
CASES = {
    "NaN is the largest": ("(*x.sort(), *x.sort(descending=True), x.msort())", NAN),
    "a NaN equals none": ("(*x.unique(return_inverse=True), x.unique_consecutive())", NAN[:6]),
    "the kth may be NaN": ("(x.kthvalue(7).values, x.kthvalue(1).values)", NAN),
    "bools": ("(*x.sort(stable=True), x.unique())", INTS > 1),
    "stable and sorted": ("(x.argsort(stable=True), *x.topk(2, sorted=False))", INTS[:1, :2]),
    "nothing": (
        "(*x.sort(), x.unique(), *x.unique_consecutive(True), x.nonzero(), x.T.nonzero(),"
        " x.unique(dim=0), torch.isin(x, x), torch.searchsorted(x[:, 0], x))",
        np.zeros((0, 2)),
    ),
    "numbers": (
        "(x.unique(return_inverse=True)[1], x.unique_consecutive(return_counts=True)[1],"
        " x.nonzero(), (x * 0).nonzero(), *x.nonzero(as_tuple=True), x.argwhere(), x.msort())",
        np.array(3),
    ),
    "NaN among the boundaries": (
        "[torch.searchsorted(x, torch.tensor([[v], [v]]).double(), right=r)"
        " for v in (0.0, 1.5, 5.0, nan) for r in (True, False)]".replace("nan", "float('nan')"),
        np.array([[1.0, 2.0, nan, nan], [nan] * 4]),
    ),
    "where": ("(*torch.where(x > 1), *torch.where(x), *torch.where(x[0, 0] > 1))", INTS),
    "where, as before": ("torch.where(x > 1, x, other=-x)", INTS),
}


@pytest.mark.parametrize("case", CASES)
def test_cases_against_torch(torch, case):
    expression, *arrays = CASES[case]
    agree(torch, lambda torch, x: eval(expression, {"torch": torch, "x": x.detach()}), *arrays)


def test_a_sort_is_stable_and_has_names():
    found = minigrad.tensor([1.0, 0.0, 1.0, 0.0]).sort(descending=True)
    assert found.values.tolist() == [1, 1, 0, 0]
    assert found.indices.tolist() == [0, 2, 1, 3]
    assert found.indices.dtype == minigrad.int64


def test_the_gradient_of_a_sort_returns_to_where_the_elements_were():
    x = minigrad.tensor([3.0, 1.0, 2.0], requires_grad=True)
    (x.sort().values * minigrad.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [100, 1, 10]


def test_where_and_nonzero_take_arrays_too():
    for found, plain in zip(minigrad.where(INTS > 1), np.nonzero(INTS > 1), strict=True):
        np.testing.assert_array_equal(found, plain)
        assert isinstance(found, np.ndarray)
    np.testing.assert_array_equal(minigrad.nonzero(INTS), np.argwhere(INTS))


T = minigrad.tensor(X)
ERRORS = {
    "sort": (lambda: T.sort(2), IndexError, r"dim 2 of shape \(3, 4\)"),
    "sort True": (lambda: T.sort(True), TypeError, "must be an int, not bool True"),
    "sort descending": (lambda: T.sort(0, 1), TypeError, "descending must be True or False"),
    "kthvalue": (lambda: T.kthvalue(5), ValueError, "k is 5; dim -1 of .3, 4. has 4 elements"),
    "kthvalue of bools": (lambda: (T > 0).kthvalue(1), TypeError, "got bool"),
    "unique": (lambda: T[:, :0].unique(dim=0), ValueError, "have no elements"),
    "nonzero of a list": (lambda: minigrad.nonzero([1]), TypeError, "expected a tensor, not list"),
    "searchsorted": (lambda: minigrad.searchsorted(T, T[0]), ValueError, "the leading dims of"),
    "searchsorted side": (
        lambda: minigrad.searchsorted(T[0], 1, side="left", right=True), ValueError, "right=True"),
    "searchsorted sorter": (
        lambda: minigrad.searchsorted(T[0], 1, sorter=T[0]), ValueError, "a sorter is ints"),
    "unravel_index": (
        lambda: minigrad.unravel_index(minigrad.tensor(6), (2, 0)), ValueError, "has no elements"),
    "bucketize": (lambda: minigrad.bucketize(1, T), ValueError, "boundaries have one dim"),
    "isin": (lambda: minigrad.isin(1, 1), TypeError, "one of the two must be a tensor"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    call, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        call()

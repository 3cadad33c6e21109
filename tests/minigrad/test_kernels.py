"""The kernels agree with the plain NumPy that they replace."""

import itertools

import numpy as np
import pytest

import minigrad
from minigrad import kernels
from minigrad.kernels import add_at, add_up, largest, select

ORDERS = [dims for n in range(4) for dims in itertools.permutations(range(3), n)]


def numbers(*shape, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("over", ORDERS, ids=str)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.bool_])
def test_add_up_over_any_dims(over, keepdims, dtype):
    for x in (numbers(4, 5, 6), numbers(6, 5, 4).T, numbers(8, 10, 12)[::2, 1::2, ::2]):
        x = x.astype(dtype)
        found, plain = add_up(x, over, keepdims), np.add.reduce(x, over, keepdims=keepdims)
        assert (found.shape, found.dtype) == (plain.shape, plain.dtype)
        np.testing.assert_allclose(found, plain, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0), (2, 0, 3)])
def test_add_up_of_nothing(shape):
    x = numbers(*shape)
    for over in ((0,), (len(shape) - 1,)):
        np.testing.assert_array_equal(add_up(x, over), np.add.reduce(x, over))


def test_long_sums_have_a_small_rounding_error(torch):
    for shape, over in (((4, 1 << 14), 1), ((4, 1 << 20), 1), ((1 << 18, 4), 0)):
        x = np.random.default_rng(0).random(shape, np.float32)
        exact = x.sum(over, dtype=np.float64)
        ours, numpys = (abs(s / exact - 1).max() for s in (add_up(x, (over,)), x.sum(over)))
        theirs = abs(torch.tensor(x).sum(over).numpy() / exact - 1).max()
        assert ours < max(2 * numpys, 10 * theirs)


LONG_SUMS = {
    "rows": (lambda x: x.reshape(-1, 4), (0,)),
    "one column": (lambda x: x.reshape(-1, 1), (0,)),
    "an odd number of rows": (lambda x: x[: 3 * 77777].reshape(-1, 3), (0,)),
    "just over a block": (lambda x: x[: 4097 * 64].reshape(4097, 64), (0,)),
    "columns": (lambda x: x.reshape(4, -1), (1,)),
    "of the transposed": (lambda x: x.reshape(-1, 4).T, (1,)),
    "the middle": (lambda x: x.reshape(2, -1, 4), (1,)),
    "a short middle": (lambda x: x.reshape(100, 3000, 4), (1,)),
    "first and last": (lambda x: x.reshape(-1, 3 if x.size % 3 == 0 else 2, 8), (0, 2)),
    "two leading": (lambda x: x.reshape(100, -1, 4), (0, 1)),
    "two trailing": (lambda x: x.reshape(2, 1000, -1), (2, 1)),
    "all": (lambda x: x.reshape(1000, -1), (0, 1)),
    "all of a part": (lambda x: x.reshape(-1, 8)[:, 1:5], (0, 1)),
    "a part": (lambda x: x.reshape(-1, 8)[::2, 1:4], (0,)),
    "of the expanded": (lambda x: np.broadcast_to(x[:200000, None], (200000, 3)), (0,)),
}


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("values", ["random", "equal"])
@pytest.mark.parametrize("case", LONG_SUMS)
def test_long_sums_lose_nothing(case, values, keepdims):
    """The error is at PyTorch's level, in relation to the sum of the absolute values."""
    shaped, over = LONG_SUMS[case]
    x = numbers(1_200_000) if values == "random" else np.full(1_200_000, 0.1, np.float32)
    x = shaped(x)
    exact, scale = x.sum(over, float, keepdims=keepdims), abs(x).sum(over, float, keepdims=keepdims)
    found = add_up(x, over, keepdims)
    assert (found.shape, found.dtype) == (exact.shape, x.dtype)
    assert (abs(found - exact) / scale).max() < 5e-7


def test_a_mean_of_many_rows_and_the_gradient_of_a_bias():
    x = minigrad.tensor(np.full((500_000, 2), 0.1, np.float32))
    bias = minigrad.zeros(2, requires_grad=True)
    ((x + bias) * 0.1).sum().backward()
    np.testing.assert_allclose(bias.grad.value, 50_000, rtol=1e-6)
    np.testing.assert_allclose(x.mean(0).value, 0.1, rtol=1e-6)
    np.testing.assert_allclose(x.var(0, correction=0).value, 0, atol=1e-12)


def test_sums_of_many_lengths_keep_little_memory():
    for n in range(1, 70):
        add_up(np.ones((100 * n, 2), np.float32), (0,))
        add_up(np.ones((2, 200 * n), np.float32), (1,))
    bases = {
        id(row.base): row.base
        for row in map(kernels.row_of_ones, range(1, 90), [np.dtype("f4")] * 89)
    }
    assert sum(base.nbytes for base in bases.values()) <= 1 << 16


@pytest.mark.parametrize("over", ORDERS[1:], ids=str)
def test_largest_over_any_dims(over):
    for x in (numbers(4, 5, 6), numbers(40, 5, 60), numbers(3, 4, 300)):  # short, and long rows
        x[1, 2, 3], x[2, 2] = np.nan, -np.inf
        for y in (x, x.T):
            np.testing.assert_array_equal(largest(y, over), y.max(over, keepdims=True))
            for keepdims in (False, True):
                found = kernels.extreme(np.minimum, y, over, keepdims)
                np.testing.assert_array_equal(found, y.min(over, keepdims=keepdims), strict=True)


def test_largest_of_nothing():
    assert np.array_equal(largest(numbers(2, 0), (1,)), np.full((2, 1), -np.inf))
    assert largest(numbers(0, 2), (1,)).shape == (0, 1)


@pytest.mark.parametrize("shape", [(30,), (100, 200)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_select_is_where(shape, dtype):
    mask = numbers(*shape) < 0
    x, y = 9 * numbers(*shape, seed=1), 9 * numbers(*shape, seed=2)
    x, y = x.astype(dtype), y.astype(dtype)
    row = mask[:1]  # broadcasts if there are two dims
    before = [array.copy() for array in (mask, x, y)]
    cases = [(mask, x, y), (mask, x, 0), (mask, 0, y), (mask, x, x[0]), (row, x, 0), (row, 0, x)]
    cases += [(mask, 7, y), (row, 7, y), (row, x, y), (mask, 7, 8), (row, x[:1], y)]
    for given in (*cases, (np.ones((), bool), x, 0)):
        plain, found = np.where(*given), select(*given)
        assert found.dtype == plain.dtype
        np.testing.assert_array_equal(found, plain)
        found[...] = 7  # the result shares no memory with the inputs
    for array, same in zip((mask, x, y), before, strict=True):
        np.testing.assert_array_equal(array, same)


@pytest.mark.parametrize(
    "index",
    [
        2, -1, slice(1, 3), (slice(None), 0), (0, 1), (..., 1), None, ..., np.int64(1),
        np.array([2, 0, 2, -1]), np.array([[1, 1], [-3, 2]]), np.array([], int), [1, 1], True,
        np.array([True, False, True, True]), (np.array([0, 0]), np.array([1, 1])), (0, [1, 1]),
        (slice(None), np.array([0, 2, 0])), (np.array([[0], [-1]]), np.array([2, 2, -1])),
        (np.array([1, 0, 1]), slice(None)), (np.array([1, 1]),), (slice(1, 3), np.array([1, 1])),
        (slice(None), np.zeros((2, 0), int)),
    ],
    ids=str,
)  # fmt: skip
def test_add_at_accumulates_repeated_indices(index):
    for total in (numbers(4, 3), numbers(3, 4).T, numbers(4, 6), numbers(4, 6, dtype=np.float64)):
        singles = np.array(numbers(*np.shape(total[index]), seed=1), order="F")
        for x in (singles, singles.astype(total.dtype)):
            plain = total.copy()
            np.add.at(plain, index, x)
            add_at(total, index, x)
            np.testing.assert_allclose(total, plain, rtol=1e-6)


X = numbers(4, 5, 6)
INDEX = np.array([0, 2, 2])
PLAIN = {  # an example of each kernel whose docstring opens with the plain NumPy
    "select": {"condition": X > 0, "x": X, "y": np.float32(0)},
    "add_up": {"x": X, "over": (1, 2), "keepdims": True},
    "row_of_ones": {"size": 5, "dtype": np.dtype("f4")},
    "largest": {"x": X, "over": (2,)},
    "extreme": {"function": np.minimum, "x": X, "over": (2,), "keepdims": False},
    "sigmoid": {"x": X},
    "matmul": {"x": X, "y": numbers(6, 3)},
    "add_many": {"x": X, "over": (0, 2), "keepdims": True},
    "product": {"x": X[0], "y": numbers(6, 3)},
    "power": {"x": X, "y": np.float32(3)},
    "outside": {"indices": np.array([-1, 0, 2, 3]), "size": 3},
}
IN_PLACE = {
    "add_at": {"total": X, "index": (INDEX, INDEX), "x": numbers(3, 6, seed=1)},
    "add_rows": {"total": X[0].copy(), "rows": INDEX, "x": numbers(3, 6, seed=1)},
}


def plain(name, given):
    """The docstring's first line, evaluated."""
    line = getattr(kernels, name).__doc__.partition("\n")[0]
    return eval(line.partition(", for ")[0].rstrip("."), {"np": np, **given})


@pytest.mark.parametrize("name", PLAIN)
def test_the_docstring_is_what_the_kernel_computes(name):
    found = getattr(kernels, name)(**PLAIN[name])
    np.testing.assert_allclose(found, plain(name, PLAIN[name]), rtol=1e-5, strict=True)


@pytest.mark.parametrize("name", IN_PLACE)
def test_the_docstring_is_what_the_kernel_changes(name):
    given, expected = IN_PLACE[name], {**IN_PLACE[name], "total": IN_PLACE[name]["total"].copy()}
    given = {**given, "total": given["total"].copy()}
    getattr(kernels, name)(**given)
    plain(name, expected)
    np.testing.assert_allclose(given["total"], expected["total"], rtol=1e-5)


POWERS = (-4, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 4, 5, 1.5, -2.5, 1e3, 3.0, 1 << 30, np.inf, np.nan)


@pytest.mark.parametrize("y", POWERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_powers_are_numpys_and_as_accurate(y, dtype):
    edges = [0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 1e-30, -1e30, 5e-324]
    x = np.concatenate([3 * numbers(200, dtype=np.float64), edges]).astype(dtype)
    with np.errstate(all="ignore"):
        exact = np.power(x.astype(np.longdouble), np.longdouble(y)).astype(dtype)
        if y in (0.5, -0.5):  # as PyTorch: a root, also of -inf
            exact = (np.sqrt(x) if y > 0 else 1 / np.sqrt(x)).astype(dtype)
        found = kernels.power(x, y)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, exact, rtol=4 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(exact))
    assert type(kernels.power(x[0], y)) in (dtype, np.ndarray)


def test_parts_are_all_of_it():
    x = numbers(3000, 40)
    assert len(kernels.parts(x)) > 1
    np.testing.assert_array_equal(np.concatenate([x[part] for part in kernels.parts(x)]), x)
    assert kernels.parts(x[:0]) == []


def test_every_kernel_is_compared_with_plain_numpy():
    public = {
        name
        for name, value in vars(kernels).items()
        if getattr(value, "__module__", "") == kernels.__name__ and not name.startswith("_")
    }
    elsewhere = {"exps", "fitted"}  # nn/test_ops.py, test_dtypes.py
    assert public == {*PLAIN, *IN_PLACE, "parts", *elsewhere}

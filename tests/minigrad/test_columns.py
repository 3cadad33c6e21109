"""The kernels along dims agree with the plain NumPy that they replace, whatever their parts are."""

import itertools

import numpy as np
import pytest

import minigrad
from minigrad import columns

SHAPES = [(7000,), (1000, 5), (200, 64), (100, 65), (5, 4000), (70, 30, 3), (20, 30, 70), (0, 3)]
DTYPES = [np.float32, np.float64]


@pytest.fixture(params=[1 << 10, columns.PART], autouse=True)
def _parts(request, monkeypatch):
    monkeypatch.setattr(columns, "PART", request.param)


def numbers(shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def some_dims(ndim):
    return [d for n in range(1, ndim + 1) for d in itertools.combinations(range(ndim), n)]


def tolerance(dtype):
    return 2e-6 if dtype is np.float32 else 1e-12


@pytest.mark.parametrize("shape", SHAPES[:-1], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_variances_are_numpys_and_more_accurate(shape, dtype):
    x = (numbers(shape) * 3 + 1000).astype(dtype)
    for over, keepdims in itertools.product(some_dims(len(shape)), (False, True)):
        for y in (x, x[::-1]):
            exact = np.var(y.astype(np.longdouble), over, ddof=1, keepdims=keepdims).astype(dtype)
            found = columns.variance(y, over, 1, keepdims)
            rtol = 2e-7 if dtype is np.float32 else 1e-11
            np.testing.assert_allclose(found, exact, rtol=rtol, strict=True)
            root = columns.variance(y, over, 1, keepdims, root=True)
            np.testing.assert_allclose(root, np.sqrt(exact), rtol=rtol, strict=True)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_variance_of_equal_numbers_is_0_and_that_of_large_ones_finite(dtype):
    for value in (0.1, 1e30, -3e38):
        assert (columns.variance(np.full((50, 70), value, dtype), (0,), 1, False) == 0).all()
    large = numbers((4000,), dtype) * dtype(1e30)
    found = columns.variance(large, (0,), 0, False, root=True)
    np.testing.assert_allclose(found, np.std(large.astype(np.longdouble)).astype(float), rtol=1e-6)


@pytest.mark.parametrize("scale", [1, 30, 1e4])
@pytest.mark.parametrize("shape", [(9000, 5), (2000, 40), (300, 300), (20, 10_000)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_is_its_formula(shape, dtype, scale):
    x = numbers(shape, dtype) * dtype(scale)
    x[1, 2], x[2] = -np.inf, x[2] - 90 * scale
    shifted = x.astype(np.longdouble) - x.max(1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    atol = np.finfo(dtype).tiny
    found = columns.softmax(x, (1,))
    rtol = 4e-6 * scale if dtype is np.float32 else 1e-11
    np.testing.assert_allclose(found, np.exp(logs).astype(dtype), rtol=rtol, atol=atol)
    found = columns.log_softmax(x, (1,))
    np.testing.assert_allclose(found, logs.astype(dtype), rtol=rtol, atol=4 * np.finfo(dtype).eps)
    for function in (columns.softmax, columns.log_softmax):
        np.testing.assert_allclose(function(x.T, (0,)), function(x, (1,)).T, rtol=rtol, atol=rtol)


def test_a_row_of_which_all_is_masked_is_nan_and_no_other():
    x = numbers((3000, 40), np.float32)
    x[7] = -np.inf
    with np.errstate(invalid="ignore"):
        rows = np.isnan(columns.softmax(x, (1,))).all(1)
    assert np.flatnonzero(rows).tolist() == [7]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", [*DTYPES, np.int64])
def test_products_are_numpys(shape, dtype):
    x = (1 + 0.01 * numbers(shape)).astype(dtype) if dtype != np.int64 else numbers(shape) > -3
    x = x.astype(dtype)
    for over, keepdims in itertools.product(some_dims(len(shape)), (False, True)):
        expected = np.multiply.reduce(x, over, keepdims=keepdims)
        found = columns.product(x, over, keepdims)
        rtol = 1e-3 if dtype is np.float32 else 1e-9
        np.testing.assert_allclose(found, expected, rtol=rtol, strict=True)


@pytest.mark.parametrize("shape", SHAPES[:-1], ids=str)
@pytest.mark.parametrize("dtype", [*DTYPES, np.int64])
def test_running_sums_are_numpys(shape, dtype):
    x = (numbers(shape) * 3).astype(dtype)
    wide = np.float64 if dtype is np.float32 else dtype
    for axis in range(len(shape)):
        expected = np.add.accumulate(x.astype(wide), axis).astype(dtype)
        found = columns.running(np.add, x, axis, wide)
        np.testing.assert_allclose(found, expected, rtol=tolerance(dtype), atol=1e-9, strict=True)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dtype", [*DTYPES, np.int64])
def test_the_first_sorted_are_those_of_a_sort(dtype, descending):
    x = np.random.default_rng(0).permuted(np.tile(np.arange(200), (40, 1)), axis=1).astype(dtype)
    for k in (1, 3, 25):
        found = columns.first_sorted(x, 1, k, descending)
        np.testing.assert_array_equal(found, np.argsort(-x if descending else x, 1)[:, :k])
    assert columns.first_sorted(x, 1, 30, descending) is None  # a sort is as fast
    x[3, :2] = x[3].max() if descending else x[3].min()
    assert columns.first_sorted(x, 1, 1, descending) is None  # ambiguous


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("case", ["different", "equal", "nan"])
@pytest.mark.parametrize("largest", [False, True])
def test_topk_of_many_is_the_start_of_a_sort(dim, case, largest):
    x = numbers((150, 200))
    if case == "equal":
        x = np.round(x, 1)
    elif case == "nan":
        x[::7, ::5] = np.nan
    ours = minigrad.tensor(x)
    values, indices = ours.topk(5, dim, largest)
    place = (slice(None),) * (dim % 2) + (slice(5),)
    ordered = ours.sort(dim, largest)
    np.testing.assert_array_equal(values.value, ordered.values.value[place])
    np.testing.assert_array_equal(indices.value, ordered.indices.value[place])


@pytest.mark.parametrize("case", ["different", "equal", "nan"])
@pytest.mark.parametrize("dim", [0, 1])
def test_medians_and_kth_values_of_many_are_those_of_a_sort(dim, case):
    x = numbers((150, 201))
    if case == "equal":
        x = np.round(x, 1)
    elif case == "nan":
        x[::7, ::5] = np.nan
    ours = minigrad.tensor(x)
    ordered = ours.sort(dim)
    for k in (1, 70):
        place = (slice(None),) * dim + (k - 1,)
        values, indices = ours.kthvalue(k, dim)
        np.testing.assert_array_equal(values.value, ordered.values.value[place])
        np.testing.assert_array_equal(indices.value, ordered.indices.value[place])
    values, indices = ours.nanmedian(dim)
    np.testing.assert_array_equal(values.value, np.nanquantile(x, 0.5, dim, method="lower"))
    if case != "nan":
        np.testing.assert_array_equal(values.value, ours.median(dim).values.value)
        np.testing.assert_array_equal(indices.value, ours.median(dim).indices.value)
    else:
        np.testing.assert_array_equal(np.isnan(ours.median(dim).values.value), np.isnan(x).any(dim))

"""erf, erfc and erfinv on arrays: beside Python's own, to the last bits."""

import math

import numpy as np
import pytest

from minigrad.error_function import PART, erf, erfc, erfinv

FAR = np.concatenate([np.linspace(-28, 28, 20_001), np.linspace(-1, 1, 4001)])
NEAR = np.outer([1, -1], 10.0 ** np.arange(-320, 1)).ravel()
POINTS = np.concatenate([FAR, NEAR, np.random.default_rng(0).standard_normal(10_000) * 2])


def errors(found, wanted):
    """How far the found values are from those wanted, in units of the last place."""
    wanted = np.asarray(wanted)
    assert found.shape == wanted.shape
    tiny = np.finfo(found.dtype).tiny
    unit = np.spacing(np.maximum(np.abs(wanted), tiny).astype(found.dtype)).astype(float)
    return np.abs(found - wanted) / unit


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_erf_to_the_last_bits(dtype):
    x = POINTS.astype(dtype)
    assert erf(x).dtype == dtype
    assert errors(erf(x), [math.erf(v) for v in x.tolist()]).max() <= 3


@pytest.mark.parametrize(("dtype", "most"), [(np.float64, 8), (np.float32, 1)])
def test_erfc_to_the_last_bits_also_where_it_is_tiny(dtype, most):
    x = POINTS.astype(dtype)
    assert errors(erfc(x), [math.erfc(v) for v in x.tolist()]).max() <= most


def test_erfinv_is_the_inverse():
    x = np.concatenate([np.linspace(-5.5, 5.5, 1001), [1e-300, -1e-12]])
    y = np.array([math.erf(v) for v in x])
    slope = 2 / math.sqrt(math.pi) * np.exp(-x * x)  # an error of y is one of x divided by it
    assert (np.abs(erfinv(y) - x) <= 4e-16 * (np.abs(x) + np.abs(y) / slope)).all()
    assert erfinv(np.float32([0.5])).dtype == np.float32


@np.errstate(all="ignore")
def test_special_points():
    inf, nan = math.inf, math.nan
    np.testing.assert_array_equal(erf(np.array([inf, -inf, nan, 0])), [1, -1, nan, 0])
    np.testing.assert_array_equal(erfc(np.array([inf, -inf, nan, 0])), [0, 2, nan, 1])
    np.testing.assert_array_equal(erfinv(np.array([1, -1, 1.1, nan])), [inf, -inf, nan, nan])
    for function in (erf, erfinv):
        assert np.signbit(function(np.array([-0.0]))).all()


def test_shapes_and_parts():
    for function in (erf, erfc, erfinv):
        for shape in [(), (0, 3), (2, 3), (PART + 5,)]:
            expected = np.full(shape, function(np.array([0.25]))[0])
            np.testing.assert_array_equal(function(np.full(shape, 0.25)), expected)
        x = np.arange(6.0).reshape(2, 3).T / 10
        np.testing.assert_array_equal(function(x), function(x.copy()))

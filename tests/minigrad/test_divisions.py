"""Remainders and rounded quotients by float64: to the bit what NumPy computes bit by bit."""

import numpy as np
import pytest

from minigrad import divisions

EDGES = [0.0, -0.0, 1, -2, 4, np.inf, -np.inf, np.nan, 1e-30, -1e30, 1e20, 3, 0.1]


def numbers(dtype):
    """Pairs at random, at edges, of whole numbers, and with quotients close to whole ones."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 8000)) * 3
    whole = rng.integers(1, 1 << 20, 2000)
    x[:2000] = (whole * y[:2000].astype(dtype)).astype(dtype)
    x[1000:2000] = np.nextafter(x[1000:2000].astype(dtype), dtype(0))
    x[2000:3000], y[2000:3000] = rng.integers(-99, 99, 1000), rng.choice([-3, -2, 1, 5], 1000)
    x[3000:3500] *= 1e6
    edges = np.array(np.meshgrid(EDGES, EDGES)).reshape(2, -1)
    with np.errstate(over="ignore"):
        return np.concatenate([[x, y], edges, np.ones((2, 80_000))], 1).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["fmod", "remainder", "floor_divide"])
@pytest.mark.parametrize("part", [100, divisions.PART])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_they_are_numpys(name, dtype, part, monkeypatch):
    monkeypatch.setattr(divisions, "PART", part)
    ours, plain = getattr(divisions, name), getattr(np, name)
    x, y = numbers(dtype)
    grid = x[:9000].reshape(90, 100)
    pairs = [(x, y), (x, 0.3), (x, -2), (dtype(7), y), (grid, y[:100]), (grid, y[:90, None])]
    for a, b in pairs:
        found, expected = ours(a, b), plain(a, b)
        if name == "floor_divide":  # where a quotient has too many digits, NumPy's is rounded twice
            np.testing.assert_allclose(found, expected, rtol=2e-7, strict=True)
        else:
            np.testing.assert_array_equal(found, expected, strict=True)
            known = ~np.isnan(expected)
            np.testing.assert_array_equal(np.signbit(found)[known], np.signbit(expected)[known])


def test_ints_and_few_numbers_are_left_to_numpy():
    assert divisions.remainder(np.array([-7, 7]), 3).tolist() == [2, 1]
    assert type(divisions.fmod(np.float32(3), np.float32(2))) is np.float32

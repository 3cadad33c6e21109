"""Random numbers that others are made from: see also test_sampling.py."""

import minigrad
import numpy as np
import pytest
from minigrad.seeds import chances

N = 1 << 20


# Of 256 p, some have no whole part, some have no rest, some have both.
@pytest.mark.parametrize("p", [0.3 / 256, 0.1, 0.25, 1 / 3, 0.5, 0.9, 255.6 / 256])
def test_chances_have_their_probability(p):
    minigrad.manual_seed(0)
    found = chances((N,), p)
    assert found.dtype == bool
    assert found.mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / N))


def test_chances_that_are_certain():
    assert not chances((N,), 0.0).any()
    assert chances((N,), 1.0).all()


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3)])
def test_chances_of_any_shape_follow_the_seed(shape):
    minigrad.manual_seed(1)
    found = chances(shape, 0.3)
    minigrad.manual_seed(1)
    assert found.shape == shape
    np.testing.assert_array_equal(chances(shape, 0.3), found)

import base64
import json

import numpy as np
import pytest

from models.training import histograms


def counted(text):
    return np.frombuffer(base64.b64decode(text), np.uint8)


def test_many_arrays_have_the_numbers_that_each_has_alone():
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=size).astype(np.float32) for size in (1, 7, 500, histograms.MOST)]
    arrays += [np.full((3, 2), 0.25, np.float32), rng.normal(size=(9, 8, 7))]
    found = histograms.of(arrays, [1.0] * len(arrays))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for i, x in enumerate(arrays):
        values = x.astype(float).ravel()
        assert found["norms"][i] == pytest.approx(np.linalg.norm(values), rel=1e-3)
        assert found["ranges"][i] == pytest.approx([values.min(), values.max()], rel=1e-3)
        counts = counted(found["histograms"][i])
        if values.min() == values.max():
            assert counts.tolist() == [255] + [0] * (histograms.BINS - 1)
            continue
        expected, _ = np.histogram(values, histograms.BINS)
        assert np.array_equal(counts, np.ceil(255 * expected / expected.max()))


@pytest.mark.parametrize("scale", [1e-300, 1e-34, 1.0, 1e30])
def test_tiny_and_huge_values_keep_their_shape(scale):
    values = np.array([-1, -1, -0.51, 0.26, 0.26, 0.26, 1]) * scale
    found = histograms.of([values], [2.0])
    assert found["norms"] == [
        pytest.approx(2 * scale * np.linalg.norm(values / scale), rel=1e-3)
    ] or (
        scale == 1e-300  # whose squares are 0
    )
    assert found["ranges"] == [[-2 * scale, 2 * scale]]
    if scale > 1e-300:
        expected, _ = np.histogram(values / scale, histograms.BINS)
        assert np.array_equal(counted(found["histograms"][0]) > 0, expected > 0)


def test_of_a_large_array_evenly_spaced_values_are_counted():
    values = np.linspace(-1, 1, 10 * histograms.MOST + 3)
    found = histograms.of([values], [1.0])
    assert found["norms"] == [pytest.approx(np.linalg.norm(values), rel=1e-3)]  # of all of them
    assert counted(found["histograms"][0]).min() > 200


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_has_no_histogram(value):
    assert histograms.of([np.ones(3), np.array([1.0, value])], [1.0, 1.0]) is None

"""Arrays as data: numbers, heat maps on their true scale, statistics."""

import json

import numpy as np
import pytest

from minigrad.draw import arrays


def test_statistics():
    array = np.array([0, 1, 2, np.nan, np.inf, -np.inf, 1], np.float32)
    assert arrays.statistics(array) == {
        "mean": "1",
        "std": "0.7071",
        "min": "0",
        "max": "2",
        "zeros": "25%",
        "nan": "1",
        "inf": "2",
    }
    assert arrays.statistics(np.array([np.nan])) == {"nan": "1"}
    assert arrays.statistics(np.array([True, False]))["mean"] == "0.5"


@pytest.mark.parametrize(
    ("shape", "rows", "columns", "maps", "block"),
    [
        ((65,), 1, 64, 1, [1, 2]),
        ((1, 64, 1), 1, 64, 1, None),
        ((100, 3), 16, 3, 1, [7, 1]),
        ((3, 1000), 3, 16, 1, [1, 63]),
        ((9, 9), 9, 9, 1, None),
        ((9, 1, 9), 9, 9, 1, None),  # time, batch of one, size
        ((2, 50, 50), 32, 16, 2, [4, 4]),
        ((1, 4, 12, 12), 48, 12, 4, None),  # one map per head
        ((2, 20, 5, 5), 80, 5, 16, None),
    ],
)
def test_a_heat_map_has_few_cells_and_says_what_each_covers(shape, rows, columns, maps, block):
    seen = arrays.heat_map(np.ones(shape))
    assert (seen["rows"], len(seen["map"])) == (rows, rows * columns)
    assert set(seen["map"]) == {arrays.LEVELS[-1]}
    assert seen["scale"] == "1"
    assert seen.get("maps", 1) == maps
    assert seen.get("block") == block
    assert seen.get("left") == (24 if maps == 16 else None)


def test_the_scale_is_that_of_the_numbers_and_not_of_the_means():
    array = np.random.default_rng(0).normal(size=(128, 128))
    array[3, 4] = -8
    seen = arrays.heat_map(array)
    assert seen["scale"] == "8"
    assert seen["block"] == [8, 8]
    levels = [arrays.LEVELS.find(cell) for cell in seen["map"]]
    assert max(abs(level - 31) for level in levels) < 4  # means of 64 are close to 0


def test_the_maps_of_an_array_share_one_scale():
    array = np.ones((2, 6, 6))
    array[1] *= 10
    seen = arrays.heat_map(array)["map"]
    assert [arrays.LEVELS.find(cell) - 31 for cell in (seen[0], seen[-1])] == [3, 31]


def test_an_axis_with_words_has_a_cell_for_each():
    words = tuple(f"w{i}" for i in range(30))
    seen = arrays.heat_map(np.ones((30, 50)), (words, None))
    assert (seen["rows"], len(seen["map"])) == (30, 30 * 16)
    assert seen["axes"] == [0, 1]


def test_a_heat_map_is_darkest_where_the_numbers_are_largest():
    array = np.zeros((10, 10))
    array[0, 0], array[0, 1], array[0, 2], array[0, 3] = 4, -4, 2, np.nan
    cells = arrays.heat_map(array)["map"]
    levels = [arrays.LEVELS.find(cell) for cell in cells[:5]]
    assert levels == [62, 0, 47, -1, 31]
    assert arrays.heat_map(np.full((9, 9), np.inf))["map"] == arrays.BAD * 81


@pytest.mark.parametrize(
    "array",
    [np.zeros((0, 3)), np.array(7), np.arange(5), np.ones((2, 2), bool), np.full(99, np.nan)],
)
def test_every_array_has_a_summary(array):
    assert json.loads(json.dumps(arrays.summary(array), allow_nan=False))["dtype"]

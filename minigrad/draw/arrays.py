"""Arrays as data that a page or a picture shows: their numbers or a heat map, and statistics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from . import labels
from .words import Axes

Json = dict[str, Any]  # what JSON calls an object

NUMBERS = 64  # tensors of up to this many elements show all their numbers, larger ones a heat map
CELLS, STRIP = 16, 64  # the most cells along each side of a heat map; along a vector's only one
WORDS = 40  # the most cells along an axis with words, so that each word of a sentence has its own
MAPS = 16  # the most heat maps of one array, as one for each head
# The levels of a heat map's colour, from the most negative to the most positive; 0 in the middle.
LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
BAD = "!"  # a cell with a number that is not finite


def summary(array: Array, words: Axes = ()) -> Json:
    """An array's shape, dtype and statistics; its numbers, or heat maps if there are many."""
    found: Json = {"shape": list(array.shape), "dtype": str(array.dtype)}
    if array.size <= NUMBERS:
        found["numbers"] = " ".join(map(labels.digits, array.ravel().tolist()))
    else:
        found |= heat_map(array, words)
    if array.size > 1:
        found["stats"] = statistics(array)
    return found


def heat_map(array: Array, words: Axes = ()) -> Json:
    """An array as maps of coloured cells: the last two axes longer than 1 are rows and columns.

    The axes before them give one map each, as for each head. The colours are those of the largest
    absolute value of all numbers, so that all maps of an array can be compared.

    map     the level of each cell, row by row, one map after another: a letter of LEVELS, or BAD
    maps    how many maps there are; left out if there is one
    left    how many further maps there would be; left out if there are none
    rows    the number of rows of all maps together
    axes    the axis of the rows (None for a vector) and that of the columns
    block   if there are more numbers than cells: how many rows and columns of numbers a cell covers
            at most, whose mean it shows
    scale   the absolute value of the outermost levels
    """
    row, column = sides(array.shape)
    high = 1 if row is None else array.shape[row]
    seen = array.reshape(-1, high, array.shape[column]).astype(float)
    finite = np.isfinite(seen)
    scale = float(np.max(np.abs(seen), where=finite, initial=0))
    drawn = seen[:MAPS]
    with np.errstate(all="ignore"):
        named = [axis is not None and bool(words) and bool(words[axis]) for axis in (row, column)]
        most = [WORDS if name else CELLS if row is not None else STRIP for name in named]
        drawn = block_means(block_means(drawn, 1, most[0]), 2, most[1])
    text = "".join(level(drawn / (scale or 1)).ravel().tolist())
    block = [math.ceil(high / drawn.shape[1]), math.ceil(seen.shape[2] / drawn.shape[2])]
    found: Json = {
        "map": text, "rows": drawn.shape[0] * drawn.shape[1], "scale": labels.digits(scale),
        "axes": [row, column],
    }  # fmt: skip
    found |= {"maps": len(drawn)} if len(drawn) > 1 else {}
    found |= {"left": len(seen) - len(drawn)} if len(seen) > len(drawn) else {}
    return found | ({"block": block} if block != [1, 1] else {})


def sides(shape: Sequence[int]) -> tuple[int | None, int]:
    """The axes that are the rows and the columns of a map: the last two that are longer than 1."""
    long = [axis for axis, size in enumerate(shape) if size > 1]
    if len(long) < 2:
        return None, long[-1] if long else max(len(shape) - 1, 0)
    return long[-2], long[-1]


def block_means(array: Array, axis: int, most: int) -> Array:
    """The array with an axis of at most `most` elements: each the mean of equal parts of it."""
    size = array.shape[axis]
    if size <= most:
        return array
    starts = np.arange(most) * size // most
    counts = np.diff([*starts.tolist(), size])
    shape = [1] * array.ndim
    shape[axis] = most
    return np.add.reduceat(array, starts, axis=axis) / counts.reshape(shape)


def level(shares: Array) -> Array:
    """The letter of LEVELS for each share of the scale, from -1 to 1."""
    finite, middle = np.isfinite(shares), len(LEVELS) // 2
    levels = np.rint(np.clip(np.where(finite, shares, 0), -1, 1) * middle).astype(int) + middle
    return np.where(finite, np.array(list(LEVELS))[levels], BAD)


def statistics(array: Array) -> dict[str, str]:
    """Mean, standard deviation, minimum, maximum and proportion of zeros of the finite numbers.

    If there are NaNs or infinities, also how many.
    """
    numbers = array.astype(float).ravel()
    finite = numbers[np.isfinite(numbers)]
    found: dict[str, str] = {}
    if finite.size:
        with np.errstate(all="ignore"):
            moments = (finite.mean(), finite.std(), finite.min(), finite.max())
        found = dict(zip(("mean", "std", "min", "max"), map(labels.digits, moments), strict=True))
        found["zeros"] = f"{np.mean(finite == 0):.0%}"
    nan = int(np.isnan(numbers).sum())
    infinite = numbers.size - finite.size - nan
    return found | ({"nan": str(nan)} if nan else {}) | ({"inf": str(infinite)} if infinite else {})

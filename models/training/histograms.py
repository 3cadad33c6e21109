"""Norms, ranges and histograms of many arrays at once, small enough to be kept many times."""

import base64

import numpy as np

BINS = 32
MOST = 4_000  # values of an array that are counted; of a larger one, evenly spaced ones
LEAST = 1e-300  # a narrower range is one bin


def of(arrays, scales):
    """The norm, the range and the histogram of each array, as lists with an entry per array.

    norms       of all its values
    ranges      [least, largest] of those that are counted
    histograms  BINS bytes, in base64: how many values are in each of the equally wide bins of the
                range, compared with the fullest bin, which has 255; one that is not empty has at
                least 1

    The values of each array are multiplied by its scale. Arrays must not be empty. Returns None if
    a norm is not finite. All are counted at once, because NumPy's calls cost more than the values.
    """
    norms = [float(np.linalg.norm(x.ravel().astype(float))) for x in arrays]
    if not np.isfinite(norms).all():
        return None
    values = [x.ravel()[:: -(-x.size // MOST)] for x in arrays]
    sizes = [len(x) for x in values]
    starts = np.cumsum([0, *sizes[:-1]])
    values = np.concatenate(values, dtype=float)
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    width = high - low
    per_bin = np.divide(BINS, width, out=np.zeros_like(width), where=width > LEAST)
    values -= np.repeat(low, sizes)
    values *= np.repeat(per_bin, sizes)
    bins = np.minimum(values.astype(int), BINS - 1) + np.repeat(np.arange(len(sizes)) * BINS, sizes)
    counts = np.bincount(bins, minlength=len(sizes) * BINS).reshape(-1, BINS)
    counts = np.ceil(counts * 255 / counts.max(1, keepdims=True))
    numbers = zip(norms, low.tolist(), high.tolist(), scales, strict=True)
    numbers = [[brief(x * scale) for x in row] for *row, scale in numbers]
    return {
        "norms": [norm for norm, _, _ in numbers],
        "ranges": [limits for _, *limits in numbers],
        "histograms": [packed(row) for row in counts],
    }


def brief(number):
    """A number with four significant digits."""
    return float(f"{number:.4g}")


def packed(numbers):
    """Numbers from 0 to 255, a byte each, in base64."""
    return base64.b64encode(np.rint(numbers).astype(np.uint8).tobytes()).decode()

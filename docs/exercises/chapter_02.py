"""Exercises of chapter 2, The calculus in one file.

Write each function in place of its last line, then: python -m docs.exercises 2
"""

import numpy as np


def divided(g, out, x, y):
    """1. The rule of out = x / y: write down δout first.

    g, out, x, y: arrays of one shape. Returns two arrays of that shape, what is handed to x and
    what is handed to y.
    """
    raise NotImplementedError


def cumulated(g):
    """2. The rule of a running sum, out = np.cumsum(x): out_i = x_0 + x_1 + … + x_i.

    g: (n,), the gradient that reached `out`. Returns what is handed to x, (n,).
    """
    raise NotImplementedError


def summed_to(g, shape):
    """3. Undo broadcasting: add up what was repeated when an array of `shape` came to g's shape.

    g: an array. shape: a tuple; its dims are those of g counted from the last one, but for those
    that are missing in front, and for those that are 1. Returns an array of that shape.
    """
    raise NotImplementedError


def along(f, x, gradient, direction, nudge=1e-6):
    """4. Check a gradient of any number of numbers with two runs of f.

    f: takes an array of x's shape, gives a float. gradient: what is to be checked, of x's shape.
    direction: of x's shape; all of x is moved along it at once.
    Returns two floats, which are close to each other if the gradient is right: how fast f grows
    along the direction, by two runs of f, and the same by the gradient, without any.
    """
    raise NotImplementedError

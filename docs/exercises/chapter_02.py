"""Exercises of chapter 2, The calculus in one file.

Replace the last line of each function by your code, then run: python -m docs.exercises 2
"""

import numpy as np


def divided(g, out, x, y):
    """1. The rule of out = x / y. Write down δout first.

    g, out, x, y: arrays of the same shape; g is the gradient of `out`. Returns the gradients of x
    and of y, two arrays of that shape.
    """
    raise NotImplementedError


def cumulated(g):
    """2. The rule of a cumulative sum, out = np.cumsum(x): out_i = x_0 + x_1 + … + x_i.

    g: an array (n,), the gradient of `out`. Returns the gradient of x, (n,).
    """
    raise NotImplementedError


def summed_to(g, shape):
    """3. Undo broadcasting: sum g over the dims along which an array of `shape` was repeated.

    g: an array. shape: a tuple that broadcasts to g's shape. Aligned at the last dim, it may lack
    leading dims of g, or have 1 where g has more. Returns an array of that shape.
    """
    raise NotImplementedError


def along(f, x, gradient, direction, nudge=1e-6):
    """4. Check a gradient with only two runs of f, however many elements x has.

    f: takes an array of x's shape, returns a float. gradient: an array of x's shape, to be checked.
    direction: an array of x's shape; all of x is moved along it at once.
    Returns two floats, which are close to each other if the gradient is right: the slope of f
    along the direction, first from two runs of f, then from the gradient alone.
    """
    raise NotImplementedError

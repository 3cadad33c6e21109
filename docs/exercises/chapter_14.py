"""Exercises of chapter 14, Seeing it.

Replace the last line of each function with your code, repair the one that is broken, then run:
python -m docs.exercises 14
"""

import numpy as np

import minigrad
from minigrad.autograd import grad


def parts(f, x):
    """1. A tensor is used twice: the gradient along each of the two paths.

    f: takes two tensors, returns a single number. x: an array; differentiate f(x, x), where both
    arguments are the same tensor. Returns three arrays of x's shape: the gradient along the first
    path, along the second path, and the gradient of the tensor.
    """
    raise NotImplementedError


def derivative(f, x, n):
    """2. The n-th derivative of f at x.

    f: takes a tensor with one element, returns one. x: a float. n: an int; for n = 0, return f(x).
    Compute in float64. Returns a float.
    """
    raise NotImplementedError


def hessian(f, x):
    """3. The Hessian, the matrix of second derivatives: row i is the gradient of ∂f/∂x_i.

    f: takes a tensor (n,), returns a single number. x: an array (n,). Returns an array (n, n).
    """
    raise NotImplementedError


def cut(scores, values, j):
    """4. What does the answer become if word j is cut?

    scores, values: arrays (words,). The answer is the average of the values, weighted by the
    softmax of the scores. A word that is cut is masked before the softmax.
    Returns two floats, which are equal: the new answer, computed with the mask; and the new answer
    predicted from the old answer, its derivative with respect to score j, and the weight of j.
    """
    raise NotImplementedError


def broken_norm(g):
    """5. Break it and find it: an arrow vanishes, although a gradient came along it.

    The norm of a gradient, as in the widths of the arrows. g: a float32 array; its numbers may be
    as small as 1e-30 or as large as 1e30. Returns a float. One line is wrong.
    """
    squares = g**2
    return float(np.sqrt(squares.sum()))


def vary_sharpness():
    """6. Train, vary, explain: when weights point to the word that decides.

    Run `who_decides` of the chapter with a sharpness of 0.5 and of 8. Returns
    {"soft": …, "sharp": …, "why": "a", "b" or "c"}: for each, the two fractions as a list of two
    floats with two decimals, [by weight, by gradient], and why the gradient is worse when weights
    are sharp:

        a) a weight near 1 hardly changes with its score, so its gradient is small, and cutting it
           still takes nearly everything away
        b) with weights near 0 and 1 attention only chooses one word, and a choice has no gradient,
           so nothing but rounding errors is left
        c) sharper scores belong to larger values, and the larger the values are, the less a
           gradient says about what a cut changes
    """
    raise NotImplementedError

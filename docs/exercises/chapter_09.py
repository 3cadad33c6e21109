"""Exercises of chapter 9, Seeing it.

Write each function in place of its last line, then: python -m docs.exercises 9
"""

import numpy as np

import minigrad
from minigrad.autograd import grad


def parts(f, x):
    """1. A tensor goes two ways: what comes back along each of them?

    f: takes two tensors, gives a single number. x: an array; the number is f(x, x), of one tensor
    given twice. Returns three arrays of x's shape: what comes back along the first way, what along
    the second, and the gradient of the tensor.
    """
    raise NotImplementedError


def derivative(f, x, n):
    """2. The n-th derivative of f at x.

    f: takes a tensor of one number, gives one. x: a float. n: at least 0; of 0, f(x) itself.
    Compute in float64. Returns a float.
    """
    raise NotImplementedError


def hessian(f, x):
    """3. The whole table of second derivatives: row i says how ∂f/∂x_i changes with each x_j.

    f: takes a tensor (n,), gives a single number. x: an array (n,). Returns an array (n, n).
    """
    raise NotImplementedError


def cut(scores, values, j):
    """4. What does the answer become if word j is cut?

    scores, values: arrays (words,). The answer is the mean of the values, with the softmax of the
    scores as weights; a word that is cut is hidden from the softmax.
    Returns two floats, which are equal: the new answer, computed so; and the new answer as it is
    foretold by the old answer, its gradient by the score of j, and the weight of j.
    """
    raise NotImplementedError

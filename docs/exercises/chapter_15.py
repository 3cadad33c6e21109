"""Exercises of chapter 15, Fast, and on to PyTorch.

Replace the last line of each function by your code, then run: python -m docs.exercises 15
"""

import numpy as np


def folded(xs, gs):
    """1. A sum of T matrix products as one product.

    A weight was used at T steps. xs: its inputs, T arrays (batch, in). gs: the gradients of its
    outputs, T arrays (batch, out). The gradient of the weight is Σ gₜᵀ @ xₜ, (out, in).
    Returns two matrices X and G with G.T @ X equal to this sum. The checker computes the product.
    """
    raise NotImplementedError


def embedding_gradient(ids, g, words):
    """2. The gradient of an embedding table, without a loop over the words, and without np.add.at.

    ids: word ids, an int array of any shape. g: the gradients of their vectors, an array of that
    shape with one more dim, (…, embedding). words: the number of rows of the table.
    Returns an array (words, embedding): in each row the sum of the gradients of that word.
    """
    raise NotImplementedError


def cross_entropy_gradient(logits, target):
    """3. The gradient of the mean cross-entropy with respect to the logits, in one array.

    logits: a float array (N, words), which must not change. target: an int array (N,). Allocate one
    array (N, words), and do the rest in place. It must be right for logits as large as 10,000.
    Returns that array.
    """
    raise NotImplementedError


def select(mask, x, y):
    """4. x where the mask is True, y elsewhere: without a branch, and right even with inf and nan.

    mask: a bool array. x, y: float32 arrays of its shape, which may contain nan and inf.
    Do not use np.where or index by the mask. Returns a float32 array.
    """
    raise NotImplementedError

"""Exercises of chapter 10, Fast, and on to PyTorch.

Write each function in place of its last line, then: python -m docs.exercises 10
"""

import numpy as np


def folded(xs, gs):
    """1. A sum of T products of matrices as one product.

    A weight was used at T steps. xs: what it was multiplied with, T arrays (batch, in). gs: the
    gradients that came back, T arrays (batch, out). The weight's gradient is Σ gₜᵀ @ xₜ (out, in).
    Returns two matrices, X and G, for which G.T @ X is that sum: the product is made by others.
    """
    raise NotImplementedError


def embedding_gradient(ids, g, words):
    """2. The gradient of a table of words, without a loop over the words, and without np.add.at.

    ids: the word at each place, an int array of any shape. g: the gradients that came back, an
    array of that shape and one dim more, (…, embedding). words: how many rows the table has.
    Returns an array (words, embedding): in each row the sum of what came back for that word.
    """
    raise NotImplementedError


def cross_entropy_gradient(logits, target):
    """3. The gradient of the mean cross-entropy, in one array.

    logits: float array (N, words), which stays as it is. target: the words that came, (N,) ints.
    Make one array (N, words), and do all the rest in place. It must be right for logits as large
    as 10,000. Returns that array.
    """
    raise NotImplementedError


def select(mask, x, y):
    """4. x where the mask holds, y elsewhere: without a branch, and right even beside inf.

    mask: bool array. x, y: float32 arrays of its shape, in which nan and inf may stand.
    No np.where, and no indexing by the mask. Returns a float32 array.
    """
    raise NotImplementedError

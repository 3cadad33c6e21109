"""Exercises of chapter 3, Words as vectors.

Replace the last line of each function by your code, then run: python -m docs.exercises 3
"""

import numpy as np


def by_hand():
    """1. On paper: three words have the logits (0, ln 3, ln 4), and the target is the last one.

    Returns {"loss": the cross-entropy, "gradient": its derivatives with respect to the three
    logits}, a float and a list of floats. You may use np.log, the logarithm to base e.
    """
    raise NotImplementedError


def embedding_gradient(ids, g, words):
    """2. The gradient of an embedding table from which the rows `ids` were picked.

    ids: an int array (time,), in which a word may appear twice; g: the gradient of the picked
    vectors, a float array (time, d); words: the number of rows of the table.
    Returns an array (words, d).
    """
    raise NotImplementedError


def log_softmax(x):
    """3. The logarithm of the softmax of each row, finite for all finite logits.

    x: a float32 array (rows, words). Returns an array of the same shape.
    """
    raise NotImplementedError


def bigram(pairs, words, steps, rate):
    """4. A bigram model without an engine: for each word, a row with the logits of the next word.

    pairs: an int array (n, 2), in each row a word and the word after it; words: the vocabulary
    size. The table starts at 0. Then do `steps` steps of gradient descent on the mean cross-entropy
    of all pairs, with the learning rate `rate`.
    Returns the table, a float array (words, words): row i holds the logits after word i.
    """
    raise NotImplementedError

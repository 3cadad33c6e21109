"""Exercises of chapter 3, Words as vectors.

Write each function in place of its last line, then: python -m docs.exercises 3
"""

import numpy as np


def by_hand():
    """1. With paper: the logits of three words are (0, ln 3, ln 4), and the last of them came.

    Returns {"cost": the cross-entropy, "gradient": its three derivatives by the logits}, a float
    and a list of floats. A logarithm may be left to np.log, which is the one to the base e.
    """
    raise NotImplementedError


def embedding_gradient(ids, g, words):
    """2. What comes back to a table of embeddings from which the rows `ids` were picked.

    ids: an int array (time,), in which a word may stand twice; g: the gradient that reached the
    vectors, a float array (time, d); words: how many rows the table has.
    Returns an array (words, d).
    """
    raise NotImplementedError


def log_softmax(x):
    """3. The logarithm of the softmax of each row, finite for all finite logits.

    x: a float32 array (rows, words). Returns an array of the same shape.
    """
    raise NotImplementedError


def bigram(pairs, words, steps, rate):
    """4. A bigram model without an engine: a table with the logits of each next word for each word.

    pairs: an int array (n, 2), of each pair the word that was read and the one that came after it;
    words: how many words there are. The table starts at 0; then come `steps` steps of gradient
    descent on the mean cross-entropy of all the pairs, `rate` being the learning rate.
    Returns the table, a float array (words, words): row i has the logits after word i.
    """
    raise NotImplementedError

"""Exercises of chapter 8, Query, Key, Value.

Write each function in place of its last line, then: python -m docs.exercises 8
"""

import numpy as np


def look_up(query, keys, values):
    """1. What one query gets: the mean of the values, weighted by softmax(query · key / √d).

    query: an array (d,). keys: (words, d). values: (words, size). Returns an array (size,). The
    scores may be large.
    """
    raise NotImplementedError


def each_other():
    """2. With paper: matrices by which two words look at each other, and not at themselves.

    The words are the rows of the identity, (1 0) and (0 1). Returns two lists of two rows of two
    numbers, W_Q and W_K, (embedding, d) each. With 1/√d, each word must give the other one more
    than 0.9 of its weight.
    """
    raise NotImplementedError


def multi_head(x, w_query, w_key, w_value, w_output, heads):
    """3. A layer with heads: x (words, size) to its output (words, size), an array.

    The four matrices are (size, size), and a vector is multiplied from the left: x @ w_query. Of
    query, key and value the first head has the first size / heads numbers, the second the next.
    Scores are divided by √ of as many. The contexts stand side by side before w_output.
    """
    raise NotImplementedError


def turn(k, rate):
    """4. The matrix that turns the wave at any place t into that k places further on.

    k: an int. rate: a float. Returns an array (2, 2), for which turn(k, rate) @ wave(t) is
    wave(t + k), with wave(t) = (sin(t · rate), cos(t · rate)), whatever t is.
    """
    raise NotImplementedError

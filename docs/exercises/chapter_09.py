"""Exercises of chapter 9, Query, Key, Value.

Replace the last line of each function by your code, then run: python -m docs.exercises 9
"""

import numpy as np


def look_up(query, keys, values):
    """1. Attention for one query: the average of the values, weighted by softmax(query · key / √d).

    query: an array (d,). keys: (words, d). values: (words, size). Returns an array (size,). The
    scores may be large.
    """
    raise NotImplementedError


def each_other():
    """2. On paper: matrices with which two words attend to each other, and not to themselves.

    The words are the rows of the identity, (1 0) and (0 1). Returns W_Q and W_K as nested lists,
    (embedding, d) each: two rows of two numbers. With 1/√d, the weight of each word at the other
    one must be more than 0.9.
    """
    raise NotImplementedError


def multi_head(x, w_query, w_key, w_value, w_output, heads):
    """3. Multi-head attention: from x (words, size) to the output (words, size), an array.

    The four matrices are (size, size), used as x @ w_query. With d = size / heads, the first head
    gets the first d columns of query, key and value, the second head the next d, and so on. Scores
    are divided by √d. The contexts of the heads are concatenated, then multiplied by w_output.
    """
    raise NotImplementedError


def turn(k, rate):
    """4. The matrix that turns the encoding of any position t into that of position t + k.

    k: an int. rate: a float. Returns an array (2, 2) with turn(k, rate) @ wave(t) = wave(t + k) for
    every t, where wave(t) = (sin(t · rate), cos(t · rate)).
    """
    raise NotImplementedError

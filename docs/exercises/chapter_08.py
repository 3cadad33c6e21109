"""Exercises of chapter 8, Words looking at words.

Replace the last line of each function by your code, then run: python -m docs.exercises 8
"""

import numpy as np


def odds(x, word, one, other):
    """1. The ratio of two attention weights: those of `word` at `one` and at `other`.

    x: the embeddings, an array (words, size). word, one, other: row indices. Attention is as in the
    chapter: dot products, without 1 / √size, and a softmax. Returns a float. Do not compute the
    softmax.
    """
    raise NotImplementedError


def self_attention(x):
    """2. Self-attention with bare embeddings, without 1 / √size.

    x: an array (words, size). Returns the context (words, size) and the weights (words, words). The
    scores may be large.
    """
    raise NotImplementedError


def gradient(x, g):
    """3. The backward pass of exercise 2: the gradient of x, if the context has the gradient g.

    x, g: arrays (words, size). Returns an array (words, size). x is used as query, as key and as
    value, and gets a gradient from each use. Your `self_attention` may help.
    """
    raise NotImplementedError


def stays(x):
    """4. A word that attends to no other word more than to itself. Every text has one.

    x: an array (words, size). Returns the row index of that word, an int. If there are several,
    return the one that can be found from a single number per word, without dot products of
    different words.
    """
    raise NotImplementedError

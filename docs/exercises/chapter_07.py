"""Exercises of chapter 7, Words looking at words.

Write each function in place of its last line, then: python -m docs.exercises 7
"""

import numpy as np


def odds(x, word, one, other):
    """1. How many times as much does a word look at one word as at another?

    x: the embeddings, an array (words, size). word, one, other: which rows of it. Attention is
    that of the chapter: dot products, without 1 / √size, and a softmax. Returns a float; compute
    no softmax.
    """
    raise NotImplementedError


def self_attention(x):
    """2. All words look at each other, by their embeddings alone, without 1 / √size.

    x: an array (words, size). Returns context (words, size) and weights (words, words). The scores
    may be large.
    """
    raise NotImplementedError


def gradient(x, g):
    """3. The gradient of x, if the context has the gradient g: backwards through exercise 2.

    x, g: arrays (words, size). Returns an array (words, size). x asks, is asked, and is what the
    asker gets: it has a gradient from each. Your `self_attention` may help.
    """
    raise NotImplementedError


def stays(x):
    """4. Which word looks at no other word more than at itself? Every text has one.

    x: an array (words, size). Returns the row of that word, an int. There may be several: give the
    one that needs no dot product of two different words to be found, but one number of each word.
    """
    raise NotImplementedError

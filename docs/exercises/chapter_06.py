"""Exercises of chapter 6, Looking back.

Write each function in place of its last line, then: python -m docs.exercises 6
"""

import numpy as np


def by_hand():
    """1. With paper: the states h0, h1, h2 of the chapter, and a decoder in the state (0 1 0 1 2).

    e² is 7.389, and e is 2.718.
    Returns {"scores": …, "weights": …, "context": …}, lists of 3, 3 and 5 numbers, of which the
    weights and the context are to be right to two places.
    """
    raise NotImplementedError


def attend(query, hs, mask):
    """2. What each query takes from the states it looks at, and how much it looks at each.

    query: an array (batch, target, hidden); hs: an array (batch, source, hidden); mask: an array
    (batch, source), False for padding, which gets the weight 0.
    Returns the context (batch, target, hidden) and the weights (batch, target, source).
    """
    raise NotImplementedError


def gradients(query, hs, g):
    """3. Back through attention, by hand, for one query and no padding.

    query: an array (hidden,); hs: an array (source, hidden); g: the gradient that has reached the
    context, an array (hidden,).
    Returns {"query": …, "hs": …}, the gradients of both, of their shapes.
    """
    raise NotImplementedError


def looks(weights, links):
    """4. How many words of a translation look elsewhere, and how many of them one word late?

    weights: an array (target, source); links: a dict from the place of a target word to the place
    of the source word that it translates. Words without a link do not count.
    Returns {"error": …, "late": …}: of the linked words, the share that look most at another word
    than their own, and the share that look most at the one right behind it.
    """
    raise NotImplementedError

"""Exercises of chapter 5, One vector for a whole sentence.

Write each function in place of its last line, then: python -m docs.exercises 5
"""

import numpy as np


def rows(sentences, begin, end, pad):
    """1. The target sentences of a batch, as the decoder reads them and as it is asked for them.

    sentences: lists of word ids, of different lengths; begin, end, pad: the ids of the signs.
    Returns {"target_in": …, "target_out": …, "mask": …}, three arrays (batch, target), where
    target is the longest length and one more. The mask is True for what is to be learned.
    """
    raise NotImplementedError


def last_states(hs, mask):
    """2. Each sentence's state after its last word.

    hs: an array (batch, source, hidden); mask: an array (batch, source), False for padding, which
    stands at the end. Returns an array (batch, hidden).
    """
    raise NotImplementedError


def greedy(step, state, begin, end, limit):
    """3. Write: at each step the likeliest word, which is then read as the next input.

    step(word, state) returns a list of probabilities, one for each word that may come next, and
    the state to go on from. begin, end: the ids of the signs.
    Returns a list of word ids, without the signs: at most `limit` of them.
    """
    raise NotImplementedError


def best(step, state, begin, end, limit):
    """4. The likeliest of all sentences with at most `limit` words, and its probability.

    step, state, begin, end: as in exercise 3. The probability of a sentence is the product of
    those of its words and of the end sign after them; what does not end is no sentence.
    Returns (a list of word ids, a float).
    """
    raise NotImplementedError

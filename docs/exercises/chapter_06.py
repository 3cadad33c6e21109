"""Exercises of chapter 6, One vector for a whole sentence.

Replace the last line of each function with your code, repair the one that is broken, then run:
python -m docs.exercises 6
"""

import numpy as np


def rows(sentences, begin, end, pad):
    """1. The target sentences of a batch, as the decoder reads them and as it must predict them.

    sentences: lists of token IDs, of different lengths; begin, end, pad: the IDs of the special
    tokens. Returns {"target_in": …, "target_out": …, "mask": …}, three arrays (batch, target),
    where target is the longest length plus 1. The mask is True where there is a token to predict.
    """
    raise NotImplementedError


def last_states(hs, mask):
    """2. The hidden state of each sentence after its last word.

    hs: an array (batch, source, hidden); mask: an array (batch, source), False for padding, which
    is at the end. Returns an array (batch, hidden).
    """
    raise NotImplementedError


def greedy(step, state, begin, end, limit):
    """3. Greedy decoding: at each step take the most likely word, and read it at the next step.

    step(word, state) returns a list of probabilities, one per possible next word, and the new
    state. begin, end: the IDs of the begin and end tokens.
    Returns a list of token IDs, without the special tokens: at most `limit` of them.
    """
    raise NotImplementedError


def best(step, state, begin, end, limit):
    """4. The most likely of all sentences with at most `limit` words, and its probability.

    step, state, begin, end: as in exercise 3. The probability of a sentence is the product of the
    probabilities of its words and of the end token after them. A sentence must end.
    Returns (a list of token IDs, a float).
    """
    raise NotImplementedError


def broken_targets(words, begin, end):
    """5. Break it and find it: the training loss falls to 0, and every translation is empty.

    Makes, for one target sentence, what the decoder reads and what it must predict at each place.
    words: a list of token IDs; begin and end: the IDs of the special tokens. Returns two lists.
    One line is wrong.
    """
    reads = [*words, end]
    predicts = [*words, end]
    return reads, predicts


def vary_size():
    """6. Train, vary, explain: a small vector and a large one.

    In the root of the project, train two runs that differ only in the size of the hidden state:

        python -m models train seq2seq --steps 400 --hidden 32 --out runs/small
        python -m models train seq2seq --steps 400 --hidden 128 --out runs/large

    Returns {"small": …, "large": …, "why": "a", "b" or "c"}: the mean training accuracy of the last
    50 steps of each run (metrics.csv in its folder), and what the difference tells you:

        a) the small vector is full: a sentence of this task does not fit into 32 numbers
        b) the large vector learned more in these steps; the small one may be full, or not
        c) nothing about size: in so few steps, both vectors learn about the same
    """
    raise NotImplementedError

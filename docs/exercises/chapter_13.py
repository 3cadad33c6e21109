"""Exercises of chapter 13, Writing well, measuring well.

Replace the last line of each function by your code, then run: python -m docs.exercises 13
"""


import numpy as np


def clipped(words, reference, n):
    """1. How many n-grams of `words` are in the reference, each counted at most as often as there.

    words, reference: lists of words. Returns two ints: the matches, and all n-grams of `words`.
    """
    raise NotImplementedError


def bleu(words, reference):
    """2. BLEU of one sentence: the geometric mean of four precisions, times the brevity penalty.

    A precision is the fraction of the 1-, 2-, 3- or 4-grams that match, as in exercise 1.

    The brevity penalty is e^(1 - r/c) if the translation (c words) is shorter than the reference (r
    words), and 1 otherwise. Both have at least four words. Without any match of some n, BLEU is 0.
    Returns a float between 0 and 1.
    """
    raise NotImplementedError


def beam_search(step, begin, end, width, limit):
    """3. Beam search: the most likely sentence that it finds, and its probability.

    step(words) returns a list of probabilities for the next word, given the list of words so far,
    which starts with `begin`. At each step every hypothesis that has not ended is continued by each
    word, and the `width` most likely of all are kept; one that has ended keeps its probability and
    competes with them. Stop when all have ended, or after `limit` words.
    Returns (a list of word ids without begin and end, a float).
    """
    raise NotImplementedError


def penalized(hypotheses, alpha):
    """4. The hypothesis that wins, with a length penalty.

    hypotheses: a list of (log-probability, length). Returns the index of the one with the largest
    log-probability / ((5 + length) / 6)^alpha.
    """
    raise NotImplementedError


def broken_beam(hypotheses, probabilities, width):
    """5. Break it and find it: a wider beam finds less likely sentences.

    One step of beam search. hypotheses: a list of (probability, words); probabilities: for each
    hypothesis an array with the probability of each next word. Returns the new list, the most
    likely first. One line is wrong.
    """
    kept = []
    for (_, words), following in zip(hypotheses, probabilities, strict=True):
        for word, q in enumerate(following):
            kept.append((float(q), [*words, word]))
    kept.sort(key=lambda pair: -pair[0])
    return kept[:width]


def vary_smoothing():
    """6. Train, vary, explain: two losses that cannot be compared.

    In the root of the project, train two runs that differ only in label smoothing (chapter 11):

        python -m models train transformer --steps 300 --label-smoothing 0 --out runs/hard
        python -m models train transformer --steps 300 --label-smoothing 0.1 --out runs/smooth

    Returns {"hard": …, "smooth": …, "why": "a", "b" or "c"}: for each run a list of two floats, the
    mean training loss and the mean training accuracy of the last 50 steps (metrics.csv in its
    folder), and why one loss is so much larger:

        a) with smoothing, the model has learned less in the same number of steps
        b) it has another target: even a perfect model has a loss above 0 there
        c) with smoothing, the loss is a sum over many more words of the sentence
    """
    raise NotImplementedError

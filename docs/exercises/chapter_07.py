"""Exercises of chapter 7, Looking back.

Replace the last line of each function by your code, then run: python -m docs.exercises 7
"""

import numpy as np


def by_hand():
    """1. On paper: the states h0, h1, h2 of the chapter, and the decoder state (0 1 0 1 2).

    e² is 7.389, and e is 2.718.
    Returns {"scores": …, "weights": …, "context": …}, lists of 3, 3 and 5 numbers. The weights and
    the context need two decimals.
    """
    raise NotImplementedError


def attend(query, hs, mask):
    """2. Dot-product attention: the context of each query, and its attention weights.

    query: an array (batch, target, hidden); hs: an array (batch, source, hidden); mask: an array
    (batch, source), False for padding, which gets the weight 0.
    Returns the context (batch, target, hidden) and the weights (batch, target, source).
    """
    raise NotImplementedError


def gradients(query, hs, g):
    """3. The backward pass of attention, by hand, for one query without padding.

    query: an array (hidden,); hs: an array (source, hidden); g: the gradient of the context, an
    array (hidden,). Returns {"query": …, "hs": …}, the gradients of both, in their shapes.
    """
    raise NotImplementedError


def alignment_errors(weights, links):
    """4. How many words of a translation attend to a wrong word, and how many attend one word late?

    weights: an array (target, source); links: a dict from the position of a target word to the
    position of the source word that it translates. Words without a link do not count.
    Returns {"error": …, "late": …}, two fractions of the linked words: those whose largest weight
    is not at their own source word, and those whose largest weight is at the word right after it.
    """
    raise NotImplementedError


def broken_attend(query, hs, mask):
    """5. Break it and find it: a sentence is translated differently beside a longer one.

    Alone, the translation is right. In a batch, with padding after it, it is not. Arguments and
    result as in exercise 2. One line is wrong.
    """
    scores = np.where(mask[:, None], query @ hs.mT, 0.0)  # (batch, target, source)
    exps = np.exp(scores - scores.max(-1, keepdims=True))
    weights = exps / exps.sum(-1, keepdims=True)
    return weights @ hs, weights


def vary_dropout():
    """6. Train, vary, explain: with dropout and without.

    In the root of the project, train two runs that differ only in their dropout:

        python -m models train attention --steps 400 --out runs/with
        python -m models train attention --steps 400 --dropout 0 --final-dropout 0 \\
            --out runs/without

    Returns {"with": …, "without": …, "why": "a", "b" or "c"}: the mean training accuracy of the
    last 50 steps of each run (metrics.csv in its folder), and what the two numbers tell you:

        a) without dropout the model translates better, because it predicts more of the tokens right
        b) dropout is of no use, because with it the model learns less in the same number of steps
        c) not which model translates better, because one accuracy is measured with dropout on
    """
    raise NotImplementedError

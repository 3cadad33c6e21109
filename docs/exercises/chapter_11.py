"""Exercises of chapter 11, The Transformer.

Replace the last line of each function by your code, then run: python -m docs.exercises 11
"""

import numpy as np


def causal_mask(words, before=0):
    """1. The causal mask, for a decoder that has already written `before` words.

    Returns an array of True and False (words, before + words): True where one of the new words
    (row) may attend to a word (column). Columns are all words of the text, rows the new ones.
    """
    raise NotImplementedError


def cross_attention(x, source, W_q, W_k, W_v, mask):
    """2. Cross-attention with one head.

    x (target, size); source (source, size); W_q, W_k and W_v (size, size), used as x @ W.T; mask
    (source,), False for padding. Scores are divided by √size.
    Returns the context (target, size) and the weights (target, source).
    """
    raise NotImplementedError


def smoothed(logits, word, smoothing):
    """3. Cross-entropy with label smoothing, of one prediction.

    logits (words,); word: the index of the right one. The target probability is `smoothing`
    spread evenly over all words, the right one included, and the rest on the right word.
    Returns the loss, a float: -Σ target · log softmax(logits).
    """
    raise NotImplementedError


def rotate(x, position):
    """4. Rotary positions: turn each pair of numbers of a vector.

    x (size,): its pairs are (x_0, x_1), (x_2, x_3) …; pair i is turned by the angle
    position / 10000^(2i / size), counter-clockwise. Returns an array (size,).
    """
    raise NotImplementedError


def broken_decoder(words, end, next_word):
    """5. Break it and find it: the training loss is near 0, and translations make no sense.

    Makes the examples of a batch for a decoder: from the ids of a sentence, what it reads and what
    it must predict at each place, and its mask (True where a word may attend to another).
    `next_word` is the begin token. Returns three arrays: (n,), (n,) and (n, n).
    One line is wrong.
    """
    reads = np.array([next_word, *words])
    predicts = np.array([*words, end])
    mask = np.tri(len(reads), k=1, dtype=bool)
    return reads, predicts, mask


def vary_heads():
    """6. Train, vary, explain: one head or four.

    In the root of the project, train two runs that differ only in their number of heads:

        python -m models train transformer --steps 300 --heads 1 --out runs/one
        python -m models train transformer --steps 300 --heads 4 --out runs/four

    Returns {"one": …, "four": …, "parameters": …, "why": "a", "b" or "c"}: the mean training
    accuracy of the last 50 steps of each run (metrics.csv in its folder), how many times as many
    parameters four heads have as one (a whole number), and what these two runs say:

        a) here four heads are hardly better or worse than one, at the same size
        b) four heads are clearly better here, because they make the model larger
        c) with a single head, the model cannot learn to translate in so few steps
    """
    raise NotImplementedError

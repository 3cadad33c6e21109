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
    """4. The matrix that turns the positional encoding of any t into that of position t + k.

    k: an int. rate: a float. Returns an array (2, 2) with turn(k, rate) @ encoding(t) =
    encoding(t + k) for every t, where encoding(t) = (sin(t · rate), cos(t · rate)).
    """
    raise NotImplementedError


def broken_place(x):
    """5. Break it and find it: positional encodings are added, and shuffled words go unnoticed.

    A model uses this function. Shuffle the words of a text, and it gives the same answer. Put the
    same text at another place in its batch, and the answer changes.

    x: the embeddings of several texts, an array (batch, words, size). Returns x plus the sinusoidal
    positional encodings, in the same shape. One line is wrong.
    """
    encodings = sinusoids(len(x), x.shape[-1])
    return x + encodings[:, None]


def sinusoids(words, size):
    """Sinusoidal positional encodings, an array (words, size). It is right as it is."""
    rates = 10_000.0 ** -(np.arange(0, size, 2) / size)
    angles = np.arange(words)[:, None] * rates  # (words, size / 2)
    return np.stack([np.sin(angles), np.cos(angles)], -1).reshape(words, size)


def vary_positions():
    """6. Train, vary, explain: without positional encodings, and with sinusoidal ones.

    In the root of the project, train two runs that differ only in their positions:

        python -m models train self_attention --steps 500 --positions none --out runs/none
        python -m models train self_attention --steps 500 --positions sinusoidal \\
            --out runs/sinusoidal

    Returns {"none": …, "sinusoidal": …, "why": "a", "b" or "c"}: the mean training accuracy of the
    last 50 steps of each run (metrics.csv in its folder), and why the two differ:

        a) with sinusoidal encodings the model has more parameters, so it learns more in 500 steps
        b) without positions the model cannot know whether something is said before *it* or after it
        c) without positions the two nouns look the same, so the model can only guess between them
    """
    raise NotImplementedError

"""An n-gram model with Kneser–Ney smoothing: what can be predicted from the last few tokens alone.

A word's probability after the tokens h before it (Kneser and Ney 1995; in the interpolated form of
Chen and Goodman 1999, §4.1.6) is

    p(w | h) = max(c(h w) - D, 0) / c(h) + D · n(h) / c(h) · p(w | h without its first token)

c(h w) counts how often w follows h, c(h) is the sum of it over all words, and n(h) counts the
different words that follow h. In all orders but the highest, c(h w) counts the different tokens
before h w instead. D = n₁ / (n₁ + 2 n₂), where n₁ and n₂ count the n-grams with count 1 and 2.
Without any tokens left, all words are equally likely.
"""

import numpy as np

ORDER = 5


def cross_entropy(train, test, begin, words, order=ORDER):
    """The mean of -log p over all tokens of the test texts, in nats.

    train, test  lists of texts: arrays of ids
    begin        the id of what precedes a text
    words        how many different words a text can have
    """
    train, test = (np.concatenate([grams(text, begin, order) for text in x]) for x in (train, test))
    return -np.log(probabilities(train, test, words)).mean()


def grams(text, begin, order=ORDER):
    """Each token after those before it: an array (tokens, order) of ids."""
    padded = np.concatenate([np.full(order - 1, begin), text])
    return np.lib.stride_tricks.sliding_window_view(padded, order)


def probabilities(train, test, words):
    """p(w | h) for each row of `test`, which is h w; both are arrays (tokens, order) of ids."""
    known, order = len(train), train.shape[1]
    grams = np.concatenate([train, test]).astype(np.int64)
    types, contexts = [], []  # of each order: numbers for h w, and for h, in each row
    for k in range(1, order + 1):
        types.append(numbered(grams[:, -k], types[-1] if types else 0))
        contexts.append(numbered(grams[:, -k], contexts[-1]) if contexts else types[0] * 0)
    p = np.full(len(test), 1 / words)
    for k in range(order):
        found, row = np.unique(types[k][:known], return_index=True)  # a row of each type
        counts = np.zeros(types[k].max() + 1)
        if k == order - 1:
            counts += np.bincount(types[k][:known], minlength=len(counts))
        else:
            longer = np.unique(types[k + 1][:known], return_index=True)[1]
            counts += np.bincount(types[k][longer], minlength=len(counts))
        size = contexts[k].max() + 1
        total = np.bincount(contexts[k][row], counts[found], size)[contexts[k][known:]]
        different = np.bincount(contexts[k][row], minlength=size)[contexts[k][known:]]
        once, twice = (counts == 1).sum(), (counts == 2).sum()
        discount = once / (once + 2 * twice) if once else 0.5
        more = np.maximum(counts[types[k][known:]] - discount, 0) + discount * different * p
        p = np.divide(more, total, out=p.copy(), where=total > 0)  # an unknown h says nothing
    return p


def numbered(first, rest):
    """A number for each different pair (first, rest) of ids; equal pairs have the same."""
    return np.unique(first * (np.max(rest) + 1) + rest, return_inverse=True)[1]

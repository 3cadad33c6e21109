"""Chapter 11: one solution per exercise, its checks, and its hints."""

import numpy as np

from .. import runs
from ..checking import said

RNG = np.random.default_rng(0)
X, SOURCE = RNG.normal(size=(2, 4)), RNG.normal(size=(3, 4))
W_Q, W_K, W_V = RNG.normal(size=(3, 4, 4))
MASK = np.array([True, True, False])
LOGITS = np.array([2.0, 0.0, -1.0, 0.5])

# What a reader's runs look like: settings, and the columns of metrics.csv.
RUNS = {
    "runs/one": ({"steps": 300, "heads": 1}, {"step": [0, 1], "accuracy": [0.92, 0.93]}),
    "runs/four": ({"steps": 300, "heads": 4}, {"step": [0, 1], "accuracy": [0.93, 0.91]}),
}


def softmax(scores):
    """Softmax of each row."""
    exps = np.exp(scores - scores.max(-1, keepdims=True))
    return exps / exps.sum(-1, keepdims=True)


def causal_mask(words, before=0):
    """np.tri has ones below a diagonal, which k moves to the right."""
    return np.tri(words, before + words, k=before, dtype=bool)


def check_causal_mask(causal_mask):
    """Row i is the word at place before + i. It may attend to all places up to its own.

    Look up np.tri, and its argument k.
    """
    right = np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]], bool)
    yield "causal_mask(3)", causal_mask(3), right, {
        "a word may attend to itself, too": np.tri(3, k=-1, dtype=bool),
        "a word must not attend to the word after it": np.tri(3, k=1, dtype=bool),
        "that is the future: rows attend to columns": right.T,
        "False is where attention is not allowed": ~right,
    }
    later = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], bool)
    yield "causal_mask(2, before=2)", causal_mask(2, 2), later, {
        "the first new word is at place 2, after the two already written":
            np.tri(2, 4, dtype=bool),
        "the columns are all words of the text, the written ones included": np.tri(2, dtype=bool),
    }  # fmt: skip


def cross_attention(x, source, W_q, W_k, W_v, mask):
    """Only the query comes from x."""
    query, key, value = x @ W_q.T, source @ W_k.T, source @ W_v.T
    scores = query @ key.T / np.sqrt(x.shape[-1])  # (target, source)
    weights = softmax(np.where(mask, scores, -np.inf))
    return weights @ value, weights


def check_cross_attention(cross_attention):
    """Queries are made from x, keys and values from source.

    The mask is for the columns: every row attends to the same source words.
    """
    query, key, value = X @ W_Q.T, SOURCE @ W_K.T, SOURCE @ W_V.T
    scores = query @ key.T / 2
    weights = softmax(np.where(MASK, scores, -np.inf))
    unscaled = softmax(np.where(MASK, 2 * scores, -np.inf))
    straight = (X @ W_Q) @ (SOURCE @ W_K).T / 2
    found = cross_attention(X, SOURCE, W_Q, W_K, W_V, MASK)
    yield "cross_attention(…)[1]", found[1], weights, {
        "scores are divided by √size": unscaled,
        "the mask is missing": softmax(scores),
        "masked scores are -inf, not 0": softmax(np.where(MASK, scores, 0.0)),
        "the matrices are used as x @ W.T": softmax(np.where(MASK, straight, -np.inf)),
        "each row must add up to 1: softmax over the source": np.where(
            MASK, np.exp(scores) / np.exp(scores).sum(0), 0.0
        ),
    }
    yield "cross_attention(…)[0]", found[0], weights @ value, {
        "values come from W_v": weights @ key,
        "the context is a weighted average of the values, not of the source": weights @ SOURCE,
    }


def smoothed(logits, word, smoothing):
    """The target is a probability for every word."""
    target = np.full(len(logits), smoothing / len(logits))
    target[word] += 1 - smoothing
    return float(-(target * np.log(softmax(logits))).sum())


def check_smoothed(smoothed):
    """Write down the target probabilities first. They must add up to 1.

    The loss is minus the sum of target times log-probability.
    """
    log = np.log(softmax(LOGITS))
    hard, even = -log[0], -log.mean()
    others = -log[1:].mean()
    yield "smoothed([2, 0, -1, 0.5], 0, 0.1)", smoothed(LOGITS, 0, 0.1), 0.9 * hard + 0.1 * even, {
        "this is without smoothing": hard,
        "the right word gets its part of the smoothing, too": 0.9 * hard + 0.1 * others,
        "the right word gets the rest, 1 - smoothing, besides its part": -(
            0.9 * log[0] + 0.1 / 4 * log[1:].sum()
        ),
        "smoothing is spread over the words, not given to each of them": -(
            0.9 * log[0] + 0.1 * log.sum()
        ),
    }
    yield "smoothed([2, 0, -1, 0.5], 3, 0)", smoothed(LOGITS, 3, 0.0), -log[3]


def rotate(x, position):
    """A rotation of the plane, for each pair."""
    a, b = x[0::2], x[1::2]
    angle = position / 10_000 ** (np.arange(0, len(x), 2) / len(x))
    c, s = np.cos(angle), np.sin(angle)
    turned = np.stack([a * c - b * s, a * s + b * c])
    return turned.T.reshape(-1)


def check_rotate(rotate):
    """(a, b) turned by φ is (a cos φ - b sin φ, a sin φ + b cos φ).

    x[0::2] are the first numbers of all pairs, x[1::2] the second ones. The rotated pairs go back
    to the same places.
    """
    x = np.array([1.0, 0.0, 0.0, 2.0])
    c, s, c2, s2 = np.cos(3), np.sin(3), np.cos(0.03), np.sin(0.03)
    yield "rotate([1, 0, 0, 2], 3)", rotate(x, 3), [c, s, -2 * s2, 2 * c2], {
        "turn counter-clockwise: the sign of the sine": [c, -s, 2 * s2, 2 * c2],
        "each pair has an angle of its own": [c, s, -2 * s, 2 * c],
        "the pairs are neighbours, and go back to their places": [c, -2 * s2, s, 2 * c2],
    }
    yield "rotate(x, 5) · rotate(y, 3)", rotate(x, 5) @ rotate(x[::-1].copy(), 3), float(
        rotate_by(x, 5) @ rotate_by(x[::-1], 3)
    )


def rotate_by(x, position):
    """The same with complex numbers."""
    turns = np.exp(1j * position / 10_000 ** (np.arange(0, len(x), 2) / len(x)))
    turned = (x[0::2] + 1j * x[1::2]) * turns
    return np.stack([turned.real, turned.imag], 1).reshape(-1)


def broken_decoder(words, end, next_word):
    """The mask let every word see the one after it, which is the one to predict."""
    reads = np.array([next_word, *words])
    predicts = np.array([*words, end])
    mask = np.tri(len(reads), dtype=bool)
    return reads, predicts, mask


def check_broken_decoder(broken_decoder):
    """A loss near 0 in training means that the answer is in what the model reads.

    At place i it reads reads[: i + 1] and must predict predicts[i]. Which places does the mask let
    it see?
    """
    reads, predicts, mask = broken_decoder([7, 5, 8], 2, 1)
    yield "broken_decoder([7, 5, 8], 2, 1)[2]", mask, np.tri(4, dtype=bool), {
        "each word still sees the next one": np.tri(4, k=1, dtype=bool),
        "now a word does not see itself, and the first row is empty": np.tri(4, k=-1, dtype=bool),
    }
    yield "broken_decoder([7, 5, 8], 2, 1)[0]", reads, [1, 7, 5, 8]
    yield "broken_decoder([7, 5, 8], 2, 1)[1]", predicts, [7, 5, 8, 2]


def vary_heads():
    """Heads cut the vectors into parts; the matrices are the same."""
    one, four = (runs.last(f"runs/{name}", "accuracy") for name in ("one", "four"))
    return {"one": one, "four": four, "parameters": 1, "why": "a"}


def check_vary_heads(vary_heads):
    """metrics.csv has one row per step, and a column named accuracy. Take the mean of the last 50.

    Chapter 9: which matrices does a layer have, and what do heads cut into pieces?
    """
    found = vary_heads()
    names, varied = ("one", "four"), ("heads",)
    yield from runs.compared("vary_heads()", found, names, "accuracy", varied)
    yield "vary_heads()['parameters']", found["parameters"], 1, {
        "the matrices are the same: heads only cut what they compute": 4,
    }
    yield said("vary_heads()['why']", found["why"], "a", {
        "b": "the model is not larger: count its parameters",
        "c": "look at the accuracy of the run with one head",
    })  # fmt: skip

"""Chapter 3: one way to solve its exercises, and what the checker asks."""

import numpy as np


def by_hand():
    """e to the powers is (1, 3, 4), together 8. So the word that came has half, and ln 2 is due."""
    return {"cost": float(np.log(2)), "gradient": [1 / 8, 3 / 8, 4 / 8 - 1]}


def check_by_hand(by_hand):
    """Take e to the power of each logit, then divide by the sum: that is the softmax.

    The cost is -log of the share of the word that came (the natural logarithm). The gradient is
    the softmax minus one-hot.
    """
    cost = float(np.log(2))
    yield "by_hand()", by_hand(), {"cost": cost, "gradient": [0.125, 0.375, -0.5]}, {
        "that is the share of the word that came; the cost is -log of it":
            {"cost": 0.5, "gradient": [0.125, 0.375, -0.5]},
        "that is the logarithm to the base 2": {"cost": 1.0, "gradient": [0.125, 0.375, -0.5]},
        "that gradient is the softmax: where the word came, take 1 away":
            {"cost": cost, "gradient": [0.125, 0.375, 0.5]},
        "it is the last word that came":
            {"cost": -float(np.log(0.375)), "gradient": [0.125, -0.625, 0.5]},
        "the gradient is the wrong way round: softmax minus one-hot":
            {"cost": cost, "gradient": [-0.125, -0.375, 0.5]},
    }


def embedding_gradient(ids, g, words):
    """`grad[ids] += g` would add each row once only; np.add.at adds what is indexed twice."""
    grad = np.zeros((words, g.shape[1]))
    for i, row in zip(ids, g, strict=True):
        grad[i] += row
    return grad


def check_embedding_gradient(embedding_gradient):
    """Begin with zeros, (words, d). Go through the text; add each row of g to its word's row."""
    g = np.arange(1.0, 9.0).reshape(4, 2)
    once = np.zeros((5, 2))
    once[[3, 0, 4, 2]] = g
    yield (
        "embedding_gradient([3, 0, 4, 2], g, words=5)",
        embedding_gradient(np.array([3, 0, 4, 2]), g, 5), once,
        {"the table has a row for each of the 5 words": g},
    )
    last, twice = np.zeros((5, 2)), np.zeros((5, 2))
    last[[3, 0, 2]] = g[[3, 1, 2]]
    twice[[3, 0, 2]] = g[[3, 1, 2]]
    twice[3] += g[0]
    yield (
        "embedding_gradient([3, 0, 2, 3], g, words=5)",
        embedding_gradient(np.array([3, 0, 2, 3]), g, 5), twice,
        {"word 3 was read twice, and only the last counts here: grad[ids] += g adds each row once":
            last},
    )


def log_softmax(x):
    """The largest logit of each row is taken away first; then no power is larger than 1."""
    x = x - x.max(1, keepdims=True)
    return x - np.log(np.exp(x).sum(1, keepdims=True))


def check_log_softmax(log_softmax):
    """log(eˣ / Σ) is x - log Σ. Take the largest logit of each row away before all else.

    `keepdims=True` keeps max and sum as columns, which broadcast over the words.
    """
    inf, nan = np.inf, np.nan
    x = np.log(np.array([[6, 3, 1], [1, 1, 2]], np.float32))
    shares = np.array([[0.6, 0.3, 0.1], [0.25, 0.25, 0.5]])
    columns = x - np.log(np.exp(x).sum(0))
    yield "log_softmax(log [[6, 3, 1], [1, 1, 2]])", log_softmax(x.copy()), np.log(shares), {
        "that is the softmax; its logarithm is wanted": shares,
        "each row is a guess of its own: the sum goes over dim 1": columns,
        "the sum goes over each row, not over all": x - np.log(np.exp(x).sum()),
    }
    x = np.array([[1000, 0, 0], [-1000, -1000, -1000]], np.float32)
    third = -np.log(3)
    right = np.array([[0, -1000, -1000], [third, third, third]])
    yield "log_softmax([[1000, 0, 0], [-1000, -1000, -1000]])", log_softmax(x.copy()), right, {
        "e to the power of 1000 is no float: take the largest logit away first":
            np.array([[nan, -inf, -inf], [nan, nan, nan]]),
        "the sum overflowed: take the largest logit away first":
            np.array([[-inf, -inf, -inf], [inf, inf, inf]]),
        "the logarithm of a rounded 0: x - log Σ needs none":
            np.array([[0, -inf, -inf], [third, third, third]]),
        "take away the largest of each row, not of all": np.array([[0, -1000, -1000], [inf] * 3]),
    }


def bigram(pairs, words, steps, rate):
    """Rows are picked, softmax minus one-hot comes back to them, and is added up in the table."""
    read, came = pairs.T
    table = np.zeros((words, words))
    for _ in range(steps):
        g = np.exp(log_softmax(table[read]))  # (n, words)
        g[np.arange(len(pairs)), came] -= 1
        grad = embedding_gradient(read, g / len(pairs), words)
        table -= rate * grad
    return table


def check_bigram(bigram):
    """Pick the rows of the words read: logits (n, words). What comes back is softmax - one-hot.

    The loss is a mean over n pairs, so all of it is divided by n. Then exercise 2: the rows of
    the gradient are added up in a table like this one, of which `rate` times is taken away.
    """
    pairs = np.array([[0, 1], [0, 1], [0, 2], [1, 2]])
    first = np.array([[-1, 1, 0], [-1 / 3, -1 / 3, 2 / 3], [0, 0, 0]])
    too_soon = np.zeros((3, 3))
    for read, came in pairs:
        too_soon[read] -= np.exp(too_soon[read]) / np.exp(too_soon[read]).sum()
        too_soon[read, came] += 1
    yield "bigram(pairs, words=3, steps=1, rate=4)", bigram(pairs.copy(), 3, 1, 4.0), first, {
        "that way the loss grows: take the gradient away": -first,
        "the loss is a mean: divide by the number of pairs": 4 * first,
        "a word that was read more than once has only the last of its rows: add them up":
            np.array([[-1 / 3, -1 / 3, 2 / 3], [-1 / 3, -1 / 3, 2 / 3], [0, 0, 0]]),
        "a step was taken after each pair: first add up what comes back from all": too_soon,
        "softmax minus one-hot: the one-hot is missing":
            np.array([[-1, -1, -1], [-1 / 3, -1 / 3, -1 / 3], [0, 0, 0]]),
    }
    table = np.array(bigram(pairs.copy(), 3, 3000, 4.0), float)
    shares = np.exp(table[0] - table[0].max())
    shares = (shares / shares.sum()).round(2).tolist()
    yield "the shares after word 0, after 3000 steps", shares, [0.0, 0.67, 0.33], {
        "that is the first step again and again: pick the rows anew at each": [0.0, 1.0, 0.0],
    }

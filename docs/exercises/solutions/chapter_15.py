"""Chapter 15: one solution per exercise, its checks, and its hint."""

import numpy as np


def folded(xs, gs):
    """Concatenate the rows of all steps: G.T @ X sums over rows."""
    return np.concatenate(xs), np.concatenate(gs)


def check_folded(folded):
    """G.T @ X is a sum over rows: each row of G is multiplied with the same row of X.

    So concatenate the rows of all steps, in the same order in both.
    """
    rng = np.random.default_rng(0)
    xs, gs = list(rng.normal(size=(5, 2, 3))), list(rng.normal(size=(5, 2, 4)))
    found = folded(xs, gs)
    products = [g.T @ x for x, g in zip(xs, gs, strict=True)]
    beside = np.concatenate(gs, 1).T @ np.concatenate(xs, 1)
    yield "G.T @ X, for 5 steps and a batch of 2", found and multiplied(*found), sum(products), {
        "the steps are concatenated along dim 1: use dim 0": beside,
        "this is the sum of the x times the sum of the g": sum(gs).T @ sum(xs),
        "this is the last step alone": products[-1],
        "this is the mean over the steps; the gradient is a sum": sum(products) / 5,
        "return X first, then G": sum(products).T,
    }
    found = folded(xs[:1], gs[:1])
    yield "G.T @ X, for one step", found and multiplied(*found), products[0]


def multiplied(x, g):
    """The product, if the shapes fit; otherwise both shapes as text."""
    x, g = np.asarray(x), np.asarray(g)
    fit = x.ndim == g.ndim == 2 and len(x) == len(g)
    return g.T @ x if fit else f"X {x.shape} and G {g.shape}"


def embedding_gradient(ids, g, words):
    """Sort by word, then sum each run of equal words."""
    ids, g = ids.ravel(), g.reshape(-1, g.shape[-1])
    total = np.zeros((words, g.shape[1]), g.dtype)
    order = ids.argsort(kind="stable")
    ids = ids[order]
    first = np.flatnonzero(np.append(True, ids[1:] != ids[:-1]))
    total[ids[first]] = np.add.reduceat(g[order], first, axis=0)
    return total


def check_embedding_gradient(embedding_gradient):
    """First flatten ids, and make g a matrix. Then `argsort` brings equal words together.

    A run starts where a word differs from the one before, and np.add.reduceat sums from each start
    to the next. Another way: a one-hot matrix (words, positions) times g.
    """
    ids, g = np.array([3, 1, 3, 0, 3]), np.arange(1.0, 11).reshape(5, 2)
    right = np.array([[7.0, 8], [3, 4], [0, 0], [15, 18], [0, 0]])
    last, mean, met = right.copy(), right.copy(), right[[0, 1, 3]]
    last[3], mean[3] = g[4], right[3] / 3
    yield "embedding_gradient([3, 1, 3, 0, 3], g, 5)", embedding_gradient(ids, g, 5), right, {
        "total[ids] += g adds only once for a word that appears more than once": last,
        "this is the mean of the gradients; it must be their sum": mean,
        "only the words that were read have a row; every word needs one": met,
    }
    ids, g = np.array([[2, 0], [2, 2]]), np.ones((2, 2, 3))
    right = np.array([[1.0], [0], [3]]) * np.ones(3)
    yield "for a batch: ids (2, 2), g (2, 2, 3)", embedding_gradient(ids, g, 3), right


def cross_entropy_gradient(logits, target):
    """The softmax, minus 1 at the target, divided by N."""
    out = logits - logits.max(1, keepdims=True)
    np.exp(out, out=out)
    out /= out.sum(1, keepdims=True)
    out[np.arange(len(out)), target] -= 1
    out /= len(out)
    return out


def check_cross_entropy_gradient(cross_entropy_gradient):
    """By chapter 3 it is the softmax minus 1 at the target. The mean divides this by N.

    Start with the logits minus the largest of each row; then np.exp(out, out=out), out /= …, and so
    on. out[np.arange(N), target] selects the target in each row.
    """
    logits, target = np.log([[1.0, 2, 1], [4, 4, 2]]), np.array([1, 2])
    softmax = np.array([[0.25, 0.5, 0.25], [0.4, 0.4, 0.2]])
    right = np.array([[0.25, -0.5, 0.25], [0.4, 0.4, -0.8]]) / 2
    given = logits.copy()
    yield "for two rows of three words", cross_entropy_gradient(given, target), right, {
        "this is the gradient of the sum; for the mean, divide by N": 2 * right,
        "divided by the number of words; divide by the number of rows": right * 2 / 3,
        "this is the softmax divided by N; subtract 1 at the target": softmax / 2,
        "only the target has a gradient here; every word of its row has one":
            np.array([[0, -0.5, 0], [0, 0, -0.8]]) / 2,
        "out[:, target] selects these columns in every row; index the rows, too":
            (softmax - [0, 1, 1]) / 2,
        "1 was subtracted after the division by N; subtract it before":
            softmax / 2 - [[0, 1, 0], [0, 0, 1]],
    }
    yield "the logits afterwards", given, logits
    large = cross_entropy_gradient(1e4 * np.eye(2), np.array([0, 0]))
    yield "with logits of 10,000", large, [[0, 0], [-0.5, 0.5]], {
        "e^10000 is inf, and inf / inf is nan: subtract the largest logit of each row":
            np.array([[np.nan, 0], [-0.5, np.nan]]),
    }


def select(mask, x, y):
    """The bits of x where the mask is all ones, the bits of y elsewhere."""
    ones = -mask.astype(np.int32)
    picked = (x.view(np.int32) & ones) | (y.view(np.int32) & ~ones)
    return picked.view(np.float32)


def check_select(select):
    """x.view(np.int32) reads the bits of x as integers. -1 is 32 ones, and 0 is 32 zeros.

    `&` selects bits, `~` inverts all of them, `|` combines two halves. At the end use
    .view(np.float32).
    """
    mask = np.array([True, False, True, False])
    x, y = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.float32)
    yield "select([T, F, T, F], [1, 2, 3, 4], [5, 6, 7, 8])", select(mask, x, y), [1, 6, 3, 8], {
        "x and y are swapped": [5, 2, 7, 4],
        "y is missing where the mask is False": [1, 0, 3, 0],
        "these are the bits, read as integers: use .view(np.float32) at the end":
            np.array([1, 6, 3, 8], np.float32).view(np.int32),
    }
    x, y = np.array([[np.inf, np.inf, 3, 4], [5, 6, np.nan, np.nan]], np.float32)
    right = [np.inf, 6, 3, np.nan]
    yield "select([T, F, T, F], [inf, inf, 3, 4], [5, 6, nan, nan])", select(mask, x, y), right, {
        "0 · inf is nan, and so are 0 · nan and inf - inf: do not multiply or subtract":
            [np.inf, np.nan, np.nan, np.nan],
    }

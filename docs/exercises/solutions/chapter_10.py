"""Chapter 10: one way to solve its exercises, and what the checker asks."""

import numpy as np


def folded(xs, gs):
    """The rows of all steps one below the other: a product adds up over its rows."""
    return np.concatenate(xs), np.concatenate(gs)


def check_folded(folded):
    """In G.T @ X the rows are what is multiplied and added up: first with first, last with last.

    So put the rows of all steps below each other, in both in the same order.
    """
    rng = np.random.default_rng(0)
    xs, gs = list(rng.normal(size=(5, 2, 3))), list(rng.normal(size=(5, 2, 4)))
    came = folded(xs, gs)
    products = [g.T @ x for x, g in zip(xs, gs, strict=True)]
    beside = np.concatenate(gs, 1).T @ np.concatenate(xs, 1)
    yield "G.T @ X, of 5 steps with a batch of 2", came and multiplied(*came), sum(products), {
        "the steps stand side by side: they belong one below the other": beside,
        "that is the sum of the x times the sum of the g": sum(gs).T @ sum(xs),
        "that is the last step alone": products[-1],
        "the mean over the steps; it is a sum": sum(products) / 5,
        "X first, then G": sum(products).T,
    }
    came = folded(xs[:1], gs[:1])
    yield "G.T @ X, of one step", came and multiplied(*came), products[0]


def multiplied(x, g):
    """The product, if the two go together; otherwise what was given."""
    x, g = np.asarray(x), np.asarray(g)
    fit = x.ndim == g.ndim == 2 and len(x) == len(g)
    return g.T @ x if fit else f"X {x.shape} and G {g.shape}"


def embedding_gradient(ids, g, words):
    """Sort by word; each run of equal words is added up at once."""
    ids, g = ids.ravel(), g.reshape(-1, g.shape[-1])
    total = np.zeros((words, g.shape[1]), g.dtype)
    order = ids.argsort(kind="stable")
    ids = ids[order]
    first = np.flatnonzero(np.append(True, ids[1:] != ids[:-1]))
    total[ids[first]] = np.add.reduceat(g[order], first, axis=0)
    return total


def check_embedding_gradient(embedding_gradient):
    """First ids as one row and g as a matrix. `argsort` brings equal words together.

    A run begins where a word is not the one before it, and np.add.reduceat adds up from each of
    these places to the next. (Another way: a matrix of ones where word and place agree, times g.)
    """
    ids, g = np.array([3, 1, 3, 0, 3]), np.arange(1.0, 11).reshape(5, 2)
    right = np.array([[7.0, 8], [3, 4], [0, 0], [15, 18], [0, 0]])
    last, mean, met = right.copy(), right.copy(), right[[0, 1, 3]]
    last[3], mean[3] = g[4], right[3] / 3
    yield "embedding_gradient([3, 1, 3, 0, 3], g, 5)", embedding_gradient(ids, g, 5), right, {
        "total[ids] += g writes a word that came more than once only once": last,
        "the mean of what came back; it is a sum": mean,
        "only the words that were read have a row; all have one": met,
    }
    ids, g = np.array([[2, 0], [2, 2]]), np.ones((2, 2, 3))
    right = np.array([[1.0], [0], [3]]) * np.ones(3)
    yield "of a batch: ids (2, 2), g (2, 2, 3)", embedding_gradient(ids, g, 3), right


def cross_entropy_gradient(logits, target):
    """The softmax, less 1 at the word that came, over N."""
    out = logits - logits.max(1, keepdims=True)
    np.exp(out, out=out)
    out /= out.sum(1, keepdims=True)
    out[np.arange(len(out)), target] -= 1
    out /= len(out)
    return out


def check_cross_entropy_gradient(cross_entropy_gradient):
    """By chapter 3 it is the softmax, less 1 at the word that came. The mean divides it by N.

    The one array is logits less their largest; then np.exp(out, out=out), out /= …, and so on.
    out[np.arange(N), target] is the word that came, in each row.
    """
    logits, target = np.log([[1.0, 2, 1], [4, 4, 2]]), np.array([1, 2])
    softmax = np.array([[0.25, 0.5, 0.25], [0.4, 0.4, 0.2]])
    right = np.array([[0.25, -0.5, 0.25], [0.4, 0.4, -0.8]]) / 2
    given = logits.copy()
    yield "of two rows of three words", cross_entropy_gradient(given, target), right, {
        "of the sum; the mean divides by N": 2 * right,
        "divided by how many words there are; it should be by how many rows": right * 2 / 3,
        "that is the softmax over N; the word that came has 1 less": softmax / 2,
        "only the word that came has changed; every word of its row has a gradient":
            np.array([[0, -0.5, 0], [0, 0, -0.8]]) / 2,
        "out[:, target] is these columns in every row; name the rows, too":
            (softmax - [0, 1, 1]) / 2,
        "1 was taken away after the division by N": softmax / 2 - [[0, 1, 0], [0, 0, 1]],
    }
    yield "the logits afterwards", given, logits
    large = cross_entropy_gradient(1e4 * np.eye(2), np.array([0, 0]))
    yield "with logits of 10,000", large, [[0, 0], [-0.5, 0.5]], {
        "e^10000 is inf, and inf / inf is nan: take the largest from each row":
            np.array([[np.nan, 0], [-0.5, np.nan]]),
    }


def select(mask, x, y):
    """Of x the bits where the mask has all ones, of y the others."""
    ones = -mask.astype(np.int32)
    picked = (x.view(np.int32) & ones) | (y.view(np.int32) & ~ones)
    return picked.view(np.float32)


def check_select(select):
    """x.view(np.int32) is the bits of x as whole numbers. -1 is 32 ones, and 0 is 32 zeros.

    `&` keeps bits, `~` turns all of them round, `|` puts two halves together. At the end
    .view(np.float32).
    """
    mask = np.array([True, False, True, False])
    x, y = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], np.float32)
    yield "select([T, F, T, F], [1, 2, 3, 4], [5, 6, 7, 8])", select(mask, x, y), [1, 6, 3, 8], {
        "x and y are exchanged": [5, 2, 7, 4],
        "y is missing where the mask does not hold": [1, 0, 3, 0],
        "the bits, read as whole numbers: .view(np.float32) at the end":
            np.array([1, 6, 3, 8], np.float32).view(np.int32),
    }
    x, y = np.array([[np.inf, np.inf, 3, 4], [5, 6, np.nan, np.nan]], np.float32)
    right = [np.inf, 6, 3, np.nan]
    yield "select([T, F, T, F], [inf, inf, 3, 4], [5, 6, nan, nan])", select(mask, x, y), right, {
        "0 · inf is nan, and so are 0 · nan and inf - inf: nothing may be multiplied or taken away":
            [np.inf, np.nan, np.nan, np.nan],
    }

"""Chapter 15: one solution per exercise, its checks, and its hint."""

import numpy as np

import minigrad
from minigrad.autograd import history

from .. import runs
from ..checking import said

# What a reader's runs look like: settings, and the columns of metrics.csv.
RUNS = {
    "runs/small": ({"steps": 400, "batch_size": 16}, {"step": [0, 1], "loss": [4.0, 1.1]}),
    "runs/large": ({"steps": 100, "batch_size": 64}, {"step": [0, 1], "loss": [4.0, 2.0]}),
}


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


def broken_training(weight, steps):
    """A tensor remembers how it was made, and a sum of losses remembers all steps."""
    total = 0.0
    for _ in range(steps):
        loss = (weight**2).sum()
        weight.grad = None
        loss.backward()
        with minigrad.no_grad():
            weight -= 0.1 * weight.grad
        total = total + loss.item()
    return total / steps


def check_broken_training(broken_training):
    """What does a tensor keep alive? Chapter 1: how it was made, and what it was made of.

    A number for a report should be a number: `.item()`.
    """
    weight = minigrad.tensor([1.0, 2.0], requires_grad=True)
    found = broken_training(weight, 10)
    remembered = len(history(found)) if isinstance(found, minigrad.Tensor) else 0
    yield "the ops that the result of broken_training(weight, 10) remembers", remembered, 0, {
        "the result still remembers every step": remembered or -1,
    }
    losses = [5 * 0.64**step for step in range(10)]
    yield "broken_training(weight, 10)", found, sum(losses) / 10, {
        "this is the last loss; return the mean over the steps": losses[-1],
        "this is the sum of the losses; return their mean": sum(losses),
    }


def vary_batch():
    """Seconds are what counts, and they depend on the machine."""
    small, large = (runs.last(f"runs/{name}", "loss") for name in ("small", "large"))
    return {"small": small, "large": large, "calls": 4, "why": "b"}


def check_vary_batch(vary_batch):
    """metrics.csv has one row per step, and a column named loss. Take the mean of the last 50.

    400 steps and 100 steps, each with about as many calls.

    Compare what each run has learned, and how many calls it needed. Which of the two matters more
    if you count seconds?
    """
    found = vary_batch()
    names, varied = ("small", "large"), ("steps", "batch_size")
    yield from runs.compared("vary_batch()", found, names, "loss", varied)
    yield "vary_batch()['calls']", found["calls"], 4, {
        "both see as many sentences, but in four times as many steps": 1,
    }
    yield said("vary_batch()['why']", found["why"], "b", {
        "a": "look at the two losses after the same number of sentences",
        "c": "look at how long the two runs took",
    })  # fmt: skip

"""Chapter 10: one solution per exercise, its checks, and its hints."""

import numpy as np

from .. import runs
from ..checking import said

RNG = np.random.default_rng(0)
X = 3 * RNG.normal(size=(3, 4)) + 1
GAMMA, BETA = RNG.normal(size=4), RNG.normal(size=4)
W1, B1, W2, B2 = (RNG.normal(size=shape) for shape in ((6, 4), 6, (4, 6), 4))

# What a reader's runs look like: settings, and the columns of metrics.csv.
STEPS = list(range(60))
RUNS = {
    "runs/cold": (
        {"warmup": 0, "norm": "after"},
        {"step": STEPS, "accuracy": [0.4] * 59 + [0.5], "learning_rate": [0.005] * 60},
    ),
    "runs/warm": (
        {"warmup": 100, "norm": "after"},
        {"step": STEPS, "accuracy": [0.9] * 59 + [0.8], "learning_rate": [s / 2e4 for s in STEPS]},
    ),
}


def layer_norm(x, gamma, beta, eps=1e-5):
    """Mean and variance of each word's numbers: over the last dim."""
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta


def check_layer_norm(layer_norm):
    """Take the mean over the last dim, with keepdims=True, so that it can be subtracted.

    Divide by the root of the variance plus eps. gamma multiplies, and beta is added, at the end.
    """
    centred = X - X.mean(-1, keepdims=True)
    right = GAMMA * centred / np.sqrt(centred.var(-1, keepdims=True) + 1e-5) + BETA
    columns = GAMMA * (X - X.mean(0)) / np.sqrt(X.var(0) + 1e-5) + BETA
    whole = GAMMA * (X - X.mean()) / np.sqrt(X.var() + 1e-5) + BETA
    sample = GAMMA * centred / np.sqrt(X.var(-1, ddof=1, keepdims=True) + 1e-5) + BETA
    yield "layer_norm(x, gamma, beta)", layer_norm(X.copy(), GAMMA, BETA), right, {
        "the mean is over the numbers of one word (the last dim), not over the words": columns,
        "one mean and one variance per word, not for all words together": whole,
        "divide by the number of elements, not by that number minus 1": sample,
        "divide by the root of the variance, not by the variance":
            GAMMA * centred / (X.var(-1, keepdims=True) + 1e-5) + BETA,
        "the mean is not subtracted": GAMMA * X / np.sqrt(X.var(-1, keepdims=True) + 1e-5) + BETA,
        "gamma and beta are missing": centred / np.sqrt(X.var(-1, keepdims=True) + 1e-5),
    }  # fmt: skip
    flat = np.array([[2.0, 2.0, 2.0, 2.0]])
    yield "layer_norm([[2, 2, 2, 2]], gamma, beta)", layer_norm(flat, GAMMA, BETA), BETA[None], {
        "0 / 0: eps keeps the division defined": np.full((1, 4), np.nan),
    }


def feed_forward(x, W1, b1, W2, b2):
    """Rows of x are words, so the matrices are transposed."""
    return np.maximum(0, x @ W1.T + b1) @ W2.T + b2


def check_feed_forward(feed_forward):
    """W1 x for each row x of a matrix X is X @ W1.T.

    max(0, …) is np.maximum(0, …), after the first layer and before the second.
    """
    inner = X @ W1.T + B1
    yield "feed_forward(x, W1, b1, W2, b2)", feed_forward(X, W1, B1, W2, B2), (
        np.maximum(0, inner) @ W2.T + B2
    ), {
        "the ReLU is missing: two linear layers in a row are one linear layer": inner @ W2.T + B2,
        "the ReLU comes between the layers, not at the end": np.maximum(0, inner @ W2.T + B2),
        "the second bias is missing": np.maximum(0, inner) @ W2.T,
    }


def block(x, norm_1, attention, norm_2, feed_forward):
    """Two sums. Each sublayer reads a normalized copy; the stream itself is not."""
    x = x + attention(norm_1(x))
    return x + feed_forward(norm_2(x))


def pieces():
    """Functions for a block whose result shows which of them was called on what."""
    return (
        lambda x: x - x.mean(-1, keepdims=True),
        lambda x: x.mean(0, keepdims=True) + 0.1 * x,
        lambda x: x / 2,
        lambda x: np.tanh(x) + 0.3,
    )


def wrong_blocks():
    """The results of the commonest mistakes in a block."""
    n1, att, n2, ff = pieces()
    h = X + att(n1(X))
    after = n1(X + att(X))
    replaced = att(n1(X))
    return {
        "the residual around attention is missing": replaced + ff(n2(replaced)),
        "the residual around the feed-forward network is missing": ff(n2(h)),
        "both residual connections are missing": ff(n2(replaced)),
        "the second sublayer reads the sum of the first, not the first input": h + ff(n2(X)),
        "the layer norms are missing": X + att(X) + ff(X + att(X)),
        "this is norm after the sum; here it comes before each sublayer": n2(after + ff(after)),
        "the sum is of x itself, not of its normalized copy":
            n1(X) + replaced + ff(n2(n1(X) + replaced)),
    }  # fmt: skip


def check_block(block):
    """There are two lines of the form x = x + sublayer(norm(x)).

    The second line reads what the first one made.
    """
    n1, att, n2, ff = pieces()
    h = X + att(n1(X))
    found = block(X.copy(), n1, att, n2, ff)
    yield "block(x, norm_1, attention, norm_2, feed_forward)", found, h + ff(n2(h)), wrong_blocks()


def parameters(size, hidden):
    """Weights and biases of six linear layers, and two vectors per layer norm."""
    attention = 4 * (size * size + size)
    return attention + (size * hidden + hidden) + (hidden * size + size) + 2 * 2 * size


def check_parameters(parameters):
    """A linear layer from a to b numbers has a · b weights and b biases.

    A layer norm has two vectors, gamma and beta.
    """
    right = 4 * (64 * 64 + 64) + 2 * 64 * 256 + 256 + 64 + 4 * 64
    yield "parameters(64, 256)", parameters(64, 256), right, {
        "the layer norms are missing: two of them, with gamma and beta": right - 256,
        "each layer norm has two vectors, gamma and beta": right - 128,
        "the biases are missing": 4 * 64 * 64 + 2 * 64 * 256 + 256,
        "attention has four linear layers: query, key, value and output": right - 64 * 64 - 64,
    }
    yield "parameters(8, 32)", parameters(8, 32), 872


def broken_block(x, norm_1, attention, norm_2, feed_forward):
    """The first sublayer replaced the words instead of adding to them."""
    h = x + attention(norm_1(x))
    return h + feed_forward(norm_2(h))


def check_broken_block(broken_block):
    """There are two sublayers. How many residual connections do you see?

    The chapter's small numbers: what makes words alike, and what keeps them apart?
    """
    n1, att, n2, ff = pieces()
    h = X + att(n1(X))
    found = broken_block(X.copy(), n1, att, n2, ff)
    yield "broken_block(x, …)", found, h + ff(n2(h)), wrong_blocks()


def vary_warmup():
    """At step 50 the rate is half of the largest one."""
    cold, warm = (runs.last(f"runs/{name}", "accuracy") for name in ("cold", "warm"))
    rate = runs.curve("runs/warm", "learning_rate")[50]
    return {"cold": cold, "warm": warm, "rate": round(rate, 4), "why": "c"}


def check_vary_warmup(vary_warmup):
    """metrics.csv has one row per step. Its columns accuracy and learning_rate are what you need.

    Compare the two curves of the accuracy in their first fifty steps.

    Both runs have 200 steps, and the same largest learning rate.
    """
    found = vary_warmup()
    names, varied = ("cold", "warm"), ("warmup",)
    yield from runs.compared("vary_warmup()", found, names, "accuracy", varied)
    rate = round(runs.curve("runs/warm", "learning_rate")[50], 4)
    yield "vary_warmup()['rate']", found["rate"], rate, {"this is the largest rate": 0.005}
    yield said("vary_warmup()['why']", found["why"], "c", {
        "a": "look at the settings: both runs have equally many steps",
        "b": "both runs have the same largest rate; only its first steps differ",
    })  # fmt: skip

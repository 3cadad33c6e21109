"""Chapter 9: one solution per exercise, its checks, and its hints."""

import numpy as np

import minigrad
from models.self_attention import attention

from .. import runs
from ..checking import said

# What a reader's runs look like: settings, and the columns of metrics.csv.
RUNS = {
    "runs/none": (
        {"steps": 500, "positions": "none"},
        {"step": [0, 1], "loss": [0.7, 0.1], "accuracy": [0.93, 0.95]},
    ),
    "runs/sinusoidal": (
        {"steps": 500, "positions": "sinusoidal"},
        {"step": [0, 1], "loss": [0.7, 0.001], "accuracy": [0.98, 1.0]},
    ),
}


def softmax(scores):
    """Softmax over the last dim, without overflow."""
    exps = np.exp(scores - scores.max(-1, keepdims=True))
    return exps / exps.sum(-1, keepdims=True)


def look_up(query, keys, values):
    """Steps 2, 3 and 4, for a single query."""
    weights = softmax(keys @ query / np.sqrt(len(query)))
    return weights @ values


def check_look_up(look_up):
    """The scores are keys @ query, (words,). Divide by √d, take the softmax, then weights @ values.

    d is the size of the query.
    """
    query = np.array([1.0, 2, 0, -1])
    keys = np.array([[1.0, 0, 0, 0], [0, 2, 1, 0], [0, 0, 3, -1]])
    values = np.array([[1.0, 0], [0, 1], [2, 2]])
    scores = keys @ query
    right = softmax(scores / 2) @ values
    yield "look_up(query, keys, values), d = 4", look_up(query, keys, values), right, {
        "the scores are not divided by √d": softmax(scores) @ values,
        "the scores are divided by d, not by its root": softmax(scores / 4) @ values,
        "d is the size of a query, not the number of words": softmax(scores / 3**0.5) @ values,
        "the weights are divided by √d; divide the scores": softmax(scores) @ values / 2,
        "this is the value of the best key alone, as in a dictionary": values[1],
    }
    yield "with a query of zeros", look_up(0 * query, keys, values), values.mean(0)
    yield "with a query 10,000 times as large", look_up(1e4 * query, keys, values), values[1], {
        "e^score overflows: subtract the largest score first": np.nan * values[1],
    }


def each_other():
    """The key of a word is its embedding; its query is 4 times the key of the other word."""
    return [[0, 4], [4, 0]], [[1, 0], [0, 1]]


def check_each_other(each_other):
    """Since the words are the identity, the rows of W_Q are the queries, and those of W_K the keys.

    So choose any two different keys, and give each word the other word's key as its query.

    If the weights are on the right word but too small, make the queries larger.
    """
    w_query, w_key = (np.asarray(w, float) for w in each_other())
    weights = softmax(w_query @ w_key.T / np.sqrt(2))
    yield "the word to which each word attends most", weights.argmax(1).tolist(), [1, 0], {
        "each word attends to itself": [0, 1],
        "both attend to the first word": [0, 0],
        "both attend to the second word": [1, 1],
    }
    least = "more than 0.9" if min(weights[0, 1], weights[1, 0]) > 0.9 else "less"
    yield "the weight of each word at the other one", least, "more than 0.9", {
        "the largest weight is on the right word, but too small: make the queries larger": "less",
    }


def multi_head(x, w_query, w_key, w_value, w_output, heads):
    """Each head attends with its own columns of query, key and value."""
    query, key, value = x @ w_query, x @ w_key, x @ w_value
    size = x.shape[1] // heads
    contexts = []
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        weights = softmax(query[:, part] @ key[:, part].T / np.sqrt(size))
        contexts.append(weights @ value[:, part])
    return np.concatenate(contexts, 1) @ w_output


def check_multi_head(multi_head):
    """Loop over the heads. The columns of head h are [:, h * size : (h + 1) * size].

    Each head: scores, softmax, context (words, size). Then np.concatenate(contexts, 1) @ w_output.
    """
    rng = np.random.default_rng(0)
    x, matrices = rng.normal(size=(3, 4)), rng.normal(size=(4, 4, 4))
    found, right = multi_head(x, *matrices, 1), layer(x, matrices, 1) @ matrices[3]
    yield "multi_head(…, heads=1), for 3 words of size 4", found, right, {
        "w_output is missing": layer(x, matrices, 1),
    }
    found, right = multi_head(x, *matrices, 2), layer(x, matrices, 2) @ matrices[3]
    yield "multi_head(…, heads=2)", found, right, {
        "w_output is missing": layer(x, matrices, 2),
        "this is the result with one head": layer(x, matrices, 1) @ matrices[3],
        "a head has adjacent columns, not every second one":
            layer(x, matrices, 2, split=lambda y: y.reshape(3, 2, 2).T.mT) @ matrices[3],
        "d is the size of a head: d = size / heads": layer(x, matrices, 2, d=4) @ matrices[3],
        "reshape(heads, words, …) mixes the words: reshape(words, heads, …), then swap dims":
            layer(x, matrices, 2, split=lambda y: y.reshape(2, 3, 2)) @ matrices[3],
        "the heads come one after the other: swap the dims back before you reshape":
            layer(x, matrices, 2, join=lambda y: y.reshape(3, 4)) @ matrices[3],
    }


def layer(x, matrices, heads, d=None, split=None, join=None):
    """The contexts of the heads, concatenated; `d`, `split` and `join` make it wrong."""
    words, size = x.shape
    split = split or (lambda y: y.reshape(words, heads, -1).transpose(1, 0, 2))
    join = join or (lambda y: y.transpose(1, 0, 2).reshape(words, size))
    parts = (minigrad.tensor(split(x @ matrix)) for matrix in matrices[:3])
    mask = minigrad.full((1, 1, words), True)
    context, _ = attention(*parts, mask, 1 / np.sqrt(d or size / heads))
    return join(context.numpy())


def turn(k, rate):
    """sin(a + b) = sin a cos b + cos a sin b, and cos(a + b) = cos a cos b - sin a sin b."""
    angle = k * rate
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def check_turn(turn):
    """sin((t + k) r) = sin(t r) cos(k r) + cos(t r) sin(k r). That is the first row.

    The second is found in the same way, from cos((t + k) r).
    """
    yield "turn(0, 0.1)", turn(0, 0.1), np.eye(2)
    sin, cos = np.sin(0.3), np.cos(0.3)
    yield "turn(3, 0.1)", turn(3, 0.1), [[cos, sin], [-sin, cos]], {
        "this turns backwards: it is for position t - k": [[cos, -sin], [sin, cos]],
        "the cosine of a sum has a minus": [[cos, sin], [sin, cos]],
        "the sine comes first": [[-sin, cos], [cos, sin]],
        "the angle is k · rate": [[np.cos(3), np.sin(3)], [-np.sin(3), np.cos(3)]],
    }
    yield "turn(-2, 0.5)", turn(-2, 0.5), [
        [np.cos(1), -np.sin(1)], [np.sin(1), np.cos(1)],
    ]


def broken_place(x):
    """The positions are those of the words in a text, not those of the texts in the batch."""
    return x + sinusoids(x.shape[1], x.shape[-1])


def sinusoids(words, size):
    """Sinusoidal positional encodings, an array (words, size)."""
    rates = 10_000.0 ** -(np.arange(0, size, 2) / size)
    angles = np.arange(words)[:, None] * rates
    return np.stack([np.sin(angles), np.cos(angles)], -1).reshape(words, size)


def check_broken_place(broken_place):
    """What does `len(x)` count, if x is (batch, words, size)?

    The encodings must be (words, size), so that each text gets the same ones.

    Broadcasting adds an array (words, size) to each of the texts of an array (batch, words, size).
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 4))
    encodings = sinusoids(3, 4)
    yield "broken_place(x), for 2 texts of 3 words", broken_place(x.copy()), x + encodings, {
        "each text gets one encoding; each word should get one": x + sinusoids(2, 4)[:, None],
        "nothing is added": x,
        "the encodings are added, not put in the place of the words": 0 * x + encodings,
        "every number of a word gets the same; use the whole row": x + encodings[:, :1],
    }  # fmt: skip
    x = rng.normal(size=(3, 3, 4))
    yield "broken_place(x), for 3 texts of 3 words", broken_place(x.copy()), x + encodings, {
        "each text gets one encoding; each word should get one": x + encodings[:, None],
    }


def vary_positions():
    """Most texts need no order. In the others, the same words are said before *it* or after it."""
    found = {name: runs.last(f"runs/{name}", "accuracy") for name in ("none", "sinusoidal")}
    return found | {"why": "b"}


def check_vary_positions(vary_positions):
    """metrics.csv has one row per step, and a column named accuracy. Take the mean of the last 50.

    How many parameters has each run? It is printed when training starts.

    What accuracy does a guess between two nouns have? Compare it with the run without positions.
    """
    found = vary_positions()
    names, varied = ("none", "sinusoidal"), ("positions",)
    yield from runs.compared("vary_positions()", found, names, "accuracy", varied)
    yield said("vary_positions()['why']", found["why"], "b", {
        "a": "both models have the same number of parameters: sinusoids are not trained",
        "c": "a guess would be right half of the time",
    })  # fmt: skip

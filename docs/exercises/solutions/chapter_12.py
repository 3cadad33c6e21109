"""Chapter 12: one solution per exercise, its checks, and its hints."""

import math

import numpy as np

from .. import runs
from ..checking import said

LOGITS = np.array([1.0, 3.0, 0.0, 2.0])

# What a reader's runs look like: settings, and the columns of metrics.csv.
RUNS = {
    "runs/shallow": ({"steps": 600, "layers": 1}, {"step": [0, 1], "loss": [4.0, 1.3]}),
    "runs/deep": ({"steps": 600, "layers": 3}, {"step": [0, 1], "loss": [4.0, 1.1]}),
}


def softmax(x):
    """Softmax of a vector."""
    exps = np.exp(x - x.max())
    return exps / exps.sum()


def probabilities(logits, temperature=1.0, top_k=None, top_p=1.0):
    """Drop words, and divide by what is left."""
    p = softmax(np.asarray(logits) / temperature)
    order = np.argsort(-p)  # the most likely first
    if top_k is not None:
        p[order[top_k:]] = 0
    p = p / p.sum()
    before = np.cumsum(p[order]) - p[order]  # the sum of the words before each
    p[order[before >= top_p]] = 0
    return p / p.sum()


def check_probabilities(probabilities):
    """Sort the words by probability: np.argsort(-p).

    A word is kept by top_p if the probabilities of the words before it add up to less than top_p.

    At the end divide by the sum.
    """
    cold = softmax(LOGITS / 0.5)
    yield "probabilities([1, 3, 0, 2], temperature=0.5)", probabilities(LOGITS, 0.5), cold, {
        "divide by the temperature, do not multiply": softmax(LOGITS * 0.5),
        "divide the logits, not the probabilities": softmax(softmax(LOGITS) / 0.5),
    }
    p = softmax(LOGITS)
    two = np.array([0, p[1], 0, p[3]])
    yield "probabilities([1, 3, 0, 2], top_k=2)", probabilities(LOGITS, top_k=2), two / two.sum(), {
        "what is left must add up to 1": two,
        "these are the first two words, not the two most likely": np.array([p[0], p[1], 0, 0])
        / (p[0] + p[1]),
    }
    one = np.array([0.0, 1.0, 0.0, 0.0])
    yield "probabilities([1, 3, 0, 2], top_p=0.8)", probabilities(LOGITS, top_p=0.8), (
        two / two.sum()
    ), {
        "the word with which the sum reaches 0.8 is kept, too": one,
        "keep the smallest set: stop as soon as the sum is at least 0.8": np.array(
            [p[0], p[1], 0, p[3]]
        )
        / (p[0] + p[1] + p[3]),
    }
    yield "probabilities([1, 3, 0, 2], top_p=0.5)", probabilities(LOGITS, top_p=0.5), one, {
        "at least the most likely word is kept": np.full(4, np.nan),
    }


def with_cache(query, key, value, keys, values):
    """Append first, then attend to everything in the cache."""
    keys, values = np.vstack([keys, key]), np.vstack([values, value])
    weights = softmax(keys @ query / math.sqrt(len(query)))
    return weights @ values, keys, values


def check_with_cache(with_cache):
    """np.vstack([keys, key]) appends a row.

    Then the newest token is one of those attended to. No mask is needed: all others are before it.
    """
    rng = np.random.default_rng(0)
    query, key, value = rng.normal(size=(3, 4))
    keys, values = rng.normal(size=(2, 3, 4))
    context, all_keys, all_values = with_cache(query, key, value, keys.copy(), values.copy())
    right, right_keys, right_values = with_cache_of(query, key, value, keys, values)
    old = softmax(keys @ query / 2) @ values
    yield "with_cache(…)[0]", context, right, {
        "the newest token attends to itself, too: append before you attend": old,
        "scores are divided by √size": softmax(right_keys @ query) @ right_values,
        "the context is an average of values, not of keys": softmax(right_keys @ query / 2)
        @ right_keys,
    }
    yield "with_cache(…)[1]", all_keys, right_keys, {
        "the newest key comes after the others": np.vstack([key, keys]),
        "the cache must grow by one": keys,
    }
    yield "with_cache(…)[2]", all_values, right_values, {"the cache must grow by one": values}


with_cache_of = with_cache  # the worked one, for the checks


def perplexity(probabilities):
    """The exponential of the mean loss."""
    return math.exp(-sum(map(math.log, probabilities)) / len(probabilities))


def check_perplexity(perplexity):
    """The loss of a token is -log of its probability. Take the mean, then e to that power.

    A text whose tokens all had the probability 1/4 has the perplexity 4.
    """
    yield "perplexity([0.25, 0.25, 0.25])", perplexity([0.25] * 3), 4.0, {
        "that is the loss; the perplexity is e to the loss": math.log(4),
        "take the mean over the tokens, not the sum": 64.0,
    }
    yield "perplexity([0.5, 0.125])", perplexity([0.5, 0.125]), 4.0, {
        "the mean of 1 / p is something else": 5.0,
        "1 over the mean of p is something else": 3.2,
        "take the mean over the tokens, not the sum": 16.0,
    }


def induction(tokens):
    """From the end to the beginning, without the last token itself."""
    for i in reversed(range(len(tokens) - 1)):
        if tokens[i] == tokens[-1]:
            return tokens[i + 1]
    return None


def check_induction(induction):
    """Go through the places before the last one, from the end.

    What follows place i is tokens[i + 1].
    """
    yield "induction([7, 3, 9, 4, 7, 3])", induction([7, 3, 9, 4, 7, 3]), 9, {
        "return what follows there, not the token itself": 3,
        "return what follows there, not what came before": 7,
    }
    yield "induction([1, 2, 1, 5, 1])", induction([1, 2, 1, 5, 1]), 5, {
        "there are two earlier places: take the latest": 2,
        "the last token itself does not count": 1,
    }
    none = induction([1, 2, 3])
    yield "induction([1, 2, 3]) is None", none is None, True, {"3 did not occur before": False}


def broken_sample(logits, temperature, generator):
    """argmax is greedy decoding. A draw compares the random number with the running sum."""
    exps = np.exp((logits - logits.max()) / temperature)
    p = exps / exps.sum()
    u = generator.random()
    return int(np.searchsorted(np.cumsum(p), u, side="right"))


def check_broken_sample(broken_sample):
    """Each word should come as often as its probability says. What does the last line return?

    u is between 0 and 1. Where do the running sums of the probabilities, np.cumsum(p), pass it?
    """
    generator = np.random.default_rng(0)
    counts = np.zeros(4)
    for _ in range(4000):
        counts[broken_sample(LOGITS, 1.0, generator)] += 1
    p = softmax(LOGITS)
    near = bool(np.abs(counts / 4000 - p).max() < 0.03)
    name = "4000 draws come as often as the softmax says"
    yield name, near, True, {f"the words came {counts.astype(int).tolist()} times": False}


def vary_layers():
    """Look at what differs besides depth."""
    shallow, deep = (runs.last(f"runs/{name}", "loss") for name in ("shallow", "deep"))
    return {
        "shallow": shallow,
        "deep": deep,
        "perplexity": round(math.exp(deep), 1),
        "why": "c",
    }


def check_vary_layers(vary_layers):
    """metrics.csv has one row per step, and a column named loss. Take the mean of the last 50.

    The perplexity is e to the loss.

    To say what a head does, chapter 12 does more than compare losses. What does it do?
    """
    found = vary_layers()
    names, varied = ("shallow", "deep"), ("layers",)
    yield from runs.compared("vary_layers()", found, names, "loss", varied)
    deep = runs.last("runs/deep", "loss")
    yield "vary_layers()['perplexity']", found["perplexity"], round(math.exp(deep), 1), {
        "this is 2 to the loss; the losses here are natural logarithms": round(2**deep, 1),
    }
    yield said("vary_layers()['why']", found["why"], "c", {
        "a": "that may be, but two losses do not show it: cutting edges does",
        "b": "print some of its stories with `python -m models write --run runs/deep`",
    })  # fmt: skip

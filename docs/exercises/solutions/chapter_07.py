"""Chapter 7: one solution per exercise, its checks, and its hint."""

import numpy as np

import minigrad
from models.attention import attend as attend_of_models

from .. import runs
from ..checking import said

# What a reader's runs look like: settings, and the columns of metrics.csv.
RUNS = {
    "runs/with": ({"steps": 400, "dropout": 0.4}, {"step": [0, 1], "accuracy": [0.1, 0.7]}),
    "runs/without": ({"steps": 400, "dropout": 0.0}, {"step": [0, 1], "accuracy": [0.1, 0.9]}),
}

HS = np.array([[1.0, 0, 0, 0, 1], [1, 0, 1, 1, 0], [0, 1, 0, 1, 0]])


def by_hand():
    """The sum of e², e and e² is 17.496; h0 and h2 get the same weight."""
    return {
        "scores": [2, 1, 2],
        "weights": [0.42, 0.16, 0.42],
        "context": [0.58, 0.42, 0.16, 0.58, 0.42],
    }


def check_by_hand(by_hand):
    """A score is a sum of five products. A weight is e^score, divided by the sum of all three.

    An element of the context is a sum of three products: weights times that element of the states.
    """
    found = by_hand()
    yield "by_hand()['scores']", found["scores"], [2, 1, 2], {
        "the decoder state contains a 2: the dot product multiplies by it": [1, 1, 2],
        "this is for the decoder state of the chapter, (1 0 0 0 2)": [3, 1, 0],
    }
    yield "by_hand()['weights']", np.round(found["weights"], 2), [0.42, 0.16, 0.42], {
        "these are the scores divided by their sum; softmax uses e^score": [0.4, 0.2, 0.4],
        "divide by their sum, so that the weights add up to 1": [7.39, 2.72, 7.39],
    }
    yield "by_hand()['context']", np.round(found["context"], 2), [0.58, 0.42, 0.16, 0.58, 0.42], {
        "this is one of the states; the context is a weighted average of all": [1, 0, 0, 0, 1],
        "multiply the states by the weights, not by the scores": [3, 2, 1, 3, 2],
        "this is the plain average; use the weights": [0.67, 0.33, 0.33, 0.67, 0.33],
    }


def attend(query, hs, mask):
    """Scores, mask, softmax, weighted average."""
    scores = query @ hs.mT  # (batch, target, source)
    scores = np.where(mask[:, None], scores, -np.inf)
    exps = np.exp(scores - scores.max(-1, keepdims=True))
    weights = exps / exps.sum(-1, keepdims=True)
    return weights @ hs, weights


def check_attend(attend):
    """`hs.mT` swaps the last two dims. `mask[:, None]` is (batch, 1, source), for all queries.

    A score of -np.inf gets the weight 0. Softmax does not change if you subtract the largest score
    from all scores, and then no exponential overflows.
    """
    rng = np.random.default_rng(0)
    hs = np.stack([HS, rng.integers(-1, 2, HS.shape)])  # (2, 3, 5)
    query = np.stack([HS[:2] * 2, rng.integers(-1, 2, (2, 5))])  # (2, 2, 5)
    mask = np.array([[True, True, True], [True, True, False]])
    right, weights = (x.numpy() for x in attend_of_models(*map(minigrad.tensor, (query, hs, mask))))
    scores = query @ hs.mT
    open_exps, exps = np.exp(scores), np.exp(scores) * mask[:, None]
    unmasked = open_exps / open_exps.sum(-1, keepdims=True)
    with np.errstate(invalid="ignore"):  # 0 / 0 for a word that is masked everywhere
        over_target = exps / exps.sum(1, keepdims=True)
    found = attend(query, hs, mask)
    yield "attend(query, hs, mask)[1]", found[1], weights, {
        "padding must get the score -inf: the second sentence has two words": unmasked,
        "masked after the softmax, so the remaining weights do not add up to 1":
            unmasked * mask[:, None],
        "a masked score of 0 is not enough, because e to the 0 is 1: use -inf":
            softmax(np.where(mask[:, None], scores, 0.0)),
        "take the softmax over the source, the last dim": over_target,
        "these are the scores; the weights are their softmax": scores,
        "do not divide the scores by √hidden yet; chapter 9 does":
            softmax(np.where(mask[:, None], scores, -np.inf) / np.sqrt(5)),
    }
    yield "attend(query, hs, mask)[0]", found[0], right, {
        "the context is a weighted average of the states, not of the queries":
            weights[..., :2] @ query,
        "multiply the states by the weights, not by the scores": scores @ hs,
    }
    call, every = "attend(1000 · query, hs, no padding)[1]", np.full((2, 3), True)
    with np.errstate(over="ignore", invalid="ignore"):
        exps = np.exp(1000 * scores)
        overflown = exps / exps.sum(-1, keepdims=True)  # inf / inf is nan, and 1 / inf is 0
    yield call, attend(1000 * query, hs, every)[1], softmax(1000 * scores), {
        "e to the 1000 overflows: subtract the largest score first": overflown,
    }


def softmax(scores):
    """Softmax over the last dim."""
    exps = np.exp(scores - scores.max(-1, keepdims=True))
    return exps / exps.sum(-1, keepdims=True)


def gradients(query, hs, g):
    """context = weights @ hs, and scores = hs @ query: use the rule of a matrix product twice."""
    weights = softmax(hs @ query)  # (source,)
    to_weights = hs @ g  # (source,)
    to_scores = weights * (to_weights - weights @ to_weights)  # (source,)
    as_value, as_key = np.outer(weights, g), np.outer(to_scores, query)  # (source, hidden)
    return {"query": to_scores @ hs, "hs": as_value + as_key}


def check_gradients(gradients):
    """First the gradient of the weights: hs @ g. Then the gradient of the scores.

    A softmax gives its scores the gradient w · (g - the sum of w · g). A score is a dot product:
    its gradient times hs goes to the query, and times the query to each state. Each state also gets
    a gradient from the context, by its weight.
    """
    query, g = np.array([1.0, 0, 0, 0, 2]), np.array([0.0, 0, 0, 0, 1])
    right = by_the_engine(query, HS, g)
    weights = softmax(HS @ query)
    to_weights = HS @ g
    to_scores = weights * (to_weights - weights @ to_weights)
    call = "gradients(hd0, hs, (0 0 0 0 1))"
    found = gradients(query, HS, g)
    yield f"{call}['query']", found["query"], right["query"], {
        "the softmax is missing: these are the gradients of the weights, not of the scores":
            to_weights @ HS,
        "if one weight grows, the others shrink: subtract the sum of w · g":
            (weights * to_weights) @ HS,
        "w (1 - w) is the slope with respect to its own score; the other scores have slopes, too":
            (weights * (1 - weights) * to_weights) @ HS,
    }
    yield f"{call}['hs']", found["hs"], right["hs"], {
        "each state is also used in the scores: add its gradient from there":
            np.outer(weights, g),
        "each state is also used in the context: add its gradient from there, by its weight":
            np.outer(to_scores, query),
    }
    rng = np.random.default_rng(0)
    query, hs, g = rng.normal(size=4), rng.normal(size=(6, 4)), rng.normal(size=4)
    call = "gradients of 6 random states of size 4"
    yield call, gradients(query, hs, g), by_the_engine(query, hs, g)


def by_the_engine(query, hs, g):
    """The same gradients, computed by minigrad."""
    query = minigrad.tensor(query, requires_grad=True)
    hs = minigrad.tensor(hs, requires_grad=True)
    context = minigrad.softmax(hs @ query, 0) @ hs
    context.backward(minigrad.tensor(g))
    return {"query": query.grad.numpy(), "hs": hs.grad.numpy()}


def alignment_errors(weights, links):
    """How far after its own source word each target word attends; 0 is right."""
    most = np.argmax(weights, axis=-1)
    behind = np.array([most[i] - source for i, source in links.items()])
    return {"error": float(np.mean(behind != 0)), "late": float(np.mean(behind == 1))}


def check_alignment_errors(alignment_errors):
    """`np.argmax(weights, axis=-1)` is the position of each row's largest weight.

    Compare it with the links, word by word; only words that have a link count.
    """
    course = np.array([[0.8, 0.1, 0.1], [0.0, 0.1, 0.9], [0.1, 0.3, 0.6], [0.1, 0.1, 0.8]])
    links = {0: 0, 1: 2, 2: 1}  # Today, is, Friday; the full stop has no link
    found = alignment_errors(course, links)
    yield "alignment_errors(weights, links)", found, {"error": 1 / 3, "late": 1 / 3}, {
        "words without a link do not count: the full stop has none": {"error": 0.25, "late": 0.25},
        "this is the fraction that is right; the error is 1 minus it":
            {"error": 2 / 3, "late": 1 / 3},
        "these are counts; divide by the number of links": {"error": 1, "late": 1},
        "late is also a fraction of all linked words": {"error": 1 / 3, "late": 1},
        "the alignment is not the order of the words: use the links": {"error": 0.5, "late": 0.25},
    }
    found = alignment_errors(course, {1: 1, 2: 2})
    yield "alignment_errors(weights, {1: 1, 2: 2})", found, {"error": 0.5, "late": 0.5}
    found = alignment_errors(course, {0: 2, 1: 0})
    yield "alignment_errors(weights, {0: 2, 1: 0})", found, {"error": 1.0, "late": 0.0}, {
        "late means exactly one word after, not two, and not before": {"error": 1.0, "late": 0.5},
    }


def broken_attend(query, hs, mask):
    """e^0 is 1, so a score of 0 still gets a weight. Padding needs -inf."""
    scores = np.where(mask[:, None], query @ hs.mT, -np.inf)  # (batch, target, source)
    exps = np.exp(scores - scores.max(-1, keepdims=True))
    weights = exps / exps.sum(-1, keepdims=True)
    return weights @ hs, weights


def check_broken_attend(broken_attend):
    """Compute the weights of a sentence with one word and one padding. What should they be?

    What does the softmax make of a score of 0?
    """
    hs = np.array([[[1.0, 2.0], [3.0, 4.0], [9.0, 9.0]]])  # the third is padding
    query, mask = np.array([[[1.0, 0.0], [0.0, 0.0]]]), np.array([[True, True, False]])
    scores = query @ hs.mT
    right = softmax(np.where(mask[:, None], scores, -np.inf))
    yield "broken_attend(query, hs, mask)[1]", broken_attend(query, hs, mask)[1], right, {
        "padding still gets a weight": softmax(np.where(mask[:, None], scores, 0.0)),
        "the weights must add up to 1, without the padding": softmax(scores) * mask[:, None],
        "now the padding is not masked at all": softmax(scores),
    }
    yield "broken_attend(query, hs, mask)[0]", broken_attend(query, hs, mask)[0], right @ hs


def vary_dropout():
    """Dropout makes training harder. What it is for shows on new sentences, and in alignments."""
    found = {name: runs.last(f"runs/{name}", "accuracy") for name in ("with", "without")}
    return found | {"why": "c"}


def check_vary_dropout(vary_dropout):
    """metrics.csv has one row per step, and a column named accuracy. Take the mean of the last 50.

    The accuracy of training is measured with dropout switched on. Which runs would you have to
    compare, on which sentences, to say which model translates better?
    """
    found = vary_dropout()
    names, varied = ("with", "without"), ("dropout", "final_dropout")
    yield from runs.compared("vary_dropout()", found, names, "accuracy", varied)
    yield said("vary_dropout()['why']", found["why"], "c", {
        "a": "the two numbers are measured under different conditions",
        "b": "the chapter measured what it is for: with it, words attend to the right states",
    })  # fmt: skip

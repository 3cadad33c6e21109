"""Chapter 6: one way to solve its exercises, and what the checker asks."""

import numpy as np

import minigrad
from models.attention import attend as attend_of_models

HS = np.array([[1.0, 0, 0, 0, 1], [1, 0, 1, 1, 0], [0, 1, 0, 1, 0]])


def by_hand():
    """The sum of e², e and e² is 17.496; it looks at h0 and h2 alike."""
    return {
        "scores": [2, 1, 2],
        "weights": [0.42, 0.16, 0.42],
        "context": [0.58, 0.42, 0.16, 0.58, 0.42],
    }


def check_by_hand(by_hand):
    """A score is a sum of five products. A weight is e^score, divided by the sum of all three.

    A number of the context is a sum of three products: each weight times what its state has there.
    """
    found = by_hand()
    yield "by_hand()['scores']", found["scores"], [2, 1, 2], {
        "the dot product multiplies by the numbers, and 2 is one of them": [1, 1, 2],
        "that is for the decoder state of the chapter, (1 0 0 0 2)": [3, 1, 0],
    }
    yield "by_hand()['weights']", np.round(found["weights"], 2), [0.42, 0.16, 0.42], {
        "those are the scores divided by their sum; softmax takes e^score": [0.4, 0.2, 0.4],
        "divide by the sum, so that they add up to 1": [7.39, 2.72, 7.39],
    }
    yield "by_hand()['context']", np.round(found["context"], 2), [0.58, 0.42, 0.16, 0.58, 0.42], {
        "that is one of the states; the context is a mean of all": [1, 0, 0, 0, 1],
        "the states are to be weighed by the weights, not by the scores": [3, 2, 1, 3, 2],
        "a mean in which all states count alike": [0.67, 0.33, 0.33, 0.67, 0.33],
    }


def attend(query, hs, mask):
    """Scores, mask, softmax, mean: a line each, but for the softmax."""
    scores = query @ hs.mT  # (batch, target, source)
    scores = np.where(mask[:, None], scores, -np.inf)
    exps = np.exp(scores - scores.max(-1, keepdims=True))
    weights = exps / exps.sum(-1, keepdims=True)
    return weights @ hs, weights


def check_attend(attend):
    """`hs.mT` exchanges the last two dims. `mask[:, None]` is (batch, 1, source), for all queries.

    A score of -np.inf becomes the weight 0. A softmax stays the same if its largest score is
    subtracted from all, and then no exp is too large.
    """
    rng = np.random.default_rng(0)
    hs = np.stack([HS, rng.integers(-1, 2, HS.shape)])  # (2, 3, 5)
    query = np.stack([HS[:2] * 2, rng.integers(-1, 2, (2, 5))])  # (2, 2, 5)
    mask = np.array([[True, True, True], [True, True, False]])
    right, weights = (x.numpy() for x in attend_of_models(*map(minigrad.tensor, (query, hs, mask))))
    scores = query @ hs.mT
    open_exps, exps = np.exp(scores), np.exp(scores) * mask[:, None]
    unmasked = open_exps / open_exps.sum(-1, keepdims=True)
    with np.errstate(invalid="ignore"):  # of a word that is masked for all, 0 / 0
        over_target = exps / exps.sum(1, keepdims=True)
    came = attend(query, hs, mask)
    yield "attend(query, hs, mask)[1]", came[1], weights, {
        "padding gets the score -inf: the second sentence has two words": unmasked,
        "masked after the softmax, and what is left does not add up to 1":
            unmasked * mask[:, None],
        "a masked score is 0, and e to the 0 is 1: it has to be -inf":
            softmax(np.where(mask[:, None], scores, 0.0)),
        "the softmax goes over the source, the last dim": over_target,
        "those are the scores; the weights are their softmax": scores,
        "scores are divided by √hidden, which is for chapter 8":
            softmax(np.where(mask[:, None], scores, -np.inf) / np.sqrt(5)),
    }
    yield "attend(query, hs, mask)[0]", came[0], right, {
        "the context is a mean of the states, not of the queries": weights[..., :2] @ query,
        "weighed by the scores, not by the weights": scores @ hs,
    }
    call, every = "attend(1000 · query, hs, no padding)[1]", np.full((2, 3), True)
    yield call, attend(1000 * query, hs, every)[1], softmax(1000 * scores), {
        "e to the 1000 is too large: subtract the largest score first":
            np.full(weights.shape, np.nan),
    }


def softmax(scores):
    """Of the last dim."""
    exps = np.exp(scores - scores.max(-1, keepdims=True))
    return exps / exps.sum(-1, keepdims=True)


def gradients(query, hs, g):
    """context = weights @ hs, and scores = hs @ query: by the rules of a product, twice."""
    weights = softmax(hs @ query)  # (source,)
    to_weights = hs @ g  # (source,)
    to_scores = weights * (to_weights - weights @ to_weights)  # (source,)
    handed_over, matched = np.outer(weights, g), np.outer(to_scores, query)  # (source, hidden)
    return {"query": to_scores @ hs, "hs": handed_over + matched}


def check_gradients(gradients):
    """First how much each weight counts: hs @ g. Then how much each score does.

    A softmax hands w · (g - the sum of w · g) to its scores. From a score, the query has hs, and
    each state has the query. And a state is also a part of the context, by its weight.
    """
    query, g = np.array([1.0, 0, 0, 0, 2]), np.array([0.0, 0, 0, 0, 1])
    right = by_the_engine(query, HS, g)
    weights = softmax(HS @ query)
    to_weights = HS @ g
    to_scores = weights * (to_weights - weights @ to_weights)
    call = "gradients(hd0, hs, (0 0 0 0 1))"
    found = gradients(query, HS, g)
    yield f"{call}['query']", found["query"], right["query"], {
        "the softmax was left out: a score is not a weight": to_weights @ HS,
        "more for one weight is less for the others: subtract the sum of w · g":
            (weights * to_weights) @ HS,
    }
    yield f"{call}['hs']", found["hs"], right["hs"], {
        "a state is also matched with the query: add what comes back from the scores":
            np.outer(weights, g),
        "a state is also handed over, by its weight: add what comes back from the context":
            np.outer(to_scores, query),
    }
    rng = np.random.default_rng(0)
    query, hs, g = rng.normal(size=4), rng.normal(size=(6, 4)), rng.normal(size=4)
    call = "gradients of 6 random states of 4 numbers"
    yield call, gradients(query, hs, g), by_the_engine(query, hs, g)


def by_the_engine(query, hs, g):
    """The same by minigrad."""
    query = minigrad.tensor(query, requires_grad=True)
    hs = minigrad.tensor(hs, requires_grad=True)
    context = minigrad.softmax(hs @ query, 0) @ hs
    context.backward(minigrad.tensor(g))
    return {"query": query.grad.numpy(), "hs": hs.grad.numpy()}


def looks(weights, links):
    """How far behind its own word each of them looks; 0 is right."""
    most = np.argmax(weights, axis=-1)
    behind = np.array([most[i] - source for i, source in links.items()])
    return {"error": float(np.mean(behind != 0)), "late": float(np.mean(behind == 1))}


def check_looks(looks):
    """`np.argmax(weights, axis=-1)` is where each word looks most, a source place for each row.

    Compare it with the links, word by word; only those that have a link are counted.
    """
    course = np.array([[0.8, 0.1, 0.1], [0.0, 0.1, 0.9], [0.1, 0.3, 0.6], [0.1, 0.1, 0.8]])
    links = {0: 0, 1: 2, 2: 1}  # Today, is, Friday; the full stop has none
    yield "looks(weights, links)", looks(course, links), {"error": 1 / 3, "late": 1 / 3}, {
        "words without a link do not count: the full stop has none": {"error": 0.25, "late": 0.25},
        "the share of what looks right is one minus this": {"error": 2 / 3, "late": 1 / 3},
        "how many is not which share: divide by the number of links": {"error": 1, "late": 1},
        "late, too, is a share of all linked words": {"error": 1 / 3, "late": 1},
        "the order of the words is not the alignment: use the links": {"error": 0.5, "late": 0.25},
    }
    yield "looks(weights, {1: 1, 2: 2})", looks(course, {1: 1, 2: 2}), {"error": 0.5, "late": 0.5}
    links = {0: 2, 1: 0}
    yield "looks(weights, {0: 2, 1: 0})", looks(course, links), {"error": 1.0, "late": 0.0}, {
        "late is one word behind, not two, and not before": {"error": 1.0, "late": 0.5},
    }

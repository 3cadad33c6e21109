"""Chapter 8: one solution per exercise, its checks, and its hints."""

import numpy as np

import minigrad
import minigrad.nn.functional as F
from models.self_attention import BareSelfAttention, Config

from ..checking import said

# dog, apple and It, as in the chapter; then tail and stem.
WORDS = np.array([[2.0, 0, 1], [0, 2, 1], [1, 0, 1], [1, 0, 0], [0, 1, 0]])
DOG, APPLE, IT = range(3)


def odds(x, word, one, other):
    """In the ratio of two weights the denominator cancels, and e^a / e^b = e^(a - b)."""
    return float(np.exp(x[word] @ (x[one] - x[other])))


def check_odds(odds):
    """Write down both weights of the row as e^score / sum, and divide one by the other.

    The sum cancels. What is left of two exponentials, if you divide one by the other?
    """
    known = {
        "this is the difference of the scores; the weights are exponentials": 2.0,
        "this is the ratio of the scores; the weights are exponentials": 3.0,
        "this is the ratio of the weight at the apple to the weight at the dog: invert it":
            np.exp(-2),
        "this is one of the weights, not the ratio of the two": 0.6652,
        "do not divide the scores by √size yet; chapter 9 does": np.exp(2 / np.sqrt(3)),
    }
    yield "odds(x, It, dog, apple)", odds(WORDS[:3], IT, DOG, APPLE), np.exp(2), known
    found = odds(WORDS, IT, DOG, APPLE)
    yield "odds(x, It, dog, apple), in a text with tail and stem", found, np.exp(2)
    yield "odds(x, It, dog, It)", odds(WORDS, IT, DOG, IT), np.exp(1)
    yield "odds(x, dog, It, dog)", odds(WORDS, DOG, IT, DOG), np.exp(-2)


def softmax(scores):
    """Softmax of each row. The largest score is subtracted first, as in chapter 3."""
    exps = np.exp(scores - scores.max(1, keepdims=True))
    return exps / exps.sum(1, keepdims=True)


def self_attention(x):
    """Scores, the softmax of each row, a weighted average."""
    weights = softmax(x @ x.T)
    return weights @ x, weights


def check_self_attention(self_attention):
    """Three lines: scores = x @ x.T, the softmax of each row, and weights @ x.

    Each row of the weights must add up to 1: sum over dim 1, with keepdims=True.
    """
    x = WORDS[:3]
    scores = x @ x.T
    exps, right = np.exp(scores), softmax(scores)
    context, weights = self_attention(x)
    yield "self_attention(x)[1], of dog, apple and It", weights, right, {
        "each column adds up to 1, but each row should": exps / exps.sum(0),
        "all weights together add up to 1, but each row should": exps / exps.sum(),
        "these are the scores divided by their sum; softmax uses e^score":
            scores / scores.sum(1, keepdims=True),
        "do not divide the scores by √size yet; chapter 9 does": softmax(scores / np.sqrt(3)),
    }
    yield "self_attention(x)[0]", context, right @ x, {
        "this is weights.T @ x, weighted by who attends to the word; use weights @ x": right.T @ x,
        "this is scores @ x; use the weights": scores @ x,
    }
    _, weights = self_attention(30 * x)
    yield "self_attention(30 * x)[1]", weights, softmax(900 * scores), {
        "e^score overflows: subtract the largest score of each row first": np.nan * scores,
    }


def gradient(x, g):
    """The sum of three gradients: from the weighted average, and twice from the scores."""
    _, weights = self_attention(x)
    of_weights = g @ x.T
    of_scores = weights * (of_weights - (weights * of_weights).sum(1, keepdims=True))
    as_value, as_query, as_key = weights.T @ g, of_scores @ x, of_scores.T @ x
    return as_value + as_query + as_key


def check_gradient(gradient):
    """For C = A B the gradients are gBᵀ for A and Aᵀg for B. Go back through context = weights @ x,
    then through the softmax, then through scores = x @ x.T, which uses x twice.

    Softmax, for each row: w · (g - the sum of all w · g). Four lines, and three parts to add.
    """
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=(2, 4, 3))
    leaf = minigrad.tensor(x, requires_grad=True)
    context = minigrad.softmax(leaf @ leaf.mT, -1) @ leaf
    context.backward(minigrad.tensor(g))
    _, weights = self_attention(x)
    of_weights = g @ x.T
    of_scores = weights * (of_weights - (weights * of_weights).sum(1, keepdims=True))
    value, query, key = weights.T @ g, of_scores @ x, of_scores.T @ x
    yield "gradient(x, g), of 4 random words", gradient(x, g), leaf.grad, {
        "x is also the value: add its gradient from context = weights @ x": query + key,
        "x is used twice in the scores: add its gradient as key": value + query,
        "x is used twice in the scores: add its gradient as query": value + key,
        "the weights depend on x, too: add its gradients as query and as key": value,
        "the scores are symmetric, their gradients are not: as key it is of_scores.T @ x":
            value + 2 * query,
        "the scores are symmetric, their gradients are not: as query it is of_scores @ x":
            value + 2 * key,
        "the gradient of B in A B is Aᵀ g, here weights.T @ g": weights @ g + query + key,
        "softmax: subtract the sum of w · g from each g, row by row":
            value + (weights * of_weights) @ x + (weights * of_weights).T @ x,
    }


def stays(x):
    """The longest vector a: 2 a · b ≤ a · a + b · b ≤ 2 a · a, if no b is longer."""
    return int((x * x).sum(1).argmax())


def check_stays(stays):
    """a · a + b · b - 2 a · b is never below 0. When is a · b then at most a · a, whatever b is?

    If b · b is not larger than a · a. So which of the words has this for all others?
    """
    x = np.array([[1.0], [2], [3]])
    yield "stays(x), with x = [[1], [2], [3]]", stays(x), 2, {
        "this is the shortest vector, and it attends most to the longest": 0,
    }
    x = np.array([[-3.0], [-2], [-1]])
    yield "stays(x), with x = [[-3], [-2], [-1]]", stays(x), 0, {
        "the length of a vector does not depend on signs: sum the squares": 2,
    }
    x = np.array([[1.0, 0], [2, 0], [3, -2.5]])
    yield "stays(x), with x = [[1, 0], [2, 0], [3, -2.5]]", stays(x), 2, {
        "the length of a vector does not depend on signs: sum the squares": 1,
    }
    x = np.array([[2.9, 0.2], [3, 0], [0, 2]])
    yield "stays(x), with x = [[2.9, 0.2], [3, 0], [0, 2]]", stays(x), 1, {
        "the length of a vector is not the sum of its elements: sum the squares": 0,
        "this word also attends most to itself, but a single number per word does not show it": 2,
    }


def broken_loss(weights, answers):
    """Weights are probabilities already; a second softmax makes them nearly equal."""
    return float(-np.log(weights[np.arange(len(answers)), answers]).mean())


def check_broken_loss(broken_loss):
    """Compute the loss by hand for three words with the weights (1 0 0). What should it be?

    Which numbers does a softmax expect: scores or weights?

    e^1 is only 2.7 times e^0. What does the softmax make of the weights (1 0 0)?
    """
    weights = np.array([[0.9, 0.06, 0.04], [0.1, 0.2, 0.7]])
    answers = np.array([0, 2])
    picked = np.array([0.9, 0.7])
    twice = softmax(weights)[np.arange(2), answers]
    yield "broken_loss(weights, answers)", broken_loss(weights, answers), -np.log(picked).mean(), {
        "the weights are probabilities: do not take their softmax again": -np.log(twice).mean(),
        "the loss is -log: the sign is missing": np.log(picked).mean(),
        "the mean over the texts, not the sum": -np.log(picked).sum(),
        "the logarithm is missing": -picked.mean(),
        "take the mean of the logarithms, not the logarithm of the mean": -np.log(picked.mean()),
    }  # fmt: skip


def trained(*answers):
    """The loss of bare embeddings on one or both twins, after 1,000 steps."""
    # The dog likes an apple . It has a long tail, or stem, .
    text = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, what, 6] for what in (11, 12)]
    text = minigrad.tensor(text[: len(answers)])
    model = BareSelfAttention(Config(words=13, embedding=8))
    optimizer = minigrad.optim.Adam(model.parameters(), lr=0.05)
    for _ in range(1000):
        logits, _ = model(text)
        loss = F.cross_entropy(logits[:, 6], minigrad.tensor(answers))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def vary_twins():
    """One text can be learned by heart. Both together cannot be right."""
    return {"one": trained(1), "both": trained(1, 4), "why": "a"}


def check_vary_twins(vary_twins):
    """The loss of one text: cross_entropy(logits[:, 6], tensor([1])), with logits of text[:1].

    Take a new model for each training, so that the second does not start from the first.

    Which words does a score depend on? Is one of them different in the twin?
    """
    found = vary_twins()
    least = "below 0.1" if found["one"] < 0.1 else "0.1 or more"
    yield "the loss of one text alone", least, "below 0.1", {
        "train on text[:1] alone, with a new model": "0.1 or more",
    }
    yield "vary_twins()['both'], to one decimal", round(found["both"], 1), 0.7, {
        "this is the loss of one text; the other number is for both twins": 0.0,
    }
    yield said("vary_twins()['why']", found["why"], "a", {
        "b": "try an embedding of 64: the loss is the same",
        "c": "try 3,000 steps: the loss is the same",
    })  # fmt: skip

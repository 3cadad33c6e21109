"""Chapter 8: one solution per exercise, its checks, and its hint."""

import numpy as np

import minigrad

# dog, apple and It, as in the chapter; then tail and stem.
WORDS = np.array([[2.0, 0, 1], [0, 2, 1], [1, 0, 1], [1, 0, 0], [0, 1, 0]])
DOG, APPLE, IT = range(3)


def odds(x, word, one, other):
    """In the ratio of two weights the denominator cancels, and e^a / e^b = e^(a - b)."""
    return float(np.exp(x[word] @ (x[one] - x[other])))


def check_odds(odds):
    """Write down both weights of the row as e^score / sum, and divide one by the other."""
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
    """a · a + b · b - 2 a · b is never below 0. When is a · b then at most a · a, whatever b is?"""
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

"""Chapter 7: one way to solve its exercises, and what the checker asks."""

import numpy as np

import minigrad

# dog, apple and It, as in the chapter; then tail, and stem.
WORDS = np.array([[2.0, 0, 1], [0, 2, 1], [1, 0, 1], [1, 0, 0], [0, 1, 0]])
DOG, APPLE, IT = range(3)


def odds(x, word, one, other):
    """In the quotient of two weights the sum below them cancels, and e^a / e^b = e^(a - b)."""
    return float(np.exp(x[word] @ (x[one] - x[other])))


def check_odds(odds):
    """Write down both weights of the row as e^score / sum, and divide the one by the other."""
    known = {
        "that is the difference of the scores; the weights are their exponentials": 2.0,
        "that is the quotient of the scores; the weights are their exponentials": 3.0,
        "that is how much it looks at the apple, for once at the dog": np.exp(-2),
        "that is one of the weights, not how many times the other it is": 0.6652,
        "scores are divided by √size, which is for chapter 8": np.exp(2 / np.sqrt(3)),
    }
    yield "odds(x, It, dog, apple)", odds(WORDS[:3], IT, DOG, APPLE), np.exp(2), known
    yield "the same, in a text with tail and stem", odds(WORDS, IT, DOG, APPLE), np.exp(2)
    yield "odds(x, It, dog, It)", odds(WORDS, IT, DOG, IT), np.exp(1)
    yield "odds(x, dog, It, dog)", odds(WORDS, DOG, IT, DOG), np.exp(-2)


def softmax(scores):
    """Along each row. The largest score is taken off first, as in chapter 3."""
    exps = np.exp(scores - scores.max(1, keepdims=True))
    return exps / exps.sum(1, keepdims=True)


def self_attention(x):
    """Scores, the softmax of each row, a mean."""
    weights = softmax(x @ x.T)
    return weights @ x, weights


def check_self_attention(self_attention):
    """Three lines: scores = x @ x.T, the softmax of each row, and weights @ x.

    Each row of the weights must add up to 1: sum over dim 1, and keep it (keepdims=True).
    """
    x = WORDS[:3]
    scores = x @ x.T
    exps, right = np.exp(scores), softmax(scores)
    context, weights = self_attention(x)
    yield "self_attention(x)[1], of dog, apple and It", weights, right, {
        "each column adds up to 1, and each row should": exps / exps.sum(0),
        "all of them together add up to 1, and each row should": exps / exps.sum(),
        "scores are divided by their sum; the softmax divides exponentials":
            scores / scores.sum(1, keepdims=True),
        "scores are divided by √size, which is for chapter 8": softmax(scores / np.sqrt(3)),
    }
    yield "self_attention(x)[0]", context, right @ x, {
        "that is weights.T @ x: the mean by who looks at it, not by whom it looks at": right.T @ x,
        "that is the scores @ x; the weights make the mean": scores @ x,
    }
    _, weights = self_attention(30 * x)
    yield "self_attention(30 * x)[1]", weights, softmax(900 * scores), {
        "e^score overflows: take the largest score of the row from all of them": np.nan * scores,
    }


def gradient(x, g):
    """What comes back over the three arrows: from the mean, and twice from the scores."""
    _, weights = self_attention(x)
    of_weights = g @ x.T
    of_scores = weights * (of_weights - (weights * of_weights).sum(1, keepdims=True))
    as_value, as_query, as_key = weights.T @ g, of_scores @ x, of_scores.T @ x
    return as_value + as_query + as_key


def check_gradient(gradient):
    """Of C = A B the gradients are gBᵀ for A and Aᵀg for B. Go back: context = weights @ x, then
    the softmax, then scores = x @ x.T, in which x stands twice.

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
        "what comes back from the mean counts too: x is what is handed over": query + key,
        "x stands twice in the scores: it asks, and it is asked": value + query,
        "x stands twice in the scores: it is asked, and it asks": value + key,
        "x has a part in the weights, too": value,
        "scores are the same either way, their gradients are not: asked, of_scores.T @ x":
            value + 2 * query,
        "scores are the same either way, their gradients are not: asking, of_scores @ x":
            value + 2 * key,
        "the gradient of B in A B is Aᵀ g: weights.T @ g": weights @ g + query + key,
        "of the softmax: from each g the sum of w · g is taken off, row by row":
            value + (weights * of_weights) @ x + (weights * of_weights).T @ x,
    }


def stays(x):
    """The longest: 2 a · b ≤ a · a + b · b, and that is at most 2 a · a if no b is longer."""
    return int((x * x).sum(1).argmax())


def check_stays(stays):
    """a · a + b · b - 2 a · b is never below 0. When is a · b then at most a · a, whatever b is?"""
    x = np.array([[1.0], [2], [3]])
    yield "stays(x), with x = [[1], [2], [3]]", stays(x), 2, {
        "that is the shortest, and it looks most at the longest": 0,
    }
    x = np.array([[-3.0], [-2], [-1]])
    yield "stays(x), with x = [[-3], [-2], [-1]]", stays(x), 0, {
        "how long a vector is has no sign: sum the squares": 2,
    }
    x = np.array([[1.0, 0], [2, 0], [3, -2.5]])
    yield "stays(x), with x = [[1, 0], [2, 0], [3, -2.5]]", stays(x), 2, {
        "how long a vector is has no sign: sum the squares": 1,
    }
    x = np.array([[2.9, 0.2], [3, 0], [0, 2]])
    yield "stays(x), with x = [[2.9, 0.2], [3, 0], [0, 2]]", stays(x), 1, {
        "a vector's length is not the sum of its numbers: sum the squares": 0,
        "that word stays, too; but it is not found by one number of each word": 2,
    }

"""Chapter 3: one solution per exercise, its checks, and its hint."""

import numpy as np

from ..chapter_03 import BEGIN, END, train
from ..checking import said


def by_hand():
    """e to the logits is (1, 3, 4), with sum 8. The target has probability 1/2: a loss of ln 2."""
    return {"loss": float(np.log(2)), "gradient": [1 / 8, 3 / 8, 4 / 8 - 1]}


def check_by_hand(by_hand):
    """Take e to the power of each logit, then divide by the sum: this is the softmax.

    The loss is -log of the target's probability (the natural logarithm). The gradient is the
    softmax minus the one-hot target.
    """
    loss = float(np.log(2))
    yield "by_hand()", by_hand(), {"loss": loss, "gradient": [0.125, 0.375, -0.5]}, {
        "this is the probability of the target; the loss is -log of it":
            {"loss": 0.5, "gradient": [0.125, 0.375, -0.5]},
        "this is the logarithm to base 2": {"loss": 1.0, "gradient": [0.125, 0.375, -0.5]},
        "this gradient is the softmax: subtract 1 at the target":
            {"loss": loss, "gradient": [0.125, 0.375, 0.5]},
        "the target is the last token":
            {"loss": -float(np.log(0.375)), "gradient": [0.125, -0.625, 0.5]},
        "the gradient has the wrong sign: softmax minus one-hot":
            {"loss": loss, "gradient": [-0.125, -0.375, 0.5]},
    }


def embedding_gradient(ids, g, words):
    """`grad[ids] += g` would add only once per word; np.add.at would accumulate repeated ids."""
    grad = np.zeros((words, g.shape[1]))
    for i, row in zip(ids, g, strict=True):
        grad[i] += row
    return grad


def check_embedding_gradient(embedding_gradient):
    """Each row of g belongs to the row of the table that was picked. A row may be picked twice.

    Start with zeros, (words, d). Loop over the text and add each row of g to its word's row.
    """
    g = np.arange(1.0, 9.0).reshape(4, 2)
    once = np.zeros((5, 2))
    once[[3, 0, 4, 2]] = g
    yield (
        "embedding_gradient([3, 0, 4, 2], g, words=5)",
        embedding_gradient(np.array([3, 0, 4, 2]), g, 5), once,
        {"the table has one row per word, and there are 5 words": g},
    )
    last, twice = np.zeros((5, 2)), np.zeros((5, 2))
    last[[3, 0, 2]] = g[[3, 1, 2]]
    twice[[3, 0, 2]] = g[[3, 1, 2]]
    twice[3] += g[0]
    yield (
        "embedding_gradient([3, 0, 2, 3], g, words=5)",
        embedding_gradient(np.array([3, 0, 2, 3]), g, 5), twice,
        {"word 3 was read twice, but only the last one counts here: grad[ids] += g adds once":
            last},
    )


def log_softmax(x):
    """Subtract the largest logit of each row first; then no exponential is larger than 1."""
    x = x - x.max(1, keepdims=True)
    return x - np.log(np.exp(x).sum(1, keepdims=True))


def check_log_softmax(log_softmax):
    """log(eˣ / Σ) is x - log Σ. Before anything else, subtract the largest logit of each row.

    `keepdims=True` keeps max and sum as columns, which broadcast over the words.
    """
    inf, nan = np.inf, np.nan
    x = np.log(np.array([[6, 3, 1], [1, 1, 2]], np.float32))
    probabilities = np.array([[0.6, 0.3, 0.1], [0.25, 0.25, 0.5]])
    columns = x - np.log(np.exp(x).sum(0))
    yield "log_softmax(log [[6, 3, 1], [1, 1, 2]])", log_softmax(x.copy()), np.log(probabilities), {
        "this is the softmax; take its logarithm": probabilities,
        "each row is a prediction: sum over dim 1": columns,
        "sum over each row, not over the whole array": x - np.log(np.exp(x).sum()),
    }
    x = np.array([[1000, 0, 0], [-1000, -1000, -1000]], np.float32)
    third = -np.log(3)
    right = np.array([[0, -1000, -1000], [third, third, third]])
    yield "log_softmax([[1000, 0, 0], [-1000, -1000, -1000]])", log_softmax(x.copy()), right, {
        "e to the power of 1000 overflows: subtract the largest logit first":
            np.array([[nan, -inf, -inf], [nan, nan, nan]]),
        "the sum overflowed: subtract the largest logit first":
            np.array([[-inf, -inf, -inf], [inf, inf, inf]]),
        "this is the logarithm of a number rounded to 0: use x - log Σ instead":
            np.array([[0, -inf, -inf], [third, third, third]]),
        "subtract the largest logit of each row, not of the whole array":
            np.array([[0, -1000, -1000], [inf] * 3]),
    }


def bigram(pairs, words, steps, rate):
    """The gradient of the picked rows is softmax minus one-hot; accumulate it in a table."""
    word, target = pairs.T
    table = np.zeros((words, words))
    for _ in range(steps):
        g = np.exp(log_softmax(table[word]))  # (n, words)
        g[np.arange(len(pairs)), target] -= 1
        grad = embedding_gradient(word, g / len(pairs), words)
        table -= rate * grad
    return table


def check_bigram(bigram):
    """Pick the rows of the first words: logits (n, words). Their gradient is softmax - one-hot.

    The loss is a mean over n pairs, so divide by n. Then, as in exercise 2, accumulate the rows in
    an array of the table's shape, and subtract `rate` times this array from the table.
    """
    pairs = np.array([[0, 1], [0, 1], [0, 2], [1, 2]])
    first = np.array([[-1, 1, 0], [-1 / 3, -1 / 3, 2 / 3], [0, 0, 0]])
    too_soon = np.zeros((3, 3))
    for word, target in pairs:
        too_soon[word] -= np.exp(too_soon[word]) / np.exp(too_soon[word]).sum()
        too_soon[word, target] += 1
    yield "bigram(pairs, words=3, steps=1, rate=4)", bigram(pairs.copy(), 3, 1, 4.0), first, {
        "this way the loss grows: subtract the gradient": -first,
        "the loss is a mean: divide by the number of pairs": 4 * first,
        "a word that was read more than once got only the last of its gradients: add them up":
            np.array([[-1 / 3, -1 / 3, 2 / 3], [-1 / 3, -1 / 3, 2 / 3], [0, 0, 0]]),
        "this takes a step after each pair: first add up the gradients of all pairs": too_soon,
        "softmax minus one-hot: the one-hot is missing":
            np.array([[-1, -1, -1], [-1 / 3, -1 / 3, -1 / 3], [0, 0, 0]]),
    }
    table = np.array(bigram(pairs.copy(), 3, 3000, 4.0), float)
    found = np.exp(table[0] - table[0].max())
    found = (found / found.sum()).round(2).tolist()
    yield "the probabilities after word 0, after 3000 steps", found, [0.0, 0.67, 0.33], {
        "this repeats the first step: pick the rows again at each step": [0.0, 1.0, 0.0],
    }


def overfitted():
    """20 sentences are learned by heart; 500 are too many for that."""
    gaps = {}
    for sentences in (20, 100, 500):
        training, validation = train(sentences)
        gaps[sentences] = validation - training
    return gaps | {"why": "b"}


def check_overfitted(overfitted):
    """`train(20)` returns two losses. Subtract the first from the second, and do not round.

    For the question, print both losses for each number of sentences. How many batches does an
    epoch of 20 sentences have, and how many one of 500?
    """
    answers = overfitted()
    gaps, right = {}, {}
    for sentences in (20, 100, 500):
        training, validation = train(sentences)
        gaps[sentences], right[sentences] = answers.get(sentences), validation - training
    yield "the gaps", gaps, right, {
        "the gap is the validation loss minus the training loss":
            {sentences: -gap for sentences, gap in right.items()},
    }
    yield said("why", answers.get("why"), "b", {
        "a": "20 epochs of 500 sentences have about 16 times as many steps as 20 epochs of 20",
        "c": "the validation set is the same each time",
    })


def examples(sentences):
    """Each token is read, except for the last; each is predicted, except for the first."""
    tokens, targets = [], []
    for ids in sentences:
        text = [BEGIN, *ids, END]
        tokens += text[:-1]
        targets += text[1:]
    return tokens, targets


def check_examples(examples):
    """Print the two lists for one short sentence, one below the other. What does the model learn?

    It learns to repeat what it has just read. Each target has to be the token *after* that one.

    BEGIN is read and never predicted. END is predicted and never read.
    """
    yield "examples([[7, 8, 9]])", examples([[7, 8, 9]]), ([1, 7, 8, 9], [7, 8, 9, 2]), {
        "this predicts the token before: tokens and targets are swapped":
            ([7, 8, 9, 2], [1, 7, 8, 9]),
        "this still predicts the token that was read": ([1, 7, 8, 9], [1, 7, 8, 9]),
        "the model never learns how to begin a sentence": ([7, 8, 9], [8, 9, 2]),
        "the model never learns how to end a sentence": ([1, 7, 8], [7, 8, 9]),
    }
    two = examples([[7], [8]])
    yield "examples([[7], [8]])", two, ([1, 7, 1, 8], [7, 2, 8, 2]), {
        "the end of a sentence does not predict the next one": ([1, 7, 2, 1, 8], [7, 2, 1, 8, 2]),
    }

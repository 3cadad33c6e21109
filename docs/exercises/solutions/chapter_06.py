"""Chapter 6: one solution per exercise, its checks, and its hint."""

import numpy as np

from .. import runs
from ..checking import said

# What a reader's runs look like: settings, and the columns of metrics.csv.
RUNS = {
    "runs/small": ({"steps": 400, "hidden": 32}, {"step": [0, 1], "accuracy": [0.1, 0.35]}),
    "runs/large": ({"steps": 400, "hidden": 128}, {"step": [0, 1], "accuracy": [0.1, 0.5]}),
}


def rows(sentences, begin, end, pad):
    """Start with arrays full of padding; then write each sentence at the beginning of its row."""
    shape = len(sentences), max(map(len, sentences)) + 1
    target_in, target_out = np.full(shape, pad), np.full(shape, pad)
    for row, words in enumerate(sentences):
        target_in[row, : len(words) + 1] = [begin, *words]
        target_out[row, : len(words) + 1] = [*words, end]
    return {"target_in": target_in, "target_out": target_out, "mask": target_out != pad}


def check_rows(rows):
    """`np.full(shape, pad)` is an array of padding. You can assign a list to a slice of a row.

    The input starts with the begin token, the target ends with the end token: both are one longer
    than the sentence. The model has to learn the end token, too.
    """
    found = rows([[7, 5, 8], [6]], begin=1, end=2, pad=0)
    target_in, target_out = np.array([[1, 7, 5, 8], [1, 6, 0, 0]]), [[7, 5, 8, 2], [6, 2, 0, 0]]
    mask = np.array([[True, True, True, True], [True, True, False, False]])
    call = "rows([[7, 5, 8], [6]], begin=1, end=2, pad=0)"
    yield f"{call}['target_in']", found["target_in"], target_in, {
        "the input has no end token: there is nothing to predict after it":
            [[1, 7, 5, 8, 2], [1, 6, 2, 0, 0]],
        "the rows of an array have the same length: pad the short ones": [[1, 7, 5, 8], [1, 6]],
        "padding goes at the end": [[1, 7, 5, 8], [0, 0, 1, 6]],
        "the input starts with the begin token": [[7, 5, 8, 0], [6, 0, 0, 0]],
    }
    yield f"{call}['target_out']", found["target_out"], target_out, {
        "the end token is a target, too": [[7, 5, 8, 0], [6, 0, 0, 0]],
        "the end token comes right after the last word": [[7, 5, 8, 2], [6, 0, 0, 2]],
        "the begin token is never predicted: each word is predicted one step before it is read":
            target_in,
    }
    yield f"{call}['mask']", found["mask"], mask, {
        "True marks tokens to predict, False marks padding": ~mask,
        "the end token is a target, too":
            np.array([[True, True, True, False], [True, False, False, False]]),
    }
    yield "rows([[0]], 1, 2, 9)['mask']", rows([[0]], 1, 2, 9)["mask"], [[True, True]], {
        "0 is a word here: compare with `pad`, not with 0": [[False, True]],
    }


def last_states(hs, mask):
    """Index with two arrays: row 0 at its last position, row 1 at its last position …"""
    lengths = mask.sum(1)  # (batch,)
    return hs[np.arange(len(hs)), lengths - 1]


def check_last_states(last_states):
    """True counts as 1, so `mask.sum(1)` is the number of words of each sentence.

    Indexing with two arrays of the same length, hs[rows, positions], takes them pair by pair.
    """
    hs = np.arange(24.0).reshape(3, 4, 2)
    mask = np.array([[True, True, True, False], [True, False, False, False], [True] * 4])
    yield "last_states(hs, mask), for lengths 3, 1 and 4", last_states(hs, mask), [
        [4, 5], [8, 9], [22, 23],
    ], {
        "this is the last column: in the first two rows it is the state after padding": hs[:, -1],
        "one too early: counted from 0, the last of 3 words is at index 2":
            [[2, 3], [14, 15], [20, 21]],
        "this takes three positions from every row: index the rows, too, with np.arange":
            hs[:, [2, 0, 3]],
    }


def greedy(step, state, begin, end, limit):
    """Two things go from each step to the next: the word just written, and the state."""
    words, word = [], begin
    while len(words) < limit:
        probabilities, state = step(word, state)
        word = int(np.argmax(probabilities))
        if word == end:
            break
        words.append(word)
    return words


def check_greedy(greedy):
    """`np.argmax` is the index of the largest value. Pass the state of each step to the next one.

    Stop at the end token, which is not part of the result, or when there are `limit` words.
    """
    yield "greedy(chain, None, 0, 1, 5)", greedy(chain, None, 0, 1, 5), [2, 3], {
        "leave out the end token": [2, 3, 1],
        "leave out the begin token": [0, 2, 3],
        "every step read the begin token: each step must read the word written before": [2] * 5,
    }
    yield "greedy(countdown, 3, 0, 1, 9)", greedy(countdown, 3, 0, 1, 9), [3, 2, 2], {
        "every step got the initial state: pass on the state that the previous step returned":
            [3] * 9,
    }
    yield "greedy(countdown, 3, 0, 1, 2)", greedy(countdown, 3, 0, 1, 2), [3, 2], {
        "at most `limit` words": [3, 2, 2],
        "`limit` words are allowed, this stops one too early": [3],
    }
    found = greedy(lambda word, state: ([0.1, 0.8, 0.1], state), None, 0, 1, 5)
    yield "greedy(…), if the end token is the most likely first token", found, []


def chain(word, state):
    """A decoder that depends only on the previous word: <begin> 2 3 <end>. It has no state."""
    return {
        0: [0.0, 0.2, 0.6, 0.2],
        2: [0.0, 0.2, 0.3, 0.5],
        3: [0.0, 0.9, 0.1, 0.0],
    }[word], state


def countdown(word, state):
    """A decoder that depends only on its state, which counts down: at 0 it ends."""
    likeliest = {3: 3, 2: 2, 1: 2, 0: 1}[state]
    return [0.0, *(0.8 if word == likeliest else 0.1 for word in (1, 2, 3))], max(state - 1, 0)


def best(step, state, begin, end, limit):
    """Either end the sentence here, or continue with the word that gives the best sentence."""
    probabilities, state = step(begin, state)
    found = [], probabilities[end]
    for word, probability in enumerate(probabilities):
        if word != end and limit > 0:
            rest, after = best(step, state, word, end, limit - 1)
            if probability * after > found[1]:
                found = [word, *rest], probability * after
    return found


def check_best(best):
    """Use recursion. The most likely sentence either ends at once, or begins with some word.

    After that word comes the most likely rest. To find it is the same problem with one word less,
    as if the word were the begin token.
    """
    found = best(chain, None, 0, 1, 5)
    yield "best(chain, None, 0, 1, 5)", list(found), [[2, 3], 0.27], {
        "multiply by the probability of the end token, too": [[2, 3], 0.3],
    }
    found = best(garden, None, 0, 1, 5)
    yield "best(garden, None, 0, 1, 5)", list(found), [[3], 0.36], {
        "this is the greedy sentence: its first word is more likely, but nothing likely follows":
            [[2, 3], 0.216],
        "a sentence must end: multiply by the probability of the end token, too": [[2], 0.6],
    }
    found = best(maze, None, 0, 1, 5)
    yield "best(maze, None, 0, 1, 5)", list(found), [[4], 0.2375], {
        "this is what beam search of width 2 finds; the best sentence begins with the third word":
            [[3], 0.14],
        "this is the greedy sentence": [[2], 0.12],
    }
    found = best(chain, None, 0, 1, 0)
    yield "best(chain, None, 0, 1, 0)", list(found), [[], 0.2]
    found = best(countdown, 2, 0, 1, 3)
    yield "best(countdown, 2, 0, 1, 3)", list(found), [[2, 2], 0.8**3], {
        "every step got the initial state: pass on the state that the previous step returned":
            [[], 0.1],
    }


def garden(word, state):
    """A decoder that misleads the greedy one: 2 is likely, but nothing likely follows."""
    return {
        0: [0.0, 0.0, 0.6, 0.4],
        2: [0.0, 0.3, 0.3, 0.4],
        3: [0.0, 0.9, 0.1, 0.0],
    }[word], state


def maze(word, state):
    """A decoder that misleads beam search of width 2: the best sentence begins with the third."""
    return {
        0: [0.0, 0.0, 0.4, 0.35, 0.25],
        2: [0.0, 0.3, 0.2, 0.25, 0.25],
        3: [0.0, 0.4, 0.2, 0.2, 0.2],
        4: [0.0, 0.95, 0.05, 0.0, 0.0],
    }[word], state


def broken_targets(words, begin, end):
    """It read the word that it had to predict. The begin token moves everything by one."""
    reads = [begin, *words]
    predicts = [*words, end]
    return reads, predicts


def check_broken_targets(broken_targets):
    """Write the two lists one below the other. At each place: can the answer be read off the input?

    Which token does a decoder read before it has written anything?
    """
    reads, predicts = broken_targets([8, 5, 7], 1, 2)
    yield "broken_targets([8, 5, 7], 1, 2)[0]", list(reads), [1, 8, 5, 7], {
        "it still reads the word that it must predict": [8, 5, 7, 2],
        "the end token is never read": [1, 8, 5, 7, 2],
    }
    yield "broken_targets([8, 5, 7], 1, 2)[1]", list(predicts), [8, 5, 7, 2], {
        "the begin token is never predicted": [1, 8, 5, 7],
    }


def vary_size():
    """A larger vector learns sooner. Whether the small one is full is another question."""
    small, large = (runs.last(f"runs/{name}", "accuracy") for name in ("small", "large"))
    return {"small": small, "large": large, "why": "b"}


def check_vary_size(vary_size):
    """metrics.csv has one row per step, and a column named accuracy. Take the mean of the last 50.

    What would you have to do to see whether a vector is full? The chapter did it.
    """
    found = vary_size()
    names, varied = ("small", "large"), ("hidden",)
    yield from runs.compared("vary_size()", found, names, "accuracy", varied)
    yield said("vary_size()['why']", found["why"], "b", {
        "a": "to know that, train the small one longer: does it still gain?",
        "c": "compare the two accuracies",
    })  # fmt: skip

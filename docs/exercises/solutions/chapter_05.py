"""Chapter 5: one way to solve its exercises, and what the checker asks."""

import numpy as np


def rows(sentences, begin, end, pad):
    """Full of padding at first; then each sentence is written over the beginning of its row."""
    shape = len(sentences), max(map(len, sentences)) + 1
    target_in, target_out = np.full(shape, pad), np.full(shape, pad)
    for row, words in enumerate(sentences):
        target_in[row, : len(words) + 1] = [begin, *words]
        target_out[row, : len(words) + 1] = [*words, end]
    return {"target_in": target_in, "target_out": target_out, "mask": target_out != pad}


def check_rows(rows):
    """`np.full(shape, pad)` is an array of padding. A slice of a row can be given a list.

    What is read begins with the begin sign, what is asked for ends with the end sign: both are one
    longer than the sentence. The end sign has to be learned, too.
    """
    found = rows([[7, 5, 8], [6]], begin=1, end=2, pad=0)
    target_in, target_out = np.array([[1, 7, 5, 8], [1, 6, 0, 0]]), [[7, 5, 8, 2], [6, 2, 0, 0]]
    mask = np.array([[True, True, True, True], [True, True, False, False]])
    call = "rows([[7, 5, 8], [6]], begin=1, end=2, pad=0)"
    yield f"{call}['target_in']", found["target_in"], target_in, {
        "what is read has no end sign: nothing comes after it": [[1, 7, 5, 8, 2], [1, 6, 2, 0, 0]],
        "an array has rows of one length: fill the short ones up": [[1, 7, 5, 8], [1, 6]],
        "padding stands at the end": [[1, 7, 5, 8], [0, 0, 1, 6]],
        "before the first word the begin sign is read": [[7, 5, 8, 0], [6, 0, 0, 0]],
    }
    yield f"{call}['target_out']", found["target_out"], target_out, {
        "the end sign is to be learned, too": [[7, 5, 8, 0], [6, 0, 0, 0]],
        "the end sign comes right after the last word": [[7, 5, 8, 2], [6, 0, 0, 2]],
        "nobody is asked for the begin sign: each word is asked for one step before it is read":
            target_in,
    }
    yield f"{call}['mask']", found["mask"], mask, {
        "True is for what is to be learned, False for padding": ~mask,
        "the end sign is to be learned, too":
            np.array([[True, True, True, False], [True, False, False, False]]),
    }
    yield "rows([[0]], 1, 2, 9)['mask']", rows([[0]], 1, 2, 9)["mask"], [[True, True]], {
        "0 is a word here: compare with pad": [[False, True]],
    }


def last_states(hs, mask):
    """Two index arrays at once: row 0 with its last place, row 1 with its own …"""
    lengths = mask.sum(1)  # (batch,)
    return hs[np.arange(len(hs)), lengths - 1]


def check_last_states(last_states):
    """True counts as 1, so `mask.sum(1)` is how many words each sentence has.

    Index with two arrays of the same length, hs[rows, places], and they are taken pair by pair.
    """
    hs = np.arange(24.0).reshape(3, 4, 2)
    mask = np.array([[True, True, True, False], [True, False, False, False], [True] * 4])
    yield "last_states(hs, mask), for lengths 3, 1 and 4", last_states(hs, mask), [
        [4, 5], [8, 9], [22, 23],
    ], {
        "that is the last column: in the first two rows it has read padding": hs[:, -1],
        "one too early: counted from 0, the last of 3 is at 2": [[2, 3], [14, 15], [20, 21]],
        "one row for all, where each has its own: index the rows, too, by np.arange":
            hs[:, [2, 0, 3]],
    }


def greedy(step, state, begin, end, limit):
    """Two things go on from step to step: the word that was written, and the state."""
    words, word = [], begin
    while len(words) < limit:
        probabilities, state = step(word, state)
        word = int(np.argmax(probabilities))
        if word == end:
            break
        words.append(word)
    return words


def check_greedy(greedy):
    """`np.argmax` is the place of the largest. What a step returns is what the next one is given.

    Stop at the end sign, which is not written, or when there are `limit` words.
    """
    yield "greedy(chain, None, 0, 1, 5)", greedy(chain, None, 0, 1, 5), [2, 3], {
        "the end sign is no word": [2, 3, 1],
        "the begin sign is no word": [0, 2, 3],
        "every step has read the begin sign: the next one reads the word that was written": [2] * 5,
    }
    yield "greedy(countdown, 3, 0, 1, 9)", greedy(countdown, 3, 0, 1, 9), [3, 2, 2], {
        "every step was given the first state: go on from what the one before has left": [3] * 9,
    }
    yield "greedy(countdown, 3, 0, 1, 2)", greedy(countdown, 3, 0, 1, 2), [3, 2], {
        "at most `limit` words": [3, 2, 2],
        "as many as `limit` may be written": [3],
    }
    came = greedy(lambda word, state: ([0.1, 0.8, 0.1], state), None, 0, 1, 5)
    yield "greedy(…), where the end is likeliest at once", came, []


def chain(word, state):
    """A decoder that goes by the word before alone: <begin> 2 3 <end>; it has no state."""
    return {
        0: [0.0, 0.2, 0.6, 0.2],
        2: [0.0, 0.2, 0.3, 0.5],
        3: [0.0, 0.9, 0.1, 0.0],
    }[word], state


def countdown(word, state):
    """A decoder that goes by its state alone, which counts down: at 0 it ends."""
    likeliest = {3: 3, 2: 2, 1: 2, 0: 1}[state]
    return [0.0, *(0.8 if word == likeliest else 0.1 for word in (1, 2, 3))], max(state - 1, 0)


def best(step, state, begin, end, limit):
    """The sentence that ends here, or the best of those that go on with some word."""
    probabilities, state = step(begin, state)
    found = [], probabilities[end]
    for word, probability in enumerate(probabilities):
        if word != end and limit > 0:
            rest, after = best(step, state, word, end, limit - 1)
            if probability * after > found[1]:
                found = [word, *rest], probability * after
    return found


def check_best(best):
    """It can call itself. The likeliest sentence either ends at once, or begins with some word.

    After that word comes the likeliest rest, which is the same question with one word less: as if
    the word were the begin sign.
    """
    came = best(chain, None, 0, 1, 5)
    yield "best(chain, None, 0, 1, 5)", list(came), [[2, 3], 0.27], {
        "the probability of the end sign counts, too": [[2, 3], 0.3],
    }
    came = best(garden, None, 0, 1, 5)
    yield "best(garden, None, 0, 1, 5)", list(came), [[3], 0.36], {
        "that is the greedy one: its first word is likelier, but nothing likely follows":
            [[2, 3], 0.216],
        "what does not end is no sentence: the end sign's probability counts, too": [[2], 0.6],
    }
    came = best(chain, None, 0, 1, 0)
    yield "best(chain, None, 0, 1, 0)", list(came), [[], 0.2]
    came = best(countdown, 2, 0, 1, 3)
    yield "best(countdown, 2, 0, 1, 3)", list(came), [[2, 2], 0.8**3], {
        "all steps have the first state: each goes on from what the one before has left":
            [[], 0.1],
    }


def garden(word, state):
    """A decoder that a greedy one follows up the garden path: 2 is likelier, and then what?"""
    return {
        0: [0.0, 0.0, 0.6, 0.4],
        2: [0.0, 0.3, 0.3, 0.4],
        3: [0.0, 0.9, 0.1, 0.0],
    }[word], state

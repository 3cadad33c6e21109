"""Chapter 13: one solution per exercise, its checks, and its hints."""

from collections import Counter
from math import exp, log

import numpy as np

from .. import runs
from ..checking import said

REFERENCE = ["my", "birthday", "was", "on", "a", "sunny", "Friday", "in", "March"]
CLOSE = ["my", "birthday", "was", "on", "a", "Friday", "in", "March"]

# What a reader's runs look like: settings, and the columns of metrics.csv.
RUNS = {
    "runs/hard": (
        {"steps": 300, "label_smoothing": 0.0},
        {"step": [0, 1], "loss": [4.0, 0.2], "accuracy": [0.1, 0.93]},
    ),
    "runs/smooth": (
        {"steps": 300, "label_smoothing": 0.1},
        {"step": [0, 1], "loss": [4.0, 0.9], "accuracy": [0.1, 0.94]},
    ),
}


def ngrams(words, n):
    """How often each n-gram occurs."""
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def clipped(words, reference, n):
    """`&` of two Counters is the smaller of both counts."""
    ours = ngrams(words, n)
    return sum((ours & ngrams(reference, n)).values()), sum(ours.values())


def check_clipped(clipped):
    """collections.Counter counts; its keys can be tuples of n words.

    For each n-gram, take the smaller of the two counts.
    """
    yield "clipped(words, reference, 2)", list(clipped(CLOSE, REFERENCE, 2)), [6, 7], {
        "a list of k words has k - n + 1 n-grams": [6, 8],
        "first the matches, then all n-grams of the translation": [7, 6],
        "divide by the n-grams of the translation, not of the reference": [8, 8],
    }
    repeated = list(clipped(["the"] * 5, ["the", "cat", "the"], 1))
    yield "clipped(['the'] * 5, ['the', 'cat', 'the'], 1)", repeated, [2, 5], {
        "the reference has 'the' twice, so it counts at most twice": [5, 5],
        "a word counts as often as in the reference, not once": [1, 5],
    }


def bleu(words, reference):
    """The logarithm of the geometric mean is the mean of the logarithms."""
    precisions = []
    for n in (1, 2, 3, 4):
        ours = ngrams(words, n)
        precisions.append(sum((ours & ngrams(reference, n)).values()) / sum(ours.values()))
    if not all(precisions):
        return 0.0
    brevity = min(1.0, exp(1 - len(reference) / len(words)))
    return brevity * exp(sum(map(log, precisions)) / 4)


def check_bleu(bleu):
    """The four precisions are matches divided by all n-grams. Multiply them, take the fourth root.

    Multiply by e^(1 - r/c) if the translation is too short.
    """
    product = 1 * (6 / 7) * (4 / 6) * (2 / 5)
    right = exp(1 - 9 / 8) * product**0.25
    yield "bleu(words, reference)", bleu(CLOSE, REFERENCE), right, {
        "the brevity penalty is missing": product**0.25,
        "take the fourth root of the product": exp(1 - 9 / 8) * product,
        "the geometric mean, not the arithmetic one": exp(1 - 9 / 8)
        * (1 + 6 / 7 + 4 / 6 + 2 / 5)
        / 4,
        "r/c is the reference's length over the translation's": exp(1 - 8 / 9) * product**0.25,
    }
    longer = [*REFERENCE, "2024"]
    precisions = (9 / 10) * (8 / 9) * (7 / 8) * (6 / 7)
    yield "bleu of a longer sentence", bleu(longer, REFERENCE), precisions**0.25, {
        "a longer sentence gets no bonus: the penalty is at most 1": exp(1 - 9 / 10)
        * precisions**0.25,
    }
    yield "bleu('a b c d', 'd c b a')", bleu(list("abcd"), list("dcba")), 0.0


def beam_search(step, begin, end, width, limit):
    """The ended ones compete with all continuations."""
    kept = [(1.0, [begin])]
    for _ in range(limit):
        found = [(p, words) for p, words in kept if words[-1] == end]
        for p, words in kept:
            if words[-1] != end:
                found += [(p * q, [*words, word]) for word, q in enumerate(step(words))]
        kept = sorted(found, key=lambda pair: -pair[0])[:width]
        if all(words[-1] == end for _, words in kept):
            break
    p, words = kept[0]
    return [word for word in words[1:] if word != end], p


def garden(words):
    """0 begins, 1 ends. The word 2 is likely, but nothing likely follows."""
    return {
        0: [0.0, 0.0, 0.6, 0.4],
        2: [0.0, 0.35, 0.35, 0.3],
        3: [0.0, 0.9, 0.05, 0.05],
    }[words[-1]]


def check_beam_search(beam_search):
    """Keep a list of (probability, words). In each step, make all continuations, sort, cut.

    A hypothesis whose last word is `end` is not continued, and stays in the list.
    """
    found = beam_search(garden, 0, 1, 1, 4)
    yield "beam_search(garden, 0, 1, 1, 4)", list(found), [[2], 0.21], {
        "with a width of 1 it is greedy decoding": [[3], 0.36],
    }
    found = beam_search(garden, 0, 1, 2, 4)
    yield "beam_search(garden, 0, 1, 2, 4)", list(found), [[3], 0.36], {
        "this is the greedy sentence: keep two hypotheses": [[2], 0.21],
        "leave out the begin and end tokens": [[0, 3, 1], 0.36],
        "the probability of the end token is missing": [[3], 0.4],
    }


def penalized(hypotheses, alpha):
    """The largest after the division; log-probabilities are negative."""
    scores = [p / ((5 + length) / 6) ** alpha for p, length in hypotheses]
    return max(range(len(scores)), key=scores.__getitem__)


def check_penalized(penalized):
    """Divide each log-probability by its penalty, and take the index of the largest.

    Log-probabilities are negative: dividing them by a number above 1 makes them larger.
    """
    three = [(log(0.2), 3), (log(0.12), 8), (log(0.001), 20)]
    yield "penalized(three, 0)", penalized(three, 0.0), 0
    yield "penalized(three, 1)", penalized(three, 1.0), 1, {
        "divide by the penalty, do not multiply": 0,
        "the largest, not the smallest": 2,
    }
    yield "penalized(three, 2)", penalized(three, 2.0), 2


def broken_beam(hypotheses, probabilities, width):
    """A hypothesis has the probability of all its words, not of the last one."""
    kept = []
    for (p, words), following in zip(hypotheses, probabilities, strict=True):
        for word, q in enumerate(following):
            kept.append((float(p * q), [*words, word]))
    kept.sort(key=lambda pair: -pair[0])
    return kept[:width]


def check_broken_beam(broken_beam):
    """How do you compute the probability of a sentence from those of its words?

    Look at what is sorted. Where does the probability of the words before go?
    """
    given = [(0.6, [0]), (0.1, [1])]
    following = [np.array([0.5, 0.5]), np.array([0.9, 0.1])]
    found = [[round(p, 4), words] for p, words in broken_beam(given, following, 2)]
    yield "broken_beam(two hypotheses, …, 2)", found, [[0.3, [0, 0]], [0.3, [0, 1]]], {
        "the probability of the words before is still lost": [[0.9, [1, 0]], [0.5, [0, 0]]],
        "probabilities are multiplied, not added": [[1.1, [0, 0]], [1.1, [0, 1]]],
    }


def vary_smoothing():
    """The smallest possible loss with smoothing is the entropy of the smoothed target."""
    found = {}
    for name in ("hard", "smooth"):
        found[name] = [runs.last(f"runs/{name}", column) for column in ("loss", "accuracy")]
    return found | {"why": "b"}


def check_vary_smoothing(vary_smoothing):
    """metrics.csv has one row per step. Take the mean of the last 50 of loss and of accuracy.

    Compare the accuracies, too. What is the loss of a model that gives exactly the smoothed target?
    """
    found = vary_smoothing()
    differing = runs.differing("runs/hard", "runs/smooth").items()
    other = {n: v for n, v in differing if n.startswith("settings.") and "smoothing" not in n}
    yield "the settings in which the runs differ, besides smoothing", other, {}
    for name in ("hard", "smooth"):
        right = [runs.last(f"runs/{name}", column) for column in ("loss", "accuracy")]
        last = [runs.curve(f"runs/{name}", column)[-1] for column in ("loss", "accuracy")]
        yield f"vary_smoothing()[{name!r}]", found[name], right, {
            "this is the last step alone; take the mean of the last 50": last,
            "first the loss, then the accuracy": right[::-1],
        }
    yield said("vary_smoothing()['why']", found["why"], "b", {
        "a": "compare the two accuracies",
        "c": "both losses are means over the same words",
    })  # fmt: skip

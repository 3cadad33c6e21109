"""2,048 embedded words, 512 target words, forward and backward."""

import numpy as np

from .by_hand_layers import Embedding, Parameters, cross_entropy
from .page import comparison
from .timing import compared
from .workloads import on_each

TITLE = "Embedding and cross-entropy, as the vocabulary grows"
WORDS, HIDDEN, EMBEDDED, TARGETS, PAD = (100, 1000, 10_000, 50_000), 64, 2048, 512, 0


def measure(arguments):
    """One row per op and vocabulary size."""
    for op, cases in OPS.items():
        for words in WORDS:
            row = {"op": op, "words": f"{words:,}"}
            yield row | compared(cases(words), arguments.rounds, arguments.seconds)


def report(rows):
    """Lines of Markdown, and the means."""
    return comparison(rows, ("op", "words"), "ms")


def embeddings(words, padded):
    """A step on each framework; the fraction `padded` of the ids is padding."""
    rng = np.random.default_rng(0)
    ids = rng.integers(1, words, EMBEDDED)
    ids[: int(padded * EMBEDDED)] = PAD
    weight = rng.standard_normal((words, HIDDEN), np.float32)
    g = rng.standard_normal((EMBEDDED, HIDDEN), np.float32)
    parameters = Parameters({"weight": weight})
    layer = Embedding(parameters, "weight", ids, PAD)

    def by_hand():
        layer.forward()
        layer.backward(g)
        return layer.gradient[ids[-1], 0]

    def on(framework):
        lookup = framework.nn.functional.embedding
        w, rows = framework.tensor(weight, requires_grad=True), framework.tensor(ids)
        arrived = framework.tensor(g)

        def step():
            w.grad = None
            lookup(rows, w, padding_idx=PAD).backward(arrived)
            return w.grad[ids[-1], 0].item()

        return step

    return on_each(on) | {"by hand": by_hand}


def cross_entropies(words):
    """A step on each framework."""
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((TARGETS, words), np.float32)
    target = rng.integers(0, words, TARGETS)
    scratch = np.empty_like(logits)

    def by_hand():
        np.copyto(scratch, logits)
        return cross_entropy(scratch, target)

    def on(framework):
        x, classes = framework.tensor(logits, requires_grad=True), framework.tensor(target)

        def step():
            x.grad = None
            loss = framework.nn.functional.cross_entropy(x, classes)
            loss.backward()
            return loss.item()

        return step

    return on_each(on) | {"by hand": by_hand}


OPS = {
    "embedding": lambda words: embeddings(words, 0.0),
    "embedding, half padding": lambda words: embeddings(words, 0.5),
    "cross_entropy": cross_entropies,
}

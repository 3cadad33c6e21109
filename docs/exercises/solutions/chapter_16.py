"""Chapter 16: one solution per exercise, its checks, and its hints."""

import numpy as np

from .. import runs
from ..checking import said

# What a reader's runs look like: settings, and the columns of metrics.csv.
STEPS = list(range(50))
RUNS = {
    "runs/here": ({"steps": 50}, {"step": STEPS, "loss": [3 - s / 50 for s in STEPS]}),
    "runs/there": ({"steps": 50}, {"step": STEPS, "loss": [3 - s / 50 + s / 1e6 for s in STEPS]}),
}


def all_reduce(gradients):
    """In round k, rank r sends the piece r - k, which has collected k ranks' parts so far."""
    g, ranks, sent = gradients.copy(), len(gradients), 0
    for k in range(2 * (ranks - 1)):
        pieces = [(r - k) % ranks for r in range(ranks)]
        messages = [g[r, piece].copy() for r, piece in enumerate(pieces)]
        for r, piece in enumerate(pieces):
            to = (r + 1) % ranks
            if k < ranks - 1:
                g[to, piece] += messages[r]
            else:
                g[to, piece] = messages[r]
        sent += 1
    return g, sent


def check_all_reduce(all_reduce):
    """Take copies of all messages first: all ranks send at once.

    In round k of adding, rank r sends piece (r - k) % ranks, and the neighbour adds it to its own.

    After ranks - 1 rounds rank r has the sum of piece (r + 1) % ranks. Go on in the same way, and
    the neighbour replaces its piece instead of adding.
    """
    gradients = np.random.default_rng(0).integers(-9, 10, (3, 3, 2)).astype(float)
    given = gradients.copy()
    total, sent = all_reduce(given)
    right = np.broadcast_to(gradients.sum(0), gradients.shape).copy()
    yield "all_reduce(gradients)[0], of 3 ranks", total, right, {
        "this is the mean; return the sum": right / 3,
        "nothing was added": gradients,
    }
    yield "all_reduce(gradients)[1]", sent, 4, {
        "there are 2 · (ranks - 1) rounds, and each rank sends one piece in each": 6,
        "the rounds of handing out count, too": 2,
    }
    yield "the given array afterwards", given, gradients, {"it was changed": right}


def seconds(ranks, size, bandwidth, latency):
    """2 (N - 1) messages of an N-th of the bytes."""
    messages = 2 * (ranks - 1)
    return messages * (size / ranks / bandwidth + latency)


def check_seconds(seconds):
    """There are 2 (N - 1) messages one after the other, each of an N-th of the bytes.

    A message takes its latency, and its bytes divided by the bandwidth.
    """
    yield "seconds(4, 1e9, 1e10, 1e-5)", seconds(4, 1e9, 1e10, 1e-5), 0.15006, {
        "each message has only an N-th of the bytes": 0.60006,
        "there are as many messages for handing out as for adding up": 0.07503,
        "every message has its latency": 0.15001,
    }
    yield "seconds(1, 1e9, 1e10, 1e-5)", seconds(1, 1e9, 1e10, 1e-5), 0.0


def memory(parameters, ranks):
    """16 bytes per parameter; FSDP divides them."""
    return {"ddp": 16 * parameters, "fsdp": 16 * parameters / ranks}


def check_memory(memory):
    """Four numbers per parameter, of 4 bytes each.

    With data parallelism more workers do not help with the memory.
    """
    yield "memory(1_000_000, 8)", memory(1_000_000, 8), {"ddp": 16e6, "fsdp": 2e6}, {
        "gradients and both moments need memory, too": {"ddp": 4e6, "fsdp": 5e5},
        "AdamW keeps two moments": {"ddp": 12e6, "fsdp": 1.5e6},
        "with data parallelism each worker holds everything": {"ddp": 2e6, "fsdp": 2e6},
    }


def broken_ranks(losses, words):
    """A rank's weight is its fraction of all words."""
    weights = [n / sum(words) for n in words]
    return sum(weight * loss for weight, loss in zip(weights, losses, strict=True))


def check_broken_ranks(broken_ranks):
    """A mean of means weighs each rank the same. What should be weighed the same?

    A rank with 6 of 8 words should count for 6/8.
    """
    yield "broken_ranks([3, 1], [2, 6])", broken_ranks([3.0, 1.0], [2, 6]), 1.5, {
        "this is the mean of the means": 2.0,
        "the weights must add up to 1": 12.0,
    }
    yield "broken_ranks([3, 1], [0, 5])", broken_ranks([3.0, 1.0], [0, 5]), 1.0, {
        "a rank without words counts nothing": 2.0,
    }


def vary_backend():
    """The first weights are the same, to the bit; sums are not."""
    here, there = (np.array(runs.curve(f"runs/{name}", "loss")) for name in ("here", "there"))
    apart = np.abs(here - there)
    return {"first": apart[:5].max(), "last": apart[-5:].max(), "why": "c"}


def check_vary_backend(vary_backend):
    """Read the column loss of both files, and take the absolute value of the differences.

    Look at the first step: with other weights, would the losses be so close?
    """
    found = vary_backend()
    here, there = (np.array(runs.curve(f"runs/{name}", "loss")) for name in ("here", "there"))
    apart = np.abs(here - there)
    for name, part in (("first", apart[:5]), ("last", apart[-5:])):
        right = float(part.max())
        yield f"vary_backend()[{name!r}] · 1e6", found[name] * 1e6, right * 1e6, {
            "take the largest difference, not the mean": float(part.mean()) * 1e6,
        }
    yield said("vary_backend()['why']", found["why"], "c", {
        "a": "the losses of the first step agree to many digits: the first weights are the same",
        "b": "the losses of the first step agree to many digits: the loss is the same",
    })  # fmt: skip

"""Exercises of chapter 16, On to PyTorch, GPUs and many machines.

Replace the last line of each function with your code, repair the one that is broken, then run:
python -m docs.exercises 16
"""

import numpy as np


def all_reduce(gradients):
    """1. The sum of all ranks' gradients, by a ring.

    gradients: an array (ranks, ranks, size): what each rank has, cut into as many pieces as there
    are ranks. Rank r may only send to rank r + 1 (the last one to rank 0), one piece at a time, all
    ranks at once. After ranks - 1 rounds of adding and ranks - 1 rounds of handing out, each rank
    has all sums. Returns an array of the same shape, and the number of pieces that each rank sent.
    The given array must not change.
    """
    raise NotImplementedError


def seconds(ranks, size, bandwidth, latency):
    """2. How long a ring all-reduce takes.

    size: bytes of all gradients; bandwidth: bytes per second; latency: seconds per message.
    Returns a float; 0 for a single rank.
    """
    raise NotImplementedError


def memory(parameters, ranks):
    """3. The bytes that each worker needs for a model with AdamW, all in float32.

    Weights, gradients and two moments per parameter, 4 bytes each; no activations.
    Returns {"ddp": …, "fsdp": …}: with data parallelism every worker holds everything, with FSDP
    one part of `ranks`. Two floats.
    """
    raise NotImplementedError


def broken_ranks(losses, words):
    """4. Break it and find it: a loss that depends on how the batch was divided among ranks.

    losses: the mean loss of each rank's words; words: how many words each rank has. Returns the
    loss of the whole batch: its mean over all words. One line is wrong.
    """
    weights = [1 / len(words) for _ in words]
    return sum(weight * loss for weight, loss in zip(weights, losses, strict=True))


def vary_backend():
    """5. Train, vary, explain: the same run on minigrad and on PyTorch.

    In the root of the project, with PyTorch installed:

        python -m models train self_attention --steps 50 --out runs/here
        python -m models train self_attention --steps 50 --backend torch --out runs/there

    Returns {"first": …, "last": …, "why": "a", "b" or "c"}: the largest difference of the two
    losses (metrics.csv in each folder) among the first five steps, and among the last five, and
    why they differ:

        a) each framework draws its own first weights, so the two runs are as different as two runs
           with different seeds
        b) PyTorch computes another loss, whose mean is over the words of all texts and not over
           the texts
        c) the two add floats of 32 bits in different orders, and training makes the rounding
           errors grow
    """
    raise NotImplementedError

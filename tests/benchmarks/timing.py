"""Times of the same work on several frameworks, in turns, and minigrad's ratio to the others."""

import os
import time

import numpy as np

# After a product, the threads of NumPy's BLAS keep their cores busy for a tenth of a second, and
# would slow down whoever comes next.
PAUSE = 0.0 if os.environ.get("OPENBLAS_NUM_THREADS") == "1" else 0.15
US, TOLERANCE, BUSY, TRIES = "minigrad", 1e-5, 1.5, 3


def compared(steps, rounds, seconds):
    """Let frameworks do their steps in turns; if the machine was busy, up to two times again.

    steps    for each framework a function that does one step and returns a number, the loss
    rounds   how often each has its turn
    seconds  for each framework, all rounds together

    Returns the largest `difference` of the first losses; as `taken`, each framework's seconds for a
    step; `ratios`, minigrad's time to each peer's, unless losses differ; both the median over the
    rounds; and as `busy` the peers for which the rounds disagree.
    """
    losses = np.array([[step() for _ in range(3)] for step in steps.values()])
    difference = float(abs(losses - losses[0]).max())
    counts = [max(1, int(seconds / rounds / seconds_of(step, 1))) for step in steps.values()]
    tries = []
    while len(tries) < TRIES and (not tries or busy(tries[-1])):
        times = [[seconds_of(step, n) for step, n in zip(steps.values(), counts, strict=True)]
                 for _ in range(rounds)]  # fmt: skip
        tries.append(dict(zip(steps, np.transpose(times), strict=True)))
    times = min(tries, key=lambda times: len(busy(times)))
    return {
        "difference": difference,
        "taken": {name: float(np.median(t)) for name, t in times.items()},
        "ratios": {
            name: float(np.median(times[US] / t))
            for name, t in times.items()
            if name != US and difference <= TOLERANCE
        },
        "busy": busy(times),
    }


def seconds_of(step, count):
    """The time of a step, on average over so many."""
    time.sleep(PAUSE)
    start = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - start) / count


def busy(times):
    """The peers to which the ratio of one round is more than half again that of another."""
    ratios = {name: times[US] / t for name, t in times.items()}
    return [name for name, each in ratios.items() if each.max() > BUSY * each.min()]

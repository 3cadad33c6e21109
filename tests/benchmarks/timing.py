"""Times of the same work on several frameworks, in turns, and minigrad's ratio to the others."""

import gc
import os
import time
from pathlib import Path

import numpy as np

US, TOLERANCE, BUSY, TRIES = "minigrad", 1e-5, 1.5, 3
THREADS = int(os.environ.get("OPENBLAS_NUM_THREADS", os.cpu_count()))
# After a product, the threads of NumPy's BLAS keep their cores busy for a tenth of a second, and
# would slow down whoever comes next.
PAUSE = 0.1 if THREADS > 1 else 0.0


def compared(steps, rounds, seconds):
    """Let frameworks do their steps in turns; if the machine was busy, up to two times again.

    steps    for each framework a function that does one step and returns a number, the loss
    rounds   how often each has its turn
    seconds  for each framework, all rounds together

    Returns the largest `difference` of the first losses; as `taken`, each framework's seconds for a
    step; `ratios`, minigrad's time to each peer's, unless losses differ; both the median over the
    rounds; and as `busy` the peers for which the ratio is not to be trusted.
    """
    losses = np.array([[step() for _ in range(3)] for step in steps.values()])
    difference = float(abs(losses - losses[0]).max())
    counts = [max(1, int(seconds / rounds / seconds_of(step, 1))) for step in steps.values()]
    tries = []
    while len(tries) < TRIES and (not tries or tries[-1][0]):
        tries.append(in_turns(steps, counts, rounds))
    busy, times = min(tries, key=lambda found: len(found[0]))
    return {
        "difference": difference,
        "taken": {name: float(np.median(t)) for name, t in times.items()},
        "ratios": {
            name: float(np.median(times[US] / t))
            for name, t in times.items()
            if name != US and difference <= TOLERANCE
        },
        "busy": busy,
    }


def in_turns(steps, counts, rounds):
    """The seconds of a step in each round, and those peers for which they are not to be trusted.

    That is all of them, where others needed the processors that we did; else those to which the
    ratio of one round is more than half again that of another.
    """
    before, start = elsewhere(), time.perf_counter()
    times = [[seconds_of(step, n) for step, n in zip(steps.values(), counts, strict=True)]
             for _ in range(rounds)]  # fmt: skip
    others = (elsewhere() - before) / (time.perf_counter() - start)
    times = dict(zip(steps, np.transpose(times), strict=True))
    ratios = {name: times[US] / t for name, t in times.items()}
    crowded = others + THREADS > os.cpu_count() + 0.2
    busy = [n for n, each in ratios.items() if crowded or each.max() > BUSY * each.min()]
    return busy, times


def seconds_of(step, count):
    """The time of a step, on average over so many; as in timeit, garbage is collected before it."""
    time.sleep(PAUSE)
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    for _ in range(count):
        step()
    seconds = time.perf_counter() - start
    gc.enable()
    return seconds / count


def elsewhere():
    """Seconds that the processors have worked for others than this process; 0 but on Linux."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    user, nice, system, _, _, *rest = map(int, stat.read_text().split()[1:9])
    return sum((user, nice, system, *rest)) / os.sysconf("SC_CLK_TCK") - time.process_time()

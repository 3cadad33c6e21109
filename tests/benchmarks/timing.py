"""The time of the same work on several frameworks, in turns, and minigrad's ratio to the others."""

import gc
import math
import os
import time
from operator import itemgetter
from pathlib import Path

import numpy as np

US, TOLERANCE, BUSY, TRIES = "minigrad", 1e-5, 1.2, 5
THREADS = int(os.environ.get("OPENBLAS_NUM_THREADS", os.cpu_count()))
# After a product, the threads of NumPy's BLAS keep their cores busy for a tenth of a second, which
# would slow down the next framework.
PAUSE = 0.1 if THREADS > 1 else 0.0


def compared(steps, rounds, seconds):
    """Let frameworks do their steps in turns; if the machine was busy, up to four times again.

    steps    for each framework, a function that does one step and returns the loss
    rounds   how often each framework has its turn
    seconds  per framework, for all rounds together

    Returns the largest `difference` of the first losses; the seconds `taken` per step by each
    framework; `ratios`, minigrad's time to each peer's, unless the losses differ; and `busy`, the
    peers whose rounds never agreed. Times and ratios are medians over the rounds, for each peer
    from the attempt in which its rounds agreed best.
    """
    losses = np.array([[step() for _ in range(3)] for step in steps.values()])
    difference = float(abs(losses - losses[0]).max())
    counts = [max(1, int(seconds / rounds / seconds_of(step, 1))) for step in steps.values()]
    best = in_turns(steps, counts, rounds)
    for _ in range(TRIES - 1):
        if not busy(best):
            break
        again = in_turns(steps, counts, rounds)
        best = {name: min(best[name], again[name], key=itemgetter(2)) for name in steps}
    return {
        "difference": difference,
        "taken": {name: taken for name, (taken, _, _) in best.items()},
        "ratios": {
            name: ratio
            for name, (_, ratio, _) in best.items()
            if name != US and difference <= TOLERANCE
        },
        "busy": busy(best),
    }


def busy(found):
    """The peers whose results from `in_turns` cannot be trusted."""
    return [name for name, (*_, spread) in found.items() if name != US and spread > BUSY]


def in_turns(steps, counts, rounds):
    """For each framework: the seconds of a step, minigrad's ratio to it, and that ratio's spread.

    The first two are medians over the rounds. The spread is the upper quartile of the ratios over
    the lower one; for minigrad it is the largest of all spreads. It is infinite if other processes
    needed the same processors.
    """
    before, start = elsewhere(), time.perf_counter()
    times = [
        [seconds_of(step, n) for step, n in zip(steps.values(), counts, strict=True)]
        for _ in range(rounds)
    ]
    others = (elsewhere() - before) / (time.perf_counter() - start)
    crowded = others + THREADS > os.cpu_count() + 0.2
    times = dict(zip(steps, np.transpose(times), strict=True))
    found = {}
    for name, taken in times.items():
        low, ratio, high = np.quantile(times[US] / taken, (0.25, 0.5, 0.75)).tolist()
        found[name] = float(np.median(taken)), ratio, math.inf if crowded else high / low
    return found | {US: (*found[US][:2], max(spread for *_, spread in found.values()))}


def seconds_of(step, count):
    """The time of a step, averaged over `count` steps; as in timeit, garbage is collected before.

    A tenth as many steps warm up the caches, which are cold after the other frameworks, the pause
    and the collection.
    """
    time.sleep(PAUSE)
    gc.collect()
    gc.disable()
    for _ in range(count // 10):
        step()
    start = time.perf_counter()
    for _ in range(count):
        step()
    seconds = time.perf_counter() - start
    gc.enable()
    return seconds / count


def elsewhere():
    """The seconds that the processors have worked for other processes; 0 if not on Linux."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    user, nice, system, _, _, *rest = map(int, stat.read_text().split()[1:9])
    return sum((user, nice, system, *rest)) / os.sysconf("SC_CLK_TCK") - time.process_time()

"""Times of the same work on several frameworks, in turns, and minigrad's ratio to the others."""

import gc
import math
import os
import time
from operator import itemgetter
from pathlib import Path

import numpy as np

US, TOLERANCE, BUSY, TRIES = "minigrad", 1e-5, 1.2, 5
THREADS = int(os.environ.get("OPENBLAS_NUM_THREADS", os.cpu_count()))
# After a product, the threads of NumPy's BLAS keep their cores busy for a tenth of a second, and
# would slow down whoever comes next.
PAUSE = 0.1 if THREADS > 1 else 0.0


def compared(steps, rounds, seconds):
    """Let frameworks do their steps in turns; if the machine was busy, up to four times again.

    steps    for each framework a function that does one step and returns a number, the loss
    rounds   how often each has its turn
    seconds  for each framework, all rounds together

    Returns the largest `difference` of the first losses; as `taken`, each framework's seconds for a
    step; `ratios`, minigrad's time to each peer's, unless losses differ; both the median over the
    rounds, for each peer of that time at which these agreed best; and as `busy` the peers for which
    they did not agree at all.
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
    """The peers for which what `in_turns` found is not to be trusted."""
    return [name for name, (*_, spread) in found.items() if name != US and spread > BUSY]


def in_turns(steps, counts, rounds):
    """For each framework: the seconds of a step, minigrad's ratio to it, and that ratio's spread.

    The first two are medians over the rounds; the spread is from the quarter of the rounds that was
    lowest to the quarter that was highest, as a ratio, and for minigrad the widest of them all. It
    is infinite where others needed the processors that we did.
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
    """The time of a step, on average over so many; as in timeit, garbage is collected before it.

    A tenth as many go before: after the others, the pause and the collection, caches are cold.
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
    """Seconds that the processors have worked for others than this process; 0 but on Linux."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    user, nice, system, _, _, *rest = map(int, stat.read_text().split()[1:9])
    return sum((user, nice, system, *rest)) / os.sysconf("SC_CLK_TCK") - time.process_time()

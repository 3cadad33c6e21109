"""The peak memory of a training step, without what the import of its framework takes.

Each cell has processes of its own. It is the peak resident memory during two steps (on Linux VmHWM,
which is reset before them), minus what was resident before the model was built, with its framework
imported and used once. The number is the median of five processes.
"""

import gc
import subprocess
import sys
from pathlib import Path
from statistics import median

from .page import comparison
from .timing import US
from .training import FRAMEWORKS, weights
from .workloads import SIZES, data

TITLE = "Peak memory of a training step"
RESET = Path("/proc/self/clear_refs")


def measure(arguments):
    """One row per cell: its name, each framework's bytes, and the ratios; only on Linux.

    The two small sizes are left out: they take hardly more than what was there before.
    """
    for name in arguments.models if RESET.exists() else ():
        for index, size in enumerate(SIZES[2:], 2):
            taken = {peer: peak(peer, name, index) for peer in (US, "PyTorch", "by hand")}
            taken = {peer: count for peer, count in taken.items() if count}
            ratios = {peer: taken[US] / count for peer, count in taken.items() if peer != US}
            yield {"model": name, "size": str(size), "taken": taken, "ratios": ratios, "busy": []}


def report(rows):
    """Lines of Markdown, and the means."""
    return comparison(rows, ("model", "size"), "MB")


def peak(framework, name, index):
    """The bytes, measured in separate processes; None if the framework is not installed."""
    command = [sys.executable, "-m", "tests.benchmarks.memory", framework, name, str(index)]
    found = [subprocess.check_output(command, text=True) for _ in range(5)]
    return median(map(int, found)) if all(found) else None


def resident(kind):
    """The resident bytes of this process: now (VmRSS), or at the peak (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(kind))


def main(framework, name, index):
    """Print the bytes of one cell."""
    small, size = SIZES[0], SIZES[int(index)]
    try:
        FRAMEWORKS[framework](name, small, weights(name, small), data(name, small))()
    except ModuleNotFoundError:
        return
    state, batch = weights(name, size), data(name, size)
    gc.collect()
    before = resident("VmRSS")
    step = FRAMEWORKS[framework](name, size, state, batch)
    step()
    RESET.write_text("5")
    step()
    step()
    print(resident("VmHWM") - before)


if __name__ == "__main__":
    main(*sys.argv[1:])

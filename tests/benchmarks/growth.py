"""How the time of a step grows with the text and with the graph.

The exponent of the size is fitted to the fastest rounds, over the larger half of the sizes.
"""

import numpy as np

from .page import shown, table
from .timing import US, seconds_of
from .training import steps
from .workloads import Size, on_each

TITLE = "Exponent of growth"


def measure(arguments):
    """One row per kind of growth: the sizes, and each framework's fastest time at each size."""
    for what, (sizes, kind) in KINDS.items():
        cases = {size: kind(size) for size in sizes}
        spent = arguments.seconds / arguments.rounds
        found = {name: [np.inf] * len(sizes) for name in cases[sizes[0]]}
        counts = {  # small cases are repeated more often
            (size, name): max(1, int(spent / len(sizes) / seconds_of(step, 1)))
            for size, case in cases.items()
            for name, step in case.items()
        }
        for _ in range(arguments.rounds):
            for i, size in enumerate(sizes):
                for name, step in cases[size].items():
                    time = seconds_of(step, counts[size, name])
                    found[name][i] = min(found[name][i], time)
        exponents = {name: exponent(sizes, seconds) for name, seconds in found.items()}
        yield {"what": what, "sizes": sizes, "seconds": found, "exponents": exponents}


def exponent(sizes, seconds):
    """The slope of log time over log size, by least squares over the larger half of the sizes."""
    half = len(sizes) // 2
    return float(np.polyfit(np.log(sizes[half:]), np.log(seconds[half:]), 1)[0])


def report(rows):
    """Lines of Markdown, and the exponents."""
    lines = []
    for row in rows:
        header = [row["what"], *(f"{size:,}" for size in row["sizes"]), "exponent"]
        each = [
            [f"{name} ms", *(shown(1e3 * s) for s in seconds), f"{row['exponents'][name]:.2f}"]
            for name, seconds in row["seconds"].items()
        ]
        lines += [*table(header, each, 1), ""]
    exponents = {
        f"with the {row['what']}, {name}": found
        for row in rows
        for name, found in row["exponents"].items()
    }
    return lines[:-1], exponents


def sequence(time):
    """A training step of seq2seq with texts of `time` words."""
    size = Size(batch=4, time=time, words=50, hidden=16)
    return steps("seq2seq", size, (US, "PyTorch"))


def graph(ops):
    """A chain of `ops` ops, forward and backward."""

    def on(framework):
        x = framework.tensor([0.5] * 8, requires_grad=True)

        def step():
            y = x
            for _ in range(ops // 2):
                y = y * 0.999 + x
            y.sum().backward()

        return step

    return on_each(on)


def picks(count):
    """All `count` rows of an array, picked one by one, forward and backward."""

    def on(framework):
        x = framework.zeros(count, 8, requires_grad=True)

        def step():
            y = x[0]
            for i in range(1, count):
                y = y + x[i]
            y.sum().backward()

        return step

    return on_each(on)


KINDS = {
    "words of a text": ([16, 32, 64, 128, 256, 512, 1024], sequence),
    "ops of a chain": ([1000, 2000, 4000, 8000, 16_000, 32_000, 64_000], graph),
    "picks from one array": ([1000, 2000, 4000, 8000, 16_000], picks),
}

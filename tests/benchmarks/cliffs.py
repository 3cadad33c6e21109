"""python -m tests.benchmarks.cliffs: ops over their settings, beside PyTorch.

An op that is fast in one setting may be slow in another: NumPy's pow of negative numbers takes 300
times as long as a product. Each op is timed on float32 and float64 arrays of 1,000 and a million
elements, one thread, in processor time; the median of the rounds of a ratio is shown if it is above
--above. Only the forward pass counts, or with --backward both.
"""

import argparse
import os
import re
import time
import warnings

import numpy as np

from .cliff_cases import cases, first

SIZES = {"1e3": (20, 50), "1e6": (1000, 1000)}


def ratio(ours, theirs, rounds):
    """The median of the ratios of processor times, in turns, and the times in microseconds."""
    counts, times = [], []
    for f in (ours, theirs):
        f()
        start = time.process_time()
        f()
        counts.append(max(1, int(0.01 / max(time.process_time() - start, 1e-7))))
    for _ in range(rounds):
        each = []
        for f, n in zip((ours, theirs), counts, strict=True):
            start = time.process_time()
            for _ in range(n):
                f()
            each.append((time.process_time() - start) / n)
        times.append(each)
    a, b = np.transpose(times)
    return float(np.median(a / b)), np.median(a) * 1e6, np.median(b) * 1e6


def runs(lib, arrays, backward):
    """For each case, a function that runs it; with `backward`, only of those with a gradient."""

    def run(f, tensors):
        if not backward:
            return lambda: f(*tensors)

        def both():
            for x in tensors:
                x.grad = None
            out = first(f(*tensors))
            if not out.requires_grad:
                return False
            out.sum().backward()
            return True

        return both

    tensors = [lib.tensor(a, requires_grad=backward) for a in arrays]
    return {name: run(f, tensors) for name, f in cases(lib, arrays).items()}


def measured(arguments):
    """(ratio, our time, their time, size, dtype, name) for each case that is asked for."""
    import torch

    import minigrad

    torch.set_num_threads(1)
    wanted, rng = re.compile(arguments.only), np.random.default_rng(0)
    for size, shape in SIZES.items():
        for dtype in (np.float32, np.float64):
            x, y = (rng.standard_normal(shape).astype(dtype) for _ in range(2))
            arrays = (x, y, abs(x) + dtype(0.1))
            ours, theirs = (runs(lib, arrays, arguments.backward) for lib in (minigrad, torch))
            for name, f in ours.items():
                label = f"{size} {dtype.__name__}  {name}"
                if wanted.search(label) and (not arguments.backward or f()):
                    yield *ratio(f, theirs[name], arguments.rounds), label


def main():
    """Print the ratios above a number, and how many there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--above", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--backward", action="store_true")
    parser.add_argument("--only", default="", help="a pattern in, for example, '1e6 float32  sum'")
    arguments = parser.parse_args()
    np.seterr(all="ignore")
    warnings.simplefilter("ignore")
    ratios = []
    for r, ours, theirs, label in measured(arguments):
        ratios.append(r)
        if r > arguments.above:
            print(f"{r:6.2f}  {ours:10.1f} µs {theirs:10.1f} µs  {label}", flush=True)
    above = sum(r > arguments.above for r in ratios)
    print(f"{above} of {len(ratios)} above {arguments.above}")


if __name__ == "__main__":
    for library in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        if os.environ.get(library) != "1":
            raise SystemExit(f"one thread: set {library}=1")
    main()

"""python -m tests.benchmarks: minigrad beside PyTorch, the same work in turns in one run.

Prints the median time of a training step on each, and their ratio; below 1, minigrad is the faster
one. The first steps must give the same losses to 1e-5, else there is no ratio. A cell whose rounds
disagree by more than a half is marked with ~ and left out of the mean: the machine was busy.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE.parent)]


def measure(names, rounds, seconds):
    """All cells in this process, a line of JSON each."""
    import torch
    from on_torch import on_torch

    import minigrad
    from models import attention, rnn, self_attention, seq2seq
    from tests.benchmarks import transformer
    from tests.benchmarks.workloads import SIZES, Training, build, data

    torch.set_num_threads(int(os.environ["OPENBLAS_NUM_THREADS"]))
    ours = SimpleNamespace(
        rnn=rnn, seq2seq=seq2seq, attention=attention, self_attention=self_attention,
        transformer=transformer,
    )  # fmt: skip
    files = ("rnn", "seq2seq", "attention", "self_attention")
    with on_torch(ROOT / "models", files) as theirs, on_torch(
        HERE, ("transformer",), "transformer_on_torch"
    ) as theirs_too:
        theirs.transformer = theirs_too.transformer
        for name in names:
            for size in SIZES:
                minigrad.manual_seed(0)
                mine, other = build(name, ours, size), build(name, theirs, size)
                weights = {k: torch.tensor(v.numpy()) for k, v in mine.state_dict().items()}
                other.load_state_dict(weights)
                inputs, target = data(name, size)
                pair = (
                    Training(minigrad, mine, inputs, target),
                    Training(torch, other, inputs, target),
                )
                print(json.dumps([name, str(size), *compared(pair, rounds, seconds)]), flush=True)


def compared(pair, rounds, seconds):
    """The largest difference of the first losses, and the times of each round for both: seconds."""
    losses = [[training.step() for _ in range(3)] for training in pair]
    difference = max(abs(a - b) for a, b in zip(*losses, strict=True))
    steps = [max(1, int(seconds / rounds / time_of(training, 2))) for training in pair]
    times = [[time_of(training, n) for training, n in zip(pair, steps, strict=True)]
             for _ in range(rounds)]  # fmt: skip
    return difference, times


def time_of(training, steps):
    """The time of a step, on average over so many."""
    start = time.perf_counter()
    for _ in range(steps):
        training.step()
    return (time.perf_counter() - start) / steps


def report(lines, threads):
    """The table of what `measure` printed."""
    import numpy as np

    from models.tables import table

    rows, ratios = [], []
    for name, size, difference, times in lines:
        times = np.array(times)
        each = times[:, 0] / times[:, 1]
        ratio = float(np.median(each))
        busy = each.max() > 1.5 * each.min()
        if difference > 1e-5:
            rows.append([name, size, None, None, f"losses differ by {difference:.0e}"])
            continue
        if not busy:
            ratios.append(ratio)
        shown = f"{'~' if busy else ''}{ratio:.2f}"
        rows.append([name, size, *(1e3 * np.median(times, 0)).tolist(), shown])
    header = ["model", "size", "minigrad ms", "PyTorch ms", "ratio"]
    print(f"\n{threads} thread{'s' if threads > 1 else ''}\n{table(header, rows)}")
    if ratios:
        print(f"geometric mean {np.exp(np.mean(np.log(ratios))):.2f}, largest {max(ratios):.2f}")


def main():
    """Measure in a process for each number of threads, since libraries read it when they start."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", metavar="MODEL", help="of the models these")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each model and framework")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    from tests.benchmarks.workloads import NAMES

    names = arguments.only or NAMES
    if arguments.measure:
        return measure(names, arguments.rounds, arguments.seconds)
    for threads in arguments.threads:
        command = [sys.executable, "-m", "tests.benchmarks", "--measure", "--only", *names]
        command += ["--rounds", str(arguments.rounds), "--seconds", str(arguments.seconds)]
        names_of_threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        environment = os.environ | dict.fromkeys(names_of_threads, str(threads))
        done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            return done.returncode
        report([json.loads(line) for line in done.stdout.splitlines()], threads)


if __name__ == "__main__":
    sys.exit(main())

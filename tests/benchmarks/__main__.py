"""python -m tests.benchmarks: minigrad beside PyTorch, HIPS autograd, and NumPy by hand.

The same work from the same weights in turns in one run. Ratios are minigrad's time to the other's:
below 1, minigrad is the faster one. The first steps must give the same losses to 1e-5, else there
is no ratio. Where the rounds of a cell disagree by more than a half, the machine was busy: it is
measured again, and if need be marked with ~ and left out of the means.
"""

import argparse
import contextlib
import gc
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from tests.benchmarks import growth, page, tiny, training, vocabulary  # noqa: E402
from tests.benchmarks.workloads import NAMES  # noqa: E402

PARTS = {"models": training, "tiny": tiny, "vocabulary": vocabulary, "growth": growth}


def main():
    """Measure each part in a process for each number of threads; libraries read it at the start."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="these parts")
    parser.add_argument("--models", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each cell and framework")
    parser.add_argument("--out", type=Path, help="also write the page FILE.md, and FILE.json")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        return measure(arguments)

    found = {"machine": page.machine()}
    lines = [f"- {name}: {what}" for name, what in found["machine"].items()]
    print("\n".join(lines))
    for part in arguments.only:
        found[part] = {}
        for threads in arguments.threads:
            rows = measured(part, threads, arguments)
            text, found[part][threads] = PARTS[part].report(rows)
            text = ["", f"## {PARTS[part].TITLE}, {threads} thread{'s' * (threads > 1)}", "", *text]
            print("\n".join(text), flush=True)
            lines += text
            found[part][threads]["rows"] = rows
    if arguments.out:
        arguments.out.write_text("\n".join([*lines, ""]), encoding="utf-8")
        arguments.out.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
        print(f"\nwritten:\n  {arguments.out}\n  {arguments.out.with_suffix('.json')}")


def measured(part, threads, arguments):
    """The rows of a part, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks", "--measure", "--only", part]
    command += ["--models", *arguments.models, "--threads", str(threads)]
    command += ["--rounds", str(arguments.rounds), "--seconds", str(arguments.seconds)]
    libraries = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(libraries, str(threads))
    rows = []
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            rows.append(json.loads(line))
            if sys.stderr.isatty():
                print(f"{part}, threads {threads}: {len(rows)}", end="\r", file=sys.stderr)
    if process.returncode:
        sys.exit(process.returncode)
    return rows


def measure(arguments):
    """The rows of one part on standard output, a line of JSON each."""
    (part,), (threads,) = arguments.only, arguments.threads
    with contextlib.suppress(ModuleNotFoundError):
        import torch

        torch.set_num_threads(threads)
    gc.freeze()  # else garbage collection, in the midst of a step, would walk through all of that
    for row in PARTS[part].measure(arguments):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()

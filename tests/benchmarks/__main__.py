"""python -m tests.benchmarks: minigrad beside PyTorch, HIPS autograd, and NumPy by hand.

All do the same work from the same weights, in turns, in one run. PyTorch runs the same source as
minigrad; "fused" uses nn.RNN and scaled_dot_product_attention instead; "by hand" is NumPy with a
hand-written forward and backward pass and no graph, which shows what the graph costs. A ratio is
minigrad's time divided by the other's, the median over the rounds: below 1, minigrad takes less.
The first steps must give the same losses to 1e-5, otherwise there is no ratio. An entry of a table
is measured again, up to four times, if the middle half of its rounds differs by more than a fifth,
or if other processes needed the processors; each ratio is then from the attempt in which its rounds
agreed best, and the milliseconds may be from another. If that does not help, a ratio is marked with
~ and left out of the means. Libraries choose their kernels by the processor, unless an environment
variable such as OPENBLAS_CORETYPE says otherwise. Python is faster if it was compiled with
profile-guided optimization, as distributions do, and that matters when a step is short.
"""

import argparse
import contextlib
import gc
import json
import os
import subprocess
import sys
from pathlib import Path

from . import before, course, families, growth, memory, page, pieces, tiny, training, vocabulary
from .workloads import NAMES

PARTS = {
    "models": training,
    "transformers": families,
    "course": course,
    "pieces": pieces,
    "tiny": tiny,
    "vocabulary": vocabulary,
    "growth": growth,
    "memory": memory,
}
THREADED = (
    "models",
    "transformers",
    "course",
    "pieces",
    "vocabulary",
)  # the others have no matrix products that use threads


def main():
    """Measure each part in one process per number of threads, which libraries read at the start."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="these parts")
    parser.add_argument("--models", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.9, help="for each cell and framework")
    parser.add_argument("--out", type=Path, help="write the page FILE.md, and FILE.json")
    parser.add_argument("--before", type=Path, metavar="DIR", help="an earlier checkout as a peer")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        return measure(arguments)

    found = {"machine": page.machine()}
    for name in arguments.only:
        found[name] = {}
        for threads in arguments.threads if name in THREADED else arguments.threads[:1]:
            rows = measured(name, threads, arguments)
            found[name][str(threads)] = {"summary": PARTS[name].report(rows)[1], "rows": rows}
            print(section(name, threads, rows), flush=True)
    print(summary(found))
    if arguments.out:
        arguments.out.write_text(document(found), encoding="utf-8")
        numbers = json.dumps(found, indent=1, ensure_ascii=False)
        arguments.out.with_suffix(".json").write_text(numbers + "\n", encoding="utf-8")
        print(f"written:\n  {arguments.out}\n  {arguments.out.with_suffix('.json')}")


def document(found):
    """The page: what is measured, the machine, a summary, and the tables."""
    intro = "# Benchmarks\n" + __doc__.partition("\n")[2]
    on = "".join(f"- {name}: {what}\n" for name, what in found["machine"].items())
    sections = [
        section(name, int(threads), measured["rows"])
        for name in PARTS
        for threads, measured in found.get(name, {}).items()
    ]
    return "\n".join([intro, on, summary(found), *sections])


def section(name, threads, rows):
    """A part under its title."""
    title = f"## {PARTS[name].TITLE}, {page.of_threads(threads)}"
    return "\n".join([title, "", PARTS[name].__doc__.strip(), "", *PARTS[name].report(rows)[0], ""])


def summary(found):
    """A table that summarizes the parts."""
    parts = {name: found[name] for name in PARTS if name in found}
    return "\n".join([*page.summary(PARTS, parts), ""])


def measured(part, threads, arguments):
    """The rows of a part, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks", "--measure", "--only", part]
    command += ["--models", *arguments.models, "--threads", str(threads)]
    command += ["--rounds", str(arguments.rounds), "--seconds", str(arguments.seconds)]
    libraries = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(libraries, str(threads))
    if arguments.before:
        environment[before.FOLDER] = str(arguments.before.resolve())
    rows = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            rows.append(json.loads(line))
            if sys.stderr.isatty():
                what = f"{part}, {page.of_threads(threads)}: {len(rows)}"
                print(what, end="\r", file=sys.stderr)
    if process.returncode:
        sys.exit(process.returncode)
    return rows


def measure(arguments):
    """Print the rows of one part, one line of JSON each."""
    (part,), (threads,) = arguments.only, arguments.threads
    with contextlib.suppress(ModuleNotFoundError):
        import torch

        torch.set_num_threads(threads)
    gc.freeze()  # or garbage collection in the middle of a step would walk through all of it
    for row in PARTS[part].measure(arguments):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()

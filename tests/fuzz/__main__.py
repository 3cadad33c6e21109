"""`python -m tests.fuzz --programs 20000`: the long search, on all cores.

Prints each program on which minigrad and PyTorch differ, shrunk; the exit code is then 1.
"""

import argparse
import itertools
import multiprocessing
import os
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

from tqdm import tqdm

from .search import chunk

CHUNK = 250  # programs of one seed


def searched(programs, seed, jobs, known):
    """Yields how many programs ran, and what differed, per chunk; the caller extends `known`."""
    seeds, running = itertools.count(seed), set()
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        while programs > 0 or running:
            while programs > 0 and len(running) < jobs:
                size = min(CHUNK, programs)
                running.add(pool.submit(chunk, size, next(seeds), list(known)))
                programs -= size
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                run, size, found = future.result()
                programs += size - run  # it stops at what it finds
                yield run, found


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--programs", type=int, default=20_000, help="how many (default: 20000)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="default: the time")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    args = parser.parse_args()
    print(f"--seed {args.seed}", flush=True)
    known = []
    with tqdm(total=args.programs, unit="program", smoothing=0.05) as bar:
        for run, found in searched(args.programs, args.seed, args.jobs, known):
            bar.update(run)
            if found and not any(found.like(other) for other in known):
                known.append(found)
                bar.write(f"\n# {len(known)}. {found.kind}\n{found.script}", file=sys.stdout)
                sys.stdout.flush()
    print(f"\n{args.programs} programs: {len(known)} kinds of difference")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())

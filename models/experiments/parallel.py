"""The cells of an experiment (a model and a seed, say), in parallel under one progress bar."""

import contextlib
import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing import connection

from ..terminal import Progress

ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")}
# Python's resource tracker would warn of the semaphores that it frees after a kill.
QUIET = {"PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker"}

progress = None  # in a cell's process: the number of steps that all cells have done


def tick():
    """Count one step as done."""
    if progress is not None:
        with progress.get_lock():
            progress.value += 1


def each(function, cells, title, steps):
    """[function(*cell) for cell in cells], computed in parallel.

    There is one process per core, each with a single thread, so the numbers do not depend on the
    number of cores. Function and cells must be picklable, and the function must call `tick` `steps`
    times per cell.
    """
    context = multiprocessing.get_context("spawn")
    # This starts a process that keeps account of semaphores.
    with left_to_the_parent(), environment(QUIET):
        counter = context.Value("q", 0)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    workers = min(cores, len(cells))
    with (
        environment(ONE_THREAD),
        ProcessPoolExecutor(workers, context, initializer=begin, initargs=(counter,)) as pool,
        Progress(steps * len(cells), title) as bar,
    ):
        shown = 0
        try:
            with left_to_the_parent():
                futures = [pool.submit(function, *cell) for cell in cells]
            while wait(futures, timeout=0.2, return_when="FIRST_EXCEPTION").not_done:
                shown += bar.update(counter.value - shown)
                if any(f.done() and f.exception() for f in futures):
                    break
            results = [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise
        bar.update(counter.value - shown)
    return results


def tuned(run, names, rates, seeds, best):
    """The learning rate of each cell that is best for the first seed, and its numbers per seed.

    names     the cells, each a tuple
    run       a function from a list of cells, each (*name, rate, seed), to the numbers of each
    best      max or min, of the numbers called "validation"

    Returns {name: (the rate, {rate: what it reached on validation}, a list with one entry per
    seed)}.
    """
    first, *others = seeds
    pairs = [(name, rate) for name in names for rate in rates]
    trials = dict(zip(pairs, run([(*name, rate, first) for name, rate in pairs]), strict=True))
    reached = {name: {rate: trials[name, rate]["validation"] for rate in rates} for name in names}
    chosen = {name: best(rates, key=reached[name].get) for name in names}
    runs = iter(run([(*name, chosen[name], seed) for name in names for seed in others]))
    return {
        name: (rate, reached[name], [trials[name, rate], *(next(runs) for _ in others)])
        for name, rate in chosen.items()
    }


def begin(counter):
    """Prepare a new process: it counts steps in the shared counter, and ends with its parent."""
    global progress
    progress = counter
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent():
    """Wait for the end of the parent process, however it comes, and end this one."""
    connection.wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


@contextlib.contextmanager
def left_to_the_parent():
    """Processes that are started within the block get no Ctrl-C and no hang-up: their parent does.

    A signal that arrives within the block is handled after it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def environment(settings):
    """Set environment variables for the processes that are started within the block."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

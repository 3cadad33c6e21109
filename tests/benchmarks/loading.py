"""How much faster batches are made than trained on: python -m tests.benchmarks.loading

In seconds of the processor, so that other processes hardly matter. With OPENBLAS_NUM_THREADS=1
they are of one core. docs/on_pytorch.md shows the table.
"""

import itertools
import tempfile
import time

import numpy as np

from models import kinds

BATCHES, STEPS, WARM = 300, 12, 2


def tokens(batch):
    """How many tokens a batch has, without padding: those read and those to predict."""
    texts = [rows for rows in batch if isinstance(rows, np.ndarray) and rows.ndim == 2]
    return sum(np.count_nonzero(rows) for rows in texts)


def per_second(batches, use):
    """Tokens per second of the processor in which use(batch) is called."""
    count, start = 0, time.process_time()
    for batch in batches:
        use(batch)
        count += tokens(batch)
    return count / (time.process_time() - start)


def measured(model, folder):
    """Tokens per second made into batches, and trained on, with the default settings."""
    run, splits = kinds.start(folder, model, {})
    made = run.batches(splits.train)
    next(made)  # the order of the first epoch is drawn
    loading = per_second(itertools.islice(made, BATCHES), lambda batch: None)
    batches = list(itertools.islice(run.batches(splits.train), STEPS))
    run.model.train()
    for batch in batches[:WARM]:
        run.step(batch)
    return loading, per_second(batches[WARM:], run.step)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for model in kinds.KINDS:
            loading, training = measured(model, folder)
            ratio = loading / training
            print(f"| `{model}` | {loading:,.0f} | {training:,.0f} | {ratio:.0f} |", flush=True)

"""A run with the weights that its live page holds, so that both compute from the same numbers."""

import numpy as np

import minigrad


def trained(run, examples, steps):
    """The run after so many steps, with its weights rounded to float16."""
    for _, batch in zip(range(steps), run.batches(examples), strict=False):
        run.step(batch)
    run.model.eval()
    with minigrad.no_grad():
        for parameter in run.model.parameters():
            half = parameter.numpy().astype(np.float16).astype(np.float32)
            parameter.copy_(minigrad.tensor(half))
    return run

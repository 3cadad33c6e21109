"""What all tests share: seeds, and PyTorch where it is installed."""

import os

import numpy as np
import pytest

import minigrad


@pytest.fixture(autouse=True)
def _seed():
    """Every test starts from the same chance."""
    minigrad.manual_seed(0)
    np.random.seed(0)


@pytest.fixture(scope="session")
def torch():
    """PyTorch, to compare with. Without it the test is skipped, unless REQUIRE_TORCH is set."""
    if os.environ.get("REQUIRE_TORCH"):
        import torch
    else:
        torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


@pytest.fixture(scope="module")
def reader():
    """A reader with two layers and heads, trained a little: its weights differ, and none is 1."""
    from models.training.reading import Reading, Settings
    from models.tasks import coreference

    texts = coreference.corpus(200, validation=10, test=10).train
    run = Reading.start("", Settings(steps=10, embedding=8, heads=2), texts)
    for _, batch in zip(range(5), run.batches(texts), strict=False):
        run.step(batch)
    return run

"""Fixtures for all tests: seeds, PyTorch if it is installed, a small trained model."""

import gc
import os
import signal

# Before NumPy is loaded: there is a test on each core, so products must not use all of them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pytest

import minigrad


def pytest_collection_finish():
    """Keep the garbage collector from going through all collected tests again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _signals():
    """Signals as they are by default: under nohup, or in the background, some are ignored."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _seed():
    """Every test starts from the same seed."""
    minigrad.manual_seed(0)
    np.random.seed(0)


@pytest.fixture(scope="session")
def torch():
    """PyTorch, for comparisons; if it is missing: skip, or fail if REQUIRE_TORCH is set."""
    if os.environ.get("REQUIRE_TORCH"):
        import torch
    else:
        torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    return torch


@pytest.fixture(scope="module")
def reader():
    """Two layers with two heads, trained for a few steps, so that no attention weight is 0 or 1."""
    from models.training.reading import Reading, Settings
    from models.tasks import coreference

    texts = coreference.corpus(200, validation=10, test=10).train
    run = Reading.start("", Settings(steps=10, embedding=8, heads=2), texts)
    for _, batch in zip(range(5), run.batches(texts), strict=False):
        run.step(batch)
    return run

"""What is timed side by side gives the same losses; otherwise no ratio would mean anything."""

import numpy as np
import pytest

from tests.benchmarks.timing import TOLERANCE, US
from tests.benchmarks.training import FRAMEWORKS, weights
from tests.benchmarks.workloads import NAMES, Size, data

SIZE = Size(batch=4, time=6, words=30, hidden=16)
PEERS = {"PyTorch": "torch", "PyTorch fused": "torch", "HIPS autograd": "autograd", "by hand": None}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("peer", "package"), PEERS.items())
def test_losses_agree(name, peer, package):
    if package:
        pytest.importorskip(package)
    agree(name, peer, *data(name, SIZE))


@pytest.mark.parametrize("name", ["seq2seq", "attention", "self_attention"])
def test_by_hand_ignores_padding_too(name):
    inputs, target = data(name, SIZE)
    inputs[0][0, -2:] = 0
    agree(name, "by hand", inputs, target)


def agree(name, peer, *batch):
    state = weights(name, SIZE)
    steps = [FRAMEWORKS[framework](name, SIZE, state, batch) for framework in (US, peer)]
    ours, theirs = ([step() for _ in range(5)] for step in steps)
    assert ours[4] < ours[0]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE)

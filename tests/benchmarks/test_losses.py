"""What is timed side by side gives the same losses; otherwise no ratio would mean anything."""

import sys
from pathlib import Path

import numpy as np
import pytest

import minigrad
from tests.benchmarks import before
from tests.benchmarks.timing import TOLERANCE, US
from tests.benchmarks.training import FRAMEWORKS, steps, weights
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


def test_an_earlier_checkout_is_a_peer(monkeypatch):
    monkeypatch.setenv(before.FOLDER, str(Path(__file__).parents[2]))
    ours, earlier = steps("attention", SIZE, [US, "before"]).values()
    assert earlier() == ours()
    assert sys.modules[before.NAME].Tensor is not minigrad.Tensor


def test_without_one_it_is_left_out():
    assert list(steps("attention", SIZE, [US, "before"])) == [US]

"""Twice the work takes twice the time; a quadratic term would show in the larger size."""

import gc
import time

import pytest

import minigrad
from models.rnn import RNN

FACTOR, LIMIT = 16, 32  # of the size and of the time; linear growth is 16, quadratic growth 256


def chain(ops):
    """A chain of ops that all use the same leaf."""
    x = minigrad.tensor([0.5] * 8, requires_grad=True)
    y = x
    for _ in range(ops):
        y = y * x
    y.sum().backward()


def picks(count):
    """All rows of one array, picked one by one."""
    x = minigrad.zeros(count, 256, requires_grad=True)
    y = 0
    for i in range(count):
        y = y + x[i]
    y.sum().backward()


def sequence(time):
    """A recurrent layer over `time` words."""
    hs, _ = RNN(16, 16)(minigrad.zeros(64, time, 16), minigrad.zeros(64, 16))
    hs.sum().backward()


@pytest.mark.parametrize(("work", "size"), [(chain, 1000), (picks, 250), (sequence, 60)])
def test_time_grows_as_the_graph_does(work, size):
    small, large = [], []
    gc.disable()
    try:
        for _ in range(5):  # in turns; the fastest counts, so a busy machine matters little
            small.append(seconds(work, size))
            large.append(seconds(work, FACTOR * size))
    finally:
        gc.enable()
    assert min(large) < LIMIT * min(small)


def seconds(work, size):
    """Processor time of this thread; the other threads of BLAS spin, and do not count."""
    start = time.thread_time()
    work(size)
    return time.thread_time() - start

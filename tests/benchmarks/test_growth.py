"""Twice the work takes twice the time: what a quadratic term would show as a ratio of growth."""

import gc
import time

import pytest

import minigrad
from models.rnn import RNN

FOURFOLD = 8  # between 4, for linear growth, and 16, for quadratic growth


def chain(ops):
    """One op after the other; the leaf has a part in each."""
    x = minigrad.tensor([0.5] * 8, requires_grad=True)
    y = x
    for _ in range(ops):
        y = y * x
    y.sum().backward()


def picks(count):
    """All rows of one array, one by one."""
    x = minigrad.zeros(count, 32, requires_grad=True)
    y = 0
    for i in range(count):
        y = y + x[i]
    y.sum().backward()


def sequence(time):
    """A recurrent layer over so many words."""
    rnn = RNN(16, 16)
    hs, _ = rnn(minigrad.zeros(4, time, 16), minigrad.zeros(4, 16))
    hs.sum().backward()


@pytest.mark.parametrize(("work", "size"), [(chain, 2000), (picks, 1000), (sequence, 250)])
def test_time_grows_as_the_graph_does(work, size):
    small, large = [], []
    gc.disable()
    try:
        for _ in range(5):  # in turns, and the fastest of each, so that a busy machine shows little
            small.append(seconds(work, size))
            large.append(seconds(work, 4 * size))
    finally:
        gc.enable()
    assert min(large) < FOURFOLD * min(small)


def seconds(work, size):
    """Of the processor's time, not the clock's."""
    start = time.process_time()
    work(size)
    return time.process_time() - start

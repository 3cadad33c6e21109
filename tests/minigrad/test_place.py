"""Places: where in the caller's code an op was called."""

import _thread
import sys
import time

import pytest

import minigrad


def test_the_place_is_the_callers_line():
    y = minigrad.ones(2, requires_grad=True).abs()
    _, code, instruction = y.call.place
    assert code.co_name == "test_the_place_is_the_callers_line"
    assert instruction > 0


@pytest.mark.parametrize("function", [minigrad.exp, minigrad.sqrt, minigrad.squeeze, minigrad.max])
def test_a_thread_may_start_with_an_op(function, monkeypatch):
    """Then no caller's code is above it."""
    failed = []
    monkeypatch.setattr(sys, "unraisablehook", lambda raised: failed.append(raised.exc_value))
    _thread.start_new_thread(function, (minigrad.ones(2, requires_grad=True),))
    time.sleep(0.05)
    assert not failed

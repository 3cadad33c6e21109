"""Freed memory stays with the process, unless whoever started it said something else."""

import ctypes
import sys
from types import SimpleNamespace

import pytest

from minigrad import heap

CHOICES = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")


@pytest.fixture
def calls(monkeypatch):
    """What mallopt is called with, on a system that looks like Linux."""
    found = []
    library = SimpleNamespace(mallopt=lambda *given: found.append(given))
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in CHOICES:
        monkeypatch.delenv(name, raising=False)
    return found


def test_both_limits_are_set(calls):
    heap.keep_freed()
    assert calls == [(-1, 1 << 29), (-3, 1 << 25)]


@pytest.mark.parametrize("name", CHOICES)
def test_the_environment_decides(calls, monkeypatch, name):
    monkeypatch.setenv(name, "1000")
    heap.keep_freed()
    assert not calls


def test_other_systems_and_libraries_are_left_alone(calls, monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    heap.keep_freed()
    monkeypatch.setattr(sys, "platform", "darwin")
    heap.keep_freed()
    assert not calls

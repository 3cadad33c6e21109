"""Training on several machines, of which this is the only one."""

from __future__ import annotations

from typing import Any


def is_available() -> bool:
    """False: there is one process."""
    return False


is_initialized = is_torchelastic_launched = is_nccl_available = is_mpi_available = is_available


def get_rank(group: Any = None) -> int:
    """0: the number of this process."""
    return 0


def get_world_size(group: Any = None) -> int:
    """1: how many processes there are."""
    return 1


def barrier(*_: Any, **__: Any) -> None:
    """Does nothing: there is no other process to wait for."""


destroy_process_group = barrier


def init_process_group(*_: Any, **__: Any) -> None:
    """Raises RuntimeError: a program can ask `is_available()` first."""
    raise RuntimeError("init_process_group: minigrad trains in one process")

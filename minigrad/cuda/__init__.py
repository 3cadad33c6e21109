"""GPUs, of which there are none: programs ask whether there is one, and get False."""

from __future__ import annotations

from typing import Any

from ..device import on_cpu
from ..rooms import rooms


def is_available() -> bool:
    """False: minigrad computes on the CPU."""
    return False


def device_count() -> int:
    """0: there are no GPUs."""
    return 0


def is_initialized() -> bool:
    """False: there are no GPUs."""
    return False


def is_bf16_supported() -> bool:
    """False: there are no GPUs."""
    return False


def manual_seed(seed: int) -> None:
    """Accepted, and changes nothing: it would seed a GPU's generator."""


manual_seed_all = seed_all = manual_seed


def empty_cache() -> None:
    """Does nothing: there is no GPU whose memory could be freed."""


def synchronize(device: Any = None) -> None:
    """Does nothing: every op has finished when it returns."""


reset_peak_memory_stats = synchronize


def memory_allocated(device: Any = None) -> int:
    """0 bytes: there are no GPUs."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated


def _none(device: Any = None) -> Any:
    """Raises ValueError: there is only the CPU."""
    on_cpu("cuda")


current_device = get_device_name = get_device_properties = get_device_capability = set_device = (
    _none
)

FloatTensor = LongTensor = ByteTensor = _none
ROOMS = {"minigrad.cuda.amp": ""}
__getattr__ = rooms(__name__, ROOMS)

"""The device: there is only the CPU."""

from __future__ import annotations

from typing import Any


def on_cpu(device: Any) -> None:
    """Raise ValueError for any device but the CPU."""
    if str(device) != "cpu":
        raise ValueError(f'device {str(device)!r}: minigrad computes on "cpu" only')

"""torch.backends.cudnn: its switches can be set, and change nothing."""

from __future__ import annotations

enabled = allow_tf32 = True
deterministic = benchmark = False


def is_available() -> bool:
    """False: it is not here."""
    return False


def version() -> None:
    """None: it is not here."""

"""The old place of minigrad.amp."""

from ..amp import GradScaler, autocast

__all__ = ["GradScaler", "autocast"]

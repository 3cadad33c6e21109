"""The switches of PyTorch's libraries: they can be set, and change nothing."""

from __future__ import annotations

from typing import Any

from . import cudnn as cudnn


class _Backend:
    """A library that is not here. Its switches keep what they are set to."""

    def __init__(self, **switches: Any) -> None:
        self.__dict__ |= switches

    def is_available(self) -> bool:
        """False."""
        return False

    is_built = is_available

    def version(self) -> None:
        """None: it is not here."""


cuda = _Backend(matmul=_Backend(allow_tf32=False))

mps, mkl, mkldnn, openmp = _Backend(), _Backend(), _Backend(), _Backend()

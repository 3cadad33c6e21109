"""The heap keeps what was freed, for the next step.

A step of training frees in its backward pass what its forward pass allocated. glibc gives such
memory back to the system, which then has to map and clear each page again in the next step: a
fifth of a step of a Transformer. Without glibc, this room does nothing.
"""

from __future__ import annotations

import ctypes
import os
import sys

TRIM, MMAP = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
KEPT = 1 << 29  # bytes that stay with the process when they are free
LARGE = 1 << 25  # a larger array has pages of its own, which go when it goes


def keep_freed() -> None:
    """Keep up to `KEPT` bytes, unless the environment variables of glibc say something else."""
    chosen = {"MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"} & {*os.environ}
    if sys.platform == "linux" and not chosen:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt:
            mallopt(TRIM, KEPT)
            mallopt(MMAP, LARGE)

"""Numbers that are too many for the memory: written to a file in parts, and read by memory map."""

import mmap
import tempfile
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

AT_ONCE = 2**20  # numbers that are counted at once


def mapped(parts: Iterable[Sequence[int]]) -> NDArray[np.int32]:
    """The numbers of all parts as one array, of which the memory holds only what is being read.

    They are in a file without a name, which is gone when the array is. It takes 4 bytes per number
    in the folder for temporary files, which the environment variable TMPDIR can change.
    """
    with tempfile.TemporaryFile() as file:
        for part in parts:
            file.write(np.asarray(part, np.int32).tobytes())
        file.flush()
        return np.memmap(file, np.int32, "r") if file.tell() else np.empty(0, np.int32)


def counts(numbers: NDArray[np.int32], size: int) -> NDArray[np.int64]:
    """How often each number from 0 to size - 1 occurs; np.bincount would copy all of them."""
    found = np.zeros(size, np.int64)
    for start in range(0, len(numbers), AT_ONCE):
        found += np.bincount(numbers[start : start + AT_ONCE], minlength=size)
        forget(numbers)
    return found


def forget(numbers: NDArray[np.int32]) -> None:
    """Free the memory that holds what was read of mapped numbers; it is read again when needed."""
    base: object = numbers
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)

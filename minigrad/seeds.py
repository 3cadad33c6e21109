"""Where random numbers come from: NumPy's generator, seeded by `manual_seed`, or your own."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from .checks import whole
from .dtypes import Array
from .errors import shown


class _Random:
    generator: Any = None  # created on first use, because importing numpy.random is slow
    seed: int


def manual_seed(seed: int | None) -> None:
    """Seed the generator of all random numbers: the same seed gives the same numbers.

    Without a seed (None) it is a random one. PyTorch draws other numbers from the same seed.
    """
    _Random.seed = of_64_bits(seed)
    _Random.generator = np.random.default_rng(_Random.seed)


def of_64_bits(seed: int | None) -> int:
    """A seed from 0 to 2**64 - 1: negative ones count from the end, None is a random one."""
    if seed is None:
        return int.from_bytes(os.urandom(8), "little")
    seed = whole("manual_seed: the seed", seed, least=-(2**63))
    if seed >= 2**64:
        raise ValueError(f"manual_seed: a seed has 64 bits, {seed} has more")
    return seed % 2**64


def generator() -> Any:
    """The NumPy generator that all random numbers come from."""
    if _Random.generator is None:
        manual_seed(None)
    return _Random.generator


def source(given: Any = None) -> Any:
    """The NumPy generator of a Generator (None: of the one that all random numbers come from)."""
    if given is None:
        return generator()
    if not hasattr(given, "manual_seed"):
        raise TypeError(f"generator must be a Generator, not {shown(given)}")
    return given.source


def random(shape: tuple[int, ...] = (), given: Any = None) -> Array:
    """A float64 array, uniform in [0, 1), from a generator as in `source`."""
    return source(given).random(shape)


def chances(shape: tuple[int, ...], p: float) -> Array:
    """A bool array, each element True with probability p: as `random(shape) < p`.

    A random byte decides, except where it equals the whole part of 256 p, which a random number
    then compares with the rest. So p is as exact as there, in a third of the time.
    """
    whole, rest = divmod(256 * p, 1)
    drawn = np.frombuffer(generator().bytes(math.prod(shape)), np.uint8)
    found = drawn < int(whole)
    if rest:
        undecided = np.flatnonzero(drawn == int(whole))
        found[undecided] = random(undecided.shape) < rest
    return found.reshape(shape)

"""Random numbers: generators and their states, and tensors filled by a distribution.

What takes a `generator` draws from it; else from `default_generator`, which `manual_seed` seeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import checks, creation, seeds
from .compare import untracked
from .creation import multinomial as multinomial  # a method, too
from .device import CPU, on_cpu
from .dtypes import Array, only_floats
from .errors import broadcast_error, of_tensor, shown
from .graph import Op, value_of
from .seeds import source
from .tensor import Tensor

START = 67280421310721  # the seed of a new generator, as in PyTorch
WORDS = ("state", "inc")  # the two numbers of 128 bits in the state of NumPy's PCG64


class Generator:
    """A source of random numbers of its own, with its own seed.

    From the same seed, PyTorch draws other numbers.

    source  the NumPy generator
    """

    def __init__(self, device: Any = "cpu") -> None:
        on_cpu(device)
        self.device = CPU
        self._kept: Any = seeds._Random()
        self.manual_seed(START)

    @property
    def source(self) -> Any:
        return self._kept.generator

    def manual_seed(self, seed: int) -> Generator:
        """Start again with this seed: the same seed gives the same numbers."""
        self._kept.seed = seeds.of_64_bits(seed)
        self._kept.generator = np.random.default_rng(self._kept.seed)
        return self

    def seed(self) -> int:
        """Start again with a random seed, and return it."""
        self.manual_seed(seeds.of_64_bits(None))
        return self.initial_seed()

    def initial_seed(self) -> int:
        """The seed that it started with."""
        return self.source and self._kept.seed

    def get_state(self) -> Tensor:
        """All that decides which numbers come next, as a tensor of uint8."""
        state = self.source.bit_generator.state
        parts = [state["state"][word].to_bytes(16, "little") for word in WORDS]
        parts += [state[name].to_bytes(4, "little") for name in ("has_uint32", "uinteger")]
        parts.append(self.initial_seed().to_bytes(8, "little"))
        state_of: Any = Op.node(np.frombuffer(b"".join(parts), np.uint8).copy())
        return state_of

    def set_state(self, new_state: Tensor) -> Generator:
        """Go on from a state that `get_state` returned."""
        given = value_of(new_state)
        if not isinstance(given, Array) or given.dtype != np.uint8 or given.shape != (48,):
            what = "the state of a generator, uint8 of shape (48,)"
            raise TypeError(f"set_state: expected {what}, not {shown(new_state)}")
        data = given.tobytes()
        first, second, has, kept, seed = (
            int.from_bytes(data[start:end], "little")
            for start, end in ((0, 16), (16, 32), (32, 36), (36, 40), (40, 48))
        )
        self._kept.generator, self._kept.seed = np.random.default_rng(0), seed
        self._kept.generator.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": dict(zip(WORDS, (first, second), strict=True)),
            "has_uint32": has,
            "uinteger": kept,
        }
        return self

    def clone_state(self) -> Generator:
        """Another generator that goes on with the same numbers."""
        return Generator().set_state(self.get_state())


class _Default(Generator):
    """The generator that all random numbers come from, if no other is given."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = seeds._Random

    @property
    def source(self) -> Any:
        return seeds.generator()


default_generator = _Default()


def initial_seed() -> int:
    """The seed of the default generator."""
    return default_generator.initial_seed()


def seed() -> int:
    """Give the default generator a random seed, and return it."""
    return default_generator.seed()


def get_rng_state() -> Tensor:
    """The state of the default generator, as a tensor of uint8."""
    return default_generator.get_state()


def set_rng_state(new_state: Tensor) -> None:
    """Let the default generator go on from a state."""
    default_generator.set_state(new_state)


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True, **_: Any) -> Iterator[None]:
    """A context; afterwards the default generator goes on as if nothing had been drawn inside."""
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)


# --- new tensors -------------------------------------------------------------------------------


def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Any = None, **options: Any
) -> Tensor:
    """Normal random numbers: of one mean and standard deviation, or of tensors with one each.

    normal(tensor, tensor), normal(tensor, number) and normal(number, tensor) have the shape to
    which both broadcast; normal(number, number, size) has that size, and takes the options of
    `randn`.
    """
    given = [value_of(x) for x in (mean, std)]
    if not np.all(given[1] >= 0):
        raise RuntimeError("normal: std must not be negative")
    if size is not None:
        mean, std = (checks.number(f"normal: {n}", x) for n, x in (("mean", mean), ("std", std)))
        return creation.randn(size, generator=generator, **options) * std + mean
    tensors = {n: x for n, x in zip(("mean", "std"), given, strict=True) if isinstance(x, Array)}
    if not tensors:
        raise TypeError("normal: give a size, or tensors: normal(mean, std, size)")
    checks.floats("normal", **tensors)
    if wrong := broadcast_error(*given):
        raise RuntimeError(f"normal: {wrong}")
    first, *_ = tensors.values()
    shape = np.broadcast_shapes(*map(np.shape, given))
    drawn = source(generator).standard_normal(shape) * given[1] + given[0]
    made: Any = Op.node(np.asarray(drawn, first.dtype))
    return made


@of_tensor
@untracked
def bernoulli(x: Array, p: Any = None, *, generator: Any = None) -> Any:
    """1 with the probability that each element of x is, else 0, in its dtype; or p for all."""
    return _bernoulli("bernoulli", x, only_floats(x) if p is None else p, generator)


def _bernoulli(name: str, x: Array, p: Any, generator: Any) -> Array:
    if not np.all((p >= 0) & (p <= 1)):
        raise RuntimeError(f"{name}: a probability must be from 0 to 1")
    return np.asarray(source(generator).random(x.shape) < p, x.dtype)


# --- in place ----------------------------------------------------------------------------------


def normal_(x: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with normal random numbers."""
    checks.floats("normal_", input=x)
    if not std >= 0:
        raise RuntimeError(f"normal_: std must not be negative, got {std}")
    return _filled(x, source(generator).standard_normal(x.shape) * float(std) + float(mean))


def uniform_(
    x: Tensor, low: float = 0.0, to: float = 1.0, *, generator: Any = None, **named: float
) -> Tensor:
    """Fill with random numbers, uniform in [from, to): uniform_(from, to)."""
    checks.floats("uniform_", input=x)
    low, to = float(named.pop("from", low)), float(to)
    if not low <= to or named:
        raise RuntimeError(f"uniform_(from, to): from must be at most to, got {low} and {to}")
    kind = value_of(x).dtype.type
    drawn = (source(generator).random(x.shape) * (to - low) + low).astype(kind)
    most = np.nextafter(kind(to), kind(low))  # in float32, rounding may reach `to`
    return _filled(x, np.minimum(drawn, most) if low < to else drawn)


def bernoulli_(x: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    """Fill with 1, with probability p (a number, or a tensor with one each), and 0."""
    return _filled(x, _bernoulli("bernoulli_", value_of(x), value_of(p), generator))


def random_(x: Tensor, *bounds: int, to: Any = None, generator: Any = None) -> Tensor:
    """Fill with ints, uniform in from, …, to - 1: random_(from, to), random_(to), random_().

    Without bounds: all ints from 0 that the dtype has exactly.
    """
    dtype = value_of(x).dtype
    bits = {"b": 1, "f": np.finfo(dtype).nmant + 1 if dtype.kind == "f" else 0}
    most = 2 ** bits[dtype.kind] if dtype.kind in bits else int(np.iinfo(dtype).max) + 1
    low, high = {0: (0, most), 1: (0, *bounds), 2: bounds}[len(bounds)] if to is None else (
        bounds[0] if bounds else 0, to,
    )  # fmt: skip
    low, high = (checks.whole(f"random_: {n}", v, None) for n, v in (("from", low), ("to", high)))
    if low >= high:
        raise RuntimeError(f"random_(from, to): from must be less than to, got {low} and {high}")
    return _filled(x, source(generator).integers(low, high, x.shape))


def exponential_(x: Tensor, lambd: float = 1.0, *, generator: Any = None) -> Tensor:
    """Fill with numbers of the exponential distribution with this rate: its mean is 1 / lambd."""
    checks.floats("exponential_", input=x)
    if not lambd > 0:
        raise RuntimeError(f"exponential_: lambd must be positive, got {lambd}")
    return _filled(x, source(generator).standard_exponential(x.shape) / float(lambd))


def _filled(x: Tensor, values: Array) -> Tensor:
    """x with these values, written in place."""
    return x._write(..., np.asarray(values, value_of(x).dtype), method="copy_")

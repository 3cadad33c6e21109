"""Samplers: in which order the examples of a dataset come, and which of them make a batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar

from ...creation import multinomial, randint, randperm, tensor
from ...dtypes import float64
from ...errors import shown
from ...sampling import Generator
from ...seeds import source
from ...tensor import Tensor

T_co = TypeVar("T_co", covariant=True)


class Sampler(Generic[T_co]):
    """The base of samplers: a subclass implements `__iter__`, which gives indices."""

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__")


class SequentialSampler(Sampler[int]):
    """0, 1, … up to the last example."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """All indices in random order; or num_samples of them, with `replacement` drawn independently.

    Without replacement, more samples than examples are several random orders one after another.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Any = None,
    ) -> None:
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self._num_samples = num_samples
        if not isinstance(replacement, bool):
            what = f"replacement must be True or False, not {shown(replacement)}"
            raise TypeError(f"RandomSampler: {what}")
        _positive("RandomSampler: num_samples", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many indices it gives; the dataset may still grow."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        n, left = len(self.data_source), self.num_samples
        generator = self.generator
        if generator is None:  # one of its own, so that other draws do not change the order
            generator = Generator().manual_seed(int(source().integers(2**63)))
        while left > 0:
            if self.replacement:
                drawn = randint(n, (min(left, 32),), generator=generator).tolist()
            else:
                drawn = randperm(n, generator=generator).tolist()[:left]
            yield from drawn
            left -= len(drawn)

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given indices in random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        self.indices, self.generator = indices, generator

    def __iter__(self) -> Iterator[int]:
        for i in randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """num_samples indices, each drawn with its weight; the weights need not add up to 1."""

    def __init__(
        self,
        weights: Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: Any = None,
    ) -> None:
        _positive("WeightedRandomSampler: num_samples", num_samples)
        _flag("WeightedRandomSampler: replacement", replacement)
        self.weights: Tensor = tensor(weights, dtype=float64)
        if self.weights.ndim != 1:
            what = f"weights must have one dim, not shape {tuple(self.weights.shape)}"
            raise ValueError(f"WeightedRandomSampler: {what}")
        self.num_samples, self.replacement = num_samples, replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        given = self.weights, self.num_samples, self.replacement
        return iter(multinomial(*given, generator=self.generator).tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of batch_size indices; the last one may be shorter, or is left out (drop_last)."""

    def __init__(
        self, sampler: Sampler[int] | Iterable[int], batch_size: int, drop_last: bool
    ) -> None:
        _positive("BatchSampler: batch_size", batch_size)
        _flag("BatchSampler: drop_last", drop_last)
        self.sampler: Any = sampler
        self.batch_size, self.drop_last = batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + bool(rest and not self.drop_last)


def _positive(what: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{what} must be an int from 1, not {shown(value)}")


def _flag(what: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{what} must be True or False, not {shown(value)}")

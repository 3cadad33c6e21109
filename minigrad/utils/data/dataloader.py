"""DataLoader: the batches of a dataset.

All is loaded in this process: workers, pinned memory and the like are accepted, and change nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from .collate import default_collate, default_convert
from .dataset import Dataset, IterableDataset, Subset, TensorDataset
from .sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler

T_co = TypeVar("T_co", covariant=True)
FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


def get_worker_info() -> None:
    """None: as in PyTorch, where this process is no worker."""


class DataLoader(Generic[T_co]):
    """Gives the batches of a dataset, each time that it is iterated over.

    batch_size     None: single examples
    shuffle        in a new random order each time
    sampler        gives the indices instead; a batch_sampler, lists of them
    collate_fn     makes a batch of a list of examples (default: `default_collate`)
    drop_last      leave out a last batch that is shorter
    generator      what the random order comes from

    num_workers and worker_init_fn, pin_memory, timeout and the rest are accepted.

    PyTorch loads in num_workers processes; here all is loaded in this one, and `worker_init_fn` is
    not called.
    """

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Iterable[Any] | None = None,
        batch_sampler: Sampler[list[Any]] | Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        self.dataset, self.num_workers, self.timeout = dataset, num_workers, timeout
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.worker_init_fn, self.multiprocessing_context = worker_init_fn, multiprocessing_context
        self.in_order, self.persistent_workers = in_order, persistent_workers
        _check_order(dataset, batch_size, shuffle, sampler, batch_sampler, drop_last)
        if sampler is None:
            sampler = _default_sampler(dataset, shuffle, generator)
        if batch_sampler is not None:
            batch_size, drop_last = None, False
        elif batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size, self.drop_last, self.generator = batch_size, drop_last, generator
        self.sampler, self.batch_sampler = sampler, batch_sampler
        own = default_convert if batch_sampler is None else default_collate
        self.collate_fn = own if collate_fn is None else collate_fn
        self._complete = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and getattr(self, "_complete", False):
            raise ValueError(f"{name} is set when a DataLoader is made, and not changed: make one")
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        return _Batches(self)

    def __len__(self) -> int:
        if not isinstance(self.dataset, IterableDataset):
            indices: Any = self.sampler if self.batch_sampler is None else self.batch_sampler
            return len(indices)
        length = len(self.dataset)  # type: ignore[arg-type]
        if self.batch_size is None:
            return length
        whole, rest = divmod(length, self.batch_size)
        return whole + bool(rest and not self.drop_last)

    def _batches(self) -> Iterator[Any]:
        """The batches or, without them, single examples, converted."""
        dataset: Any = self.dataset
        if isinstance(dataset, IterableDataset):
            yield from map(self.collate_fn, self._streamed(iter(dataset)))
        elif self.batch_sampler is None:
            for index in self.sampler:
                yield self.collate_fn(dataset[index])
        else:
            several = getattr(dataset, "__getitems__", None)
            for batch in self.batch_sampler:
                rows = rows_of(dataset, batch) if self.collate_fn is default_collate else None
                if rows is None:
                    examples = several(batch) if several else [dataset[index] for index in batch]
                    rows = self.collate_fn(examples)
                yield rows

    def _streamed(self, examples: Iterator[Any]) -> Iterator[Any]:
        if self.batch_size is None:
            yield from examples
            return
        while batch := list(itertools.islice(examples, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch


class _Batches:
    """One pass over a DataLoader."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self.loader, self.batches = loader, loader._batches()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self.batches)

    def __len__(self) -> int:
        return len(self.loader)


def rows_of(dataset: Any, indices: list[int]) -> list[Any] | None:
    """The collated batch of a dataset of tensors, taken at once; None for any other dataset.

    The same as collating single examples, in a twentieth of the time.
    """
    if type(dataset) is Subset:
        return rows_of(dataset.dataset, [dataset.indices[i] for i in indices])
    if type(dataset) is not TensorDataset or {*map(type, indices)} != {int}:
        return None
    return [tensor[indices] for tensor in dataset.tensors]


def _default_sampler(dataset: Any, shuffle: Any, generator: Any) -> Any:
    """In random order, or in their order; of an IterableDataset, without end."""
    if isinstance(dataset, IterableDataset):
        return itertools.repeat(None)
    return RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)


def _check_workers(workers: int, timeout: float, prefetch: int | None, persistent: bool) -> None:
    """Raise ValueError for what PyTorch refuses, though nothing here depends on it."""
    named = (("num_workers", workers), ("timeout", timeout), ("prefetch_factor", prefetch or 0))
    for name, value in named:
        if value < 0:
            raise ValueError(f"DataLoader: {name} must not be negative, got {value}")
    if not workers and (persistent or prefetch is not None):
        name = "persistent_workers" if persistent else "prefetch_factor"
        raise ValueError(f"DataLoader: {name} needs num_workers > 0")


def _check_order(
    dataset: Any, batch_size: Any, shuffle: Any, sampler: Any, batch_sampler: Any, drop_last: bool
) -> None:
    """Raise ValueError for arguments that exclude each other."""
    named = (("shuffle", shuffle), ("sampler", sampler), ("batch_sampler", batch_sampler))
    if isinstance(dataset, IterableDataset):
        for name, value in named:
            if value is not None and value is not False:
                raise ValueError(f"DataLoader: an IterableDataset has its own order: no {name}")
    if sampler is not None and shuffle:
        raise ValueError("DataLoader: give a sampler, or shuffle=True, not both")
    alone = batch_size == 1 and not shuffle and sampler is None and not drop_last
    if batch_sampler is not None and not alone:
        others = "batch_size, shuffle, sampler and drop_last"
        raise ValueError(f"DataLoader: batch_sampler excludes {others}")
    if batch_sampler is None and batch_size is None and drop_last:
        raise ValueError("DataLoader: without batches (batch_size=None) there is no drop_last")

"""Sequences of different lengths in one batch: padded, or packed without padding.

    padded                     packed
    a1 a2 a3                   a1 b1 c1 · a2 b2 · a3
    b1 b2  0                   batch_sizes (3, 2, 1): how many sequences have a step 1, 2, 3
    c1  0  0

A packed batch is step after step, the longest sequence first. A recurrent layer then computes
nothing for padding, and its last states are those after each sequence's own last element.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from ...checks import flag, tensors, whole
from ...compare import argsort
from ...creation import tensor as new_tensor
from ...dtypes import Array, float32, float64, int64
from ...errors import shown
from ...functions import cat, stack
from ...functions import unbind as slices
from ...graph import value_of
from ...ops import cast, getitem, put_at, reshape
from ...picking import index_select
from ...tensor import Tensor


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Packed):
    """Sequences packed step after step: made by pack_padded_sequence or pack_sequence.

    data              (elements, …): all elements of the sequences, no padding
    batch_sizes       (longest,) int64: the number of sequences that have each step
    sorted_indices    (batch,): the order by length, in which they are packed; None if as given
    unsorted_indices  (batch,): the inverse permutation
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Any,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> Self:
        if batch_sizes is None:  # as one pair
            if not (isinstance(data, tuple | list) and len(data) == 2):
                given = shown(data)
                raise AssertionError(f"PackedSequence: give data and batch_sizes, not {given} only")
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args: Any, **kwargs: Any) -> Self:
        """Convert the data; returns self if nothing changes."""
        data = self.data.to(*args, **kwargs)
        return self if data is self.data else type(self)(data, *self[1:])

    def double(self) -> Self:
        """Convert the data to float64."""
        return self.to(dtype=float64)

    def float(self) -> Self:
        """Convert the data to float32."""
        return self.to(dtype=float32)

    def long(self) -> Self:
        """Convert the data to int64."""
        return self.to(dtype=int64)

    def cpu(self) -> Self:
        """Unchanged: the CPU is the only device."""
        return self

    def pin_memory(self) -> Self:
        """Unchanged."""
        return self

    @property
    def is_cuda(self) -> bool:
        """False."""
        return False

    def is_pinned(self) -> bool:
        """False."""
        return False


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The inverse of a permutation: a tensor (n,) of int64."""
    return None if permutation is None else argsort(permutation)


def pack_padded_sequence(
    input: Tensor,
    lengths: Tensor | Sequence[int],
    batch_first: bool = False,
    enforce_sorted: bool = True,
) -> PackedSequence:
    """Pack a padded batch: (time, batch, …) and the length of each sequence.

    With batch_first, input is (batch, time, …). The lengths must be sorted, the longest first,
    unless enforce_sorted is False: then the sequences are sorted here.
    """
    name = "pack_padded_sequence"
    tensors(name, input=input)
    at = 0 if flag(f"{name}: batch_first", batch_first) else 1
    if input.ndim < 2:
        raise IndexError(f"{name}: input is (time, batch, …), not of shape {input.shape}")
    numbers = np.asarray(value_of(lengths), int64)
    order = None
    if not flag(f"{name}: enforce_sorted", enforce_sorted) and numbers.ndim == 1:
        order = new_tensor(argsort(numbers, descending=True))
        numbers, input = numbers[order.value], index_select(input, at, order)
    _check_lengths(name, numbers, input.shape[at], input.shape[1 - at])
    sizes = (numbers > np.arange(numbers.max())[:, None]).sum(1)  # (longest,)
    data = getitem(reshape(input, shape=_merged(input)), index=_rows(sizes, input.shape[:2], at))
    return PackedSequence(data, new_tensor(sizes), order)


def _check_lengths(name: str, lengths: Array, batch: int, longest: int) -> None:
    """Raise RuntimeError unless there is a length for each sequence, from 1 up, sorted."""
    if lengths.ndim != 1 or len(lengths) != batch:
        given = f"{lengths.shape} for a batch of {batch}"
        raise RuntimeError(f"{name}: lengths must have one length per sequence, not shape {given}")
    if not batch:
        raise RuntimeError(f"{name}: there are no sequences to pack")
    if lengths.min() < 1 or lengths.max() > longest:
        wrong = next(n for n in lengths.tolist() if not 1 <= n <= longest)
        raise RuntimeError(f"{name}: lengths must lie from 1 to {longest}, not {wrong}")
    if (np.diff(lengths) > 0).any():
        raise RuntimeError(
            f"{name}: lengths must be sorted, the longest first; or give enforce_sorted=False"
        )


def _merged(x: Tensor) -> tuple[int, ...]:
    """The shape of x with its first two dims merged."""
    return (x.shape[0] * x.shape[1], *x.shape[2:])


def _rows(sizes: Array, shape: tuple[int, ...], batch_dim: int) -> Array:
    """For each packed element, its row in the padded batch with the first two dims merged."""
    step = np.repeat(np.arange(len(sizes)), sizes)
    sequence = np.arange(len(step)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return step * shape[1] + sequence if batch_dim else sequence * shape[1] + step


def pad_packed_sequence(
    sequence: PackedSequence,
    batch_first: bool = False,
    padding_value: float = 0.0,
    total_length: int | None = None,
) -> tuple[Tensor, Tensor]:
    """The padded batch (time, batch, …), or (batch, time, …), and the lengths (batch,) int64.

    The time is that of the longest sequence, or total_length. The sequences come in the order in
    which they were before packing.
    """
    name = "pad_packed_sequence"
    if not isinstance(sequence, _Packed):
        raise AttributeError(f"{name} takes a PackedSequence, not {shown(sequence)}")
    data, sizes = sequence.data, value_of(sequence.batch_sizes)
    longest = len(sizes) if total_length is None else whole(f"{name}: total_length", total_length)
    if longest < len(sizes):
        raise ValueError(
            f"{name}: total_length is {longest}, but the longest sequence has {len(sizes)} elements"
        )
    at = 0 if flag(f"{name}: batch_first", batch_first) else 1
    shape = (longest, int(sizes[0])) if at else (int(sizes[0]), longest)
    empty = np.full((shape[0] * shape[1], *data.shape[1:]), padding_value, value_of(data).dtype)
    padded: Any = put_at(empty, data, index=_rows(sizes, shape, at))
    padded = reshape(padded, shape=(*shape, *data.shape[1:]))
    lengths = new_tensor((sizes > np.arange(sizes[0])[:, None]).sum(1))
    if sequence.unsorted_indices is None:
        return padded, lengths
    order = sequence.unsorted_indices
    return index_select(padded, at, order), lengths[order]


def pad_sequence(
    sequences: Iterable[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    padding_side: str = "right",
) -> Tensor:
    """Sequences (length, …) of any lengths as one batch (longest, batch, …), padded at their end.

    With batch_first the batch is (batch, longest, …); padding_side "left" pads at the beginning.
    The dtype is that of the first sequence.
    """
    name = "pad_sequence"
    if not isinstance(sequences, Iterable):
        raise RuntimeError(f"{name} takes a list of tensors, not {shown(sequences)}")
    given = list(sequences)
    if not given:
        raise RuntimeError(f"{name}: the list of sequences is empty")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f'{name}: padding_side is "left" or "right", not {shown(padding_side)}')
    for x in given:
        tensors(name, sequences=x)
        if not x.ndim or x.shape[1:] != given[0].shape[1:]:
            shapes = f"{given[0].shape} and {x.shape}"
            raise RuntimeError(f"{name}: sequences differ in their first dim only, not {shapes}")
    longest, first = max(len(x) for x in given), value_of(given[0]).dtype
    padded: list[Any] = []
    for x in given:
        if x.dtype != first:
            x = cast(x if first.kind == "f" else value_of(x), dtype=first)
        padding: Any = np.full((longest - len(x), *x.shape[1:]), padding_value, first)
        padded.append(cat([x, padding] if padding_side == "right" else [padding, x]))
    return stack(padded, 0 if flag(f"{name}: batch_first", batch_first) else 1)


def unpad_sequence(
    padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False
) -> list[Tensor]:
    """The sequences of a padded batch: a list of tensors (length, …), the inverse of pad_sequence.

    PyTorch transposes padded_sequences (time, batch, …) in place; here it stays as it is.
    """
    at = 0 if flag("unpad_sequence: batch_first", batch_first) else 1
    pairs = zip(slices(padded_sequences, at), value_of(lengths), strict=True)
    return [getitem(x, index=slice(0, int(n))) for x, n in pairs]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack a list of sequences (length, …), the longest first unless enforce_sorted is False."""
    lengths = [len(x) for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences of a packed batch, as a list of tensors (length, …): of `pack_sequence`."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)

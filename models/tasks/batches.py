"""Batches: padded arrays of ids from pairs of different lengths, and the order of training."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .pairs import Pair
from .vocabulary import Vocabulary

Ids = NDArray[np.int64]

# Batches per bucket. Pairs are sorted by length within a bucket: it is large enough to find pairs
# of similar length, and small enough that every epoch mixes them differently.
BATCHES_IN_A_BUCKET = 50


class Batch(NamedTuple):
    """Pairs as ids, int64, padded on the right with `PAD`.

    The decoder reads `target_in` and must predict `target_out`: at each step the next word. The
    source has neither BEGIN nor END, so the columns of the attention weights are exactly its words.
    """

    source: Ids  # w1 w2 …        (batch, source)
    target_in: Ids  # BEGIN w1 w2 …  (batch, target)
    target_out: Ids  # w1 w2 … END    (batch, target)
    pairs: list[Pair]  # one per row, in order


def make_batch(
    pairs: Sequence[Pair], source_vocabulary: Vocabulary, target_vocabulary: Vocabulary
) -> Batch:
    """The batch of the pairs: one pair per row, padded to the longest."""
    if not pairs:
        raise ValueError("make_batch: no pairs: a batch has at least one row")
    return _batch(list(pairs), *_encoded(pairs, source_vocabulary, target_vocabulary))


def _encoded(
    pairs: Sequence[Pair], source_vocabulary: Vocabulary, target_vocabulary: Vocabulary
) -> tuple[list[list[int]], list[list[int]]]:
    """The ids of all sources, and those of all targets."""
    for row, pair in enumerate(pairs):
        if not pair.source:
            raise ValueError(f"make_batch: pair {row} has no source words: nothing to attend to")
    sources = [source_vocabulary.encode(pair.source) for pair in pairs]
    return sources, [target_vocabulary.encode(pair.target) for pair in pairs]


def _batch(pairs: list[Pair], sources: list[list[int]], targets: list[list[int]]) -> Batch:
    return Batch(
        source=_padded(sources),
        target_in=_padded([[Vocabulary.BEGIN, *target] for target in targets]),
        target_out=_padded([[*target, Vocabulary.END] for target in targets]),
        pairs=pairs,
    )


def _padded(rows: list[list[int]]) -> Ids:
    ids = np.full((len(rows), max(map(len, rows))), Vocabulary.PAD, dtype=np.int64)
    for row, values in enumerate(rows):
        ids[row, : len(values)] = values
    return ids


def batches(
    pairs: Sequence[Pair],
    source_vocabulary: Vocabulary,
    target_vocabulary: Vocabulary,
    batch_size: int,
    seed: int | tuple[int, int] | None = None,
) -> Iterator[Batch]:
    """One epoch: every pair exactly once; one batch may be smaller than the others.

    Without a seed the pairs keep their order, for evaluation. With a seed they are shuffled, and
    sentences of similar length share a batch, so there is little padding. The same seed gives the
    same epoch.
    """
    order = _epoch(pairs, batch_size, seed)
    return (
        make_batch([pairs[i] for i in rows], source_vocabulary, target_vocabulary) for rows in order
    )


def batch_stream(
    pairs: Sequence[Pair],
    source_vocabulary: Vocabulary,
    target_vocabulary: Vocabulary,
    batch_size: int,
    seed: int,
    start: int = 0,
) -> Iterator[Batch]:
    """An endless stream of epochs; epoch e is `batches` with the seed (seed, e).

    `start` is the step to begin with. What follows is exactly what an uninterrupted stream would
    give from there, and the batches before it are never built.
    """
    first_epoch, skipped = divmod(start, _steps(pairs, batch_size))
    encoded = _encoded(pairs, source_vocabulary, target_vocabulary)  # once, for all epochs
    for epoch in count(first_epoch):
        for rows in _epoch(pairs, batch_size, (seed, epoch))[skipped:]:
            yield _batch(*([some[i] for i in rows] for some in (pairs, *encoded)))
        skipped = 0


def _steps(pairs: Sequence[Pair], batch_size: int) -> int:
    """The number of batches in an epoch, whatever its seed."""
    if batch_size < 1 or not pairs:
        raise ValueError(
            f"batches: {len(pairs)} pairs in batches of {batch_size}: at least one pair, "
            "and a batch_size of at least 1"
        )
    return -(-len(pairs) // batch_size)


def _epoch(pairs: Sequence[Pair], batch_size: int, seed: int | tuple[int, int] | None) -> list[Ids]:
    """The batches of one epoch, each as the indices of its pairs."""
    steps = _steps(pairs, batch_size)
    order = np.arange(len(pairs))
    if seed is None:
        return _cut(order, batch_size)
    rng = np.random.default_rng(seed)
    rng.shuffle(order)
    lengths = np.array([(len(pair.target), len(pair.source)) for pair in pairs])[order]
    buckets = np.arange(len(pairs)) // (BATCHES_IN_A_BUCKET * batch_size)
    # lexsort's last key counts most: by bucket, then by source length, then by target length.
    sorted_batches = _cut(order[np.lexsort((*lengths.T, buckets))], batch_size)
    return [sorted_batches[i] for i in rng.permutation(steps)]


def _cut(order: Ids, batch_size: int) -> list[Ids]:
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]

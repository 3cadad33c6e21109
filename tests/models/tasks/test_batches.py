import itertools
import random

import numpy as np
import pytest

from models.tasks.batches import batch_stream, batches, make_batch
from models.tasks.pairs import Pair
from models.tasks.vocabulary import Vocabulary


def pairs_of(count):
    """Pairs of 1 to 20 words, all different."""
    rng = random.Random(0)
    words = ["a", "b", "c", "d"]
    return [
        Pair((f"s{i}", *rng.choices(words, k=length)), tuple(rng.choices(words, k=length + 1)))
        for i in range(count)
        for length in [rng.randrange(20)]
    ]


PAIRS = pairs_of(103)
VOCABULARIES = (
    Vocabulary.build(pair.source for pair in PAIRS),
    Vocabulary.build(pair.target for pair in PAIRS),
)


def rows(stream):
    return [batch.pairs for batch in stream]


def flat(lists):
    return list(itertools.chain.from_iterable(lists))


def test_the_padded_arrays():
    pairs = [Pair(("x", "y", "?"), ("p",)), Pair(("y",), ("q", "p"))]
    batch = make_batch(pairs, Vocabulary.build([["x", "y"]]), Vocabulary.build([["p"], ["p", "q"]]))
    pad, begin, end, unknown = range(4)
    assert batch.source.tolist() == [[4, 5, unknown], [5, pad, pad]]
    assert batch.target_in.tolist() == [[begin, 4, pad], [begin, 5, 4]]
    assert batch.target_out.tolist() == [[4, end, pad], [5, 4, end]]
    assert batch.pairs == pairs
    assert {ids.dtype for ids in batch[:3]} == {np.dtype(np.int64)}


def test_rows_decode_to_their_pairs():
    for batch in batches(PAIRS, *VOCABULARIES, batch_size=10, seed=0):
        for source, target, pair in zip(batch.source, batch.target_out, batch.pairs, strict=True):
            assert VOCABULARIES[0].decode(source) == list(pair.source)
            assert VOCABULARIES[1].decode(target) == list(pair.target)


def test_without_a_seed_the_order_is_kept():
    epoch = rows(batches(PAIRS, *VOCABULARIES, batch_size=10))
    assert flat(epoch) == PAIRS
    assert [len(batch) for batch in epoch] == [10] * 10 + [3]


@pytest.mark.parametrize("batch_size", [1, 2, 10, 103, 500])
def test_an_epoch_has_every_pair_once(batch_size):
    epoch = rows(batches(PAIRS, *VOCABULARIES, batch_size, seed=3))
    assert len(epoch) == -(-len(PAIRS) // batch_size)
    assert flat(epoch) != PAIRS
    assert sorted(flat(epoch)) == sorted(PAIRS)


def test_the_seed_decides_the_epoch():
    first, again, other = (
        rows(batches(PAIRS, *VOCABULARIES, batch_size=10, seed=seed)) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_sentences_of_similar_length_share_a_batch():
    pairs = pairs_of(2_000)

    def padding(seed):
        source = [batch.source for batch in batches(pairs, *VOCABULARIES, 20, seed=seed)]
        return sum((ids == Vocabulary.PAD).sum() for ids in source)

    assert padding(seed=0) < padding(seed=None) / 10


def test_the_stream_goes_through_epochs():
    stream = rows(itertools.islice(batch_stream(PAIRS, *VOCABULARIES, 10, seed=7), 22))
    assert stream[:11] == rows(batches(PAIRS, *VOCABULARIES, 10, seed=(7, 0)))
    assert stream[11:] == rows(batches(PAIRS, *VOCABULARIES, 10, seed=(7, 1)))
    assert stream[:11] != stream[11:]


@pytest.mark.parametrize("start", [0, 1, 10, 11, 12, 25])
def test_a_stream_resumes_anywhere(start):
    whole = itertools.islice(batch_stream(PAIRS, *VOCABULARIES, 10, seed=7), start, start + 15)
    resumed = batch_stream(PAIRS, *VOCABULARIES, 10, seed=7, start=start)
    for expected, batch in zip(whole, resumed, strict=False):
        assert batch.pairs == expected.pairs
        for ids, expected_ids in zip(batch[:3], expected[:3], strict=True):
            assert np.array_equal(ids, expected_ids)


def test_skipped_batches_are_not_made():
    millionth = next(batch_stream(PAIRS, *VOCABULARIES, 10, seed=7, start=1_000_000))
    assert len(millionth.pairs) in (3, 10)


def test_mistakes_are_explained():
    with pytest.raises(ValueError, match="no pairs"):
        make_batch([], *VOCABULARIES)
    with pytest.raises(ValueError, match="pair 1 has no source words"):
        make_batch([PAIRS[0], Pair((), ("a",))], *VOCABULARIES)
    with pytest.raises(ValueError, match="at least one pair"):
        batches([], *VOCABULARIES, batch_size=10)
    with pytest.raises(ValueError, match="batches of 0"):
        next(batch_stream(PAIRS, *VOCABULARIES, batch_size=0, seed=0))

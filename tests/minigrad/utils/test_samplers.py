"""Samplers: the contract of each, and the distribution of random ones."""

import collections

import numpy as np
import pytest

import minigrad
from minigrad.utils.data import (
    BatchSampler, RandomSampler, SequentialSampler, SubsetRandomSampler, WeightedRandomSampler,
)  # fmt: skip


def seeded(seed=0):
    return minigrad.Generator().manual_seed(seed)


# Samplers of range(n), given a generator, and how many indices each gives.
RANDOM = {
    "RandomSampler": (lambda g: RandomSampler(range(9), generator=g), 9),
    "few": (lambda g: RandomSampler(range(9), num_samples=4, generator=g), 4),
    "many": (lambda g: RandomSampler(range(9), num_samples=22, generator=g), 22),
    "replacement": (lambda g: RandomSampler(range(9), True, 70, generator=g), 70),
    "SubsetRandomSampler": (lambda g: SubsetRandomSampler([3, 5, 7, 2], generator=g), 4),
    "Weighted": (lambda g: WeightedRandomSampler([1, 2, 0, 1], 50, generator=g), 50),
    "Weighted, once": (
        lambda g: WeightedRandomSampler([1.0, 2.0, 0.5, 1.0], 3, False, generator=g),
        3,
    ),
}
ALL = pytest.mark.parametrize("name", RANDOM)


@ALL
def test_lengths_and_ints(name):
    make, n = RANDOM[name]
    for sampler in (make(None), make(seeded())):
        found = list(sampler)
        assert len(sampler) == len(found) == n
        assert {type(i) for i in found} == {int}
        others = [list(sampler) for _ in range(5)]
        assert any(one != found for one in others)


@ALL
def test_a_generator_gives_the_order(name):
    make, _ = RANDOM[name]
    assert list(make(seeded(3))) == list(make(seeded(3)))
    minigrad.manual_seed(4)
    first = list(make(None))
    minigrad.manual_seed(4)
    assert list(make(None)) == first


def test_without_replacement_every_index_comes_once():
    assert sorted(RandomSampler(range(50))) == list(range(50))
    assert sorted(SubsetRandomSampler([4, 4, 9])) == [4, 4, 9]
    many = list(RandomSampler(range(5), num_samples=12))
    assert sorted(many[:5]) == sorted(many[5:10]) == list(range(5))
    assert len({*many[10:]}) == 2
    assert sorted(WeightedRandomSampler([1, 5, 0, 2], 3, replacement=False)) == [0, 1, 3]


def test_orders_are_equally_probable():
    counts = collections.Counter(
        tuple(RandomSampler(range(3), generator=g)) for g in [seeded(1)] for _ in range(3000)
    )
    assert len(counts) == 6
    assert max(abs(n - 500) for n in counts.values()) < 100


def test_weights_are_probabilities():
    drawn = list(WeightedRandomSampler([1.0, 3.0, 0.0, 4.0], 8000, generator=seeded()))
    found = np.bincount(drawn, minlength=4) / 8000
    np.testing.assert_allclose(found, [1 / 8, 3 / 8, 0, 4 / 8], atol=0.02)
    uniform = np.bincount(list(RandomSampler(range(4), True, 8000, generator=seeded()))) / 8000
    np.testing.assert_allclose(uniform, [1 / 4] * 4, atol=0.02)


@pytest.mark.parametrize("drop", [False, True])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_batches(torch, drop, size):
    from torch.utils.data import BatchSampler as Theirs

    ours, theirs = (
        BatchSampler(SequentialSampler("abcde"), size, drop),
        Theirs(range(5), size, drop),
    )
    assert list(ours) == list(theirs)
    assert len(ours) == len(theirs)


def test_a_dataset_may_grow():
    examples = [1, 2]
    sampler = RandomSampler(examples)
    examples.append(3)
    assert len(sampler) == 3
    assert sorted(sampler) == [0, 1, 2]

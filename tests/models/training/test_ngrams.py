"""Kneser–Ney smoothing against the same formula, written with dictionaries."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from models.training.ngrams import cross_entropy, grams, probabilities

BEGIN = 1
TEXTS = [[5, 6, 7, 5, 6, 8], [5, 6, 7, 9], [9, 5, 6], [7]]
NEW = [[5, 6, 7, 5], [9, 9, 10, 5, 6], [8]]


def slow(texts, order, words):
    """p(h, w) from dictionaries, order by order; h is a tuple of ids."""
    seen = [[*[BEGIN] * (order - 1), *text] for text in texts]
    highest = Counter(
        tuple(text[i - order + 1 : i + 1]) for text in seen for i in range(order - 1, len(text))
    )
    counts = {order: highest}
    for k in range(order - 1, 0, -1):
        counts[k] = Counter(gram[1:] for gram in counts[k + 1])
    followers = {k: defaultdict(dict) for k in counts}
    discount = {}
    for k, table in counts.items():
        for gram, count in table.items():
            followers[k][gram[:-1]][gram[-1]] = count
        once, twice = (sum(count == n for count in table.values()) for n in (1, 2))
        discount[k] = once / (once + 2 * twice) if once else 0.5

    def p(h, w):
        if h is None:
            return 1 / words
        lower = p(h[1:] if h else None, w)
        after = followers[len(h) + 1].get(h)
        if after is None:
            return lower
        d, total = discount[len(h) + 1], sum(after.values())
        return (max(after.get(w, 0) - d, 0) + d * len(after) * lower) / total

    return p


def rows(texts, order):
    return np.concatenate([grams(np.array(text, int), BEGIN, order) for text in texts])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_it_agrees_with_dictionaries(order):
    p = slow(TEXTS, order, words=10)
    for texts in (TEXTS, NEW):
        test = rows(texts, order)
        expected = [p(tuple(row[:-1]), row[-1]) for row in test.tolist()]
        np.testing.assert_allclose(probabilities(rows(TEXTS, order), test, 10), expected)


@pytest.mark.parametrize("seed", range(3))
def test_it_agrees_on_random_texts(seed):
    rng = np.random.default_rng(seed)
    texts = [list(map(int, rng.integers(2, 6, rng.integers(1, 30)))) for _ in range(20)]
    p, test = slow(texts[:15], 4, words=4), rows(texts[15:], 4)
    expected = [p(tuple(row[:-1]), row[-1]) for row in test.tolist()]
    np.testing.assert_allclose(probabilities(rows(texts[:15], 4), test, 4), expected)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_probabilities_of_all_words_add_up_to_1(order):
    train = rows(TEXTS, order)
    words = range(5, 11)
    for h in ([BEGIN] * 9, [BEGIN, BEGIN, 5], [5, 6, 7], [6, 5, 6], [10, 10, 10]):
        test = np.array([[*h, w][-order:] for w in words])
        assert probabilities(train, test, len(words)).sum() == pytest.approx(1)


def test_the_cross_entropy_is_the_mean_of_the_logarithms():
    p = slow(TEXTS, 5, words=10)
    expected = [-math.log(p(tuple(row[:-1]), row[-1])) for row in rows(NEW, 5).tolist()]
    found = cross_entropy([np.array(t) for t in TEXTS], [np.array(t, int) for t in NEW], BEGIN, 10)
    assert found == pytest.approx(np.mean(expected))


def test_a_repeated_text_is_predicted():
    text = np.tile([5, 6, 7, 8], 100)
    assert cross_entropy([text], [text[:40]], BEGIN, 10) < 0.1

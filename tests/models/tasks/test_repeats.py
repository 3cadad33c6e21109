import numpy as np
import pytest

from models.tasks import repeats


def test_a_text_says_half_of_itself_again():
    batch = repeats.texts(np.random.default_rng(0), 50, 10, known=24)
    assert batch.length == 10
    assert batch.ids.shape == (50, 15)
    assert batch.ids.min() >= 1  # 0 is padding
    assert batch.ids.max() <= 24
    for ids, places in zip(batch.ids, batch.places, strict=True):
        assert len(set(ids[:10])) == 10
        assert np.array_equal(ids[10:], ids[places])
        assert (np.diff(places) == 1).all()
    assert set(batch.places[:, 0]) == set(range(6))  # every beginning that fits


def test_every_word_may_come_anywhere():
    batch = repeats.texts(np.random.default_rng(0), 5_000, 4, known=6)
    for place in batch.ids.T:
        shares = np.bincount(place, minlength=7)[1:] / len(place)
        np.testing.assert_allclose(shares, 1 / 6, atol=0.03)


@pytest.mark.parametrize("length", [4, 10, 32])
def test_chance_is_what_the_better_guess_reaches(length):
    batch = repeats.texts(np.random.default_rng(0), 20_000, length, known=40)
    words, repeat = batch.ids[:, :length], batch.ids[:, length:]
    distance = length - (length - length // 2) // 2  # a beginning in the middle
    fixed = np.mean(words[:, length - distance :][:, 1 : repeat.shape[1]] == repeat[:, 1:])
    unread = np.mean([1 / (length - n) for n in range(1, repeat.shape[1])])
    assert repeats.chance(length) == pytest.approx(max(fixed, unread), rel=0.1)

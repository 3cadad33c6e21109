"""Random texts that say a part of themselves again."""

from typing import NamedTuple

import numpy as np


class Texts(NamedTuple):
    """A batch of texts, and the places where the words of the repeat came before."""

    ids: np.ndarray  # (batch, length + repeated)
    places: np.ndarray  # (batch, repeated)

    @property
    def length(self):
        """The number of random words in each text, and so the place of the repeat."""
        return self.ids.shape[1] - self.places.shape[1]


def texts(rng, number, length, known):
    """Random words, all different, and then half of them again, from a random word on."""
    ids = np.tile(np.arange(1, known + 1), (number, 1))  # 0 is padding
    words = rng.permuted(ids, axis=1)[:, :length]
    repeated = length // 2
    places = rng.integers(0, length - repeated + 1, (number, 1)) + np.arange(repeated)
    return Texts(np.concatenate([words, np.take_along_axis(words, places, 1)], 1), places)


def chance(length):
    """The better of two guesses, for a text of this many random words.

    To copy from a fixed distance is right for one of all beginnings that the repeat may have. A
    guess among the words that have not come again is right more often towards the end.
    """
    repeated = length // 2
    read = np.arange(1, repeated)  # words of the repeat
    return max(1 / (length - repeated + 1), float((1 / (length - read)).mean()))

"""Digits, to be written in reverse: 3 1 4 → 4 1 3. The smallest task that needs all that was read.

No digit can be guessed from the others, and any length can be had.
"""

import random

from .pairs import Pair
from .vocabulary import Vocabulary

DIGITS = tuple("0123456789")
VOCABULARY = Vocabulary.build([DIGITS])


def reversal(rng: random.Random, length: int) -> Pair:
    """So many random digits, and the same in reverse order."""
    source = tuple(rng.choices(DIGITS, k=length))
    alignment = tuple((i, length - 1 - i) for i in range(length))
    return Pair(source, source[::-1], alignment, tuple(range(length)))

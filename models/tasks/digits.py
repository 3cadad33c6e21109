"""Digits to be reversed: 3 1 4 → 4 1 3. The smallest task that needs everything that was read.

No digit can be guessed from the others, and a sequence can have any length.
"""

import random

from .pairs import Pair
from .vocabulary import Vocabulary

DIGITS = tuple("0123456789")
VOCABULARY = Vocabulary.build([DIGITS])


def reversal(rng: random.Random, length: int) -> Pair:
    """`length` random digits, and the same digits in reverse order."""
    source = tuple(rng.choices(DIGITS, k=length))
    alignment = tuple((i, length - 1 - i) for i in range(length))
    return Pair(source, source[::-1], alignment, tuple(range(length)))

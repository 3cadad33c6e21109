"""A text file as one long row of tokens, read in passages."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from os.path import getsize
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from ..terminal import Progress
from .mapped import counts, mapped
from .vocabulary import SPECIALS

AT_ONCE = 2**20  # characters that are read at once: a large file is never in memory as text
HELD_OUT = 0.1  # the last part of a text is for validation
MOST_PASSAGES = 1_000  # that are used of it
DELAY = 1.0  # seconds of reading before there is a progress bar

Encode = Callable[[str], Sequence[str]]
Merges = Sequence[tuple[str, str]]


class Passages(Sequence[tuple[str, ...]]):
    """A text in passages of equal length, without overlap; the last one may be shorter.

    numbers  the whole text: an index of `names` per token
    names    the different tokens
    length   of a passage, in tokens
    merges   those of byte pairs, if it was split by them
    """

    def __init__(
        self, numbers: NDArray[np.int32], names: list[str], length: int, merges: Merges = ()
    ) -> None:
        self.numbers, self.names, self.length, self.merges = numbers, names, length, merges

    def __len__(self) -> int:
        return -(-len(self.numbers) // self.length)

    def __getitem__(self, i: Any) -> Any:
        """The passage with this index, or a list of those of a slice."""
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        return self.starting(range(0, len(self.numbers), self.length)[i])

    def starting(self, token: int) -> tuple[str, ...]:
        """The passage that starts at a token, anywhere in the text."""
        return tuple(self.names[i] for i in self.numbers[token : token + self.length].tolist())

    def known(self, min_count: int = 1) -> list[str]:
        """The tokens that occur at least `min_count` times, the most frequent first."""
        found = counts(self.numbers, len(self.names)).tolist()
        pairs = zip(found, self.names, strict=True)
        frequent = [(-n, name) for n, name in pairs if n >= min_count and name not in SPECIALS]
        return [name for _, name in sorted(frequent)]


class Splits(NamedTuple):
    """The beginning of a text for training, and the rest of it for validation."""

    train: Passages
    validation: Passages


def split(path: str | Path, encode: Encode, length: int, merges: Merges = ()) -> Splits:
    """The passages of a text file: nine tenths of it for training, the last tenth for validation.

    encode  from a text to its tokens
    length, merges  as in `Passages`
    """
    number: defaultdict[str, int] = defaultdict()
    number.default_factory = number.__len__  # a new token gets the next number
    found = mapped([number[token] for token in encode(part)] for part in parts(path))
    end = len(found) - round(HELD_OUT * len(found))
    if min(end, len(found) - end) < 2:
        raise ValueError(
            f"{path}: the last tenth is kept for validation, but there are only {len(found)} "
            "tokens: give at least 15"
        )
    names, held_out = list(number), found[end:][: MOST_PASSAGES * length]
    return Splits(
        Passages(found[:end], names, length, merges), Passages(held_out, names, length, merges)
    )


def parts(path: str | Path) -> Iterator[str]:
    """The text of a UTF-8 file, in parts that end before a white space."""
    size, before = getsize(path), ""
    options = {"unit": "B", "unit_scale": True, "delay": DELAY, "leave": False}
    with open(path, encoding="utf-8-sig") as file, Progress(size, "read text", **options) as bar:
        while text := readable(file, path):
            bar.update(len(text.encode()))
            text = before + text
            end = max(text.rfind("\n"), text.rfind(" "))
            end = len(text) if end < 1 else end
            yield text[:end]
            before = text[end:]
    if before:
        yield before


def readable(file: TextIO, path: str | Path) -> str:
    """The next part of a file; ValueError if it is not in UTF-8."""
    try:
        return file.read(AT_ONCE)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not in UTF-8: {error}") from None

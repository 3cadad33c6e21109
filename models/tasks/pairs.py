"""Sentence pairs: text in, words out, and a split into train, validation and test."""

import random
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple


class Pair(NamedTuple):
    """A sentence and its translation, as words."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    alignment: tuple[tuple[int, int], ...] = ()  # (target index, source index), sorted; () unknown
    content: tuple[int, ...] = ()  # the target indices of content words


class Splits(NamedTuple):
    """Three lists of pairs that share no source sentence."""

    train: list[Pair]
    validation: list[Pair]
    test: list[Pair]


# A word may contain apostrophes and hyphens (don't, well-known), a number points, commas
# and colons (10,000, 10:30). Every other mark is a word of its own.
WORD = re.compile(r"\w+(?:['-]\w+|(?<=\d)[.,:]\d\w*)*|[^\w\s]")

HELD_OUT = 0.05  # the fraction of the sentences for validation, and as much for the test

CURLY_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


def words(text: str) -> tuple[str, ...]:
    """Tokenize a text: its words, in Unicode's composed form (NFC), with their case.

    Punctuation is split off, contractions stay whole: "I don't know." → I don't know .
    A curly apostrophe becomes a straight one, so don't is the same word however it is typed.
    """
    return tuple(WORD.findall(unicodedata.normalize("NFC", text).replace(CURLY_APOSTROPHE, "'")))


def read_pairs(path: str | Path, source: Literal["first", "second"] = "second") -> list[Pair]:
    """The pairs of a UTF-8 file with one pair per line, in the format of Tatoeba and Anki.

    A line is `English<TAB>Korean`; further columns, such as the attribution, are ignored. `source`
    says which column is translated from. Blank lines are skipped, and repeated pairs kept once.
    """
    if source not in ("first", "second"):
        raise ValueError(f'read_pairs: source={source!r}: it must be "first" or "second"')
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not in UTF-8: {error}") from None
    pairs = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            first, second = _two_columns(line, f"{path}, line {number}")
            pairs.append(Pair(first, second) if source == "first" else Pair(second, first))
    return list(dict.fromkeys(pairs))


def _two_columns(line: str, place: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    columns = [words(column) for column in line.split("\t")[:2]]
    if len(columns) < 2 or not all(columns):
        raise ValueError(
            f"{place}: {line.rstrip()!r} is not two sentences: "
            "write the sentence, one tab, and its translation"
        )
    return columns[0], columns[1]


def split_pairs(pairs: Sequence[Pair], seed: int) -> Splits:
    """Train, validation and test pairs in the given order, split at random by source sentence.

    Validation and test get HELD_OUT of the distinct source sentences each. A sentence with several
    translations is never in two splits, so training never saw a test sentence.
    """
    sources = list(dict.fromkeys(pair.source for pair in pairs))
    random.Random(seed).shuffle(sources)
    size = round(HELD_OUT * len(sources))
    held_out = set(sources[:size]), set(sources[size : 2 * size])
    return Splits(
        train=[p for p in pairs if p.source not in held_out[0] | held_out[1]],
        validation=[p for p in pairs if p.source in held_out[0]],
        test=[p for p in pairs if p.source in held_out[1]],
    )

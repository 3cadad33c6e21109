"""Sentence pairs: text in, words out, and a fair split into train, validation and test."""

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


# A word may hold apostrophes and hyphens (don't, well-known), a number points and commas (10,000).
# Every other mark is a word of its own.
WORD = re.compile(r"\w+(?:['-]\w+|(?<=\d)[.,:]\d\w*)*|[^\w\s]")

CURLY_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in Unicode's composed form (NFC), their case kept.

    Punctuation is split off, contractions stay whole: "I don't know." → I don't know .
    The curly apostrophe becomes the straight one, so that don't is one word however it is typed.
    """
    return tuple(WORD.findall(unicodedata.normalize("NFC", text).replace(CURLY_APOSTROPHE, "'")))


def read_pairs(path: str | Path, source: Literal["first", "second"] = "second") -> list[Pair]:
    """The pairs of a UTF-8 file with one pair a line, as Tatoeba and Anki have them.

    A line is `English<TAB>Korean`, further columns (the attribution) are left out; `source` says
    which of the two is translated from. Blank lines are skipped, a pair that comes again is kept
    once.
    """
    if source not in ("first", "second"):
        raise ValueError(f'read_pairs: source={source!r}: the column is "first" or "second"')
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


def split_pairs(
    pairs: Sequence[Pair], seed: int, validation: float = 0.05, test: float = 0.05
) -> Splits:
    """Train, validation and test pairs, in their given order, drawn by source sentence.

    `validation` and `test` are fractions of the distinct source sentences. A sentence with several
    translations never straddles two splits: a test sentence is one that training never saw.
    """
    if validation < 0 or test < 0 or validation + test >= 1:
        raise ValueError(
            f"split_pairs: validation={validation}, test={test}: "
            "two fractions from 0, which together stay below 1"
        )
    sources = list(dict.fromkeys(pair.source for pair in pairs))
    random.Random(seed).shuffle(sources)
    first = round(validation * len(sources))
    second = first + round(test * len(sources))
    held_out = set(sources[:first]), set(sources[first:second])
    return Splits(
        train=[p for p in pairs if p.source not in held_out[0] | held_out[1]],
        validation=[p for p in pairs if p.source in held_out[0]],
        test=[p for p in pairs if p.source in held_out[1]],
    )

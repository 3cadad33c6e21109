"""Sentence pairs from a file, and a split into train, validation and test."""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from minigrad.text import printable

from ..terminal import Progress
from .text import cleaned, words_in

Words = tuple[str, ...]


class Pair(NamedTuple):
    """A sentence and its translation, as tokens."""

    source: Words
    target: Words
    alignment: tuple[tuple[int, int], ...] = ()  # (target index, source index), sorted; () unknown
    content: tuple[int, ...] = ()  # the target indices of content words
    text: tuple[str, str] | None = None  # both as they are spelled, if that is known


class Splits(NamedTuple):
    """Three lists of pairs that share no source sentence."""

    train: list[Pair]
    validation: list[Pair]
    test: list[Pair]


HELD_OUT = 0.05  # the fraction of the sentences for validation, and as much for the test

# A file with more than this is not read: it is not a list of sentences.
MOST_BYTES = 2**28
MOST_LETTERS = 10_000  # of a line
MOST_WORDS = 1_000  # of a sentence
DELAY = 1.0  # seconds of reading before there is a progress bar

TWO_COLUMNS = 0, 1  # sentence, translation, and perhaps others: Anki and manythings.org
FOUR_COLUMNS = 1, 3  # id, sentence, id, translation: Tatoeba

Source = Literal["first", "second"]


def read_pairs(path: str | Path, source: Source = "second") -> list[Pair]:
    """The pairs of a UTF-8 file with one pair per line, in the formats of Anki and Tatoeba.

    A line is `English<TAB>Korean`, or Tatoeba's `id<TAB>English<TAB>id<TAB>Korean`; further
    columns, such as the attribution, are ignored. `source` says which sentence is translated from.
    Blank lines are skipped, and repeated pairs kept once. Raises ValueError for a line that is not
    a pair.
    """
    if source not in ("first", "second"):
        raise ValueError(f'read_pairs: source={source!r}: it must be "first" or "second"')
    lines = _lines(path)
    columns = _columns(path, lines)
    pairs: dict[tuple[Words, Words], tuple[str, str]] = {}
    for number, line in enumerate(_with_progress(lines), start=1):
        sentences = _two_sentences(line, columns, f"{path}, line {number}")
        if sentences:
            (of, of_text), (to, to_text) = sentences if source == "first" else sentences[::-1]
            pairs.setdefault((of, to), (of_text, to_text))
    return [Pair(*words, text=text) for words, text in pairs.items()]


def _lines(path: str | Path) -> list[str]:
    """The lines of a text file as an editor counts them: U+2028, say, does not end a line."""
    if Path(path).exists() and not Path(path).is_file():  # it might never end
        raise ValueError(f"{path} is not a regular file")
    with open(path, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path} is larger than {MOST_BYTES // 2**20} MB: give it in parts")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = len(re.findall(rb"\r\n?|\n", content[: error.start])) + 1
        raise ValueError(f"{path} is not in UTF-8: line {number}: {error}") from None
    lines = re.split(r"\r\n?|\n", text)
    for number, line in enumerate(lines, start=1):
        if len(line) > MOST_LETTERS:
            raise ValueError(
                f"{path}, line {number}: '{printable(line, most=60)}' has {len(line):,} "
                f"characters: a line has at most {MOST_LETTERS:,}"
            )
    return lines


def _columns(path: str | Path, lines: Sequence[str]) -> tuple[int, int]:
    """Where the two sentences of each line are."""
    rows = {n: line.split("\t", 4) for n, line in enumerate(lines, start=1) if line.strip()}
    numbered = {n for n, row in rows.items() if len(row) > 2 and row[0].strip().isdecimal()}
    ids = {n for n in numbered if len(rows[n]) > 3 and rows[n][2].strip().isdecimal()}
    if rows and len(ids) == len(rows):
        return FOUR_COLUMNS
    if ids or (rows and len(numbered) == len(rows)):
        raise ValueError(
            f"{path}, line {min(rows.keys() - ids)}: is the first column a number or a sentence? "
            "Every line must be sentence, tab, translation, or every line id, sentence, id, "
            "translation"
        )
    return TWO_COLUMNS


def _two_sentences(line: str, columns: tuple[int, int], place: str) -> list[tuple[Words, str]]:
    """The two sentences as words and as text, with single spaces; empty if the line is blank."""
    texts = line.split("\t")
    cleaned_texts = [" ".join(cleaned(texts[i]).split()) for i in columns if i < len(texts)]
    sentences = [(words_in(text), text) for text in cleaned_texts]
    if len(sentences) == 2 and all(words for words, _ in sentences):
        if max(len(words) for words, _ in sentences) > MOST_WORDS:
            raise ValueError(f"{place}: a sentence has more than {MOST_WORDS:,} words")
        return sentences
    if not words_in(cleaned(line)):
        return []
    raise ValueError(
        f"{place}: '{printable(line.rstrip(), most=200)}' is not two sentences: "
        "write the sentence, one tab, and its translation"
    )


def _with_progress(lines: Sequence[str]) -> Iterator[str]:
    """The lines; if they take longer than a second, a progress bar shows how many are read."""
    options = {"unit": " lines", "delay": DELAY, "leave": False, "mininterval": DELAY / 10}
    with Progress(len(lines), "read pairs", **options) as bar:
        for number, line in enumerate(lines, start=1):
            yield line
            if number % 1_000 == 0:
                bar.update(1_000)


def split_pairs(pairs: Sequence[Pair], seed: int) -> Splits:
    """Train, validation and test pairs in the given order, split at random by source sentence.

    Validation and test get HELD_OUT of the distinct source sentences each. A sentence with several
    translations is never in two splits, so training never saw a test sentence.
    """
    sources = list(dict.fromkeys(pair.source for pair in pairs))
    random.Random(seed).shuffle(sources)
    size = round(HELD_OUT * len(sources))
    validation, test = set(sources[:size]), set(sources[size : 2 * size])
    return Splits(
        train=[p for p in pairs if p.source not in validation and p.source not in test],
        validation=[p for p in pairs if p.source in validation],
        test=[p for p in pairs if p.source in test],
    )

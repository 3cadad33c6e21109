"""From text to tokens and back: words, known words within longer ones, characters, byte pairs."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import pairwise

from .text import words

# Between two tokens there is no space before a closing mark, and none after an opening one.
CLOSING = frozenset(".,:;?!%)]}»”…")
OPENING = frozenset("([{«“")


class Words:
    """Words and marks: `encode` splits a text by `text.words`, `decode` joins its words again.

    The words do not say where the spaces were. `decode` puts one between any two words, but none
    before a closing mark, none after an opening one, and none before a word in `attached`.
    """

    def __init__(self, attached: Iterable[str] = ()) -> None:
        self.attached = CLOSING.union(attached)

    def encode(self, text: str) -> list[str]:
        """The words of the text."""
        return list(words(text))

    def decode(self, tokens: Sequence[str]) -> str:
        """The words as a text: Today is Friday . → Today is Friday."""
        text = "".join(tokens[:1])
        for before, word in pairwise(tokens):
            text += word if word in self.attached or before in OPENING else f" {word}"
        return text


class Known(Words):
    """Words, each split into known tokens: 금요일입니다 (is Friday) → 금요일 (Friday) 입니다 (is).

    The longest known token that ends the word is split off, and so on with what is left of it:
    from the end, because that is where Korean has its endings. Characters that belong to no known
    token stay together as one token, and a number is never divided, so nothing is lost.
    """

    def __init__(self, known: Iterable[str], attached: Iterable[str] = ()) -> None:
        super().__init__(attached)
        self.known = frozenset(known)
        self.longest = max(map(len, self.known), default=0)

    def encode(self, text: str) -> list[str]:
        """The known tokens of the text, and what is between them."""
        return [token for word in words(text) for token in self._split(word)]

    def _split(self, word: str) -> list[str]:
        pieces, end, unknown = [], len(word), len(word)  # word[end:unknown] is not known
        while end:
            start = self._start(word, end)
            if start == end:
                end -= 1
                continue
            pieces += [word[end:unknown], word[start:end]]
            end = unknown = start
        return [piece for piece in (*pieces, word[:unknown])[::-1] if piece]

    def _start(self, word: str, end: int) -> int:
        """Where the longest known token that ends at `end` starts; `end` if there is none."""
        if _in_number(word, end):
            return end
        starts = range(max(0, end - self.longest), end)
        known = (i for i in starts if word[i:end] in self.known and not _in_number(word, i))
        return next(known, end)


def _in_number(word: str, place: int) -> bool:
    return 0 < place < len(word) and word[place - 1 : place + 1].isdecimal()


class Characters:
    """Every character is a token; `decode` gives any text back as it was."""

    def encode(self, text: str) -> list[str]:
        """The characters of the text."""
        return list(text)

    def decode(self, tokens: Sequence[str]) -> str:
        """The tokens as a text."""
        return "".join(tokens)


# Byte-pair encoding (Sennrich, Haddow and Birch 2016, §3.2).

Pair = tuple[str, str]

# No token crosses the border of a piece: letters and digits, other marks, each with the space
# before it, or one white space. Together the pieces are the text, so nothing is lost.
PIECE = re.compile(r" ?\w+| ?[^\w\s]+|\s")


class BytePairs(Characters):
    """Frequent words are tokens, rare ones are several: the merges say which neighbours join.

    A text starts as characters, and the merges are applied in their order. `merges` can be saved as
    JSON, and `BytePairs(merges)` restores what was saved. A character that was never seen stays a
    token, which no vocabulary knows; `decode` gives any text back as it was.
    """

    def __init__(self, merges: Iterable[Sequence[str]]) -> None:
        self.merges = [(left, right) for left, right in merges]
        self.ranks = {pair: rank for rank, pair in enumerate(self.merges)}
        self._split = lru_cache(2**16)(self._merge)  # the same words come again and again

    @classmethod
    def learn(cls, texts: Iterable[str], size: int) -> "BytePairs":
        """At most `size` merges: each time the most frequent pair, while one occurs twice.

        Ties are in alphabetical order. After a merge only the pieces that it changed are counted
        again, so the time grows with the text and hardly with `size`.
        """
        counts = Counter(piece for text in texts for piece in PIECE.findall(text))
        pieces, pairs = [list(piece) for piece in counts], Counter[Pair]()
        pieces_with = defaultdict[Pair, set[int]](set)

        def count(i: int, times: int) -> None:
            for pair in pairwise(pieces[i]):
                pairs[pair] += times
                pieces_with[pair].add(i)

        times = list(counts.values())
        for i in range(len(pieces)):
            count(i, times[i])
        merges: list[Pair] = []
        heap = [(-number, pair) for pair, number in pairs.items()]
        heapify(heap)
        while heap and len(merges) < size:
            number, pair = heappop(heap)
            if -number != pairs[pair] or -number < 2:  # counted again since, or rare
                continue
            merges.append(pair)
            changed = set[Pair]()
            for i in pieces_with.pop(pair):
                changed.update(pairwise(pieces[i]))
                count(i, -times[i])
                pieces[i] = joined(pieces[i], pair)
                count(i, times[i])
                changed.update(pairwise(pieces[i]))
            for other in changed:
                heappush(heap, (-pairs[other], other))
        return cls(merges)

    def encode(self, text: str) -> list[str]:
        """The tokens of the text."""
        return [token for piece in PIECE.findall(text) for token in self._split(piece)]

    def _merge(self, piece: str) -> list[str]:
        tokens = list(piece)
        while known := [pair for pair in pairwise(tokens) if pair in self.ranks]:
            tokens = joined(tokens, min(known, key=self.ranks.__getitem__))
        return tokens


def joined(tokens: Sequence[str], pair: Pair) -> list[str]:
    """The tokens, with each occurrence of the pair as one token."""
    new: list[str] = []
    for token in tokens:
        if new and (new[-1], token) == pair:
            new[-1] += token
        else:
            new.append(token)
    return new

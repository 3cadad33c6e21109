"""From text to tokens and back: words, and known words within longer ones."""

from collections.abc import Iterable, Sequence
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

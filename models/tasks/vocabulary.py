"""Words to ids and back: a network reads numbers, people read words."""

from collections import Counter
from collections.abc import Iterable, Sequence

from minigrad.text import printable

SPECIALS = ["<pad>", "<begin>", "<end>", "<unknown>"]


class Vocabulary:
    """The words a model knows; a word's id is its index in `words`.

    The first four are special tokens: `<pad>` pads the short rows of a batch, `<begin>` starts the
    decoder, `<end>` ends a sentence, and `<unknown>` replaces every word that is not known. No text
    can contain a special token: a "<pad>" that somebody typed is an unknown word like any other.

    `merges` are those of the words that are byte pairs (see tokens.py). Both lists can be saved as
    JSON as they are, and `Vocabulary(words, merges)` restores what was saved.
    """

    PAD, BEGIN, END, UNKNOWN = range(4)
    UNSEEN = (PAD, BEGIN)  # left out of a decoded text

    def __init__(self, words: Sequence[str], merges: Sequence[Sequence[str]] = ()) -> None:
        self.words, self.merges = list(words), [(left, right) for left, right in merges]
        if self.words[: len(SPECIALS)] != SPECIALS:
            first = printable(str(self.words[: len(SPECIALS)]), most=100)
            raise ValueError(
                f"Vocabulary: the words start with {first}, but must start with {SPECIALS}: "
                "to make one from sentences, call Vocabulary.build(sentences)"
            )
        for word in self.words:
            if not isinstance(word, str):
                raise ValueError(f"Vocabulary: {printable(repr(word), most=100)} is not a word")
        self._ids = {word: i for i, word in enumerate(self.words) if i >= len(SPECIALS)}
        twice = [word for word, count in Counter(self.words).items() if count > 1]
        if twice:
            named = printable(str(twice), most=100)
            raise ValueError(f"Vocabulary: {named} appear more than once: a word has one id")

    @classmethod
    def build(
        cls,
        sentences: Iterable[Sequence[str]],
        min_count: int = 1,
        merges: Sequence[Sequence[str]] = (),
    ) -> "Vocabulary":
        """The words that occur at least `min_count` times, the most frequent first.

        Ties are in alphabetical order.
        """
        counts = Counter(word for sentence in sentences for word in _words(sentence))
        known = [w for w, count in counts.items() if count >= min_count and w not in SPECIALS]
        known.sort(key=lambda word: (-counts[word], word))
        return cls([*SPECIALS, *known], merges)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def encode(self, words: Sequence[str]) -> list[int]:
        """The ids of the words, `UNKNOWN` if not known; without BEGIN and END."""
        return [self._ids.get(word, self.UNKNOWN) for word in _words(words)]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The words of the ids up to the first `END`, without `PAD` and `BEGIN`."""
        words = []
        for i in ids:
            if not 0 <= i < len(self):
                raise ValueError(
                    f"decode: id {i}: the ids of this vocabulary are 0 to {len(self) - 1}"
                )
            if i == self.END:
                break
            if i not in self.UNSEEN:
                words.append(self.words[i])
        return words

    def unknown(self, words: Sequence[str]) -> list[str]:
        """The words that are not in the vocabulary, in their order."""
        return [word for word in _words(words) if word not in self]


def _words(sentence: Sequence[str]) -> Sequence[str]:
    # A str is also a sequence of str (its letters), which is never what is meant here.
    if isinstance(sentence, str):
        raise TypeError(
            f"{printable(repr(sentence), most=100)} is one string: "
            "split it into words first, by text.words"
        )
    return sentence

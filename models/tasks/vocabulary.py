"""Words ↔ numbers: a network reads ids, people read words."""

from collections import Counter
from collections.abc import Iterable, Sequence

SPECIALS = ["<pad>", "<begin>", "<end>", "<unknown>"]


class Vocabulary:
    """The words a model knows; a word's id is its place in `words`.

    The first four are no words but signs: `<pad>` fills a batch's short rows, `<begin>` starts the
    decoder, `<end>` ends a sentence, `<unknown>` stands for every word not known. No text can spell
    a sign: a "<pad>" that somebody typed is an unknown word like any other.

    `words` goes into a JSON file as it is, and `Vocabulary(words)` restores what was saved.
    """

    PAD, BEGIN, END, UNKNOWN = range(4)
    UNSEEN = (PAD, BEGIN)  # left out of a decoded text

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        if self.words[: len(SPECIALS)] != SPECIALS:
            raise ValueError(
                f"Vocabulary: the words start with {self.words[: len(SPECIALS)]}, and must start "
                f"with {SPECIALS}: to make one from sentences, call Vocabulary.build(sentences)"
            )
        self._ids = {word: i for i, word in enumerate(self.words) if i >= len(SPECIALS)}
        twice = [word for word, count in Counter(self.words).items() if count > 1]
        if twice:
            raise ValueError(f"Vocabulary: {twice} stand more than once: a word has one id")

    @classmethod
    def build(
        cls, sentences: Iterable[Sequence[str]], min_count: int = 1, max_size: int | None = None
    ) -> "Vocabulary":
        """The words that occur at least `min_count` times, the most frequent first.

        Words as frequent as each other stand in alphabetical order. `max_size` limits `len`, the
        four signs included; the rarest words are left out.
        """
        if max_size is not None and max_size < len(SPECIALS):
            raise ValueError(f"Vocabulary.build: max_size={max_size}: the four signs need 4")
        counts = Counter(word for sentence in sentences for word in _words(sentence))
        known = [w for w, count in counts.items() if count >= min_count and w not in SPECIALS]
        known.sort(key=lambda word: (-counts[word], word))
        return cls([*SPECIALS, *known][:max_size])

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def encode(self, words: Sequence[str]) -> list[int]:
        """The ids of the words, `UNKNOWN` for those not known; nothing is added at either end."""
        return [self._ids.get(word, self.UNKNOWN) for word in _words(words)]

    def decode(self, ids: Iterable[int]) -> list[str]:
        """The words of the ids up to the first `END`, without `PAD` and `BEGIN`."""
        words = []
        for i in ids:
            if not 0 <= i < len(self):
                raise ValueError(
                    f"decode: id {i}: this vocabulary has the ids 0 to {len(self) - 1}"
                )
            if i == self.END:
                break
            if i not in self.UNSEEN:
                words.append(self.words[i])
        return words

    def unknown(self, words: Sequence[str]) -> list[str]:
        """Those of the words that are not in the vocabulary, in their order."""
        return [word for word in _words(words) if word not in self]


def _words(sentence: Sequence[str]) -> Sequence[str]:
    # A string is a sequence of strings too: of its letters, which nobody means.
    if isinstance(sentence, str):
        raise TypeError(f"{sentence!r} is one string: split it into words first, by pairs.words")
    return sentence

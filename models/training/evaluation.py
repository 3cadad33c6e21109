"""How well a model translates: exact match, BLEU, chrF; whether it attends to the right words."""

from typing import NamedTuple
from unicodedata import east_asian_width

import minigrad

from ..decoding import greedy
from ..tasks.batches import batches
from ..tasks.pairs import Pair
from ..tasks.vocabulary import Vocabulary
from ..terminal import Progress

LIMIT = 80  # maximum length of a translation
DELAY = 1.0  # seconds of translating before there is a progress bar


class Translation(NamedTuple):
    """A translation, and the attention weights of its words on the source's, if there are any.

    The weights are (target, source), or (layers, heads, target, source) where there are layers.
    """

    words: list[str]
    weights: list | None


def translate(run, pairs, batch_size=250, write=greedy):
    """The translations of the pairs' sources, in their order; `write` decodes as `greedy` does."""
    run.model.eval()
    translations = []
    with Progress(len(pairs), "translate", unit=" sentences", delay=DELAY, leave=False) as bar:
        for batch in batches(pairs, run.source_vocabulary, run.target_vocabulary, batch_size):
            source = minigrad.tensor(batch.source)
            ids, weights = write(run.model, source, Vocabulary.BEGIN, Vocabulary.END, LIMIT)
            for i, (pair, row) in enumerate(zip(batch.pairs, ids.tolist(), strict=True)):
                words = run.target_vocabulary.decode(row)
                of_words = None
                if weights is not None:
                    row = row[: row.index(Vocabulary.END)] if Vocabulary.END in row else row
                    shown = [t for t, id in enumerate(row) if id not in Vocabulary.UNSEEN]
                    of_words = weights[i][..., shown, : len(pair.source)].tolist()
                translations.append(Translation(words, of_words))
            bar.update(len(batch.pairs))
    return translations


def translate_words(run, words, write=greedy):
    """The translation of one sentence; `write` decodes as `greedy` does."""
    return translate(run, [Pair(tuple(words), ())], write=write)[0]


def exact_match(translations, pairs):
    """The fraction of translations that equal the reference word for word."""
    right = [tuple(t.words) == p.target for t, p in zip(translations, pairs, strict=True)]
    return sum(right) / len(right)


def scores(texts, references):
    """BLEU (Papineni et al. 2002) and chrF (Popović 2015), from 0 to 100: (name, score, signature).

    Both are of whole texts, which sacrebleu tokenizes itself (Post 2018, §2); the signature says
    how. Texts in a script of East Asia are split into characters for BLEU, because sacrebleu's
    tokenizers for those languages need more packages.
    """
    import sacrebleu

    letters = [letter for text in references for letter in text if letter.isalpha()]
    wide = sum(east_asian_width(letter) in "WF" for letter in letters)
    found = []
    bleu = sacrebleu.BLEU(tokenize="char" if 2 * wide > len(letters) else "13a")
    for metric in (bleu, sacrebleu.CHRF()):
        score = metric.corpus_score(texts, [references])
        found.append((score.name, score.score, str(metric.get_signature())))
    return found


def aligned(run, pairs, batch_size=250):
    """The fraction of content words whose largest weight is on the word they translate.

    The decoder reads the pairs' own targets (teacher forcing). A float, or an array (layers, heads)
    if there are layers: what each head finds by itself.
    """
    run.model.eval()
    right = words = 0
    with minigrad.no_grad():
        for batch in batches(pairs, run.source_vocabulary, run.target_vocabulary, batch_size):
            _, weights = run.model(minigrad.tensor(batch.source), minigrad.tensor(batch.target_in))
            most = weights.argmax(-1).numpy()  # (batch, …, target)
            for row, pair in enumerate(batch.pairs):
                words += len(pair.content)
                for target, source in pair.alignment:
                    if target in pair.content:
                        right = right + (most[row, ..., target] == source)
    return right / words

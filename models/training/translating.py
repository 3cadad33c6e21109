"""Training a translator on sentence pairs, from the calendar grammar or from a file."""

import hashlib
import os
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import minigrad

from .. import attention, seq2seq
from ..attention import ORDERS, SCORES
from ..decoding import greedy
from ..rnn import CELLS
from ..tasks import calendar
from ..tasks.batches import batch_stream, make_batch
from ..tasks.korean import Korean
from ..tasks.pairs import Pair, Splits, read_pairs, split_pairs
from ..tasks.text import cleaned
from ..tasks.tokens import BytePairs, Characters, Words
from ..tasks.vocabulary import Vocabulary
from . import run
from .checks import positive
from .film import Example
from .run import setting, size


SHORT = 8  # tokens of a sentence that fits a film
MORE = 4  # tokens that a translation in a film may be longer than the right one


def whole_path(text):
    """A path that means the same in any folder."""
    return str(Path(text).resolve())


@dataclass(frozen=True, kw_only=True)
class Task(run.Settings):
    """The settings of every translator: what it learns from, and dropout."""

    pairs: str | None = setting(
        "a file of sentence pairs, one per line (default: the calendar)", None, whole_path
    )
    pairs_digest: str | None = setting("the SHA-256 of that file", None)
    source: str = setting("the column of the file to translate from", "second", ("first", "second"))
    tokens: str = setting(
        "what a text is split into; bpe: byte-pair encoding",
        "words",
        ("words", "characters", "bpe"),
        former="words",
    )
    merges: int = setting("merges of bpe, at most", 4000, positive, most=1_000_000, former=4000)
    min_count: int = setting(
        "rarer tokens become <unknown>; for words of --pairs the default is 2", 1, positive
    )
    dropout: float = setting("dropout at the first step", 0.4, float)
    final_dropout: float = setting("dropout at the last step", 0.1, float)

    def __post_init__(self):
        """Validate the settings."""
        super().__post_init__()
        for name in ("dropout", "final_dropout"):
            if not getattr(self, name) < 1:
                raise ValueError(f"{name} must be below 1, and is {getattr(self, name)}")


@dataclass(frozen=True, kw_only=True)
class Settings(Task):
    """The settings of a recurrent translator and its training."""

    model: str = setting("the model's name", "attention")
    steps: int = run.steps(2700)
    learning_rate: float = run.learning_rate(0.01)
    weight_decay: float = setting("weight decay of AdamW", 0.5, float)
    embedding: int = size("embedding size", 64)
    hidden: int = size("hidden size", 128)
    cell: str = setting("the recurrent layer", "rnn", tuple(CELLS), former="rnn")
    score: str = setting(
        "the score of a query and an encoder state",
        "dot",
        tuple(SCORES),
        former="dot",
        models=("attention",),
    )
    order: str = setting(
        "attend after a word is read, or before",
        "luong",
        tuple(ORDERS),
        former="luong",
        models=("attention",),
    )


def load_task(settings):
    """The sentence pairs of a run: train, validation and test."""
    if settings.pairs is None:
        return calendar.corpus(seed=settings.seed)
    if settings.pairs_digest not in (None, digest(settings.pairs)):
        raise ValueError(f"{settings.pairs} has changed since this run was started with it")
    splits = split_pairs(read_pairs(settings.pairs, settings.source), settings.seed)
    if not splits.train or not splits.test:
        raise ValueError(
            f"{settings.pairs}: one in twenty sentences is kept for the test, but there are only "
            f"{len({p.source for split in splits for p in split})} different ones: give 20 or more"
        )
    return splits


def tokenizer(settings, vocabulary):
    """From texts to their tokens and back, as the settings say."""
    if settings.tokens == "bpe":
        return BytePairs(vocabulary.merges)
    return Characters() if settings.tokens == "characters" else Words()


def digest(path):
    """The SHA-256 of a file's content."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # others might never end, or only be read once
        raise ValueError(f"{path} is not a regular file")
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def logits_of(model, source, target):
    """The model's logits (some models return weights, too)."""
    return logits_and_weights(model, source, target)[0]


def logits_and_weights(model, source, target):
    """The model's logits, and its weights; None if it has no attention."""
    given = model(source, target)
    return given if isinstance(given, tuple) else (given, None)


def loss_of(model, batch, framework=minigrad, smoothing=0.0):
    """The loss of the target words, padding left out, and the fraction predicted right.

    With label smoothing, that much of the probability goes to all words evenly.
    """
    source, target_in, target = map(framework.tensor, batch[:3])
    logits = logits_of(model, source, target_in)  # (batch, target, target_words)
    loss = framework.nn.functional.cross_entropy(
        logits.flatten(0, 1),
        target.flatten(),
        ignore_index=Vocabulary.PAD,
        label_smoothing=smoothing,
    )
    words = batch.target_out != Vocabulary.PAD
    right = (logits.argmax(-1).cpu().numpy() == batch.target_out)[words].mean()
    return loss, right


class Translating(run.Run):
    """A translator in training."""

    Settings = Settings
    EXAMPLES, COURSE = "sentence pairs", calendar.COURSE
    VOCABULARIES = ("source", "target")
    MODEL = attention.Attention
    SMALL: ClassVar = {"embedding": 4, "hidden": 4}

    load = staticmethod(load_task)

    @classmethod
    def settings_from(cls, given):
        """The settings of a new run; real sentence pairs have rare words, which are left out."""
        if "pairs" in given:
            least = 2 if given.get("tokens", "words") == "words" else 1
            given = {"min_count": least, "pairs_digest": digest(given["pairs"]), **given}
        return cls.Settings(**given)

    @property
    def source_vocabulary(self):
        """The words it reads."""
        return self.vocabularies["source"]

    @property
    def target_vocabulary(self):
        """The words it writes."""
        return self.vocabularies["target"]

    @cached_property
    def source_tokens(self):
        """From the text of a source sentence to its tokens, and back."""
        words_of_the_calendar = self.settings.tokens == "words" and self.settings.pairs is None
        known = self.source_vocabulary
        return Korean(known.words) if words_of_the_calendar else tokenizer(self.settings, known)

    @cached_property
    def target_tokens(self):
        """From the text of a translation to its tokens, and back."""
        return tokenizer(self.settings, self.target_vocabulary)

    @classmethod
    def vocabularies_of(cls, settings, pairs):
        """The tokens of each side that are frequent enough, and the merges that make them."""
        sides = [pair.source for pair in pairs], [pair.target for pair in pairs]
        merges = [], []
        if settings.tokens != "words":
            texts = [[pair.text[side] for pair in pairs] for side in (0, 1)]
            tokens = [Characters(), Characters()]
            if settings.tokens == "bpe":
                tokens = [BytePairs.learn(side, settings.merges) for side in texts]
                merges = [side.merges for side in tokens]
            sides = [map(side.encode, said) for side, said in zip(tokens, texts, strict=True)]
        found = [
            Vocabulary.build(sentences, settings.min_count, pairs)
            for sentences, pairs in zip(sides, merges, strict=True)
        ]
        if min(map(len, found)) == len(Vocabulary.build([])):
            raise ValueError(
                f"no token occurs {settings.min_count} times: choose a lower min_count"
            )
        return found

    def tokenized(self, splits):
        """The pairs, as tokens that the model reads; only words keep their alignment."""
        if self.settings.tokens == "words":
            return splits
        source, target = self.source_tokens.encode, self.target_tokens.encode
        return Splits(*(
            [Pair(tuple(source(p.text[0])), tuple(target(p.text[1])), text=p.text) for p in split]
            for split in splits
        ))  # fmt: skip

    def build(self, model):
        """The model before training, of this class."""
        settings = self.settings
        config = seq2seq.Config(
            len(self.source_vocabulary),
            len(self.target_vocabulary),
            settings.embedding,
            settings.hidden,
            settings.dropout,
            Vocabulary.PAD,
            settings.cell,
            settings.score,
            settings.order,
        )
        return model(config)

    def batch(self, pairs):
        """The pairs as one batch."""
        return make_batch(pairs, *self.vocabularies.values())

    def tokens_of(self, text):
        """The tokens of a source sentence."""
        return tuple(self.source_tokens.encode(" ".join(cleaned(text).split())))

    def sentences(self, batch):
        """The source sentences of a batch, for messages."""
        return [self.source_tokens.decode(pair.source) for pair in batch.pairs]

    def count(self, batch):
        """The number of the target words, with END."""
        return (batch.target_out != Vocabulary.PAD).sum()

    def batches(self, pairs, start=0):
        """Epoch after epoch of the pairs, from step `start` on."""
        settings, vocabularies = self.settings, self.vocabularies.values()
        return batch_stream(pairs, *vocabularies, settings.batch_size, settings.seed, start)

    def step(self, batch):
        """One training step, with the scheduled dropout rate."""
        first, last = self.settings.dropout, self.settings.final_dropout
        for module in self.model.modules():
            if isinstance(module, self.framework.nn.Dropout):
                module.p = last + self.left * (first - last)
        super().step(batch)

    def loss(self, batch):
        """The loss of the target words, and the fraction predicted right."""
        return loss_of(self.model, batch, self.framework)

    def watched(self, validation):
        """The course's sentence, or a short one of the run's own file."""
        if self.settings.pairs is None:
            return self.tokenized(Splits([calendar.COURSE], [], [])).train[0]
        return min(validation, key=lambda pair: abs(len(pair.source) - SHORT), default=None)

    def seen(self, pair):
        """Each word of the right translation, predicted from those before it (teacher forcing).

        It says its own translation, by greedy decoding.
        """
        batch, known = self.batch([pair]), self.target_vocabulary
        source, target = minigrad.tensor(batch.source), minigrad.tensor(batch.target_in)
        logits, weights = logits_and_weights(self.model, source, target)
        if weights is not None:  # of one sentence: (…, target, source)
            weights = weights[0].numpy()
            weights = weights.reshape(*(1, 1, *weights.shape)[-4:])
        rows = [*pair.target, known.words[known.END]]
        limit = len(rows) + MORE
        ids, _ = greedy(self.model, source, known.BEGIN, known.END, limit)
        says = self.target_tokens.decode(known.decode(ids[0].tolist()))
        columns = list(pair.source)
        return Example(rows, columns, None, known.words, logits[0].numpy(), weights, says)

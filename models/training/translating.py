"""Training a translator on sentence pairs, from the calendar grammar or from a file."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import minigrad

from .. import attention, seq2seq
from ..tasks import calendar
from ..tasks.batches import batch_stream, make_batch
from ..tasks.pairs import read_pairs, split_pairs
from ..tasks.vocabulary import Vocabulary
from . import run
from .checks import positive
from .run import setting, size


def whole_path(text):
    """A path that means the same in any folder."""
    return str(Path(text).resolve())


@dataclass(frozen=True, kw_only=True)
class Settings(run.Settings):
    """The settings of a translator and its training."""

    model: str = setting("the model's name", "attention")
    pairs: str | None = setting(
        "a file of sentence pairs, one per line (default: the calendar)", None, whole_path
    )
    pairs_digest: str | None = setting("the SHA-256 of that file", None)
    source: str = setting("the column of the file to translate from", "second", ("first", "second"))
    min_count: int = setting(
        "rarer words become <unknown>; with --pairs the default is 2", 1, positive
    )
    steps: int = run.steps(3000)
    learning_rate: float = run.learning_rate(4e-3)
    weight_decay: float = setting("weight decay of AdamW", 0.5, float)
    embedding: int = size("embedding size", 64)
    hidden: int = size("hidden size", 192)
    dropout: float = setting("dropout at the first step", 0.4, float)
    final_dropout: float = setting("dropout at the last step", 0.1, float)

    def __post_init__(self):
        """Validate the settings."""
        super().__post_init__()
        for name in ("dropout", "final_dropout"):
            if not getattr(self, name) < 1:
                raise ValueError(f"{name} must be below 1, and is {getattr(self, name)}")


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


def digest(path):
    """The SHA-256 of a file's content."""
    if not stat.S_ISREG(os.stat(path).st_mode):  # others might never end, or only be read once
        raise ValueError(f"{path} is not a regular file")
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def logits_of(model, source, target):
    """The model's logits (some models return weights, too)."""
    given = model(source, target)
    return given[0] if isinstance(given, tuple) else given


def loss_of(model, batch, framework=minigrad):
    """The loss of the target words, padding left out, and the fraction predicted right."""
    source, target_in, target = map(framework.tensor, batch[:3])
    logits = logits_of(model, source, target_in)  # (batch, target, target_words)
    loss = framework.nn.functional.cross_entropy(
        logits.flatten(0, 1), target.flatten(), ignore_index=Vocabulary.PAD
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
            given = {"min_count": 2, "pairs_digest": digest(given["pairs"]), **given}
        return cls.Settings(**given)

    @property
    def source_vocabulary(self):
        """The words it reads."""
        return self.vocabularies["source"]

    @property
    def target_vocabulary(self):
        """The words it writes."""
        return self.vocabularies["target"]

    @classmethod
    def vocabularies_of(cls, settings, pairs):
        """The words of each side that are frequent enough."""
        source = Vocabulary.build((p.source for p in pairs), settings.min_count)
        target = Vocabulary.build((p.target for p in pairs), settings.min_count)
        empty = len(Vocabulary.build([]))
        if len(source) == empty or len(target) == empty:
            raise ValueError(f"no word occurs {settings.min_count} times: choose a lower min_count")
        return source, target

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
        )
        return model(config)

    def batch(self, pairs):
        """The pairs as one batch."""
        return make_batch(pairs, *self.vocabularies.values())

    def sentences(self, batch):
        """The source sentences of a batch, for messages."""
        return [" ".join(pair.source) for pair in batch.pairs]

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

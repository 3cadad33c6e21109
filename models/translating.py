"""A run that learns to translate: sentence pairs, made by a grammar or read from a file."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import minigrad
import minigrad.nn.functional as F
from minigrad import nn

from . import attention, seq2seq, training
from .tasks import calendar
from .tasks.batches import batch_stream, make_batch
from .tasks.pairs import read_pairs, split_pairs
from .tasks.vocabulary import Vocabulary


MODELS = {"seq2seq": seq2seq.Seq2Seq, "attention": attention.Attention}


@dataclass(frozen=True, kw_only=True)
class Settings(training.Settings):
    """What a translator is, and how it learns."""

    model: str = "attention"
    pairs: str | None = None  # a file of sentence pairs; without one, the calendar
    pairs_digest: str | None = None  # what the file's SHA-256 is
    source: str = "second"  # which column of the file is translated from
    min_count: int = 1  # a word that comes less often in training is an unknown one
    embedding: int = 64
    hidden: int = 192
    dropout: float = 0.4  # at the first step, from where it falls to final_dropout at the last
    final_dropout: float = 0.1
    steps: int = 3000
    learning_rate: float = 4e-3
    weight_decay: float = 0.5

    def __post_init__(self):
        """Refuse what could not be trained with."""
        super().__post_init__()
        for name in ("dropout", "final_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} lies from 0 to below 1; {getattr(self, name)} does not")


def load_task(settings):
    """The sentence pairs of a run: train, validation and test."""
    if settings.pairs is None:
        return calendar.corpus(seed=settings.seed)
    if settings.pairs_digest not in (None, digest(settings.pairs)):
        raise ValueError(f"{settings.pairs} has changed since this run began with it")
    splits = split_pairs(read_pairs(settings.pairs, settings.source), settings.seed)
    if not splits.train or not splits.test:
        raise ValueError(
            f"{settings.pairs}: a twentieth of its sentences are to be tested on, and it has only "
            f"{len({p.source for split in splits for p in split})} different ones: give 20 or more"
        )
    return splits


def digest(path):
    """The SHA-256 of a file's content."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def logits_of(model, source, target):
    """What the model gives, without the weights that some give beside the logits."""
    given = model(source, target)
    return given[0] if isinstance(given, tuple) else given


def loss_of(model, batch):
    """The cost of the target words (padding costs nothing), and the share that is right."""
    logits = logits_of(model, minigrad.tensor(batch.source), minigrad.tensor(batch.target_in))
    target = minigrad.tensor(batch.target_out)  # (batch, target)
    loss = F.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=Vocabulary.PAD)
    words = batch.target_out != Vocabulary.PAD
    right = (logits.argmax(-1).numpy() == batch.target_out)[words].mean()
    return loss, right


class Translating(training.Run):
    """A translator in training."""

    Settings = Settings
    EXAMPLES = "sentence pairs"
    VOCABULARIES = ("source", "target")

    load = staticmethod(load_task)

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
        """Of each side of the pairs, the words that are frequent enough."""
        source = Vocabulary.build((p.source for p in pairs), settings.min_count)
        target = Vocabulary.build((p.target for p in pairs), settings.min_count)
        signs = len(Vocabulary.build([]))
        if len(source) == signs or len(target) == signs:
            raise ValueError(f"no word comes {settings.min_count} times: choose a lower min_count")
        return source, target

    def build(self):
        """The model, as it is before training."""
        settings = self.settings
        config = seq2seq.Config(
            len(self.source_vocabulary),
            len(self.target_vocabulary),
            settings.embedding,
            settings.hidden,
            settings.dropout,
            Vocabulary.PAD,
        )
        return MODELS[settings.model](config)

    def batch(self, pairs):
        """The pairs as one batch."""
        return make_batch(pairs, *self.vocabularies.values())

    def batches(self, pairs, start=0):
        """Epoch after epoch of the pairs, from step `start` on."""
        settings, vocabularies = self.settings, self.vocabularies.values()
        return batch_stream(pairs, *vocabularies, settings.batch_size, settings.seed, start)

    def step(self, batch):
        """One step of training, with the dropout of its time."""
        first, last = self.settings.dropout, self.settings.final_dropout
        for module in self.model.modules():
            if isinstance(module, nn.Dropout):
                module.p = last + self.left * (first - last)
        super().step(batch)

    def loss(self, batch):
        """The cost of the target words, and the share that is right."""
        return loss_of(self.model, batch)

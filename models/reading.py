"""A run that learns to read: whom does *it* mean? The answer is where *it* looks."""

from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import numpy as np

import minigrad
import minigrad.nn.functional as F

from . import self_attention, training
from .tasks import coreference
from .tasks.vocabulary import Vocabulary


MODELS = {
    "self_attention": self_attention.SelfAttention,
    "bare_attention": self_attention.BareSelfAttention,
}


@dataclass(frozen=True, kw_only=True)
class Settings(training.Settings):
    """What a reader is, and how it learns."""

    model: str = "self_attention"
    embedding: int = 32
    layers: int = 2
    heads: int = 1
    positions: str = "sinusoidal"  # or "learned", or "none"
    scaled: bool = True  # scores are divided by √size
    steps: int = 1000
    learning_rate: float = 5e-3

    def __post_init__(self):
        """Refuse what could not be trained with."""
        super().__post_init__()
        config_of(self, words=4)


def config_of(settings, words):
    """The model's configuration; says what is wrong with it."""
    return self_attention.Config(
        words,
        settings.embedding,
        settings.layers,
        settings.heads,
        settings.positions,
        settings.scaled,
        pad=Vocabulary.PAD,
    )


class Batch(NamedTuple):
    """Texts as ids, int64, short rows filled up with `PAD` at the right."""

    text: np.ndarray  # (batch, words)
    it: np.ndarray  # (batch,): where *it* stands
    answer: np.ndarray  # (batch,): the noun it means


def logits_of(model, batch):
    """The logits of what *it* means in each text: (batch, words)."""
    logits, _ = model(minigrad.tensor(batch.text))  # (batch, words, words)
    return logits[minigrad.arange(len(logits)), minigrad.tensor(batch.it)]


class Reading(training.Run):
    """A reader in training."""

    Settings = Settings
    EXAMPLES = "texts"
    VOCABULARIES = ("text",)

    @staticmethod
    def load(settings):
        """Texts to train on, to validate and to test with."""
        return coreference.corpus(seed=settings.seed)

    @property
    def vocabulary(self):
        """The words it knows."""
        return self.vocabularies["text"]

    @classmethod
    def vocabularies_of(cls, settings, texts):
        """All the words of the texts."""
        return [Vocabulary.build(text.words for text in texts)]

    def build(self):
        """The model, as it is before training."""
        return MODELS[self.settings.model](config_of(self.settings, len(self.vocabulary)))

    def batch(self, texts):
        """The texts as one batch."""
        ids = np.full((len(texts), max(len(text.words) for text in texts)), Vocabulary.PAD)
        for row, text in zip(ids, texts, strict=True):
            row[: len(text.words)] = self.vocabulary.encode(text.words)
        return Batch(ids, np.array([t.it for t in texts]), np.array([t.answer for t in texts]))

    def batches(self, texts, start=0):
        """Texts drawn at random for each step, from step `start` on."""
        size, seed = self.settings.batch_size, self.settings.seed
        for step in count(start):
            rows = np.random.default_rng((seed, step)).integers(len(texts), size=size)
            yield self.batch([texts[i] for i in rows])

    def loss(self, batch):
        """What it costs that *it* looks elsewhere, and the share that looks most at its noun."""
        logits, answer = logits_of(self.model, batch), minigrad.tensor(batch.answer)
        right = (logits.argmax(-1) == answer).numpy().mean()
        return F.cross_entropy(logits, answer), right


def asked(words):
    """Which word of a text is asked whom it means: the last *it*, or else the last word."""
    its = [i for i, word in enumerate(words) if word.lower() == "it"]
    return its[-1] if its else len(words) - 1


def accuracy(run, texts):
    """The share of the texts in which *it* looks more at its noun than at any other word."""
    run.model.eval()
    with minigrad.no_grad():
        batch = run.batch(texts)
        return float((logits_of(run.model, batch).argmax(-1).numpy() == batch.answer).mean())


def weights_of(run, words, cut=None):
    """How much each word of a text looks at each: an array (layers, heads, words, words)."""
    run.model.eval()
    with minigrad.no_grad():
        text = minigrad.tensor([run.vocabulary.encode(words)])
        _, weights = run.model(text) if cut is None else run.model(text, minigrad.tensor(cut))
    return weights[0].numpy()

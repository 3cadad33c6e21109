"""Training a reader on coreference: the noun that *it* refers to is where *it* attends most."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import count
from typing import ClassVar, NamedTuple

import numpy as np

import minigrad

from .. import self_attention
from ..tasks import coreference
from ..tasks.vocabulary import Vocabulary
from . import run
from .checks import positive
from .film import Example
from .run import setting, size


@dataclass(frozen=True, kw_only=True)
class Settings(run.Settings):
    """The settings of a reader and its training."""

    model: str = setting("the model's name", "self_attention")
    steps: int = run.steps(1000)
    learning_rate: float = run.learning_rate(5e-3)
    embedding: int = size("embedding size", 32)
    layers: int = size("number of attention layers", 2)
    heads: int = setting("number of attention heads", 1, positive)
    positions: str = setting(
        "positional encodings", "sinusoidal", ("none", "learned", "sinusoidal")
    )

    def __post_init__(self):
        """Validate the settings."""
        super().__post_init__()
        config_of(self, words=4)


def config_of(settings, words):
    """The model's configuration; raises ValueError if it is not a possible one."""
    return self_attention.Config(
        words,
        settings.embedding,
        settings.layers,
        settings.heads,
        settings.positions,
        pad=Vocabulary.PAD,
    )


class Batch(NamedTuple):
    """Texts as ids, int64, padded on the right with `PAD`."""

    text: np.ndarray  # (batch, words)
    it: np.ndarray  # (batch,): the index of *it*
    answer: np.ndarray  # (batch,): the index of the noun it refers to


def logits_of(model, batch, framework=minigrad):
    """The logits of what *it* refers to in each text: (batch, words)."""
    logits, _ = model(framework.tensor(batch.text))  # (batch, words, words)
    return logits[framework.arange(len(logits)), framework.tensor(batch.it)]


class Reading(run.Run):
    """A reader in training."""

    Settings = Settings
    EXAMPLES, COURSE = "texts", coreference.COURSE
    VOCABULARIES = ("text",)
    MODEL = self_attention.SelfAttention
    SMALL: ClassVar = {"embedding": 4}
    FORMER: ClassVar = {"scaled": True}

    @staticmethod
    def load(settings):
        """Texts for training, validation and test."""
        return coreference.corpus(seed=settings.seed)

    @property
    def vocabulary(self):
        """The words it knows."""
        return self.vocabularies["text"]

    @classmethod
    def vocabularies_of(cls, settings, texts):
        """A vocabulary of all words of the texts."""
        return [Vocabulary.build(text.words for text in texts)]

    def build(self, model):
        """The model before training, of this class."""
        return model(config_of(self.settings, len(self.vocabulary)))

    @cached_property
    def encoded(self):
        """From words to ids, each text once: encoding was half of the time of a batch."""
        return lru_cache(2**16)(self.vocabulary.encode)

    def batch(self, texts):
        """The texts as one batch."""
        lengths = np.array([len(text.words) for text in texts])
        ids = np.full((len(texts), lengths.max()), Vocabulary.PAD)
        words = [id for text in texts for id in self.encoded(tuple(text.words))]
        ids[np.arange(lengths.max()) < lengths[:, None]] = words  # row by row
        return Batch(ids, np.array([t.it for t in texts]), np.array([t.answer for t in texts]))

    def sentences(self, batch):
        """The texts of a batch, for messages."""
        return [" ".join(self.vocabulary.decode(row)) for row in batch.text.tolist()]

    def batches(self, texts, start=0):
        """Random texts for each step, from step `start` on."""
        size, seed = self.settings.batch_size, self.settings.seed
        for step in count(start):
            rows = np.random.default_rng((seed, step)).integers(len(texts), size=size)
            yield self.batch([texts[i] for i in rows])

    def loss(self, batch):
        """The loss, and the fraction of texts in which *it* attends most to its noun."""
        logits = logits_of(self.model, batch, self.framework)
        answer = self.framework.tensor(batch.answer)
        right = (logits.argmax(-1) == answer).cpu().numpy().mean()
        return self.framework.nn.functional.cross_entropy(logits, answer), right

    def watched(self, validation):
        """The course's text."""
        return self.COURSE

    def seen(self, text):
        """The word that *it* refers to, and the weights of all words."""
        logits, weights = self.model(minigrad.tensor([self.vocabulary.encode(text.words)]))
        words = list(text.words)
        names = [w if words.count(w) == 1 else f"{w} ({i})" for i, w in enumerate(words, start=1)]
        asked = np.full((len(words), len(words)), np.nan)
        asked[text.it] = logits[0, text.it].numpy()
        says = f"{words[text.it]} → {names[asked[text.it].argmax()]}"
        return Example(words, words, text.it, names, asked, weights[0].numpy(), says)


def index_of_it(words):
    """The index of the word to resolve: the last *it*, or the last word if there is none."""
    its = [i for i, word in enumerate(words) if word.lower() == "it"]
    return its[-1] if its else len(words) - 1


def accuracy(run, texts):
    """The fraction of texts in which *it* attends more to its noun than to any other word."""
    run.model.eval()
    with minigrad.no_grad():
        batch = run.batch(texts)
        return float((logits_of(run.model, batch).argmax(-1).numpy() == batch.answer).mean())


def weights_of(run, words, cut=None):
    """The attention weights of a text: an array (layers, heads, words, words)."""
    run.model.eval()
    with minigrad.no_grad():
        text = minigrad.tensor([run.vocabulary.encode(words)])
        _, weights = run.model(text) if cut is None else run.model(text, minigrad.tensor(cut))
    return weights[0].numpy()

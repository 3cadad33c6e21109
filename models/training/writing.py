"""Training a GPT to write: on the project's own stories, or on any text."""

from dataclasses import dataclass
from itertools import count
from typing import ClassVar, NamedTuple

import numpy as np



from .. import gpt
from ..tasks import stories
from ..tasks.vocabulary import Vocabulary
from . import run
from .checks import positive
from .run import setting, size
from .translating import digest, whole_path

BATCHES_IN_A_BUCKET = 50  # within which texts are sorted by length, so that there is little padding


@dataclass(frozen=True, kw_only=True)
class Settings(run.Settings):
    """The settings of a GPT and its training."""

    model: str = setting("the model's name", "gpt")
    text: str | None = setting("a text file in UTF-8 (default: little stories)", None, whole_path)
    text_digest: str | None = setting("the SHA-256 of that file", None)
    steps: int = run.steps(2000)
    batch_size: int = setting("texts per step", 32, positive, most=1_000_000)
    learning_rate: float = run.learning_rate(3e-3)
    warmup: int = run.warmup(100)
    weight_decay: float = setting("weight decay of AdamW", 0.1, float)
    embedding: int = size("embedding size", 64)
    hidden: int = size("hidden size of the feed-forward networks", 256)
    layers: int = size("number of layers", 3)
    heads: int = setting("number of attention heads in each layer", 4, positive)
    context: int = size("context length: how many tokens it sees at once", 72)
    positions: str = setting(
        "positional encodings", "learned", ("sinusoidal", "learned", "rotary")
    )
    norm: str = setting("layer norm before each sublayer or after it", "before", ("before", "after"))
    dropout: float = setting("dropout", 0.0, float)

    def __post_init__(self):
        """Validate the settings."""
        super().__post_init__()
        if not self.dropout < 1:
            raise ValueError(f"dropout must be below 1, and is {self.dropout}")
        config_of(self, words=4)


def config_of(settings, words):
    """The model's configuration; raises ValueError if it is not a possible one."""
    return gpt.Config(
        words,
        settings.embedding,
        settings.hidden,
        settings.layers,
        settings.heads,
        settings.dropout,
        settings.positions,
        settings.norm,
        longest=settings.context,
        pad=Vocabulary.PAD,
    )


class Batch(NamedTuple):
    """Texts as ids, int64, padded on the right with `PAD`. At each token the next one is asked for."""

    text: np.ndarray  # BEGIN w1 w2 …  (batch, words)
    following: np.ndarray  # w1 w2 … END    (batch, words)


class Writing(run.Run):
    """A GPT in training."""

    Settings = Settings
    EXAMPLES, COURSE = "stories", stories.COURSE
    VOCABULARIES = ("text",)
    MODEL = gpt.GPT
    SMALL: ClassVar = {"embedding": 4, "hidden": 4, "layers": 1, "heads": 2}

    @staticmethod
    def load(settings):
        return stories.corpus(seed=settings.seed)

    @property
    def vocabulary(self):
        """The tokens it knows."""
        return self.vocabularies["text"]

    @classmethod
    def vocabularies_of(cls, settings, texts):
        """A vocabulary of all tokens of the texts."""
        return [Vocabulary.build(texts)]

    def build(self, model):
        """The model before training, of this class."""
        return model(config_of(self.settings, len(self.vocabulary)))

    def batch(self, texts):
        """The texts as one batch; what is longer than the context is cut off."""
        rows = [[Vocabulary.BEGIN, *self.vocabulary.encode(t), Vocabulary.END] for t in texts]
        longest = min(max(map(len, rows)) - 1, self.settings.context)
        ids = np.full((len(rows), longest + 1), Vocabulary.PAD)
        for row, words in zip(ids, rows, strict=True):
            words = words[: longest + 1]
            row[: len(words)] = words
        text = np.where(ids[:, 1:] == Vocabulary.PAD, Vocabulary.PAD, ids[:, :-1])
        return Batch(text, ids[:, 1:])

    def sentences(self, batch):
        """The texts of a batch, for messages."""
        return [" ".join(self.vocabulary.decode(row)) for row in batch.text.tolist()]

    def batches(self, texts, start=0):
        """Epoch after epoch of the texts, from step `start` on."""
        size, seed = self.settings.batch_size, self.settings.seed
        lengths = np.array([len(text) for text in texts])
        steps = -(-len(texts) // size)
        first, skipped = divmod(start, steps)
        for epoch in count(first):
            rng = np.random.default_rng((seed, epoch))
            order = rng.permutation(len(texts))
            buckets = np.arange(len(texts)) // (BATCHES_IN_A_BUCKET * size)
            order = order[np.lexsort((lengths[order], buckets))]
            for i in rng.permutation(steps)[skipped:]:
                yield self.batch([texts[j] for j in order[i * size : (i + 1) * size]])
            skipped = 0

    def loss(self, batch):
        """The loss of each next token, and the fraction predicted right."""
        text, following = map(self.framework.tensor, batch)
        logits, _ = self.model(text)  # (batch, words, words known)
        loss = self.framework.nn.functional.cross_entropy(
            logits.flatten(0, 1), following.flatten(), ignore_index=Vocabulary.PAD
        )
        words = batch.following != Vocabulary.PAD
        right = (logits.argmax(-1).numpy() == batch.following)[words].mean()
        return loss, right

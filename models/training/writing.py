"""Training a GPT to write: on the project's own stories, or on any text."""

from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import ClassVar, NamedTuple

import numpy as np

import minigrad

from .. import gpt
from ..tasks import passages, stories
from ..tasks.mapped import forget
from ..tasks.tokens import BytePairs
from ..tasks.vocabulary import SPECIALS, Vocabulary
from . import run
from .checks import positive
from .film import Example
from .generation import continued
from .run import setting, size
from .translating import digest, tokenizer, whole_path

WATCHED = 14  # tokens of a text that its film shows
SAID = 6  # tokens that the film lets the model write after it
BATCHES_IN_A_BUCKET = 50  # within which stories are sorted by length, so that there is less padding


@dataclass(frozen=True, kw_only=True)
class Settings(run.Settings):
    """The settings of a GPT and its training."""

    model: str = setting("the model's name", "gpt")
    text: str | None = setting("a text file in UTF-8 (default: little stories)", None, whole_path)
    text_digest: str | None = setting("the SHA-256 of that file", None)
    tokens: str = setting(
        "what a text is split into; with --text the default is characters",
        "words",
        ("words", "characters", "bpe"),
    )
    merges: int = setting(
        "how many merges of byte pairs to learn, with --tokens bpe", 1000, positive
    )
    min_count: int = setting(
        "rarer tokens become <unknown>; for words of --text the default is 2", 1, positive
    )
    steps: int = run.steps(5000)
    batch_size: int = run.batch_size(32, "stories, or passages of the text, per step")
    learning_rate: float = run.learning_rate(5e-3)
    warmup: int = run.warmup(100)
    weight_decay: float = setting("weight decay of AdamW", 0.1, float)
    embedding: int = size("embedding size", 64)
    hidden: int = size("hidden size of the feed-forward networks", 256)
    layers: int = size("number of layers", 3)
    heads: int = setting("number of attention heads in each layer", 4, positive)
    context: int = setting(
        "context length: how many tokens the model sees at once", 72, positive, most=100_000
    )
    positions: str = setting("positional encodings", "rotary", ("sinusoidal", "learned", "rotary"))
    norm: str = setting("layer norm before each sublayer or after", "before", ("before", "after"))
    dropout: float = setting("dropout", 0.0, float)

    def __post_init__(self):
        """Validate the settings."""
        super().__post_init__()
        if not self.dropout < 1:
            raise ValueError(f"dropout must be below 1, and is {self.dropout}")
        if self.context < 2:
            raise ValueError(f"context must be at least 2, not {self.context}")
        if self.text is None and self.tokens != "words":
            raise ValueError(
                f"tokens must be words, not {self.tokens}, because stories are made of words"
            )
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
    """Texts as ids, int64, padded on the right with `PAD`; at each token the next one is asked."""

    text: np.ndarray  # BEGIN w1 w2 …  (batch, words)
    following: np.ndarray  # w1 w2 …       (batch, words)


class Writing(run.Run):
    """A GPT in training.

    Its examples are stories, which end with END; or the passages of a text, which do not, because
    the text goes on. BEGIN is before each of them: what was there before is out of sight.
    """

    Settings = Settings
    EXAMPLES, COURSE = "texts", stories.COURSE
    VOCABULARIES = ("text",)
    MODEL = gpt.GPT
    SMALL: ClassVar = {"embedding": 4, "hidden": 4, "layers": 1, "heads": 2}

    @classmethod
    def settings_from(cls, given):
        """The settings of a new run."""
        if "text" in given:
            given = {"tokens": "characters", "text_digest": digest(given["text"]), **given}
            given = {"min_count": 2 if given["tokens"] == "words" else 1, **given}
        return cls.Settings(**given)

    @staticmethod
    def load(settings):
        """Stories, or passages of a text, for training and validation."""
        path = settings.text
        if path is None:
            return stories.corpus(seed=settings.seed)
        if settings.text_digest not in (None, digest(path)):
            raise ValueError(f"{path} has changed since this run was started with it")
        merges = ()
        if settings.tokens == "bpe":
            merges = BytePairs.learn(passages.parts(path), settings.merges).merges
        encode = tokenizer(settings, Vocabulary(SPECIALS, merges)).encode
        return passages.split(path, encode, settings.context, merges)

    @property
    def vocabulary(self):
        """The tokens it knows."""
        return self.vocabularies["text"]

    @cached_property
    def tokens(self):
        """From text to tokens, and back."""
        return tokenizer(self.settings, self.vocabulary)

    def tokens_of(self, text):
        """The tokens of a text."""
        return tuple(self.tokens.encode(text))

    @classmethod
    def vocabularies_of(cls, settings, texts):
        """A vocabulary of the tokens that are frequent enough."""
        if isinstance(texts, passages.Passages):
            known = Vocabulary([*SPECIALS, *texts.known(settings.min_count)], texts.merges)
        else:
            known = Vocabulary.build(texts, settings.min_count)
        if len(known) == len(SPECIALS):
            raise ValueError(
                f"no token occurs {settings.min_count} times: choose a lower min_count"
            )
        return [known]

    def build(self, model):
        """The model before training, of this class."""
        return model(config_of(self.settings, len(self.vocabulary)))

    def batch(self, texts):
        """The texts as one batch; what is longer than the context is cut off."""
        end = [Vocabulary.END] if self.settings.text is None else []
        rows = [[Vocabulary.BEGIN, *self.vocabulary.encode(text), *end] for text in texts]
        longest = min(max(map(len, rows)), self.settings.context + 1)
        ids = np.full((len(rows), longest), Vocabulary.PAD)
        for row, words in zip(ids, rows, strict=True):
            row[: len(words)] = words[:longest]
        following = ids[:, 1:]
        return Batch(np.where(following == Vocabulary.PAD, following, ids[:, :-1]), following)

    def sentences(self, batch):
        """The texts of a batch, for messages."""
        return [self.tokens.decode(self.vocabulary.decode(row)) for row in batch.text.tolist()]

    def batches(self, texts, start=0):
        """The batches of training, from step `start` on."""
        if isinstance(texts, passages.Passages):
            return self._windows(texts, start)
        return self._epochs(texts, start)

    def _windows(self, text, start):
        """Passages that start anywhere in the text."""
        size, seed = self.settings.batch_size, self.settings.seed
        last = max(1, len(text.numbers) - text.length + 1)
        for step in count(start):
            places = np.random.default_rng((seed, step)).integers(last, size=size)
            yield self.batch([text.starting(place) for place in places])
            forget(text.numbers)  # of which the memory keeps nothing

    def _epochs(self, texts, start):
        """Epoch after epoch of the stories; those in a batch have similar lengths."""
        size, seed = self.settings.batch_size, self.settings.seed
        lengths, steps = np.array([len(text) for text in texts]), -(-len(texts) // size)
        buckets = np.arange(len(texts)) // (BATCHES_IN_A_BUCKET * size)
        first, skipped = divmod(start, steps)
        for epoch in count(first):
            rng = np.random.default_rng((seed, epoch))
            order = rng.permutation(len(texts))
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
        asked = batch.following != Vocabulary.PAD
        right = (logits.argmax(-1).cpu().numpy() == batch.following)[asked].mean()
        return loss, right

    def count(self, batch):
        """How many tokens the loss is the mean of."""
        return int((batch.following != Vocabulary.PAD).sum())

    def watched(self, validation):
        """How the course's story begins, or a text of the run's own file."""
        text = self.COURSE if self.settings.text is None else next(iter(validation), None)
        return text and text[: min(WATCHED, self.settings.context - 1)]

    def seen(self, text):
        """The token after each token of the text; the last row asks how the text goes on."""
        known, begin = self.vocabulary.words, Vocabulary.BEGIN
        logits, weights = self.model(minigrad.tensor([[begin, *self.vocabulary.encode(text)]]))
        rows = [known[begin], *text]
        said = list(continued(self, text, limit=SAID, temperature=0))
        says = self.tokens.decode([*text, *said])
        last = len(rows) - 1
        return Example(rows, rows, last, known, logits[0].numpy(), weights[0].numpy(), says)

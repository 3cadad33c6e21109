"""Training a Transformer on sentence pairs."""

from dataclasses import dataclass
from typing import ClassVar

from .. import transformer
from ..tasks.vocabulary import Vocabulary
from . import run, translating
from .checks import positive
from .run import setting, size


@dataclass(frozen=True, kw_only=True)
class Settings(translating.Task):
    """The settings of a Transformer and its training."""

    model: str = setting("the model's name", "transformer")
    # Small batches, and so more steps in the same time: long sentences come out right more often.
    steps: int = run.steps(8000)
    batch_size: int = run.batch_size(16)
    learning_rate: float = run.learning_rate(3e-3)
    warmup: int = run.warmup(200)
    embedding: int = size("embedding size", 64)
    hidden: int = size("hidden size of the feed-forward networks", 128)
    layers: int = size("number of layers, of the encoder and of the decoder", 2)
    heads: int = setting("number of attention heads in each layer", 4, positive)
    positions: str = setting(
        "positional encodings", "sinusoidal", ("sinusoidal", "learned", "rotary")
    )
    norm: str = setting(
        "layer norm before each sublayer or after it", "before", ("before", "after")
    )
    label_smoothing: float = setting(
        "how much of each word's probability is spread over all words", 0.1, float, most=1
    )
    dropout: float = setting("dropout at the first step", 0.0, float)
    final_dropout: float = setting("dropout at the last step", 0.0, float)

    def __post_init__(self):
        """Validate the settings."""
        super().__post_init__()
        config_of(self, source_words=4, target_words=4)


def config_of(settings, source_words, target_words):
    """The model's configuration; raises ValueError if it is not a possible one."""
    return transformer.Config(
        source_words,
        target_words,
        settings.embedding,
        settings.hidden,
        settings.layers,
        settings.heads,
        settings.dropout,
        settings.positions,
        settings.norm,
        pad=Vocabulary.PAD,
    )


class Transforming(translating.Translating):
    """A Transformer in training."""

    Settings = Settings
    MODEL = transformer.Transformer
    SMALL: ClassVar = {"embedding": 4, "hidden": 4, "layers": 1, "heads": 2}

    def build(self, model):
        """The model before training, of this class."""
        return model(
            config_of(self.settings, len(self.source_vocabulary), len(self.target_vocabulary))
        )

    def loss(self, batch):
        """The loss of the target words, and the fraction predicted right."""
        smoothing = self.settings.label_smoothing if self.model.training else 0.0
        return translating.loss_of(self.model, batch, self.framework, smoothing)

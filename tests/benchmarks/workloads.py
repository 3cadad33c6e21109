"""What is trained: models of the course and a Transformer, each in four sizes, on random words.

A step is the forward pass, the loss, the backward pass, clipping to a norm of 1 and Adam, all in
float32.
"""

from typing import NamedTuple

import numpy as np

from models.attention import Attention
from models.self_attention import Config as ReaderConfig
from models.self_attention import SelfAttention
from models.seq2seq import Config, Seq2Seq
from models.training.run import training_step

from .transformer import Transformer


class Size(NamedTuple):
    """The sizes of a batch, a text, the vocabulary and the hidden state."""

    batch: int
    time: int
    words: int
    hidden: int

    def __str__(self):
        return f"B{self.batch} T{self.time} V{self.words} H{self.hidden}"


SIZES = (
    Size(16, 8, 50, 32),
    Size(32, 10, 200, 64),
    Size(64, 16, 1000, 128),
    Size(64, 30, 5000, 256),
)
NAMES = ("seq2seq", "attention", "self_attention", "transformer")


def data(name, size, seed=0):
    """The arrays of a batch: the model's inputs, and the target words."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(4, size.words, (2, size.batch, size.time))
    if name in ("seq2seq", "attention"):
        begin = np.ones((size.batch, 1), int)
        return (first, np.concatenate([begin, second[:, :-1]], 1)), second
    if name == "self_attention":
        return (first,), rng.integers(0, size.time, (size.batch, size.time))
    return (first,), second


def build(name, backend, size):
    """The model on a framework."""
    if name in ("seq2seq", "attention"):
        kind = {"seq2seq": Seq2Seq, "attention": Attention}[name]
        config = Config(size.words, size.words, size.hidden, size.hidden)
        return backend.version_of(kind)(config)
    if name == "self_attention":
        config = ReaderConfig(size.words, size.hidden, layers=2, heads=1)
        return backend.version_of(SelfAttention)(config)
    return backend.version_of(Transformer)(size.words, size.hidden)


class Training:
    """A model on a framework (minigrad or torch: the names are the same), and one batch."""

    def __init__(self, framework, model, inputs, target):
        self.framework, self.model = framework, model
        self.inputs = [framework.tensor(x) for x in inputs]
        self.target = framework.tensor(target).flatten()
        self.parameters = list(model.parameters())
        self.optimizer = framework.optim.Adam(self.parameters, lr=1e-3)

    def step(self):
        """One step; returns the loss."""
        loss, _, _ = training_step(
            self.framework, self.optimizer, self.parameters, self.loss, self.inputs, clip=1.0
        )
        return loss.item()

    def loss(self, inputs):
        """The loss, and nothing else."""
        given = self.model(*inputs)
        logits = given[0] if isinstance(given, tuple) else given
        return self.framework.nn.functional.cross_entropy(logits.flatten(0, 1), self.target), None


def on_each(on):
    """on(minigrad), and on(torch) if PyTorch is installed, by name."""
    import minigrad

    found = {"minigrad": on(minigrad)}
    try:
        import torch

        found["PyTorch"] = on(torch)
    except ModuleNotFoundError:
        pass
    return found

"""What is trained: models of the course, and a Transformer, each in four sizes, on random words.

A step is the forward pass, the loss, the backward pass, clipping to a length of 1 and Adam, all in
float32.
"""

from typing import NamedTuple

import numpy as np


class Size(NamedTuple):
    """How large a batch, a text, the vocabulary and a state are."""

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
    """The arrays of a batch: what the model reads, and the words it is to expect."""
    rng = np.random.default_rng(seed)
    first, second = rng.integers(4, size.words, (2, size.batch, size.time))
    if name in ("seq2seq", "attention"):
        begin = np.ones((size.batch, 1), int)
        return (first, np.concatenate([begin, second[:, :-1]], 1)), second
    if name == "self_attention":
        return (first,), rng.integers(0, size.time, (size.batch, size.time))
    return (first,), second


def build(name, files, size):
    """The model; `files` are the model files, and that of the Transformer, on one framework."""
    if name in ("seq2seq", "attention"):
        kind = {"seq2seq": files.seq2seq.Seq2Seq, "attention": files.attention.Attention}[name]
        return kind(files.seq2seq.Config(size.words, size.words, size.hidden, size.hidden))
    if name == "self_attention":
        config = files.self_attention.Config(size.words, size.hidden, layers=2, heads=1)
        return files.self_attention.SelfAttention(config)
    return files.transformer.Transformer(size.words, size.hidden)


class Training:
    """A model on a framework (minigrad or torch: the words are the same), and one batch."""

    def __init__(self, framework, model, inputs, target):
        self.framework, self.model = framework, model
        self.inputs = [framework.tensor(x) for x in inputs]
        self.target = framework.tensor(target).flatten()
        self.parameters = list(model.parameters())
        self.optimizer = framework.optim.Adam(self.parameters, lr=1e-3)

    def step(self):
        """One step; returns the loss."""
        given = self.model(*self.inputs)
        logits = given[0] if isinstance(given, tuple) else given
        loss = self.framework.nn.functional.cross_entropy(logits.flatten(0, 1), self.target)
        self.optimizer.zero_grad()
        loss.backward()
        self.framework.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return loss.item()


def on_each(on):
    """What `on` makes of minigrad, and of PyTorch where it is installed."""
    import minigrad

    found = {"minigrad": on(minigrad)}
    try:
        import torch

        found["PyTorch"] = on(torch)
    except ModuleNotFoundError:
        pass
    return found

"""Transformers as popular scripts write them (transformers.py); forward, loss, backward, AdamW.

The first steps are without dropout, because frameworks draw different random numbers.
"""

from typing import NamedTuple

import numpy as np

from models.training.backend import MINIGRAD, Backend

from .page import comparison
from .timing import US, compared
from .transformers import GPT, Lecture, Makemore

TITLE = "A training step of a script's Transformer"


class Size(NamedTuple):
    """The sizes of a batch, a text, the hidden state and the model."""

    batch: int
    time: int
    hidden: int
    layers: int
    heads: int = 4
    words: int = 65
    dropout: float = 0.0

    def __str__(self):
        return f"B{self.batch} T{self.time} H{self.hidden}, {self.layers} layers"


CELLS = (
    ("makemore", Makemore, Size(32, 16, 64, 4, words=27)),
    ("minGPT", Makemore, Size(64, 11, 96, 3, words=10, dropout=0.1)),
    ("minGPT", Makemore, Size(32, 64, 128, 4, dropout=0.1)),
    ("lecture", Lecture, Size(64, 32, 64, 4)),
    ("lecture", Lecture, Size(16, 32, 64, 4)),
    ("GPT", GPT, Size(32, 64, 128, 4)),
)


def measure(arguments):
    """One row per family and size."""
    for family, kind, size in CELLS:
        cell = {"family": family, "size": str(size)}
        yield cell | compared(steps(kind, size), arguments.rounds, arguments.seconds)


def report(rows):
    """Lines of Markdown, and the means."""
    return comparison(rows, ("family", "size"), "ms")


def steps(kind, size):
    """For each framework that is installed, a function that does a step and returns the loss."""
    MINIGRAD.framework.manual_seed(0)
    state = {k: v.numpy().copy() for k, v in kind(size).state_dict().items()}
    ids = np.random.default_rng(0).integers(0, size.words, (size.batch, size.time + 1))
    found = {}
    for name, backend in backends().items():
        tensor = backend.framework.tensor
        model = backend.version_of(kind)(size)
        model.load_state_dict({k: tensor(v) for k, v in state.items()})
        batch = tensor(ids[:, :-1]), tensor(np.ascontiguousarray(ids[:, 1:]))
        found[name] = step(backend.framework, model, batch)
    return found


def backends():
    """The frameworks that are installed, by the names that the tables have for them."""
    from .before import Before

    found = {US: MINIGRAD}
    for name, backend in (("before", Before), ("PyTorch", lambda: Backend("torch"))):
        try:
            found[name] = backend()
            assert found[name].framework
        except ModuleNotFoundError:
            found.pop(name, None)
    return found


def step(framework, model, batch):
    """A training step; the first three are without dropout."""
    optimizer = framework.optim.AdamW(model.parameters(), lr=5e-4, betas=(0.9, 0.99))
    done = 0

    def go():
        nonlocal done
        if done in (0, 3):
            model.train(done == 3)
        done += 1
        loss = model(*batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return go

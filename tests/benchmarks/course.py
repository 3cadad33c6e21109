"""The course's Transformer and GPT: a training step (forward, loss, backward, clip, AdamW), and the
time for each token that the GPT writes with its cache, one text at a time.

PyTorch runs the same source; "fused" attends by scaled_dot_product_attention instead.
"""

from functools import partial

import numpy as np

from models import decoding, gpt, transformer
from models.training.backend import MINIGRAD, Backend
from models.training.run import training_step

from .page import comparison
from .timing import US, compared

TITLE = "The course's Transformer and GPT"
WRITTEN = 100  # tokens that the GPT writes in a step

SIZES = {"embedding": 128, "hidden": 512, "layers": 4, "heads": 4, "longest": 256}
MODELS = {
    "GPT": (gpt.GPT, gpt.Config(words=100, **SIZES)),
    "Transformer": (
        transformer.Transformer,
        transformer.Config(source_words=200, target_words=100, **SIZES),
    ),
}
BATCH, TIME = 32, 64


def measure(arguments):
    """A row for each model in training, and one for the GPT that writes."""
    for name in MODELS:
        steps = {peer: trained(name, backend) for peer, backend in installed().items()}
        cell = {"what": f"{name}, a step of training", "size": f"B{BATCH} T{TIME} H128, 4 layers"}
        yield cell | compared(steps, arguments.rounds, arguments.seconds)
    steps = {peer: written(backend) for peer, backend in installed().items()}
    cell = {"what": f"GPT, {WRITTEN} tokens written", "size": "B1 H128, 4 layers"}
    yield cell | compared(steps, arguments.rounds, arguments.seconds)


def report(rows):
    """Lines of Markdown, and the means."""
    return comparison(rows, ("what", "size"), "ms")


def installed():
    """The backends by the names that the tables have for them; PyTorch's if it is installed."""
    found = {US: MINIGRAD}
    for name, fused in (("PyTorch", False), ("PyTorch fused", True)):
        backend = Backend("torch", fused=fused)
        try:
            assert backend.framework
        except ModuleNotFoundError:
            continue
        found[name] = backend
    return found


def built(name, backend):
    """A model with the same weights on every backend."""
    kind, config = MODELS[name]
    MINIGRAD.framework.manual_seed(0)
    return backend.built(lambda model: model(config), kind)


def trained(name, backend):
    """A function that does a step of training and returns the loss."""
    model, framework = built(name, backend), backend.framework
    ids = np.random.default_rng(0).integers(4, 100, (BATCH, TIME + 1))
    read, target = framework.tensor(ids[:, :-1]), framework.tensor(ids[:, 1:].copy())
    optimizer = framework.optim.AdamW(model.parameters(), lr=5e-4)
    parameters = list(model.parameters())

    def loss_of(_):
        if name == "GPT":
            logits = model.write(read)[0]
        else:
            state, memory = model.encode(read)
            logits = model.write(read, state, memory)[0]
        loss = framework.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten())
        return loss, None

    step = partial(training_step, framework, optimizer, parameters, loss_of, None, 1.0)
    return lambda: step()[0].item()


def written(backend):
    """A function that writes tokens after a begin token, and returns the sum of their ids."""
    model, framework = built("GPT", backend).eval(), backend.framework
    sample = backend.version_of(decoding.sample)
    begin = framework.tensor([[1]])

    def write():
        return sum(i.item() for i in sample(model.write, begin, WRITTEN, temperature=0))

    return write

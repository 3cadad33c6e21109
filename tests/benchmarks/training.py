"""Forward pass, loss, backward pass, clipping to a length of 1, Adam; all in float32."""

from pathlib import Path
from types import SimpleNamespace

from .page import comparison, means
from .timing import US, compared
from .workloads import SIZES, Training, build, data

TITLE = "A training step"
HERE = Path(__file__).parent
MODELS = HERE.parents[1] / "models"


def measure(arguments):
    """A row for each cell: what it is, and what `compared` gives."""
    for name in arguments.models:
        for size in SIZES:
            cell = {"model": name, "size": str(size)}
            yield cell | compared(steps(name, size), arguments.rounds, arguments.seconds)


def report(rows):
    """Lines of Markdown, and the means; those to the limit for small sizes and for large ones."""
    lines, found = comparison(rows, ("model", "size"), "ms")
    small = [str(size) for size in SIZES[:2]]
    for size, which in (("small", True), ("large", False)):
        some = [row for row in rows if (row["size"] in small) is which]
        found[f"/ by hand, the {size} sizes"] = means(some, "by hand")
    return lines, found


def steps(name, size, frameworks=None):
    """For each of them (None: all) that is installed, what does a step and gives the loss."""
    state, batch = weights(name, size), data(name, size)
    found = {}
    for framework in frameworks or FRAMEWORKS:
        try:
            found[framework] = FRAMEWORKS[framework](name, size, state, batch)
        except ModuleNotFoundError:
            continue
    return found


def weights(name, size):
    """Those that minigrad's model starts from, by name: arrays."""
    import minigrad

    minigrad.manual_seed(0)
    return {k: v.numpy().copy() for k, v in model(name, size).state_dict().items()}


def model(name, size):
    """On minigrad."""
    from models import attention, rnn, self_attention, seq2seq

    from . import transformer

    files = SimpleNamespace(
        rnn=rnn,
        seq2seq=seq2seq,
        attention=attention,
        self_attention=self_attention,
        transformer=transformer,
    )
    return build(name, files, size)


def model_on_torch(name, size, state):
    """The same source on PyTorch, from these weights."""
    import torch
    from tests.on_torch import on_torch

    files = ("rnn", "seq2seq", "attention", "self_attention")
    with (
        on_torch(MODELS, files) as theirs,
        on_torch(HERE, ("transformer",), "transformer_on_torch") as others,
    ):
        theirs.transformer = others.transformer
        found = build(name, theirs, size)
    found.load_state_dict({k: torch.tensor(v) for k, v in state.items()})
    return found


def on_minigrad(name, size, state, batch):
    import minigrad

    ours = model(name, size)
    ours.load_state_dict({k: minigrad.tensor(v) for k, v in state.items()})
    return Training(minigrad, ours, *batch).step


def pytorch(name, size, state, batch):
    import torch

    return Training(torch, model_on_torch(name, size, state), *batch).step


def pytorch_fused(name, size, state, batch):
    import torch

    from .fused import fused

    return Training(torch, fused(model_on_torch(name, size, state)), *batch).step


def hips(name, size, state, batch):
    from . import hips

    return hips.training(name, state, *batch)


def by_hand(name, size, state, batch):
    from . import by_hand

    return by_hand.training(name, state, *batch)


FRAMEWORKS = {
    US: on_minigrad,
    "PyTorch": pytorch,
    "PyTorch fused": pytorch_fused,
    "HIPS autograd": hips,
    "by hand": by_hand,
}

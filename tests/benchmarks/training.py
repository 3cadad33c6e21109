"""A training step of each model in each size, on every framework."""

from pathlib import Path
from types import SimpleNamespace

from .page import comparison, means, said
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
        found[f"by hand, the {size} sizes"] = means(some, "by hand")
    return [*lines, "", *said(found)], {"means": found}


def steps(name, size):
    """For each framework that is installed a function that does one step and gives the loss."""
    import minigrad
    from models import attention, rnn, self_attention, seq2seq

    from . import by_hand, transformer

    minigrad.manual_seed(0)
    ours = SimpleNamespace(
        rnn=rnn, seq2seq=seq2seq, attention=attention, self_attention=self_attention,
        transformer=transformer,
    )  # fmt: skip
    model = build(name, ours, size)
    state = {k: v.numpy().copy() for k, v in model.state_dict().items()}
    batch = data(name, size)
    found = {
        US: Training(minigrad, model, *batch).step,
        "by hand": by_hand.training(name, state, *batch),
    }
    try:
        import torch

        plain, fused = models_on_torch(name, size, state)
        found["PyTorch"] = Training(torch, plain, *batch).step
        found["PyTorch fused"] = Training(torch, fused, *batch).step
    except ModuleNotFoundError:
        pass
    try:
        from . import hips

        found["HIPS autograd"] = hips.training(name, state, *batch)
    except ModuleNotFoundError:
        pass
    return found


def models_on_torch(name, size, state):
    """The same source on PyTorch, from these weights; once as it is, once with fused parts."""
    import torch
    from on_torch import on_torch

    from .fused import fused

    files = ("rnn", "seq2seq", "attention", "self_attention")
    with (
        on_torch(MODELS, files) as theirs,
        on_torch(HERE, ("transformer",), "transformer_on_torch") as others,
    ):
        theirs.transformer = others.transformer
        plain, other = build(name, theirs, size), build(name, theirs, size)
    weights = {k: torch.tensor(v) for k, v in state.items()}
    plain.load_state_dict(weights)
    other.load_state_dict(weights)
    return plain, fused(other)

"""Forward pass, loss, backward pass, clipping to a norm of 1, Adam; all in float32."""

from models.training.backend import MINIGRAD, Backend

from .page import comparison, means
from .timing import US, compared
from .workloads import SIZES, Training, build, data

TITLE = "A training step"


def measure(arguments):
    """One row per cell: its name, and the result of `compared`."""
    for name in arguments.models:
        for size in SIZES:
            cell = {"model": name, "size": str(size)}
            yield cell | compared(steps(name, size), arguments.rounds, arguments.seconds)


def report(rows):
    """Lines of Markdown, and the means; relative to NumPy by hand, for small and large sizes."""
    lines, found = comparison(rows, ("model", "size"), "ms")
    small = [str(size) for size in SIZES[:2]]
    for size, which in (("small", True), ("large", False)):
        some = [row for row in rows if (row["size"] in small) is which]
        found[f"/ by hand, the {size} sizes"] = means(some, "by hand")
    return lines, found


def steps(name, size, frameworks=None):
    """For each framework (None: all) that is installed, a function that does a step: the loss."""
    state, batch = weights(name, size), data(name, size)
    found = {}
    for framework in frameworks or FRAMEWORKS:
        try:
            found[framework] = FRAMEWORKS[framework](name, size, state, batch)
        except ModuleNotFoundError:
            continue
    return found


def weights(name, size):
    """The weights that minigrad's model starts from: arrays by name."""
    MINIGRAD.framework.manual_seed(0)
    model = build(name, MINIGRAD, size)
    return {k: v.numpy().copy() for k, v in model.state_dict().items()}


def training(backend, name, size, state, batch, change=lambda model: model):
    """The same source on a framework, from these weights; `change` may exchange its parts."""
    model, tensor = build(name, backend, size), backend.framework.tensor
    model.load_state_dict({k: tensor(v) for k, v in state.items()})
    return Training(backend.framework, change(model), *batch)


def on_minigrad(name, size, state, batch):
    return training(MINIGRAD, name, size, state, batch).step


def pytorch(name, size, state, batch):
    return training(Backend("torch"), name, size, state, batch).step


def pytorch_fused(name, size, state, batch):
    from .fused import fused

    return training(Backend("torch"), name, size, state, batch, fused).step


def before(name, size, state, batch):
    from .before import Before

    return training(Before(), name, size, state, batch).step


def hips(name, size, state, batch):
    from . import hips

    return hips.training(name, state, *batch)


def by_hand(name, size, state, batch):
    from . import by_hand

    return by_hand.training(name, state, *batch)


FRAMEWORKS = {
    US: on_minigrad,
    "before": before,
    "PyTorch": pytorch,
    "PyTorch fused": pytorch_fused,
    "HIPS autograd": hips,
    "by hand": by_hand,
}

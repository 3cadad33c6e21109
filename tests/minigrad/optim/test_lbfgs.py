"""LBFGS beside PyTorch, and on functions whose minimum is known."""

import copy
import inspect

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.optim import LBFGS

SETTINGS = {
    "by default": {},
    "small steps": {"lr": 0.1, "max_iter": 3},
    "short memory": {"lr": 0.5, "history_size": 2, "max_iter": 6},
    "few evaluations": {"max_eval": 2},
    "one iteration": {"max_iter": 1},
    "tolerant": {"tolerance_grad": 0.5, "tolerance_change": 1e-3},
    "wolfe": {"line_search_fn": "strong_wolfe"},
    "wolfe, short": {"line_search_fn": "strong_wolfe", "max_iter": 4, "history_size": 1},
    "wolfe, far": {"line_search_fn": "strong_wolfe", "lr": 30, "max_iter": 5},
    "wolfe, near": {"line_search_fn": "strong_wolfe", "lr": 1e-3, "max_iter": 5},
}


def bowl(x, y):
    """A smooth function, not quadratic: its minimum is at x = (1, 2), y = -1."""
    return ((x[0] - 1) ** 4 + (x[1] - 2) ** 2 + (x[0] - 1) ** 2 * (y + 1) ** 2 + (y + 1) ** 2).sum()


def valley(x, y):
    """Rosenbrock's function of three numbers."""
    return (1 - x[0]) ** 2 + 5 * (x[1] - x[0] ** 2) ** 2 + 5 * (y[0] - x[1] ** 2) ** 2


def minimized(library, function, steps, **settings):
    """The parameters, the losses that `step` returned, and how often the function was called."""
    x = library.nn.Parameter(library.tensor([-1.2, 1.0], dtype=library.float64))
    y = library.nn.Parameter(library.tensor([0.3], dtype=library.float64))
    unused = library.nn.Parameter(library.ones(2, dtype=library.float64))
    optimizer, calls = library.optim.LBFGS([x, y, unused], **settings), []

    def closure():
        optimizer.zero_grad()
        loss = function(x, y)
        loss.backward()
        calls.append(loss.item())
        return loss

    losses = [optimizer.step(closure).item() for _ in range(steps)]
    return x.tolist() + y.tolist() + unused.tolist(), losses, calls


@pytest.mark.parametrize("function", [bowl, valley])
@pytest.mark.parametrize("name", SETTINGS)
def test_steps_as_torch(torch, name, function):
    ours = minimized(minigrad, function, 3, **SETTINGS[name])
    theirs = minimized(torch, function, 3, **SETTINGS[name])
    for our, their in zip(ours, theirs, strict=True):
        assert len(our) == len(their)
        np.testing.assert_allclose(our, their, 1e-5, 1e-8)


def test_signature_defaults_and_print_are_torchs(torch):
    ours, theirs = inspect.signature(LBFGS), inspect.signature(torch.optim.LBFGS)
    for our, their in zip(ours.parameters.values(), theirs.parameters.values(), strict=True):
        assert (our.name, our.default) == (their.name, their.default)
    x, y = nn.Parameter(minigrad.ones(2)), torch.nn.Parameter(torch.ones(2))
    assert str(LBFGS([x])) == str(torch.optim.LBFGS([y]))


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_it_finds_the_minimum(search):
    found, losses, _ = minimized(minigrad, valley, 12, lr=0.5, line_search_fn=search)
    np.testing.assert_allclose(found[:3], [1, 1, 1], atol=1e-3)
    assert losses[-1] < losses[0]


def test_it_goes_on_from_its_state():
    def run(optimizer, x, steps):
        def closure():
            optimizer.zero_grad()
            loss = ((x - minigrad.tensor([1.0, 2.0])) ** 4).sum()
            loss.backward()
            return loss

        for _ in range(steps):
            optimizer.step(closure)
        return optimizer

    x = nn.Parameter(minigrad.zeros(2))
    optimizer = run(LBFGS([x], lr=0.3, max_iter=2), x, 2)
    y = nn.Parameter(x.detach().clone())
    other = LBFGS([y], lr=0.3, max_iter=2)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    run(optimizer, x, 2)
    run(other, y, 2)
    np.testing.assert_array_equal(x.detach().numpy(), y.detach().numpy())


def test_mistakes():
    x = nn.Parameter(minigrad.ones(2))
    with pytest.raises(TypeError, match="LBFGS: step takes a function, not None"):
        LBFGS([x]).step()
    with pytest.raises(ValueError, match="one group"):
        LBFGS([{"params": [x]}, {"params": [nn.Parameter(minigrad.ones(1))]}])
    with pytest.raises(RuntimeError, match="strong_wolfe"):
        LBFGS([x], line_search_fn="armijo")
    with pytest.raises(ValueError, match="lr must not be negative"):
        LBFGS([x], lr=-1)

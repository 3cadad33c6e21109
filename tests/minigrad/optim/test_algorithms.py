"""The algorithms against PyTorch, and Adam against the formula of the paper."""

import inspect

import numpy as np
import pytest
from optimizing import KINDS, NAMES, OPTIMIZERS, assert_same, parameters, train

import minigrad
from minigrad import nn
from minigrad.optim import SGD, Adam


@NAMES
def test_fifty_steps_as_torch(torch, name):
    kind, settings = OPTIMIZERS[name]
    ours, theirs = parameters(minigrad), parameters(torch)
    assert_same(
        train(minigrad, ours, kind(ours, **settings), range(50)),
        train(torch, theirs, getattr(torch.optim, kind.__name__)(theirs, **settings), range(50)),
        atol=1e-10,
        rtol=1e-10,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_signatures_defaults_and_print_are_torchs(torch, kind):
    theirs = getattr(torch.optim, kind.__name__)
    ours, other = kind(parameters(minigrad)), theirs(parameters(torch))
    assert ours.defaults == other.defaults
    assert str(ours) == str(other)
    expected = inspect.signature(theirs).parameters.values()
    for given, wanted in zip(inspect.signature(kind).parameters.values(), expected, strict=True):
        assert (given.name, given.kind, given.default) == (wanted.name, wanted.kind, wanted.default)


@NAMES
def test_float32_stays_float32(name):
    kind, settings = OPTIMIZERS[name]
    p = nn.Parameter(minigrad.ones(3))
    optimizer = kind([p], **settings)
    for _ in range(2):
        (p * p).sum().backward()
        optimizer.step()
    assert p.dtype == minigrad.float32
    for value in optimizer.state.get(p, {}).values():
        assert np.ndim(value) == 0 or value.dtype == minigrad.float32


def test_a_learning_rate_of_numpy_leaves_the_dtype():
    p = nn.Parameter(minigrad.ones(2))
    optimizer = SGD([p], lr=np.float64(0.1))
    (p * p).sum().backward()
    optimizer.step()
    assert p.dtype == minigrad.float32


def adam_simple(p, g, state, lr, betas, eps):
    """A step as the paper writes it: without arrays that are used again, and without joining."""
    (beta1, beta2), (mean, square, t) = betas, state
    t, mean, square = t + 1, beta1 * mean + (1 - beta1) * g, beta2 * square + (1 - beta2) * g**2
    state[:] = mean, square, t
    return p - lr * (mean / (1 - beta1**t)) / (np.sqrt(square / (1 - beta2**t)) + eps)


def test_adam_is_the_formula_of_the_paper():
    rng, values = np.random.default_rng(0), [np.ones((3, 2)), np.ones(4)]
    params = [nn.Parameter(minigrad.tensor(p)) for p in values]
    optimizer = Adam(params, lr=0.1, betas=(0.8, 0.9), eps=0.01)
    states = [[0, 0, 0] for _ in values]
    for _ in range(5):
        gradients = [rng.standard_normal(p.shape) for p in params]
        for p, g in zip(params, gradients, strict=True):
            p.grad = minigrad.tensor(g)
        optimizer.step()
        given = zip(values, gradients, states, strict=True)
        values = [adam_simple(*each, 0.1, (0.8, 0.9), 0.01) for each in given]
    assert_same([p.value for p in params], values, rtol=1e-12)


def test_the_room_has_what_its_table_lists():
    names = minigrad.optim.ROOMS["minigrad.optim.adaptive"].split()
    assert {getattr(minigrad.optim, name) for name in names} <= set(KINDS)
    assert len(KINDS) == len(names) + 3

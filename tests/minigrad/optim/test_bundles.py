"""Small parameters joined and updated as one: the numbers are the same as without."""

import numpy as np
import pytest
from optimizing import NAMES, OPTIMIZERS, assert_same, loss, parameters, train

import minigrad
from minigrad import nn
from minigrad.optim import SGD


@NAMES
def test_parameters_that_sometimes_have_no_gradient_as_torch(torch, name):
    kind, settings = OPTIMIZERS[name]

    def trained(framework):
        params = parameters(framework)
        optimizer = getattr(framework.optim, kind.__name__)(params, **settings)
        for step, without in enumerate([(1, 3), (), (0,), (1, 2), (), (3,), ()]):
            optimizer.zero_grad()
            loss(framework, params, step).backward()
            for i in without:
                params[i].grad = None
            optimizer.step()
        return [p.detach().numpy() for p in params]

    assert_same(trained(minigrad), trained(torch), atol=1e-10, rtol=1e-10)


@NAMES
def test_joined_or_not_the_numbers_are_the_same(monkeypatch, name):
    kind, settings = OPTIMIZERS[name]
    found = []
    for small in (0, 5, 1000):  # joined: none, those of up to 4 elements, all
        monkeypatch.setattr("minigrad.optim.bundles.SMALL", small)
        params = parameters(minigrad)
        found.append(train(minigrad, params, kind(params, **settings), range(3)))
        assert all(p.value.base is None for p in params)
    assert_same(found[1], found[0], rtol=0)
    assert_same(found[2], found[0], rtol=0)


@NAMES
@pytest.mark.parametrize("small", [0, 1000])
def test_values_written_between_steps_count(monkeypatch, torch, name, small):
    kind, settings = OPTIMIZERS[name]
    monkeypatch.setattr("minigrad.optim.bundles.SMALL", small)

    def run(framework):
        params = parameters(framework)
        optimizer = getattr(framework.optim, kind.__name__)(params, **settings)
        for step in range(4):
            train(framework, params, optimizer, [step])
            if step == 2:  # an op remembers them
                kept = [p * 1.0 for p in params]
            with framework.no_grad():
                params[0][0] = 7.0
                params[1] *= 0.5
        assert len(kept) == len(params)
        return [p.detach().numpy() for p in params]

    assert_same(run(minigrad), run(torch), atol=1e-10, rtol=1e-10)


@pytest.mark.parametrize("small", [0, 1000])
def test_an_update_may_return_a_new_array(monkeypatch, small):
    class NotInPlace(SGD):
        def update(self, p, g, state, **group):
            return p - group["lr"] * g

    monkeypatch.setattr("minigrad.optim.bundles.SMALL", small)
    found = []
    for kind in (SGD, NotInPlace):
        params = parameters(minigrad)
        optimizer = kind(params, lr=0.1)
        for _ in range(3):
            for p in params:
                p.grad = minigrad.ones_like(p)
            optimizer.step()
        found.append([p.numpy() for p in map(minigrad.Tensor.detach, params)])
    assert_same(found[1], found[0], rtol=0)


@NAMES
@pytest.mark.parametrize("shape", [(), (1,), (0,)])
def test_small_parameters_stay_arrays(name, shape):
    kind, settings = OPTIMIZERS[name]
    p = nn.Parameter(minigrad.ones(shape))
    optimizer = kind([p], **settings)
    for _ in range(2):
        (p * p).sum().backward()
        optimizer.step()
    assert type(p.value) is np.ndarray
    assert p.shape == shape
    nn.init.ones_(p)


def test_a_single_number_with_momentum_leaves_the_others_alone(torch):
    def trained(library):
        a = library.tensor(1.0, requires_grad=True)
        b = library.tensor([1.0, 2.0, 3.0], requires_grad=True)
        optimizer = library.optim.SGD([a, b], lr=0.1, momentum=0.9)
        for names in ("ab", "a", "ab", "ab"):
            a.grad, b.grad = library.tensor(1.0), library.tensor([1.0, 2.0, 3.0])
            b.grad = b.grad if "b" in names else None
            optimizer.step()
        return [p.detach().numpy() for p in (a, b)]

    for ours, theirs in zip(trained(minigrad), trained(torch), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)

"""The sweep on graphs of every shape and size, and the memory of the gradients it makes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import nn
from minigrad.autograd import grad, gradcheck


def leaf(*shape, dtype=minigrad.float64):
    return nn.Parameter(minigrad.randn(*shape, dtype=dtype))


def scalar(value=1.0):
    return minigrad.tensor(value, dtype=minigrad.float64, requires_grad=True)


# --- graphs of every shape, compared with PyTorch


def shared(x, y):
    s = x * y
    return (s + s.tanh()) * s


def ladder(x, y):
    for _ in range(20):
        x, y = x * y.tanh(), x + y / 2
    return x - y


GRAPHS = {
    "x * x": lambda x, y: x * x,
    "x + x": lambda x, y: x + x,
    "x / x": lambda x, y: x / x,
    "x - x": lambda x, y: x - x,
    "one input": lambda x, y: y.exp(),
    "diamond": lambda x, y: x.tanh() * x.exp() + y,
    "shared": shared,
    "ladder": ladder,
    "long arm": lambda x, y: x.tanh().tanh().tanh() * x,
    "broadcast": lambda x, y: x[:, None] * y[None] + x.sum(),
    "picked twice": lambda x, y: x[[0, 0, 2]] * y + x[0] * x[1:].sum(),
    "picked and whole": lambda x, y: x[0] * x + x * x[1] + y[:1],
    "same tensor thrice": lambda x, y: (x @ x) * x * x,
    "reshaped": lambda x, y: (x.reshape(3, 1) @ y.reshape(1, 3)).T.flatten(),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_of_every_shape_against_torch(torch, name):
    given = [np.random.default_rng(i).standard_normal(3) for i in range(2)]
    ours = [minigrad.tensor(x, requires_grad=True) for x in given]
    theirs = [torch.tensor(x, requires_grad=True) for x in given]
    for _ in range(2):  # the second time, gradients accumulate
        for inputs in (ours, theirs):
            out = GRAPHS[name](*inputs).sum()
            out.backward(retain_graph=True)
            out.backward()
    for x, expected in zip(ours, theirs, strict=True):
        if expected.grad is None:
            assert x.grad is None
        else:
            np.testing.assert_allclose(x.grad.value, expected.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", GRAPHS)
def test_second_derivatives_of_graphs_of_every_shape_against_torch(torch, name):
    given = [np.random.default_rng(i).standard_normal(3) for i in range(2)]

    def second(framework, grad):
        inputs = [framework.tensor(x, requires_grad=True) for x in given]
        out = GRAPHS[name](*inputs).sum()
        first = grad(out, inputs, create_graph=True, allow_unused=True)
        total = sum((g * g).sum() for g in first if g is not None and g.requires_grad)
        if not isinstance(total, int):
            total.backward()
        return [None if x.grad is None else np.asarray(x.grad.detach()) for x in inputs]

    ours, theirs = second(minigrad, grad), second(torch, torch.autograd.grad)
    for x, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(
            np.zeros(3) if x is None else x, 0 if expected is None else expected, atol=1e-10
        )


OPERATIONS = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "sub": lambda x, y: x - y,
    "tanh": lambda x, y: x.tanh(),
    "half": lambda x, y: (x + y.tanh()) * 0.5,
}

steps = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 99), st.integers(0, 99))


@settings(max_examples=100, deadline=None)
@given(st.lists(steps, min_size=1, max_size=12))
def test_random_graphs_against_finite_differences_and_torch(torch, graph):
    def build(*leaves):
        values = list(leaves)
        for name, i, j in graph:
            values.append(OPERATIONS[name](values[i % len(values)], values[j % len(values)]).tanh())
        return values[-1] * values[len(values) // 2] + values[0]

    arrays = [np.random.default_rng(i).standard_normal(2) for i in range(2)]
    ours = [minigrad.tensor(x, requires_grad=True) for x in arrays]
    theirs = [torch.tensor(x, requires_grad=True) for x in arrays]
    assert gradcheck(build, ours)
    build(*ours).sum().backward()
    build(*theirs).sum().backward()
    for x, expected in zip(ours, theirs, strict=True):
        wanted = np.zeros(2) if expected.grad is None else expected.grad.numpy()
        got = np.zeros(2) if x.grad is None else x.grad.value
        np.testing.assert_allclose(got, wanted, rtol=1e-10, atol=1e-12)


# --- size


def chain(length):
    x = y = scalar()
    for _ in range(length):
        y = y + 1.0
    y.backward()
    assert x.grad.item() == 1
    del y


def test_a_chain_of_100_000_ops():
    """Forward, backward and deletion do not recurse."""
    chain(100_000)


def test_a_long_chain_differentiates_twice():
    x = y = scalar(0.5)
    for _ in range(5_000):
        y = y * 1.0
    (g,) = grad(y * y, x, create_graph=True)
    g.backward()
    assert x.grad.item() == 2


def test_a_graph_of_two_to_the_forty_paths():
    x = y = scalar()
    for _ in range(40):
        y = y + y
    y.backward()
    assert x.grad.item() == 2**40


@pytest.mark.parametrize("pick", [lambda x, t: x[:, t], lambda x, t: x[:, t : t + 1].sum(1)])
def test_picks_of_one_array_add_up_in_one_gradient(pick):
    x = leaf(16, 200, 8, dtype=minigrad.float32)
    total = pick(x, 0)
    for t in range(1, 200):
        total = total + pick(x, t)
    total.sum().backward()
    assert (x.grad.value == 1).all()


# --- memory of gradients

SHARING = {
    "x + y": lambda x, y: x + y,
    "y + x + y + x": lambda x, y: y + x + y + x,
    "x - y": lambda x, y: x - y,
    "expand": lambda x, y: x.expand(2, 3) + y.expand(2, 3),
    "views": lambda x, y: x.reshape(1, 3) + y.reshape(1, 3),
    "permute": lambda x, y: x.reshape(3, 1).T + y.reshape(3, 1).T,
    "cat": lambda x, y: minigrad.cat([x, y]),
    "where": lambda x, y: minigrad.where(x > 100, y, x),
    "max": lambda x, y: minigrad.maximum(x, x) + y,
    "clone": lambda x, y: x.clone() + y.clone(),
}


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name", SHARING)
def test_no_two_gradients_share_memory(name, create_graph):
    x, y = leaf(3), leaf(3)
    given = minigrad.ones(SHARING[name](x, y).shape, dtype=minigrad.float64)
    SHARING[name](x, y).backward(given, create_graph=create_graph)
    assert x.grad is not y.grad
    assert not np.shares_memory(x.grad.value, y.grad.value)
    assert not np.shares_memory(x.grad.value, given.value)
    if not create_graph:
        before = y.grad.tolist()
        x.grad[...] = 9
        assert x.grad.tolist() == [9, 9, 9]
        assert y.grad.tolist() == before
        assert (given.value == 1).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_a_gradient_is_writeable(shape):
    x, y = leaf(*shape), leaf(*shape)
    (x * x * y + x).sum().backward()
    for g in (x.grad, y.grad):
        assert type(g.value) is np.ndarray
        g.zero_()
        g += 1
        g[...] = 5
        assert (g.value == 5).all()


def test_accumulation_does_not_change_gradients_read_earlier():
    x = leaf(3)
    kept = []
    for _ in range(3):
        x.sum().backward()
        kept.append(x.grad.tolist()[0])
    assert kept == [1, 2, 3]


def test_results_of_grad_do_not_share_memory():
    x, y = leaf(3), leaf(3)
    first, second = grad((x + y).sum(), [x, y])
    first[...] = 5
    assert second.tolist() == [1, 1, 1]

"""history: the order of the backward pass, and the error if a value was changed in place."""

import numpy as np
import pytest

import minigrad
from minigrad import nn, no_grad, optim
from minigrad.autograd import gradcheck, history


def leaf(*shape, dtype=minigrad.float64):
    return nn.Parameter(minigrad.randn(*shape, dtype=dtype))


def scalar(value=1.0):
    return minigrad.tensor(value, dtype=minigrad.float64, requires_grad=True)


def test_history_is_youngest_first():
    x, y = scalar(), scalar()
    a = x * y
    b = a + x
    c = (b * a).detach() * b
    nodes = history(c)
    assert [id(node) for node in nodes] == [id(c), id(b), id(a), id(y), id(x)]


# --- a change in place is an error, never a wrong gradient


def by_optimizer(x):
    x.grad = minigrad.ones(3, dtype=minigrad.float64)
    optim.SGD([x], lr=0.1).step()


def by_load(x):
    module = nn.Module()
    module.register_parameter("x", x)
    module.load_state_dict({"x": np.zeros(3)})


@no_grad()
def by_iadd(x):
    x += 1


@no_grad()
def by_setitem(x):
    x[1] = 5


CHANGES = {
    "optimizer": by_optimizer,
    "load_state_dict": by_load,
    "+=": by_iadd,
    "[1] =": by_setitem,
    "copy_": no_grad()(lambda x: x.copy_(minigrad.zeros(3))),
    "fill_": no_grad()(lambda x: x.fill_(2.0)),
    "zero_": no_grad()(lambda x: x.zero_()),
    "a view": lambda x: x.detach().fill_(2.0),
    "init": nn.init.normal_,
}

CHANGED = r"changed in place|read-only"  # raised by backward, or already by the change


def change_and_go_back(change, changed, y):
    CHANGES[change](changed)
    y.backward(minigrad.ones(y.shape))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("use", [lambda x: x * x, lambda x: x**3, lambda x: x[1:] ** 2])
def test_an_input_changed_between_forward_and_backward(change, use):
    x = leaf(3)
    y = use(x).sum()
    with pytest.raises(RuntimeError, match=CHANGED):
        change_and_go_back(change, x, y)
    x.grad = None
    use(x).sum().backward()  # a new graph works
    assert gradcheck(lambda x: use(x).sum(), x)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "use", [lambda x: x + 1, lambda x: x.exp(), lambda x: x.sum(), lambda x: x.reshape(1, 3) * 2]
)
def test_a_rule_that_needs_no_old_value_does_not_mind_a_change(change, use):
    x, same = leaf(3), leaf(3)
    same.detach().copy_(x.detach())
    gradients = []
    for one in (x, same):
        y = use(one)
        if one is x:
            CHANGES[change](x)
            x.grad = None
        y.sum().backward()
        gradients.append(one.grad.tolist())
    assert gradients[0] == gradients[1]


@pytest.mark.parametrize("change", ["+=", "[1] =", "copy_", "fill_", "zero_", "a view", "init"])
@pytest.mark.parametrize("use", [lambda x: x.tanh(), lambda x: x.exp(), lambda x: x.softmax(0)])
def test_an_output_changed_between_forward_and_backward(torch, change, use):
    """These rules need the output, so PyTorch raises here too."""
    y = use(leaf(3))
    with pytest.raises(RuntimeError, match=CHANGED):
        change_and_go_back(change, y, y)
    theirs = use(torch.ones(3, requires_grad=True))
    with torch.no_grad():
        theirs.zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        theirs.backward(torch.ones(3))


@pytest.mark.parametrize("change", ["+=", "[1] =", "copy_", "fill_", "zero_", "a view"])
def test_a_constant_changed_between_forward_and_backward(change):
    x, constant = leaf(3), minigrad.randn(3, dtype=minigrad.float64)
    y = (x * constant).sum()
    with pytest.raises(RuntimeError, match=CHANGED):
        change_and_go_back(change, constant, y)


def test_a_change_after_backward_is_fine():
    x = leaf(3)
    for _ in range(3):
        y = (x * x).sum()
        x.grad = None
        y.backward()
        np.testing.assert_allclose(x.grad.value, 2 * x.value)
        with no_grad():
            x -= 0.1 * x.grad


def test_a_recorded_change_is_refused(torch):
    for framework in (minigrad, torch):
        x = framework.ones(3, requires_grad=True)
        with pytest.raises(RuntimeError, match=r"leaf|remembered"):
            x += 1
        with pytest.raises(RuntimeError, match=r"leaf|remembered"):
            x[0] = 1

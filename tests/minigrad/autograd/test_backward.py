"""backward and grad: first and higher derivatives, and their errors."""

from unittest import mock

import numpy as np
import pytest

import minigrad
from minigrad import nn, no_grad
from minigrad.autograd import grad, sweep


def leaf(*shape, dtype=minigrad.float64):
    return nn.Parameter(minigrad.randn(*shape, dtype=dtype))


def scalar(value=1.0):
    return minigrad.tensor(value, dtype=minigrad.float64, requires_grad=True)


# --- backward


def test_gradients_add_up_over_calls():
    x = leaf(3)
    (x * x).sum().backward()
    (3 * x).sum().backward()
    np.testing.assert_allclose(x.grad.value, 2 * x.value + 3)
    x.grad = None
    x.sum().backward()
    np.testing.assert_array_equal(x.grad.value, np.ones(3))


def test_an_explicit_gradient():
    x = leaf(2, 3)
    given = minigrad.randn(2, 3)
    (x * x).backward(given)
    np.testing.assert_allclose(x.grad.value, 2 * x.value * given.value)
    assert x.grad.dtype == minigrad.float64


def test_backward_from_a_leaf():
    x = scalar(3.0)
    x.backward()
    x.backward()
    assert x.grad.item() == 2
    y, given = leaf(2), minigrad.ones(2, dtype=minigrad.float64)
    y.backward(given)
    y.grad[0] = 7
    assert given.tolist() == [1, 1]


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_one_number_needs_no_gradient(shape):
    x = leaf(*shape)
    (x * 2).backward()
    assert x.grad.shape == shape
    assert (x.grad.value == 2).all()


def test_only_leaves_that_require_grad_get_a_gradient():
    x, constant = leaf(3), minigrad.ones(3, dtype=minigrad.float64)
    y = x * constant
    y.sum().backward()
    assert x.grad is not None
    assert constant.grad is None
    assert y.grad is None


def test_retain_grad():
    x = leaf(3)
    y = x * 2
    y.retain_grad()
    z = (y * y).sum()
    for times in (1, 2):
        z.backward(retain_graph=True)
        np.testing.assert_allclose(y.grad.value, times * 2 * y.value)
        np.testing.assert_allclose(x.grad.value, times * 4 * y.value)
    y.grad[...] = 0
    assert x.grad.value.all()


def test_retain_grad_needs_requires_grad(torch):
    for framework in (torch, minigrad):
        with pytest.raises(RuntimeError, match=r"retain_grad|requires?[_ ]grad"):
            framework.ones(3).retain_grad()


def test_grad_is_a_leaf_without_history():
    x = leaf(3)
    (x * x).sum().backward()
    assert x.grad.is_leaf
    assert not x.grad.requires_grad
    assert type(x.grad) is minigrad.Tensor


def test_backward_under_no_grad():
    x = leaf(3)
    y = (x * x).sum()
    with no_grad():
        y.backward()
    np.testing.assert_allclose(x.grad.value, 2 * x.value)


def test_frozen_leaves_get_no_gradient():
    x, y = leaf(3), leaf(3)
    y.requires_grad_(False)
    (x * y).sum().backward()
    assert y.grad is None


def test_infinite_gradients_do_not_warn():
    x = minigrad.zeros(2, requires_grad=True)
    x.sqrt().sum().backward()
    assert np.isinf(x.grad.value).all()


# --- errors


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: leaf(2, 3).tanh().backward(), RuntimeError, r"\(2, 3\)"),
        (lambda: minigrad.ones(1).backward(), RuntimeError, "not require grad"),
        (lambda: leaf(1).detach().backward(), RuntimeError, "not require grad"),
        (lambda: no_grad()(leaf(1).tanh)().backward(), RuntimeError, "not require grad"),
        (lambda: leaf(3).tanh().backward(minigrad.ones(2)), (RuntimeError, ValueError),
         r"\(2,\).*\(3,\)"),
        (lambda: leaf(3).sum().backward(minigrad.ones(3)), (RuntimeError, ValueError),
         r"\(3,\).*\(\)"),
        (lambda: grad(leaf(1), leaf(2)), RuntimeError, r"input 0.*allow_unused"),
        (lambda: grad(leaf(1), minigrad.ones(2)), RuntimeError, "input 0.*not require grad"),
        (lambda: grad(leaf(2), leaf(2)), RuntimeError, r"\(2,\)"),
        (lambda: grad([leaf(1), leaf(1)], leaf(1), [None]), (RuntimeError, ValueError),
         r"grad_outputs|longer|shorter"),
        (lambda: minigrad.ones(2).long().requires_grad_(), RuntimeError, "int64"),
        (lambda: leaf(2).tanh().requires_grad_(False), RuntimeError, "detach"),
    ],
)  # fmt: skip
def test_an_error_says_what_to_do(call, error, message):
    with pytest.raises(error, match=message):
        call()


# --- grad


def test_grad_does_not_touch_the_grad_attribute():
    x = leaf(3)
    (g,) = grad((x * x).sum(), x)
    assert x.grad is None
    assert g.is_leaf
    np.testing.assert_allclose(g.value, 2 * x.value)


def grad_cases(framework, grad, arrays):
    """Calls of grad that must return the same in both libraries."""
    x, y = (framework.tensor(a, requires_grad=True) for a in arrays)
    ones = framework.ones(3, dtype=framework.float64)
    middle = x * y
    out = (middle * x).tanh()
    yield grad(out.sum(), [x, y])
    yield grad(out.sum(), (y, x))
    yield grad(out, x, ones)
    yield grad(out, x, grad_outputs=(2 * ones,))
    yield grad([out, middle], [x, y], [ones, 3 * ones])
    yield grad([out.sum(), middle.sum()], [x, y])
    yield grad((out, middle.sum()), x, (ones, None))
    yield grad(out.sum(), [middle, x])
    yield grad(out.sum(), out)
    yield grad(out, [out, middle, x], ones)
    yield grad(middle, middle, ones)
    yield grad([out, out], x, [ones, 2 * ones])
    yield grad(out.sum(), [x, x])
    yield grad(x.sum(), [x, y, out], allow_unused=True)
    yield grad(middle.sum(), [out, x], allow_unused=True)


def test_grad_as_torch(torch):
    arrays = np.random.default_rng(0).standard_normal((2, 3))
    theirs = grad_cases(
        torch, lambda *a, **k: torch.autograd.grad(*a, retain_graph=True, **k), arrays
    )
    for ours, expected in zip(grad_cases(minigrad, grad, arrays), theirs, strict=True):
        assert isinstance(ours, tuple)
        assert [g is None for g in ours] == [g is None for g in expected]
        for g, wanted in zip(ours, expected, strict=True):
            if wanted is not None:
                np.testing.assert_allclose(g.value, wanted.numpy(), rtol=1e-12)


# --- gradients of gradients


def test_three_derivatives_of_tanh():
    x = minigrad.arange(-2, 3, dtype=minigrad.float64, requires_grad=True)
    t = np.tanh(x.value)
    (first,) = grad(x.tanh().sum(), x, create_graph=True)
    (second,) = grad(first.sum(), x, create_graph=True)
    (third,) = grad(second.sum(), x)
    np.testing.assert_allclose(first.value, 1 - t**2)
    np.testing.assert_allclose(second.value, -2 * t * (1 - t**2))
    np.testing.assert_allclose(third.value, (1 - t**2) * (6 * t**2 - 2), atol=1e-15)


def test_derivatives_of_a_cube_until_there_are_none():
    x = minigrad.tensor([-1.5, 2.0], dtype=minigrad.float64, requires_grad=True)
    y, expected = x**3, [3 * x.value**2, 6 * x.value, np.array([6.0, 6.0])]
    for wanted in expected:
        (y,) = grad(y.sum(), x, create_graph=True)
        np.testing.assert_allclose(y.value, wanted)


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def test_hessian_times_vector_as_torch(torch):
    point, vector = np.random.default_rng(1).standard_normal((2, 4))

    def product(framework, grad):
        x = framework.tensor(point, requires_grad=True)
        (g,) = grad(rosenbrock(x), x, create_graph=True)
        return grad((g * framework.tensor(vector)).sum(), x)[0]

    expected = product(torch, torch.autograd.grad).numpy()
    np.testing.assert_allclose(product(minigrad, grad).value, expected, rtol=1e-12)


def test_create_graph_through_backward():
    x = scalar(2.0)
    (x**4).backward(create_graph=True)
    assert x.grad.requires_grad
    g, x.grad = x.grad, None
    assert g.item() == 32
    g.backward()
    assert x.grad.item() == 48


def test_create_graph_adds_to_what_is_there():
    x = scalar(2.0)
    (x * x).backward()
    (x**3).backward(create_graph=True)
    assert x.grad.item() == 4 + 12
    (second,) = grad(x.grad, x)
    assert second.item() == 12


def test_a_gradient_penalty_as_torch(torch):
    """A loss that contains a gradient, as in WGAN-GP."""
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((4, 3)), rng.standard_normal((3, 3))

    def penalty(framework, grad):
        inputs = framework.tensor(x, requires_grad=True)
        weight = framework.tensor(w, requires_grad=True)
        score = (inputs @ weight).tanh().sum()
        (g,) = grad(score, inputs, create_graph=True)
        loss = ((g * g).sum(1) - 1).pow(2).mean() + score
        loss.backward()
        return inputs.grad, weight.grad

    theirs = penalty(torch, torch.autograd.grad)
    for ours, expected in zip(penalty(minigrad, grad), theirs, strict=True):
        np.testing.assert_allclose(ours.value, expected.numpy(), rtol=1e-11)


def test_without_create_graph_the_gradient_cannot_be_differentiated():
    x = scalar(2.0)
    (g,) = grad(x**3, x)
    assert not g.requires_grad
    with pytest.raises(RuntimeError, match="not require grad"):
        grad(g, x)


def test_a_gradient_output_can_be_differentiated():
    x, v = leaf(3), leaf(3)
    (g,) = grad(x * x, x, v, create_graph=True)
    (back,) = grad(g.sum(), v)
    np.testing.assert_allclose(back.value, 2 * x.value)


def test_grad_of_no_inputs_runs_no_rule():
    x = minigrad.ones(3, requires_grad=True)
    with mock.patch.object(minigrad.ops.log, "rule", side_effect=AssertionError):
        assert grad(x.log().sum(), []) == ()


def test_grad_keeps_only_what_was_asked_for():
    x = minigrad.ones(3, requires_grad=True)
    y = x * 2
    y.retain_grad()
    assert set(sweep({y.sum(): np.ones(())}, {x})) == {x}


def test_overflow_in_a_backward_pass_does_not_warn():
    x = minigrad.ones(1, requires_grad=True)
    y = x * 1
    with np.errstate(all="raise"):
        grad([y, y], x, [minigrad.tensor([3e38])] * 2)
        grad(x * 1, x, np.array([1e300]))

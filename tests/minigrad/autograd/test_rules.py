"""How the sweep calls a rule, and what it does with the gradients that the rule returns."""

import weakref

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.autograd import grad
from minigrad.graph import Op, op, value_of


@pytest.fixture(autouse=True)
def _registry(monkeypatch):
    """Remove the ops that a test defines."""
    monkeypatch.setattr(Op, "registry", dict(Op.registry))


def leaf(*shape, dtype=minigrad.float64):
    return nn.Parameter(minigrad.randn(*shape, dtype=dtype))


def test_unneeded_gradients_are_not_computed():
    computed = []

    @op
    def product(x, y):
        return x * y

    @product.backward
    def _(g, out, x, y):
        return lambda: computed.append("x") or g * y, lambda: computed.append("y") or g * x

    x, y, constant = leaf(3), leaf(3), minigrad.ones(3, dtype=minigrad.float64)

    def computed_by(function):
        computed.clear()
        function()
        return sorted(computed)

    assert computed_by(lambda: product(x, y).sum().backward()) == ["x", "y"]
    assert computed_by(lambda: product(constant, y).sum().backward()) == ["y"]
    assert computed_by(lambda: product(x, 2.0).sum().backward()) == ["x"]
    assert computed_by(lambda: grad(product(x, y).sum(), x)) == ["x"]
    assert computed_by(lambda: grad(product(x, product(x, y)).sum(), y)) == ["y", "y"]
    middle = product(x, y)
    assert computed_by(lambda: grad(product(middle, 2.0).sum(), middle)) == ["x"]


def test_a_gradient_is_freed_once_it_has_been_passed_on():
    """Even if the rule returned functions, which keep a reference to it."""
    earlier, alive = [], []

    @op
    def twice(x):
        return 2 * x

    @twice.backward
    def _(g, out, x):
        alive.extend(there() for there in earlier if there() is not None)
        earlier.append(weakref.ref(g))
        return (lambda: 2 * g,)

    x = leaf(3)
    twice(twice(twice(x))).sum().backward()
    assert x.grad.tolist() == [8, 8, 8]
    assert (len(earlier), alive) == (3, [])


def test_a_rule_can_return_none_for_an_input():
    @op
    def scaled(x, y):
        return x * y

    @scaled.backward
    def _(g, out, x, y):
        return g * y, None

    x, y = leaf(3), leaf(3)
    scaled(x, y).sum().backward()
    assert x.grad is not None
    assert y.grad is None


def test_rules_get_arrays_or_with_create_graph_tensors():
    seen = []

    @op
    def double(x):
        return x * 2

    @double.backward
    def _(g, out, x):
        seen.append((g, out, x))
        return (g * 2,)

    x = leaf(3)
    double(x).sum().backward()
    double(x).sum().backward(create_graph=True)
    assert all(isinstance(value, np.ndarray) for value in seen[0])
    assert all(isinstance(value, minigrad.Tensor) for value in seen[1])


@pytest.mark.parametrize("given", [(), (1.0,), (1.0, 1.0, 1.0)])
def test_a_rule_must_return_one_gradient_per_input(given):
    @op
    def product_of_two(x, y):
        return x * y

    product_of_two.backward(lambda g, out, x, y: given)
    x = leaf(3)
    message = rf"product_of_two gave {len(given)} gradients for 2 inputs: it must return a tuple"
    for create_graph in (False, True):
        with pytest.raises(TypeError, match=message):
            product_of_two(x, x).sum().backward(create_graph=create_graph)


def test_the_sweep_casts_and_sums_what_a_rule_returns():
    """A rule can leave broadcasting and dtypes to the sweep."""

    @op
    def weigh(x, y):
        return x * y

    @weigh.backward
    def _(g, out, x, y):
        return g * value_of(y).astype(np.float64), g * x

    x, y = leaf(1, dtype=minigrad.float32), leaf(2, 3, dtype=minigrad.float32)
    weigh(x, y).sum().backward()
    assert x.grad.shape == (1,)
    assert x.grad.dtype == minigrad.float32
    np.testing.assert_allclose(x.grad.value, [y.value.sum()], rtol=1e-5)


def test_no_two_gradients_share_memory_whatever_a_rule_returns():
    """A rule may return the same array twice, or an array that it was given."""

    @op
    def half(x, y):
        return (x + y) / 2

    @half.backward
    def _(g, out, x, y):
        h = g / 2
        return h, h

    @op
    def dot(x, y):
        return (x * y).sum()

    @dot.backward
    def _(g, out, x, y):
        return y, x

    x, y = leaf(3), leaf(3)
    older = 1.0 * x
    (half(x, y) + older).sum().backward()
    np.testing.assert_array_equal(x.grad.value, [1.5, 1.5, 1.5])
    np.testing.assert_array_equal(y.grad.value, [0.5, 0.5, 0.5])
    assert not np.shares_memory(x.grad.value, y.grad.value)

    x.grad = None
    (dot(x, y) + x.sum()).backward()
    np.testing.assert_allclose(x.grad.value, y.value + 1)
    dot(x, y).backward()
    assert not np.shares_memory(x.grad.value, y.value)


def test_a_rule_records_nothing_unless_it_is_asked_to():
    w, recording = leaf(3), []

    @op
    def weighed(x):
        return x * w.value

    @weighed.backward
    def _(g, out, x):
        recording.append(minigrad.is_grad_enabled())
        return (g * w,)

    x = leaf(3)
    weighed(x).sum().backward()
    np.testing.assert_array_equal(x.grad.value, w.value)
    minigrad.autograd.grad(weighed(x).sum(), x, create_graph=True)
    assert recording == [False, True]
    assert minigrad.is_grad_enabled()


def test_a_rule_must_return_a_tuple():
    @op
    def halved(x):
        return x / 2

    for wrong in (lambda g: g / 2, lambda g: None, lambda g: lambda: g / 2):
        halved.backward(lambda g, out, x, wrong=wrong: wrong(g))
        for shape in ((), (1,), (3,)):
            with pytest.raises(TypeError, match=r"halved gave a .*for one input, return \(g,\)"):
                halved(leaf(*shape)).sum().backward()


def test_a_rule_must_give_a_gradient_of_the_inputs_shape():
    @op
    def doubled(x):
        return 2 * x

    for wrong in (lambda g: g[:2], lambda g: g[..., None], lambda g: g[None, :2]):
        doubled.backward(lambda g, out, x, wrong=wrong: (wrong(g),))
        with pytest.raises(
            ValueError, match=r"a gradient of shape .* for an input of shape \(3,\)"
        ):
            doubled(leaf(3)).sum().backward()

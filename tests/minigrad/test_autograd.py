import itertools
import math
import pickle
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
from minigrad import nn, no_grad, optim
from minigrad.autograd import grad, gradcheck, history
from minigrad.graph import Op, op, value_of


@pytest.fixture(autouse=True)
def _registry(monkeypatch):
    """Ops that a test makes are gone after it."""
    monkeypatch.setattr(Op, "registry", dict(Op.registry))


def leaf(*shape, dtype=minigrad.float64):
    return nn.Parameter(minigrad.randn(*shape, dtype=dtype))


def scalar(value=1.0):
    return minigrad.tensor(value, dtype=minigrad.float64, requires_grad=True)


# --- the shapes that a graph can have: each is run here and on PyTorch


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
def test_graphs_of_every_shape_as_torch(torch, name):
    given = [np.random.default_rng(i).standard_normal(3) for i in range(2)]
    ours = [minigrad.tensor(x, requires_grad=True) for x in given]
    theirs = [torch.tensor(x, requires_grad=True) for x in given]
    for _ in range(2):  # the second time adds up
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
def test_graphs_of_every_shape_second_derivatives_as_torch(torch, name):
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
def test_any_graph_as_finite_differences(torch, graph):
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
    """Forward, backward and deletion: none of them recurses."""
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


def test_history_is_youngest_first():
    x, y = scalar(), scalar()
    a = x * y
    b = a + x
    c = (b * a).detach() * b
    nodes = history(c)
    assert [id(node) for node in nodes] == [id(c), id(b), id(a), id(y), id(x)]


# --- backward


def test_gradients_add_up_over_calls():
    x = leaf(3)
    (x * x).sum().backward()
    (3 * x).sum().backward()
    np.testing.assert_allclose(x.grad.value, 2 * x.value + 3)
    x.grad = None
    x.sum().backward()
    np.testing.assert_array_equal(x.grad.value, np.ones(3))


def test_a_gradient_given():
    x = leaf(2, 3)
    given = minigrad.randn(2, 3)
    (x * x).backward(given)
    np.testing.assert_allclose(x.grad.value, 2 * x.value * given.value)
    assert x.grad.dtype == minigrad.float64


def test_a_leaf_goes_back_to_itself():
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


def test_only_leaves_that_require_grad_keep_it():
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


def test_frozen_leaves_get_nothing():
    x, y = leaf(3), leaf(3)
    y.requires_grad_(False)
    (x * y).sum().backward()
    assert y.grad is None


def test_infinite_gradients_do_not_warn():
    x = minigrad.zeros(2, requires_grad=True)
    x.sqrt().sum().backward()
    assert np.isinf(x.grad.value).all()


# --- what is wrong is said


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

CHANGED = r"changed in place|read-only"  # said by backward, or already by the change


def change_and_go_back(change, changed, y):
    CHANGES[change](changed)
    y.backward(minigrad.ones(y.shape))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "use", [lambda x: x * x, lambda x: x.tanh(), lambda x: x.exp(), lambda x: x[1:] ** 2]
)
def test_an_input_changed_between_forward_and_backward(change, use):
    x = leaf(3)
    y = use(x).sum()
    with pytest.raises(RuntimeError, match=CHANGED):
        change_and_go_back(change, x, y)
    x.grad = None
    use(x).sum().backward()  # from here on, all is well again
    assert gradcheck(lambda x: use(x).sum(), x)


@pytest.mark.parametrize("change", ["+=", "[1] =", "copy_", "fill_", "zero_", "a view", "init"])
@pytest.mark.parametrize("use", [lambda x: x.tanh(), lambda x: x.exp(), lambda x: x.softmax(0)])
def test_an_output_changed_between_forward_and_backward(torch, change, use):
    """These rules need the output: PyTorch raises here too."""
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


def test_no_two_gradients_share_memory_whatever_a_rule_returns():
    """A rule may hand out one array twice, or one that it was given."""

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


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_a_gradient_is_an_array_that_can_be_written(shape):
    x, y = leaf(*shape), leaf(*shape)
    (x * x * y + x).sum().backward()
    for g in (x.grad, y.grad):
        assert type(g.value) is np.ndarray
        g.zero_()
        g += 1
        g[...] = 5
        assert (g.value == 5).all()


def test_accumulated_gradients_are_not_the_callers():
    x = leaf(3)
    kept = []
    for _ in range(3):
        x.sum().backward()
        kept.append(x.grad.tolist()[0])
    assert kept == [1, 2, 3]


# --- what is not wanted is not computed


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


def test_a_gradient_that_was_handed_on_is_let_go():
    """Also where a rule has answered with functions, which hold on to it."""
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


def test_a_rule_may_say_that_there_is_no_gradient():
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


def test_rules_see_arrays_or_tensors():
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


# --- grad


def test_grad_leaves_nothing_behind():
    x = leaf(3)
    (g,) = grad((x * x).sum(), x)
    assert x.grad is None
    assert g.is_leaf
    np.testing.assert_allclose(g.value, 2 * x.value)


def grad_cases(framework, grad, arrays):
    """Calls of grad that must answer alike on both."""
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


def test_answers_of_grad_do_not_share_memory():
    x, y = leaf(3), leaf(3)
    first, second = grad((x + y).sum(), [x, y])
    first[...] = 5
    assert second.tolist() == [1, 1, 1]


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
    """A loss that holds a gradient, as WGAN-GP has it."""
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


def test_without_create_graph_there_is_no_second_time():
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


# --- dtypes


@pytest.mark.parametrize("dtypes", list(itertools.product(["float32", "float64"], repeat=2)))
@pytest.mark.parametrize(
    "call",
    [lambda x, y: x * y, lambda x, y: x + y, lambda x, y: x**2 / (y * y + 1), minigrad.maximum],
)
def test_a_gradient_has_the_dtype_of_its_tensor(torch, dtypes, call):
    inputs = []
    for framework in (minigrad, torch):
        x, y = (
            framework.ones(3, dtype=getattr(framework, name), requires_grad=True) for name in dtypes
        )
        function = torch.maximum if framework is torch and call is minigrad.maximum else call
        out = function(x, y)
        assert str(out.dtype).endswith(max(dtypes))
        out.sum().backward()
        inputs.append((x, y))
    for ours, theirs in zip(*inputs, strict=True):
        assert str(theirs.grad.dtype).endswith(str(ours.grad.dtype))
        assert ours.grad.dtype == ours.dtype
        np.testing.assert_allclose(ours.grad.value, theirs.grad.numpy())


@pytest.mark.parametrize("create_graph", [False, True])
def test_float32_stays_float32(create_graph):
    x, w = leaf(2, 3, dtype=minigrad.float32), leaf(3, 3, dtype=minigrad.float32)
    y = ((x @ w).tanh() * 0.5 + 1).softmax(-1).log().mean(0)[1:]
    for node in history(y):
        node.retain_grad()
    loss = y.sum() / 3
    loss.backward(create_graph=create_graph)
    assert loss.dtype == minigrad.float32
    assert {node.grad.dtype for node in history(y)} == {minigrad.float32}


def test_an_unpickled_leaf_is_of_the_same_dtype_as_others():
    """NumPy gives it a dtype object of its own, which equals theirs."""
    x = pickle.loads(pickle.dumps(leaf(3, dtype=minigrad.float32)))
    (g,) = grad((x * leaf(3, dtype=minigrad.float32)).tanh().sum(), x, create_graph=True)
    assert "cast" not in {node.call.op.__name__ for node in history(g) if node.call}


@pytest.mark.parametrize("given", [(), (1.0,), (1.0, 1.0, 1.0)])
def test_a_rule_gives_a_gradient_for_each_input(given):
    @op
    def product_of_two(x, y):
        return x * y

    product_of_two.backward(lambda g, out, x, y: given)
    x = leaf(3)
    message = rf"product_of_two gave {len(given)} gradients for 2 inputs: one for each, or None"
    for create_graph in (False, True):
        with pytest.raises(TypeError, match=message):
            product_of_two(x, x).sum().backward(create_graph=create_graph)


def test_casting_casts_back():
    x = leaf(3, dtype=minigrad.float32)
    (x.double() * math.pi).sum().backward()
    assert x.grad.dtype == minigrad.float32
    np.testing.assert_allclose(x.grad.value, np.float32(math.pi))


def test_rules_written_on_values_are_cast_and_summed():
    """A rule may leave broadcasting and dtype to the sweep."""

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

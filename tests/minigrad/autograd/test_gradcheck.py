"""gradcheck and gradgradcheck: right rules pass, wrong rules are found and named."""

import numpy as np
import pytest

import minigrad
from minigrad import ops
from minigrad.autograd import gradcheck, gradgradcheck
from minigrad.graph import Op, op, value_of
from minigrad.ops import exp, mul, tanh


@pytest.fixture(autouse=True)
def _registry(monkeypatch):
    """Remove the ops that a test defines."""
    monkeypatch.setattr(Op, "registry", dict(Op.registry))


def leaf(*shape):
    return minigrad.randn(*shape, dtype=minigrad.float64, requires_grad=True)


def wrong_tanh(rule):
    """tanh with another rule: a function from (g, out) to the gradient."""

    @op
    def wrong(x):
        return np.tanh(x)

    @wrong.backward
    def _(g, out, x):
        return (rule(g, out),)

    return wrong


MISTAKES = {
    "factor": lambda g, out: 2 * g * (1 - out * out),
    "sign": lambda g, out: -g * (1 - out * out),
    "forgotten": lambda g, out: g,
    "zero": lambda g, out: 0 * g,
    "nan": lambda g, out: g * np.nan,
}


# --- right rules


@pytest.mark.parametrize(
    ("func", "shapes"),
    [
        (tanh, [(3,)]),
        (tanh, [()]),
        (tanh, [(1,)]),
        (tanh, [(1, 3)]),
        (tanh, [(0,)]),
        (mul, [(2, 3), (3,)]),
        (mul, [(2, 1), ()]),
        (lambda x, y: (x @ y).softmax(-1), [(2, 3), (3, 4)]),
        (lambda x: (x.exp(), x.sum(0), 2 * x), [(2, 2)]),
        (lambda x: x.chunk(2), [(4,)]),
        (lambda x: [x * x], [(2,)]),
    ],
)
def test_right_rules_pass(func, shapes):
    inputs = [leaf(*shape) for shape in shapes]
    assert gradcheck(func, inputs) is True
    assert gradgradcheck(func, inputs) is True


def test_one_input_needs_no_tuple():
    assert gradcheck(tanh, leaf(3))
    assert gradgradcheck(tanh, leaf(3))


def test_other_inputs_are_held_fixed():
    table, ids = leaf(4, 2), minigrad.tensor([0, 3, 3])
    assert gradcheck(lambda w, i, n: w[i] * n, (table, ids, 3))
    assert gradcheck(mul, (leaf(3), minigrad.ones(3)))
    assert gradcheck(mul, (leaf(3), np.ones(3)))


def test_the_inputs_are_left_as_they_were():
    x = leaf(3)
    before = x.value.copy()
    gradcheck(tanh, x)
    gradgradcheck(tanh, x)
    assert x.grad is None
    np.testing.assert_array_equal(x.value, before)


def test_it_agrees_with_torch_on_what_passes(torch):
    given = np.random.default_rng(0).standard_normal((2, 3))
    for func in (lambda x: (x * x).sum(1).tanh(), lambda x: x.softmax(0)[1]):
        ours = minigrad.tensor(given, requires_grad=True)
        theirs = torch.tensor(given, requires_grad=True)
        assert gradcheck(func, ours) == torch.autograd.gradcheck(func, theirs)
        assert gradgradcheck(func, ours) == torch.autograd.gradgradcheck(func, theirs)


# --- wrong rules


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 2)])
def test_a_wrong_rule_is_caught(mistake, shape):
    wrong = wrong_tanh(MISTAKES[mistake])
    with pytest.raises(RuntimeError, match="wrong"):
        gradcheck(wrong, leaf(*shape))
    assert gradcheck(wrong, leaf(*shape), raise_exception=False) is False


@pytest.mark.parametrize("at", [0, 4, 7])
def test_a_wrong_sign_in_one_element_is_caught_and_located(at):
    signs = np.ones(8)
    signs[at] = -1
    wrong = wrong_tanh(lambda g, out: signs * g * (1 - out * out))
    with pytest.raises(RuntimeError) as error:
        gradcheck(wrong, leaf(8))
    assert f"output[{at}]" in str(error.value)
    assert f"input 0[{at}]" in str(error.value)


def wrong_product(runs=None):
    @op
    def wrong_mul(x, y):
        if runs is not None:
            runs.append(1)
        return x * y

    @wrong_mul.backward
    def _(g, out, x, y):
        return g * y, g * y

    return wrong_mul


def test_the_message_names_the_input():
    with pytest.raises(RuntimeError, match=r"input 1\[0\].*rule of wrong_mul"):
        gradcheck(wrong_product(), (leaf(3), leaf(3)))


def test_the_message_gives_both_numbers():
    wrong = wrong_tanh(lambda g, out: 3 * g * (1 - out * out))
    x = minigrad.zeros(1, dtype=minigrad.float64, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"is 1 by finite differences, but 3 by the rule"):
        gradcheck(wrong, x)


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize(
    "composite",
    [
        lambda wrong, x: wrong(x),
        lambda wrong, x: exp(wrong(x * x)).sum(),
        lambda wrong, x: wrong(wrong(x.tanh()) + x),
        lambda wrong, x: x.sum() * wrong(x)[0],
    ],
)
def test_the_culprit_in_a_composite_is_named(mistake, composite):
    wrong = wrong_tanh(MISTAKES[mistake])

    def model(x):
        return composite(wrong, x)

    with pytest.raises(RuntimeError, match=r"gradcheck of model: .* by the rule of wrong$"):
        gradcheck(model, leaf(3))


def test_the_culprit_of_two_inputs_is_found_in_one_go():
    calls, runs = 0, []
    wrong_mul = wrong_product(runs)

    def model(x, y):
        nonlocal calls
        calls += 1
        return wrong_mul(x, y).tanh()

    with pytest.raises(RuntimeError, match=r"by the rule of wrong_mul$"):
        gradcheck(model, (leaf(2), leaf(2)))
    assert calls < 20
    assert len(runs) < 60


def test_a_function_that_detaches_is_caught():
    for func in (lambda x: x * x.detach(), lambda x: (x * x).detach()):
        with pytest.raises(RuntimeError, match="gradcheck"):
            gradcheck(func, leaf(3))


def test_nothing_to_check_is_an_error():
    with pytest.raises(ValueError, match="require"):
        gradcheck(tanh, minigrad.ones(3, dtype=minigrad.float64))


def test_float32_is_refused():
    with pytest.raises(ValueError, match=r"input 1 is float32.*float64"):
        gradcheck(mul, (leaf(3), minigrad.randn(3, requires_grad=True)))


def test_tolerances_decide():
    nearly = wrong_tanh(lambda g, out: 1.0001 * g * (1 - out * out))
    assert gradcheck(nearly, leaf(3))
    assert not gradcheck(nearly, leaf(3), rtol=1e-6, atol=1e-8, raise_exception=False)


@pytest.fixture
def wrong():
    """An op whose rule forgets a factor; removed after the test."""

    def wrong_cube(x, y):
        return x**3 * y

    op = minigrad.graph.op(wrong_cube)
    op.backward(lambda g, out, x, y: (g * x * x * y, g * x**3))
    yield op
    del Op.registry["wrong_cube"]


def _matrix(*shape):
    return minigrad.tensor(np.random.default_rng(2).uniform(1, 2, shape), requires_grad=True)


def test_gradcheck_names_what_is_wrong(wrong):
    message = r"d output\[0, 0\] / d input 0\[0, 0\] is .* but .* by the rule of wrong_cube"
    with pytest.raises(RuntimeError, match=message):
        gradcheck(wrong, (_matrix(2, 2), _matrix(2)))
    with pytest.raises(RuntimeError, match=message):
        gradgradcheck(lambda x, y: wrong(x, y).tanh(), (_matrix(2, 2), _matrix(2)))
    assert not gradcheck(wrong, (_matrix(2), _matrix(2)), raise_exception=False)


def test_gradcheck_finds_the_op_inside_others(wrong):
    with pytest.raises(RuntimeError, match=r"d input 1\[0\] is .* by the rule of wrong_cube"):
        gradcheck(lambda x, y: (wrong(y.exp(), x) * 2).sum(), (_matrix(2), _matrix(2)))


def test_gradcheck_requires_float64():
    with pytest.raises(ValueError, match="input 1 is float32: use float64"):
        gradcheck(ops.add, (_matrix(2), minigrad.ones(2, requires_grad=True)))


# --- second derivatives


def test_second_order_catches_a_rule_that_is_not_differentiable():
    """The first derivative is right, but computations on plain arrays are not recorded."""
    half_right = wrong_tanh(lambda g, out: g * (1 - value_of(out) ** 2))
    x = leaf(3)

    def model(x):
        return half_right(x)

    assert gradcheck(model, x)
    with pytest.raises(RuntimeError, match="the gradient of model"):
        gradgradcheck(model, x)
    assert gradgradcheck(model, x, raise_exception=False) is False


def test_second_order_names_the_rule_that_is_wrong_there():
    """A correct rule that calls an op whose own rule is wrong."""
    wrong = wrong_tanh(MISTAKES["factor"])

    @op
    def log_cosh(x):
        return np.log(np.cosh(x))

    @log_cosh.backward
    def _(g, out, x):
        return (g * wrong(x),)

    assert gradcheck(log_cosh, leaf(3))
    with pytest.raises(RuntimeError, match=r"by the rule of wrong$"):
        gradgradcheck(log_cosh, leaf(3))

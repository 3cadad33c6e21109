"""op, Call and Node: how a call is recorded, and what recording does to arrays."""

import numpy as np
import pytest

import minigrad
from minigrad import Tensor
from minigrad.graph import Op, op
from minigrad.nn import ops as nn_ops
from minigrad.ops import add, cat, expand, getitem, mul, permute, sum, tanh, where


@pytest.fixture(autouse=True)
def _registry(monkeypatch):
    """Remove the ops that a test defines."""
    monkeypatch.setattr(Op, "registry", dict(Op.registry))


def leaf(*shape):
    return minigrad.randn(*shape, dtype=minigrad.float64, requires_grad=True)


# --- computing and recording


def test_on_arrays_an_op_computes():
    x = np.linspace(-1, 1, 6).reshape(2, 3)
    result = sum(mul(tanh(x), 2.0), dim=1)
    assert type(result) is np.ndarray
    np.testing.assert_allclose(result, (2 * np.tanh(x)).sum(1))


def test_on_tensors_an_op_also_records():
    x, y = leaf(2, 3), leaf(3)
    z = x * y
    assert type(z) is Tensor
    assert z.requires_grad
    assert not z.is_leaf
    assert z.call.op is mul
    assert [id(node) for node in z.call.inputs] == [id(x), id(y)]
    assert z.call.settings == {}
    np.testing.assert_array_equal(z.value, x.value * y.value)


def test_settings_are_recorded_by_name():
    assert leaf(2, 3).sum(-1, keepdim=True).call.settings == {"dim": -1, "keepdim": True}
    assert leaf(2, 3).view(3, -1).call.settings == {"shape": (3, -1)}


def test_constants_are_inputs_too():
    x = leaf(3)
    assert (2.0 * x).call.inputs[0] == 2.0
    assert (x + np.ones(3)).call.inputs[0] is x


def test_birth_order_is_a_topological_order():
    x = leaf(3)
    y = x.tanh()
    z = x * y
    assert x.birth < y.birth < z.birth


def test_replace_gives_a_new_birth_number():
    x, y = leaf(3), leaf(3)
    x.replace(np.zeros(3))
    assert x.birth > y.birth


@pytest.mark.parametrize(
    "made",
    [
        lambda x: x.detach() * 2,
        lambda x: x > 0,
        lambda x: x.argmax(0),
        lambda x: x.long(),
        lambda x: minigrad.ones(3) * 2,
    ],
)
def test_without_requires_grad_nothing_is_recorded(made):
    result = made(leaf(3))
    assert isinstance(result, Tensor)
    assert result.is_leaf
    assert not result.requires_grad


def test_an_op_is_in_the_registry_under_its_name():
    assert Op.registry["tanh"] is tanh
    assert tanh.__name__ == "tanh"

    @op
    def cube(x):
        """x³."""
        return x**3

    assert Op.registry["cube"] is cube
    assert cube.__doc__ == "x³."


def test_backward_through_an_op_without_a_rule_is_an_error():
    @op
    def cube(x):
        return x**3

    np.testing.assert_array_equal(cube(np.array([2.0])), [8])
    y = cube(leaf(2))
    with pytest.raises((AttributeError, RuntimeError, NotImplementedError), match="cube"):
        y.sum().backward()


# --- inputs and settings


@pytest.mark.parametrize(
    "call",
    [
        lambda x: sum(x, dim=1, keepdim=True),
        lambda x: sum(x, 1, True),
        lambda x: sum(x, 1, keepdim=True),
        lambda x: sum(x=x, dim=1, keepdim=True),
        lambda x: sum(dim=1, x=x, keepdim=True),
    ],
)
def test_by_position_or_by_name(call):
    x = leaf(2, 3)
    y = call(x)
    assert y.call.inputs[0] is x
    assert y.call.settings == {"dim": 1, "keepdim": True}
    np.testing.assert_array_equal(y.value, x.value.sum(1, keepdims=True))


def test_all_inputs_can_be_given_by_name():
    x, y = leaf(2), leaf(2)
    np.testing.assert_array_equal(add(y=y, x=x).value, x.value + y.value)
    np.testing.assert_array_equal(add(x, y=y).value, x.value + y.value)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda x: mul(x), "mul"),
        (lambda x: mul(), "mul"),
        (lambda x: mul(x, x, x), "mul"),
        (lambda x: mul(x, x, x=x), "mul"),
        (lambda x: mul(x, z=x), "mul"),
        (lambda x: sum(x, 1, True, 3), "sum"),
        (lambda x: sum(x, 1, dim=1), "sum"),
        (lambda x: sum(x, axes=1), "sum"),
        (lambda x: tanh(), "tanh"),
        (lambda x: permute(x), "permute"),
    ],
)
@pytest.mark.parametrize("kind", [leaf, lambda *shape: np.ones(shape)], ids=["tensor", "array"])
def test_a_wrong_call_is_a_type_error_that_names_the_op(call, name, kind):
    with pytest.raises(TypeError, match=name):
        call(kind(2, 3))


def test_inputs_by_the_names_that_pytorch_gives_them():
    x = Tensor(np.array([1.0, 2.0]), requires_grad=True)
    assert minigrad.softmax(input=x, dim=0).requires_grad
    assert minigrad.add(input=x, other=x).tolist() == [2, 4]


def test_settings_by_position_are_settings_by_name():
    x = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    for y in (minigrad.sum(x, 1), minigrad.sum(x, dim=1), minigrad.sum(x=x, dim=1)):
        assert y.call.settings == {"dim": 1}
        assert len(y.call.inputs) == 1


# --- recorded arrays do not change


@pytest.mark.parametrize(
    "call", [lambda x: x * x, tanh, lambda x: x[1:], lambda x: expand(x, shape=(2, 3))]
)
def test_recorded_arrays_are_read_only(call):
    x = leaf(3)
    y = call(x)
    for array in (x.value, y.value):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_an_array_stays_the_callers_when_a_graph_is_gone():
    memory = np.ones(5)
    x = minigrad.from_numpy(memory[1:]).requires_grad_()
    y = x * x
    del x, y
    memory[2] = 7
    assert memory.tolist() == [1, 1, 7, 1, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda x, a: x * a,
        lambda x, a: a * x,
        lambda x, a: x @ a,
        lambda x, a: x / a,
        lambda x, a: where(a > 0, x, a),
        lambda x, a: cat(x, a) * cat(a, x),
    ],
)
def test_the_caller_can_still_write_to_an_array_it_passed(call):
    x, array = leaf(3), np.array([1.0, 2.0, 3.0])

    def gradient(change):
        given = array.copy()
        y = call(x, given)
        change(given)
        return minigrad.autograd.grad(y.sum(), x)[0].value

    def write(given):
        given[...] = -9

    np.testing.assert_array_equal(gradient(write), gradient(lambda given: None))


def test_changing_an_index_array_later_does_not_change_the_gradient():
    x, index = leaf(4), np.array([0, 1])
    for given in (index, minigrad.from_numpy(index)):
        y = x[given]
        index[...] = 3
        (g,) = minigrad.autograd.grad(y.sum(), x)
        assert g.tolist() == [1, 1, 0, 0]
        index[...] = [0, 1]
    getitem(np.ones(4), index=index)
    assert index.flags.writeable


# --- what a forward saves for its rule


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn_ops.standardize(leaf(3, 4, 5), dim=(-2, -1), eps=1e-5),
        lambda: nn_ops.cross_entropy(leaf(4), minigrad.tensor(2)),
        lambda: nn_ops.cross_entropy(leaf(3, 4), minigrad.tensor([1, -100, 3]), reduction="none"),
        lambda: nn_ops.cross_entropy(leaf(2, 4, 3), minigrad.tensor([[1, 0, 3], [-100, 2, 2]])),
    ],
)
def test_a_saved_result_equals_what_the_rule_would_recompute(make):
    call = (out := make()).call
    g = np.random.default_rng(0).normal(size=out.shape)
    again, *saved = [
        call.op.rule(g, out.value, *call.values, **given, **call.settings)[0]
        for given in ({}, call.saved, call.saved)
    ]
    np.testing.assert_allclose(saved[0], again, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(*saved)  # and the rule can be called twice
    assert not isinstance(call.op(*call.values, **call.settings), tuple)


# --- constants beside tensors


def test_a_numpy_number_beside_a_tensor_has_no_dtype(torch):
    ints = {"a": [1, 2], "b": [2**40 + 1]}
    for number in (np.uint8(3), np.int64(3), np.uint64(3)):
        for values in ints.values():
            product = minigrad.tensor(values) * number
            assert product.dtype == minigrad.int64
            assert product.tolist() == (torch.tensor(values) * int(number)).tolist()
    x = minigrad.tensor([2.0, 0.3], dtype=minigrad.float64, requires_grad=True)
    (x ** np.float32(0.1)).sum().backward()
    theirs = torch.tensor([2.0, 0.3], dtype=torch.float64, requires_grad=True)
    (theirs ** float(np.float32(0.1))).sum().backward()
    np.testing.assert_allclose(x.grad.value, theirs.grad.numpy(), rtol=1e-15)
    x = minigrad.tensor(2.0, requires_grad=True)
    (np.uint8(3) ** x).backward()
    assert x.grad.item() == pytest.approx(9 * np.log(3))
    x = minigrad.tensor([0.1, 0.2], requires_grad=True)
    minigrad.maximum(x, np.float64(0.1)).sum().backward()
    assert x.grad.tolist() == [0.5, 1]


def test_a_forward_may_return_its_constant():
    @op
    def second(x, c):
        return c

    second.backward(lambda g, out, x, c: (g * 0, None))
    try:
        array = np.ones(2)
        second(leaf(2), array)
        array[0] = 5  # is still the caller's
    finally:
        del Op.registry["second"]


def test_many_arrays_beside_a_tensor_are_copied_once(monkeypatch):
    from minigrad import graph

    calls = []
    constants = graph.constants
    monkeypatch.setattr(graph, "constants", lambda *given: calls.append(1) or constants(*given))
    minigrad.cat([*[np.ones(2, np.float32)] * 5, minigrad.ones(2, requires_grad=True)])
    assert calls == [1]


def test_a_numpy_number_is_exact_in_second_derivatives(torch):
    def second(library, exponent):
        x = library.tensor([2.0, 0.3], dtype=library.float64, requires_grad=True)
        (g,) = library.autograd.grad((x**exponent).sum(), x, create_graph=True)
        return library.autograd.grad(g.sum(), x)[0].numpy()

    exponent = np.float16(0.1)
    np.testing.assert_allclose(
        second(minigrad, exponent), second(torch, float(exponent)), rtol=1e-14
    )

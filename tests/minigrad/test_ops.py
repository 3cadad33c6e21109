"""Every op of the registry, on its examples: values, rules, and the derivatives of the rules."""

import numpy as np
import pytest
from derivatives import derivatives
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from op_examples import EXAMPLES, IN_NUMPY, IN_TORCH, over_the_table, over_what_is_differentiated

import minigrad
from minigrad import ops
from minigrad.autograd import grad, gradcheck, gradgradcheck
from minigrad.graph import Node, Op
from minigrad.nn import functional as F


def test_every_op_has_an_example():
    assert set(EXAMPLES) == set(Op.registry)
    for name, examples in EXAMPLES.items():
        assert examples, name


@over_the_table
def test_arrays_and_tensors_give_the_same_value(name, example):
    op, inputs = Op.registry[name], example.inputs()
    untouched = [np.copy(x) for x in inputs]
    computed = op(*inputs, **example.settings)
    recorded = op(*example.tensors(minigrad), **example.settings)

    assert isinstance(computed, np.ndarray | np.generic)
    assert isinstance(recorded, minigrad.Tensor)
    assert recorded.requires_grad
    assert recorded.call.op is op
    assert recorded.dtype == computed.dtype == np.float64
    np.testing.assert_array_equal(recorded.value, computed)
    if name in IN_NUMPY:
        settings = example.settings
        np.testing.assert_allclose(computed, IN_NUMPY[name](*inputs, **settings), rtol=1e-12)
    for x, before in zip(inputs, untouched, strict=True):
        np.testing.assert_array_equal(x, before)


@over_what_is_differentiated
def test_first_derivatives_against_differences(name, example):
    op = Op.registry[name]
    assert gradcheck(lambda *xs: op(*xs, **example.settings), example.tensors(minigrad))


@over_the_table
def test_second_derivatives_against_differences(name, example):
    op = Op.registry[name]
    assert gradgradcheck(lambda *xs: op(*xs, **example.settings), example.tensors(minigrad))


@over_the_table
def test_sweep_on_arrays_and_on_tensors_agree(name, example):
    """The rule on arrays, also in place, gives the same as the rule on tensors."""
    xs = example.tensors(minigrad)
    wanted = [x for x in xs if isinstance(x, Node) and x.requires_grad]
    y = Op.registry[name](*xs, **example.settings)
    y = minigrad.cat([y.reshape(-1), (y * 2).reshape(-1)])  # two uses, so that gradients accumulate
    weights = minigrad.tensor(np.random.default_rng(3).standard_normal(y.shape))
    plain = grad(y, wanted, weights)
    recorded = grad(y, wanted, weights, create_graph=True)
    for x, on_arrays, on_tensors in zip(wanted, plain, recorded, strict=True):
        assert on_arrays.shape == on_tensors.shape == x.shape
        assert on_arrays.dtype == on_tensors.dtype == x.dtype
        assert not on_arrays.requires_grad
        np.testing.assert_allclose(on_arrays.value, on_tensors.value, rtol=1e-12, atol=1e-15)


def _value_and_derivatives(library, apply, xs, order=2):
    """The value of `apply(*xs)`, its derivatives up to `order`, and the dtype of each."""
    wanted = [x for x in xs if hasattr(x, "requires_grad") and x.requires_grad]
    y = apply(*xs)
    found = [y, *derivatives(library, [y], wanted, order, seed=5)]
    found = [y.detach().clone() for y in found]  # a copy: PyTorch's zeros may have no memory
    return [(str(y.dtype).removeprefix("torch."), y.numpy()) for y in found]


def _compare(ours, theirs, rtol, atol):
    for (our_dtype, our), (their_dtype, their) in zip(ours, theirs, strict=True):
        assert our_dtype == their_dtype
        assert our.shape == their.shape
        np.testing.assert_allclose(our, their, rtol=rtol, atol=atol)


@over_the_table
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float64, 1e-10), (np.float32, 2e-5)], ids=["float64", "float32"]
)
def test_against_torch(torch, name, example, dtype, tolerance):
    op, in_torch = Op.registry[name], IN_TORCH.get(name)
    settings = dict(example.settings)
    if dtype == np.float32 and name == "cast":
        settings["dtype"] = minigrad.float64  # so that the gradient is cast back to float32
    ours = _value_and_derivatives(
        minigrad, lambda *xs: op(*xs, **settings), example.tensors(minigrad, dtype)
    )
    theirs = _value_and_derivatives(
        torch,
        lambda *xs: (
            in_torch(torch, *xs, **settings) if in_torch else getattr(torch, name)(*xs, **settings)
        ),
        example.tensors(torch, dtype),
    )
    _compare(ours, theirs, tolerance, tolerance)


# --- kinks and edges, compared with PyTorch ------------------------------------------------------

nan, inf = float("nan"), float("inf")

TIES = [[1.0, 3.0, 3.0], [3.0, 3.0, -1.0]]

EDGES = {
    "maximum of equals": (lambda torch, x, y: torch.maximum(x, y), TIES, [3.0, 3.0, -1.0]),
    "maximum of a tensor and itself": (lambda torch, x: torch.maximum(x, x), TIES),
    "amax of equals": (lambda torch, x: torch.amax(x, 1), TIES),
    "amax of equals, over all": (lambda torch, x: torch.amax(x, (0, 1)), TIES),
    "amax of equals, keepdim": (lambda torch, x: torch.amax(x, 0, keepdim=True), TIES),
    "relu at 0": (lambda torch, x: torch.relu(x), [-1.0, 0.0, -0.0, 2.0]),
    "relu of nan and inf": (lambda torch, x: torch.relu(x), [nan, inf, -inf]),
    "abs at 0": (lambda torch, x: torch.abs(x), [-2.0, 0.0, -0.0, 3.0]),
    "clamp at its bounds": (lambda torch, x: torch.clamp(x, -1, 1), [-2.0, -1.0, 0.0, 1.0, 2.0]),
    "clamp at its min": (lambda torch, x: torch.clamp(x, min=0), [-1.0, 0.0, 1.0]),
    "clamp at its max": (lambda torch, x: torch.clamp(x, max=0.0), [-1.0, 0.0, 1.0]),
    "0 to a number": (lambda torch, x: x**2 + x**1 + x**0 + x**3.0, [0.0, 1.0, -1.0]),
    "0 to the root": (lambda torch, x: x**0.5, [0.0, 4.0]),
    "0 to a tensor": (lambda torch, x, y: x**y, [0.0, 0.0, 0.0, 2.0], [0.0, 1.0, 2.0, 0.0]),
    "0 to what is in a tensor": (lambda torch, y: 0**y, [0.0, 1.0, 0.5]),
    "sqrt at 0": (lambda torch, x: torch.sqrt(x), [0.0, 1.0]),
    "sigmoid far out": (lambda torch, x: torch.sigmoid(x), [-800.0, 800.0, 0.0, 30.0]),
    "tanh far out": (lambda torch, x: torch.tanh(x), [-800.0, 800.0, 0.0]),
    "softmax far out": (lambda torch, x: torch.softmax(x, 0), [1e4, -1e4, 1e4 - 1]),
    "softmax with -inf": (lambda torch, x: torch.softmax(x, 0), [1.0, -inf, 0.5]),
    "log_softmax far out": (lambda torch, x: torch.log_softmax(x, 0), [1e4, -1e4, 0.0]),
    "where hides an inf": (
        lambda torch, x: torch.where(x > 0, x, 0.0).sum() + torch.where(x > 0, 1.0, x).sum(),
        [0.0, 1.0, inf],
    ),
}


@pytest.mark.parametrize("edge", EDGES)
def test_edges_against_torch(torch, edge):
    expression, *values = EDGES[edge]
    ours, theirs = (
        _value_and_derivatives(
            library,
            lambda *xs, library=library: expression(library, *xs),
            [library.tensor(v, dtype=library.float64, requires_grad=True) for v in values],
            order=1,
        )
        for library in (minigrad, torch)
    )
    _compare(ours, theirs, 1e-10, 1e-12)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (lambda torch: torch.log(torch.tensor([0.0, -1.0])), [-inf, nan]),
        (lambda torch: torch.exp(torch.tensor([1000.0])), [inf]),
        (lambda torch: torch.tensor([1.0, -1.0, 0.0]) / 0, [inf, -inf, nan]),
        (lambda torch: torch.tensor([0.0]) ** -1, [inf]),
        (lambda torch: torch.sqrt(torch.tensor([-1.0])), [nan]),
        (lambda torch: torch.tensor([1e30]) * 1e30, [inf]),
        (lambda torch: torch.tensor([inf]) - torch.tensor([inf]), [nan]),
        (lambda torch: torch.tensor([1, 0]) / torch.tensor([0, 0]), [inf, nan]),
    ],
)
def test_inf_and_nan_are_values_as_in_torch(torch, expression, value):
    np.testing.assert_array_equal(expression(torch).numpy(), value)
    np.testing.assert_array_equal(expression(minigrad).value, value)


@pytest.mark.parametrize("size", [0, 200, 1e4, 1e6, -1e6])
def test_the_loss_of_equal_logits_does_not_depend_on_their_size(size):
    logits = np.full((2, 3), size, np.float32)
    assert F.cross_entropy(logits, np.array([0, 2])) == pytest.approx(np.log(3), abs=1e-6)


# --- broadcasting, as a property -----------------------------------------------------------------

quick = settings(max_examples=25, deadline=None)


def _summed_back(g, shape):
    """Undo broadcasting by hand: sum a gradient over the dims that were repeated."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    for d, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=d, keepdims=True)
    return g


def _floats(shape):
    return np.asarray(np.random.default_rng(sum(shape, 1)).uniform(0.5, 2, shape))


BY_HAND = {  # both gradients, from g, x and y in their broadcast shape
    "add": lambda g, x, y: (g, g),
    "mul": lambda g, x, y: (g * y, g * x),
    "div": lambda g, x, y: (g / y, -g * x / y**2),
    "maximum": lambda g, x, y: (g * ((x > y) + 0.5 * (x == y)), g * ((x < y) + 0.5 * (x == y))),
}


@pytest.mark.parametrize("name", BY_HAND)
@quick
@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3))
def test_broadcasting_of_two(name, shapes):
    x, y = (minigrad.tensor(_floats(s), requires_grad=True) for s in shapes.input_shapes)
    z = Op.registry[name](x, y)
    assert z.shape == shapes.result_shape
    g = _floats(z.shape)
    z.backward(minigrad.tensor(g))
    both = np.broadcast_arrays(x.value, y.value)
    for tensor, by_hand in zip((x, y), BY_HAND[name](g, *both), strict=True):
        assert tensor.grad.shape == tensor.shape
        np.testing.assert_allclose(tensor.grad.value, _summed_back(by_hand, tensor.shape))


@quick
@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3))
def test_broadcasting_of_where(shapes):
    of_condition, *of_both = shapes.input_shapes
    condition = _floats(of_condition) < 1.2
    x, y = (minigrad.tensor(_floats(s), requires_grad=True) for s in of_both)
    z = ops.where(condition, x, y)
    g = _floats(z.shape)
    z.backward(minigrad.tensor(g))
    np.testing.assert_array_equal(z.value, np.where(condition, x.value, y.value))
    np.testing.assert_allclose(x.grad.value, _summed_back(g * condition, x.shape))
    np.testing.assert_allclose(y.grad.value, _summed_back(g * ~condition, y.shape))


@quick
@given(
    batches=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3),
    sizes=st.tuples(*[st.integers(1, 3)] * 3),
)
def test_broadcasting_of_matmul_batches(batches, sizes):
    rows, inner, columns = sizes
    left, right = batches.input_shapes
    x = minigrad.tensor(_floats((*left, rows, inner)), requires_grad=True)
    y = minigrad.tensor(_floats((*right, inner, columns)), requires_grad=True)
    z = x @ y
    g = _floats(z.shape)
    z.backward(minigrad.tensor(g))
    assert z.shape == (*batches.result_shape, rows, columns)
    gx = np.einsum("...ik,...jk->...ij", g, y.value)
    gy = np.einsum("...ki,...kj->...ij", x.value, g)
    for tensor, by_hand in ((x, gx), (y, gy)):
        assert tensor.grad.shape == tensor.shape
        batch = tensor.shape[:-2]
        shape = (*batch, *by_hand.shape[-2:])
        by_hand = by_hand.sum(axis=tuple(range(by_hand.ndim - len(shape))))
        repeated = tuple(d for d, n in enumerate(batch) if n == 1)
        np.testing.assert_allclose(tensor.grad.value, by_hand.sum(axis=repeated, keepdims=True))

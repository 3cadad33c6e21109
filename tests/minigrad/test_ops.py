"""Every op of the registry over one table of examples: values, rules, and the rules' own rules."""

import itertools

import numpy as np
import pytest
from derivatives import derivatives
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import minigrad
from minigrad import ops
from minigrad.autograd import grad, gradcheck, gradgradcheck
from minigrad.graph import Node, Op
from minigrad.nn import functional as F

# --- the table -----------------------------------------------------------------------------------


class Draw:
    """Inputs by chance, the same on every run."""

    def __init__(self):
        self.rng = np.random.default_rng(7)

    def __call__(self, *shape):
        return np.asarray(self.rng.standard_normal(shape))

    def positive(self, *shape):
        return np.asarray(self.rng.uniform(0.5, 2, shape))

    def ids(self, below, *shape):
        return np.asarray(self.rng.integers(below, size=shape))

    def mask(self, *shape):
        return np.asarray(self.rng.random(shape) < 0.5)


class Example:
    """The inputs of one call, made by a function of `Draw`, and its settings."""

    def __init__(self, make, **settings):
        self.make, self.settings = make, settings

    def inputs(self, dtype=np.float64):
        """Floats are what is differentiated; numbers, masks and ids are held fixed."""
        return [
            x.astype(dtype) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
            for x in self.make(Draw())
        ]

    def tensors(self, library, dtype=np.float64):
        return [
            library.tensor(x, requires_grad=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x
            for x in self.inputs(dtype)
        ]


def of_shapes(*several, kind="__call__", **settings):
    """Examples whose inputs are floats of these shapes."""
    return [
        Example(lambda draw, s=shapes: [getattr(draw, kind)(*shape) for shape in s], **settings)
        for shapes in several
    ]


BROADCAST = [
    ((2, 3), (2, 3)),
    ((2, 3), (3,)),
    ((2, 1), (3,)),
    ((), (2,)),
    ((2, 1, 3), (4, 1)),
    ((), ()),
    ((1, 1), (2,)),
    ((0, 3), (3,)),
    ((2, 0), (1, 1)),
]
ELEMENTWISE = [((2, 3),), ((),), ((0, 2),), ((1,),)]
MATRICES = [
    ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((1, 1), (1, 1)),
    ((5, 2, 3), (5, 3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((2, 1, 2, 3), (3, 3, 1)),
    ((1, 2, 3), (4, 3, 2)), ((2, 2, 3), (3,)), ((3,), (2, 3, 2)), ((2, 2, 2, 3), (3, 2)),
    ((2, 2, 2, 3), (3,)), ((3,), (2, 2, 3, 1)), ((2, 3, 1), (1,)), ((1,), (2, 1, 3)),
    ((2, 0), (0, 3)), ((0, 3), (3, 2)), ((2, 0, 3), (3, 4)), ((0, 2, 3), (3, 4)),
    ((2, 3, 0), (0, 4)), ((0, 2, 3), (0, 3, 1)), ((0,), (0,)), ((2, 0), (0,)),
]  # fmt: skip
REDUCTIONS = [
    Example(lambda draw: [draw(2, 3)]),
    Example(lambda draw: [draw(2, 3)], dim=0),
    Example(lambda draw: [draw(2, 3, 2)], dim=-2),
    Example(lambda draw: [draw(2, 3, 2)], dim=(0, -1)),
    Example(lambda draw: [draw(2, 3, 2)], dim=[2, 0], keepdim=True),
    Example(lambda draw: [draw(2, 3)], dim=-1, keepdim=True),
    Example(lambda draw: [draw()]),
    Example(lambda draw: [draw()], dim=0),
    Example(lambda draw: [draw()], dim=-1, keepdim=True),
    Example(lambda draw: [draw(1, 2)], dim=0),
    Example(lambda draw: [draw(2, 3)], dim=()),
    Example(lambda draw: [draw(2, 3)], dim=[]),
    Example(lambda draw: [draw(0, 3)], dim=1),
]
DISTRIBUTIONS = [
    Example(lambda draw: [draw(2, 3)], dim=1),
    Example(lambda draw: [draw(2, 3)], dim=0),
    Example(lambda draw: [draw(2, 3, 2)], dim=-2),
    Example(lambda draw: [draw()], dim=0),
    Example(lambda draw: [draw(2, 1)], dim=-1),
    Example(lambda draw: [draw(0, 3)], dim=1),
    Example(lambda draw: [draw(2, 0)], dim=1),
]
WITH_NUMBERS = [Example(lambda draw: [draw(2), 3]), Example(lambda draw: [2.5, draw(2)])]
INDICES = [  # of a (4, 3, 2)
    1, -1, slice(1, 3), slice(None, None, 2), ..., None, (0, 2), (slice(None), -1), (..., 0),
    (None, 1, ..., None), (slice(3, 1), 0), (1, 2, 0), (),
    np.array([0, 2, 0, 0]), np.array([[0, -1], [-4, 3]]), (np.array([0, 0]), np.array([2, 2])),
    (slice(None), np.array([1, 1])), (np.array([1, 1]), slice(None), 0),
    (np.array([[0], [2]]), np.array([0, 0, 1])), np.array([], int), (np.array(2), 1),
    np.array([True, False, True, True]), np.tile([True, False, True], (4, 1)),
    (slice(1, 3), np.array([False, True, True])), (np.array([1, 1, 0]), None, np.array([0, 2, 0])),
]  # fmt: skip
LOSSES = [
    Example(lambda draw, s=shape: [draw(*s), draw.ids(3, *s[:1], *s[2:])], reduction=reduction)
    for shape in [(4, 3), (2, 3, 2)]
    for reduction in ("mean", "sum", "none")
] + [
    Example(lambda draw: [draw(3), np.array(2)]),
    Example(lambda draw: [draw(3), np.array(0)], reduction="none"),
    Example(lambda draw: [draw(4, 3), np.array([0, -100, 2, -100])]),
    Example(lambda draw: [draw(4, 3), np.array([0, 1, 2, 1])], ignore_index=1),
    Example(lambda draw: [draw(4, 3), np.array([0, 7, 2, 1])], ignore_index=7, reduction="none"),
    Example(lambda draw: [draw(4, 3), np.full(4, -100)], reduction="sum"),
    Example(lambda draw: [draw(2, 3, 2), np.array([[0, 1], [1, 2]])], ignore_index=1),
    Example(lambda draw: [draw(0, 3), draw.ids(3, 0)], reduction="sum"),
]

# fmt: off
EXAMPLES = {
    "add": of_shapes(*BROADCAST) + WITH_NUMBERS,
    "sub": of_shapes(*BROADCAST) + WITH_NUMBERS,
    "mul": of_shapes(*BROADCAST) + WITH_NUMBERS,
    "div": of_shapes(*BROADCAST, kind="positive")
    + [Example(lambda draw: [draw(2), 3]), Example(lambda draw: [2.5, -draw.positive(2)])],
    "neg": of_shapes(*ELEMENTWISE),
    "pow": of_shapes(*BROADCAST, kind="positive")
    + [Example(lambda draw, n=n: [draw(2, 3), n]) for n in (0, 1, 2, 3, -1, -2, 2.0)]
    + [Example(lambda draw, n=n: [draw.positive(3), n]) for n in (0.5, -0.5, 1.7)]
    + [Example(lambda draw: [2, draw(3)]), Example(lambda draw: [0.3, draw()])]
    + [Example(lambda draw: [draw(2, 3), np.array([0, 1, 2])])],
    "maximum": of_shapes(*BROADCAST) + [Example(lambda draw: [draw(5), 0.25])],
    "where": [
        Example(lambda draw, s=shapes: [draw.mask(*s[0]), draw(*s[1]), draw(*s[2])])
        for shapes in [
            ((2, 3), (2, 3), (2, 3)), ((3,), (2, 3), ()), ((2, 1), (3,), (2, 3)),
            ((), (2,), (2, 1)), ((2, 2, 1), (3,), (2, 1)), ((), (), ()), ((0, 2), (2,), ()),
        ]
    ] + [
        Example(lambda draw: [draw.mask(4), draw(4), 0]),
        Example(lambda draw: [draw.mask(4), 2.0, draw(4)]),
    ],
    "cast": [
        Example(lambda draw: [draw(2, 3)], dtype=minigrad.float64),
        Example(lambda draw: [draw()], dtype=minigrad.float64),
        Example(lambda draw: [draw(0, 3)], dtype=minigrad.float64),
    ],
    "exp": of_shapes(*ELEMENTWISE),
    "log": of_shapes(*ELEMENTWISE, kind="positive"),
    "tanh": of_shapes(*ELEMENTWISE),
    "sigmoid": of_shapes(*ELEMENTWISE),
    "relu": of_shapes(*ELEMENTWISE, ((3, 4),)),
    "sum": [*REDUCTIONS, Example(lambda draw: [draw(2, 0)], dim=1)],
    "amax": REDUCTIONS,
    "softmax": DISTRIBUTIONS,
    "log_softmax": DISTRIBUTIONS,
    "expand": [
        Example(lambda draw, s=before: [draw(*s)], shape=after)
        for before, after in [
            ((3,), (2, 3)), ((2, 1), (2, 3)), ((2, 1), (4, -1, 3)), ((), (2, 2)), ((1,), (0,)),
            ((1, 3, 1), (2, 3, 2)), ((2, 3), (-1, -1)), ((), ()), ((1, 1), (1, 1)),
        ]
    ],
    "reshape": [
        Example(lambda draw, s=before: [draw(*s)], shape=after)
        for before, after in [
            ((2, 3), (3, 2)), ((2, 3), (-1,)), ((6,), (2, -1)), ((1,), ()), ((), (1, 1)),
            ((2, 3, 2), (3, -1)), ((0, 2), (3, 0)), ((2, 3), [6]),
        ]
    ],
    "permute": [
        Example(lambda draw, s=shape: [draw(*s)], dims=dims)
        for shape, dims in [
            ((2, 3), (1, 0)), ((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (-1, 0, -2)), ((), ()),
            ((3,), (0,)), ((2, 0, 3), (1, 2, 0)), ((2, 3), [-1, -2]),
        ]
    ],
    "getitem": [Example(lambda draw: [draw(4, 3, 2)], index=index) for index in INDICES]
    + [Example(lambda draw: [draw()], index=index) for index in ((), None, ...)],
    "add_at": [
        Example(
            lambda draw, i=index: [draw(4, 3, 2), draw(*np.empty((4, 3, 2))[i].shape)], index=index
        )
        for index in INDICES
    ] + [
        Example(lambda draw: [draw(3, 2), draw(2, 3, 2)], index=np.array([[0, 2, 0], [1, -1, 0]])),
    ],
    "cat": [
        Example(lambda draw, s=shapes: [draw(*shape) for shape in s], dim=dim)
        for shapes, dim in [
            (((2, 3), (1, 3)), 0), (((2, 3), (2, 1), (2, 2)), -1), (((2, 3), (2, 3)), 1),
            (((3,),), 0), (((2, 1, 2), (2, 2, 2)), -2), (((0, 2), (3, 2)), 0),
            (((2, 0), (2, 0)), 1),
        ]
    ],
    "stack": [
        Example(lambda draw, s=shape, n=count: [draw(*s) for _ in range(n)], dim=dim)
        for count, shape, dim in [
            (2, (2, 3), 0), (3, (2, 3), 1), (2, (2, 3), -1), (2, (2, 3), -3), (1, (3,), 1),
            (3, (), 0), (2, (0, 2), 1),
        ]
    ],
    "standardize": [
        Example(lambda draw, s=shape: [draw(*s)], dim=dim, eps=eps)
        for shape, dim, eps in [
            ((2, 3), -1, 1e-5), ((2, 3, 4), (1, 2), 1e-5), ((4,), 0, 0.1), ((3, 2), (-2,), 1e-3),
            ((0, 3), -1, 1e-5), ((2, 1), 1, 0.5),
        ]
    ],
    "cross_entropy": LOSSES,
    "embedding": [
        Example(lambda draw: [np.array([[0, 3], [3, 3]]), draw(4, 2)]),
        Example(lambda draw: [np.array([1, 0, 1, 2]), draw(4, 2)], padding_idx=1),
        Example(lambda draw: [np.array([3, 0, 3]), draw(4, 2)], padding_idx=-1),
        Example(lambda draw: [np.array([0, 0]), draw(4, 2)], padding_idx=0),
        Example(lambda draw: [np.array(2), draw(4, 2)]),
        Example(lambda draw: [draw.ids(4, 0), draw(4, 2)]),
        Example(lambda draw: [draw.ids(4, 2, 2, 3), draw(4, 2)], padding_idx=None),
    ],
    "matmul": of_shapes(*MATRICES),
    "linear": of_shapes(
        ((2, 3), (4, 3)), ((3,), (4, 3)), ((2, 5, 3), (4, 3)), ((2, 3), (4, 3), (4,)),
        ((3,), (1, 3), (1,)), ((2, 1, 2, 3), (4, 3), (4,)), ((0, 3), (4, 3), (4,)),
        ((2, 0), (4, 0)),
    ),
}
# fmt: on


def _added_at(torch, x, y, index):
    picked = x[_indices(torch, index)]  # its gradient is what adding at the index is
    return x + torch.autograd.grad(picked, x, y.expand(picked.shape), create_graph=True)[0]


def _indices(torch, index):
    parts = index if isinstance(index, tuple) else (index,)
    return tuple(torch.tensor(p) if isinstance(p, np.ndarray) else p for p in parts)


def _numbers_as_tensors(torch, function, inputs):
    return function(*[x if torch.is_tensor(x) else torch.tensor(x) for x in inputs])


# How to say it in PyTorch, where it is not torch.<name>(*inputs, **settings).
IN_TORCH = {
    "maximum": lambda torch, *xs: _numbers_as_tensors(torch, torch.maximum, xs),
    "cast": lambda torch, x, dtype: x.to(getattr(torch, str(dtype)), copy=True),
    "expand": lambda torch, x, shape: x.expand(shape),
    "getitem": lambda torch, x, index: x[_indices(torch, index)],
    "add_at": _added_at,
    "stack": lambda torch, *xs, dim: torch.stack(xs, dim),
    "linear": lambda torch, *xs: torch.nn.functional.linear(*xs),
    "cat": lambda torch, *xs, dim: torch.cat(xs, dim),
    "standardize": lambda torch, x, dim, eps: (
        (x - x.mean(dim, keepdim=True))
        / ((x - x.mean(dim, keepdim=True)).square().mean(dim, keepdim=True) + eps).sqrt()
    ),
    "cross_entropy": lambda torch, *xs, **settings: torch.nn.functional.cross_entropy(
        *xs, **settings
    ),
    "embedding": lambda torch, *xs, **settings: torch.nn.functional.embedding(*xs, **settings),
}


def _numpy_add_at(x, y, index):
    places = np.arange(x.size).reshape(x.shape)[index]
    return x + np.bincount(np.ravel(places), np.ravel(y), x.size).reshape(x.shape)


def _axis(dim):
    return None if dim is None or len(np.atleast_1d(dim)) == 0 else tuple(np.atleast_1d(dim))


def _numpy_softmax(x, dim):
    e = np.exp(x)
    return np.ones(()) if not x.ndim else e / e.sum(dim, keepdims=True)


def _numpy_sum(x, dim=None, keepdim=False):
    return np.sum(x, axis=_axis(dim) if x.ndim else None, keepdims=keepdim)


def _numpy_amax(x, dim=None, keepdim=False):
    return np.max(x, axis=_axis(dim) if x.ndim else None, keepdims=keepdim)


# The same without PyTorch, where NumPy says it in a line.
IN_NUMPY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
    "neg": np.negative, "pow": np.power,
    "maximum": np.maximum, "where": np.where, "exp": np.exp, "log": np.log, "tanh": np.tanh,
    "matmul": np.matmul, "sum": _numpy_sum, "amax": _numpy_amax, "softmax": _numpy_softmax,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: x * (x > 0),
    "log_softmax": lambda x, dim: np.log(_numpy_softmax(x, dim)),
    "reshape": lambda x, shape: np.reshape(x, shape),
    "permute": lambda x, dims: np.einsum(x, list(range(x.ndim)), [d % x.ndim for d in dims]),
    "cast": lambda x, dtype: x.astype(dtype),
    "getitem": lambda x, index: x[index],
    "add_at": _numpy_add_at,
    "stack": lambda *xs, dim: np.stack(xs, dim),
    "linear": lambda x, w, *b: np.einsum("...i,oi->...o", x, w) + sum(b),
    "cat": lambda *xs, dim: np.concatenate(xs, dim),
    "standardize": lambda x, dim, eps: (x - x.mean(dim, keepdims=True))
    / np.sqrt(x.var(dim, keepdims=True) + eps),
    "embedding": lambda input, weight, padding_idx=None: np.take(weight, input, axis=0),
}  # fmt: skip


def _cases():
    for name, examples in EXAMPLES.items():
        for i, example in enumerate(examples):
            shapes = [str(np.shape(x)).replace(" ", "") for x in example.inputs()]
            said = [f"{key}={value}" for key, value in example.settings.items()]
            yield pytest.param(name, example, id=" ".join([f"{name}-{i}", *shapes, *said]))


over_the_table = pytest.mark.parametrize(("name", "example"), list(_cases()))
# The padding row of an embedding goes without the gradient that a difference would show.
over_what_is_differentiated = pytest.mark.parametrize(
    ("name", "example"),
    [case for case in _cases() if case.values[1].settings.get("padding_idx") is None],
)


# --- what is held to it --------------------------------------------------------------------------


def test_every_op_has_an_example():
    assert set(EXAMPLES) == set(Op.registry)
    for name, examples in EXAMPLES.items():
        assert examples, name


@over_the_table
def test_arrays_and_tensors_have_one_value(name, example):
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
def test_rule_against_differences(name, example):
    op = Op.registry[name]
    assert gradcheck(lambda *xs: op(*xs, **example.settings), example.tensors(minigrad))


@over_the_table
def test_rule_of_the_rule_against_differences(name, example):
    op = Op.registry[name]
    assert gradgradcheck(lambda *xs: op(*xs, **example.settings), example.tensors(minigrad))


@over_the_table
def test_sweep_on_arrays_and_on_tensors_agree(name, example):
    """The rule in place, and the rule on arrays, give what the rule on tensors gives."""
    xs = example.tensors(minigrad)
    wanted = [x for x in xs if isinstance(x, Node) and x.requires_grad]
    y = Op.registry[name](*xs, **example.settings)
    y = minigrad.cat([y.reshape(-1), (y * 2).reshape(-1)])  # two uses: gradients are added up
    weights = minigrad.tensor(np.random.default_rng(3).standard_normal(y.shape))
    plain = grad(y, wanted, weights)
    recorded = grad(y, wanted, weights, create_graph=True)
    for x, on_arrays, on_tensors in zip(wanted, plain, recorded, strict=True):
        assert on_arrays.shape == on_tensors.shape == x.shape
        assert on_arrays.dtype == on_tensors.dtype == x.dtype
        assert not on_arrays.requires_grad
        np.testing.assert_allclose(on_arrays.value, on_tensors.value, rtol=1e-12, atol=1e-15)


def _value_and_derivatives(library, apply, xs, order=2):
    """Of a weighted sum of what `apply` gives: the value, the gradient, and its own gradient."""
    wanted = [x for x in xs if hasattr(x, "requires_grad") and x.requires_grad]
    y = apply(*xs)
    found = [y, *derivatives(library, [y], wanted, order, seed=5)]
    return [(str(y.dtype).removeprefix("torch."), y.detach().numpy()) for y in found]


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
        settings["dtype"] = minigrad.float64  # up and back: the gradient comes down to float32
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


# --- kinks and edges: what PyTorch decides there -------------------------------------------------

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
def test_equal_logits_cost_as_much_however_large(size):
    logits = np.full((2, 3), size, np.float32)
    assert F.cross_entropy(logits, np.array([0, 2])) == pytest.approx(np.log(3), abs=1e-6)


# --- broadcasting, as a property -----------------------------------------------------------------

quick = settings(max_examples=25, deadline=None)


def _summed_back(g, shape):
    """What broadcasting does to a gradient, said by hand: add up where the dim was repeated."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    for d, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=d, keepdims=True)
    return g


def _floats(shape):
    return np.asarray(np.random.default_rng(sum(shape, 1)).uniform(0.5, 2, shape))


BY_HAND = {  # of g, x and y in the shape they have together: both gradients
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


# --- dtypes --------------------------------------------------------------------------------------

KINDS = {"bool": (True, True), "int64": (3, 2), "float32": (1.5, 0.5), "float64": (2.5, 0.1)}
OPERANDS = [(name, form) for name in KINDS for form in ("1-D", "0-d", "number")]
PAIRS = [
    (x, y) for x, y in itertools.product(OPERANDS, OPERANDS) if (x[1], y[1]) != ("number",) * 2
]
TWO = {
    "add": lambda torch, x, y: torch.add(x, y),
    "mul": lambda torch, x, y: torch.mul(x, y),
    "div": lambda torch, x, y: torch.div(x, y),
    "where": lambda torch, x, y: torch.where(torch.tensor([True, False]), x, y),
    "maximum": lambda torch, x, y: torch.maximum(x, y),
    "cat": lambda torch, x, y: torch.cat([x, y]),
    "operator -": lambda torch, x, y: x - y,
    "eq": lambda torch, x, y: torch.eq(x, y),
}


def _operand(library, dtype, form):
    values = KINDS[dtype]
    if form == "number":
        return values[0]
    return library.tensor(
        list(values) if form == "1-D" else values[1], dtype=getattr(library, dtype)
    )


@pytest.mark.parametrize("name", TWO)
def test_promotion_against_torch(torch, name):
    wrong = []
    for x, y in PAIRS:
        forms = {x[1], y[1]}
        if name == "maximum" and "number" in forms:
            continue  # PyTorch takes no numbers there
        if name == "cat" and forms != {"1-D"}:
            continue
        if name == "operator -" and "bool" in (x[0], y[0]):
            continue  # an error in both
        if name == "eq" and x[1] == "number":
            continue
        ours, theirs = (
            TWO[name](library, _operand(library, *x), _operand(library, *y))
            for library in (minigrad, torch)
        )
        ours, theirs = ours.value, theirs.numpy()
        if ours.dtype != theirs.dtype:
            wrong.append(f"{name}({x}, {y}) is {ours.dtype}, in PyTorch {theirs.dtype}")
        elif not np.allclose(ours, theirs, rtol=1e-6):
            wrong.append(f"{name}({x}, {y}) is {ours}, in PyTorch {theirs}")
    assert not wrong, "\n".join(wrong)


def test_gradients_have_the_dtype_of_their_tensor():
    x = minigrad.tensor([1.0, 2.0], dtype=minigrad.float32, requires_grad=True)
    y = minigrad.tensor([3.0, 4.0], dtype=minigrad.float64, requires_grad=True)
    (x * y + minigrad.cat([x[:1], y[:1]]) + x.double().float()).sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(x.grad.value, [5, 5])
    np.testing.assert_allclose(y.grad.value, [2, 2])


# --- a rule that is wrong, and errors ------------------------------------------------------------


@pytest.fixture
def wrong():
    """An op with a rule that forgets a factor; gone again after the test."""

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


def test_gradcheck_finds_the_op_inside_of_others(wrong):
    with pytest.raises(RuntimeError, match=r"d input 1\[0\] is .* by the rule of wrong_cube"):
        gradcheck(lambda x, y: (wrong(y.exp(), x) * 2).sum(), (_matrix(2), _matrix(2)))


def test_gradcheck_wants_float64():
    with pytest.raises(ValueError, match="input 1 is float32; it takes float64"):
        gradcheck(ops.add, (_matrix(2), minigrad.ones(2, requires_grad=True)))


ERRORS = {
    "add": (lambda x: ops.add(x, np.ones(2)), ValueError, r"add: shapes \(2, 3\) and \(2,\)"),
    "add of a string": (lambda x: x + "a", TypeError, "str"),
    "add of None": (lambda x: x + None, TypeError, "None"),
    "add with a setting it lacks": (lambda x: ops.add(x, 1, alpha=2), TypeError, "alpha"),
    "where": (lambda x: ops.where(x, x, 0), TypeError, "condition must be bool, not float32"),
    "where shapes": (lambda x: ops.where(x > 0, x, np.ones(2)), ValueError, r"shapes \(2, 3\)"),
    "pow of ints": (
        lambda x: minigrad.tensor([2, 3]) ** -1, (RuntimeError, ValueError), "negative",
    ),
    "sum": (lambda x: x.sum(2), IndexError, r"sum: dim 2 of shape \(2, 3\).* from -2 to 1"),
    "sum of one dim twice": (lambda x: x.sum((0, -2)), ValueError, "the same dim is given twice"),
    "amax of nothing": (lambda x: x[:0].amax(0), (ValueError, IndexError), r"\(0, 3\)"),
    "softmax": (lambda x: x.softmax(-3), IndexError, r"dim -3 of shape \(2, 3\)"),
    "softmax of ints": (lambda x: minigrad.tensor([1, 2]).softmax(0), TypeError, "int64"),
    "log_softmax of ints": (lambda x: minigrad.tensor([1, 2]).log_softmax(0), TypeError, "int64"),
    "expand": (lambda x: x.expand(4, 3), ValueError, r"expand: \(2, 3\) to \(4, 3\)"),
    "expand a new -1": (lambda x: x.expand(-1, 2, 3), ValueError, r"\(-1, 2, 3\)"),
    "expand to fewer": (lambda x: x.expand(3), ValueError, r"\(2, 3\) to \(3,\)"),
    "reshape": (lambda x: x.reshape(4, 2), ValueError, r"reshape: \(2, 3\) to \(4, 2\): 6 values"),
    "reshape twice -1": (lambda x: x.reshape(-1, -1), ValueError, r"\(-1, -1\)"),
    "permute": (lambda x: x.permute(0, 0), ValueError, r"\(0, 0\) is no order of the 2 dims"),
    "permute too few": (lambda x: x.permute(0), ValueError, r"\(0,\) is no order of the 2 dims"),
    "getitem": (lambda x: x[2], IndexError, "index 2 is out of bounds"),
    "getitem too many": (lambda x: x[0, 0, 0], IndexError, "too many indices"),
    "getitem by floats": (lambda x: x[minigrad.tensor([0.0])], IndexError, "integer"),
    "cat": (
        lambda x: minigrad.cat([x, x[:, :2]]), ValueError, r"cat: shapes \(2, 3\), \(2, 2\).*dim 0",
    ),
    "cat of nothing": (lambda x: minigrad.cat([]), ValueError, "at least one tensor"),
    "cat dim": (lambda x: minigrad.cat([x, x], 2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "matmul": (
        lambda x: x @ x, ValueError,
        r"matmul: \(2, 3\) @ \(2, 3\): the last dim of the first \(3\) must equal the "
        r"second-to-last of the second \(2\)",
    ),
    "matmul vector": (
        lambda x: x @ x[:, 0], ValueError, r"\(2, 3\) @ \(2,\).*the only of the second \(2\)",
    ),
    "matmul batch": (
        lambda x: minigrad.ones(2, 1, 3) @ minigrad.ones(3, 3, 1), ValueError, "do not broadcast",
    ),
    "matmul of a number": (lambda x: x @ 2, ValueError, r"use \* for numbers"),
    "matmul dtypes": (lambda x: x @ x.double().mT, TypeError, "float32 @ float64"),
    "embedding": (
        lambda x: F.embedding(np.array([0, 2]), x), IndexError,
        "word id 2 is out of range for 2 rows",
    ),
    "embedding by -1": (lambda x: F.embedding(np.array([-1]), x), IndexError, "word id -1"),
    "embedding by floats": (lambda x: F.embedding(np.array([0.0]), x), TypeError, "float64"),
    "embedding padding": (
        lambda x: F.embedding(np.array([0]), x, padding_idx=2),
        (ValueError, IndexError), "padding_idx",
    ),
    "cross_entropy class": (
        lambda x: F.cross_entropy(x, np.array([0, 3])), IndexError,
        "target 3 is out of range for 3 classes",
    ),
    "cross_entropy shapes": (
        lambda x: F.cross_entropy(x, np.array([0])), ValueError,
        r"logits \(2, 3\) and targets \(1,\)",
    ),
    "cross_entropy of float targets": (
        lambda x: F.cross_entropy(x, np.array([0.0, 1.0])), TypeError, "targets int64",
    ),
    "cross_entropy reduction": (
        lambda x: F.cross_entropy(x, np.array([0, 1]), reduction="avg"), ValueError, "'avg'",
    ),
    "exp twice": (lambda x: ops.exp(x, x=x), TypeError, "exp"),
    "neg of bools": (lambda x: -(x > 0), TypeError, "logical_not"),
    "relu of bools": (lambda x: minigrad.relu(x > 0), TypeError, "bool"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_what_is_wrong(case):
    expression, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        expression(minigrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True))


def test_settings_by_position_are_settings_by_name():
    x = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    for y in (minigrad.sum(x, 1), minigrad.sum(x, dim=1), minigrad.sum(x=x, dim=1)):
        assert y.call.settings == {"dim": 1}
        assert len(y.call.inputs) == 1

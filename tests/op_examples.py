"""One table of examples per op, and how to say each op in PyTorch and in NumPy."""

import nn_examples
import numpy as np
import pytest
import recurrent_examples
import room_examples
import transformer_examples
from example import Example, of_shapes

import minigrad
from minigrad import products, putting, strides  # noqa: F401  # so that their ops are registered

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

INDICES = [  # into an array (4, 3, 2)
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
    "minimum": of_shapes(*BROADCAST) + [Example(lambda draw: [draw(5), 0.25])],
    "abs": of_shapes(*ELEMENTWISE),
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
    "sqrt": of_shapes(*ELEMENTWISE, kind="positive"),
    "tanh": of_shapes(*ELEMENTWISE),
    "sigmoid": of_shapes(*ELEMENTWISE),
    "relu": of_shapes(*ELEMENTWISE, ((3, 4),)),
    "clip": [Example(lambda draw: [draw(3, 4)], min=-0.5, max=0.7)],
    "sum": [*REDUCTIONS, Example(lambda draw: [draw(2, 0)], dim=1)],
    "amax": REDUCTIONS,
    "amin": REDUCTIONS,
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
    "put_at": [
        Example(lambda draw, s=shape: [draw(4, 3), draw(*s)], index=index)
        for index, shape in [
            (..., (4, 3)), (1, (3,)), (1, ()), ((slice(None), 1), (4,)), (slice(1, 3), (1, 3)),
            ((slice(None), np.array([2, 0])), (4, 2)), (np.array([3, 1]), (1, 3)), ((1, 2), ()),
            (np.arange(12).reshape(4, 3) % 2 == 0, (6,)), (slice(2, 2), (0, 3)),
        ]
    ],
    "combine_at": [
        Example(lambda draw, s=shape: [draw.positive(4, 3), draw.positive(*s)], index=index, by=by)
        for by in ("prod", "amax", "amin") for index, shape in [
            (np.array([3, 1]), (2, 3)), ((np.array([0, 2, 0]), np.array([1, 1, 1])), (3,)),
            ((slice(None), np.array([2, 2])), (4, 2)), (np.array([], int), (0, 3)),
        ]
    ],
    "diagonals": [
        Example(lambda draw, s=shape: [draw(*s)], offset=offset, dims=dims)
        for shape, offset, dims in [
            ((3, 3), 0, (0, 1)), ((3, 4), 1, (0, 1)), ((4, 2), -1, (1, 0)), ((2, 3, 2), 0, (0, 2)),
            ((2, 3, 4), 1, (2, 1)), ((2, 2, 3, 2), 0, (1, 3)), ((0, 3), 0, (0, 1)),
        ]
    ],
    "windows": [
        Example(lambda draw, s=shape: [draw(*s)], dim=dim, size=size, step=step)
        for shape, dim, size, step in [
            ((5,), 0, 3, 1), ((5,), 0, 2, 2), ((2, 7), 1, 2, 3), ((4, 2, 2), 0, 3, 1),
            ((2, 3, 2), 1, 3, 5), ((2, 3), 1, 0, 1), ((0, 3), 1, 2, 1),
        ]
    ],
    "inv": [
        Example(lambda draw, n=n: [draw(2, n, n) + 3 * np.eye(n)]) for n in (1, 2, 3)
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
    **{
        name: [e for shapes, settings in rows for e in of_shapes(shapes, **settings)]
        for name, rows in recurrent_examples.ROWS.items()
    }
    | {
        name: [e for shapes, settings in rows for e in of_shapes(*shapes, **settings)]
        for name, rows in transformer_examples.ROWS.items()
    },
    "matmul": of_shapes(*MATRICES),
    "linear": of_shapes(
        ((2, 3), (4, 3)), ((3,), (4, 3)), ((2, 5, 3), (4, 3)), ((2, 3), (4, 3), (4,)),
        ((3,), (1, 3), (1,)), ((2, 1, 2, 3), (4, 3), (4,)), ((0, 3), (4, 3), (4,)),
        ((2, 0), (4, 0)), ((2, 0), (1, 0)), ((0,), (1, 0)), ((2, 1), (1, 1)),
        ((2, 1), (1, 1), (1,)),
    ),
}
# fmt: on
EXAMPLES |= room_examples.EXAMPLES | nn_examples.examples(Example, of_shapes)


def _added_at(torch, x, y, index):
    picked = x[_indices(torch, index)]  # its gradient is an addition at the index
    return x + torch.autograd.grad(picked, x, y.expand(picked.shape), create_graph=True)[0]


def _put_at(torch, x, y, index):
    out = x.clone()
    out[_indices(torch, index)] = y
    return out


def _combine_at(torch, x, y, index, by):
    places = np.arange(x.numel()).reshape(tuple(x.shape))[index].ravel()
    out = x.reshape(-1).scatter_reduce(0, torch.tensor(places), y.reshape(-1), by)
    return out.reshape(x.shape)


def _indices(torch, index):
    parts = index if isinstance(index, tuple) else (index,)
    return tuple(torch.tensor(p) if isinstance(p, np.ndarray) else p for p in parts)


def _numbers_as_tensors(torch, function, inputs):
    return function(*[x if torch.is_tensor(x) else torch.tensor(x) for x in inputs])


# The same op in PyTorch, if it is not torch.<name>(*inputs, **settings).
IN_TORCH = (
    {
        "maximum": lambda torch, *xs: _numbers_as_tensors(torch, torch.maximum, xs),
        "minimum": lambda torch, *xs: _numbers_as_tensors(torch, torch.minimum, xs),
        "cast": lambda torch, x, dtype: x.to(getattr(torch, dtype.name), copy=True),
        "expand": lambda torch, x, shape: x.expand(shape),
        "getitem": lambda torch, x, index: x[_indices(torch, index)],
        "add_at": _added_at,
        "put_at": _put_at,
        "combine_at": _combine_at,
        "diagonals": lambda torch, x, offset, dims: torch.diagonal(x, offset, *dims),
        "windows": lambda torch, x, dim, size, step: x.unfold(dim, size, step),
        "inv": lambda torch, x: torch.linalg.inv(x),
        "stack": lambda torch, *xs, dim: torch.stack(xs, dim),
        "linear": lambda torch, *xs: torch.nn.functional.linear(*xs),
        "cat": lambda torch, *xs, dim: torch.cat(xs, dim),
        **recurrent_examples.IN_TORCH,
        **transformer_examples.IN_TORCH,
        "standardize": lambda torch, x, dim, eps: (
            (x - x.mean(dim, keepdim=True))
            / ((x - x.mean(dim, keepdim=True)).square().mean(dim, keepdim=True) + eps).sqrt()
        ),
        "cross_entropy": lambda torch, *xs, **settings: torch.nn.functional.cross_entropy(
            *xs, **settings
        ),
        "embedding": lambda torch, *xs, **settings: torch.nn.functional.embedding(*xs, **settings),
    }
    | room_examples.IN_TORCH
    | nn_examples.IN_TORCH
)


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


def _numpy_amin(x, dim=None, keepdim=False):
    return -_numpy_amax(-x, dim, keepdim)


# The same op in NumPy, if it takes a line or two.
IN_NUMPY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
    "neg": np.negative, "pow": np.power,
    "maximum": np.maximum, "minimum": np.minimum, "abs": np.abs, "sqrt": np.sqrt,
    "where": np.where, "exp": np.exp, "log": np.log, "tanh": np.tanh,
    "matmul": np.matmul, "sum": _numpy_sum, "amax": _numpy_amax, "amin": _numpy_amin,
    "softmax": _numpy_softmax,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: x * (x > 0),
    "clip": lambda x, min, max: np.minimum(np.maximum(x, min), max),
    "log_softmax": lambda x, dim: np.log(_numpy_softmax(x, dim)),
    "reshape": lambda x, shape: np.reshape(x, shape),
    "permute": lambda x, dims: np.einsum(x, list(range(x.ndim)), [d % x.ndim for d in dims]),
    "cast": lambda x, dtype: x.astype(dtype),
    "getitem": lambda x, index: x[index],
    "add_at": _numpy_add_at, "inv": np.linalg.inv,
    "diagonals": lambda x, offset, dims: np.diagonal(x, offset, *dims),
    "stack": lambda *xs, dim: np.stack(xs, dim),
    "linear": lambda x, w, *b: np.einsum("...i,oi->...o", x, w) + sum(b),
    "cat": lambda *xs, dim: np.concatenate(xs, dim),
    "standardize": lambda x, dim, eps: (x - x.mean(dim, keepdims=True))
    / np.sqrt(x.var(dim, keepdims=True) + eps),
    "embedding": lambda input, weight, padding_idx=None: np.take(weight, input, axis=0),
} | room_examples.IN_NUMPY  # fmt: skip


def _cases():
    for name, examples in EXAMPLES.items():
        for i, example in enumerate(examples):
            shapes = [str(np.shape(x)).replace(" ", "") for x in example.inputs()]
            named = [f"{key}={value}" for key, value in example.settings.items()]
            yield pytest.param(name, example, id=" ".join([f"{name}-{i}", *shapes, *named]))


over_the_table = pytest.mark.parametrize(("name", "example"), list(_cases()))

# The padding row of an embedding gets no gradient, although finite differences show one.
over_what_is_differentiated = pytest.mark.parametrize(
    ("name", "example"),
    [case for case in _cases() if case.values[1].settings.get("padding_idx") is None],
)

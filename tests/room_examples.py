"""Examples of the ops in rooms, which are loaded when they are asked for: see op_examples.py."""

import math

import numpy as np
from example import Example, of_shapes

from minigrad import along, elementary, pieces  # noqa: F401  # so that their ops are registered

ONE = [((2, 3),), ((),), ((0, 2),)]
TWO = [((2, 3), (3,)), ((), (2,)), ((2, 1), (3,)), ((0, 3), (3,)), ((), ())]
ALONG = [
    Example(lambda draw: [draw(4)], dim=0),
    Example(lambda draw: [draw(2, 3)], dim=-1),
    Example(lambda draw: [draw(2, 3, 2)], dim=1),
    Example(lambda draw: [draw()], dim=0),
    Example(lambda draw: [draw(0, 3)], dim=0),
    Example(lambda draw: [draw(2, 0)], dim=0),
]
POSITIVE = [  # products are divided by their elements, which tiny ones would make inexact
    Example(lambda draw, s=shape: [draw.positive(*s)], dim=dim)
    for shape, dim in [((4,), 0), ((2, 3), -1), ((2, 3, 2), 1), ((), 0), ((0, 3), 0), ((2, 0), 0)]
]
SMOOTH = ("sin", "cos", "tan", "atan", "sinh", "cosh", "asinh", "exp2", "expm1", "erf", "erfc")


def _within(low, high):
    """Examples of inputs in a range."""

    def between(draw, shape):
        return np.asarray(low + (high - low) * draw.rng.uniform(0.1, 0.9, shape))

    return [Example(lambda draw, s=shape: [between(draw, s)]) for (shape,) in ONE]


def _zeros(*shape, at):
    """An input with zeros, whose products need care."""
    x = np.arange(1.0, 1 + math.prod(shape)).reshape(shape) / 2
    x[at] = 0
    return x


ZEROS = [
    Example(lambda draw: [_zeros(4, at=1)], dim=0),
    Example(lambda draw: [_zeros(3, 4, at=([0, 1, 1], [0, 1, 3]))], dim=1),
    Example(lambda draw: [_zeros(4, at=slice(None))], dim=-1),
]
WHOLE = of_shapes(*ONE)
DIVISIONS = [
    Example(lambda draw, s=shapes: [draw(*s[0]), draw.positive(*s[1])]) for shapes in TWO
] + [
    Example(lambda draw: [draw(3), -1.5]),
    Example(lambda draw: [draw(2, 3), draw.positive(2, 1) - 3]),
]
NORMS = [
    Example(lambda draw, s=shape: [draw.positive(*s) * (draw.mask(*s) * 2 - 1)], p=p, **settings)
    for p in (2, 1, 3, 0.5, 1.5, -1, math.inf, -math.inf, 0)
    for shape, settings in [((2, 3), {}), ((2, 3), {"dim": 1}), ((3, 2, 2), {"dim": (0, -1)})]
] + [
    Example(lambda draw: [draw(2, 3)], p=2, dim=0, keepdim=True),
    Example(lambda draw: [draw.positive()], p=3),
]

EXAMPLES = {name: of_shapes(*ONE) for name in SMOOTH} | {
    "sinc": _within(0.2, 3),
    "logit": _within(0, 1)
    + [Example(lambda draw: [np.array([0.1, 0.4, 0.95])], eps=0.2)],
    "asin": _within(-1, 1),
    "acos": _within(-1, 1),
    "atanh": _within(-1, 1),
    "erfinv": _within(-1, 1),
    "acosh": _within(1, 4),
    "log2": of_shapes(*ONE, kind="positive"),
    "log10": of_shapes(*ONE, kind="positive"),
    "log1p": _within(-1, 3),
    "rsqrt": of_shapes(*ONE, kind="positive"),
    "atan2": of_shapes(*TWO) + [Example(lambda draw: [draw(3), 2.0])],
    "hypot": of_shapes(*TWO) + [Example(lambda draw: [draw(3), 2.0])],
    "logaddexp": of_shapes(*TWO),
    "xlogy": of_shapes(*TWO, kind="positive") + [Example(lambda draw: [2, draw.positive(3)])],
    "fmax": of_shapes(*TWO),
    "fmin": of_shapes(*TWO),
    "copysign": of_shapes(*TWO) + [Example(lambda draw: [draw(3), -1])],
    "nan_to_num": WHOLE,
    "sign": WHOLE,
    "floor": WHOLE,
    "ceil": WHOLE,
    "trunc": WHOLE,
    "round": WHOLE
    + [Example(lambda draw, n=n: [draw(2, 3) * 10], decimals=n) for n in (2, 1, -1)],
    "fmod": DIVISIONS,
    "remainder": DIVISIONS,
    "div_floor": DIVISIONS,
    "div_trunc": DIVISIONS,
    "prod": [
        *POSITIVE[:4], *ZEROS, Example(lambda draw: [draw(2, 3)]),
        Example(lambda draw: [_zeros(2, 2, at=(0, 1))]),
        Example(lambda draw: [_zeros(2, 2, at=0)], keepdim=True),
        Example(lambda draw: [draw(2, 3)], dim=1, keepdim=True),
        Example(lambda draw: [draw(2, 0)], dim=1), Example(lambda draw: [draw()]),
    ],
    "cumprod": POSITIVE + ZEROS,
    "cumsum": ALONG,
    "logcumsumexp": ALONG,
    "vector_norm": NORMS,
    "variance": [
        Example(lambda draw, s=shape: [draw(*s)], **settings)
        for shape, settings in [
            ((5,), {}), ((2, 3), {"dim": 1}), ((3, 2, 2), {"dim": (0, -1), "keepdim": True}),
            ((3, 2), {"dim": 0, "correction": 0}), ((2, 3, 2), {"dim": 1, "root": True}),
            ((2, 3), {"root": True, "correction": 2}),
        ]
    ],
    "euclidean": of_shapes(((2, 3), (4, 3)), ((2, 2, 3), (4, 3)), ((1, 2, 3), (2, 1, 3))),
}  # fmt: skip

# The same op in PyTorch, if it is not torch.<name>(*inputs, **settings).


def _with_tensors(name):
    def apply(torch, *inputs):
        return getattr(torch, name)(*[torch.as_tensor(x) for x in inputs])

    return apply


def _prod(torch, x, dim=None, keepdim=False):
    if dim is None:
        product = torch.prod(x)
        return product.reshape((1,) * x.ndim) if keepdim else product
    return torch.prod(x, dim, keepdim)


IN_TORCH = {name: _with_tensors(name) for name in ("atan2", "hypot", "copysign")} | {
    "prod": _prod,
    "div_floor": lambda torch, x, y: torch.div(x, y, rounding_mode="floor"),
    "div_trunc": lambda torch, x, y: torch.div(x, y, rounding_mode="trunc"),
    "vector_norm": lambda torch, x, p, **settings: torch.linalg.vector_norm(x, p, **settings),
    "variance": lambda torch, x, dim=None, root=False, **settings: (
        torch.std if root else torch.var
    )(x, dim, **settings),
    "euclidean": lambda torch, x, y: torch.linalg.vector_norm(
        x[..., None, :] - y[..., None, :, :], dim=-1
    ),
}

# The same op in NumPy, if it takes a line.
IN_NUMPY = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "atan2": np.arctan2, "sinh": np.sinh, "cosh": np.cosh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "sinc": np.sinc, "hypot": np.hypot, "exp2": np.exp2,
    "expm1": np.expm1, "log2": np.log2, "log10": np.log10, "log1p": np.log1p,
    "erf": np.vectorize(math.erf, "d"), "erfc": np.vectorize(math.erfc, "d"),
    "rsqrt": lambda x: x**-0.5, "xlogy": lambda x, y: x * np.log(y),
    "logaddexp": lambda x, y: np.log(np.exp(x) + np.exp(y)), "copysign": np.copysign,
    "fmax": np.maximum, "fmin": np.minimum, "sign": np.sign,
    "nan_to_num": np.nan_to_num, "floor": np.floor, "ceil": np.ceil,
    "trunc": np.trunc, "round": lambda x, decimals=0: np.round(x, decimals), "fmod": np.fmod,
    "remainder": np.mod, "div_floor": lambda x, y: np.floor(x / y),
    "div_trunc": lambda x, y: np.trunc(x / y),
    "prod": lambda x, dim=None, keepdim=False: np.prod(x, dim, keepdims=keepdim),
    "cumprod": lambda x, dim: np.cumprod(x, dim).reshape(x.shape),
    "cumsum": lambda x, dim: np.cumsum(x, dim).reshape(x.shape),
    "logcumsumexp": lambda x, dim: np.log(np.cumsum(np.exp(x), dim)).reshape(x.shape),
}  # fmt: skip

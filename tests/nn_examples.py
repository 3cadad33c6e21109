"""Examples of the ops of nn/more_ops.py, and the same ops in PyTorch."""

import numpy as np

from minigrad.nn import more_ops  # noqa: F401  # so that the ops are registered

ONE = [((2, 3),), ((),), ((0, 2),)]
WINDOWS = [  # a shape, and the settings of windows
    ((5,), {"size": (2,), "stride": (1,), "dilation": (1,)}),
    ((2, 7), {"size": (3,), "stride": (2,), "dilation": (1,)}),
    ((2, 7), {"size": (2,), "stride": (3,), "dilation": (3,)}),
    ((2, 4, 5), {"size": (2, 3), "stride": (1, 2), "dilation": (1, 1)}),
    ((1, 2, 5, 6), {"size": (2, 2), "stride": (2, 1), "dilation": (3, 2)}),
    ((0, 4), {"size": (2,), "stride": (1,), "dilation": (1,)}),
]
ADDED = [  # the shape of the windows, and the settings
    ((4, 2), {"shape": (5,), "stride": (1,), "dilation": (1,)}),
    ((2, 3, 3), {"shape": (7,), "stride": (2,), "dilation": (1,)}),
    ((2, 3, 2), {"shape": (9,), "stride": (2,), "dilation": (3,)}),  # with 1 left at the end
    ((2, 2, 3, 2, 2), {"shape": (3, 6), "stride": (1, 2), "dilation": (1, 1)}),
    ((0, 3, 2), {"shape": (4,), "stride": (1,), "dilation": (1,)}),
]
SURROUNDED = [
    ((3,), {"widths": ((1, 2),)}),
    ((2, 3), {"widths": ((0, 2),), "value": 1.5}),
    ((2, 3), {"widths": ((1, 0), (2, 1))}),
    ((0, 2), {"widths": ((1, 1),)}),
]
SLOPES = {"alpha": 1.5, "scale": 0.7, "input_scale": 2.0}
ROWS = {  # shapes of inputs, and settings
    "exponential_unit": [(shapes, {"alpha": 1.0}) for shapes in ONE] + [(((2, 3),), SLOPES)],
    "smooth_hinge": [(shapes, {}) for shapes in ONE],
    "silu": [(shapes, {}) for shapes in ONE],
    "leaky": [(shapes, {}) for shapes in (((2, 3), ()), ((2, 3), (3,)), ((0, 2), (1,)))],
    "limited": [(shapes, {"low": -0.5, "high": 0.7}) for shapes in ONE],
    "hard_sigmoid": [(shapes, {}) for shapes in ONE],
    "hard_swish": [(shapes, {}) for shapes in ONE],
    "shrunk": [(shapes, {"by": 0.3}) for shapes in ONE],
    "huber": [(shapes, {"delta": 0.8}) for shapes in ONE],
    "patches": [((shape,), settings) for shape, settings in WINDOWS],
    "add_patches": [((shape,), settings) for shape, settings in ADDED],
    "surrounded": [((shape,), settings) for shape, settings in SURROUNDED],
}


def between(draw, *shape):
    """Probabilities that are not too close to 0 or 1."""
    return np.asarray(draw.rng.uniform(0.2, 0.8, shape))


def examples(example, of_shapes):
    """The examples by op, made by the functions of the table of all ops."""
    found = {
        name: [one for shapes, settings in rows for one in of_shapes(shapes, **settings)]
        for name, rows in ROWS.items()
    }
    shapes = [(2, 3), (), (0, 2)]
    probable = [example(lambda draw, s=s: [between(draw, *s), between(draw, *s)]) for s in shapes]
    return found | {"binary_entropy": probable}


def _windows(x, size, stride, dilation):
    for k, s, d in zip(size, stride, dilation, strict=True):
        x = x.unfold(-len(size), d * (k - 1) + 1, s)[..., ::d]  # a dim goes, one comes at the end
    return x


def _add_windows(torch, x, shape, stride, dilation):
    n = len(shape)
    whole = torch.zeros(*x.shape[: -2 * n], *shape, dtype=x.dtype, requires_grad=True)
    found = _windows(whole, x.shape[-n:], stride, dilation)
    found = found[tuple([..., *map(slice, x.shape[-2 * n : -n]), *[slice(None)] * n])]
    return torch.autograd.grad(found, whole, x, create_graph=True)[0]


def _surrounded(torch, x, widths, value=0):
    flat = [n for pair in reversed(widths) for n in pair]
    return torch.nn.functional.pad(x, flat, value=value)


IN_TORCH = {
    "exponential_unit": lambda torch, x, alpha, scale=1.0, input_scale=1.0: torch.ops.aten.elu(
        x, alpha, scale, input_scale
    ),
    "smooth_hinge": lambda torch, x: torch.nn.functional.softplus(x),
    "silu": lambda torch, x: torch.nn.functional.silu(x),
    "leaky": lambda torch, x, slope: torch.where(x > 0, x, x * slope),
    "limited": lambda torch, x, low, high: torch.nn.functional.hardtanh(x, low, high),
    "hard_sigmoid": lambda torch, x: torch.nn.functional.relu6(x + 3) / 6,
    "hard_swish": lambda torch, x: torch.nn.functional.hardswish(x),
    "shrunk": lambda torch, x, by: torch.nn.functional.softshrink(x, by),
    "huber": lambda torch, x, delta: torch.nn.functional.huber_loss(
        x, torch.zeros_like(x), reduction="none", delta=delta
    ),
    "binary_entropy": lambda torch, p, t: torch.nn.functional.binary_cross_entropy(
        p, t, reduction="none"
    ),
    "patches": lambda torch, x, **settings: _windows(x, **settings),
    "add_patches": _add_windows,
    "surrounded": _surrounded,
}

"""Initialization: each function fills a tensor in place and returns it."""

from __future__ import annotations

import math

import numpy as np

from .. import checks, creation
from ..errors import describe, shown
from ..grad_mode import no_grad
from ..tensor import Tensor


@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Uniform in [a, b)."""
    _check("uniform_", tensor)
    a, b = checks.number("uniform_: a", a), checks.number("uniform_: b", b)
    if not (a <= b and math.isfinite(b - a)):
        raise ValueError(f"uniform_: a and b must be finite, and a at most b, not {a} and {b}")
    drawn = creation.rand(tensor.shape, dtype=tensor.dtype).value * (b - a) + a
    if a < b:  # rounding may reach b
        below = np.nextafter(tensor.dtype.type(b), tensor.dtype.type(a))
        drawn = np.minimum(drawn, below)
    return tensor.copy_(drawn)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Normal, with this mean and standard deviation."""
    _check("normal_", tensor)
    mean, std = checks.number("normal_: mean", mean), checks.number("normal_: std", std)
    if not std >= 0:
        raise ValueError(f"normal_: std must not be negative, got {std}")
    return tensor.copy_(creation.randn(tensor.shape, dtype=tensor.dtype) * std + mean)


@no_grad()
def constant_(tensor: Tensor, val: float) -> Tensor:
    """Every element is `val`."""
    _check("constant_", tensor, floats=False)
    return tensor.copy_(creation.full_like(tensor, val))


def zeros_(tensor: Tensor) -> Tensor:
    """All 0."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """All 1."""
    return constant_(tensor, 1.0)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Uniform, with variance gain² · 2 / (in + out) (Glorot and Bengio 2010, §4.2.1)."""
    inputs, outputs = _fans("xavier_uniform_", tensor)
    bound = checks.number("xavier_uniform_: gain", gain) * math.sqrt(6 / (inputs + outputs))
    return uniform_(tensor, -bound, bound)


def xavier_normal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Normal, with variance gain² · 2 / (in + out) (Glorot and Bengio 2010, §4.2.1)."""
    inputs, outputs = _fans("xavier_normal_", tensor)
    gain = checks.number("xavier_normal_: gain", gain)
    return normal_(tensor, 0.0, gain * math.sqrt(2 / (inputs + outputs)))


def kaiming_uniform_(tensor: Tensor, a: float = 0.0) -> Tensor:
    """Uniform, with variance 2 / ((1 + a²) · in); a is the ReLU's leak (He et al. 2015, §2.2)."""
    a = checks.number("kaiming_uniform_: a", a)
    bound = math.sqrt(6 / ((1 + a * a) * _fans("kaiming_uniform_", tensor)[0]))
    return uniform_(tensor, -bound, bound)


@no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """A random orthogonal matrix, times gain: its rows are orthogonal and have norm `gain`.

    If there are more rows than columns, this holds for the columns. Uniformly distributed over
    orthogonal matrices (Saxe, McClelland and Ganguli 2014).
    """
    _check("orthogonal_", tensor)
    gain = checks.number("orthogonal_: gain", gain)
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_ needs at least two dims, not shape {describe(tensor)}")
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    flat = creation.randn(max(rows, columns), min(rows, columns), dtype=tensor.dtype).value
    q, r = np.linalg.qr(flat)
    q = q * np.sign(np.diag(r))  # without this, not uniform (Mezzadri 2007, §5)
    return tensor.copy_(gain * np.reshape(q if rows >= columns else q.T, tensor.shape))


def _check(name: str, tensor: Tensor, floats: bool = True) -> None:
    """Raise TypeError unless this is a tensor, and one of floats."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{name} fills a tensor in place, not {shown(tensor)}")
    if floats:
        checks.floats(name, tensor=tensor)


def _fans(name: str, tensor: Tensor) -> tuple[int, int]:
    """The numbers of inputs and outputs of a weight (out, in, …); further dims multiply both."""
    _check(name, tensor)
    if tensor.ndim < 2:
        what = f"shape {describe(tensor)} has no inputs and outputs"
        raise ValueError(f"{name}: {what}: give a weight (out, in)")
    outputs, inputs, *field = tensor.shape
    return inputs * math.prod(field), outputs * math.prod(field)

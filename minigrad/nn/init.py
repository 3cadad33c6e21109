"""Initialization: each function fills a tensor in place and returns it."""

from __future__ import annotations

import math

import numpy as np

from .. import creation
from ..grad_mode import no_grad
from ..tensor import Tensor


@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Uniform in [a, b)."""
    return tensor.copy_(creation.rand(tensor.shape, dtype=tensor.dtype) * (b - a) + a)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Normal, with this mean and standard deviation."""
    return tensor.copy_(creation.randn(tensor.shape, dtype=tensor.dtype) * std + mean)


@no_grad()
def constant_(tensor: Tensor, val: float) -> Tensor:
    """Every element is `val`."""
    return tensor.fill_(val)


def zeros_(tensor: Tensor) -> Tensor:
    """All 0."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """All 1."""
    return constant_(tensor, 1.0)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Uniform, with variance gain² · 2 / (in + out) (Glorot and Bengio 2010, §4.2.1)."""
    inputs, outputs = _fans(tensor)
    bound = gain * math.sqrt(6 / (inputs + outputs))
    return uniform_(tensor, -bound, bound)


def xavier_normal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """Normal, with variance gain² · 2 / (in + out) (Glorot and Bengio 2010, §4.2.1)."""
    inputs, outputs = _fans(tensor)
    return normal_(tensor, 0.0, gain * math.sqrt(2 / (inputs + outputs)))


def kaiming_uniform_(tensor: Tensor, a: float = 0.0) -> Tensor:
    """Uniform, with variance 2 / ((1 + a²) · in); a is the ReLU's leak (He et al. 2015, §2.2)."""
    bound = math.sqrt(6 / ((1 + a * a) * _fans(tensor)[0]))
    return uniform_(tensor, -bound, bound)


@no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    """A random orthogonal matrix, times gain: its rows are orthogonal and have norm `gain`.

    If there are more rows than columns, this holds for the columns. Uniformly distributed over
    orthogonal matrices (Saxe, McClelland and Ganguli 2014).
    """
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_ needs at least two dims, not shape {tensor.shape}")
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    flat = creation.randn(max(rows, columns), min(rows, columns), dtype=tensor.dtype).value
    q, r = np.linalg.qr(flat)
    q = q * np.sign(np.diag(r))  # without this, not uniform (Mezzadri 2007, §5)
    return tensor.copy_(gain * np.reshape(q if rows >= columns else q.T, tensor.shape))


def _fans(tensor: Tensor) -> tuple[int, int]:
    """The numbers of inputs and outputs of a weight (out, in, …); further dims multiply both."""
    if tensor.ndim < 2:
        raise ValueError(f"shape {tensor.shape} has no inputs and outputs: give a weight (out, in)")
    outputs, inputs, *field = tensor.shape
    return inputs * math.prod(field), outputs * math.prod(field)

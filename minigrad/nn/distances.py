"""Norms and distances of vectors. Loaded when asked for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..functions import squeeze
from ..graph import value_of
from ..ops import abs as absolute
from ..ops import add, amax, div, expand, mul, sqrt, sub, where
from ..ops import pow as power
from ..ops import sum as total
from ..tensor import Tensor
from .applied import Applied


def norm(x: Any, p: float, dim: int, keepdim: bool = False) -> Any:
    """The p-norm over dim: (Σ |x|ᵖ)^(1/p). The gradient of a vector of zeros is 0."""
    sizes = absolute(x)
    if p == 0:
        return total((value_of(x) != 0).astype(value_of(x).dtype), dim=dim, keepdim=keepdim)
    if p == 1:
        return total(sizes, dim=dim, keepdim=keepdim)
    if math.isinf(p):
        return amax(sizes, dim=dim, keepdim=keepdim)
    powers = mul(x, x) if p == 2 else _power(sizes, p)
    sums = total(powers, dim=dim, keepdim=True)
    empty = value_of(sums) == 0
    sums = where(empty, 1, sums)
    roots = where(empty, 0, sqrt(sums) if p == 2 else power(sums, 1 / p))
    return roots if keepdim else squeeze(roots, dim)


def _power(sizes: Any, p: float) -> Any:
    """|x|ᵖ, without a slope at 0."""
    empty = value_of(sizes) == 0
    return where(empty, 0, power(where(empty, 1, sizes), p))


def normalize(
    input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: None = None
) -> Tensor:
    """x divided by its p-norm over dim, or by eps if that is larger."""
    return div(input, at_least(norm(input, p, dim, keepdim=True), eps))


def at_least(x: Any, eps: float) -> Any:
    """x where it is not below eps, else eps."""
    return where(value_of(x) < eps, value_of(x).dtype.type(eps), x)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 · x2 / (|x1| · |x2|) over dim; norms below eps count as eps. The shapes broadcast."""
    shape = np.broadcast_shapes(x1.shape, x2.shape)
    sides = [expand(x, shape=shape) for x in (x1, x2)]
    sizes = [norm(x, 2, dim, keepdim=True) for x in sides]
    sizes = [add(n, np.maximum(eps - value_of(n), 0)) for n in sizes]
    return total(mul(div(sides[0], sizes[0]), div(sides[1], sizes[1])), dim=dim)


def pairwise_distance(
    x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Tensor:
    """The p-norm of x1 - x2 + eps over the last dim."""
    return norm(add(sub(x1, x2), eps), p, -1, keepdim)


class CosineSimilarity(Applied, of=cosine_similarity):
    """`cosine_similarity` over dim."""

    dim: int = 1
    eps: float = 1e-8


class PairwiseDistance(Applied, of=pairwise_distance):
    """`pairwise_distance` over the last dim."""

    p: float = 2.0
    eps: float = 1e-6
    keepdim: bool = False

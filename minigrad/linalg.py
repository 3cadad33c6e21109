"""torch.linalg: norms and products of matrices."""

from __future__ import annotations

from typing import Any

from .errors import shown
from .products import chain_matmul, cross, inverse, matrix_power
from .reducing import norm as p_norm
from .strides import diagonal

__all__ = ["cross", "diagonal", "inv", "matrix_power", "multi_dot", "norm", "vector_norm"]


def vector_norm(
    x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The p-norm over some dims (None: all), with p = ord: (Σ |x|ᵖ)^(1/p)."""
    return p_norm(x, ord, dim, keepdim, dtype)


def norm(
    A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The norm of vectors or, with two dims, Frobenius's of matrices. Without ord, p = 2.

    Raises ValueError for another norm of matrices.
    """
    matrices = A.ndim == 2 if dim is None else isinstance(dim, tuple | list) and len(dim) == 2
    if matrices and ord not in (None, "fro"):
        raise ValueError(f'linalg.norm: of matrices, ord is None or "fro", not {shown(ord)}')
    return p_norm(A, 2 if ord is None else ord, dim, keepdim, dtype)


def inv(A: Any) -> Any:
    """The inverse of square matrices: (…, n, n) to (…, n, n)."""
    return inverse(A)


def multi_dot(tensors: Any) -> Any:
    """The product of several matrices."""
    return chain_matmul(*tensors)

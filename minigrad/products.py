"""Matrix products by PyTorch's other names, and with a sum: mm, bmm, addmm …"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from . import checks, ops
from .compare import eq, ne
from .contraction import tensordot
from .dims import axis, integer
from .dtypes import Number
from .errors import of_tensor
from .functions import unsqueeze
from .graph import op, value_of
from .joining import broadcast_shapes
from .ops import add, amax, expand, matmul, mul, reshape, sub, where
from .ops import abs as absolute
from .ops import pow as power
from .picking import roll
from .shaping import copied, like
from .strides import diagonal


def _dims(name: str, **given: tuple[Any, int]) -> None:
    """Raise TypeError for anything but a tensor, ValueError for another number of dims."""
    for what, (x, ndim) in given.items():
        checks.tensors(name, **{what: x})
        if x.ndim != ndim:
            raise ValueError(f"{name}: {what} of shape {tuple(x.shape)}: it must have {ndim} dims")


def mm(input: Any, mat2: Any) -> Any:
    """The product of two matrices: `matmul` that does not broadcast."""
    _dims("mm", input=(input, 2), mat2=(mat2, 2))
    return matmul(input, mat2)


def bmm(input: Any, mat2: Any) -> Any:
    """The products of the matrices in two batches: (b, n, m) and (b, m, p) to (b, n, p)."""
    _batches("bmm", input, mat2)
    return matmul(input, mat2)


def _batches(name: str, input: Any, mat2: Any) -> None:
    """Raise ValueError unless the two are (b, n, m) and (b, m, p)."""
    _dims(name, input=(input, 3), mat2=(mat2, 3))
    if input.shape[0] != mat2.shape[0] or input.shape[2] != mat2.shape[1]:
        shapes = f"{tuple(input.shape)} and {tuple(mat2.shape)}"
        raise ValueError(f"{name}: {shapes}: they must be (b, n, m) and (b, m, p)")


def mv(input: Any, vec: Any) -> Any:
    """The product of a matrix and a vector."""
    _dims("mv", input=(input, 2), vec=(vec, 1))
    return matmul(input, vec)


def dot(input: Any, tensor: Any) -> Any:
    """The sum of the products of the elements of two vectors."""
    _dims("dot", input=(input, 1), tensor=(tensor, 1))
    return matmul(input, tensor)


def vdot(input: Any, other: Any) -> Any:
    """`dot`: for real numbers, they are the same."""
    return dot(input, other)


def outer(input: Any, vec2: Any) -> Any:
    """The matrix of all products of an element of one vector and one of the other."""
    _dims("outer", input=(input, 1), vec2=(vec2, 1))
    return mul(unsqueeze(input, 1), vec2)


ger = outer


def chain_matmul(*matrices: Any) -> Any:
    """The product of several matrices."""
    if not matrices:
        raise ValueError("chain_matmul: give at least one matrix")
    for x in matrices:
        _dims("chain_matmul", matrix=(x, 2))
    first, *others = matrices
    return functools.reduce(matmul, others, first if others else copied(first, first))


# --- beta · input + alpha · product --------------------------------------------------------------


def addmm(input: Any, mat1: Any, mat2: Any, *, beta: Number = 1, alpha: Number = 1) -> Any:
    """beta · input + alpha · (mat1 @ mat2); the input broadcasts."""
    return _added("addmm", input, mm(mat1, mat2), beta, alpha)


def addmv(input: Any, mat: Any, vec: Any, *, beta: Number = 1, alpha: Number = 1) -> Any:
    """beta · input + alpha · (mat @ vec), of a matrix and a vector; the input broadcasts."""
    return _added("addmv", input, mv(mat, vec), beta, alpha)


def addr(input: Any, vec1: Any, vec2: Any, *, beta: Number = 1, alpha: Number = 1) -> Any:
    """beta · input + alpha · outer(vec1, vec2); the input broadcasts."""
    return _added("addr", input, outer(vec1, vec2), beta, alpha, mixed=True)


def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: Number = 1, alpha: Number = 1) -> Any:
    """beta · input + alpha · bmm(batch1, batch2); the input broadcasts."""
    return _added("baddbmm", input, bmm(batch1, batch2), beta, alpha)


def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: Number = 1, alpha: Number = 1) -> Any:
    """beta · input + alpha · the sum of bmm(batch1, batch2) over the batch."""
    _batches("addbmm", batch1, batch2)
    return _added("addbmm", input, tensordot(batch1, batch2, ([0, 2], [0, 1])), beta, alpha)


def _added(
    name: str, input: Any, product: Any, beta: Number, alpha: Number, mixed: bool = False
) -> Any:
    """beta · input + alpha · product. With beta 0, the input counts nothing, even if it is NaN."""
    checks.tensors(name, input=input)
    if not mixed and input.dtype != product.dtype:
        raise TypeError(
            f"{name}: an input of {input.dtype.name}, a product of {product.dtype.name}"
        )
    try:
        input = expand(input, shape=tuple(product.shape))
    except ValueError:
        shapes = f"{tuple(input.shape)}: it does not broadcast to {tuple(product.shape)}"
        raise ValueError(f"{name}: an input of {shapes}") from None
    product = _times(f"{name}: alpha", product, alpha)
    if beta:
        return add(_times(f"{name}: beta", input, beta), product)
    return where(np.ones((), bool), product, input)  # the input's gradient is 0, not None


def _times(what: str, x: Any, factor: Number) -> Any:
    """factor · x; for ints, the factor is rounded toward 0."""
    number = checks.number(what, factor)
    number = int(number) if x.dtype.kind != "f" else number
    return x if number == 1 else mul(x, bool(number) if x.dtype.kind == "b" else number)


# --- of matrices and vectors --------------------------------------------------------------------


@of_tensor
def trace(x: Any) -> Any:
    """The sum of the diagonal of a matrix."""
    _dims("trace", input=(x, 2))
    if x.dtype.kind == "b":
        raise TypeError("trace: bools are not added: convert with long() first")
    return ops.sum(diagonal(x))


def kron(input: Any, other: Any) -> Any:
    """The Kronecker product: each element of input times all of other, block by block."""
    checks.tensors("kron", input=input, other=other)
    ndim = max(input.ndim, other.ndim)
    left, right = ((1,) * (ndim - x.ndim) + tuple(x.shape) for x in (input, other))
    pairs = list(zip(left, right, strict=True))
    rows = reshape(input, shape=tuple([n for size, _ in pairs for n in (size, 1)]))
    blocks = reshape(other, shape=tuple([n for _, size in pairs for n in (1, size)]))
    return reshape(mul(rows, blocks), shape=tuple([n * m for n, m in pairs]))


def cross(input: Any, other: Any, dim: int | None = None) -> Any:
    """The cross product along a dim of size 3 (None: the first one); other dims broadcast."""
    checks.tensors("cross", input=input, other=other)
    shapes = f"{tuple(input.shape)} and {tuple(other.shape)}"
    if input.ndim != other.ndim or input.dtype != other.dtype:
        dtypes = f"{input.dtype.name} and {other.dtype.name}"
        raise ValueError(f"cross: {shapes}, {dtypes}: both need as many dims, and the same dtype")
    at = (*input.shape, 3).index(3) if dim is None else axis(input, dim)
    if at == input.ndim or input.shape[at] != 3 or other.shape[at] != 3:
        which = "a dim" if dim is None else f"dim {dim}"
        raise ValueError(f"cross: {shapes}: {which} of both must have size 3")
    shape = broadcast_shapes(tuple(input.shape), tuple(other.shape))
    x, y = expand(input, shape=shape), expand(other, shape=shape)
    return sub(mul(roll(x, -1, at), roll(y, -2, at)), mul(roll(x, -2, at), roll(y, -1, at)))


@op
def inv(x: Any) -> Any:
    """The inverses of square matrices. Raises ValueError for one that has none."""
    return np.linalg.inv(x)


@inv.backward
def _of_inverse(g: Any, out: Any, x: Any) -> Any:
    return (-(out.mT @ g @ out.mT),)


@of_tensor
def inverse(x: Any) -> Any:
    """The inverses of square matrices of floats. Raises ValueError if one has none."""
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(f"inverse: shape {tuple(x.shape)}: the matrices must be square")
    if x.dtype.kind != "f":
        raise TypeError(f"inverse: {x.dtype.name}: convert with float() first")
    return inv(x)


@of_tensor
def matrix_power(x: Any, n: int) -> Any:
    """Square matrices multiplied n times by themselves; with a negative n, their inverses."""
    n = integer(n, "matrix_power: n")
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(f"matrix_power: shape {tuple(x.shape)}: the matrices must be square")
    if n < 0 and x.dtype.kind != "f":
        raise TypeError(f"matrix_power: {x.dtype.name} has no inverse: convert with float() first")
    if n == 0:
        identity = np.eye(x.shape[-1], dtype=value_of(x).dtype)
        return like(np.array(np.broadcast_to(identity, x.shape)), x)
    return _to_the(inv(x), -n) if n < 0 else copied(_to_the(x, n), x)


def _to_the(x: Any, n: int) -> Any:
    """x multiplied n times by itself, with few products: those of its squares."""
    if n == 1:
        return x
    half = _to_the(x, n // 2)
    square = matmul(half, half)
    return matmul(square, x) if n % 2 else square


# --- distances -----------------------------------------------------------------------------------


def cdist(
    x1: Any, x2: Any, p: float = 2.0,
    compute_mode: str = "use_mm_for_euclid_dist_if_necessary",
) -> Any:  # fmt: skip
    """The p-norm distances of the rows of x1 and of x2: (…, n, m) and (…, k, m) to (…, n, k).

    A distance of 0 has gradient 0. Many are computed from products, unless compute_mode forbids it;
    but small ones from differences, and so more accurately than in PyTorch.
    """
    checks.floats("cdist", x1=x1, x2=x2)
    p = checks.number("cdist: p", p)
    if compute_mode not in MODES:
        raise ValueError(f"cdist: compute_mode {compute_mode!r} is not one of {', '.join(MODES)}")
    shapes = f"{tuple(x1.shape)} and {tuple(x2.shape)}"
    if min(x1.ndim, x2.ndim) < 2 or x1.shape[-1] != x2.shape[-1] or x1.dtype != x2.dtype:
        raise ValueError(f"cdist: {shapes}: both need rows of the same length and dtype")
    if p < 0:
        raise ValueError(f"cdist: p must not be negative, not {p}")
    several = max(x1.shape[-2], x2.shape[-2]) > 25
    if p == 2 and (compute_mode == MODES[1] or several and compute_mode == MODES[0]):
        return euclidean(x1, x2)
    apart = sub(unsqueeze(x1, -2), unsqueeze(x2, -3))
    apart = apart if p == 2 else absolute(apart)
    if p == 0:
        return ops.sum(where(ne(apart, 0), 1, mul(apart, 0)), dim=-1)
    if p == 1 or not apart.shape[-1]:
        return ops.sum(apart, dim=-1)
    if p == math.inf:
        return amax(apart, dim=-1)
    total = ops.sum(mul(apart, apart) if p == 2 else power(apart, p), dim=-1)
    same = eq(total, 0)  # a root has no slope at 0
    return where(same, 0, power(where(same, 1, total), 1 / p))


MODES = (
    "use_mm_for_euclid_dist_if_necessary", "use_mm_for_euclid_dist", "donot_use_mm_for_euclid_dist",
)  # fmt: skip


@op
def euclidean(x: Any, y: Any) -> Any:
    """The distances of the rows of x and of y, from their products."""
    x, y = _centred(x, y)
    both = np.sum(x * x, -1)[..., None] + np.sum(y * y, -1)[..., None, :]
    squares = both - 2 * (x @ y.mT)
    close = np.nonzero(squares < CLOSE * both)  # where digits are lost: take the differences
    pairs = [np.broadcast_to(a, (*squares.shape[:-2], *a.shape[-2:])) for a in (x, y)]
    for i in range(0, close[0].size, 1 << 12):
        *batch, of_x, of_y = at = tuple([index[i : i + (1 << 12)] for index in close])
        apart = pairs[0][(*batch, of_x)] - pairs[1][(*batch, of_y)]
        squares[at] = np.sum(apart * apart, -1)
    return np.sqrt(squares)


@euclidean.backward
def _of_distances(g: Any, out: Any, x: Any, y: Any) -> Any:
    x, y = _centred(x, y)
    share = where(out == 0, 0, g / where(out == 0, 1, out))  # a root has no slope at 0
    return (
        lambda: x * ops.sum(share, dim=-1, keepdim=True) - share @ y,
        lambda: y * ops.sum(share.mT, dim=-1, keepdim=True) - share.mT @ x,
    )


CLOSE = 0.01  # the square of a distance, as a part of those of the rows themselves


def _centred(x: Any, y: Any) -> tuple[Any, Any]:
    """x and y moved alike, which changes no distance, so that their numbers are small."""
    mean = np.sum(value_of(y), -2, keepdims=True) / max(y.shape[-2], 1)
    centre = np.nan_to_num(mean, nan=0, posinf=0, neginf=0)
    return x - centre, y - centre

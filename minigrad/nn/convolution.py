"""Convolutions, as one product of the weight with all windows of the input. Loaded when asked for.

Inputs are (N, C, *size), or (C, *size) without a batch.
"""

from __future__ import annotations

import math
from typing import Any

from .. import checks
from ..errors import shown
from ..ops import add, getitem, matmul, permute, reshape
from ..tensor import Tensor
from .more_ops import add_windows, surrounded, windows

Sizes = int | tuple[int, ...]


def several(what: str, value: Any, n: int, least: int = 0) -> tuple[int, ...]:
    """One int per dim, given as n ints or as one for all dims."""
    given = tuple(value) if isinstance(value, tuple | list) else (value,)
    given = given * n if len(given) == 1 else given
    if len(given) != n:
        raise ValueError(f"{what} is one int, or {n}, not {shown(value)}")
    return tuple([checks.whole(what, one, least) for one in given])


def same_dtype(name: str, **given: Any) -> None:
    """Raise TypeError unless all of the given tensors (None: none) have one dtype."""
    there = {what: value for what, value in given.items() if value is not None}
    checks.tensors(name, **there)
    if len({value.dtype for value in there.values()}) > 1:
        dtypes = ", ".join(f"{what} is {value.dtype}" for what, value in there.items())
        raise TypeError(f"{name}: {dtypes}: dtypes must be equal")


def batched(name: str, input: Any, n: int) -> tuple[Any, bool]:
    """The input with a batch dim, and whether it had one."""
    checks.tensors(name, input=input)
    if input.ndim not in (n + 1, n + 2):
        sizes = ", ".join(["L", "H, W", "D, H, W"][n - 1 : n])
        raise ValueError(f"{name} takes (N, C, {sizes}) or (C, {sizes}), not {input.shape}")
    has = input.ndim == n + 2
    return input if has else reshape(input, shape=(1, *input.shape)), has


def _conv(
    n: int,
    input: Any,
    weight: Any,
    bias: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> Any:
    """A convolution over n dims."""
    name = f"conv{n}d"
    x, has_batch = batched(name, input, n)
    same_dtype(name, input=input, weight=weight, bias=bias)
    stride, dilation = (
        several(f"{name}: {what}", given, n, 1)
        for what, given in (("stride", stride), ("dilation", dilation))
    )
    groups, size = checks.whole(f"{name}: groups", groups, 1), weight.shape[2:]
    outputs, inputs = weight.shape[:2]
    if weight.ndim != n + 2 or x.shape[1] != inputs * groups or outputs % groups:
        what = f"weight {weight.shape}, which is (out, in / groups, *size), in {groups} groups"
        raise ValueError(f"{name}: input {input.shape} does not fit {what}")
    around = widths(name, padding, size, stride, dilation)
    x = surrounded(x, widths=around) if any(a or b for a, b in around) else x
    if any(d * (k - 1) >= m for m, k, d in zip(x.shape[2:], size, dilation, strict=True)):
        raise RuntimeError(f"{name}: a kernel of {size} does not fit into {x.shape[2:]}, padded")
    found = windows(x, size=size, stride=stride, dilation=dilation)
    positions = found.shape[2 : n + 2]
    columns = permute(found, dims=(0, 1, *range(n + 2, 2 * n + 2), *range(2, n + 2)))
    lead, row = (len(x), groups) if groups > 1 else (len(x),), inputs * math.prod(size)
    columns = reshape(columns, shape=(*lead, row, math.prod(positions)))
    matrix = (groups, outputs // groups, row) if groups > 1 else (outputs, row)
    out = matmul(reshape(weight, shape=matrix), columns)
    out = reshape(out, shape=(len(x), outputs, *positions))
    return _with_bias(out, bias, n, has_batch)


def _with_bias(out: Any, bias: Any, n: int, has_batch: bool) -> Any:
    """The output plus a bias per channel; without the batch dim, if there was none."""
    if bias is not None:
        out = add(out, reshape(bias, shape=(-1, *[1] * n)))
    return out if has_batch else reshape(out, shape=out.shape[1:])


def widths(name: str, padding: Any, size: Any, stride: Any, dilation: Any) -> Any:
    """How far each dim is padded, (before, after), by a number of zeros, "same" or "valid"."""
    if not isinstance(padding, str):
        return tuple([(p, p) for p in several(f"{name}: padding", padding, len(size))])
    if padding not in ("same", "valid"):
        raise ValueError(f'{name}: padding is ints, "same" or "valid", not {padding!r}')
    if padding == "valid":
        return ((0, 0),) * len(size)
    if any(s != 1 for s in stride):
        raise RuntimeError(f'{name}: padding="same" needs a stride of 1, not {stride}')
    reach = [d * (k - 1) for k, d in zip(size, dilation, strict=True)]
    return tuple([(r // 2, r - r // 2) for r in reach])


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """A convolution: (N, C, L), weight (out, C / groups, k), bias (out,) to (N, out, L')."""
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """A convolution: (N, C, H, W), weight (out, C / groups, kh, kw) to (N, out, H', W')."""
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """A convolution: (N, C, D, H, W), weight (out, C / groups, *k) to (N, out, D', H', W')."""
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


# --- transposed ---------------------------------------------------------------------------------


def _transposed(
    n: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, extra: Any, groups: Any,
    dilation: Any,
) -> Any:  # fmt: skip
    """The transpose of a convolution over n dims, which its gradient is, too."""
    name = f"conv_transpose{n}d"
    x, has_batch = batched(name, input, n)
    same_dtype(name, input=input, weight=weight, bias=bias)
    stride, dilation = (several(f"{name}: stride", s, n, 1) for s in (stride, dilation))
    padding, extra = (several(f"{name}: padding", p, n) for p in (padding, extra))
    groups, size = checks.whole(f"{name}: groups", groups, 1), weight.shape[2:]
    if weight.ndim != n + 2 or x.shape[1] != len(weight) or len(weight) % groups:
        what = f"weight {weight.shape}, which is (in, out / groups, *size), in {groups} groups"
        raise ValueError(f"{name}: input {input.shape} does not fit {what}")
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        what = f"output_padding {extra} must be smaller than stride {stride}, or dilation"
        raise RuntimeError(f"{name}: {what} {dilation}")
    inputs, outputs, positions = len(weight) // groups, weight.shape[1] * groups, x.shape[2:]
    matrix = reshape(weight, shape=(groups, inputs, weight.shape[1] * math.prod(size)))
    rows = reshape(x, shape=(len(x), groups, inputs, math.prod(positions)))
    columns = matmul(permute(matrix, dims=(0, 2, 1)), rows)
    columns = reshape(columns, shape=(len(x), outputs, *size, *positions))
    columns = permute(columns, dims=(0, 1, *range(n + 2, 2 * n + 2), *range(2, n + 2)))
    each = zip(positions, size, stride, dilation, extra, strict=True)
    whole = tuple([(m - 1) * s + d * (k - 1) + 1 + e for m, k, s, d, e in each])
    if any(m <= 2 * p for m, p in zip(whole, padding, strict=True)):
        raise RuntimeError(f"{name}: nothing is left of {whole} after a padding of {padding}")
    out = add_windows(columns, shape=whole, stride=stride, dilation=dilation)
    if any(padding):
        cut = [slice(p, m - p) for p, m in zip(padding, whole, strict=True)]
        out = getitem(out, index=(..., *cut))
    return _with_bias(out, bias, n, has_batch)


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """The transpose of `conv1d`: (N, C, L), weight (C, out / groups, k) to (N, out, L')."""
    given = stride, padding, output_padding, groups, dilation
    return _transposed(1, input, weight, bias, *given)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """The transpose of `conv2d`: (N, C, H, W), weight (C, out / groups, kh, kw)."""
    given = stride, padding, output_padding, groups, dilation
    return _transposed(2, input, weight, bias, *given)


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """The transpose of `conv3d`: (N, C, D, H, W), weight (C, out / groups, *k)."""
    given = stride, padding, output_padding, groups, dilation
    return _transposed(3, input, weight, bias, *given)

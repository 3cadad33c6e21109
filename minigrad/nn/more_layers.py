"""Layers beside those of the course. Loaded when asked for."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from .. import checks
from ..creation import zeros
from ..errors import describe
from ..functions import flatten, max, squeeze, stack, unsqueeze
from ..graph import value_of
from ..ops import add, add_at, div, matmul, mul, permute, reshape
from ..seeds import chances
from ..tensor import Tensor
from . import functional as F
from . import init
from .applied import Applied
from .functional import shorten_rows, written
from .layers import Embedding
from .module import Module, Parameter

# --- shape --------------------------------------------------------------------------------------


class Identity(Module):
    """The input as it is, whatever the arguments."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Any) -> Any:
        """The input."""
        return input


class Flatten(Applied, of=flatten, shows="start_dim={start_dim}, end_dim={end_dim}"):
    """The dims from start_dim to end_dim merged into one."""

    start_dim: int = 1
    end_dim: int = -1


class Unflatten(Module):
    """One dim divided into several, of the sizes `unflattened_size`; one of them may be -1."""

    def __init__(self, dim: int, unflattened_size: Any) -> None:
        super().__init__()
        self.dim, self.unflattened_size = dim, unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """(…, n, …) to (…, *unflattened_size, …)."""
        at = range(input.ndim)[self.dim]
        shape = (*input.shape[:at], *self.unflattened_size, *input.shape[at + 1 :])
        return reshape(input, shape=shape)

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


# --- linear -------------------------------------------------------------------------------------


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Σ input1[i] · weight[o, i, j] · input2[j] + bias[o]: (…, in1) and (…, in2) to (…, out)."""
    checks.tensors("bilinear", input1=input1, input2=input2, weight=weight)
    fits = weight.ndim == 3 and (input1.shape[-1:], input2.shape[-1:]) == (
        weight.shape[1:2],
        weight.shape[2:],
    )
    if not fits or input1.shape[:-1] != input2.shape[:-1]:
        shapes = f"{describe(input1)} and {describe(input2)} for a weight {describe(weight)}"
        raise ValueError(f"bilinear: {shapes}, which is (out, in1, in2)")
    outputs, first, second = weight.shape
    by_first = reshape(permute(weight, dims=(1, 0, 2)), shape=(first, outputs * second))
    parts = reshape(matmul(input1, by_first), shape=(*input1.shape[:-1], outputs, second))
    out = squeeze(matmul(parts, unsqueeze(input2, -1)), -1)
    return out if bias is None else add(out, bias)


class Bilinear(Module):
    """`bilinear`, with weight (out, in1, in2) and bias (out,), uniform within ±1 / √in1."""

    bias: Parameter | None

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if checks.whole("Bilinear: in1_features", in1_features) < 1:
            raise ValueError(f"Bilinear: in1_features must be positive, got {in1_features}")
        self.in1_features, self.in2_features = in1_features, in2_features
        self.out_features = out_features
        bound = 1 / math.sqrt(in1_features)
        weight = zeros(out_features, in1_features, in2_features, device=device, dtype=dtype)
        self.weight = Parameter(init.uniform_(weight, -bound, bound))
        made = init.uniform_(zeros(out_features, dtype=dtype), -bound, bound) if bias else None
        self.register_parameter("bias", None if made is None else Parameter(made))

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """(…, in1_features) and (…, in2_features) to (…, out_features)."""
        return bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


# --- bags of words ------------------------------------------------------------------------------


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The mean, sum or max of the embeddings in each bag of word ids: (bags, d).

    input    (bags, words); or (words,), with `offsets` (bags,), where each bag begins
    weight   (words, d)
    per_sample_weights    of the input's shape: factors, for mode="sum"
    include_last_offset   the last offset is where the last bag ends
    padding_idx           this word is in no bag

    The other settings are those of `embedding`. An empty bag gives 0.
    """
    _check_bags(input, weight, mode, scale_grad_by_freq, per_sample_weights)
    ids, bags, count = _bags(value_of(input), value_of(offsets), include_last_offset)
    if max_norm is not None:
        shorten_rows(weight, input, max_norm, norm_type)
    words = np.arange(ids.size)
    if padding_idx is not None:
        words = words[ids != padding_idx % len(weight)]
    rows = F.embedding(ids[words], weight, scale_grad_by_freq=scale_grad_by_freq)
    if per_sample_weights is not None:
        rows = mul(rows, unsqueeze(reshape(per_sample_weights, shape=(-1,))[words], -1))
    bags = bags[words]
    if mode == "max":
        return stack([_largest(rows[np.flatnonzero(bags == bag)]) for bag in range(count)])
    sums: Any = np.zeros((count, weight.shape[1]), value_of(rows).dtype)
    sums = add_at(sums, rows, index=bags)
    sizes = np.bincount(bags, minlength=count)[:, None]
    return sums if mode == "sum" else div(sums, np.maximum(sizes, 1).astype(value_of(rows).dtype))


def _check_bags(input: Any, weight: Any, mode: str, by_freq: bool, per_sample_weights: Any) -> None:
    """Raise an error unless the arguments of embedding_bag fit together."""
    checks.tensors("embedding_bag", input=input, weight=weight)
    if mode not in ("mean", "sum", "max"):
        raise ValueError(f'embedding_bag: mode is "mean", "sum" or "max", not {mode!r}')
    if mode == "max" and by_freq:
        raise ValueError('embedding_bag: mode="max" has no scale_grad_by_freq')
    if per_sample_weights is not None:
        if mode != "sum":
            raise NotImplementedError('embedding_bag: per_sample_weights are for mode="sum"')
        if per_sample_weights.shape != input.shape:
            shapes = (
                f"per_sample_weights {describe(per_sample_weights)} for an input {describe(input)}"
            )
            raise ValueError(f"embedding_bag: {shapes}")


def _largest(rows: Any) -> Any:
    """The largest value in each column; 0 without rows."""
    return max(rows, 0).values if len(rows) else rows.sum(0)


def _bags(ids: Any, offsets: Any, include_last: bool) -> tuple[Any, Any, int]:
    """The word ids in one row, the bag of each, and the number of bags."""
    if ids.ndim == 2:
        if offsets is not None:
            raise ValueError("embedding_bag: offsets are for an input with one dim")
        return ids.ravel(), np.repeat(np.arange(len(ids)), ids.shape[1]), len(ids)
    if ids.ndim != 1 or offsets is None or offsets.ndim != 1:
        given = f"input {describe(ids)}" + (
            "" if offsets is None else f", offsets {describe(offsets)}"
        )
        raise ValueError(f"embedding_bag: (bags, words), or (words,) with offsets, not {given}")
    if offsets.size and (offsets[0] != 0 or offsets[-1] > ids.size):
        raise RuntimeError(f"embedding_bag: offsets begin with 0 and end within {ids.size} words")
    count = offsets.size - 1 if include_last else offsets.size
    return ids, np.searchsorted(offsets[:count], np.arange(ids.size), side="right") - 1, count


class EmbeddingBag(Embedding):
    """`embedding_bag`, with weight (num_embeddings, embedding_dim), initialized as Embedding's."""

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Tensor | None = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq,
            sparse, _weight, device=device, dtype=dtype,
        )  # fmt: skip
        self.mode, self.include_last_offset = mode, include_last_offset

    def forward(
        self, input: Tensor, offsets: Tensor | None = None, per_sample_weights: Tensor | None = None
    ) -> Tensor:
        """(bags, words), or (words,) with offsets, to (bags, embedding_dim)."""
        return embedding_bag(
            input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq,
            self.mode, self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx,
        )  # fmt: skip

    def extra_repr(self) -> str:
        parts = super().extra_repr().split(", ")
        padding = [part for part in parts if part.startswith("padding_idx")]
        others = [part for part in parts if part not in padding]
        return ", ".join([*others, f"mode={self.mode!r}", *padding])


# --- dropout ------------------------------------------------------------------------------------


def dropout1d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels: (N, C, L) or (C, L)."""
    checks.floats("dropout1d", input=input)
    if input.ndim not in (2, 3):
        raise RuntimeError(f"dropout1d takes (N, C, L) or (C, L), not {describe(input)}")
    return _of_channels(input, p, training, inplace, input.ndim - 1)


def dropout2d(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> Tensor:
    """`dropout` of whole channels: (N, C, H, W). Other shapes (N, C, …) give a warning."""
    checks.floats("dropout2d", input=input)
    if input.ndim != 4:
        warnings.warn(f"dropout2d: {describe(input)} is taken as (N, C, …): channels", stacklevel=2)
    return _of_channels(input, p, training, inplace, 2)


def _of_channels(input: Any, p: float, training: bool, inplace: bool, lead: int) -> Any:
    """Dropout of whole slices: one random number for each place in the first `lead` dims."""
    p = checks.probability("dropout: p", p)
    if not checks.flag("dropout: training", training) or p == 0:
        return input
    shape = input.shape[:lead] + (1,) * (input.ndim - lead)
    kept = chances(shape, 1 - p)
    scale = (kept / (1 - p) if p < 1 else kept & False).astype(value_of(input).dtype)
    return written(input, mul(input, scale), inplace)


def alpha_dropout(
    input: Tensor, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Tensor:
    """Dropout for `selu`, that keeps mean 0 and variance 1 (Klambauer et al. 2017, §3)."""
    checks.floats("alpha_dropout", input=input)
    p = checks.probability("alpha_dropout: p", p)
    if not checks.flag("alpha_dropout: training", training) or p == 0:
        return input
    if p == 1:
        return written(input, mul(input, 0), inplace)
    low = -1.7580993408473766  # selu's limit at -∞
    scale = ((1 - p) * (1 + p * low**2)) ** -0.5
    kept, dtype = chances(input.shape, 1 - p), value_of(input).dtype
    shift = (np.where(kept, 0, low) - low * p) * scale
    out = add(mul(input, (kept * scale).astype(dtype)), shift.astype(dtype))
    return written(input, out, inplace)


class _Dropout(Module):
    """The base of the dropouts: p, and whether to write into the input."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p, self.inplace = checks.probability(f"{type(self).__name__}: p", p), inplace

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout1d(_Dropout):
    """`dropout1d` in training mode."""

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, L) or (C, L) to the same shape."""
        return dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """`dropout2d` in training mode."""

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        return dropout2d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """`alpha_dropout` in training mode."""

    def forward(self, input: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return alpha_dropout(input, self.p, self.training, self.inplace)

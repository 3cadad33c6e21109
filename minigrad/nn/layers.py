"""Layers, initialized as in PyTorch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

from ..checks import flag, number, probability, shape_or_int, tensors, whole
from ..creation import ones, randn, zeros
from ..errors import describe
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module, Parameter


class Linear(Module):
    """x @ weightᵀ + bias: (…, in_features) to (…, out_features).

    weight (out_features, in_features) and bias (out_features,) start uniform within
    ±1 / √in_features.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.in_features = inputs = whole("Linear: in_features", in_features)
        self.out_features = outputs = whole("Linear: out_features", out_features)
        bound = 1 / math.sqrt(inputs) if inputs else 0.0
        made = {"device": device, "dtype": dtype}
        self.weight = Parameter(init.uniform_(zeros(outputs, inputs, **made), -bound, bound))
        if flag("Linear: bias", bias):
            self.bias = Parameter(init.uniform_(zeros(outputs, **made), -bound, bound))
        else:
            self.register_parameter("bias", None)

    def forward(self, input: Tensor) -> Tensor:
        """(…, in_features) to (…, out_features)."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )


class Embedding(Module):
    """A vector for each word id: (…) int64 to (…, embedding_dim).

    weight (num_embeddings, embedding_dim) starts normal, with mean 0 and variance 1, or as
    `_weight`; the row padding_idx starts as 0 and gets no gradient. The other settings are those of
    `functional.embedding`.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = rows = whole("Embedding: num_embeddings", num_embeddings)
        self.embedding_dim = whole("Embedding: embedding_dim", embedding_dim)
        self.padding_idx = None
        if padding_idx is not None:
            row = whole("Embedding: padding_idx", padding_idx, None)
            if not -rows <= row < rows:
                raise ValueError(f"Embedding: padding_idx {row} is out of range for {rows} rows")
            self.padding_idx = row % rows
        self.max_norm = None if max_norm is None else number("Embedding: max_norm", max_norm)
        self.norm_type, self.sparse = number("Embedding: norm_type", norm_type), sparse
        self.scale_grad_by_freq = scale_grad_by_freq
        weight = _weight
        if weight is None:
            weight = randn(rows, self.embedding_dim, device=device, dtype=dtype)
            if padding_idx is not None:
                weight[padding_idx] = 0
        elif weight.shape != (rows, self.embedding_dim):
            wanted = (rows, self.embedding_dim)
            raise ValueError(f"Embedding: _weight {describe(weight)} must have the shape {wanted}")
        self.weight = Parameter(weight, requires_grad=not _freeze)

    @classmethod
    def from_pretrained(
        cls,
        embeddings: Tensor,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        **settings: Any,
    ) -> Self:
        """An embedding with these vectors (words, d), in their memory; `freeze`: not trained."""
        tensors("from_pretrained", embeddings=embeddings)
        if embeddings.ndim != 2:
            raise ValueError(
                f"from_pretrained takes vectors (words, d), not {describe(embeddings)}"
            )
        words, size = embeddings.shape
        made = cls(
            words, size, padding_idx=padding_idx, max_norm=max_norm, norm_type=norm_type,
            scale_grad_by_freq=scale_grad_by_freq, sparse=sparse, _weight=embeddings, **settings,
        )  # fmt: skip
        made.weight.requires_grad_(not freeze)
        return made

    def forward(self, input: Tensor) -> Tensor:
        """(…) int64 to (…, embedding_dim)."""
        return F.embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type,
            self.scale_grad_by_freq, self.sparse,
        )  # fmt: skip

    def extra_repr(self) -> str:
        given = {name: getattr(self, name) for name in ("padding_idx", "max_norm", "norm_type")}
        given |= {name: getattr(self, name) for name in ("scale_grad_by_freq", "sparse")}
        usual = dict.fromkeys(given, None) | {"norm_type": 2}
        others = [f"{n}={v}" for n, v in given.items() if v != usual[n] and v is not False]
        return ", ".join([f"{self.num_embeddings}, {self.embedding_dim}", *others])


class LayerNorm(Module):
    """Layer normalization over the last dims, whose shape is `normalized_shape`.

    weight and bias, of that shape, start as 1 and 0; without `elementwise_affine` there are none.
    """

    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = shape_or_int("LayerNorm: normalized_shape", normalized_shape)
        self.eps = number("LayerNorm: eps", eps)
        self.elementwise_affine = flag("LayerNorm: elementwise_affine", elementwise_affine)
        for name, start, there in (("weight", ones, True), ("bias", zeros, flag("bias", bias))):
            there = there and elementwise_affine
            made = start(self.normalized_shape, device=device, dtype=dtype) if there else None
            self.register_parameter(name, None if made is None else Parameter(made))

    def forward(self, input: Tensor) -> Tensor:
        """(…, *normalized_shape) to the same shape."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class Dropout(Module):
    """In training mode, each element is 0 with probability p; the others are divided by 1 - p."""

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        self.p, self.inplace = probability("Dropout: p", p), flag("Dropout: inplace", inplace)

    def forward(self, input: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Tanh(Module):
    """tanh, elementwise."""

    def forward(self, input: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return F.tanh(input)


class ReLU(Module):
    """max(x, 0), elementwise."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = flag("ReLU: inplace", inplace)

    def forward(self, input: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return F.relu(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ), elementwise."""

    def forward(self, input: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return F.sigmoid(input)

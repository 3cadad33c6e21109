"""Layers, initialized as in PyTorch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..checks import flag, number, probability, shape_or_int, whole
from ..creation import ones, randn, zeros
from ..tensor import Tensor
from . import functional as F
from . import init
from .module import Module, Parameter


class Linear(Module):
    """x @ weightᵀ + bias: (…, in_features) to (…, out_features).

    weight (out_features, in_features) and bias (out_features,) start uniform within
    ±1 / √in_features.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.in_features = inputs = whole("Linear: in_features", in_features)
        self.out_features = outputs = whole("Linear: out_features", out_features)
        bound = 1 / math.sqrt(inputs) if inputs else 0.0
        self.weight = Parameter(init.uniform_(zeros(outputs, inputs), -bound, bound))
        if flag("Linear: bias", bias):
            self.bias = Parameter(init.uniform_(zeros(outputs), -bound, bound))
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

    weight (num_embeddings, embedding_dim) starts normal, with mean 0 and variance 1; the row
    padding_idx starts as 0 and gets no gradient.
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None
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
        weight = randn(rows, self.embedding_dim)
        if padding_idx is not None:
            weight[padding_idx] = 0
        self.weight = Parameter(weight)

    def forward(self, input: Tensor) -> Tensor:
        """(…) int64 to (…, embedding_dim)."""
        return F.embedding(input, self.weight, padding_idx=self.padding_idx)

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class LayerNorm(Module):
    """Layer normalization over the last dims, whose shape is `normalized_shape`.

    weight and bias, of that shape, start as 1 and 0.
    """

    def __init__(self, normalized_shape: int | Sequence[int], eps: float = 1e-5) -> None:
        super().__init__()
        self.normalized_shape = shape_or_int("LayerNorm: normalized_shape", normalized_shape)
        self.eps = number("LayerNorm: eps", eps)
        self.weight = Parameter(ones(self.normalized_shape))
        self.bias = Parameter(zeros(self.normalized_shape))

    def forward(self, input: Tensor) -> Tensor:
        """(…, *normalized_shape) to the same shape."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}"


class Dropout(Module):
    """In training mode, each element is 0 with probability p; the others are divided by 1 - p."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = probability("Dropout: p", p)

    def forward(self, input: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return F.dropout(input, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class Tanh(Module):
    """tanh, elementwise."""

    def forward(self, input: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return F.tanh(input)


class ReLU(Module):
    """max(x, 0), elementwise."""

    def forward(self, input: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return F.relu(input)


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ), elementwise."""

    def forward(self, input: Tensor) -> Tensor:
        """Any shape to the same shape."""
        return F.sigmoid(input)

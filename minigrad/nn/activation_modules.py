"""The activations as modules. Loaded when asked for."""

from __future__ import annotations

from typing import Any

from ..creation import full
from ..errors import describe
from ..ops import softmax
from ..tensor import Tensor
from . import activations as A
from . import functional as F
from .applied import Applied
from .module import Module, Parameter


class Softmax(Applied, of=F.softmax, shows="dim={dim}"):
    """`softmax` over dim."""

    dim: int | None = None


class LogSoftmax(Applied, of=F.log_softmax, shows="dim={dim}"):
    """`log_softmax` over dim."""

    dim: int | None = None


class Softmin(Applied, of=A.softmin, shows="dim={dim}"):
    """`softmin` over dim."""

    dim: int | None = None


class Softmax2d(Module):
    """`softmax` over the channels of images (N, C, H, W) or (C, H, W)."""

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        if input.ndim not in (3, 4):
            raise ValueError(f"Softmax2d takes (N, C, H, W) or (C, H, W), not {describe(input)}")
        return softmax(input, dim=-3)


class GELU(Applied, of=F.gelu, shows="approximate={approximate!r}"):
    """`gelu`, elementwise."""

    approximate: str = "none"


class SiLU(Applied, of=A.silu):
    """`silu`, elementwise."""

    inplace: bool = False


class Mish(Applied, of=A.mish):
    """`mish`, elementwise."""

    inplace: bool = False


class LeakyReLU(Applied, of=A.leaky_relu, shows="negative_slope={negative_slope}"):
    """`leaky_relu`, elementwise."""

    negative_slope: float = 0.01
    inplace: bool = False


class ELU(Applied, of=A.elu, shows="alpha={alpha}"):
    """`elu`, elementwise."""

    alpha: float = 1.0
    inplace: bool = False


class SELU(Applied, of=A.selu):
    """`selu`, elementwise."""

    inplace: bool = False


class CELU(Applied, of=A.celu, shows="alpha={alpha}"):
    """`celu`, elementwise."""

    alpha: float = 1.0
    inplace: bool = False


class GLU(Applied, of=A.glu, shows="dim={dim}"):
    """`glu` over dim."""

    dim: int = -1


class Softplus(Applied, of=A.softplus, shows="beta={beta}, threshold={threshold}"):
    """`softplus`, elementwise."""

    beta: float = 1.0
    threshold: float = 20.0


class Softsign(Applied, of=A.softsign):
    """`softsign`, elementwise."""


class Hardtanh(Applied, of=A.hardtanh, shows="min_val={min_val}, max_val={max_val}"):
    """`hardtanh`, elementwise."""

    min_val: float = -1.0
    max_val: float = 1.0
    inplace: bool = False


class Hardsigmoid(Applied, of=A.hardsigmoid):
    """`hardsigmoid`, elementwise."""

    inplace: bool = False


class Hardswish(Applied, of=A.hardswish):
    """`hardswish`, elementwise."""

    inplace: bool = False


class ReLU6(Applied, of=A.relu6):
    """`relu6`, elementwise."""

    inplace: bool = False


class PReLU(Module):
    """`prelu` with trained weights: one, or one per channel."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(full((num_parameters,), float(init), device=device, dtype=dtype))

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, …) to the same shape."""
        return A.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """`rrelu`, elementwise; the slopes are random in training mode."""

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__()
        self.lower, self.upper, self.inplace = lower, upper, inplace

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return A.rrelu(input, self.lower, self.upper, self.training, self.inplace)

    def extra_repr(self) -> str:
        inplace = ", inplace=True" if self.inplace else ""
        return f"lower={self.lower}, upper={self.upper}{inplace}"


class Threshold(Applied, of=A.threshold, shows="threshold={threshold}, value={value}"):
    """`threshold`, elementwise."""

    threshold: float
    value: float
    inplace: bool = False


class LogSigmoid(Applied, of=A.logsigmoid):
    """`logsigmoid`, elementwise."""


class Tanhshrink(Applied, of=A.tanhshrink):
    """`tanhshrink`, elementwise."""


class Softshrink(Applied, of=A.softshrink, shows="{lambd}"):
    """`softshrink`, elementwise."""

    lambd: float = 0.5


class Hardshrink(Applied, of=A.hardshrink, shows="{lambd}"):
    """`hardshrink`, elementwise."""

    lambd: float = 0.5

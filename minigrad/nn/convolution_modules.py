"""Convolutions as modules. Loaded when asked for."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from .. import checks
from ..creation import zeros
from ..tensor import Tensor
from . import convolution as C
from . import init
from .convolution import Sizes, several
from .module import Module, Parameter
from .padding import pad

MODES = ("zeros", "reflect", "replicate", "circular")


class _Conv(Module):
    """The base of convolutions: weight, bias and settings.

    Weight and bias start uniform within ±1 / √(inputs of an output).
    """

    dims: ClassVar[int]
    transposed: ClassVar[bool] = False
    bias: Parameter | None

    def _make(
        self, channels: tuple[int, int], kernel_size: Any, stride: Any, padding: Any,
        output_padding: Any, dilation: Any, groups: int, bias: bool, padding_mode: str, **made: Any,
    ) -> None:  # fmt: skip
        name, n = type(self).__name__, self.dims
        inputs, outputs = channels
        self.in_channels = checks.whole(f"{name}: in_channels", inputs)
        self.out_channels = checks.whole(f"{name}: out_channels", outputs)
        self.groups = checks.whole(f"{name}: groups", groups, 1)
        if inputs % groups or outputs % groups:
            raise ValueError(f"{name}: {groups} groups must divide {inputs} and {outputs} channels")
        if padding_mode not in MODES or self.transposed and padding_mode != "zeros":
            raise ValueError(f"{name}: padding_mode {padding_mode!r} is not one of {MODES}")
        self.kernel_size = several(f"{name}: kernel_size", kernel_size, n, 1)
        self.stride = several(f"{name}: stride", stride, n, 1)
        self.dilation = several(f"{name}: dilation", dilation, n, 1)
        self.padding = padding
        if not isinstance(padding, str):
            self.padding = several(f"{name}: padding", padding, n)
        self.output_padding = several(f"{name}: output_padding", output_padding, n)
        self.padding_mode = padding_mode
        lead = (inputs, outputs // groups) if self.transposed else (outputs, inputs // groups)
        fan = lead[1] * math.prod(self.kernel_size)
        bound = 1 / math.sqrt(fan) if fan else 0.0
        weight = init.uniform_(zeros(*lead, *self.kernel_size, **made), -bound, bound)
        self.weight = Parameter(weight)
        start = init.uniform_(zeros(outputs, **made), -bound, bound) if bias else None
        self.register_parameter("bias", None if start is None else Parameter(start))

    def extra_repr(self) -> str:
        n = self.dims
        given = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        given.append(f"stride={self.stride}")
        usual = {"padding": (0,) * n, "dilation": (1,) * n, "output_padding": (0,) * n, "groups": 1}
        given += [f"{k}={getattr(self, k)}" for k, v in usual.items() if getattr(self, k) != v]
        given += ["bias=False"] if self.bias is None else []
        given += [] if self.padding_mode == "zeros" else [f"padding_mode={self.padding_mode}"]
        return ", ".join(given)


class _Plain(_Conv):
    """The base of the convolutions that are not transposed."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._make(
            (in_channels, out_channels), kernel_size, stride, padding, 0, dilation, groups, bias,
            padding_mode, device=device, dtype=dtype,
        )  # fmt: skip
        if padding == "same" and any(s != 1 for s in self.stride):
            name = type(self).__name__
            raise ValueError(f'{name}: padding="same" needs a stride of 1, not {self.stride}')

    def forward(self, input: Tensor) -> Tensor:
        """(N, in_channels, *size) to (N, out_channels, *size')."""
        padding, settings = self.padding, (self.dilation, self.groups)
        if self.padding_mode != "zeros":
            name = type(self).__name__
            widths = C.widths(name, padding, self.kernel_size, self.stride, self.dilation)
            input = pad(input, [n for pair in reversed(widths) for n in pair], self.padding_mode)
            padding = 0
        function = getattr(C, f"conv{self.dims}d")
        return function(input, self.weight, self.bias, self.stride, padding, *settings)


class Conv1d(_Plain):
    """`conv1d`: weight (out, in / groups, k), bias (out,)."""

    dims = 1


class Conv2d(_Plain):
    """`conv2d`: weight (out, in / groups, kh, kw), bias (out,)."""

    dims = 2


class Conv3d(_Plain):
    """`conv3d`: weight (out, in / groups, *k), bias (out,)."""

    dims = 3


class _Transposed(_Conv):
    """The base of the transposed convolutions."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self._make(
            (in_channels, out_channels), kernel_size, stride, padding, output_padding, dilation,
            groups, bias, padding_mode, device=device, dtype=dtype,
        )  # fmt: skip

    def forward(self, input: Tensor, output_size: Any = None) -> Tensor:
        """(N, in_channels, *size) to (N, out_channels, *size'), or to output_size."""
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        settings = self.stride, self.padding, extra, self.groups, self.dilation
        function = getattr(C, f"conv_transpose{self.dims}d")
        return function(input, self.weight, self.bias, *settings)

    def _extra(self, input: Tensor, output_size: Any) -> tuple[int, ...]:
        """The output_padding that gives this output size; several have one stride between them."""
        n = self.dims
        wanted = tuple(output_size)[-n:]
        padding: Any = self.padding
        each = zip(self.kernel_size, self.stride, padding, self.dilation, strict=True)
        sizes = zip(input.shape[-n:], each, strict=True)
        least = [(m - 1) * s - 2 * p + d * (k - 1) + 1 for m, (k, s, p, d) in sizes]
        extra = tuple([w - m for w, m in zip(wanted, least, strict=True)])
        if any(not 0 <= e < s for e, s in zip(extra, self.stride, strict=True)):
            most = [m + s - 1 for m, s in zip(least, self.stride, strict=True)]
            raise ValueError(f"output_size {wanted} must lie from {least} to {most}")
        return extra


class ConvTranspose1d(_Transposed):
    """`conv_transpose1d`: weight (in, out / groups, k), bias (out,)."""

    dims = 1


class ConvTranspose2d(_Transposed):
    """`conv_transpose2d`: weight (in, out / groups, kh, kw), bias (out,)."""

    dims = 2


class ConvTranspose3d(_Transposed):
    """`conv_transpose3d`: weight (in, out / groups, *k), bias (out,)."""

    dims = 3

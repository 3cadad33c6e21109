"""Pooling as modules. Loaded when asked for."""

from __future__ import annotations

from typing import Any

from . import adaptive, pooling
from .adaptive import OutputSize
from .applied import Applied
from .convolution import Sizes, several

AS_GIVEN = "kernel_size={kernel_size}, stride={stride}, padding={padding}"
ALL = AS_GIVEN + ", dilation={dilation}, ceil_mode={ceil_mode}"


class _Pool(Applied):
    """The base of the poolings: the stride is the kernel_size, if none is given."""

    kernel_size: Sizes

    def keep(self, name: str, value: Any) -> None:
        """Keep a setting."""
        super().keep(name, self.kernel_size if name == "stride" and value is None else value)


class _AvgPool1d(_Pool):
    """The base of AvgPool1d, which keeps its sizes as tuples."""

    def keep(self, name: str, value: Any) -> None:
        """Keep a setting."""
        sizes = name in ("kernel_size", "stride", "padding") and value is not None
        super().keep(name, several(f"AvgPool1d: {name}", value, 1) if sizes else value)


class MaxPool1d(_Pool, of=pooling.max_pool1d, shows=ALL):
    """`max_pool1d`: (N, C, L)."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool2d(_Pool, of=pooling.max_pool2d, shows=ALL):
    """`max_pool2d`: (N, C, H, W)."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool3d(_Pool, of=pooling.max_pool3d, shows=ALL):
    """`max_pool3d`: (N, C, D, H, W)."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class AvgPool1d(_AvgPool1d, of=pooling.avg_pool1d, shows=AS_GIVEN):
    """`avg_pool1d`: (N, C, L)."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    ceil_mode: bool = False
    count_include_pad: bool = True


class AvgPool2d(_Pool, of=pooling.avg_pool2d, shows=AS_GIVEN):
    """`avg_pool2d`: (N, C, H, W)."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None


class AvgPool3d(_Pool, of=pooling.avg_pool3d, shows=AS_GIVEN):
    """`avg_pool3d`: (N, C, D, H, W)."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None


class AdaptiveAvgPool1d(
    Applied, of=adaptive.adaptive_avg_pool1d, shows="output_size={output_size}"
):
    """`adaptive_avg_pool1d`: (N, C, L)."""

    output_size: OutputSize


class AdaptiveAvgPool2d(
    Applied, of=adaptive.adaptive_avg_pool2d, shows="output_size={output_size}"
):
    """`adaptive_avg_pool2d`: (N, C, H, W)."""

    output_size: OutputSize


class AdaptiveAvgPool3d(
    Applied, of=adaptive.adaptive_avg_pool3d, shows="output_size={output_size}"
):
    """`adaptive_avg_pool3d`: (N, C, D, H, W)."""

    output_size: OutputSize


class AdaptiveMaxPool1d(
    Applied, of=adaptive.adaptive_max_pool1d, shows="output_size={output_size}"
):
    """`adaptive_max_pool1d`: (N, C, L)."""

    output_size: OutputSize
    return_indices: bool = False


class AdaptiveMaxPool2d(
    Applied, of=adaptive.adaptive_max_pool2d, shows="output_size={output_size}"
):
    """`adaptive_max_pool2d`: (N, C, H, W)."""

    output_size: OutputSize
    return_indices: bool = False


class AdaptiveMaxPool3d(
    Applied, of=adaptive.adaptive_max_pool3d, shows="output_size={output_size}"
):
    """`adaptive_max_pool3d`: (N, C, D, H, W)."""

    output_size: OutputSize
    return_indices: bool = False

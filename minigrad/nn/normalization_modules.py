"""Normalizations as modules. Loaded when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .. import checks
from ..creation import ones, tensor, zeros
from ..dtypes import int64
from ..grad_mode import no_grad
from ..ops import reshape
from ..tensor import Tensor
from . import normalization as N
from .module import Module, Parameter


class _Affine(Module):
    """The base of the normalizations: a weight of ones and a bias of zeros, if they are trained."""

    weight: Parameter | None
    bias: Parameter | None

    def _make(self, shape: Any, affine: bool, bias: bool, device: Any, dtype: Any) -> None:
        made = {"device": device, "dtype": dtype}
        self.register_parameter("weight", Parameter(ones(shape, **made)) if affine else None)
        there = affine and bias
        self.register_parameter("bias", Parameter(zeros(shape, **made)) if there else None)


class _Running(_Affine):
    """The base of the normalizations with running statistics: buffers, a mean and a variance.

    momentum  how far they move towards those of a batch; None: they are the averages of all
    """

    sizes: ClassVar[tuple[int, ...]]  # numbers of dims that the input may have
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_features = checks.whole(f"{type(self).__name__}: num_features", num_features)
        self.eps, self.momentum, self.affine = eps, momentum, affine
        self.track_running_stats = track_running_stats
        self._make((num_features,), affine, bias, device, dtype)
        start = {"running_mean": zeros, "running_var": ones}
        for name, made in start.items():
            there = made(num_features, dtype=dtype) if track_running_stats else None
            self.register_buffer(name, there)
        count = tensor(0, dtype=int64) if track_running_stats else None
        self.register_buffer("num_batches_tracked", count)

    def reset_running_stats(self) -> None:
        """Set the running mean to 0, the running variance to 1."""
        if self.running_mean is not None and self.running_var is not None:
            self.running_mean.zero_()
            self.running_var.fill_(1)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.zero_()

    def _check(self, input: Tensor) -> None:
        if input.ndim not in self.sizes:
            dims = " or ".join(map(str, self.sizes))
            raise ValueError(f"{type(self).__name__} takes {dims} dims, not {input.shape}")

    @no_grad()
    def _rate(self) -> float:
        """How far the running statistics move now; counts this batch."""
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked += 1
            if self.momentum is None:
                return 1 / self.num_batches_tracked.item()
        return self.momentum or 0.0

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_Running):
    """The base of the batch normalizations."""

    def forward(self, input: Tensor) -> Tensor:
        """(N, num_features, …) to the same shape."""
        self._check(input)
        of_batch = self.training or self.running_mean is None
        moved = self.training and self.track_running_stats or not of_batch
        running = (self.running_mean, self.running_var) if moved else (None, None)
        rate = self._rate()
        return N.batch_norm(input, *running, self.weight, self.bias, of_batch, rate, self.eps)


class BatchNorm1d(_BatchNorm):
    """`batch_norm` of (N, C) or (N, C, L), with running statistics for evaluation."""

    sizes = (2, 3)


class BatchNorm2d(_BatchNorm):
    """`batch_norm` of (N, C, H, W), with running statistics for evaluation."""

    sizes = (4,)


class BatchNorm3d(_BatchNorm):
    """`batch_norm` of (N, C, D, H, W), with running statistics for evaluation."""

    sizes = (5,)


class _InstanceNorm(_Running):
    """The base of the instance normalizations."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        given = eps, momentum, affine, track_running_stats, device, dtype
        super().__init__(num_features, *given, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        """(N, num_features, …), or the same without N, to the same shape."""
        self._check(input)
        x = input
        if input.ndim == self.sizes[0]:
            x = reshape(input, shape=(1, *input.shape))
        own = self.training or not self.track_running_stats
        running, rate = (self.running_mean, self.running_var), self.momentum or 0.0
        out = N.instance_norm(x, *running, self.weight, self.bias, own, rate, self.eps)
        return out if x is input else reshape(out, shape=input.shape)


class InstanceNorm1d(_InstanceNorm):
    """`instance_norm` of (N, C, L) or (C, L)."""

    sizes = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """`instance_norm` of (N, C, H, W) or (C, H, W)."""

    sizes = (3, 4)


class GroupNorm(_Affine):
    """`group_norm` of (N, num_channels, …)."""

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.num_groups = checks.whole("GroupNorm: num_groups", num_groups, 1)
        self.num_channels = checks.whole("GroupNorm: num_channels", num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: {num_groups} groups do not divide {num_channels} channels"
            )
        self.eps, self.affine = eps, affine
        self._make((num_channels,), affine, bias, device, dtype)

    def forward(self, input: Tensor) -> Tensor:
        """(N, num_channels, …) to the same shape."""
        return N.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(_Affine):
    """`rms_norm` over the last dims, whose shape is `normalized_shape`."""

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = checks.shape_or_int("RMSNorm: normalized_shape", normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        made = ones(self.normalized_shape, device=device, dtype=dtype)
        self.register_parameter("weight", Parameter(made) if elementwise_affine else None)

    def forward(self, input: Tensor) -> Tensor:
        """(…, *normalized_shape) to the same shape."""
        return N.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        affine = self.elementwise_affine
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}"

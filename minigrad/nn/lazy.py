"""Layers that take the size of their input from the first one that they get."""

from __future__ import annotations

from typing import Any, ClassVar

from ..tensor import Tensor
from .convolution_modules import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d
from .layers import Linear
from .module import Module
from .normalization_modules import BatchNorm1d, BatchNorm2d


class Lazy(Module):
    """The base: at its first call, it becomes the layer that it was declared with.

    The first argument of that layer, the size of its input, is left out. Until the call, parameters
    are empty; they stay the same objects, so that an optimizer may have them already.
    """

    kind: ClassVar[Any]
    dim: ClassVar[int]

    def __init__(self, *args: Any, **settings: Any) -> None:
        type(self).kind.__init__(self, 0, *args, **settings)
        self._given = args, settings

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Become that layer for this input, and apply it."""
        kind, (args, settings) = type(self).kind, self._given
        made = kind(inputs[0].shape[type(self).dim], *args, **settings)
        made.train(self.training)
        own = dict(_tensors(self))
        for name, tensor in _tensors(made):
            moved = tensor.to(own[name].dtype) if tensor.dtype.kind == "f" else tensor
            own[name].replace(moved.detach().value)
        kept = {name for held in ("_parameters", "_buffers") for name in self.__dict__[held]}
        for name, value in made.__dict__.items():
            if name not in kept and not isinstance(value, dict):
                self.__dict__[name] = value
        del self._given
        self.__class__ = kind
        return self(*inputs, **options)


def _tensors(module: Module) -> list[tuple[str, Tensor]]:
    return [*module.named_parameters(), *module.named_buffers()]


class LazyLinear(Lazy, Linear):
    """A `Linear` without in_features."""

    kind, dim = Linear, -1


class LazyConv1d(Lazy, Conv1d):
    """A `Conv1d` without in_channels."""

    kind, dim = Conv1d, -2


class LazyConv2d(Lazy, Conv2d):
    """A `Conv2d` without in_channels."""

    kind, dim = Conv2d, -3


class LazyConv3d(Lazy, Conv3d):
    """A `Conv3d` without in_channels."""

    kind, dim = Conv3d, -4


class LazyConvTranspose1d(Lazy, ConvTranspose1d):
    """A `ConvTranspose1d` without in_channels."""

    kind, dim = ConvTranspose1d, -2


class LazyConvTranspose2d(Lazy, ConvTranspose2d):
    """A `ConvTranspose2d` without in_channels."""

    kind, dim = ConvTranspose2d, -3


class LazyBatchNorm1d(Lazy, BatchNorm1d):
    """A `BatchNorm1d` without num_features."""

    kind, dim = BatchNorm1d, 1


class LazyBatchNorm2d(Lazy, BatchNorm2d):
    """A `BatchNorm2d` without num_features."""

    kind, dim = BatchNorm2d, 1

"""The files of torch.nn.modules, such as torch.nn.modules.loss: each has all names of nn."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from ... import nn
from ...tensor import Tensor
from ..module import Module
from ..reduction import Reduction, Setting, chosen

FILES = """
    activation batchnorm container conv dropout flatten linear loss module normalization padding
    pooling rnn sparse transformer utils
"""
__all__ = FILES.split()


class _Loss(Module):
    """The base of losses that programs write themselves: it keeps `reduction`."""

    def __init__(
        self, size_average: Setting = None, reduce: Setting = None, reduction: Reduction = "mean"
    ) -> None:
        super().__init__()
        self.reduction = chosen(reduction, size_average, reduce)


class _WeightedLoss(_Loss):
    """The same with a weight per class, a buffer."""

    def __init__(self, weight: Tensor | None = None, *reductions: Any, **named: Any) -> None:
        super().__init__(*reductions, **named)
        self.register_buffer("weight", weight)


def _pair(x: Any) -> tuple[Any, ...]:
    """A sequence as a tuple; one number twice."""
    return tuple(x) if isinstance(x, Iterable) else (x, x)


def __getattr__(name: str) -> Any:
    return getattr(nn, name)


for _name in FILES.split():
    _file = ModuleType(f"{__name__}.{_name}", __doc__)
    _file.__getattr__ = __getattr__  # type: ignore[method-assign]
    vars(_file).update(_Loss=_Loss, _WeightedLoss=_WeightedLoss, _pair=_pair)
    globals()[_name] = sys.modules[_file.__name__] = _file

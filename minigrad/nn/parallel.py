"""Models on several GPUs, of which there are none: the model itself."""

from __future__ import annotations

from typing import Any

from .module import Module


class DataParallel(Module):
    """A model, as its attribute `module`: called, it is that model."""

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids = self.output_device = None
        self.dim = dim

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        """The output of the model."""
        return self.module(*inputs, **kwargs)


class DistributedDataParallel(DataParallel):
    """A model among several processes, of which this is the only one."""

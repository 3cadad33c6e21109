"""Mixed precision, of which there is none: what programs write around their steps.

A tensor has at least 32 bits, so nothing is cast, and no loss is scaled.
"""

from __future__ import annotations

from contextlib import ContextDecorator
from typing import Any


class autocast(ContextDecorator):
    """Mixed precision, of which the CPU and float32 have none: a context that changes nothing.

    Raises RuntimeError if it is enabled for a dtype of 16 bits.
    """

    def __init__(
        self,
        device_type: Any = "cpu",
        dtype: Any = None,
        enabled: bool = True,
        cache_enabled: bool | None = None,
    ) -> None:
        if isinstance(device_type, bool):  # torch.cuda.amp.autocast(enabled)
            device_type, enabled = "cuda", device_type
        self.device, self.dtype, self.enabled = str(device_type), dtype, enabled

    def __enter__(self) -> autocast:
        plain = self.dtype is not None and str(self.dtype).endswith("float32")
        if self.enabled and not plain:
            of = self.dtype or "16 bits"
            raise RuntimeError(f"autocast: tensors have no {of}: use enabled=False")
        return self

    def __exit__(self, *_: object) -> None:
        pass


class GradScaler:
    """Scaling of losses for half precision: not needed here, so it passes everything on."""

    def __init__(self, *_: Any, enabled: bool = True, **__: Any) -> None:
        self._enabled = enabled

    def scale(self, outputs: Any) -> Any:
        """The loss itself."""
        return outputs

    def unscale_(self, optimizer: Any) -> None:
        """Nothing."""

    def step(self, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        """optimizer.step()."""
        return optimizer.step(*args, **kwargs)

    def update(self, new_scale: Any = None) -> None:
        """Nothing."""

    def get_scale(self) -> float:
        """1.0."""
        return 1.0

    def is_enabled(self) -> bool:
        """False: nothing is scaled."""
        return False

    def state_dict(self) -> dict[str, Any]:
        """An empty dict."""
        return {}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Nothing."""

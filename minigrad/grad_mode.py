"""no_grad and enable_grad: whether calls are recorded, per thread."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from contextlib import ContextDecorator
from typing import Any


class _Mode(threading.local):
    recording = True


mode = _Mode()


class enable_grad(ContextDecorator):
    """Record what is called inside: a context manager, or a decorator with or without ()."""

    recording = True

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        """Allow `@no_grad` without parentheses."""
        return super().__new__(cls) if function is None else cls()(function)

    def __call__(self, function: Any) -> Any:
        """Decorate a function. Not a generator: its body runs after the call has returned."""
        if inspect.isgeneratorfunction(function):
            kind = type(self).__name__
            what = f"{kind}: {function.__name__} is a generator"
            raise TypeError(f"{what}: write `with {kind}():` inside it")
        return super().__call__(function)

    def __init__(self) -> None:
        self.before: list[bool] = []

    def __enter__(self) -> None:
        self.before.append(mode.recording)
        mode.recording = self.recording

    def __exit__(self, *_: object) -> None:
        mode.recording = self.before.pop()

    def _recreate_cm(self) -> Any:  # for each call of a decorated function
        return type(self)()


class no_grad(enable_grad):
    """Record nothing of what is called inside: ops on tensors compute without building a graph."""

    recording = False


def is_grad_enabled() -> bool:
    """True if ops called on tensors that require grad are being recorded."""
    return mode.recording

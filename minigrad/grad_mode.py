"""no_grad and enable_grad: whether calls are recorded, per thread."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from contextlib import ContextDecorator
from typing import Any


NOT_DECORATED = (
    (inspect.isgeneratorfunction, "a generator"),
    (inspect.isasyncgenfunction, "an asynchronous generator"),
    (inspect.iscoroutinefunction, "an async function"),
)


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
        """Decorate a function. Not one whose body runs after the call has returned, nor a class."""
        kind, inner = type(self).__name__, getattr(function, "__func__", function)
        name = getattr(inner, "__name__", repr(inner))
        if inspect.isclass(function):
            raise TypeError(f"{kind}: {name} is a class: decorate its methods")
        for is_one, what in NOT_DECORATED:
            if is_one(inner) or is_one(getattr(inner, "__call__", None)):  # noqa: B004
                raise TypeError(f"{kind}: {name} is {what}: write `with {kind}():` inside it")
        if not callable(function):
            raise TypeError(f"{kind} decorates a function, not {name}")
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

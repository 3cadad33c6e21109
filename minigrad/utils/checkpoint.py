"""Checkpointing, by name only: nothing is computed twice here, and nothing is saved by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

OPTIONS = (
    "use_reentrant", "context_fn", "determinism_check", "debug", "early_stop", "preserve_rng_state",
)  # fmt: skip


def checkpoint(function: Callable[..., Any], *args: Any, **settings: Any) -> Any:
    """function(*args), recorded like any call. PyTorch computes it twice, to save memory."""
    given = {name: value for name, value in settings.items() if name not in OPTIONS}
    return function(*args, **given)


def checkpoint_sequential(
    functions: Iterable[Callable[..., Any]], segments: int, input: Any, **_: Any
) -> Any:
    """The functions, or the modules of a Sequential, one after another; see `checkpoint`."""
    for function in functions:
        input = function(input)
    return input

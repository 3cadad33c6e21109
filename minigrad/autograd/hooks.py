"""Hooks on tensors: functions that see, and may replace, a gradient when it is complete.

The sweep keeps its gradients in a dict. As soon as there is a hook, it does so in the dicts of this
file, which call the hooks when a gradient is taken out. So the sweep need not know of hooks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..errors import shown
from ..grad_mode import no_grad
from ..graph import Node, Op, value_of
from ..ops import cast
from .sweep import kinds

Hook = Callable[[Any], Any]
_ids = itertools.count()


class RemovableHandle:
    """A hook that was registered: `remove()` takes it away, as does leaving a `with`."""

    def __init__(self, hooks: dict[int, Any], hook: Any, first: bool = False) -> None:
        self.id, self._hooks = next(_ids), hooks
        others = dict(hooks) if first else {}
        if first:
            hooks.clear()
        hooks[self.id] = hook
        hooks.update(others)

    def remove(self) -> None:
        """Take the hook away."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Hooks(NamedTuple):
    """The hooks of a tensor: those that see its gradient, and those that run once `grad` has it."""

    arriving: dict[int, Hook]
    stored: dict[int, Hook]


def register_hook(tensor: Node, hook: Hook) -> RemovableHandle:
    """Call hook(gradient) when the gradient of this tensor is complete.

    If the hook returns a tensor, that is the gradient from then on. Returns a handle to remove it.
    """
    if not tensor.requires_grad:
        raise RuntimeError("register_hook: this tensor does not require grad")
    return RemovableHandle(_hooks(tensor).arriving, hook)


def register_post_accumulate_grad_hook(tensor: Node, hook: Hook) -> RemovableHandle:
    """Call hook(tensor) when `backward` has added to the `grad` of this leaf."""
    if not tensor.requires_grad or tensor.call:
        raise RuntimeError(
            "register_post_accumulate_grad_hook: this is not a leaf that requires grad"
        )
    return RemovableHandle(_hooks(tensor).stored, hook)


def _hooks(tensor: Node) -> Hooks:
    kinds.grads, kinds.done = Arriving, Done
    if tensor._hooks is None:
        tensor._hooks = Hooks({}, {})
    found: Hooks = tensor._hooks
    return found


class Arriving(dict[Node, Any]):
    """The gradients that are not complete: one that is taken out is, and its hooks see it."""

    def __or__(self, other: Any) -> Any:
        self.update(other)
        return self

    def pop(self, node: Node, default: Any = None) -> Any:
        """The gradient, after the hooks."""
        g = super().pop(node, default)
        if g is None or node._hooks is None:
            return g
        given = g if isinstance(g, Node) else Op.node(np.array(g))
        for hook in list(node._hooks.arriving.values()):
            found = hook(given)
            given = given if found is None else _replaced(node, found)
        return given if isinstance(g, Node) else value_of(given)


class Done(dict[Node, Any]):
    """The gradients to store: after each, the hooks that wait for it."""

    def items(self) -> Iterator[tuple[Node, Any]]:  # type: ignore[override]
        """The gradients; when the next is asked for, the last has been stored."""
        for node, g in super().items():
            yield node, g
            for hook in list(node._hooks.stored.values()) if node._hooks else ():
                with no_grad():
                    hook(node)


def _replaced(node: Any, g: Any) -> Any:
    """The gradient that a hook returned, in the tensor's dtype; RuntimeError for another shape."""
    if not isinstance(g, Node):
        raise TypeError(f"a hook returns a tensor or None, not {shown(g)}")
    shape = node.value.shape
    if g.value.shape != shape:
        raise RuntimeError(
            f"a hook has changed the shape of a gradient: {shape} to {g.value.shape}"
        )
    given: Any = g
    return given if g.value.dtype == node.value.dtype else cast(given, dtype=node.value.dtype)

"""What flows through a graph: its tensors, and the gradients that come back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any

import numpy as np

from ..dtypes import Array
from ..kernels import picks_view
from ..autograd import history, sweep, vjp
from ..autograd.backward import start
from ..autograd.sweep import fitted
from ..grad_mode import enable_grad, no_grad
from ..graph import Call, Node


def tensors(outputs: Set[Node]) -> list[Node]:
    """Every tensor that had a part in the outputs, oldest first."""
    nodes = set(outputs)
    for node in history(*outputs):
        nodes.add(node)
        if node.call:
            nodes.update(x for x in node.call.inputs if isinstance(x, Node))
    return sorted(nodes, key=lambda node: node.birth)


def gradients(nodes: Collection[Node], outputs: Set[Node]) -> dict[Node, Array]:
    """The gradient of each tensor, once `backward` has left one; else of none.

    Those in `.grad` are shown as they are. The others are swept once more, from outputs that are
    single numbers.
    """
    kept = {node: node.grad for node in nodes if node.requires_grad and node.grad is not None}
    if not kept or not set(nodes).isdisjoint(kept.values()):
        return {}  # where a gradient is itself drawn, `.grad` belongs to another pass
    swept: dict[Node, Array] = {}
    if all(node.value.size == 1 for node in outputs):
        ones = {node: np.ones_like(node.value) for node in outputs if node.requires_grad}
        with no_grad(), np.errstate(all="ignore"):
            swept = sweep(ones, wanted=set(nodes))
    both = [(swept[node], grad.value) for node, grad in kept.items() if node in swept]
    if not all(np.allclose(ours, theirs, equal_nan=True) for ours, theirs in both):
        swept = {}  # what was kept comes from another pass, or from several
    return swept | {node: grad.value for node, grad in kept.items()}


def recorded(outputs: Set[Node]) -> dict[Node, Node]:
    """The backward pass as a graph: of each tensor that the outputs are made of, its gradient.

    What passes several tensors unchanged, as by an addition, is the gradient of the youngest.
    """
    with enable_grad():
        ones = {node: start(node) for node in outputs}
        found = sweep(ones, wanted=set(history(*outputs)), create_graph=True)
    youngest = {g: x for x, g in sorted(found.items(), key=lambda pair: pair[0].birth)}
    return {x: g for x, g in found.items() if youngest[g] is x or not x.call}


def flows(nodes: Collection[Node], grads: Mapping[Node, Array]) -> dict[tuple[Node, int], float]:
    """How large the gradient is that an op hands back to each of its inputs: its norm.

    By the tensor that the op made, and the place of the input.
    """
    norms: dict[tuple[Node, int], float] = {}
    if not any(node in grads for node in nodes if node.call):
        return norms  # of the leaves alone it is not known what went where
    with no_grad(), np.errstate(all="ignore"):
        for node in nodes:
            call, g = node.call, grads.get(node)
            if call is None or g is None:
                continue
            if _picks_once(call):  # no need for an array that is g among zeros
                norms[node, 0] = norm(g)
                continue
            for j, gx in handed_back(node, g):
                if call.inputs[j].requires_grad:
                    norms[node, j] = norm(gx)
    return norms


def handed_back(node: Node, g: Array) -> Iterator[tuple[int, Array]]:
    """Each input's place, and the gradient that the rule of the node's op passes back to it."""
    call: Any = node.call
    for j, (x, gx) in enumerate(zip(call.inputs, vjp(node, g), strict=True)):
        if gx is not None and isinstance(x, Node):
            yield j, fitted(gx() if callable(gx) else gx, x.value)


def norm(g: Array) -> float:
    """The length of a gradient; its numbers are scaled first, so that no square overflows."""
    most = float(np.max(np.abs(g), initial=0))
    return most * float(np.linalg.norm(g / most)) if 0 < most < np.inf else most


def _picks_once(call: Call) -> bool:
    """Whether it is an x[…] that takes no element twice: of slices and whole numbers."""
    return call.op.__name__ == "getitem" and picks_view(call.settings["index"])

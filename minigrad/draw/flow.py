"""The tensors of a graph, and the gradients that flow back through it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from itertools import combinations

import numpy as np

from ..autograd import history, sweep, vjp
from ..autograd.backward import start
from ..autograd.changed import unchanged
from ..autograd.sweep import fitted
from ..dtypes import Array
from ..grad_mode import enable_grad, no_grad
from ..graph import Call, Node
from ..inplace import Write
from ..indexing import picks_view
from ..place import Place

MOST = 5  # of more outputs, it is not tried which of them `backward` was called on

Use = tuple[Node, int]  # an op's output, and the index of one of the op's inputs


def call_of(node: Node) -> Call:
    """The call that made a node, which is not a leaf."""
    assert node.call
    return node.call


def place_of(node: Node) -> Place:
    """Where the op that made a node was called."""
    return Place(*call_of(node).place)


def tensors(outputs: Set[Node]) -> list[Node]:
    """Every tensor that the outputs were computed from, and the outputs, oldest first.

    Raises RuntimeError if one of them was written to after its use, and its old value is gone.
    """
    nodes = set(outputs)
    for node in history(*outputs):
        nodes.add(node)
        for x in node.call.inputs if node.call else ():
            if isinstance(x, Node):
                kept = isinstance(node.call, Write) and x is node.call.inputs[0]
                nodes.add(x if kept else unchanged(x, node))  # a `Changed` has no birth, and raises
    return sorted(nodes, key=lambda node: node.birth)


def gradients(
    nodes: Collection[Node], outputs: Set[Node]
) -> tuple[dict[Node, Array], dict[Node, Array], list[Node]]:
    """The gradients in `.grad`, those of a backward pass, and the outputs that it starts from.

    All are empty if `backward` has not been called. The pass starts from the outputs that are
    single numbers: only from these does one begin by itself. If `.grad` shows that `backward` was
    called on only some of them, it starts from these.
    """
    kept = {node: node.grad for node in nodes if node.requires_grad and node.grad is not None}
    if not kept or not set(nodes).isdisjoint(kept.values()):
        return {}, {}, []  # if a gradient is part of the graph, `.grad` is from another pass
    found = {node: grad.value for node, grad in kept.items()}
    single = [x for x in nodes if x in outputs and x.value.size == 1 and x.requires_grad]
    passes = {node: _pass([node], nodes) for node in single[:MOST]} if len(outputs) > 1 else {}
    for count in range(len(single), 0, -1) if len(single) <= MOST else ():
        for starts in combinations(single, count):
            parts = [passes[start] for start in starts if start in passes]
            if parts and all(_explained(x, found.get(x), parts) for x in nodes if not x.call):
                return found, _pass(starts, nodes), list(starts)
    return found, _pass(single, nodes) if single else {}, single


def _pass(starts: Sequence[Node], nodes: Collection[Node]) -> dict[Node, Array]:
    ones = {node: np.ones_like(node.value) for node in starts}
    with no_grad(), np.errstate(all="ignore"):
        return sweep(ones, wanted=set(nodes))


def _explained(leaf: Node, kept: Array | None, passes: Sequence[Mapping[Node, Array]]) -> bool:
    """True if a leaf's `.grad` is the sum of its gradients in some passes."""
    parts = [found[leaf] for found in passes if leaf in found]
    total = sum(parts[1:], parts[0]) if parts else None
    return total is None or not leaf.requires_grad if kept is None else agree(kept, total)


def agree(kept: Array, swept: Array | None) -> bool:
    """True if the gradient in `.grad` is that of the pass, up to rounding; None stands for 0."""
    if swept is None or swept.shape != kept.shape:
        return swept is None and not kept.any()
    most = np.max(np.abs(swept), where=np.isfinite(swept), initial=0)
    with np.errstate(all="ignore"):
        return np.allclose(kept, swept, rtol=1e-4, atol=1e-6 * most, equal_nan=True)


def recorded(outputs: Set[Node]) -> dict[Node, Node]:
    """The backward pass as a graph: from each tensor to the tensor that is its gradient.

    If several tensors share one gradient (an addition passes it on unchanged), it is given to the
    youngest of them, and to leaves.
    """
    with enable_grad(), np.errstate(all="ignore"):
        ones = {node: start(node, create_graph=True) for node in outputs}
        found = sweep(ones, wanted=set(history(*outputs)), create_graph=True)
    youngest = {g: x for x, g in sorted(found.items(), key=lambda pair: pair[0].birth)}
    return {x: g for x, g in found.items() if youngest[g] is x or not x.call}


def norms(values: Mapping[Node, Array], grads: Mapping[Node, Array]) -> dict[Use, float]:
    """The norm of the gradient that each op passes back to each of its inputs.

    values  of all tensors
    grads   of those that have one
    """
    found: dict[Use, float] = {}
    if not any(node in grads for node in values if node.call):
        return found  # the leaves' gradients alone do not tell what came along which arrow
    with no_grad(), np.errstate(all="ignore"):
        for node in values:
            call, g = node.call, grads.get(node)
            if call is None or g is None:
                continue
            if _picks_once(call):  # the gradient is g padded with zeros: its norm is the same
                found[node, 0] = norm(g)
                continue
            for j, gx in handed_back(node, g, values):
                if call.inputs[j].requires_grad:
                    found[node, j] = norm(gx)
    return found


def handed_back(node: Node, g: Array, values: Mapping[Node, Array]) -> Iterator[tuple[int, Array]]:
    """For each input of the node's op: its index, and the gradient it gets when the op gets `g`.

    values  of all tensors, as they were when the drawing was made
    """
    call = call_of(node)
    given = [
        values[x] if isinstance(x, Node) else value
        for x, value in zip(call.inputs, call.values, strict=True)
    ]
    then = Node(  # the node as it was
        values[node], True, Call(call.op, call.inputs, given, call.settings, call.saved, None)
    )
    for j, (x, gx) in enumerate(zip(call.inputs, vjp(then, g), strict=True)):
        if gx is not None and isinstance(x, Node):
            yield j, fitted(gx() if callable(gx) else gx, x.value)


def norm(g: Array) -> float:
    """The norm of a gradient; its elements are scaled first, so that no square overflows."""
    most = float(np.max(np.abs(g), initial=0))
    return most * float(np.linalg.norm(g / most)) if 0 < most < np.inf else most


def _picks_once(call: Call) -> bool:
    """True for x[…] with slices and ints only, which picks no element twice."""
    return call.op.__name__ == "getitem" and picks_view(call.settings["index"])

"""The sweep: the backward pass through everything that an output was computed from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from ..dtypes import Array
from ..grad_mode import mode
from ..graph import NOTHING, Node
from ..memory import last, watched
from ..ops import cast, sum_to
from ..place import here
from ..scattered import Scattered
from .changed import as_used, notice_numpy, unchanged


class kinds:
    """The dicts in which the sweep keeps its gradients: others, if there are hooks (hooks.py)."""

    grads: type[dict[Node, Any]] = dict
    done: type[dict[Node, Any]] = dict


def history(*outputs: Node) -> list[Node]:
    """All nodes that require grad and that the outputs were computed from, youngest first.

    So each comes before its inputs. What has changed in place since is taken as it was (`as_used`).
    """
    seen = {node for node in outputs if node._requires_grad}
    nodes, change = list(seen), last.change
    for node in nodes:  # the list grows while we loop over it
        birth = node.birth
        for x in node.call.inputs if node.call else ():
            if isinstance(x, Node):
                x = x if change < x.birth < birth else as_used(x, node)
                if x._requires_grad and x not in seen:
                    seen.add(x)
                    nodes.append(x)
    nodes.sort(key=attrgetter("birth"), reverse=True)
    if watched and nodes and last.shared > nodes[-1].birth:
        notice_numpy(nodes)
    return nodes


def sweep(
    arrived: dict[Node, Any], wanted: Collection[Node] | None = None, create_graph: bool = False
) -> dict[Node, Any]:
    """The backward pass: from the gradients at some nodes to the gradients of others.

    arrived       the gradient at each starting node: arrays, or tensors if `create_graph`
    wanted        the nodes whose gradients to return; None: leaves, and nodes that retain theirs
    create_graph  hand the rules tensors instead of arrays, and record what they do

    When we reach a node, all that was computed from it has been visited: its gradient is complete.
    """
    nodes, done = history(*arrived), kinds.done()
    grads = kinds.grads.fromkeys(nodes if wanted is None else leading_to(wanted, nodes)) | arrived
    owned: set[Node] = set()  # nodes whose gradient is an array made here: it may grow in place
    before, mode.recording = mode.recording, create_graph
    try:
        for node in nodes:
            g, call = grads.pop(node, None), node.call
            if g is None:
                continue
            if (call is None or node.retains_grad) if wanted is None else node in wanted:
                done[node] = g if create_graph or call is None and node in owned else np.array(g)
            if call is not None:
                for x, gx in zip(call.inputs, vjp(node, g, create_graph)):
                    if gx is not None and isinstance(x, Node) and x in grads:
                        accumulate(x, gx, grads, owned)
                del gx  # if it is a function, it keeps arrays alive
    finally:
        mode.recording, here.back = before, None
    return done


def vjp(node: Any, g: Any, create_graph: bool = False) -> Sequence[Any]:
    """One vector–Jacobian product per input of a node's op: the call of its rule.

    Each is an array or a tensor, a function that computes it, or None; not yet summed to x's shape.
    """
    call = node.call
    out, inputs, saved = node.value, call.values, call.saved
    if create_graph:  # what the rule records is drawn where the op was called
        out, inputs, saved, here.back = node, call.inputs, NOTHING, call.place
    if last.write > node.birth:
        out, *inputs = [unchanged(x, node) for x in (out, *inputs)]
    gradients = call.op.rule(g, out, *inputs, **call.settings, **saved)
    right = type(gradients) is tuple and len(gradients) == len(call.inputs)
    return gradients if right else counted(gradients, call)


def accumulate(x: Node, gx: Any, grads: dict[Node, Any], owned: set[Node]) -> None:
    """Add to the gradient of x what arrives there; if it is a function, compute it first."""
    if callable(gx):
        if type(gx) is Scattered and not isinstance(gx.g, Node):
            return gx.add_to(owned_gradient(x, grads, owned))
        gx = gx()
    if gx.shape != x.value.shape or gx.dtype is not x.value.dtype:
        gx = fitted(gx, x.value)
    grads[x] = gx if grads[x] is None else plus(x, gx, grads, owned)


def plus(x: Node, gx: Any, grads: dict[Node, Any], owned: set[Node]) -> Any:
    """The gradient of x so far, plus what arrives: the first time a new array, then in place."""
    total = grads[x]
    if x in owned:
        total += gx
        return total
    if not isinstance(gx, Node):
        owned.add(x)
    return total + gx


def owned_gradient(x: Node, grads: dict[Node, Any], owned: set[Node]) -> Array:
    """The gradient of x so far, as an array that may grow in place."""
    total = grads[x]
    if x not in owned or not isinstance(total, Array):  # two 0-d arrays add up to a scalar
        total = np.zeros(x.value.shape, x.value.dtype) if total is None else np.array(total)
        grads[x] = total
        owned.add(x)
    return total


def fitted(gx: Any, value: Array) -> Any:
    """A gradient summed to the shape of the value, if that was broadcast, and in its dtype.

    Raises ValueError for a shape that cannot come from broadcasting.
    """
    lead = gx.ndim - value.ndim
    if lead < 0 or any(n not in (1, m) for n, m in zip(value.shape, gx.shape[lead:], strict=True)):
        shapes = f"a gradient of shape {gx.shape} for an input of shape {value.shape}"
        raise ValueError(f"a rule gave {shapes}")
    gx = sum_to(gx, value.shape) if gx.shape != value.shape else gx
    return cast(gx, dtype=value.dtype) if gx.dtype != value.dtype else gx


def leading_to(wanted: Collection[Node], nodes: Sequence[Node]) -> set[Node]:
    """The nodes (given youngest first) that were computed from the wanted ones, and these."""
    found = set(wanted)
    for node in reversed(nodes):
        if node.call and any(isinstance(x, Node) and x in found for x in node.call.inputs):
            found.add(node)
    return found


def counted(gradients: Any, call: Any) -> Sequence[Any]:
    """The gradients of a rule, if it returned a sequence with one per input; else TypeError."""
    several = isinstance(gradients, tuple | list)
    if several and len(gradients) == len(call.inputs):
        return gradients
    gave = f"{len(gradients)} gradients" if several else f"a {type(gradients).__name__}"
    raise TypeError(
        f"the rule of {call.op.__name__} gave {gave} for {len(call.inputs)} inputs: it must return "
        "a tuple with one gradient, or None, for each; for one input, return (g,)"
    )

"""The sweep: the backward pass through everything that an output was computed from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from operator import attrgetter
from typing import Any, NoReturn

import numpy as np

from ..dtypes import Array
from ..grad_mode import enable_grad
from ..graph import Node
from ..ops import Scattered, cast, sum_to
from ..place import here


def history(*outputs: Node) -> list[Node]:
    """All nodes that require grad and that the outputs were computed from, youngest first.

    So every node comes before its inputs: the order of the backward pass, and reversed that of the
    forward pass. Raises RuntimeError if a node got a new value after it was used.
    """
    seen = {node for node in outputs if node.requires_grad}
    nodes = list(seen)
    for node in nodes:  # the list grows while we loop over it
        for x in node.call.inputs if node.call else ():
            if not isinstance(x, Node):
                continue
            if x.birth > node.birth:
                raise changed(x, node)
            if x.requires_grad and x not in seen:
                seen.add(x)
                nodes.append(x)
    return sorted(nodes, key=attrgetter("birth"), reverse=True)


def sweep(
    arrived: dict[Node, Any], wanted: Collection[Node] = (), create_graph: bool = False
) -> dict[Node, Any]:
    """The backward pass: from the gradients at some nodes to the gradients of others.

    arrived       the gradient at each starting node: arrays, or tensors if `create_graph`
    wanted        the nodes whose gradients to return; without any, all leaves
    create_graph  hand the rules tensors instead of arrays, so that the pass is itself recorded

    When we reach a node, all that was computed from it has been visited: its gradient is complete.
    Nodes that retain their gradient are returned too; a node that nothing arrives at is missing.
    """
    nodes, done = history(*arrived), {}
    grads = dict.fromkeys(leading_to(wanted, nodes) if wanted else nodes) | arrived
    sums: set[Node] = set()  # nodes whose gradient is an array made here: it may grow in place
    with np.errstate(all="ignore"), recorded_pass() if create_graph else nullcontext():
        for node in nodes:
            g, call = grads.pop(node, None), node.call
            if g is None:
                continue
            if call is None or node.retains_grad or node in wanted:
                done[node] = g if create_graph or call is None and node in sums else np.array(g)
            if call is not None:
                for x, gx in zip(call.inputs, vjp(node, g, create_graph)):
                    if gx is not None and isinstance(x, Node) and x in grads:
                        accumulate(x, gx, grads, sums)
                del gx  # if it is a function, it keeps arrays alive
    return done


def vjp(node: Node, g: Any, create_graph: bool = False) -> Sequence[Any]:
    """One vector–Jacobian product per input of a node's op: the call of its rule.

    Each is an array (a tensor, if `create_graph`), or a function that computes it, or None; where
    the input was broadcast or promoted, in the shape and dtype of the output.
    """
    call: Any = node.call
    if create_graph:
        here.back = call.place  # what the rule records is drawn where the op was called
        gradients = call.op.rule(g, node, *call.inputs, **call.settings)
    else:
        gradients = call.op.rule(g, node.value, *call.values, **call.settings, **call.saved)
    return gradients if len(gradients) == len(call.inputs) else miscounted(call, gradients)


def accumulate(x: Node, gx: Any, grads: dict[Node, Any], sums: set[Node]) -> None:
    """Add to the gradient of x what arrives there; if it is a function, compute it first."""
    if callable(gx):
        if type(gx) is Scattered and not isinstance(gx.g, Node):
            return gx.add_to(sum_at(x, grads, sums))
        gx = gx()
    if gx.shape != x.value.shape or gx.dtype is not x.value.dtype:
        gx = fitted(gx, x.value)
    grads[x] = gx if grads[x] is None else summed(x, gx, grads, sums)


def summed(x: Node, gx: Any, grads: dict[Node, Any], sums: set[Node]) -> Any:
    """The gradient of x so far, plus what arrives: the first time a new array, then in place."""
    total = grads[x]
    if x in sums:
        total += gx
        return total
    if not isinstance(gx, Node):
        sums.add(x)
    return total + gx


def sum_at(x: Node, grads: dict[Node, Any], sums: set[Node]) -> Array:
    """The gradient of x so far, as an array that may grow in place."""
    total = grads[x]
    if x not in sums or not isinstance(total, Array):  # two 0-d arrays add up to a scalar
        total = np.zeros(x.value.shape, x.value.dtype) if total is None else np.array(total)
        grads[x] = total
        sums.add(x)
    return total


def fitted(gx: Any, value: Array) -> Any:
    """A gradient summed to the shape of the value, if that was broadcast, and in its dtype."""
    gx = sum_to(gx, value.shape) if gx.shape != value.shape else gx
    return cast(gx, dtype=value.dtype) if gx.dtype != value.dtype else gx


def leading_to(wanted: Collection[Node], nodes: Sequence[Node]) -> set[Node]:
    """The nodes (given youngest first) that were computed from the wanted ones, and these."""
    found = set(wanted)
    for node in reversed(nodes):
        if node.call and any(isinstance(x, Node) and x in found for x in node.call.inputs):
            found.add(node)
    return found


def changed(x: Node, user: Node) -> RuntimeError:
    """The error of a node that got a new value after another node was computed from it."""
    name = user.call.op.__name__ if user.call else ""
    return RuntimeError(
        f"a tensor of shape {x.value.shape} was changed in place after {name} had used it: "
        "go back first, or change a clone()"
    )


def miscounted(call: Any, gradients: Sequence[Any]) -> NoReturn:
    """Raise the error of a rule that does not give one gradient per input."""
    counts = f"{len(gradients)} gradients for {len(call.inputs)} inputs"
    raise TypeError(f"the rule of {call.op.__name__} gave {counts}: one for each, or None")


@contextmanager
def recorded_pass() -> Iterator[None]:
    """Record the rules' ops, each at the place of the op whose rule it is."""
    with enable_grad():
        try:
            yield
        finally:
            here.back = None

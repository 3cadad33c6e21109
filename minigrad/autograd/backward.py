"""backward and grad: run the sweep, then store its gradients in `.grad` or return them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..grad_mode import enable_grad, no_grad
from ..graph import Node, Op
from ..ops import cast
from .sweep import sweep


def start(output: Node, gradient: Any = None, create_graph: bool = False) -> Any:
    """The gradient at `output`: the given one, or 1; an array, or a tensor if `create_graph`."""
    if gradient is None and output.value.size == 1 and output._requires_grad and not create_graph:
        return np.ones_like(output.value)
    return checked_start(output, gradient, create_graph)


def checked_start(output: Node, gradient: Any, create_graph: bool) -> Any:
    """The given gradient in the dtype of `output`; 1 if there is none, but only a single number.

    Raises RuntimeError if there is none or `output` does not require grad, ValueError for a wrong
    shape.
    """
    shape = output.value.shape
    if not output.requires_grad:
        raise RuntimeError(
            "backward: this tensor does not require grad (or was computed under no_grad())"
        )
    if gradient is None and output.value.size != 1:
        raise RuntimeError(
            f"backward from a tensor of shape {shape}: only a single number has a gradient by "
            "itself. Take a sum() or mean() first, or pass `gradient`, a tensor of that shape"
        )
    given: Any = np.ones_like(output.value) if gradient is None else gradient
    given = given if isinstance(given, Node) else Op.node(np.asarray(given))
    if given.value.shape != shape:
        raise ValueError(f"gradient of shape {given.value.shape} for an output of shape {shape}")
    if given.value.dtype != output.value.dtype:
        given = cast(given, dtype=output.value.dtype)
    return given if create_graph else given.value


@np.errstate(all="ignore")
def backward(
    tensor: Node, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False
) -> None:
    """Add the gradient of this tensor to the `grad` of every leaf that requires it.

    gradient      a tensor of this shape to start from; required unless this is a single number
    create_graph  record the backward pass too, so that `grad` can be differentiated again
    retain_graph  accepted as in PyTorch; here a graph lives as long as its output
    """
    arrived = {tensor: start(tensor, gradient, create_graph)}
    for node, g in sweep(arrived, None, create_graph).items():
        first = node._grad is None and not create_graph
        node._grad = Op.node(np.asarray(g)) if first else added(node, g)


def added(node: Any, g: Any) -> Any:
    """The new `.grad`: the old one with g added, in place in a leaf; of tensors, a recorded sum."""
    before = node._grad
    if isinstance(g, Node):
        g = Op.node(g.value.copy(), g.requires_grad, g.call)
        with enable_grad():
            return g if before is None else before + g
    with no_grad():
        total = before + Op.node(np.asarray(g))
        return total if node.call else before._become(total)


@np.errstate(all="ignore")
def grad(
    outputs: Node | Sequence[Node],
    inputs: Node | Sequence[Node],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Any, ...]:
    """d outputs / d inputs, one tensor per input; nothing is added to any `.grad`.

    outputs        a tensor or several, whose sum is differentiated
    grad_outputs   the gradient to start from at each output; None where it is a single number
    allow_unused   return None for an input that the outputs do not depend on, not RuntimeError
    retain_graph, create_graph  as in `backward`
    """
    outputs = (outputs,) if isinstance(outputs, Node) else tuple(outputs)
    inputs = (inputs,) if isinstance(inputs, Node) else tuple(inputs)
    if grad_outputs is None:
        grad_outputs = (None,) * len(outputs)
    elif not isinstance(grad_outputs, list | tuple):
        grad_outputs = (grad_outputs,)
    for i, x in enumerate(inputs):
        if not x.requires_grad:
            raise RuntimeError(f"grad: input {i}, of shape {x.value.shape}, does not require grad")
    arrived: dict[Node, Any] = {}
    with enable_grad() if create_graph else no_grad():
        for output, gradient in zip(outputs, grad_outputs, strict=True):
            g = start(output, gradient, create_graph)
            arrived[output] = arrived[output] + g if output in arrived else g
        done = sweep(arrived, set(inputs), create_graph)
    unused = [i for i, x in enumerate(inputs) if x not in done]
    if unused and not allow_unused:
        raise RuntimeError(
            f"grad: the outputs do not depend on input {unused[0]}; with allow_unused=True its "
            "gradient is None"
        )
    if not create_graph:
        done = {x: Op.node(np.asarray(done[x])) for x in done}
    return tuple([done.get(x) for x in inputs])

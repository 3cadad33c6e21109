"""backward from several tensors at once, into the `.grad` of leaves, or of chosen tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Node, Op
from .backward import added, start
from .sweep import sweep


@np.errstate(all="ignore")
def backward(
    tensors: Node | Sequence[Node],
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Node | Sequence[Node] | None = None,
) -> None:
    """Add the gradient of the sum of some tensors to the `grad` of every leaf that requires it.

    grad_tensors   the gradient to start from at each tensor; None where it is a single number
    inputs         the tensors whose `grad` is added to; None: all leaves
    retain_graph, create_graph  as in Tensor.backward
    """
    tensors = [tensors] if isinstance(tensors, Node) else list(tensors)
    grad_tensors = grad_variables if grad_tensors is None else grad_tensors
    starts = [grad_tensors] if isinstance(grad_tensors, Node | None) else list(grad_tensors)
    starts = starts * len(tensors) if grad_tensors is None else starts
    if len(starts) != len(tensors):
        raise RuntimeError(f"backward: {len(starts)} gradients for {len(tensors)} tensors")
    if inputs is not None and not isinstance(inputs, Node) and not inputs:
        raise RuntimeError("backward: inputs is empty: give None for all leaves")
    arrived: dict[Node, Any] = {}
    for tensor, gradient in zip(tensors, starts, strict=True):
        g = start(tensor, gradient, create_graph)
        arrived[tensor] = arrived[tensor] + g if tensor in arrived else g
    wanted = {inputs} if isinstance(inputs, Node) else inputs and set(inputs)
    for node, g in sweep(arrived, wanted, create_graph).items():
        first = node._grad is None and not create_graph
        node._grad = Op.node(np.array(g)) if first else added(node, g)

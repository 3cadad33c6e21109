"""Going back over what was remembered: the sweep, and what is made of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from .grad_mode import enable_grad, no_grad
from .graph import Node, Op
from .ops import cast, sum_to
from .place import here


def history(*outputs: Node) -> list[Node]:
    """Every node that requires grad and had a part in the outputs, youngest first.

    So each stands before all that it was made of: as it is, the list leads the backward pass,
    reversed it replays the forward pass. Raises RuntimeError where a node was given another value
    after it had been used.
    """
    seen = {node for node in outputs if node.requires_grad}
    nodes = list(seen)
    for node in nodes:  # which grows as it goes
        if (call := node.call) is None:
            continue
        for x in call.inputs:
            if not isinstance(x, Node):
                continue
            if x.birth > node.birth:
                raise RuntimeError(
                    f"a tensor of shape {x.value.shape} was changed in place after "
                    f"{call.op.__name__} had used it: go back first, or change a clone()"
                )
            if x.requires_grad and x not in seen:
                seen.add(x)
                nodes.append(x)
    return sorted(nodes, key=attrgetter("birth"), reverse=True)


def sweep(
    arrived: dict[Node, Any], wanted: Collection[Node] | None = None, create_graph: bool = False
) -> dict[Node, Any]:
    """The backward pass: from the gradients that arrived at some nodes to those of others.

    arrived       the gradient each start is given: arrays, or tensors if `create_graph`
    wanted        whose gradients to return (None: the leaves', and those that `retain_grad()`);
                  one on which the start does not depend is missing in the answer
    create_graph  hand the rules tensors instead of arrays, so that the pass is itself recorded

    When a node's turn comes, all that it had a part in has been there: its gradient is complete.
    """
    nodes = history(*arrived)
    every = wanted is None  # every leaf: then whatever requires grad is on the way to one
    wanted = set(wanted or ())
    on_the_way = set(wanted)
    if not every:
        for node in reversed(nodes):
            if node.call and any(isinstance(x, Node) and x in on_the_way for x in node.call.inputs):
                on_the_way.add(node)

    grads, done = dict(arrived), {}
    sums: set[Node] = set()  # whose gradient is a sum made here: an array free to be added to
    for node in nodes:
        g, call = grads.pop(node, None), node.call
        if g is None:
            continue
        if (call is None or node.retains_grad) if every else node in wanted:
            done[node] = g if create_graph or (node in sums and not call) else np.array(g)
        if call is None:
            continue

        if create_graph:
            here.back = call
            gradients = call.op.rule(g, node, *call.inputs, **call.settings)
        elif call.op.adds_into and (every or call.inputs[-1] in on_the_way):
            picked = call.inputs[-1]
            if picked not in sums:
                sums.add(picked)
                v, there = picked.value, grads.get(picked)
                grads[picked] = np.zeros(v.shape, v.dtype) if there is None else np.array(there)
            call.op.adds_into(grads[picked], g, node.value, *call.values, **call.settings)
            continue
        else:
            known = call.settings if call.saved is None else call.settings | {"saved": call.saved}
            gradients = call.op.rule(g, node.value, *call.values, **known)

        if len(gradients) != len(call.inputs):
            counts = f"{len(gradients)} gradients for {len(call.inputs)} inputs"
            raise TypeError(f"the rule of {call.op.__name__} gave {counts}: one for each, or None")
        for i, gx in enumerate(gradients):
            if gx is None or not isinstance(x := call.inputs[i], Node):
                continue
            if not (x.requires_grad if every else x in on_the_way):
                continue
            gx = gx() if callable(gx) else gx
            value = x.value
            if gx.shape != value.shape:
                gx = sum_to(gx, value.shape)
            if gx.dtype is not value.dtype and gx.dtype != value.dtype:
                gx = cast(gx, dtype=value.dtype)
            total = grads.get(x)
            if total is None:
                grads[x] = gx
            elif x in sums:
                grads[x] += gx
            else:
                grads[x] = total + gx
                if not create_graph:
                    sums.add(x)
        del gradients  # functions among them keep the arrays they would have used
    return done


def start(output: Node, gradient: Any = None) -> Any:
    """The gradient from which `output` starts back: as given, or 1 for a single number."""
    shape = output.value.shape
    if not output.requires_grad:
        raise RuntimeError("backward from a tensor that does not require grad (or of no_grad())")
    if gradient is None and output.value.size != 1:
        raise RuntimeError(
            f"backward from a tensor of shape {shape}: only a single number has a gradient by "
            "itself. Take a sum() or mean() first, or pass `gradient`, a tensor of that shape"
        )
    given = np.ones(shape, output.value.dtype) if gradient is None else gradient
    given = given if isinstance(given, Node) else Op.result(np.asarray(given))
    if given.value.shape != shape:
        raise ValueError(f"gradient of shape {given.value.shape} for an output of shape {shape}")
    same = given.value.dtype == output.value.dtype
    return given if same else cast(given, dtype=output.value.dtype)


def backward(
    tensor: Node, gradient: Any = None, retain_graph: Any = None, create_graph: bool = False
) -> None:
    """Add the gradient of this tensor to the `grad` of every leaf that requires it.

    gradient      of this tensor's shape: what each element counts; a single number counts 1
    create_graph  record the backward pass too, so that `grad` can be differentiated again
    retain_graph  as PyTorch has it; here a graph stays for as long as its output does
    """
    g = start(tensor, gradient)
    with here, enable_grad() if create_graph else no_grad(), np.errstate(all="ignore"):
        done = sweep({tensor: g if create_graph else g.value}, create_graph=create_graph)
        for node, g in done.items():  # a node of its own for each: no two leaves share a gradient
            value = g.value.copy() if create_graph else np.asarray(g)
            g = Op.result(value, g.requires_grad, g.call) if create_graph else Op.result(value)
            node.grad = g if node.grad is None else node.grad + g


def grad(
    outputs: Node | Sequence[Node],
    inputs: Node | Sequence[Node],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Any, ...]:
    """d outputs / d inputs, one tensor an input; nothing is added to any `.grad`.

    outputs        a tensor or several; of several the sum is differentiated
    grad_outputs   the gradient each output starts from; needed unless it is a single number
    allow_unused   give None for an input that the outputs do not depend on, not RuntimeError
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
    with here, enable_grad() if create_graph else no_grad(), np.errstate(all="ignore"):
        arrived: dict[Node, Any] = {}
        for output, gradient in zip(outputs, grad_outputs, strict=True):
            g = start(output, gradient)
            g = g if create_graph else g.value
            arrived[output] = arrived[output] + g if output in arrived else g
        done = sweep(arrived, set(inputs), create_graph)
    unused = [i for i, x in enumerate(inputs) if x not in done]
    if unused and not allow_unused:
        raise RuntimeError(f"grad: the outputs do not depend on input {unused[0]} (allow_unused)")
    if not create_graph:
        done = {x: Op.result(np.asarray(g)) for x, g in done.items()}
    return tuple([done.get(x) for x in inputs])

"""The scene: everything that a drawing shows of a graph, collected once, before it is laid out."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from ..dtypes import Array
from ..graph import Node
from ..inplace import Write
from ..nn.module import Module, Parameter
from ..text import printable
from . import flow
from .flow import Use
from .words import Axes, Words, carried, given

Outputs: TypeAlias = "Node | Sequence[Outputs]"
Names: TypeAlias = Module | Mapping[str, Node | Module] | None
LONG = 80  # names are cut after this many characters
Kind = Literal["parameter", "leaf", "data", "result", "output"]


@dataclass(frozen=True)
class Scene:
    """A graph with everything that is shown of it.

    values     the value of every tensor that the outputs were computed from, oldest first
    outputs    the tensors that are drawn as outputs
    names      the names of tensors and modules, where they have one
    gradients  the gradients of tensors, once `backward` has been called: those in `.grad`, and
               for all others those of a backward pass from the outputs
    norms      for each use of a tensor by an op, the norm of the gradient that came back from it
    recorded   if the backward pass is drawn too: from each tensor to the one that is its gradient
    differing  the tensors whose `.grad` is not the gradient of that pass
    words      for tensors with words, those of each axis, or None: given, and carried along the ops
    """

    values: Mapping[Node, Array]
    outputs: Set[Node]
    names: Mapping[Hashable, str] = field(default_factory=dict)
    gradients: Mapping[Node, Array] = field(default_factory=dict)
    norms: Mapping[Use, float] = field(default_factory=dict)
    recorded: Mapping[Node, Node] = field(default_factory=dict)
    differing: Set[Node] = frozenset()
    words: Mapping[Node, Axes] = field(default_factory=dict)

    @classmethod
    def of(
        cls, outputs: Outputs, names: Names = None, backward: bool = False, words: Words = None
    ) -> Scene:
        """Collect the scene of some outputs; takes and raises what `draw` does."""
        found, worded = _checked(outputs, backward), given(words)
        try:
            recorded = flow.recorded(found) if backward else {}
            nodes = flow.tensors(found | {g for x, g in recorded.items() if not x.call})
        except RuntimeError as error:
            raise RuntimeError(
                "draw: a tensor was changed after the graph had used it, as optimizer.step() does, "
                "and its old value is gone: draw before that"
            ) from error
        named = _named(names)
        named |= {g: f"{named[x]}.grad" for x, g in recorded.items() if x in named}
        kept, swept = ({}, {}) if backward else flow.gradients(nodes, found)
        mixed = not swept.keys() <= kept.keys()  # gradients of two kinds are drawn side by side
        differing = {x for x, g in kept.items() if mixed and not flow.agree(g, swept.get(x))}
        values = _values(nodes)
        gradients = {node: g.copy() for node, g in (swept | kept).items()}
        norms = flow.norms(values, gradients)
        carry = carried(worded, nodes)
        carry |= {g: carry[x] for x, g in recorded.items() if x in carry}
        return cls(values, found, named, gradients, norms, recorded, differing, carry)

    @cached_property
    def made(self) -> list[Node]:
        """The tensors that were made by an op, oldest first."""
        return [node for node in self.values if node.call]

    @cached_property
    def turn(self) -> float:
        """The birth of the first gradient that is drawn as a tensor; infinite if there is none."""
        return min((gradient.birth for gradient in self.recorded.values()), default=math.inf)

    @cached_property
    def note(self) -> str:
        """A sentence or two about what the drawing does not show; empty if there is nothing to say.

        They are printed under the drawing, so that no gradient is missing without a word.
        """
        if not self.made:
            boxes = "One box" if len(self.values) == 1 else f"{len(self.values)} boxes, no arrows"
            return (
                f"{boxes}: no op was recorded. An op is recorded if one of its inputs requires "
                "grad, outside no_grad() and before detach()."
            )
        if self.differing:
            which = self._listed(self.differing)
            return (
                f"The .grad of {which} is not from this backward pass alone: several passes add "
                "up, and clip_grad_norm_() scales. All other gradients are those of this pass."
            )
        if self.gradients and self.gradients.keys().isdisjoint(self.made):
            return (
                "Only the gradients in .grad are known: to see the others, draw a single number, "
                "as the loss."
            )
        return ""

    def _listed(self, nodes: Set[Node]) -> str:
        """The names of up to three tensors; if there are more, their number."""
        names = [self.names[node] for node in self.values if node in nodes and node in self.names]
        if len(nodes) == len(names) <= 3:
            return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        return f"{len(nodes)} tensor{'s' if len(nodes) > 1 else ''}"

    def is_backward(self, node: Node) -> bool:
        """True if a tensor was made by the recorded backward pass."""
        return node.birth >= self.turn

    def kind(self, node: Node) -> Kind:
        """The role of a tensor in the graph."""
        if node in self.outputs:
            return "output"
        if node.call:
            return "result"
        if not node.requires_grad:
            return "data"
        return "parameter" if isinstance(node, Parameter) else "leaf"


def _checked(outputs: Outputs, backward: bool) -> set[Node]:
    """The tensors among the outputs. Raises TypeError or ValueError if they cannot be drawn."""
    found = set(_flat(outputs))
    if not found:
        raise TypeError("draw: nothing to draw; give it a tensor, as in draw(loss)")
    for node in found if backward else ():
        if node.value.size != 1 or not node.requires_grad:
            raise ValueError(
                "draw: backward=True starts from single numbers that require grad, not from "
                f"a tensor of shape {node.value.shape}: take a sum() or mean() first"
            )
    return found


def _flat(outputs: Outputs) -> Iterator[Node]:
    """The tensors in nested tuples and lists."""
    if isinstance(outputs, tuple | list):
        for output in outputs:
            yield from _flat(output)
    elif isinstance(outputs, Node):
        yield outputs
    else:
        kind = type(outputs).__name__
        raise TypeError(f"draw: expected tensors, got {kind}: give what was computed")


def _named(names: Names) -> dict[Hashable, str]:
    """The name of each tensor and module; the `.grad` of tensor x is called "x.grad"."""
    if names is not None and not isinstance(names, Mapping) and not isinstance(names, Module):
        raise TypeError(
            f"draw: names is a {type(names).__name__}: give a dict from name to tensor, or a module"
        )
    given = names if isinstance(names, Mapping) else {} if names is None else {"": names}
    named: dict[Hashable, str] = {}
    for name, value in given.items():
        if not isinstance(value, Node) and not isinstance(value, Module):
            key, kind = printable(repr(name), LONG), type(value).__name__
            raise TypeError(f"draw: names[{key}] is a {kind}, not a tensor")
        for inner, part in _parts(value):
            named.setdefault(part, printable(".".join(filter(None, (str(name), inner))), LONG))
    tensors = [(name, node) for node, name in named.items() if isinstance(node, Node)]
    gradients = {node.grad: f"{name}.grad" for name, node in tensors if node.grad is not None}
    return gradients | {part: name for part, name in named.items() if name}


def _values(nodes: Sequence[Node]) -> dict[Node, Array]:
    """A copy of each tensor's numbers, given oldest first: also of a version before a write."""
    values = {node: node.value.copy() for node in nodes}
    for node in reversed(nodes):
        if isinstance(node.call, Write) and (was := node.call.inputs[0]) in values:
            values[was] = values[node].copy()
            values[was][node.call.settings["index"]] = node.call.replaced
    return values


def _parts(value: Node | Module) -> Iterator[tuple[str, Node | Module]]:
    """A tensor; or a module's parameters, buffers and modules, each with its name in the module."""
    if isinstance(value, Node):
        yield "", value
    else:
        yield from value.named_parameters()
        yield from value.named_buffers()
        yield from value.named_modules()

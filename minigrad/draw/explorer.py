"""The explorer: a self-contained HTML page that steps through the forward and backward pass.

The page is a template, page/explorer.html joined with its modules, into which two things are put:
the drawing, as SVG, and the data of each box and each step, as JSON.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from ..dtypes import Array
from ..grad_mode import no_grad
from ..graph import Node
from ..place import Scope
from ..text import printable
from . import labels, rows
from .arrays import LEVELS, Json, summary
from .flow import Use, call_of, handed_back, place_of
from .pages import joined
from .scene import LONG, Scene
from .sources import Sources
from .view import Box, Group, View, is_constant
from .words import Axes


def page(view: View, svg: str | None = None) -> str:
    """The page as HTML text; without an SVG of the view, the boxes are laid out in rows."""
    import json
    from pathlib import Path

    template = joined(Path(__file__).parent / "page" / "explorer.html")
    head, rest = template.split("<!-- the picture -->")
    middle, tail = rest.split("/* the data */")
    svg = svg or rows.picture(view)
    found = json.dumps(data(view), separators=(",", ":"))
    # `<` is escaped, so that no name can close the <script> element.
    return head + svg[svg.index("<svg") :] + middle + found.replace("<", "\\u003c") + tail


def data(view: View) -> Json:
    """The data of the page: lists that refer to each other by index.

    arrays   a `summary` of each array
    words    lists of words, which name the rows or the columns of tensors
    tensors  name, kind, array of the value and of the gradient, box, the step that made it, and,
             where there are words, for each axis the index of its list of words or None
    steps    each call, in order of birth, with its inputs (tensors, or numbers as text), its
             output, and the gradients that it passes back
    turn     the number of steps before a recorded backward pass begins
    note     what the drawing does not show
    boxes, groups  those of the drawing
    places, ops    lines of the model's source, and the source of the ops
    """
    scene, steps = view.scene, _Steps(view)
    tensors = [steps.tensor(node) for node in scene.values]
    calls = [steps.step(node) for node in scene.made]
    groups = {group: i for i, group in enumerate(view.groups())}
    # In reading order: an op before its result.
    boxes = sorted(view.boxes, key=lambda box: (box.age, box.kind == "tensor"))
    return {
        "levels": LEVELS,
        "arrays": steps.arrays.items,
        "words": steps.words.items,
        "tensors": tensors + steps.constants,
        "steps": calls,
        "turn": sum(not scene.is_backward(node) for node in scene.made),
        "note": scene.note,
        "boxes": {box.id: _box(box, scene, groups) for box in boxes},
        "groups": [_group(group, groups) for group in groups],
        "places": steps.places.items,
        "ops": steps.ops.items,
    }


class _Steps:
    """The tensors and the calls of a graph, and what they refer to."""

    def __init__(self, view: View) -> None:
        self.scene = view.scene
        self.at = {node: i for i, node in enumerate(self.scene.values)}
        self.made = {node: i for i, node in enumerate(self.scene.made)}
        self.makers: dict[Node, str] = {}  # the box of the op, or of the folded module around it
        self.holders: dict[Node, str] = {}  # the tensor's own box
        self.ends: dict[Use | None, str] = {}  # the box of a constant, by its use
        for box in view.boxes:
            boxes = self.holders if box.kind == "tensor" else self.makers
            boxes |= dict.fromkeys(box.nodes, box.id)
            self.holders |= dict.fromkeys(box.parameters, box.id)
        for arrow in view.arrows:
            if arrow.tail.kind == "constant":
                self.ends |= dict.fromkeys(arrow.uses, arrow.tail.id)
        self.constants: list[Json] = []  # listed after the tensors
        self.arrays, self.places, self.ops = _Distinct(), _Distinct(), _Distinct()
        self.words = _Distinct()
        self.sources = Sources()

    def tensor(self, node: Node) -> Json:
        """A tensor; entries that it does not have are left out."""
        grad, words = self.scene.gradients.get(node), self.scene.words.get(node, ())
        entries = {
            "name": self.scene.names.get(node),
            "kind": self.scene.kind(node),
            "value": self.array(self.scene.values[node], words),
            "grad": None if grad is None else self.array(grad, words),
            "words": [part and self.words.index(list(part)) for part in words] or None,
            "differs": node in self.scene.differing or None,
            "box": self.holders.get(node),
            "made": self.made.get(node),
        }
        return {key: entry for key, entry in entries.items() if entry is not None}

    def step(self, node: Node) -> Json:
        """The call that made a node."""
        call, place = call_of(node), place_of(node)
        return {
            "op": self.ops.index(self.sources.op(call.op)),
            "text": labels.plain(labels.op(call)),
            "scope": printable(path(place.scope, self.scene.names), 2 * LONG),
            "box": self.makers[node],
            "inputs": [self.input(node, j) for j in range(len(call.inputs))],
            "out": self.at[node],
            "place": self.places.index(self.sources.excerpt(place)),
            "back": self.back(node),
        }

    def input(self, node: Node, j: int) -> int | str:
        """The index of an input among the tensors and constants; a number as text."""
        x = call_of(node).inputs[j]
        if isinstance(x, Node):
            return self.at[x]
        if not is_constant(x):
            return labels.digits(x)
        box = self.ends.get((node, j), self.makers[node])
        self.constants.append({"kind": "constant", "value": self.array(x), "box": box})
        return len(self.scene.values) + len(self.constants) - 1

    def back(self, node: Node) -> list[tuple[int, int]]:
        """The gradients that a call passes back: the index of the input, that of the array."""
        scene = self.scene
        if not scene.norms or node not in scene.gradients:
            return []
        with no_grad(), np.errstate(all="ignore"):
            found = list(handed_back(node, scene.gradients[node], scene.values))
        inputs, words = call_of(node).inputs, scene.words
        return [
            (j, self.array(g, words.get(inputs[j], ())))
            for j, g in found
            if (node, j) in scene.norms
        ]

    def array(self, array: Array, words: Axes = ()) -> int:
        """The index of an array's summary."""
        return self.arrays.index(summary(array, words))


def path(scope: Scope | None, names: Mapping[Hashable, str]) -> str:
    """The modules that an op was called in, from the innermost one that has a name."""
    parts: list[str] = []
    while scope is not None:
        name = names.get(scope.module)
        parts.append(name or type(scope.module).__name__)
        scope = None if name else scope.outer
    return " › ".join(reversed(parts))


def _box(box: Box, scene: Scene, groups: Mapping[Group, int]) -> Json:
    """A box of the drawing: its kind, and the open module it is in; for a folded one, its name."""
    found: Json = {"kind": scene.kind(box.nodes[0]) if box.kind == "tensor" else box.kind}
    if box.group:
        found["group"] = groups[box.group]
    return found | (_named(box.inside) if box.inside else {})


def _group(group: Group, groups: Mapping[Group, int]) -> Json:
    return _named(group) | ({"outer": groups[group.outer]} if group.outer else {})


def _named(group: Group) -> Json:
    kind = printable(type(group.module).__name__, LONG)
    return {"name": group.name, "class": kind, "calls": len(group.calls)}


class _Distinct:
    """A list without duplicates."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._places: dict[str, int] = {}

    def index(self, item: Any) -> int:
        """The index of an item, which is appended if it is new."""
        place = self._places.setdefault(repr(item), len(self.items))
        if place == len(self.items):
            self.items.append(item)
        return place

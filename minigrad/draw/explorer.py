"""The explorer: a self-contained HTML page that steps through the forward and backward pass.

The page is a template, page/explorer.html joined with its modules, into which two things are put:
the drawing, as SVG, and the data of each box and each step, as JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from ..dtypes import Array
from ..grad_mode import no_grad
from ..graph import Node
from ..place import Scope
from ..text import printable
from . import labels, opened, rows
from .arrays import LEVELS, Json, summary
from .dot import to_dot
from .equations import equation
from .flow import Use, call_of, handed_back, place_of
from .layout import lay_out
from .pages import joined
from .scene import LONG
from .sources import Sources
from .svg import finished
from .view import View, is_constant
from .words import Axes


def page(view: View, svg: str | None = None) -> str:
    """The page as HTML text; without an SVG of the view, the boxes are laid out in rows."""
    import json
    import re
    from pathlib import Path

    template = joined(Path(__file__).parent / "page" / "explorer.html")
    head, rest = template.split("<!-- the picture -->")
    middle, tail = rest.split("/* the data */")
    picture = opened.trimmed(svg or rows.picture(view))
    found = json.dumps(data(view, picture, in_rows=svg is None), separators=(",", ":"))
    # `<` is escaped where markup could begin or end, so that no name closes the <script> element.
    found = re.sub("<(?=[/!sS?])", r"\\u003c", found)
    return head + picture + middle + found + tail


def data(view: View, svg: str, in_rows: bool) -> Json:
    """The data of the page: lists that refer to each other by index.

    arrays   a `summary` of each array
    words    lists of words, which name the rows or the columns of tensors
    tensors  name, kind, array of the value and of the gradient, box, the step that made it, and,
             where there are words, for each axis the index of its list of words or None
    steps    each call, in order of birth, as an equation, with its inputs (tensors, or numbers as
             text), its output, and the gradients that it passes back: the index of the input, the
             array; if several add up in a box with numbers, also the sum so far, as texts
    turn     the number of steps before a recorded backward pass begins
    title    the names of what is drawn
    notes    sentences on what the drawing does not show
    boxes, groups  those of the drawing; groups also has modules that can be opened in the page
    layouts  the drawing with its modules open down to each depth (see `opened.layouts`)
    places, ops    lines of the model's source, and the source of the ops
    """
    views = opened.views(view)
    scene, steps = view.scene, _Steps(view, views)
    tensors = [steps.tensor(node) for node in scene.values]
    calls = [steps.step(node) for node in scene.made]
    render = rows.picture if in_rows else _laid_out
    layouts, groups = opened.layouts(view, svg, views, steps.uses, render)
    return {
        "levels": LEVELS,
        "arrays": steps.arrays.items,
        "words": steps.words.items,
        "tensors": tensors + steps.constants,
        "steps": calls,
        "turn": sum(not scene.is_backward(node) for node in scene.made),
        "title": view.title,
        "notes": [note for note in (view.scene.note, view.folded) if note],
        "boxes": opened.boxes(view, {group: i for i, group in enumerate(view.groups())}),
        "groups": groups,
        "layouts": layouts,
        "places": steps.places.items,
        "ops": steps.ops.items,
    }


def _laid_out(view: View) -> str:
    return finished(lay_out(to_dot(view), "svg").decode())


class _Steps:
    """The tensors and the calls of a graph, and what they refer to."""

    def __init__(self, view: View, views: Sequence[View]) -> None:
        self.scene = view.scene
        self.at = {node: i for i, node in enumerate(self.scene.values)}
        self.made = {node: i for i, node in enumerate(self.scene.made)}
        self.homes = opened.Homes(view)
        # The tensors whose numbers are in a box of their own.
        found = [box.nodes for other in views for box in other.boxes if box.kind == "tensor"]
        self.boxed = {nodes[0] for nodes in found if len(nodes) == 1}
        self.constants: list[Json] = []  # listed after the tensors
        self.uses: list[Use] = []  # those of the constants
        self.arrays, self.places, self.ops = _Distinct(), _Distinct(), _Distinct()
        self.words = _Distinct()
        self.sources = Sources()
        self.backs: dict[Node, list[tuple[int, int]]] = {}
        self.sums: dict[Node, dict[int, list[str]]] = {}
        self.go_back()

    def tensor(self, node: Node) -> Json:
        """A tensor; entries that it does not have are left out."""
        grad, words = self.scene.gradients.get(node), self.scene.words.get(node, ())
        entries: Json = {
            "name": self.scene.names.get(node),
            "kind": self.scene.kind(node),
            "value": self.array(self.scene.values[node], words),
            "grad": None if grad is None else self.array(grad, words),
            "words": [part and self.words.index(list(part)) for part in words] or None,
            "differs": node in self.scene.differing or None,
            "box": self.homes.holders.get(node),
            "made": self.made.get(node),
        }
        if node in self.boxed:
            entries["texts"] = labels.cells(self.scene.values[node]) if node.call else None
            entries["back"] = None if grad is None else labels.cells(grad)
        return {key: entry for key, entry in entries.items() if entry is not None}

    def step(self, node: Node) -> Json:
        """The call that made a node."""
        call, place = call_of(node), place_of(node)
        found: Json = {
            "op": self.ops.index(self.sources.op(call.op)),
            "text": labels.plain(labels.op(call)),
            "equation": printable(equation(node, self.scene), 2 * LONG),
            "scope": printable(path(place.scope, self.scene.names), 2 * LONG),
            "box": self.homes.makers[node],
            "inputs": [self.input(node, j) for j in range(len(call.inputs))],
            "out": self.at[node],
            "place": self.places.index(self.sources.excerpt(place)),
            "back": self.backs.get(node, []),
        }
        return found | ({"sums": self.sums[node]} if node in self.sums else {})

    def input(self, node: Node, j: int) -> int | str:
        """The index of an input among the tensors and constants; a number as text."""
        x = call_of(node).inputs[j]
        if isinstance(x, Node):
            return self.at[x]
        if not is_constant(x):
            return labels.digits(x)
        box = self.homes.end((node, j))
        self.uses.append((node, j))
        self.constants.append({"kind": "constant", "value": self.array(x), "box": box})
        return len(self.scene.values) + len(self.constants) - 1

    def go_back(self) -> None:
        """Note what each call passes back, from the last to the first, and how it adds up."""
        scene = self.scene
        parts = Counter(call_of(node).inputs[j] for node, j in scene.norms)
        sums = {x: np.ones_like(scene.values[x]) for x in scene.outputs if parts[x]}
        for node in reversed(scene.made if scene.norms else []):
            if node not in scene.gradients:
                continue
            with no_grad(), np.errstate(all="ignore"):
                handed = list(handed_back(node, scene.gradients[node], scene.values))
            for j, g in handed:
                if (node, j) not in scene.norms:
                    continue
                x = call_of(node).inputs[j]
                index = self.array(g, scene.words.get(x, ()))
                self.backs.setdefault(node, []).append((j, index))
                if x in self.boxed and (parts[x] > 1 or x in sums or x in scene.differing):
                    with np.errstate(all="ignore"):
                        sums[x] = sums[x] + g if x in sums else g
                    self.sums.setdefault(node, {})[j] = labels.cells(sums[x])

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

"""The explorer: one page, for a browser without a network, that steps forward and back again.

The page is a template, explorer.html, into which two things are put: the picture, as SVG, and what
it tells about each box and each step, as JSON.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from functools import cache
from typing import Any

import numpy as np

from ..dtypes import Array
from ..grad_mode import no_grad
from ..graph import Node
from ..place import Scope, line_of
from . import labels, rows
from .flow import handed_back
from .view import Box, Group, View, is_array, kind

NUMBERS = 64  # up to so many numbers a tensor is shown in full, else as a heat map
CELLS, STRIP = 16, 64  # the sides of a heat map at most; the length of a vector's
# The colours of a heat map: from the most negative over 0, in the middle, to the most positive.
LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
BAD = "!"  # a cell in which something is not finite


def page(
    svg: str | None,
    view: View,
    outputs: Set[Node],
    values: Mapping[Node, Array],
    names: Mapping[Any, str],
    grads: Mapping[Node, Array],
    norms: Mapping[tuple[Node, int], float],
    beside: Mapping[Node, Node],
) -> str:
    """The page as HTML text; without an SVG of the graph the boxes stand in rows.

    values  of all tensors, oldest first; beside: their gradients, where those are drawn too
    """
    import json
    from pathlib import Path

    template = Path(__file__).with_name("explorer.html").read_text("utf-8")
    head, rest = template.split("<!-- the picture -->")
    middle, tail = rest.split("/* the data */")
    svg = svg or rows.picture(view, outputs, names, grads, norms)
    found = data(view, outputs, values, names, grads, norms, beside)
    told = json.dumps(found, separators=(",", ":"))
    # Nothing that a user named can end the script it stands in.
    return head + svg[svg.index("<svg") :] + middle + told.replace("<", "\\u003c") + tail


def data(
    view: View,
    outputs: Set[Node],
    values: Mapping[Node, Array],
    names: Mapping[Any, str],
    grads: Mapping[Node, Array],
    norms: Mapping[tuple[Node, int], float],
    beside: Mapping[Node, Node],
) -> dict[str, Any]:
    """What the page tells, as lists that refer to each other by place.

    arrays   what can be seen of each array: `summary`
    tensors  name, kind, array of the value and of the gradient, box, and the step that made it
    steps    each call, in order of birth, with its inputs (tensors, or numbers as text), its
             output, and the gradients that it hands back
    turn     how many steps there are before a recorded backward pass begins
    boxes, groups  of the drawing; places, ops  lines of the model's source, and of the ops'
    """
    steps = _Steps(view, values, names, grads, norms)
    tensors = [steps.tensor(node, kind(node, outputs)) for node in values]
    told = [steps.step(node) for node in values if node.call]
    back = min((gradient.birth for gradient in beside.values()), default=math.inf)
    groups = {group: i for i, group in enumerate(view.groups())}
    # In the order in which a reader comes by them: what an op makes is behind it.
    boxes = sorted(view.boxes, key=lambda box: (box.age, box.kind == "tensor"))
    return {
        "levels": LEVELS,
        "arrays": steps.arrays.items,
        "tensors": tensors + steps.constants,
        "steps": told,
        "turn": sum(node.birth < back for node in steps.made),
        "boxes": {box.id: _box(box, outputs, groups) for box in boxes},
        "groups": [_group(group, groups) for group in groups],
        "places": steps.places.items,
        "ops": steps.ops.items,
    }


class _Steps:
    """The tensors and the calls of a graph, and what they refer to."""

    def __init__(
        self,
        view: View,
        values: Mapping[Node, Array],
        names: Mapping[Any, str],
        grads: Mapping[Node, Array],
        norms: Mapping[tuple[Node, int], float],
    ) -> None:
        self.values, self.names, self.grads, self.norms = values, names, grads, norms
        self.at = {node: i for i, node in enumerate(values)}
        self.made = {node: i for i, node in enumerate(node for node in values if node.call)}
        self.makers: dict[Node, str] = {}  # the box of the op, or of the module that it is in
        self.holders: dict[Node, str] = {}  # the tensor's own box
        self.ends: dict[Any, str] = {}  # the box of a constant, by its use
        for box in view.boxes:
            boxes = self.holders if box.kind == "tensor" else self.makers
            boxes |= dict.fromkeys(box.nodes, box.id)
            self.holders |= dict.fromkeys(box.parameters, box.id)
        for arrow in view.arrows:
            if arrow.tail.kind == "constant":
                self.ends |= dict.fromkeys(arrow.uses, arrow.tail.id)
        self.constants: list[dict[str, Any]] = []  # told behind the tensors
        self.arrays, self.places, self.ops = _Once(), _Once(), _Once()
        self.source, self.place = cache(source), cache(place)

    def tensor(self, node: Node, kind: str) -> dict[str, Any]:
        """A tensor; what it does not have is left out."""
        grad = self.grads.get(node)
        told = {
            "name": self.names.get(node),
            "kind": kind,
            "value": self.array(self.values[node]),
            "grad": None if grad is None else self.array(grad),
            "box": self.holders.get(node),
            "made": self.made.get(node),
        }
        return {key: of for key, of in told.items() if of is not None}

    def step(self, node: Node) -> dict[str, Any]:
        """The call that made a node."""
        call: Any = node.call
        (_, code, _), line = call.place, line_of(call.place)
        return {
            "op": self.ops.at(self.source(call.op)),
            "text": labels.plain(labels.op(call)),
            "scope": path(call.place[0], self.names),
            "box": self.makers[node],
            "inputs": [self.input(node, j) for j in range(len(call.inputs))],
            "out": self.at[node],
            "place": self.places.at(self.place(code.co_filename, line, code.co_name)),
            "back": self.back(node),
        }

    def input(self, node: Node, j: int) -> int | str:
        """Which tensor an input is; a number as text."""
        call: Any = node.call
        x = call.inputs[j]
        if isinstance(x, Node):
            return self.at[x]
        if not is_array(x):
            return labels.digits(x)
        box = self.ends.get((node, j), self.makers[node])
        self.constants.append({"kind": "constant", "value": self.array(x), "box": box})
        return len(self.values) + len(self.constants) - 1

    def back(self, node: Node) -> list[tuple[int, int]]:
        """The gradients that a call hands back: to which input, which array."""
        if not self.norms or node not in self.grads:
            return []
        with no_grad(), np.errstate(all="ignore"):
            found = list(handed_back(node, self.grads[node]))
        return [(j, self.array(g)) for j, g in found if (node, j) in self.norms]

    def array(self, array: Array) -> int:
        """Where the summary of an array is told."""
        return self.arrays.at(summary(array))


def summary(array: Array) -> dict[str, Any]:
    """What can be seen of an array: its numbers, or where they are many a heat map; statistics."""
    told: dict[str, Any] = {"shape": list(array.shape), "dtype": str(array.dtype)}
    if array.size <= NUMBERS:
        told["numbers"] = " ".join(map(labels.digits, array.ravel().tolist()))
    else:
        told |= heat_map(array)
    if array.size > 1:
        told["stats"] = statistics(array)
    return told


def heat_map(array: Array) -> dict[str, Any]:
    """An array as rows of colours, each the mean of what lies under it; `scale`: the last one."""
    seen = array.reshape(-1, array.shape[-1]).astype(float)
    most = (CELLS, CELLS if len(seen) > 1 else STRIP)
    with np.errstate(all="ignore"):
        for dim, size in enumerate(seen.shape):
            starts = np.unique(np.arange(most[dim]) * size // most[dim])
            counts = np.diff([*starts, size])
            seen = np.add.reduceat(seen, starts, axis=dim)
            seen = seen / (counts[:, None] if dim == 0 else counts)
    finite = np.isfinite(seen)
    scale = float(np.max(np.abs(seen), where=finite, initial=0))
    middle = len(LEVELS) // 2
    levels = np.rint(np.where(finite, seen, 0) / (scale or 1) * middle).astype(int) + middle
    cells = np.where(finite, np.array(list(LEVELS))[levels], BAD)
    drawn = "".join(cells.ravel().tolist())
    return {"map": drawn, "rows": len(seen), "scale": labels.digits(scale)}


def statistics(array: Array) -> dict[str, str]:
    """Mean, spread (the standard deviation), smallest, largest, share of zeros; of finite numbers.

    How many are not a number, and how many infinite, is told where there are any.
    """
    numbers = array.astype(float).ravel()
    finite = numbers[np.isfinite(numbers)]
    told: dict[str, str] = {}
    if finite.size:
        with np.errstate(all="ignore"):
            found = (finite.mean(), finite.std(), finite.min(), finite.max())
        told = dict(zip(("mean", "spread", "min", "max"), map(labels.digits, found), strict=True))
        told["zeros"] = f"{np.mean(finite == 0):.0%}"
    nan = int(np.isnan(numbers).sum())
    infinite = numbers.size - finite.size - nan
    return told | ({"nan": str(nan)} if nan else {}) | ({"inf": str(infinite)} if infinite else {})


def source(op: Any) -> dict[str, str]:
    """An op's name, and the source of its forward and of its rule, where they can be had."""
    import inspect

    told = {"name": op.__name__}
    for part in ("forward", "rule"):
        try:
            told[part] = inspect.getsource(getattr(op, part)).rstrip()
        except (OSError, TypeError):  # typed at the prompt, or not written in Python
            told[part] = ""
    return told


def place(file: str, line: int, function: str) -> dict[str, Any]:
    """The line that made a call, and those around it; of the path only the file and its folder."""
    import linecache
    from pathlib import PurePath
    from textwrap import dedent

    pure = PurePath(file)
    short = "/".join([part for part in pure.parts if part != pure.anchor][-2:])
    first = max(line - 1, 1)
    linecache.checkcache(file)  # a file may have been changed since
    around = [linecache.getline(file, i) or "\n" for i in range(first, line + 2)]
    lines = dedent("".join(around)).splitlines()
    told = {"file": short, "line": line, "function": function}
    return told | ({"first": first, "lines": lines} if any(lines) else {})


def path(scope: Scope | None, names: Mapping[Any, str]) -> str:
    """The modules that an op was called in; one that has a name stands for those around it."""
    parts: list[str] = []
    while scope is not None:
        name = names.get(scope.module)
        parts.insert(0, name or type(scope.module).__name__)
        scope = None if name else scope.outer
    return " › ".join(parts)


def _box(box: Box, outputs: Set[Node], groups: Mapping[Group, int]) -> dict[str, Any]:
    """A box of the drawing: what it is, and in which open module; a folded one has its own name."""
    tensor = box.kind == "tensor"
    told: dict[str, Any] = {"kind": kind(box.nodes[0], outputs) if tensor else box.kind}
    if box.group:
        told["group"] = groups[box.group]
    return told | (_named(box.inside) if box.inside else {})


def _group(group: Group, groups: Mapping[Group, int]) -> dict[str, Any]:
    return _named(group) | ({"outer": groups[group.outer]} if group.outer else {})


def _named(group: Group) -> dict[str, Any]:
    return {"name": group.name, "class": type(group.module).__name__, "calls": len(group.calls)}


class _Once:
    """A list in which what is equal stands once."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._places: dict[str, int] = {}

    def at(self, item: dict[str, Any]) -> int:
        """The place of an item, which is added if it is new."""
        place = self._places.setdefault(repr(item), len(self.items))
        if place == len(self.items):
            self.items.append(item)
        return place

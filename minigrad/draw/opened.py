"""The layouts of an explorer page: the drawing with its modules open down to each depth.

The page shows one of them. When a module is opened or folded, its boxes move to their places in
another: each box has the same id in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from ..graph import Node
from ..text import printable
from .arrays import Json
from .flow import Use
from .scene import LONG, Scene
from .groups import Group
from .view import Box, View

MOST = 300  # boxes; layouts with more are left out, unless the drawing itself has as many

NODE = re.compile(r'<g class="node">\s*<title>(.*?)</title>(.*?)</g>\n?', re.S)
PLACE = re.compile(r'(?:points="|d="M| x=")(-?[\d.]+)(?:,|" y=")(-?[\d.]+)')
NEEDLESS = re.compile(
    r'<!--[^>]*-->\n?| (?:id|font-family|text-decoration|lengthAdjust|xml:space)="[^"]*"'
    r'| text-anchor="start"'
)
LINE = re.compile(r' (?:d|points)="[^"]*"')


class Homes:
    """The boxes of a view, by the tensors and the calls that are in them."""

    def __init__(self, view: View) -> None:
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

    def end(self, use: Use) -> str:
        """The box of a constant that a call takes."""
        return self.ends.get(use, self.makers[use[0]])


def trimmed(svg: str) -> str:
    """A picture as SVG without what a page does not need: comments, ids, fonts, far decimals."""
    svg = NEEDLESS.sub("", svg[svg.index("<svg") :])
    return LINE.sub(lambda line: re.sub(r"(\.\d)\d+", r"\1", line[0]), svg)


def views(view: View) -> list[View]:
    """The view, and others of its graph: open down to each depth, from all folded to all open."""
    found = []
    for depth in range(view.deepest + 1):
        other = view if depth == min(view.depth, view.deepest) else view.opened(depth)
        if depth > view.depth and len(other.boxes) > max(MOST, len(view.boxes)):
            break
        found.append(other)
    return found


def layouts(
    view: View,
    svg: str,
    views: Sequence[View],
    constants: Sequence[Use],
    render: Callable[[View], str],
) -> tuple[list[Json], list[Json]]:
    """The layouts of a view, from all modules folded to all open; and the modules.

    Each has its depth, and `open`: the modules that are open in it. The others than `view` have

    svg      the picture, without the boxes that an earlier layout has, too
    shift    for these, by how much they are elsewhere
    boxes, steps, tensors  the boxes; the box of each step, and of each tensor and constant

    svg        the picture of the view; views: those to lay out
    constants  the uses of the constants, in the order in which the data list them
    render     makes the picture of another view; may raise RuntimeError
    """
    groups: dict[Group, int] = {}
    folded: dict[Group, str] = {}
    places = {id: _place(body) for id, body in NODE.findall(svg)}
    made: list[Json] = []
    for other in [view, *(other for other in views if other is not view)]:
        found: Json = {"depth": other.depth}
        if other is not view:
            try:
                picture = trimmed(render(other))
            except RuntimeError:  # it took too long
                continue
            shift: dict[str, tuple[float, float]] = {}
            rest = NODE.sub(_known(places, shift), picture)
            found |= {"svg": rest.replace('"', "'"), "shift": shift}
        for group in other.groups():
            groups.setdefault(group, len(groups))
        folded |= {box.inside: box.id for box in other.boxes if box.inside}
        found["open"] = [groups[group] for group in other.groups()]
        made.append(found if other is view else found | _homes(other, constants, groups))
    made = sorted(made, key=lambda layout: int(layout["depth"]))
    return made, [_group(group, groups, folded.get(group)) for group in groups]


def _known(
    places: dict[str, tuple[str, float, float]], shift: dict[str, tuple[float, float]]
) -> Callable[[re.Match[str]], str]:
    """A replacement that takes the boxes that are known out of a picture, and notes their shift."""

    def replaced(found: re.Match[str]) -> str:
        id, body = found[1], found[2]
        look, x, y = _place(body)
        if id in places and places[id][0] == look:
            shift[id] = (round(x - places[id][1], 1), round(y - places[id][2], 1))
            return ""
        places.setdefault(id, (look, x, y))
        return found[0]

    return replaced


def _place(body: str) -> tuple[str, float, float]:
    """The words in a box, and the first point of its outline."""
    found = PLACE.search(body)
    x, y = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    return "|".join(re.findall(r">([^<>]*)</text>", body)), x, y


def _homes(view: View, constants: Sequence[Use], groups: Mapping[Group, int]) -> Json:
    homes, scene = Homes(view), view.scene
    tensors = [homes.holders.get(node) for node in scene.values]
    return {
        "boxes": boxes(view, groups),
        "steps": [homes.makers[node] for node in scene.made],
        "tensors": tensors + [homes.end(use) for use in constants],
    }


def boxes(view: View, groups: Mapping[Group, int]) -> dict[str, Json]:
    """The boxes of a view by id, in reading order: an op before its result."""
    ordered = sorted(view.boxes, key=lambda box: (box.age, box.kind == "tensor"))
    return {box.id: _box(box, view.scene, groups) for box in ordered}


def _box(box: Box, scene: Scene, groups: Mapping[Group, int]) -> Json:
    """A box of the drawing: its kind, and the open module it is in; for a folded one, its name."""
    found: Json = {"kind": scene.kind(box.nodes[0]) if box.kind == "tensor" else box.kind}
    if box.group:
        found["group"] = groups[box.group]
    return found | (_named(box.inside) if box.inside else {})


def _group(group: Group, groups: Mapping[Group, int], box: str | None) -> Json:
    """A module: its name, the module around it, and the box that it has when it is folded."""
    found = _named(group) | ({"outer": groups[group.outer]} if group.outer else {})
    return found | ({"box": box} if box else {})


def _named(group: Group) -> Json:
    kind = printable(type(group.module).__name__, LONG)
    return {"name": group.name, "class": kind, "calls": len(group.calls)}

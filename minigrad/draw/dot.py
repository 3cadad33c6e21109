"""The view of a graph as DOT text: boxes for tensors and modules, pills for ops, and arrows.

Arrows point the way the values went; after `backward`, an arrow is wider and darker the larger the
gradient that came back along it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from . import labels
from .flow import call_of
from .labels import FONTS
from .scale import Scale
from .scene import Scene
from .groups import Group
from .view import Arrow, Box, View

if TYPE_CHECKING:
    import graphviz

# With more boxes or arrows than this, dot would take minutes to lead curves around labels and to
# find the best place for each box: then arrows are straight and have no labels.
CROWDED, TANGLED = 80, 160
QUICK = {"splines": "line", "nslimit": "0.1", "nslimit1": "0.1", "searchsize": "1"}
FLAT = 4  # graphs of up to this many ops run from left to right, larger ones downwards

GRAPH = {
    "bgcolor": "white",
    "pad": "0.2",
    "newrank": "true",
    "ordering": "in",
    "nodesep": "0.2",
    "ranksep": "0.25",
}
NODE = {"fontname": FONTS, "fontsize": "12", "shape": "box", "margin": "0.06,0.02", "height": "0.3"}
EDGE = {"color": "#64748b", "arrowsize": "0.6", "fontname": FONTS}

# Boxes that differ in fill differ in outline too: for grey print and colour-blind readers.
ROUND, SQUARE = {"style": "rounded,filled"}, {"style": "filled"}
PARAMETER = ROUND | {"fillcolor": "#fde3b8", "color": "#b45309", "penwidth": "2.5"}
LEAF = ROUND | {"fillcolor": "#fef6e4", "color": "#b45309"}
RESULT = ROUND | {"fillcolor": "white", "color": "#64748b"}
OUTPUT = ROUND | {"fillcolor": "#d6ebfa", "color": "#0369a1", "peripheries": "2"}
DATA = SQUARE | {"fillcolor": "#f1f5f9", "color": "#64748b"}
TENSORS = {"parameter": PARAMETER, "leaf": LEAF, "result": RESULT, "output": OUTPUT, "data": DATA}
CONSTANT = {"style": "filled,dotted", "fillcolor": "white", "color": "#64748b"}
OP = ROUND | {"fillcolor": "#334155", "color": "#334155", "fontcolor": "white"}
FOLDED = ROUND | {"fillcolor": "#e0e7ff", "color": "#4338ca", "peripheries": "2"}
OPEN = ROUND | {"fillcolor": "#64748b0d", "color": "#94a3b8"}
OPEN |= {"fontname": FONTS, "fontsize": "12", "labeljust": "l", "labelloc": "t", "margin": "8"}


def to_dot(view: View) -> str:
    """The DOT text. Boxes are numbered by age: the same program gives the same text."""
    import graphviz  # here, so that `import minigrad` does not need it

    scene, scale = view.scene, Scale(view)
    crowded = not view.plain and (len(view.boxes) > CROWDED or len(view.arrows) > TANGLED)
    flat = view.plain and len(scene.made) <= FLAT
    look = GRAPH | {"rankdir": "LR" if flat else "TB"}
    caption = labels.caption(view.note, scale.legend())
    if caption:
        look |= {"label": caption, "labelloc": "b", "labeljust": "l", "fontname": FONTS}
    look |= QUICK if crowded else {}
    graph = graphviz.Digraph(graph_attr=look, node_attr=NODE, edge_attr=EDGE)
    _add_boxes(graph, view)
    graph.body += _ranks(view)
    graph.body += [
        f"\t{tail.id} -> {head.id} [style=invis weight=0]\n" for tail, head in order(view)
    ]
    for arrow in view.arrows:
        look = {} if view.plain or crowded else labels.along(arrow)
        tail, head, direction = _ends(arrow, scene)
        graph.edge(tail, head, **look, **scale.look(arrow), **direction)
    return str(graph.source)


def _add_boxes(graph: graphviz.Digraph, view: View) -> None:
    """Add the boxes, in clusters for the open modules."""
    import graphviz

    clusters: dict[Group | None, graphviz.Digraph] = {None: graph}
    groups = view.groups()
    for i, group in enumerate(groups):
        clusters[group] = graphviz.Digraph(name=f"cluster_{i}", graph_attr=OPEN)
        clusters[group].attr(label=labels.title(group))
    for box in view.boxes:
        clusters[box.group].node(box.id, **_look(box, view.scene))
    for group in reversed(groups):
        clusters[group.outer].subgraph(clusters[group])


def _ranks(view: View) -> Iterator[str]:
    """Lines that put each tensor and its recorded gradient side by side."""
    ids = {node: box.id for box in view.boxes if box.kind == "tensor" for node in box.nodes}
    for node, gradient in view.scene.recorded.items():
        if node in ids and gradient in ids:
            yield f"\t{{ rank=same {ids[node]} {ids[gradient]} }}\n"


def order(view: View) -> Iterator[tuple[Box, Box]]:
    """Pairs of boxes to be drawn one below the other, so that the picture is not too wide.

    If a module is computed from another one, what it does by itself (as to embed its own words) is
    not drawn beside that one, but below it.
    """
    heads: dict[Box, set[Box]] = defaultdict(set)
    for arrow in view.arrows:
        if not _ends(arrow, view.scene)[2]:
            heads[arrow.tail].add(arrow.head)
    inside: dict[Group, set[Box]] = {group: set() for group in view.groups()}
    for box in view.boxes:
        for group in box.group.path if box.group else []:
            inside[group].add(box)
    after = {group: _reached(boxes, heads) for group, boxes in inside.items()}

    def follows(group: Group, other: Group) -> bool:
        return (
            group.outer is other.outer
            and not after[other].isdisjoint(inside[group])
            and after[group].isdisjoint(inside[other])
        )

    for group, boxes in inside.items():
        before = [other for other in inside if follows(group, other)]
        for other in before:
            if any(follows(between, other) for between in before):  # then it follows indirectly
                continue
            ends = [
                box for box in view.boxes if box in inside[other] if not heads[box] & inside[other]
            ]
            later = {head for box in boxes for head in heads[box]}
            yield from ((end, box) for end in ends for box in view.boxes if box in boxes - later)


def _reached(boxes: Iterable[Box], heads: Mapping[Box, set[Box]]) -> set[Box]:
    """All boxes that arrows lead to from some boxes."""
    found: set[Box] = set()
    waiting = list(boxes)
    while waiting:
        new = heads.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def _ends(arrow: Arrow, scene: Scene) -> tuple[str, str, dict[str, str]]:
    """The ids at both ends, and how dot treats the arrow: a recorded backward pass runs upwards."""
    tail, head = arrow.tail, arrow.head
    if not scene.is_backward(head.nodes[0]):
        return tail.id, head.id, {}
    if tail.kind != "constant" and not scene.is_backward(tail.nodes[0]):
        # A forward value that a rule uses must not affect the layout.
        return tail.id, head.id, {"constraint": "false"}
    return head.id, tail.id, {"dir": "back"}


def _look(box: Box, scene: Scene) -> dict[str, str]:
    """The label of a box, and its colours and lines."""
    if box.arrays:
        return {"label": labels.tensor(box.arrays[0], times=len(box.arrays))} | CONSTANT
    node, times = box.nodes[0], len(box.nodes)
    if box.kind == "module":
        return {"label": labels.module(box, scene)} | FOLDED
    if box.kind == "op":
        return {"label": labels.op(call_of(node), times)} | OP
    kind, name, grad = scene.kind(node), scene.names.get(node, ""), scene.gradients.get(node)
    label = labels.tensor(scene.values[node], name, grad, kind == "parameter", times)
    return {"label": label} | TENSORS[kind]

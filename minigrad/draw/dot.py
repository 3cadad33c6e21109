"""The view of a graph as DOT text: boxes for tensors and modules, pills for ops, and arrows.

Arrows point the way the values went; after `backward`, an arrow is wider and darker the larger the
gradient that came back along it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import labels, worded
from .flow import call_of
from .labels import FONTS
from .scale import Scale
from .scene import Scene
from .stacked import stacked
from .groups import Group
from .view import Arrow, Box, View

if TYPE_CHECKING:
    import graphviz

# With more boxes or arrows than this, arrows have no labels: to make room for them takes minutes.
# With more than MANY, boxes are ranked module by module, and not all together (NEAT).
CROWDED, TANGLED, MANY = 80, 160, 400
QUICK = {"nslimit": "0.1", "nslimit1": "0.1", "searchsize": "1"}
NEAT = {"newrank": "true"}
FLAT = 4  # graphs of up to this many ops run from left to right, larger ones downwards

GRAPH = {"bgcolor": "white", "pad": "0.2", "ordering": "in", "nodesep": "0.2", "ranksep": "0.25"}
GRAPH |= {"outputorder": "edgesfirst"}  # no arrow runs over the text in a box
NODE = {"fontname": FONTS, "fontsize": "12", "shape": "box", "margin": "0.06,0.02", "height": "0.3"}
EDGE = {"color": "#64748b", "arrowsize": "0.6", "fontname": FONTS}

# Boxes that differ in fill differ in outline too: for grey print and colour-blind readers.
ROUND, SQUARE = {"style": "rounded,filled"}, {"style": "filled"}
PARAMETER = ROUND | {"fillcolor": "#fde3b8", "color": "#b45309", "penwidth": "2.5"}
LEAF = ROUND | {"fillcolor": "#fef6e4", "color": "#b45309"}
RESULT = ROUND | {"fillcolor": "white", "color": "#64748b"}
OUTPUT = ROUND | {"fillcolor": "#d6ebfa", "color": "#0369a1", "peripheries": "2"}
DATA = SQUARE | {"fillcolor": "#f1f5f9", "color": "#64748b"}
CONSTANT = {"style": "filled,dotted", "fillcolor": "white", "color": "#64748b"}
OP = ROUND | {"fillcolor": "#334155", "color": "#334155", "fontcolor": "white"}
FOLDED = ROUND | {"fillcolor": "#e0e7ff", "color": "#4338ca", "peripheries": "2"}
LOOKS = {
    "parameter": PARAMETER, "leaf": LEAF, "data": DATA, "constant": CONSTANT, "op": OP,
    "module": FOLDED, "result": RESULT, "output": OUTPUT,
}  # fmt: skip
KEY = {kind: kind for kind in LOOKS} | {"module": "folded module"}
OPEN = ROUND | {"fillcolor": "#64748b0d", "color": "#94a3b8"}
OPEN |= {"fontname": FONTS, "fontsize": "12", "labeljust": "l", "labelloc": "t", "margin": "8"}


def to_dot(view: View) -> str:
    """The DOT text. Boxes are numbered by age: the same program gives the same text."""
    import graphviz  # here, so that `import minigrad` does not need it

    scene, scale = view.scene, Scale(view)
    crowded = not view.plain and (len(view.boxes) > CROWDED or len(view.arrows) > TANGLED)
    flat = view.plain and len(scene.made) <= FLAT
    look = GRAPH | {"rankdir": "LR" if flat else "TB"}
    caption = labels.caption(view.note, scale.legend(), _key(view, scale))
    if caption:
        look |= {"label": caption, "labelloc": "b", "labeljust": "l", "fontname": FONTS}
    look |= QUICK if crowded else {}
    look |= NEAT if (neat := len(view.arrows) <= MANY) else {}
    graph = graphviz.Digraph(graph_attr=look, node_attr=NODE, edge_attr=EDGE)
    _add_boxes(graph, view)
    graph.body += [*_ranks(view), *_below(view)] if neat else []
    for arrow in view.arrows:
        look = {} if view.plain or crowded else labels.along(arrow)
        tail, head, direction = _ends(arrow, scene)
        graph.edge(tail, head, **look, **scale.look(arrow), **direction)
    return str(graph.source)


def _key(view: View, scale: Scale) -> str:
    """The meaning of the boxes' looks, as a table for Graphviz; empty for a single box."""
    if len(view.boxes) < 2:
        return ""
    kinds = {_kind(box, view.scene): None for box in view.boxes}
    cells = []
    for name in (name for name in KEY if name in kinds):
        look, rounded = LOOKS[name], "rounded" in LOOKS[name]["style"]
        style = "ROUNDED" if rounded else "DOTTED" if "dotted" in look["style"] else "SOLID"
        text = f'<FONT POINT-SIZE="10" COLOR="{look.get("fontcolor", "black")}">{KEY[name]}</FONT>'
        cells.append(
            f'<TD BORDER="{2 if name == "parameter" else 1}" COLOR="{look["color"]}" '
            f'BGCOLOR="{look["fillcolor"]}" STYLE="{style}">{text}</TD>'
        )
    rolled = any(len(box.nodes) > 1 for box in view.boxes if box.kind == "op")
    said = (["×n: so many steps of a loop"] if rolled else []) + scale.styles()
    cells += [f"<TD>{labels.quiet(text)}</TD>" for text in said]
    row = f"<TR>{''.join(cells)}</TR>"
    return f'<TABLE BORDER="0" CELLSPACING="4" CELLPADDING="3">{row}</TABLE>'


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


def _below(view: View) -> Iterator[str]:
    """Invisible arrows between modules that are drawn one below the other."""
    arrows = [arrow for arrow in view.arrows if not _ends(arrow, view.scene)[2]]
    for box, below in stacked(view, arrows):
        yield f"\t{box.id} -> {below.id} [style=invis weight=0]\n"


def _ends(arrow: Arrow, scene: Scene) -> tuple[str, str, dict[str, str]]:
    """The ids at both ends, and how dot treats the arrow: a recorded backward pass runs upwards."""
    tail, head = arrow.tail, arrow.head
    if not scene.is_backward(head.nodes[0]):
        return tail.id, head.id, {}
    if tail.kind != "constant" and not scene.is_backward(tail.nodes[0]):
        # A forward value that a rule uses must not affect the layout.
        return tail.id, head.id, {"constraint": "false"}
    return head.id, tail.id, {"dir": "back"}


def _kind(box: Box, scene: Scene) -> str:
    """The kind of a box: that of its tensor, or op, constant or module."""
    return scene.kind(box.nodes[0]) if box.kind == "tensor" else box.kind


def _look(box: Box, scene: Scene) -> dict[str, str]:
    """The label of a box, and its colours and lines."""
    return {"label": _label(box, scene)} | LOOKS[_kind(box, scene)]


def _label(box: Box, scene: Scene) -> str:
    if box.arrays:
        return labels.tensor(box.arrays[0], times=len(box.arrays))
    node, times = box.nodes[0], len(box.nodes)
    if box.kind == "module":
        return labels.module(box, scene)
    if box.kind == "op":
        return labels.op(call_of(node), times)
    bold, name = scene.kind(node) == "parameter", scene.names.get(node, "")
    value, grad, words = scene.values[node], scene.gradients.get(node), scene.words.get(node)
    body = worded.table(value, grad, words) if words and value.size else ""
    return labels.tensor(value, name, grad, bold, times, body)

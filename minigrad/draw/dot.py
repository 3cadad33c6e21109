"""The view of a graph as DOT text: boxes for tensors and modules, pills for ops, and arrows.

The arrows point the way the values went; after `backward` they are as wide and dark as the gradient
that came back along them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Set
from typing import Any

import numpy as np

from ..dtypes import Array
from ..graph import Node
from . import labels
from .flow import norm
from .view import Arrow, Box, Group, View, kind

# Above so many boxes of a larger graph dot takes minutes to lead curves around labels, and to find
# the best place for each box: then the arrows are straight and have no shapes beside them.
CROWDED = 80
QUICK = {"splines": "line", "nslimit": "0.1", "nslimit1": "0.1", "searchsize": "1"}
FLAT = 4  # up to so many ops the graph runs from left to right, which fits a page, else downwards
FONTS = "Helvetica,Arial,Noto Sans KR,Apple SD Gothic Neo,Malgun Gothic,sans-serif"

GRAPH = {"bgcolor": "white", "pad": "0.2", "ordering": "in", "nodesep": "0.2", "ranksep": "0.25"}
NODE = {"fontname": FONTS, "fontsize": "12", "shape": "box", "margin": "0.06,0.02", "height": "0.3"}
EDGE = {"color": "#64748b", "arrowsize": "0.6", "fontname": FONTS}

# What differs in fill differs in outline too: for grey print, and for colour-blind eyes.
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

# A gradient on its way back, from the smallest in the picture to the largest: wider and darker.
GRADIENT = ("#fdba74", "#f97316", "#c2410c", "#7c2d12", "#431407")
WIDTHS = (1.0, 1.75, 2.5, 3.5, 5.0)


def to_dot(
    view: View,
    outputs: Set[Node],
    names: Mapping[Any, str],
    grads: Mapping[Node, Array],
    norms: Mapping[tuple[Node, int], float],
    flat: bool,
    beside: Mapping[Node, Node],
) -> str:
    """The DOT text. Boxes are numbered by age: the same program gives the same text.

    beside  a tensor that stands next to another one: its gradient
    """
    import graphviz  # here, so that `import minigrad` does not need it

    scale = Scale([size(arrow, norms, grads) for arrow in view.arrows])
    crowded = not view.plain and len(view.boxes) > CROWDED
    look = GRAPH | {"rankdir": "LR" if flat else "TB"} | scale.legend() | (QUICK if crowded else {})
    if beside:  # a gradient, in no module, has the rank of a tensor that is in one
        look["newrank"] = "true"
    graph = graphviz.Digraph(graph_attr=look, node_attr=NODE, edge_attr=EDGE)
    clusters: dict[Group | None, Any] = {None: graph}
    groups = view.groups()
    for i, group in enumerate(groups):
        clusters[group] = graphviz.Digraph(name=f"cluster_{i}", graph_attr=OPEN)
        clusters[group].attr(label=labels.title(group))
    for box in view.boxes:
        clusters[box.group].node(box.id, **_look(box, outputs, names, grads))
    for group in reversed(groups):
        clusters[group.outer].subgraph(clusters[group])
    ids = {node: box.id for box in view.boxes if box.kind == "tensor" for node in box.nodes}
    for node, gradient in beside.items():
        if node in ids and gradient in ids:
            graph.body.append(f"\t{{ rank=same {ids[node]} {ids[gradient]} }}\n")
    back = min((gradient.birth for gradient in beside.values()), default=math.inf)
    for arrow in view.arrows:
        look = {} if view.plain or crowded else labels.along(arrow)
        look |= scale.look(size(arrow, norms, grads))
        graph.edge(*_ends(arrow, back, look), **look)
    return str(graph.source)


def _ends(arrow: Arrow, back: float, look: dict[str, str]) -> tuple[str, str]:
    """From where to where; in a backward pass (born from `back` on) the arrow leads upwards."""
    tail, head = arrow.tail, arrow.head
    if head.arrays or head.nodes[0].birth < back:
        return tail.id, head.id
    if not tail.arrays and tail.nodes[0].birth < back:
        look["constraint"] = "false"  # what is looked up in the forward pass moves nothing
        return tail.id, head.id
    look["dir"] = "back"
    return head.id, tail.id


def size(
    arrow: Arrow, norms: Mapping[tuple[Node, int], float], grads: Mapping[Node, Array]
) -> float | None:
    """The norm of the gradient that comes back along an arrow, of several the largest."""
    found = []
    for x, use in zip(arrow.tensors, arrow.uses, strict=True):
        if use is None and norms and isinstance(x, Node) and x in grads:
            found.append(norm(grads[x]))
        elif use is not None and use in norms:
            found.append(norms[use])
    return max(found, key=lambda norm: (not np.isfinite(norm), norm), default=None)


class Scale:
    """From the norm of a gradient to the look of an arrow, in steps of one power of ten or more.

    The last step begins one step below the largest norm in the picture. Where all norms are in one
    step, no arrow looks different from another.
    """

    def __init__(self, norms: Collection[float | None]) -> None:
        logs = [float(np.log10(norm)) for norm in norms if norm and np.isfinite(norm)]
        self.top = max(logs, default=0.0)
        self.step = max(1, math.ceil((self.top - min(logs, default=0.0)) / len(GRADIENT)))
        self.tells = len({self._number(log) for log in logs}) > 1

    def _number(self, log: float) -> int:
        return max(0, len(GRADIENT) - 1 - int((self.top - log) / self.step))

    def look(self, norm: float | None) -> dict[str, str]:
        """Nothing special where no gradient goes; dotted where it is 0; red if it is not finite."""
        if norm is None:
            return {}
        if not np.isfinite(norm):
            return {"color": labels.ALARM, "penwidth": str(WIDTHS[-1]), "style": "dashed"}
        if norm == 0:
            return {"style": "dotted"}
        number = self._number(float(np.log10(norm)))
        return {"color": GRADIENT[number], "penwidth": str(WIDTHS[number])} if self.tells else {}

    def legend(self) -> dict[str, str]:
        """What width and colour mean, as the label of the whole graph."""
        if not self.tells:
            return {}
        cells = [f"<TD>{labels.quiet('‖gradient‖ along an arrow')}</TD>"]
        for i, color in enumerate(GRADIENT):
            least = 10 ** (self.top - self.step * (len(GRADIENT) - max(i, 1)))
            color_of_text = "white" if i > 1 else "black"
            text = f"{'≥' if i else '&lt;'} {least:.0e}"
            text = f'<FONT COLOR="{color_of_text}" POINT-SIZE="10">{text}</FONT>'
            cells.append(f'<TD BGCOLOR="{color}">{text}</TD>')
        rows = f"<TR>{''.join(cells)}</TR>"
        table = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="4">{rows}</TABLE>'
        return {"label": f"<{table}>", "labelloc": "b", "labeljust": "l", "fontname": FONTS}


def _look(
    box: Box, outputs: Set[Node], names: Mapping[Any, str], grads: Mapping[Node, Array]
) -> dict[str, str]:
    """What a box says, and how it looks."""
    if box.arrays:
        return {"label": labels.tensor(box.arrays[0], times=len(box.arrays))} | CONSTANT
    node, times = box.nodes[0], len(box.nodes)
    if box.kind == "module":
        return {"label": labels.module(box, grads)} | FOLDED
    if box.kind == "op" and node.call:
        return {"label": labels.op(node.call, times)} | OP
    what, name, grad = kind(node, outputs), names.get(node, ""), grads.get(node)
    label = labels.tensor(node.value, name, grad, what == "parameter", times)
    return {"label": label} | TENSORS[what]

"""The graph as DOT text: a box for a tensor, a pill for an op, arrows the way the values went."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from typing import Any

import numpy as np

from ..arrays import Array
from ..autograd import history, sweep
from ..grad_mode import no_grad
from ..graph import Call, Node

FLAT = 4  # up to so many ops the graph runs from left to right, which fits a page, else downwards
SMALL = 12  # up to so many numbers a tensor shows its values, else only its shape
LONG = 24  # a setting is cut after so many characters
FONTS = "Helvetica,Arial,Noto Sans KR,Apple SD Gothic Neo,Malgun Gothic,sans-serif"
QUIET, ALARM = "#475569", "#b91c1c"  # text: shapes and titles; numbers that are not finite

GRAPH = {"bgcolor": "white", "pad": "0.2", "ordering": "in", "nodesep": "0.2", "ranksep": "0.25"}
NODE = {"fontname": FONTS, "fontsize": "12", "shape": "box", "margin": "0.06,0.02", "height": "0.3"}
EDGE = {"color": "#64748b", "arrowsize": "0.6"}

# What differs in fill differs in outline too: for grey print, and for colour-blind eyes.
ROUND, SQUARE = {"style": "rounded,filled"}, {"style": "filled"}
PARAMETER = ROUND | {"fillcolor": "#fde3b8", "color": "#b45309", "penwidth": "2.5"}
LEAF = ROUND | {"fillcolor": "#fef6e4", "color": "#b45309"}
RESULT = ROUND | {"fillcolor": "white", "color": "#64748b"}
OUTPUT = ROUND | {"fillcolor": "#d6ebfa", "color": "#0369a1", "peripheries": "2"}
DATA = SQUARE | {"fillcolor": "#f1f5f9", "color": "#64748b"}
CONSTANT = {"style": "filled,dotted", "fillcolor": "white", "color": "#64748b"}
OP = ROUND | {"fillcolor": "#334155", "color": "#334155", "fontcolor": "white"}


def tensors(outputs: Set[Node]) -> list[Node]:
    """Every tensor that had a part in the outputs, oldest first."""
    nodes = set(outputs)
    for node in history(*outputs):
        nodes.add(node)
        if node.call:
            nodes.update(x for x in node.call.inputs if isinstance(x, Node))
    return sorted(nodes, key=lambda node: node.birth)


def gradients(nodes: Collection[Node], outputs: Set[Node]) -> dict[Node, Array]:
    """The gradient of each tensor, once `backward` has left one; else of none.

    Those in `.grad` are shown as they are. The others are swept once more, from outputs that are
    single numbers.
    """
    kept = {node: node.grad for node in nodes if node.grad is not None}
    if not kept or not set(nodes).isdisjoint(kept.values()):
        return {}  # where a gradient is itself drawn, `.grad` belongs to another pass
    swept: dict[Node, Array] = {}
    if all(node.value.size == 1 for node in outputs):
        ones = {node: np.ones_like(node.value) for node in outputs if node.requires_grad}
        with no_grad(), np.errstate(all="ignore"):
            swept = sweep(ones, wanted=set(nodes))
    both = [(swept[node], grad.value) for node, grad in kept.items() if node in swept]
    if not all(np.allclose(ours, theirs, equal_nan=True) for ours, theirs in both):
        swept = {}  # what was kept comes from another pass, or from several
    return swept | {node: grad.value for node, grad in kept.items()}


def is_array(x: Any) -> bool:
    """Whether an op's input is a constant that gets a box; numbers stand in the op's pill."""
    return isinstance(x, Array) and x.ndim > 0


def to_dot(
    nodes: Collection[Node],
    outputs: Set[Node],
    names: Mapping[Node, str],
    grads: Mapping[Node, Array],
) -> str:
    """The DOT text. Tensors are numbered by age: the same program gives the same text."""
    import graphviz  # here, so that `import minigrad` does not need it

    flat = sum(node.call is not None for node in nodes) <= FLAT
    direction = {"rankdir": "LR" if flat else "TB"}
    graph = graphviz.Digraph(graph_attr=GRAPH | direction, node_attr=NODE, edge_attr=EDGE)
    ids: dict[Node, str] = {}
    for i, node in enumerate(nodes):
        ids[node], op = f"t{i}", f"op{i}"
        kind = OUTPUT if node in outputs else _kind(node)
        label = _box(node.value, names.get(node, ""), grads.get(node), kind is PARAMETER)
        graph.node(ids[node], label, **kind)
        if node.call:
            graph.node(op, _pill(node.call), **OP)
            for j, x in enumerate(node.call.inputs):
                if is_array(x):
                    graph.node(f"c{i}_{j}", _box(x), **CONSTANT)
                    graph.edge(f"c{i}_{j}", op)
                elif isinstance(x, Node):
                    graph.edge(ids[x], op)
            graph.edge(op, ids[node])
    return str(graph.source)


def _kind(node: Node) -> dict[str, str]:
    if node.call:
        return RESULT
    if not node.requires_grad:
        return DATA
    kinds = [kind.__name__ for kind in type(node).__mro__]
    return PARAMETER if "Parameter" in kinds else LEAF  # of nn, which comes later


# --- labels, in Graphviz's HTML ----------------------------------------------------------------


def _box(value: Array, name: str = "", grad: Array | None = None, bold: bool = False) -> str:
    """A tensor: its name, shape and dtype; its numbers, or whether some of them are not finite."""
    words = [f"<B>{_text(name)}</B>" if bold else _text(name)] if name else []
    words += [_quiet(str(value.shape))] if value.ndim else []
    words += [_quiet(str(value.dtype))] if value.dtype != np.float32 else []
    rows: list[list[str]] = []
    if 0 < value.size <= SMALL:
        rows += _grid("value", value)
        rows += _grid("grad", grad) if grad is not None else []
    else:
        bad = value.size - np.isfinite(value).sum()
        if bad:
            rows.append([_quiet("value"), _alarm(f"{bad} of {value.size} not finite")])
        if grad is not None:
            rows.append([_quiet("‖grad‖"), _number(np.linalg.norm(grad.astype(float)))])
    if grad is None:  # nothing to tell the value from
        rows = [row[1:] for row in rows]

    align = "RIGHT" if len(rows) > 1 else "CENTER"
    lines = ["".join(f'<TD ALIGN="{align}">{cell}</TD>' for cell in row) for row in rows]
    if words:
        wide = max(map(len, rows), default=1)
        lines.insert(0, f'<TD COLSPAN="{wide}">{"&#160;".join(words)}</TD>')
    table = "".join(f"<TR>{line}</TR>" for line in lines)
    return f'<<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="3">{table}</TABLE>>'


def _grid(title: str, array: Array) -> list[list[str]]:
    """An array's numbers, a list a row; the title stands before the first."""
    rows = array.reshape(-1, array.shape[-1] if array.ndim else 1).tolist()
    return [[_quiet("" if i else title), *map(_number, row)] for i, row in enumerate(rows)]


def _pill(call: Call) -> str:
    """An op, written as a call: what comes by an arrow is a dot, what is as by default left out."""
    arrows = [isinstance(x, Node) or is_array(x) for x in call.inputs]
    arguments = []
    if not all(arrows):
        given = zip(call.inputs, arrows, strict=True)
        arguments = ["·" if arrow else _digits(x) for x, arrow in given]
    defaults = call.op.forward.__kwdefaults__ or {}
    for name, setting in call.settings.items():
        if name not in defaults or repr(setting) != repr(defaults[name]):
            typed = f"{name}={_index(setting) if name == 'index' else _typed(setting)}"
            arguments.append(_text(typed if len(typed) <= LONG else f"{typed[: LONG - 1]}…"))
    listed = f"({', '.join(arguments)})" if arguments else ""
    return f"<<B>{_text(call.op.name)}</B>{listed}>"


def _typed(setting: Any) -> str:
    """A setting as a reader would type it."""
    if isinstance(setting, slice):
        ends = [setting.start, setting.stop] + ([setting.step] if setting.step else [])
        return ":".join("" if end is None else str(end) for end in ends)
    if isinstance(setting, Array):
        small = setting.size <= SMALL
        return str(setting.tolist()) if small else f"{setting.dtype} {setting.shape}"
    if setting is ...:
        return "..."
    return repr(setting) if isinstance(setting, str) else str(setting)


def _index(index: Any) -> str:
    parts = index if isinstance(index, tuple) else (index,)
    return f"[{', '.join(map(_typed, parts))}]"


def _digits(x: Any) -> str:
    """A number: whole ones in full, others in four digits."""
    x = x.item() if hasattr(x, "item") else x
    return str(x) if isinstance(x, int) else f"{x + 0.0:.4g}"  # + 0.0: no -0


def _number(x: Any) -> str:
    """A number's digits; in red if it is not finite."""
    return _digits(x) if np.isfinite(x) else _alarm(_digits(x))


def _quiet(text: str) -> str:  # of nothing, nothing: Graphviz takes no empty FONT
    return text and f'<FONT COLOR="{QUIET}" POINT-SIZE="10">{text}</FONT>'


def _alarm(text: str) -> str:
    return f'<FONT COLOR="{ALARM}"><B>{text}</B></FONT>'


def _text(words: str) -> str:
    """Anybody's words, safe in a label; what has no glyph (a newline) as Python writes it."""
    import html  # slow to load

    seen = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in words)
    return html.escape(seen).replace("\\", "\\\\")  # Graphviz reads \N in a label as the box's id

"""Layout without Graphviz: boxes in rows, each below all that it is made of; modules side by side.

The SVG has the parts that Graphviz's has (node, edge, cluster, with titles): the explorer works on
either.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from ..dtypes import Array
from ..graph import Node
from . import dot, labels
from .view import Arrow, Box, Group, View

WIDTH, HEIGHT, ROW, BESIDE = 150, 34, 66, 20  # of a box; from row to row; between boxes
PAD, TITLE = 10, 22  # within a module: on all sides, and on top for its name
BOLD = 'font-weight="bold" font-size="12"'
LONG = 24  # text is cut after so many characters


def picture(
    view: View,
    outputs: Set[Node],
    names: Mapping[Any, str],
    grads: Mapping[Node, Array],
    norms: Mapping[tuple[Node, int], float],
) -> str:
    """The view as SVG text."""
    ranks = rows(view)
    spots = places(view, ranks)
    scale = dot.Scale([dot.size(arrow, norms, grads) for arrow in view.arrows])
    parts = [*_clusters(view, spots)]
    for arrow in view.arrows:
        parts += _edge(arrow, spots, scale.look(dot.size(arrow, norms, grads)))
    for box in view.boxes:
        parts += _node(box, spots[box], names)
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg"><g class="graph">\n{body}\n</g></svg>'


def rows(view: View) -> dict[Box, int]:
    """The row of each box: one below the last of what leads to it, arrows back up left aside."""
    order = {box: (box.age, box.kind == "tensor") for box in view.boxes}
    tails: dict[Box, list[Box]] = defaultdict(list)
    heads: dict[Box, list[Box]] = defaultdict(list)
    for arrow in view.arrows:
        if order[arrow.tail] < order[arrow.head] or arrow.tail.kind == "constant":
            tails[arrow.head].append(arrow.tail)
            heads[arrow.tail].append(arrow.head)
    found: dict[Box, int] = {}
    for box in sorted(view.boxes, key=order.__getitem__):
        if tails[box] or not heads[box]:
            found[box] = max((found.get(tail, 0) for tail in tails[box]), default=0) + 1
    for box in view.boxes:  # what nothing leads to stands right above what it leads to
        if box not in found:
            found[box] = min((found[head] for head in heads[box] if head in found), default=1) - 1
    return found


def places(view: View, ranks: Mapping[Box, int]) -> dict[Box, tuple[float, float]]:
    """The middle of each box. Each module has a lane of its own, those within it beside it."""
    lanes: list[Group | None] = sorted(
        dict.fromkeys(box.group for box in view.boxes), key=_path(view.groups())
    )
    counts = Counter((box.group, ranks[box]) for box in view.boxes)
    deepest = max((group.depth for group in lanes if group), default=0)
    first, left, center = min(ranks.values()), 0.0, {}
    widest: Counter[Group | None] = Counter()
    for (group, _), count in counts.items():
        widest[group] = max(widest[group], count)
    for lane in lanes:
        width = widest[lane] * (WIDTH + BESIDE)
        center[lane] = left + width / 2
        left += width + 2 * PAD * deepest
    taken: Counter[tuple[Group | None, int]] = Counter()
    found = {}
    for box in view.boxes:
        key = box.group, ranks[box]
        x = center[box.group] + (taken[key] - (counts[key] - 1) / 2) * (WIDTH + BESIDE)
        found[box] = x, (ranks[box] - first) * float(ROW)
        taken[key] += 1
    return found


def _path(groups: list[Group]) -> Callable[[Group | None], list[int]]:
    """The order in which a module's lane stands before those of the modules within it."""
    age = {group: i for i, group in enumerate(groups)}
    return lambda group: [age[around] for around in group.path] if group else []


def _clusters(view: View, spots: Mapping[Box, tuple[float, float]]) -> Iterator[str]:
    """The open modules, outer ones first, as rectangles around what is in them."""
    groups = view.groups()
    deepest = max((group.depth for group in groups), default=0)
    inside = defaultdict(list)
    for box in view.boxes:
        for group in box.group.path if box.group else []:
            inside[group].append(spots[box])
    for i, group in enumerate(groups):
        xs, ys = zip(*inside[group], strict=True)
        around = deepest - group.depth + 1  # how many more modules may lie within this one
        left, right = min(xs) - WIDTH / 2 - PAD * around, max(xs) + WIDTH / 2 + PAD * around
        top = min(ys) - HEIGHT / 2 - TITLE * around
        bottom = max(ys) + HEIGHT / 2 + PAD * around
        yield (
            f'<g class="cluster"><title>cluster_{i}</title>'
            f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" '
            f'rx="8" fill="#64748b" fill-opacity="0.05" stroke="#94a3b8"/>'
            f"{_text(group.name, left + 10, top + 15, BOLD)}</g>"
        )


def _node(box: Box, spot: tuple[float, float], names: Mapping[Any, str]) -> Iterator[str]:
    """A box with its name, and a tensor's with its shape."""
    x, y = spot
    yield (
        f'<g class="node"><title>{box.id}</title><rect x="{x - WIDTH / 2:g}" '
        f'y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="white" '
        'stroke="#64748b"/>'
    )
    lines = _lines(box, names)
    for i, line in enumerate(lines):
        down = 4 + 14 * (i - (len(lines) - 1) / 2)
        yield _text(line, x, y + down, 'text-anchor="middle" font-size="12"')
    yield "</g>"


def _lines(box: Box, names: Mapping[Any, str]) -> list[str]:
    """What a box says: a tensor its name and its shape."""
    if box.arrays:
        return [str(box.arrays[0].shape)]
    node, times = box.nodes[0], len(box.nodes)
    if box.inside:
        return [box.inside.name, f"{times} op{'s' if times > 1 else ''}"]
    if box.kind == "op" and node.call:
        return [labels.plain(labels.op(node.call, times))]
    return [line for line in (names.get(node), str(node.value.shape)) if line]


def _edge(
    arrow: Arrow, spots: Mapping[Box, tuple[float, float]], look: Mapping[str, str]
) -> Iterator[str]:
    """A straight arrow, from one box's edge to the other's."""
    (x, y), (to_x, to_y) = spots[arrow.tail], spots[arrow.head]
    if arrow.tail is arrow.head:  # of a loop: up beside the box, where it can be seen
        x = to_x = x + WIDTH / 2 + BESIDE / 2
        y, to_y = y + HEIGHT, y - HEIGHT
    down = HEIGHT / 2 if to_y > y else -HEIGHT / 2
    y, to_y = y + down, to_y - down
    length = math.hypot(to_x - x, to_y - y) or 1
    along, across = (to_x - x) / length, (to_y - y) / length  # one unit on the way
    tip = [
        f"{to_x - back * along - aside * across:g},{to_y - back * across + aside * along:g}"
        for back, aside in ((0, 0), (8, 3), (8, -3))
    ]
    color, width = look.get("color", "#64748b"), look.get("penwidth", "1")
    dashes = {"dotted": "1,4", "dashed": "5,3"}.get(look.get("style", ""))
    dots = f' stroke-dasharray="{dashes}"' if dashes else ""
    yield (
        f'<g class="edge"><title>{arrow.tail.id}-&gt;{arrow.head.id}</title>'
        f'<path fill="none" stroke="{color}" stroke-width="{width}"{dots} '
        f'd="M{x:g},{y:g}L{to_x - 6 * along:g},{to_y - 6 * across:g}"/>'
        f'<polygon fill="{color}" stroke="{color}" points="{" ".join(tip)}"/></g>'
    )


def _text(words: str, x: float, y: float, look: str) -> str:
    import html  # slow to load

    words = labels.printable(words)
    words = words if len(words) <= LONG else f"{words[: LONG - 1]}…"
    return f'<text x="{x:g}" y="{y:g}" {look}>{html.escape(words)}</text>'

"""Layout without Graphviz: boxes in rows, each below its inputs, and modules side by side.

The SVG has the same parts as Graphviz's (node, edge, cluster, with titles), so that the explorer
works with either.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping

from ..text import printable
from . import labels
from .flow import call_of
from .scale import Scale
from .scene import Scene
from .groups import Group
from .view import Arrow, Box, View

# In units of the SVG.
WIDTH, HEIGHT, ROW, BESIDE = 150, 34, 66, 20  # a box; from row to row; between two boxes
PAD, TITLE = 10, 22  # inside a module's rectangle: on each side, and at the top for its name
BOLD = 'font-weight="bold" font-size="12"'
LONG = 24  # text is cut after this many characters


def picture(view: View) -> str:
    """The view as SVG text."""
    spots, scale = places(view, rows(view)), Scale(view)
    parts = [*_clusters(view, spots)]
    for arrow in view.arrows:
        parts += _edge(arrow, spots, scale.look(arrow))
    for box in view.boxes:
        parts += _node(box, spots[box], view.scene)
    body = "\n".join(parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg"><g class="graph">\n{body}\n</g></svg>'


def rows(view: View) -> dict[Box, int]:
    """The row of each box: one below the lowest of its inputs. Upward arrows are ignored."""
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
    for box in view.boxes:  # a box without inputs goes directly above the first box that uses it
        if box not in found:
            found[box] = min((found[head] for head in heads[box] if head in found), default=1) - 1
    return found


def places(view: View, ranks: Mapping[Box, int]) -> dict[Box, tuple[float, float]]:
    """The centre of each box. Each module has its own lane, and the modules in it lanes beside it.

    ranks  the row of each box
    """
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
    """A sort key that puts the lane of a module before those of the modules in it."""
    age = {group: i for i, group in enumerate(groups)}
    return lambda group: [age[around] for around in group.path] if group else []


def _clusters(view: View, spots: Mapping[Box, tuple[float, float]]) -> Iterator[str]:
    """The open modules, outer ones first, as rectangles around their boxes."""
    groups = view.groups()
    deepest = max((group.depth for group in groups), default=0)
    inside = defaultdict(list)
    for box in view.boxes:
        for group in box.group.path if box.group else []:
            inside[group].append(spots[box])
    for i, group in enumerate(groups):
        xs, ys = zip(*inside[group], strict=True)
        around = deepest - group.depth + 1  # this one, and how many levels fit inside it
        left, right = min(xs) - WIDTH / 2 - PAD * around, max(xs) + WIDTH / 2 + PAD * around
        top = min(ys) - HEIGHT / 2 - TITLE * around
        bottom = max(ys) + HEIGHT / 2 + PAD * around
        yield (
            f'<g class="cluster"><title>cluster_{i}</title>'
            f'<rect x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}" '
            f'rx="8" fill="#64748b" fill-opacity="0.05" stroke="#94a3b8"/>'
            f"{_text(group.name, left + 10, top + 15, BOLD)}</g>"
        )


def _node(box: Box, spot: tuple[float, float], scene: Scene) -> Iterator[str]:
    """A box with its lines of text."""
    x, y = spot
    yield (
        f'<g class="node"><title>{box.id}</title><rect x="{x - WIDTH / 2:g}" '
        f'y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" rx="8" fill="white" '
        'stroke="#64748b"/>'
    )
    lines = _lines(box, scene)
    for i, line in enumerate(lines):
        down = 4 + 14 * (i - (len(lines) - 1) / 2)
        yield _text(line, x, y + down, 'text-anchor="middle" font-size="12"')
    yield "</g>"


def _lines(box: Box, scene: Scene) -> list[str]:
    """The text in a box; for a tensor, its name and its shape."""
    if box.arrays:
        return [str(box.arrays[0].shape)]
    node, times = box.nodes[0], len(box.nodes)
    if box.inside:
        return [box.inside.name, f"{times} op{'s' if times > 1 else ''}"]
    if box.kind == "op":
        return [labels.plain(labels.op(call_of(node), times))]
    return [line for line in (scene.names.get(node), str(scene.values[node].shape)) if line]


def _edge(
    arrow: Arrow, spots: Mapping[Box, tuple[float, float]], look: Mapping[str, str]
) -> Iterator[str]:
    """A straight arrow, from the border of one box to that of the other."""
    (x, y), (to_x, to_y) = spots[arrow.tail], spots[arrow.head]
    if arrow.tail is arrow.head:  # a loop: drawn upwards, beside the box
        x = to_x = x + WIDTH / 2 + BESIDE / 2
        y, to_y = y + HEIGHT, y - HEIGHT
    down = HEIGHT / 2 if to_y > y else -HEIGHT / 2
    y, to_y = y + down, to_y - down
    length = math.hypot(to_x - x, to_y - y) or 1
    along, across = (to_x - x) / length, (to_y - y) / length  # the arrow's direction
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

    words = printable(words)
    words = words if len(words) <= LONG else f"{words[: LONG - 1]}…"
    return f'<text x="{x:g}" y="{y:g}" {look}>{html.escape(words)}</text>'

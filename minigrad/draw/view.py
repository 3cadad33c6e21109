"""The view of a graph: which boxes are drawn, what they contain, and the arrows between them.

A small graph is drawn as it is: a box for each tensor and for each op, inside the boxes of the
modules that called them. In a larger one only leaves, outputs and named tensors get boxes; all
other tensors are arrows. Loops (a module called at every time step, an op in a loop) are rolled up
into one box per call, and modules below some depth are folded.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Literal, TypeGuard

from ..dtypes import Array
from ..graph import Node
from ..nn.module import Parameter
from .flow import Use, call_of
from ..text import listed
from .groups import Back, Group, Groups, around
from .scene import Scene

PLAIN = 40  # graphs of up to this many ops are drawn as they are
BOXES = 80  # modules are folded until there are at most this many boxes
LARGEST = 1000  # boxes; with more, dot takes minutes and the picture is unreadable

BoxKind = Literal["tensor", "op", "constant", "module"]


class Box:
    """One box in the drawing: a tensor, an op, a constant array, or a folded module.

    age         the index of its first tensor, counted from the oldest; kind and age make the id
    group       the open module that the box is in
    nodes       the tensors in the box, or those that its ops made, oldest first
    arrays      for a constant, one array for each call that takes it
    inside      for a folded module, its group
    parameters  for a folded module, the parameters that no other box uses in the forward pass
    """

    def __init__(self, kind: BoxKind, group: Group | None, age: int, id: str) -> None:
        self.kind, self.group, self.age, self.id = kind, group, age, id
        self.nodes: list[Node] = []
        self.arrays: list[Array] = []
        self.inside: Group | None = None
        self.parameters: list[Node] = []


class Arrow:
    """An arrow from one box to another: tensors go along it, and their gradients come back.

    uses  for each tensor, the use that the arrow leads to: an op's output, and the index of the
          input; None where the arrow leads to the tensor's own box
    """

    def __init__(self, tail: Box, head: Box) -> None:
        self.tail, self.head = tail, head
        self.tensors: list[Node | Array] = []
        self.uses: list[Use | None] = []


class View:
    """The boxes and arrows of a scene. It is plain if each tensor and each op has its own box."""

    def __init__(self, scene: Scene, boxes: list[Box], arrows: list[Arrow], plain: bool) -> None:
        self.scene, self.boxes, self.arrows, self.plain = scene, boxes, arrows, plain
        self.depth, self.deepest = 0, 0  # how many levels of modules are open, and of how many
        self.opened: Callable[[int], View] = lambda depth: self  # open down to another depth
        self.folded = ""  # what is folded although it was to be unrolled, and why

    @property
    def title(self) -> str:
        """The name of the drawing: of the outputs, or of the modules that they come from."""
        scene = self.scene
        names = [name for node, name in scene.names.items() if node in scene.outputs]
        names = names or list(dict.fromkeys(_outermost(self.boxes)))
        kinds = " and gradients" if scene.gradients else ""
        kinds = " and backward pass" if scene.recorded else kinds
        shapes = [str(node.value.shape) for node in scene.values if node in scene.outputs]
        subject = listed(names, 3) or f"a tensor of shape {shapes[0]}".replace(
            "tensor of shape ()", "number"
        )
        return f"Graph{kinds} of {subject}"

    @property
    def note(self) -> str:
        """What the drawing does not show, and why; empty if there is nothing to say."""
        return " ".join(filter(None, (self.scene.note, self.folded)))

    def groups(self) -> list[Group]:
        """The open modules with at least one box inside, each after the one it is in."""
        found: dict[Group, None] = {}
        for box in self.boxes:
            found.update(dict.fromkeys(box.group.path if box.group else []))
        return list(found)


def _outermost(boxes: list[Box]) -> Iterator[str]:
    """The names of the modules that are inside no other one."""
    for box in boxes:
        group = box.group or box.inside
        if group and not isinstance(group.calls[0], Back):
            yield group.path[0].name


def is_constant(x: object) -> TypeGuard[Array]:
    """True if an op's input is an array, which gets its own box; numbers are part of the label."""
    return isinstance(x, Array) and x.ndim > 0


def view(scene: Scene, depth: int | None = None, unroll: bool = False) -> View:
    """The view of a scene.

    depth   how many levels of modules are open (None: as many as give at most BOXES boxes)
    unroll  draw repeated calls one by one, in up to LARGEST boxes
    """
    plain = len(scene.made) <= PLAIN and depth is None
    groups = Groups(scene, unroll or plain)

    def opened(depth: int) -> View:
        seen = _Builder(scene, groups, depth, plain or unroll, plain).build()
        seen.depth, seen.deepest, seen.opened = min(depth, groups.deepest), groups.deepest, opened
        return seen

    if plain or depth is not None:
        return opened(groups.deepest if depth is None else depth)
    most = LARGEST if unroll else BOXES  # the deeper modules are open, the more boxes there are
    depths = range(1, groups.deepest + 1)
    depth = bisect_right(depths, most, key=lambda depth: len(opened(depth).boxes))
    seen = opened(depth)
    if unroll and depth < groups.deepest:
        seen.folded = (
            f"Modules below depth {depth} are folded: opened, and step by step, they would be more "
            f"than {most:,} boxes."
        )
    return seen


class _Builder:
    """Builds a view."""

    def __init__(
        self,
        scene: Scene,
        groups: Groups,
        depth: int | None = None,
        unroll: bool = True,
        plain: bool = False,
    ) -> None:
        self.scene, self.groups = scene, groups
        self.depth, self.unroll, self.plain = depth, unroll, plain
        self.boxes: dict[Hashable, Box] = {}  # keys: whatever gets a box of its own
        self.arrows: dict[tuple[Box, Box, Hashable], Arrow] = {}
        self.inside: dict[Node, Box] = {}  # the folded modules that parameters are in

    def build(self) -> View:
        """Boxes first, then arrows."""
        nodes = list(self.scene.values)
        uses: dict[Node, list[Node]] = {node: [] for node in nodes}  # the results it is used for
        for node in self.scene.made:
            for x in call_of(node).inputs:
                if isinstance(x, Node):
                    uses[x].append(node)
        made = [(i, node) for i, node in enumerate(nodes) if node.call]
        makers = {node: self._maker(i, node) for i, node in made}
        holders: dict[Node, Box] = {}
        for i, node in enumerate(nodes):
            users = list(dict.fromkeys(makers[user] for user in uses[node]))
            holder = self._holder(i, node, makers.get(node), users)
            if holder:
                holders[node] = holder
        for i, node in enumerate(nodes):
            self._draw(i, node, makers, holders)
        order = ["tensor", "module", "op", "constant"].index
        boxes = sorted(self.boxes.values(), key=lambda box: (box.age, order(box.kind)))
        return View(self.scene, boxes, list(self.arrows.values()), self.plain)

    def _box(self, key: Hashable, kind: BoxKind, group: Group | None, age: int, id: str) -> Box:
        if key not in self.boxes:
            self.boxes[key] = Box(kind, group, age, id)
        return self.boxes[key]

    def _maker(self, i: int, node: Node) -> Box:
        """The box of the op that made a node: its own, that of its loop, or a folded module."""
        group = self.groups.of(node)
        if group and self.depth is not None and group.depth > self.depth:
            folded = group.path[self.depth]  # the outermost module that is folded
            box = self._box(folded, "module", folded.outer, i, f"m{i}_{self.depth}")
            box.inside = folded
        else:
            box = self._box(("op", self.groups.step(node)), "op", group, i, f"op{i}")
        box.nodes.append(node)
        return box

    def _holder(self, i: int, node: Node, maker: Box | None, users: list[Box]) -> Box | None:
        """The tensor's own box; None if it is inside a folded module, or only on an arrow."""
        scene = self.scene
        if maker is None:
            forward = [user for user in users if not scene.is_backward(user.nodes[0])]
            inside = len(forward) == 1 and forward[0].kind == "module"
            if inside and isinstance(node, Parameter) and node not in scene.outputs:
                forward[0].parameters.append(node)
                self.inside[node] = forward[0]
                return None
        elif node not in scene.outputs:
            inside = maker.kind == "module" and all(user is maker for user in users)
            if inside or not (self.plain or node in scene.names):
                return None
        key: Hashable = node
        if maker is None and not (self.unroll or node in scene.names or node in scene.outputs):
            value, kind = scene.values[node], (type(node), node.requires_grad)
            key = (kind, value.shape, value.dtype, frozenset(users))
        box = self._box(key, "tensor", self._between(maker, users), i, f"t{i}")
        box.nodes.append(node)
        return box

    @staticmethod
    def _between(maker: Box | None, users: list[Box]) -> Group | None:
        """The innermost open group around a tensor's maker and all its users."""
        boxes = [maker, *users] if maker else users
        return functools.reduce(around, [box.group for box in boxes]) if boxes else None

    def _draw(
        self, i: int, node: Node, makers: Mapping[Node, Box], holders: Mapping[Node, Box]
    ) -> None:
        """Add the arrows that lead to a node's op, and from there to the node's own box."""
        if not node.call:
            return
        maker = makers[node]
        for j, x in enumerate(node.call.inputs):
            if is_constant(x) and maker.kind == "op":
                box = self._box(("constant", maker, j), "constant", maker.group, i, f"c{i}_{j}")
                box.arrays.append(x)
                self._arrow(box, maker, x, (node, j), i)
            elif isinstance(x, Node):
                tail = holders.get(x) or makers.get(x) or self.inside.get(x)
                if tail and (tail is not maker or len(maker.nodes) > 1 and maker.kind == "op"):
                    self._arrow(tail, maker, x, (node, j), i)
        if node in holders:
            self._arrow(maker, holders[node], node, None, i)

    def _arrow(self, tail: Box, head: Box, x: Node | Array, use: Use | None, i: int) -> None:
        key = (tail, head, (use, i) if self.plain else None)
        if key not in self.arrows:
            self.arrows[key] = Arrow(tail, head)
        self.arrows[key].tensors.append(x)
        self.arrows[key].uses.append(use)

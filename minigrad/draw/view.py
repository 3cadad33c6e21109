"""What of a graph is drawn: which boxes there are, what lies inside them, what goes between them.

A small graph is drawn as it is: a box for each tensor and for each op, in the boxes of the modules
that called them. Of a larger one only the ends are boxes; other tensors are what goes along the
arrows. What comes again and again, as a module that is called at every time step or an op in a
loop, is rolled up into one box; and modules below some depth are folded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Set
from typing import Any

from ..dtypes import Array
from ..graph import Node
from ..place import Scope

PLAIN = 40  # up to so many ops a graph is drawn as it is
ROLL = 4  # what comes more often than that is rolled up
BOXES = 80  # modules are folded until there are no more boxes than that


class Group:
    """A module in the picture, within another one: one call of it, or several rolled up."""

    def __init__(self, calls: list[Scope], outer: Group | None, name: str) -> None:
        self.calls, self.outer, self.name = calls, outer, name
        self.path: list[Group] = [*(outer.path if outer else []), self]  # the outermost first
        self.depth = len(self.path)

    @property
    def module(self) -> Any:
        """What is called."""
        return self.calls[0].module


class Box:
    """One thing in the picture.

    kind   "tensor", "op", "constant", or "module": a folded one
    age    the place of its first tensor among all, oldest first; with the kind it makes the id
    group  the group it stands in; of a folded module, the one it lies in
    nodes  the tensors that it is, or that the ops in it made, oldest first
    inside of a folded module its group, and the parameters that are used in it alone
    """

    def __init__(self, kind: str, group: Group | None, age: int, id: str) -> None:
        self.kind, self.group, self.age, self.id = kind, group, age, id
        self.nodes: list[Node] = []
        self.arrays: list[Array] = []  # of a constant, one for each call that takes it
        self.inside: Group | None = None
        self.parameters: list[Node] = []


class Arrow:
    """What goes from one box to another: tensors, and back along it their gradients.

    uses  for each tensor that goes here, the node that is made of it and at which of its inputs;
          None where the arrow leads to the tensor's own box
    """

    def __init__(self, tail: Box, head: Box) -> None:
        self.tail, self.head = tail, head
        self.tensors: list[Node | Array] = []
        self.uses: list[tuple[Node, int] | None] = []


class View:
    """Boxes and arrows, and the groups that are open."""

    def __init__(self, boxes: list[Box], arrows: list[Arrow], plain: bool) -> None:
        self.boxes, self.arrows, self.plain = boxes, arrows, plain

    def groups(self) -> list[Group]:
        """The open groups that have a box in them, each behind the one it lies in."""
        found: dict[Group, None] = {}
        for box in self.boxes:
            found.update(dict.fromkeys(box.group.path if box.group else []))
        return list(found)


def is_array(x: Any) -> bool:
    """Whether an op's input is a constant that gets a box; numbers stand in the op's pill."""
    return isinstance(x, Array) and x.ndim > 0


def is_parameter(node: Node) -> bool:
    """Whether it is an nn.Parameter, which this file cannot import: nn comes later."""
    return "Parameter" in [kind.__name__ for kind in type(node).__mro__]


def kind(node: Node, outputs: Set[Node]) -> str:
    """What a tensor is in the graph."""
    if node in outputs:
        return "output"
    if node.call:
        return "result"
    if not node.requires_grad:
        return "data"
    return "parameter" if is_parameter(node) else "leaf"


def view(
    nodes: Collection[Node],
    outputs: Set[Node],
    names: Mapping[Any, str],
    depth: int | None = None,
    unroll: bool = False,
) -> View:
    """The view of a graph: its tensors, oldest first; some of them its outputs; names of some.

    depth   how many modules within each other are open (None: as many as give at most BOXES)
    unroll  show each call by itself
    """
    made = [node for node in nodes if node.call]
    if len(made) <= PLAIN and depth is None:
        return _View(nodes, outputs, names, groups_of(made, names, unroll=True), plain=True).view()
    groups = groups_of(made, names, unroll)
    deepest = max((group.depth for group in groups.values()), default=0)
    for open_to in range(deepest, -1, -1) if depth is None else [depth]:
        found = _View(nodes, outputs, names, groups, open_to, unroll).view()
        if len(found.boxes) <= BOXES:
            break
    return found


def groups_of(made: Iterable[Node], names: Mapping[Any, str], unroll: bool) -> dict[Scope, Group]:
    """The group of each scope that an op was called in, and of those around it."""
    within: dict[Scope | None, dict[Scope, None]] = defaultdict(dict)
    for node in made:
        scope = node.call.place[0] if node.call else None
        while scope is not None and scope not in within[scope.outer]:
            within[scope.outer][scope] = None
            scope = scope.outer
    groups: dict[Scope, Group] = {}
    waiting: list[tuple[Group | None, list[Any]]] = [(None, [None])]
    while waiting:
        outer, around = waiting.pop()
        calls: dict[Any, list[Scope]] = defaultdict(list)
        for scope in around:
            for inner in within.get(scope, ()):
                calls[inner.module].append(inner)
        known = outer.module.named_modules() if outer and calls else ()
        inner_names = {module: name for name, module in known}  # within the one that calls it
        for module, same in calls.items():
            name = inner_names.get(module) or names.get(module) or type(module).__name__
            rolled = not unroll and (len(same) > ROLL or len(around) > 1)
            for i, part in enumerate([same] if rolled else [[scope] for scope in same], start=1):
                shown = name if rolled or len(same) == 1 else f"{name} ({i})"
                group = Group(part, outer, shown)
                groups |= dict.fromkeys(part, group)
                waiting.append((group, part))
    return groups


class _View:
    """A view in the making."""

    def __init__(
        self,
        nodes: Collection[Node],
        outputs: Set[Node],
        names: Mapping[Any, str],
        groups: Mapping[Scope, Group],
        depth: int | None = None,
        unroll: bool = True,
        plain: bool = False,
    ) -> None:
        self.nodes, self.outputs, self.names, self.groups = nodes, outputs, names, groups
        self.depth, self.unroll, self.plain = depth, unroll, plain
        self.boxes: dict[Hashable, Box] = {}  # by what they are the box of
        self.arrows: dict[tuple[Box, Box, Any], Arrow] = {}

    def view(self) -> View:
        """Boxes first, then arrows."""
        uses: dict[Node, list[Node]] = {node: [] for node in self.nodes}  # what is made of each
        for node in self.nodes:
            for x in node.call.inputs if node.call else ():
                if isinstance(x, Node):
                    uses[x].append(node)
        made = [(i, node) for i, node in enumerate(self.nodes) if node.call]
        often = Counter(self._step(node) for _, node in made)
        makers = {node: self._maker(i, node, often) for i, node in made}
        holders: dict[Node, Box] = {}
        for i, node in enumerate(self.nodes):
            users = list(dict.fromkeys(makers[user] for user in uses[node]))
            holder = self._holder(i, node, makers.get(node), users)
            if holder:
                holders[node] = holder
        for i, node in enumerate(self.nodes):
            self._draw(i, node, makers, holders)
        order = ["tensor", "module", "op", "constant"].index
        boxes = sorted(self.boxes.values(), key=lambda box: (box.age, order(box.kind)))
        return View(boxes, list(self.arrows.values()), self.plain)

    def _box(self, key: Hashable, kind: str, group: Group | None, age: int, id: str) -> Box:
        if key not in self.boxes:
            self.boxes[key] = Box(kind, group, age, id)
        return self.boxes[key]

    def _step(self, node: Node) -> Hashable:
        """What the ops of a loop have in common: where they are called, and what they are."""
        call: Any = node.call
        return self.groups.get(call.place[0]), *call.place[1:], call.op

    def _maker(self, i: int, node: Node, often: Mapping[Hashable, int]) -> Box:
        """The box of the op that made a node: its own, that of its loop, or a folded module."""
        call: Any = node.call
        group = self.groups.get(call.place[0])
        for around in group.path if group else ():
            if self.depth is not None and around.depth > self.depth:
                box = self._box(around, "module", around.outer, i, f"m{i}")
                box.inside = around
                break
        else:
            step = self._step(node)
            rolled = not self.unroll and often[step] > ROLL
            box = self._box(step if rolled else ("op", node), "op", group, i, f"op{i}")
        box.nodes.append(node)
        return box

    def _holder(self, i: int, node: Node, maker: Box | None, users: list[Box]) -> Box | None:
        """The box of a tensor itself; None where it is inside a module, or on an arrow only."""
        only = users[0] if len(users) == 1 else None
        if maker is None:
            if only and only.kind == "module" and is_parameter(node) and node not in self.outputs:
                only.parameters.append(node)
                return None
        elif node not in self.outputs:
            inside = maker.kind == "module" and all(user is maker for user in users)
            if inside or not (self.plain or node in self.names):
                return None
        key: Hashable = node
        if maker is None and not (self.unroll or node in self.names or node in self.outputs):
            value, kind = node.value, (type(node), node.requires_grad)
            key = (kind, value.shape, value.dtype, frozenset(users))
        box = self._box(key, "tensor", self._between(maker, users), i, f"t{i}")
        box.nodes.append(node)
        return box

    @staticmethod
    def _between(maker: Box | None, users: list[Box]) -> Group | None:
        """The innermost open group around all that has to do with a tensor."""
        around = [maker, *users] if maker else users
        paths = [box.group.path if box.group else [] for box in around]
        common = None
        for groups in zip(*paths, strict=False):
            if any(group is not groups[0] for group in groups):
                break
            common = groups[0]
        return common

    def _draw(
        self, i: int, node: Node, makers: Mapping[Node, Box], holders: Mapping[Node, Box]
    ) -> None:
        """The arrows that lead to a node's op, and from there to its own box."""
        call = node.call
        if call is None:
            return
        maker = makers[node]
        for j, x in enumerate(call.inputs):
            if is_array(x) and maker.kind == "op":
                box = self._box(("constant", maker, j), "constant", maker.group, i, f"c{i}_{j}")
                box.arrays.append(x)
                self._arrow(box, maker, x, (node, j), i)
            elif isinstance(x, Node):
                tail = holders.get(x) or makers.get(x)
                if tail and (tail is not maker or len(maker.nodes) > 1 and maker.kind == "op"):
                    self._arrow(tail, maker, x, (node, j), i)
        if node in holders:
            self._arrow(maker, holders[node], node, None, i)

    def _arrow(self, tail: Box, head: Box, x: Any, use: Any, i: int) -> None:
        key = (tail, head, (use, i) if self.plain else None)
        if key not in self.arrows:
            self.arrows[key] = Arrow(tail, head)
        self.arrows[key].tensors.append(x)
        self.arrows[key].uses.append(use)

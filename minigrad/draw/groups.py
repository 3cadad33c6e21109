"""The modules in a drawing: which of their calls are one box, and what is rolled up.

Rolling up is decided for a kind of module as a whole: if a loop in one of its calls has more than
ROLL steps, every loop of this kind of module is rolled up, so that an RNN looks the same wherever
it is called, and all ops of a loop are rolled up or none.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence

from ..graph import Node
from ..nn.module import Module
from ..place import Scope
from ..text import printable
from .flow import call_of, place_of
from .scene import LONG, Scene

ROLL = 4  # loops of more steps are rolled up


class Back(Scope):
    """The backward pass of a module's call."""

    __slots__ = ()


class Group:
    """A module in the drawing, inside another one: one call of it, or several rolled up."""

    def __init__(self, calls: list[Scope], outer: Group | None, name: str) -> None:
        self.calls, self.outer, self.name = calls, outer, name
        self.path: list[Group] = [*(outer.path if outer else []), self]  # the outermost first
        self.depth = len(self.path)

    @property
    def module(self) -> Module:
        """The module that is called."""
        module: Module = self.calls[0].module
        return module


class Groups:
    """The groups of a scene."""

    def __init__(self, scene: Scene, unroll: bool) -> None:
        self.scene = scene
        self._backs: dict[Scope, Back] = {}
        self._scopes = {node: self._scope(node) for node in scene.made}
        self._within: dict[Scope | None, dict[Scope, None]] = defaultdict(dict)
        for scope in self._scopes.values():
            while scope is not None and scope not in self._within[scope.outer]:
                self._within[scope.outer][scope] = None
                scope = scope.outer
        self._looping = set() if unroll else self._find_loops()
        self._groups: dict[Scope, Group] = {}
        self._add_groups()
        _tell_apart(self._groups.values())
        self.deepest = max((group.depth for group in self._groups.values()), default=0)

    def of(self, node: Node) -> Group | None:
        """The group that the op which made a node was called in."""
        scope = self._scopes[node]
        return self._groups[scope] if scope else None

    def step(self, node: Node) -> Hashable:
        """The key that all iterations of a loop share, if it is rolled up; else the node itself."""
        group, place = self.of(node), place_of(node)
        if not (self._loops(self._scopes[node]) or group and len(group.calls) > 1):
            return node
        return group, id(place.code), place.instruction, call_of(node).op

    def _scope(self, node: Node) -> Scope | None:
        place = place_of(node)
        return self._back(place.rule_of) if place.rule_of else place.scope

    def _back(self, scope: Scope | None) -> Back | None:
        """The backward pass of a call, inside that of the call around it."""
        if scope is None or isinstance(scope, Back):
            return scope
        if scope not in self._backs:
            self._backs[scope] = Back(scope.module, self._back(scope.outer))
        return self._backs[scope]

    def _loops(self, scope: Scope | None) -> bool:
        return _kind(scope) in self._looping

    def _find_loops(self) -> set[type | None]:
        """The kinds of modules with a loop of more than ROLL steps."""
        steps: Counter[Hashable] = Counter()
        for node, scope in self._scopes.items():
            if not place_of(node).rule_of:  # a rule may take the same op several times
                place = place_of(node)
                steps[scope, id(place.code), place.instruction, call_of(node).op] += 1
        for outer, calls in self._within.items():
            steps.update((outer, call.module) for call in calls)
        return {_kind(key[0]) for key, count in steps.items() if count > ROLL}  # type: ignore[index]

    def _add_groups(self) -> None:
        named: dict[Module, dict[Module, str]] = {}  # for each module, the names of those inside
        waiting: list[tuple[Group | None, Sequence[Scope | None]]] = [(None, [None])]
        while waiting:
            outer, around = waiting.pop()
            calls: dict[tuple[type, Module], list[Scope]] = defaultdict(list)
            for scope in around:
                for inner in self._within.get(scope, ()):
                    calls[type(inner), inner.module].append(inner)
            if outer and calls and outer.module not in named:
                named[outer.module] = {inner: name for name, inner in outer.module.named_modules()}
            rolled = len(around) > 1 or self._loops(around[0])
            for (kind, module), same in calls.items():
                name = named[outer.module].get(module) if outer else None  # in the calling module
                name = name or self.scene.names.get(module) or type(module).__name__
                name = printable(name, LONG) + (" backward" if kind is Back else "")
                for i, part in enumerate([same] if rolled else [[scope] for scope in same], 1):
                    shown = name if rolled or len(same) == 1 else f"{name} ({i})"
                    group = Group(part, outer, shown)
                    self._groups |= dict.fromkeys(part, group)
                    waiting.append((group, part))


def _tell_apart(groups: Iterable[Group]) -> None:
    """Put the outer module before names that are only numbered, as layers.0, where they repeat."""
    numbered = [group for group in dict.fromkeys(groups) if group.outer]
    numbered = [group for group in numbered if re.search(r"(^|\.)\d+( \(\d+\))?$", group.name)]
    homes = defaultdict(set)
    for group in numbered:
        homes[group.name].add(group.outer)
    repeated = [group for group in numbered if len(homes[group.name]) > 1]
    for group in sorted(repeated, key=lambda group: group.depth):  # outer names are full by now
        assert group.outer
        group.name = printable(f"{group.outer.name}.{group.name}", LONG)


def around(one: Group | None, other: Group | None) -> Group | None:
    """The innermost group around two others."""
    while one is not other:
        if other is None or one and one.depth > other.depth:
            one, other = other, one
        other = other.outer if other else None
    return one


def _kind(scope: Scope | None) -> type | None:
    return type(scope.module) if scope else None

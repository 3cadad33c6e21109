"""Which modules are drawn one below the other, so that a picture is not several times as wide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from .groups import Group
from .view import Arrow, Box, View


def stacked(view: View, arrows: Iterable[Arrow]) -> Iterator[tuple[Box, Box]]:
    """Pairs of boxes, the second of which is to be drawn below the first.

    A module that follows from another one is drawn below it as a whole. Else what it does by
    itself, as to embed its own words, would be drawn beside that one.

    arrows  those that determine the layout
    """
    heads: dict[Box, dict[Box, None]] = defaultdict(dict)
    for arrow in arrows:
        heads[arrow.tail][arrow.head] = None
    inside: dict[Group, dict[Box, None]] = {group: {} for group in view.groups()}
    for box in view.boxes:
        for group in box.group.path if box.group else []:
            inside[group][box] = None
    after = {group: _reached(boxes, heads) for group, boxes in inside.items()}
    for one, other in _following(inside, after):
        ends = [box for box in inside[one] if heads[box].keys().isdisjoint(inside[one])]
        later = {head for box in inside[other] for head in heads[box]}
        for end in ends:
            yield from ((end, start) for start in inside[other] if start not in later)


def _following(
    inside: Mapping[Group, Iterable[Box]], after: Mapping[Group, set[Box]]
) -> Iterator[tuple[Group, Group]]:
    """The pairs of modules in the same one, the second of which follows directly from the first."""

    def follows(one: Group, other: Group) -> bool:
        return (
            one.outer is other.outer
            and not after[one].isdisjoint(inside[other])
            and after[other].isdisjoint(inside[one])
        )

    for other in inside:
        before = [one for one in inside if follows(one, other)]
        for one in before:
            if not any(follows(one, between) for between in before):
                yield one, other


def _reached(boxes: Iterable[Box], heads: Mapping[Box, Iterable[Box]]) -> set[Box]:
    """All boxes that arrows lead to from some boxes."""
    found: set[Box] = set()
    waiting = list(boxes)
    while waiting:
        new = set(heads.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found

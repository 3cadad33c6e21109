"""Words for the rows and columns of tensors: those that were given, and where they are carried.

Whoever names the axes of the ids of a sentence has named those of every tensor computed from them:
most ops keep the meaning of an axis, and `kept` says which.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from ..graph import Node
from ..text import printable
from .flow import call_of

# Words of the one axis of that length, or of several axes by their number.
Words: TypeAlias = Mapping[Node, Sequence[str] | Mapping[int, Sequence[str]]] | None
Axes: TypeAlias = tuple[tuple[str, ...] | None, ...]  # for each axis its words, or None
Link: TypeAlias = tuple[int, int, int, slice]  # of an input: its index, its axis; the output's axis

LONG = 40  # words are cut after this many characters
WHOLE = slice(None)
# Ops whose inputs are broadcast to the shape of the output.
BROADCAST = frozenset({
    "abs", "add", "cast", "clip", "div", "exp", "expand", "gelu", "layer_norm", "log",
    "log_softmax", "maximum", "minimum", "mul", "neg", "pow", "relu", "sigmoid", "softmax", "sqrt",
    "standardize", "sub", "tanh", "where",
})  # fmt: skip


def given(words: Words) -> dict[Node, Axes]:
    """The words of each axis of the tensors that have words.

    Raises TypeError for anything but words of tensors, and ValueError if they do not fit.
    """
    if words is None:
        return {}
    if not isinstance(words, Mapping):
        raise TypeError(
            f"draw: words is a {type(words).__name__}: give a dict from tensor to its words, "
            'as {ids: ["the", "cat"]}'
        )
    return {node: _axes(node, found) for node, found in words.items()}


def _axes(node: Any, words: Any) -> Axes:
    if not isinstance(node, Node):
        kind = type(node).__name__
        raise TypeError(f"draw: words are given for tensors, not for a {kind}: {{tensor: words}}")
    shape = node.value.shape
    if not isinstance(words, Mapping):
        listed = _listed(words)
        fitting = [axis for axis, size in enumerate(shape) if size == len(listed)]
        if len(fitting) != 1:
            found = f"axes {fitting} have" if fitting else "no axis has"
            raise ValueError(
                f"draw: {len(listed)} words for a tensor of shape {shape}: {found} this size; "
                "name the axis, as in words={tensor: {-1: words}}"
            )
        words = {fitting[0]: listed}
    axes: list[tuple[str, ...] | None] = [None] * len(shape)
    for axis, part in words.items():
        if not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
            raise ValueError(
                f"draw: words for axis {printable(repr(axis), LONG)} of a tensor of shape {shape}: "
                f"its axes are 0 to {len(shape) - 1}"
            )
        axes[axis] = _listed(part)
        if len(axes[axis] or ()) != shape[axis]:
            raise ValueError(
                f"draw: {len(axes[axis] or ())} words for axis {axis} of a tensor of shape "
                f"{shape}: it needs {shape[axis]}"
            )
    return tuple(axes)


def _listed(words: Any) -> tuple[str, ...]:
    if isinstance(words, str) or not isinstance(words, Sequence):
        kind = "one string" if isinstance(words, str) else type(words).__name__
        raise TypeError(f"draw: words are a list of strings, not {kind}")
    return tuple(printable(str(word), LONG) for word in words)


def carried(found: Mapping[Node, Axes], nodes: Sequence[Node]) -> dict[Node, Axes]:
    """The words of all tensors: those given, and carried along the ops from and to them."""
    if not found:
        return {}
    forward, back = defaultdict(list), defaultdict(list)
    for node in nodes:
        for j, axis, to, part in kept(node) if node.call else ():
            x = call_of(node).inputs[j]
            forward[x, axis].append((node, to, part))
            if part == WHOLE:
                back[node, to].append((x, axis, part))
    known = {(x, axis): part for x, axes in found.items() for axis, part in enumerate(axes) if part}
    waiting = deque(known)
    while waiting:  # breadth first: the nearest words win
        key = waiting.popleft()
        for x, axis, taken in forward[key] + back[key]:
            if (x, axis) not in known:
                known[x, axis] = known[key][taken]
                waiting.append((x, axis))
    return {
        node: tuple(known.get((node, axis)) for axis in range(node.value.ndim))
        for node in {node: None for node, _ in known}
    }


def kept(node: Node) -> Iterator[Link]:
    """The axes of its inputs that the op which made a node keeps, in whole or in part."""
    call, out = call_of(node), node.value
    rule = RULES.get(call.op.__name__, _broadcast if call.op.__name__ in BROADCAST else None)
    for j, x in enumerate(call.inputs) if rule else ():
        if isinstance(x, Node) and rule:
            for axis, to, part in rule(j, x.value.shape, out.shape, call.settings):
                if x.value.shape[axis] == out.shape[to] or part != WHOLE:
                    yield j, axis, to, part


Shape: TypeAlias = tuple[int, ...]
Part: TypeAlias = tuple[int, int, slice]


def _broadcast(j: int, x: Shape, out: Shape, settings: Any, skip: int = 0) -> Iterator[Part]:
    """Axes aligned from the right, without the last `skip`."""
    for axis in range(len(x) - skip):
        yield axis, axis + len(out) - len(x), WHOLE


def _linear(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    """input (…, in) and weight (out, in) to (…, out)."""
    if j == 0:
        yield from _broadcast(j, x, out, settings, skip=1)
    else:
        yield 0, len(out) - 1, WHOLE


def _matmul(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    """Rows of the first input, columns of the second."""
    if len(x) > 1 and len(out) > 1:
        yield from _broadcast(j, x, out, settings, skip=2)
        axis = -2 if j == 0 else -1
        yield len(x) + axis, len(out) + axis, WHOLE


def _attend(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    """The queries' rows and the values' columns."""
    if j in (0, 2):
        yield from _matmul(min(j, 1), x, out, settings)


def _embedding(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    """ids (…) and weight (vocabulary, size) to (…, size)."""
    if j == 0:
        yield from ((axis, axis, WHOLE) for axis in range(len(x)))
    else:
        yield 1, len(out) - 1, WHOLE


def _permute(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    for to, axis in enumerate(settings["dims"]):
        yield axis % len(x), to, WHOLE


def _reshape(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    """Axes of one size, with as many elements before them."""
    ends = {(math.prod(out[:to]), size): to for to, size in enumerate(out) if size > 1}
    for axis, size in enumerate(x):
        if (math.prod(x[:axis]), size) in ends:
            yield axis, ends[math.prod(x[:axis]), size], WHOLE


def _reduced(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    dim = settings.get("dim")
    dims = range(len(x)) if dim is None else (dim,) if isinstance(dim, int) else dim
    gone = {axis % len(x) for axis in dims} if x else set()
    stay = [axis for axis in range(len(x)) if axis not in gone]
    same = len(out) == len(x)  # keepdim
    yield from ((axis, axis if same else to, WHOLE) for to, axis in enumerate(stay))


def _stack(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    new = settings.get("dim", 0) % len(out)
    yield from ((axis, axis + (axis >= new), WHOLE) for axis in range(len(x)))


def _cat(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    along = settings.get("dim", 0) % len(out)
    if len(x) == len(out):
        yield from ((axis, axis, WHOLE) for axis in range(len(x)) if axis != along)


def _getitem(j: int, x: Shape, out: Shape, settings: Any) -> Iterator[Part]:
    """Slices keep an axis, ints drop it, None is a new one."""
    index = settings["index"] if isinstance(settings["index"], tuple) else (settings["index"],)
    if not all(i is None or i is ... or isinstance(i, int | slice) for i in index):
        return
    taken = sum(i is not None and i is not ... for i in index)
    rest = [WHOLE] * (len(x) - taken)
    dots = next((k for k, i in enumerate(index) if i is ...), len(index))
    axis = to = 0
    for i in [*index[:dots], *rest, *index[dots + 1 :]]:
        if isinstance(i, slice):
            yield axis, to, WHOLE if i.indices(x[axis]) == (0, x[axis], 1) else i
        axis += i is not None
        to += i is None or isinstance(i, slice)


RULES: Mapping[str, Any] = {
    "linear": _linear, "matmul": _matmul, "attend": _attend, "embedding": _embedding,
    "permute": _permute, "reshape": _reshape, "getitem": _getitem, "stack": _stack, "cat": _cat,
    "sum": _reduced, "amax": _reduced, "amin": _reduced, "variance": _reduced,
}  # fmt: skip

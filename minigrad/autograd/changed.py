"""Tensors that changed in place after an op had used them: what they were, or an error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, NoReturn

from ..dims import inverse
from ..dtypes import Array
from ..graph import NOTHING, Call, Node, Op, node_at, value_of
from ..memory import notice, owner, written_since
from ..ops import expand, getitem, permute, put_at, reshape

# For each op whose result can be a view: its input, after something was written to the view.
WRITTEN_TO_VIEW: dict[Any, Callable[..., Any]] = {
    getitem: lambda x, view, index: put_at(x, view, index=index),
    reshape: lambda x, view, shape: reshape(view, shape=x.shape),
    permute: lambda x, view, dims: permute(view, dims=inverse(tuple(dims))),
    expand: lambda x, view, shape: reshape(view, shape=x.shape),  # if it repeats, it is refused
}


def viewed(x: Any) -> Any:
    """The tensor that x is a view of; None if there is none."""
    call = x._taken or x.call
    if call is None or call.op not in WRITTEN_TO_VIEW:
        return None
    of = call.inputs[0]
    if not isinstance(of, Node) or owner(of.value) is not owner(x.value):
        return None
    return next((was for time, was in layouts(of) if time > x.birth), of) if of._past else of


def layouts(x: Node) -> list[tuple[float, Node]]:
    """Until when x was which node of other shape or strides in the same memory: before x.t_()."""
    return [
        (time, was)
        for time, was in x._past or ()
        if was is not None
        and owner(was.value) is owner(x.value)
        and (was.value.shape, was.value.strides) != (x.value.shape, x.value.strides)
    ]


def as_used(x: Node, node: Any) -> Any:
    """The version of x that `node` was computed from; from now on, the input of its call.

    Raises RuntimeError if x was given another array since then (see `Node.replace`).
    """
    was = version(x, node.birth)
    if was is None:
        raise changed(x.value, node)
    if was is not x:
        call = node.call
        if viewed(node) is x:
            node._taken = call  # it stays a view of x, whatever is written to x
        inputs = tuple([was if one is x else one for one in call.inputs])
        node.call = copy(call)
        node.call.inputs = inputs
    return was


def version(x: Any, time: float) -> Any:
    """The version of x at a time; None if that is gone.

    A recorded write gives a tensor a new history. It reaches views that are older than the write,
    too: such a view is taken again, from the version that its tensor had at the time.
    """
    x = node_at(x, time)
    of = viewed(x) if x is not None and x.call else None
    if of is None:
        return x
    of = version(of, time)
    if of is None or of.birth < x.birth:
        return x
    call = Call(x.call.op, (of,), (of.value,), x.call.settings, NOTHING, x.call.place)
    taken = Op.node(x.value, True, call)
    taken.birth = of.birth + 2**-10  # after what it is taken from, and before all that is younger
    return taken


def unchanged(x: Any, node: Any) -> Any:
    """x, if its memory was not written to after the op of `node` had used it; else `Changed`."""
    value = value_of(x)
    if isinstance(value, Array) and written_since(value, node.birth):
        return Changed(value, changed(value, node))
    return x


def notice_numpy(nodes: Iterable[Node]) -> None:
    """Note what NumPy has written to the memory that nodes, and the ops that made them, use."""
    for node in nodes:
        values = node.call.values if node.call else ()
        notice(*[value for value in (node.value, *values) if isinstance(value, Array)])


class Changed:
    """A substitute for an array that was written to after its use: it has a shape, but no numbers.

    So a rule that needs no old value, such as that of a sum, still works; any other rule raises
    `error`.
    """

    def __init__(self, value: Array, error: RuntimeError) -> None:
        self.shape, self.ndim, self.size = value.shape, value.ndim, value.size
        self.dtype, self.error = value.dtype, error

    def __len__(self) -> int:
        return self.shape[0]

    def __getattr__(self, name: str) -> NoReturn:
        raise self.error


def _missing(self: Changed, *_: Any, **__: Any) -> NoReturn:
    raise self.error


OPERATORS = "add sub mul truediv pow matmul"
OTHERS = "neg abs invert eq ne lt le gt ge getitem iter bool array array_ufunc"
for _name in [*OTHERS.split(), *(r + name for name in OPERATORS.split() for r in ("", "r"))]:
    setattr(Changed, f"__{_name}__", _missing)


def changed(value: Array, user: Any) -> RuntimeError:
    """The error of a value that was written to after another node was computed from it."""
    return RuntimeError(
        f"a tensor of shape {value.shape} was changed in place after {user.call.op.__name__} had "
        "used it (an optimizer's step does that, too): call backward() before, or change a clone()"
    )

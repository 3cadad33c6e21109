"""The graph: values that remember how they were made.

An op called on arrays computes; called on a tensor, it also remembers:

    tanh(np.ones(3))        an array
    tanh(tensor)            a tensor whose `call` is (tanh, (tensor,), {})

Following `call` from a result leads through everything it was made of. That is the whole graph;
there is no other record of it.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable
from operator import itemgetter
from typing import (
    TYPE_CHECKING, Any, ClassVar, Concatenate, Generic, NamedTuple, NoReturn, ParamSpec, Self,
    overload,
)  # fmt: skip

import numpy as np

from .dtypes import Array, Value
from .errors import STOPPED, again, resumed
from .grad_mode import mode
from .memory import last, in_memory_of, tick, use, watched
from .place import place
from .text import printable

P = ParamSpec("P")
Inputs = tuple[Any, ...]  # nodes, arrays and numbers
Settings = dict[str, Any]


class Call:
    """How a value was made: an op, the inputs it was called on, and its settings.

    inputs    nodes; and arrays and numbers, which are constants
    values    the arrays and numbers that the op computed with
    settings  everything else: dim, shape, index
    saved     what the forward saved for its rule, by name
    place     where the op was called, for drawings
    """

    __slots__ = ("op", "inputs", "values", "settings", "saved", "place")

    def __init__(self, op: Any, inputs: Inputs, values: Any, settings: Any, saved: Any, place: Any):
        self.op, self.inputs, self.values = op, inputs, values
        self.settings, self.saved, self.place = settings, saved, place


class Node:
    """A value and how it was made.

    value          the NumPy array; read-only, because writes must be noticed (see memory.py)
    call           the Call that made it; None for a leaf
    requires_grad  whether gradients flow to it
    grad           the gradient, once `backward` has left it here: in leaves, and in nodes on which
                   `retain_grad()` was called
    retains_grad   True after `retain_grad()`: `backward` fills `grad` although this is not a leaf
    birth          when it got this value and call: later than the births of its inputs
    _past          if its history has changed: until when it was which node, oldest first
    _taken         if it is a view, and `call` does not say of what: the Call that took it
    _hooks         functions that see its gradient, if there are any: see autograd/hooks.py
    """

    __slots__ = (
        "value", "call", "_requires_grad", "_grad", "retains_grad", "birth", "_past", "_taken",
        "_hooks",
    )  # fmt: skip

    value: Array
    call: Call | None
    birth: float
    _grad: Any
    _past: list[tuple[float, Node | None]] | None
    _taken: Call | None
    _hooks: Any

    def __init__(self, value: Array, requires_grad: bool = False, call: Call | None = None) -> None:
        if not isinstance(value, Array):
            raise TypeError(f"a tensor holds an array, not {type(value).__name__}: use tensor()")
        self.value, self.call, self._requires_grad = value, call, requires_grad
        self._grad = self._past = self._taken = self._hooks = None
        self.retains_grad, self.birth = False, tick()

    @property
    def requires_grad(self) -> bool:
        """True if gradients flow to it. It can be set for a leaf of floats."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        if not isinstance(requires_grad, bool):
            raise TypeError(
                f"requires_grad is True or False, not {printable(repr(requires_grad), 60)}"
            )
        if self.call:
            raise RuntimeError("requires_grad is set for leaves, an op made this: x.detach()")
        if requires_grad != self._requires_grad:  # the graphs that used it do not change
            leave_past(self, None if self._requires_grad else with_value(self, self.value))
            require_grad(self, requires_grad)

    @property
    def grad(self) -> Any:
        """The gradient: a tensor of its shape and dtype, or None."""
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        if grad is not None and (not isinstance(grad, Node) or grad is self):
            given = "the tensor itself" if grad is self else f"a {type(grad).__name__}"
            raise TypeError(f"grad is a tensor or None, not {given}")
        if grad is not None:
            for what in ("shape", "dtype"):
                own, given = getattr(self.value, what), getattr(grad.value, what)
                if own != given:
                    raise RuntimeError(f"a grad of {what} {given} for a tensor of {what} {own}")
        self._grad = grad

    def replace(self, value: Any) -> None:
        """Give a leaf a new array and no grad, and a new birth, by which older graphs notice."""
        self.value, self.birth = np.asarray(value), tick()
        self._past = self._grad = self._taken = None

    def __getstate__(self) -> Any:
        if self.call:
            raise RuntimeError("only leaves are copied and pickled: take x.detach() first")
        grad = None if self.grad is None or self.grad.call else self.grad
        return self.value, self._requires_grad, grad

    def __setstate__(self, state: Any) -> None:
        Node.__init__(self, state[0].copy(), state[1])
        self._grad = state[2]


def require_grad(leaf: Node, requires_grad: bool = True) -> None:
    """Set `requires_grad` of a leaf that no op has used so far.

    Raises RuntimeError if it would be set to True and the leaf does not hold floats.
    """
    if requires_grad and leaf.value.dtype.kind != "f":
        raise RuntimeError(f"requires_grad: only floats have gradients, not {leaf.value.dtype}")
    leaf._requires_grad = requires_grad


def leave_past(node: Node, was: Node | None) -> None:
    """Before a node's history changes: note which node it was until now (None: itself)."""
    last.change = tick()
    if node._past is None:
        node._past = []
    node._past.append((last.change, was))
    if was is not None:  # hooks see the gradient of what the tensor was when they were registered
        was._hooks, node._hooks = node._hooks, None


def with_value(node: Node, value: Array) -> Node:
    """A node with the history of another one, and with this value."""
    copied = Op.node(value, node._requires_grad, node.call)
    copied.birth = node.birth
    return copied


def node_at(node: Node, time: float) -> Node | None:
    """The version of a node at a time; None if that is not known."""
    past = node._past or []
    later = bisect_right(past, time, key=itemgetter(0))
    if later == len(past):
        return node if node.birth < time else None
    was = past[later][1]
    return node if was is None else node_at(was, time) if was._past else was


def value_of(x: Any) -> Any:
    """The array of a node; anything else unchanged."""
    return x.value if isinstance(x, Node) else x


class Saved(NamedTuple):
    """Returned by a forward that saves what its rule would have to compute again.

    On arrays the rule gets what was saved, by name. On tensors it does not, because a saved array
    has no history.
    """

    out: Any
    saved: Settings


NOTHING: Settings = {}
NUMPY = (np.ndarray, np.generic)


class Function(Generic[P]):
    """The type, for type checkers, of ops and `untracked` functions: a tensor gives a tensor.

    Settings may be given by name or by position.
    """

    if TYPE_CHECKING:

        @overload
        def __call__(self, x: Value, /, *inputs: P.args, **settings: P.kwargs) -> Value: ...
        @overload
        def __call__(self, x: Value, /, *inputs: Any, **settings: Any) -> Value: ...
        def __call__(self, x: Any, /, *inputs: Any, **settings: Any) -> Any: ...

        @overload
        def __get__(self, x: None, kind: Any) -> Self: ...
        @overload
        def __get__(self, x: Value, kind: Any) -> Callable[..., Value]: ...
        def __get__(self, x: Any, kind: Any) -> Any: ...


class Op(Function[P]):
    """The type of ops, the registry of all ops, and the class of their results.

    An op itself is a plain function (see `op`), so that Tensor can use it as a method.
    """

    registry: ClassVar[dict[str, Any]] = {}  # every op, by its name
    node: ClassVar[type[Node]] = Node  # the class of their results: Tensor, once that is defined

    __name__: str
    forward: Callable[..., Any]
    rule: Callable[..., Any]
    backward: Callable[[Callable[..., Any]], None]


def op(forward: Callable[Concatenate[Any, P], Any]) -> Op[P]:
    """Make an op: a function on arrays, and the rule that carries a gradient back through it.

    `forward(*inputs, **settings)` is plain NumPy: parameters before the `*` are inputs, those
    after it settings, which a caller may also give by position, as in `sum(x, 1)`.

    `rule(g, out, *inputs, **settings)`, written under `@name.backward`, returns one gradient per
    input: an array, None if there is none, or a function that computes it, called only if it is
    needed. It is written in ops, too: on arrays it computes; on tensors it is recorded, which gives
    gradients of gradients. A forward may save something for it (see `Saved`).
    """
    code, name = forward.__code__, forward.__name__
    arity = None if code.co_flags & 0x04 else code.co_argcount  # 0x04: it has *args
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    def call(*inputs: Any, **settings: Any) -> Any:
        values, tracked = [], None  # None: no input is a node, so there is nothing to remember
        try:
            if len(inputs) != arity and arity is not None:
                inputs, settings = bound(name, parameters, arity, inputs, settings)
            for x in inputs:
                if isinstance(x, Node):
                    tracked, x = tracked or x._requires_grad, x.value
                elif isinstance(x, np.generic):
                    x = number(x, inputs)
                values.append(x)
            out = forward(*values, **settings)
        except STOPPED as error:
            return stopped(this, error, inputs, values, settings, tracked)
        return made(this, inputs, values, settings, out, tracked)

    this: Any = functools.wraps(forward)(call)
    this.forward, this.rule = forward, functools.partial(no_rule, name)
    this.backward = functools.partial(setattr, this, "rule")
    Op.registry[name] = this
    return this


def stopped(
    op: Any, error: Exception, inputs: Inputs, values: Any, settings: Settings, tracked: Any
) -> Any:
    """The result of a call that has raised an error, or a clear error."""
    try:
        if len(values) < op.forward.__code__.co_argcount:  # raised by `bound`
            raise error
        out = resumed(op.forward, op.__name__, error, values, settings)
    except TypeError as explained:
        return again(op, op.forward, inputs, settings, explained)
    return made(op, inputs, values, settings, out, tracked)


def no_rule(name: str, *_: Any, **__: Any) -> NoReturn:
    """The rule of an op that was given none."""
    raise NotImplementedError(f"{name} has no rule: define one with @{name}.backward")


def made(op: Any, inputs: Inputs, values: Any, settings: Settings, out: Any, tracked: Any) -> Any:
    """The result of a call: an array, or a node; if gradients flow to it, it remembers the call."""
    out, saved = out if type(out) is Saved else (out, NOTHING)
    if tracked is None:
        return out
    out = out if type(out) is Array else np.asarray(out)  # NumPy returned a scalar
    if not (tracked and mode.recording):
        return untracked(op, inputs, settings, out)
    for x in inputs:
        if not isinstance(x, Node):
            if isinstance(x, NUMPY) and type(values) is list:  # the caller may still write to it
                inputs, values, out = constants(inputs, values, out)
        elif watched and (x.value.base is not None or id(x.value) in watched):
            use(x.value)
    out.setflags(False)  # write=False, at half the cost
    return Op.node(out, True, Call(op, inputs, values, settings, saved, place()))


def untracked(op: Any, inputs: Inputs, settings: Settings, out: Array) -> Node:
    """A result that no gradient flows to. If it is a view, it remembers of what: see inplace.py."""
    out.setflags(False)  # type: ignore[call-arg]
    node, base = Op.node(out), out.base
    if base is not None and isinstance(of := inputs[0], Node) and in_memory_of(base, of.value):
        node._taken = Call(op, inputs, (), settings, NOTHING, None)
    return node


def constants(inputs: Inputs, values: list[Any], out: Array) -> tuple[Inputs, Inputs, Array]:
    """The inputs as a graph keeps them, arrays copied and NumPy's scalars numbers; their values.

    The output is returned too, copied if it shares memory with one of the arrays.
    """
    given = [v for x, v in zip(inputs, values, strict=True) if x is v and isinstance(v, Array)]
    out = out.copy() if any(np.may_share_memory(out, array) for array in given) else out
    pairs = zip(inputs, values, strict=True)
    kept = [x if isinstance(x, Node) else v.copy() if isinstance(v, Array) else v for x, v in pairs]
    return tuple(kept), tuple([value_of(x) for x in kept]), out


def number(x: np.generic, inputs: Inputs) -> Any:
    """A NumPy scalar beside a node as a Python number, whose dtype does not count."""
    return x.item() if any(isinstance(one, Node) for one in inputs) else x


def bound(
    name: str, parameters: tuple[str, ...], arity: int, inputs: Inputs, settings: Settings
) -> tuple[Inputs, Settings]:
    """Positional and keyword arguments, divided into an op's inputs and its settings."""
    if not settings and arity < len(inputs) <= len(parameters):
        return inputs[:arity], dict(zip(parameters[arity:], inputs[arity:], strict=False))
    names = dict(zip(("input", "other"), parameters, strict=False))  # as PyTorch names them
    settings = {names.get(called, called): value for called, value in settings.items()}
    given = dict(zip(parameters, inputs, strict=False)) | settings
    named = parameters[:arity]
    if len(given) < len(inputs) + len(settings) or not given.keys() >= set(named):
        got = f"{len(inputs)} by position and {', '.join(settings) or 'none'} by name"
        raise TypeError(f"{name} takes ({', '.join(parameters)}), each once; got {got}")
    return tuple([given.pop(input) for input in named]), given

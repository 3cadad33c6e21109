"""The graph: values that remember how they were made.

An op called on arrays computes; called on a tensor, it also remembers:

    tanh(np.ones(3))        an array
    tanh(tensor)            a tensor whose `call` is (tanh, (tensor,), {})

Following `call` from a result leads through everything it was made of. That is the whole graph;
there is no other record of it.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from sys import _getframe
from typing import Any, ClassVar, NamedTuple, NoReturn

import numpy as np

from .dtypes import Array
from .errors import KINDS, explained
from .grad_mode import mode
from .place import here, ours

_births = itertools.count()


class Call:
    """How a value was made: an op, the inputs it was called on, and its settings.

    Inputs are nodes, or arrays and numbers for constants; all else is a setting: dim, shape, index.
    `values` are the arrays and numbers that the op computed with, `saved` is what its forward saved
    for its rule. For drawings a call knows its place: a module's call, and an instruction of code
    that is not ours.
    """

    __slots__ = ("op", "inputs", "values", "settings", "saved", "scope", "code", "instruction")

    def __init__(self, op: Any, inputs: Any, values: Any, settings: Any, saved: Any) -> None:
        self.op, self.inputs, self.values = op, inputs, values
        self.settings, self.saved = settings, saved
        self.scope = here.scope
        if here.back:
            self.code, self.instruction = here.back.code, here.back.instruction
            return
        frame: Any = _getframe(2)
        code = frame.f_code
        while ours[code.co_filename] and frame.f_back:
            frame = frame.f_back
            code = frame.f_code
        self.code, self.instruction = code, frame.f_lasti


class Node:
    """A value and how it was made.

    value          the NumPy array; read-only from the moment a graph remembers it
    call           the Call that made it; None for a leaf
    requires_grad  whether gradients flow to it
    grad           what `backward` left here, for leaves and for those that `retain_grad()`
    birth          when it got its value: a node is always younger than its inputs
    """

    __slots__ = ("value", "call", "requires_grad", "grad", "retains_grad", "birth")

    def __init__(self, value: Array, requires_grad: bool = False, call: Call | None = None) -> None:
        if not isinstance(value, Array):
            raise TypeError(f"a tensor holds an array, not a {type(value).__name__}: use tensor()")
        self.value, self.call, self.requires_grad = value, call, requires_grad
        self.grad: Any = None
        self.retains_grad = False
        self.birth = next(_births)

    def replace(self, value: Any) -> None:
        """Give a leaf another value. Graphs that remember the old one notice: it is born anew."""
        self.value, self.birth = np.asarray(value), next(_births)

    def __getstate__(self) -> Any:
        if self.call:
            raise RuntimeError("only leaves are copied and pickled: take x.detach() first")
        grad = None if self.grad is None or self.grad.call else self.grad
        return self.value, self.requires_grad, grad

    def __setstate__(self, state: Any) -> None:
        Node.__init__(self, state[0].copy(), state[1])
        self.grad = state[2]


def value_of(x: Any) -> Any:
    """The array of a node; anything else as it is."""
    return x.value if isinstance(x, Node) else x


def constant(x: Any, recorded: bool) -> Any:
    """What stands beside a tensor. A number of NumPy's is one like Python's: its dtype is naught.

    An array is copied if the call is recorded, for it stays the caller's to write to.
    """
    if isinstance(x, np.generic):
        return x.item()
    return x.copy() if recorded and isinstance(x, Array) else x


def lock(array: Array) -> None:
    """Make an array, and the memory that it is a view of, read-only: a graph depends on it."""
    array.setflags(False)  # positional `write=False`: much faster than the keyword
    base = array.base
    if base is not None and isinstance(base, Array):
        lock(base)


class Saved(NamedTuple):
    """What a forward returns that has saved something for its rule."""

    out: Any
    saved: Any


class Op:
    """What ops have in common. An op is itself a function: Python is quicker to call it so."""

    registry: ClassVar[dict[str, Any]] = {}  # every op, by its name
    result: ClassVar[type[Node]] = Node  # what an op called on a node returns


def op(forward: Callable[..., Any]) -> Any:
    """Make an op: a function on arrays, and the rule that carries a gradient back through it.

    `forward(*inputs, **settings)` is plain NumPy: parameters before the `*` are inputs, those
    after it settings, which a caller may also give by position, as in `sum(x, 1)`.

    `rule(g, out, *inputs, **settings)` returns one gradient an input (None: there is none), or,
    where it costs something, a function that is called only if that gradient is wanted. It is
    itself written in ops: on arrays it computes; on tensors it is recorded, which gives gradients
    of gradients.

    What a forward has computed and the rule would have to compute again, it may save: it returns
    `Saved(out, saved)`, and on arrays the rule is handed `saved=…`. On tensors it is not, since
    what is saved has no history.

    `adds_into`, for an op that picks elements out of its last input, is the rule done in place:
    `adds_into(total, g, out, *inputs, **settings)` adds the gradient to the array `total`, so
    that T picks from one array cost what they touch and not T arrays.
    """
    code = forward.__code__
    arity = None if code.co_flags & 0x04 else code.co_argcount  # 0x04: it has *args
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    @functools.wraps(forward)
    def call(*inputs: Any, **settings: Any) -> Any:
        if len(inputs) != arity and arity is not None:
            inputs, settings = bound(name, parameters, arity, inputs, settings)
        values, nodes = [], False
        tracked = arrays = False
        for x in inputs:
            if isinstance(x, Node):
                nodes = True
                values.append(x.value)
                tracked = tracked or x.requires_grad
            else:
                values.append(x)
                arrays = arrays or type(x) is not float and type(x) is not int
        recorded = tracked and mode.recording
        if arrays and nodes:  # numbers of Python's stay as they are
            inputs = tuple([x if isinstance(x, Node) else constant(x, recorded) for x in inputs])
            values = [*map(value_of, inputs)]
        try:
            value = forward(*values, **settings)
        except KINDS as error:
            raise explained(name, error, values, settings) from None

        value, saved = value if type(value) is Saved else (value, None)
        if not nodes:
            return value
        value = value if type(value) is Array else np.asarray(value)  # of a number
        if not recorded:
            return Op.result(value)
        for x in inputs:
            if isinstance(x, Node) and x.call is None:  # what an op made is read-only already
                lock(x.value)
        lock(value)
        return Op.result(value, True, Call(this, inputs, values, settings, saved))

    def no_rule(*_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(f"{name} has no rule: write it under @{name}.backward")

    this: Any = call
    name = forward.__name__
    this.forward, this.rule, this.adds_into = forward, no_rule, None
    this.backward = functools.partial(setattr, this, "rule")  # @mul.backward, above its rule
    this.backward_into = functools.partial(setattr, this, "adds_into")
    Op.registry[name] = this
    return this


def bound(
    name: str,
    parameters: tuple[str, ...],
    arity: int,
    inputs: tuple[Any, ...],
    settings: dict[str, Any],
) -> Any:
    """Sort what came by position or by name into an op's inputs and its settings."""
    if not settings and arity < len(inputs) <= len(parameters):
        return inputs[:arity], dict(zip(parameters[arity:], inputs[arity:], strict=False))
    names = dict(zip(("input", "other"), parameters, strict=False))  # as PyTorch has them
    settings = {names.get(called, called): value for called, value in settings.items()}
    given = dict(zip(parameters, inputs, strict=False)) | settings
    named = parameters[:arity]
    if len(given) < len(inputs) + len(settings) or not given.keys() >= set(named):
        raise TypeError(f"{name} takes ({', '.join(parameters)}), each once")
    return tuple([given.pop(input) for input in named]), given

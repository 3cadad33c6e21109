"""Function: your own op, with forward and backward written as methods, as in PyTorch.

class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g

y = Square.apply(x)
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..dtypes import Array, result_type
from ..errors import shown
from ..grad_mode import enable_grad, is_grad_enabled, no_grad
from ..graph import NOTHING, Call, Node, Op, leave_past, value_of, with_value
from ..memory import owner, tick, written_since
from ..ops import cast, getitem, reshape
from ..place import place


class Context:
    """`ctx`, in which `forward` leaves things for `backward`. It may have other attributes, too.

    saved_tensors      the tensors that save_for_backward was called on
    needs_input_grad   for each argument of apply, whether a gradient flows to it
    """

    needs_input_grad: tuple[bool, ...] = ()

    def __init__(self) -> None:
        self._saved: tuple[Any, ...] = ()
        self._time: float = 0
        self._now: dict[int, Any] = {}  # the outputs that were saved, with their history
        self._dirty: tuple[Any, ...] = ()
        self._constant: tuple[Any, ...] = ()
        self._once = False

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors for `backward`, which finds them in `saved_tensors`; None stays None."""
        for x in tensors:
            if not isinstance(x, Node | None):
                raise TypeError(
                    f"save_for_backward takes tensors, not {shown(x)}: use ctx.name = …"
                )
        self._saved, self._time = tensors, tick()

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The saved tensors. Raises RuntimeError if one was written to since then."""
        for x in self._saved:
            if x is not None and id(x) not in self._now and written_since(x.value, self._time):
                raise RuntimeError(
                    f"a saved tensor of shape {x.value.shape} was changed in place since then"
                )
        return tuple([self._now.get(id(x), x) for x in self._saved])

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """No gradient flows to these outputs."""
        self._constant = tensors

    def mark_dirty(self, *tensors: Any) -> None:
        """`forward` has written to these inputs, and returns them."""
        self._dirty = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Accepted as in PyTorch: an output without a gradient gives `backward` zeros."""


class _Applied:
    """The op of one call of a Function."""

    def __init__(self, function: Any, ctx: Context, arguments: Any, settings: Any) -> None:
        self.function, self.ctx, self.arguments = function, ctx, arguments
        self.settings, self.__name__ = settings, function.__name__
        self.backward_name = f"{function.__name__}Backward"
        self.shapes: list[tuple[int, ...]] = []  # of the outputs that have gradients
        self.others: list[tuple[int, Any]] = []  # the places and values of those that have none
        self.outputs: Any = None

    forward = property(lambda self: self)

    def __call__(self, *tensors: Any) -> Any:
        """Apply the function again, to other tensors."""
        given = iter(tensors)
        again = [next(given) if isinstance(x, Node) else x for x in self.arguments]
        return self.function.apply(*again, **self.settings)

    def rule(self, g: Any, out: Any, *inputs: Any) -> Any:
        """The gradients of the inputs; g is that of the outputs, flattened and joined."""
        record = isinstance(g, Node)
        if self.outputs is not None:
            self.ctx._now = self.outputs(out) if record else {}
        gs = _divided(g if record else Op.node(np.asarray(g)), self.shapes)
        for at, value in self.others:
            gs.insert(at, Op.node(np.zeros_like(value)))
        with enable_grad() if record and not self.ctx._once else no_grad():
            found = self.function.backward(self.ctx, *gs)
        self.ctx._now = {}
        found = list(found) if isinstance(found, tuple | list) else [found]
        while len(found) > len(self.arguments) and found[-1] is None:
            found.pop()
        if len(found) != len(self.arguments):
            raise RuntimeError(
                f"{self.__name__}.backward returned {len(found)} gradients for "
                f"{len(self.arguments)} arguments: one for each, None for what has none"
            )
        return tuple(
            [
                self._gradient(gx, record)
                for x, gx in zip(self.arguments, found, strict=True)
                if isinstance(x, Node)
            ]
        )

    def _gradient(self, gx: Any, record: bool) -> Any:
        if gx is None:
            return None
        if not isinstance(gx, Node):
            raise TypeError(f"{self.__name__}.backward returns tensors and None, not {shown(gx)}")
        if record and self.ctx._once:  # an error as soon as a gradient flows back through it
            call = Call(_Once(self.__name__), (self._anchor(),), (None,), {}, NOTHING, None)
            return Op.node(gx.value, True, call)
        return gx if record else gx.value

    def _anchor(self) -> Any:
        return next(x for x in self.arguments if isinstance(x, Node) and x.requires_grad)


class _Once:
    """The op of a gradient that cannot be differentiated again."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def rule(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError(
            f"{self.__name__}.backward is marked once_differentiable: it has no second derivative"
        )


class Function:
    """The base of your own ops: subclass it, and call `apply`.

    forward(ctx, *arguments)    computes; nothing in it is recorded. Or forward(*arguments), and
                                setup_context(ctx, inputs, output)
    backward(ctx, *gradients)   gets the gradient of each output; returns one for each argument of
                                apply, None for what has none. Made of ops, it has a gradient, too
    """

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs: a tensor or a tuple."""
        raise NotImplementedError("a Function defines forward(ctx, …)")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """Return one gradient per argument of `apply`."""
        raise NotImplementedError("a Function defines backward(ctx, …)")

    vjp = backward
    setup_context: Any = None

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Call `forward`, and record it."""
        ctx = Context()
        ctx.needs_input_grad = tuple([isinstance(x, Node) and x._requires_grad for x in args])
        with no_grad():
            if cls.setup_context is None:
                outputs = cls.forward(ctx, *args, **kwargs)
            else:
                outputs = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, args, outputs)
        ctx._once = getattr(cls.backward, "once", False)
        if not (is_grad_enabled() and any(ctx.needs_input_grad)):
            return outputs
        return _recorded(_Applied(cls, ctx, args, kwargs), outputs)


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a `backward` that is not made of ops: it has no gradient itself."""

    @functools.wraps(backward)
    def called(*args: Any, **kwargs: Any) -> Any:
        return backward(*args, **kwargs)

    called.once = True  # type: ignore[attr-defined]
    return called


def _recorded(applied: Any, outputs: Any) -> Any:
    """The outputs of a function with their history: parts of one vector that has a gradient."""
    ctx, several = applied.ctx, isinstance(outputs, tuple | list)
    found = list(outputs) if several else [outputs]
    if any(isinstance(x, Array) for x in found) or not several and not isinstance(outputs, Node):
        raise TypeError(f"{applied.__name__}.forward returns tensors, not {shown(found[0])}")
    constant = {id(x) for x in ctx._constant}
    smooth = [
        x for x in found
        if isinstance(x, Node) and x.value.dtype.kind == "f" and id(x) not in constant
    ]  # fmt: skip
    if not smooth:
        return outputs
    inputs = tuple([x for x in applied.arguments if isinstance(x, Node)])
    applied.others = [
        (i, x.value) for i, x in enumerate(found)
        if isinstance(x, Node) and not any(x is one for one in smooth)
    ]  # fmt: skip
    applied.shapes = [x.value.shape for x in smooth]
    alone = len(smooth) == 1
    joined = smooth[0].value if alone else _joined([x.value for x in smooth])
    joined = _unshared(joined, inputs) if not any(x is smooth[0] for x in ctx._dirty) else joined
    values = tuple([x.value for x in inputs])
    call = Call(applied, inputs, values, {}, NOTHING, place())
    if alone and any(x is smooth[0] for x in ctx._dirty):
        _rewrite(smooth[0], call)
        return outputs
    if ctx._dirty:
        raise NotImplementedError(f"{applied.__name__}: mark_dirty with several outputs")
    joined.setflags(write=False)
    node = Op.node(joined, True, call)
    saved = {id(x): i for i, x in enumerate(smooth) if any(x is one for one in ctx._saved)}
    parts = _parts(node, smooth, applied.shapes)
    if saved:
        applied.outputs = lambda out: {
            key: _parts(out, smooth, applied.shapes)[i] for key, i in saved.items()
        }
    made = {id(x): part for x, part in zip(smooth, parts, strict=True)}
    found = [made.get(id(x), x) for x in found]
    return tuple(found) if several else found[0]


def _joined(values: list[Array]) -> Array:
    return np.concatenate([v.ravel() for v in values], dtype=result_type(*values))


def _unshared(value: Array, inputs: Any) -> Array:
    """The value, copied if it is the memory of an input: forward may return that."""
    return value.copy() if any(owner(value) is owner(x.value) for x in inputs) else value


def _rewrite(x: Any, call: Call) -> None:
    """Make an input that forward has written to the output of the call."""
    if x.call is None and x.requires_grad:
        raise RuntimeError("mark_dirty: a leaf that requires grad changes only under no_grad()")
    was = with_value(x, x.value)
    leave_past(x, was)
    call.inputs = tuple([was if one is x else one for one in call.inputs])
    x.call, x._requires_grad, x._taken, x.birth = call, True, None, tick()


def _divided(g: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    """One gradient per output, from that of all of them joined."""
    return [g] if len(shapes) == 1 else _cut(g, shapes)


def _parts(node: Any, outputs: list[Any], shapes: list[tuple[int, ...]]) -> list[Any]:
    """The outputs as parts of the node that has all of them."""
    if len(shapes) == 1:
        return [node]
    dtypes = [x.value.dtype for x in outputs]
    pairs = zip(_cut(node, shapes), dtypes, strict=True)
    return [x if value_of(x).dtype == dtype else cast(x, dtype=dtype) for x, dtype in pairs]


def _cut(x: Any, shapes: list[tuple[int, ...]]) -> list[Any]:
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes]).tolist()
    starts = [0, *ends[:-1]]
    cut = [getitem(x, index=slice(*ends)) for ends in zip(starts, ends, strict=True)]
    return [reshape(part, shape=shape) for part, shape in zip(cut, shapes, strict=True)]

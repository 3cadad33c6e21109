"""x.grad_fn: the op that made a tensor, as PyTorch shows it: its name, and those before it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dims import size_of
from ..graph import Node, Op, value_of
from ..memory import owner
from .changed import as_used
from .sweep import fitted, vjp

# PyTorch's names, where they differ from the op's with a capital letter.
NAMES = {
    "put_at": "CopySlices", "add_at": "IndexPutBackward0", "cross_entropy": "NllLossBackward0",
    "standardize": "NativeLayerNormBackward0", "layer_norm": "NativeLayerNormBackward0",
    "sum_to": "SumBackward1",
}  # fmt: skip
ARITHMETIC = ("add", "sub", "mul", "div", "maximum", "minimum")
PRODUCTS = {(2, 2): "Mm", (1, 1): "Dot", (2, 1): "Mv", (3, 3): "Bmm"}


class GradFn:
    """The op that made a tensor. Its class has the op's name, such as MulBackward0.

    next_functions  for each input, its grad_fn (AccumulateGrad for a leaf; None if no gradient
                    flows to it) and 0
    """

    def __init__(self, node: Any) -> None:
        self._node = node

    def name(self) -> str:
        """The name of its class."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """The grad_fn of each input; of a number beside a tensor, in arithmetic, None."""
        call = self._node.call
        inputs = call.inputs if call else ()
        if call and call.op.__name__ not in ARITHMETIC:
            inputs = [x for x in inputs if isinstance(x, Node)]
        return tuple([
            (_of(as_used(x, self._node)) if isinstance(x, Node) else None, 0) for x in inputs
        ])  # fmt: skip

    @property
    def metadata(self) -> dict[str, Any]:
        """An empty dict."""
        return {}

    def register_hook(self, hook: Any) -> Any:
        """Not here: gradients are seen by `register_hook` of the tensor."""
        raise NotImplementedError("grad_fn.register_hook: use register_hook of the tensor")

    def __call__(self, gradient: Any) -> Any:
        """The gradients of the inputs, from that of the output."""
        found = zip(self._node.call.inputs, vjp(self._node, value_of(gradient)), strict=True)
        wanted = [
            (x, g) if isinstance(x, Node) and x.requires_grad else (x, None) for x, g in found
        ]
        arrays = [
            fitted(g() if callable(g) else g, x.value) if g is not None else None for x, g in wanted
        ]
        made = tuple([None if g is None else Op.node(np.asarray(g)) for g in arrays])
        return made[0] if len(made) == 1 else made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GradFn) and self._node is other._node

    def __hash__(self) -> int:
        return hash(self._node)

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self._node):#x}>"


class AccumulateGrad(GradFn):
    """The end of a graph: what reaches it is added to the `grad` of a leaf, its `variable`."""

    @property
    def variable(self) -> Any:
        """The leaf."""
        return self._node


def _grad_fn(x: Any) -> Any:
    """The op that made this tensor, as PyTorch shows it; None for a leaf."""
    return _of(x) if x.call else None


def _of(x: Any) -> Any:
    if not x.requires_grad:
        return None
    return _classes[name(x)](x) if x.call else AccumulateGrad(x)


class _Classes(dict[str, Any]):
    """A class for each name."""

    def __missing__(self, key: str) -> Any:
        self[key] = made = type(key, (GradFn,), {})
        return made


_classes = _Classes()
grad_fn = property(_grad_fn, doc=_grad_fn.__doc__)


def name(x: Any) -> str:
    """PyTorch's name for the op that made a tensor: AddBackward0, say."""
    call = x.call
    op = call.op.__name__
    if hasattr(call.op, "backward_name"):  # of a Function
        return str(call.op.backward_name)
    if op in NAMES:
        return NAMES[op]
    special = _SPECIAL.get(op)
    found = special and special(x, call)
    return found or "".join(word.capitalize() for word in op.strip("_").split("_")) + "Backward0"


def _pow(x: Any, call: Any) -> str:
    return "PowBackward1" if isinstance(call.inputs[1], Node) else "PowBackward0"


def _sum(x: Any, call: Any) -> str:
    return "SumBackward0" if call.settings.get("dim") is None else "SumBackward1"


def _cast(x: Any, call: Any) -> str:
    same = call.values[0].dtype == x.value.dtype
    return "CloneBackward0" if same else "ToCopyBackward0"


def _div(x: Any, call: Any) -> str | None:
    """A mean is a sum, divided by the number of its elements."""
    total, count = call.inputs
    of = total.call if isinstance(total, Node) else None
    if of is None or of.op.__name__ != "sum" or type(count) is not int:
        return None
    dim = of.settings.get("dim")
    if count != size_of(of.values[0], dim):
        return None
    return "MeanBackward0" if dim is None else "MeanBackward1"


def _matmul(x: Any, call: Any) -> str:
    dims = tuple([value.ndim for value in call.values])
    return f"{PRODUCTS.get(dims, 'UnsafeView')}Backward0"


def _linear(x: Any, call: Any) -> str:
    flat, bias = call.values[0].ndim == 2, len(call.values) > 2
    if flat:
        return "AddmmBackward0" if bias else "MmBackward0"
    return "ViewBackward0" if bias else "UnsafeViewBackward0"


def _reshape(x: Any, call: Any) -> str:
    before = [n for n in call.values[0].shape if n != 1]
    if before == [n for n in x.value.shape if n != 1] and x.value.ndim != call.values[0].ndim:
        added = x.value.ndim == call.values[0].ndim + 1
        return "UnsqueezeBackward0" if added else "SqueezeBackward0"
    shared = owner(x.value) is owner(call.values[0])
    return "ViewBackward0" if shared else "UnsafeViewBackward0"


def _permute(x: Any, call: Any) -> str:
    dims = [d % x.value.ndim for d in call.settings["dims"]]
    moved = sum(i != d for i, d in enumerate(dims))
    return "TransposeBackward0" if moved == 2 else "PermuteBackward0"


def _getitem(x: Any, call: Any) -> str:
    index = call.settings["index"]
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, list | np.ndarray) for part in parts):
        return "IndexBackward0"
    final = [part for part in parts if part not in (..., slice(None))]
    return "SelectBackward0" if final and type(final[-1]) is int else "SliceBackward0"


_SPECIAL: dict[str, Any] = {
    "pow": _pow, "sum": _sum, "cast": _cast, "div": _div, "matmul": _matmul, "linear": _linear,
    "reshape": _reshape, "permute": _permute, "getitem": _getitem,
}  # fmt: skip

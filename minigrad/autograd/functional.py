"""Jacobians, Hessians and their products with vectors, of functions of tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph import Node, Op
from ..functions import stack
from ..ops import mul, reshape, sum
from .backward import grad

Function = Callable[..., Any]
Inputs = Node | Sequence[Node]


def jacobian(
    func: Function,
    inputs: Inputs,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """d output / d input: a tensor of the output's dims, then the input's.

    A tuple of them for several inputs; of those for several outputs. With `strict`, PyTorch raises
    an error where an output does not depend on an input; here the derivative is 0. `vectorize` and
    `strategy` change nothing.
    """
    xs = _leaves(inputs, create_graph)
    outputs = func(*xs)
    found = tuple([_rows(y, xs, create_graph) for y in _several(outputs)])
    if isinstance(inputs, Node):
        found = tuple([each[0] for each in found])
    return found[0] if isinstance(outputs, Node) else found


def hessian(
    func: Function,
    inputs: Inputs,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """d² output / d input²: a tensor of the input's dims, twice; the output is a single number.

    For several inputs, a tuple of tuples: [i][j] is d² / d input i d input j.
    """

    def gradient(*xs: Any) -> Any:
        found = jacobian(lambda *own: _number(func(*own)), xs, create_graph=True)
        return found[0] if isinstance(inputs, Node) else found

    return jacobian(gradient, inputs, create_graph)


def vjp(func: Function, inputs: Inputs, v: Any = None, create_graph: bool = False) -> Any:
    """The outputs, and vᵀ times the Jacobian; v has the shape of the outputs (None: 1)."""
    xs = _leaves(inputs, create_graph)
    outputs = func(*xs)
    found = _grads(_several(outputs), xs, None if v is None else _several(v), create_graph)
    return _plain(outputs, create_graph), found[0] if isinstance(inputs, Node) else tuple(found)


def jvp(func: Function, inputs: Inputs, v: Any = None, create_graph: bool = False) -> Any:
    """The outputs, and the Jacobian times v, which has the shape of the inputs (None: 1).

    It is the gradient, by u, of uᵀ J v: the vector–Jacobian product, differentiated once more.
    """
    xs = _leaves(inputs, create_graph)
    outputs = func(*xs)
    ys = _several(outputs)
    us = [Op.node(np.zeros_like(y.value), requires_grad=True) for y in ys]
    products = _grads(ys, xs, us, True)
    vs = [Op.node(np.ones_like(x.value)) for x in xs] if v is None else _several(v)
    total = [sum(mul(p, one)) for p, one in zip(products, vs, strict=True)]
    found = _grads([t for t in total if t.requires_grad], us, None, create_graph)
    return _plain(outputs, create_graph), found[0] if isinstance(outputs, Node) else tuple(found)


def hvp(func: Function, inputs: Inputs, v: Any = None, create_graph: bool = False) -> Any:
    """The output, a single number, and its Hessian times v."""
    xs = _leaves(inputs, create_graph)
    output = func(*xs)
    gradients = _grads([_number(output)], xs, None, True)
    vs = [Op.node(np.ones_like(x.value)) for x in xs] if v is None else _several(v)
    smooth = [(g, one) for g, one in zip(gradients, vs, strict=True) if g.requires_grad]
    found = _grads([g for g, _ in smooth], xs, [one for _, one in smooth], create_graph)
    return _plain(output, create_graph), found[0] if isinstance(inputs, Node) else tuple(found)


vhp = hvp  # a Hessian is symmetric


def _several(x: Any) -> list[Any]:
    return [x] if isinstance(x, Node) else list(x)


def _leaves(inputs: Inputs, create_graph: bool) -> list[Any]:
    """The inputs as new leaves or, with create_graph, as they are if a gradient flows to them."""
    return [
        mul(x, 1)
        if create_graph and x.requires_grad
        else Op.node(x.value.copy(), requires_grad=True)
        for x in _several(inputs)
    ]


def _number(y: Any) -> Any:
    if y.value.size != 1:
        raise RuntimeError(f"the function must return a single number, not shape {y.value.shape}")
    return reshape(y, shape=())


def _grads(ys: Any, xs: Any, start: Any, create_graph: bool) -> list[Any]:
    """The gradients of xs, zeros where nothing depends on one."""
    pairs = [(y, None if start is None else start[i]) for i, y in enumerate(ys) if y.requires_grad]
    found: Any = (None,) * len(xs)
    if pairs:
        outputs, gradients = zip(*pairs, strict=True)
        found = grad(outputs, xs, gradients, create_graph=create_graph, allow_unused=True)
    pairs = zip(xs, found, strict=True)  # type: ignore[assignment]
    return [Op.node(np.zeros_like(x.value)) if g is None else g for x, g in pairs]


def _rows(y: Any, xs: list[Any], create_graph: bool) -> tuple[Any, ...]:
    """The Jacobians of one output by each input."""
    flat = reshape(y, shape=(-1,))
    rows = [_grads([flat[i]], xs, None, create_graph) for i in range(y.value.size)]
    shapes = [y.value.shape + x.value.shape for x in xs]
    if not rows:
        return tuple([Op.node(np.zeros(shape, y.value.dtype)) for shape in shapes])
    columns = zip(*rows, strict=True)
    return tuple([reshape(stack(c), shape=s) for c, s in zip(columns, shapes, strict=True)])


def _plain(outputs: Any, create_graph: bool) -> Any:
    """The outputs, without history unless create_graph."""
    if create_graph:
        return outputs
    plain = [y.detach() for y in _several(outputs)]
    return plain[0] if isinstance(outputs, Node) else tuple(plain)

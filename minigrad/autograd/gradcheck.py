"""Check gradients against finite differences."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..dtypes import float64
from ..graph import Node, Op
from .backward import grad
from .sweep import history


def gradcheck(
    func: Callable[..., Any],
    inputs: Node | Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Check the gradients of `func` against finite differences, element by element.

    func    called as func(*inputs); returns a tensor or several
    inputs  float64 tensors if they require grad (float32 is too coarse); others are held fixed

    Returns True if |rule - difference| <= atol + rtol · |difference| everywhere. Otherwise raises
    RuntimeError, which names the op whose rule is wrong, the input and the index; or returns False
    if `raise_exception` is False.
    """
    inputs = (inputs,) if isinstance(inputs, Node) else tuple(inputs)
    checked = _checked(inputs)
    for j, output in enumerate(_several(func(*inputs))):
        for k in checked:
            by_rule = _jacobian(output, inputs[k])
            by_difference = _differences(func, inputs, j, k, eps)
            wrong = np.abs(by_rule - by_difference) > atol + rtol * np.abs(by_difference)
            wrong |= np.isnan(by_rule) != np.isnan(by_difference)
            if wrong.any() and not raise_exception:
                return False
            if wrong.any():
                at = tuple(int(i) for i in np.argwhere(wrong)[0])
                name = getattr(func, "__name__", repr(func))
                raise RuntimeError(
                    f"gradcheck of {name}: d output{[*at[: output.value.ndim]]} / d input "
                    f"{k}{[*at[output.value.ndim :]]} is {by_difference[at]:.6g} by finite "
                    f"differences, but {by_rule[at]:.6g} by the rule of "
                    f"{_culprit(output, eps, atol, rtol) or name}"
                )
    return True


def gradgradcheck(
    func: Callable[..., Any], inputs: Node | Sequence[Any], *, seed: int = 0, **tolerances: Any
) -> bool:
    """Check the second derivatives of `func`: `gradcheck` of its gradient.

    What is differentiated is the sum of the outputs, weighted by random numbers from this seed.
    """
    inputs = (inputs,) if isinstance(inputs, Node) else tuple(inputs)
    rng = np.random.default_rng(seed)
    outputs = [y for y in _several(func(*inputs)) if y.requires_grad]
    weights = [Op.node(rng.standard_normal(y.value.shape), requires_grad=True) for y in outputs]

    def gradient(*args: Any) -> tuple[Any, ...]:
        ys = [y for y in _several(func(*args[: len(inputs)])) if y.requires_grad]
        xs = [x for x in args[: len(inputs)] if isinstance(x, Node) and x.requires_grad]
        gs = grad(ys, xs, args[len(inputs) :], create_graph=True, allow_unused=True)
        return tuple(g for g in gs if g is not None)

    gradient.__name__ = f"the gradient of {getattr(func, '__name__', repr(func))}"
    return gradcheck(gradient, (*inputs, *weights), **tolerances)


def _checked(inputs: Sequence[Any]) -> list[int]:
    """The indices of the inputs that require grad; ValueError if none does, or not in float64."""
    checked = [k for k, x in enumerate(inputs) if isinstance(x, Node) and x.requires_grad]
    for k in checked:
        if inputs[k].value.dtype != float64:
            raise ValueError(f"gradcheck: input {k} is {inputs[k].value.dtype}: use float64")
    if not checked:
        raise ValueError("gradcheck: there is nothing to check: no input requires grad")
    return checked


def _several(outputs: Any) -> tuple[Any, ...]:
    return (outputs,) if isinstance(outputs, Node) else tuple(outputs)


def _jacobian(output: Node, x: Node) -> Any:
    """d output / d x by the rules: an array of the output's dims, then x's."""
    slots = []
    for i in range(output.value.size if output.requires_grad else 0):
        one = np.zeros(output.value.size)
        one[i] = 1
        (g,) = grad(output, x, Op.node(one.reshape(output.value.shape)), allow_unused=True)
        slots.append(np.zeros(x.value.shape) if g is None else g.value)
    shape = output.value.shape + x.value.shape
    return np.reshape(slots, shape) if slots else np.zeros(shape)


def _differences(
    func: Callable[..., Any], inputs: Sequence[Any], j: int, k: int, eps: float
) -> Any:
    """d output j / d input k by central differences: an array of the output's dims, then x's."""
    x = inputs[k].value
    columns = []
    for i in np.ndindex(x.shape):
        ends = []
        for step in (eps, -eps):
            moved = x.copy()
            moved[i] += step
            args = [*inputs[:k], Op.node(moved, requires_grad=True), *inputs[k + 1 :]]
            ends.append(np.array(_several(func(*args))[j].value))
        columns.append((ends[0] - ends[1]) / (2 * eps))
    shape = np.shape(columns[0]) if columns else _several(func(*inputs))[j].value.shape
    return np.reshape(np.stack(columns, -1) if columns else np.zeros((*shape, 0)), shape + x.shape)


def _culprit(output: Node, eps: float, atol: float, rtol: float) -> str | None:
    """The oldest op in the history of `output` whose own rule fails the check."""
    for node in reversed(history(output)):
        if node.call:
            inputs = [
                Op.node(x.value, x.requires_grad) if isinstance(x, Node) else x
                for x in node.call.inputs
            ]
            alone = functools.partial(node.call.op, **node.call.settings)
            if not gradcheck(alone, inputs, eps, atol, rtol, raise_exception=False):
                return node.call.op.__name__
    return None

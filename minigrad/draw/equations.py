"""Calls as equations: s = 2 + 3 = 5, or h (3, 2) = x (3, 4) @ w (4, 2)."""

from __future__ import annotations

from ..graph import Node, value_of
from . import labels
from .flow import call_of
from .scene import Scene

SIGNS = {"add": "+", "sub": "−", "mul": "·", "div": "/", "matmul": "@", "pow": "**"}


def equation(node: Node, scene: Scene) -> str:
    """The call that made a node as an equation: of numbers, or else of names and shapes."""
    call, value = call_of(node), scene.values[node]
    inputs = [scene.values[x] if isinstance(x, Node) else value_of(x) for x in call.inputs]
    numbers = value.size == 1 and all(getattr(x, "size", 1) == 1 for x in inputs)
    terms = []
    for x, held in zip(call.inputs, inputs, strict=True):
        if getattr(held, "size", 1) == 1 and (numbers or not isinstance(x, Node)):
            terms.append(labels.digits(held).replace("-", "−"))
        else:
            terms.append(_named(x, held.shape, scene))
    sign, made = (
        SIGNS.get(call.op.__name__),
        labels.digits(value).replace("-", "−") if numbers else "",
    )
    if sign and len(terms) == 2:
        left, right = (f"({term})" if term.startswith("−") else term for term in terms)
        expression = f"{left} {sign} {right}"
    else:
        expression = f"{call.op.__name__}({', '.join(terms)})"
    name = scene.names.get(node, "") if numbers else _named(node, value.shape, scene)
    return " = ".join(filter(None, (name, expression, made)))


def _named(x: object, shape: tuple[int, ...], scene: Scene) -> str:
    """A tensor's name and shape; a name alone for a single number, and "a number" without one."""
    name = scene.names.get(x, "") if isinstance(x, Node) else ""
    return " ".join(filter(None, (name, str(shape) if shape else ""))) or "a number"

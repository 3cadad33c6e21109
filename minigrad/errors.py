"""Error messages of ops: the shapes they were given, and what would be right."""

from __future__ import annotations

from typing import Any

import numpy as np

# NumPy's own exceptions derive from these.
KINDS = (IndexError, TypeError, AttributeError, ValueError, OverflowError)


def explained(
    name: str, error: Exception, values: list[Any], settings: dict[str, Any]
) -> Exception:
    """A clearer error to raise in place of `error`, raised in the forward of op `name`."""
    kind = next(kind for kind in KINDS if isinstance(error, kind))
    kind = TypeError if kind is AttributeError else kind  # x.shape of something else
    why = WHY.get(name) if kind is ValueError else None
    what = why and why(*values, **settings)
    given = ", ".join([describe(v) for v in values] + [f"{k}={v}" for k, v in settings.items()])
    return kind(f"{name}: {what or f'{error} (called on {given})'}")


def describe(value: Any) -> str:
    """How an error message shows a value: arrays by shape, others by repr."""
    return str(value.shape) if hasattr(value, "shape") else repr(value)


def do_not_broadcast(*values: Any, **_: Any) -> str | None:
    """The message if the shapes do not broadcast; None if they do."""
    try:
        np.broadcast_shapes(*[np.shape(v) for v in values])
    except ValueError:
        shapes = " and ".join(describe(v) for v in values)
        return f"shapes {shapes}: counted from the last, dims must be equal, or one of them 1"
    return None


def _expand(x: Any, *, shape: Any) -> str:
    return f"{x.shape} to {tuple(shape)}: only dims of 1 are repeated, and new dims stand in front"


def _permute(x: Any, *, dims: Any) -> str:
    return f"{tuple(dims)} is not a permutation of the {x.ndim} dims of shape {x.shape}"


def _reshape(x: Any, *, shape: Any) -> str:
    return f"{x.shape} to {shape}: {x.size} elements do not fit that shape"


def _cat(*tensors: Any, dim: int = 0) -> str | None:
    others = {x.shape[:dim] + x.shape[dim:][1:] for x in tensors if x.ndim}
    if len(others) < 2:
        return None
    shapes = ", ".join(str(x.shape) for x in tensors)
    return f"shapes {shapes}: they must be equal except in dim {dim}"


def _stack(*tensors: Any, dim: int = 0) -> str:
    shapes = ", ".join(str(x.shape) for x in tensors)
    return f"the shapes must be equal, and are {shapes}" if tensors else "give at least one tensor"


def _linear(input: Any, weight: Any, *bias: Any) -> str:
    if weight.ndim != 2:
        return f"a weight of shape {weight.shape}: it must be a matrix (out, in)"
    if input.shape[-1:] != weight.shape[1:]:
        return f"{input.shape} @ {weight.shape}ᵀ: the last dims of both must be equal"
    return f"a bias of shape {bias[0].shape} for {len(weight)} outputs"


def _matmul(x: Any, y: Any) -> str | None:
    if not (np.ndim(x) and np.ndim(y)):
        return f"{describe(x)} @ {describe(y)}: both need at least one dim; use * for numbers"
    last, contracted = x.shape[-1], y.shape[-2 if y.ndim > 1 else 0]
    if last == contracted:
        return f"{x.shape} @ {y.shape}: the dims before the last two do not broadcast"
    which = "second-to-last" if y.ndim > 1 else "only"
    return (
        f"{x.shape} @ {y.shape}: the last dim of the first ({last}) must equal "
        f"the {which} of the second ({contracted})"
    )


BROADCASTING = ("add", "sub", "mul", "div", "pow", "maximum", "where")
WHY = dict.fromkeys(BROADCASTING, do_not_broadcast) | {
    "expand": _expand,
    "permute": _permute,
    "reshape": _reshape,
    "cat": _cat,
    "stack": _stack,
    "linear": _linear,
    "matmul": _matmul,
}

"""A checkpoint as tensors by name, and a text: the dicts, lists and numbers around them."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np

from .dtypes import Array
from .errors import shown
from .graph import Node, value_of

PLAIN = (bool, int, float, str, type(None))


def is_nested(obj: Any) -> bool:
    """True for a checkpoint; False for a state_dict, whose values are all tensors."""
    if isinstance(obj, Mapping):
        return any(isinstance(value, Mapping) and value for value in obj.values())
    return isinstance(obj, Node | Array | list | tuple)


def taken_apart(obj: Any) -> tuple[dict[str, Array], str]:
    """The arrays of a checkpoint by their places, such as "model.0.weight", and the rest as text.

    It consists of dicts, lists, tuples, tensors, arrays, numbers, text and None. Raises TypeError
    for anything else.
    """
    arrays: dict[str, Array] = {}
    return arrays, json.dumps(_described(obj, "", arrays))


def _described(obj: Any, place: str, arrays: dict[str, Array]) -> Any:
    """A part of a checkpoint as JSON: plain values as they are, the others as [kind, content]."""
    if isinstance(obj, np.generic):
        obj = obj.item()
    if type(obj) in PLAIN:
        return obj
    inside = f"{place}." if place else ""
    if isinstance(obj, Node | Array):
        name = place or "value"
        name = name if name not in arrays else f"{name} ({len(arrays)})"
        arrays[name] = value_of(obj)
        return ["tensor" if isinstance(obj, Node) else "array", name]
    if isinstance(obj, Mapping):
        pairs = [
            [_described(key, "", {}), _described(value, f"{inside}{key}", arrays)]
            for key, value in obj.items()
        ]
        return ["OrderedDict" if isinstance(obj, OrderedDict) else "dict", pairs]
    if isinstance(obj, list | tuple):
        parts = [_described(part, f"{inside}{i}", arrays) for i, part in enumerate(obj)]
        return ["list" if isinstance(obj, list) else "tuple", parts]
    takes = "dicts, lists, tuples, tensors, numbers, text and None"
    where = f" at {place!r}" if place else ""
    raise TypeError(f"save takes {takes}, not {shown(obj)}{where}: give a module's state_dict()")


def in_order(state_dict: Mapping[str, Any]) -> str:
    """The text of a dict of tensors by name: their order."""
    pairs = [[name, ["tensor", name]] for name in state_dict]
    return json.dumps(["OrderedDict" if isinstance(state_dict, OrderedDict) else "dict", pairs])


def put_together(text: str, tensors: Mapping[str, Any]) -> Any:
    """The checkpoint that was taken apart. Raises ValueError or KeyError for a text that is not."""
    try:
        return _built(json.loads(text), tensors)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _built(part: Any, tensors: Mapping[str, Any]) -> Any:
    if type(part) in PLAIN:
        return part
    kind, content = part
    if kind in ("tensor", "array"):
        return tensors[content] if kind == "tensor" else tensors[content].value
    if kind in ("dict", "OrderedDict"):
        pairs = [(_built(key, {}), _built(value, tensors)) for key, value in content]
        return OrderedDict(pairs) if kind == "OrderedDict" else dict(pairs)
    if kind not in ("list", "tuple"):
        raise ValueError(f"there is no {shown(kind)}")
    parts = [_built(each, tensors) for each in content]
    return parts if kind == "list" else tuple(parts)

"""Containers of parameters: a list and a dict. Loaded when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self

from ..errors import shown
from ..graph import Node
from ..tensor import Tensor
from .containers import _place
from .module import Module, Parameter


class ParameterList(Module):
    """A list of parameters, registered with the module that owns it; tensors become parameters."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self._size = 0
        self.extend(() if values is None else values)

    def append(self, value: Any) -> Self:
        """Add a parameter at the end. Returns self."""
        setattr(self, str(self._size), _trained(value))
        self._size += 1
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Add parameters at the end. Returns self."""
        if not isinstance(values, Iterable) or isinstance(values, Node):
            raise TypeError(f"ParameterList takes a list of parameters, not {shown(values)}")
        for value in values:
            self.append(value)
        return self

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter([getattr(self, str(i)) for i in range(self._size)])

    def __getitem__(self, index: int | slice) -> Any:
        found = list(self)[_place(index, self._size)]
        return type(self)(found) if isinstance(index, slice) else found

    def __setitem__(self, index: int, value: Any) -> None:
        at: Any = _place(index, self._size)
        setattr(self, str(at % self._size), _trained(value))

    def extra_repr(self) -> str:
        return _lines(enumerate(self))


class ParameterDict(Module):
    """A dict of parameters, registered with the module that owns it; tensors become parameters."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        self._names: dict[str, None] = {}
        if parameters is not None:
            self.update(parameters)

    def update(self, parameters: Any) -> None:
        """Set parameters from a dict, or from pairs of a name and a parameter."""
        pairs = parameters.items() if hasattr(parameters, "items") else parameters
        pairs = sorted(pairs) if type(parameters) is dict else pairs  # as PyTorch does
        if not isinstance(pairs, Iterable) or isinstance(pairs, Node | str):
            raise TypeError(f"ParameterDict takes a dict of parameters, not {shown(parameters)}")
        for name, value in pairs:
            self[name] = value

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(f"no parameter {shown(name)}; there are {', '.join(self) or 'none'}")
        return getattr(self, name)

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, name, _trained(value))
        self._names[name] = None

    def __delitem__(self, name: str) -> None:
        self[name]
        del self._names[name]
        delattr(self, name)

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._names.keys()

    def values(self) -> Iterable[Any]:
        """The parameters."""
        return [self[name] for name in self]

    def items(self) -> Iterable[tuple[str, Any]]:
        """The pairs of a name and a parameter."""
        return [(name, self[name]) for name in self]

    def get(self, name: str, default: Any = None) -> Any:
        """The parameter of a name, or the default."""
        return self[name] if name in self._names else default

    def pop(self, name: str) -> Any:
        """Take a parameter out, and return it."""
        value = self[name]
        del self[name]
        return value

    def clear(self) -> None:
        """Take all parameters out."""
        for name in list(self):
            del self[name]

    def extra_repr(self) -> str:
        return _lines(self.items())


def _trained(value: Any) -> Any:
    """A tensor as a parameter; anything else unchanged."""
    if isinstance(value, Parameter) or not isinstance(value, Tensor):
        return value
    return Parameter(value)


def _lines(items: Iterable[tuple[Any, Any]]) -> str:
    """A line for each parameter, for the repr."""
    lines = []
    for name, value in items:
        if isinstance(value, Node):
            size = "x".join(map(str, value.value.shape))
            what = f"{type(value).__name__} containing: [{value.dtype} of size {size}]"  # type: ignore[attr-defined]
        else:
            what = f"Object of type: {type(value).__name__}"
        lines.append(f"  ({name}): {what}")
    return "\n".join(lines)

"""Containers: modules that hold other modules, in a sequence, a list or a dict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Self

from ..checks import whole
from ..errors import shown
from .module import Module, Named


class Container(Module):
    """The base of Sequential, ModuleList and ModuleDict: iterable, with a length."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)


class Sequential(Container):
    """Modules in a row, each applied to the previous one's output.

    Takes the modules one by one, or a dict of them.
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__()
        named = modules[0] if len(modules) == 1 else None
        for name, module in named.items() if isinstance(named, Mapping) else enumerate(modules):
            self._register("_modules", str(name), module)

    def forward(self, x: Any) -> Any:
        """From the first module's input to the last one's output."""
        for module in self:
            x = module(x)
        return x

    def __getitem__(self, index: int | slice) -> Any:
        items: Any = list(self._modules.items())[_place(index, len(self))]
        return type(self)(dict(items)) if isinstance(index, slice) else items[1]


class ModuleList(Container):
    """A list of modules, registered with the module that owns it."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def append(self, module: Module) -> Self:
        """Add a module at the end. Returns self."""
        self._register("_modules", str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end. Returns self."""
        if not isinstance(modules, Iterable):
            raise TypeError(f"ModuleList takes a list of modules, not {shown(modules)}")
        for module in modules:
            self.append(module)
        return self

    def __getitem__(self, index: int | slice) -> Any:
        if type(index) is int and (found := self._modules.get(str(index))) is not None:
            return found
        modules = list(self._modules.values())
        if type(index) is not int or not -len(modules) <= index < len(modules):
            index = _place(index, len(modules))
        found = modules[index]
        return type(self)(found) if isinstance(index, slice) else found

    def _part_reprs(self) -> Named[str]:
        for text, alike in groupby(super()._part_reprs(), lambda part: part[1]):
            numbers = [number for number, _ in alike]
            if len(numbers) == 1:
                yield numbers[0], text
            else:
                yield f"{numbers[0]}-{numbers[-1]}", f"{len(numbers)} x {text}"


class ModuleDict(Container):
    """A dict of modules, registered with the module that owns it."""

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        if not isinstance(modules, Mapping | None):
            raise TypeError(f"ModuleDict takes a dict of modules, not {shown(modules)}")
        for name, module in (modules or {}).items():
            self[name] = module

    def __setitem__(self, name: str, module: Module) -> None:
        self._register("_modules", name, module)

    def __getitem__(self, name: str) -> Module:
        if not isinstance(name, str) or name not in self._modules:
            raise KeyError(f"no module {shown(name)}; there are {', '.join(self) or 'none'}")
        return self._modules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._modules.keys()

    def values(self) -> Iterable[Module]:
        """The modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """The pairs of name and module."""
        return self._modules.items()


def _place(index: Any, size: int) -> int | slice:
    """A slice, or an int from -size to size - 1. Raises TypeError or IndexError for others."""
    if isinstance(index, slice) or type(index) is int and -size <= index < size:
        return index
    place = whole("the index of a module", index, None)
    if not -size <= place < size:
        raise IndexError(f"index {place} of {size} modules: it must lie from {-size} to {size - 1}")
    return place

"""Rooms: modules that are loaded when one of their names is asked for, so that importing is quick.

A module says `__getattr__ = rooms(__name__, {"minigrad.legacy": "Variable FloatTensor", …})`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def rooms(module: str, names: dict[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a module: its names in other modules, by the module that has them.

    A module inside it is a name, too: minigrad.distributions, say.
    """
    places = {name: place for place, several in names.items() for name in several.split()}
    modules = {place.rpartition(".")[2]: place for place in names if within(place, module)}

    def find(name: str) -> Any:
        if name in places:
            found = getattr(import_module(places[name]), name)
        elif name in modules:
            found = import_module(modules[name])
        else:
            known = [*vars(sys.modules[module]), *places, *modules]
            raise AttributeError(not_here(module, name, known))
        setattr(sys.modules[module], name, found)  # from now on, it is found at once
        return found

    return find


def within(place: str, module: str) -> bool:
    """True if a place is a module directly inside another one."""
    return place.rpartition(".")[0] == module


def listed(names: dict[str, str]) -> list[str]:
    """All names of a table of rooms."""
    return [name for place, several in names.items() for name in several.split() or [place]]


def not_here(owner: str, name: str, known: list[str]) -> str:
    """The message for an unknown name, with the nearest that is known."""
    if name.startswith("__"):  # Python and NumPy ask for these, and expect no answer
        return f"{owner} has no {name}"
    import difflib

    public = [one for one in known if not one.startswith("_")]
    near = difflib.get_close_matches(name, public, n=1, cutoff=0.5)
    nearest = f" The nearest is {owner}.{near[0]}." if near else ""
    return f"{owner}.{name}: not here.{nearest}"

"""A Sphinx directive that lists the names that a module loads when they are asked for.

    ```{names} minigrad.nn
    ```

gives one table per room: each name, what it does (the first sentence of its docstring), and what
differs from PyTorch (the sentences that name PyTorch). The table `ROOMS` of the module is the list.
"""

import inspect
import re
from importlib import import_module

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from .api import paragraph


def setup(app):
    """Register the directive."""
    app.add_directive("names", Names)
    return {"parallel_read_safe": False}


class Names(SphinxDirective):
    """The `names` directive: tables of the names of a module's rooms."""

    required_arguments = 1

    def run(self):
        """Render as Markdown and parse that."""
        module = import_module(self.arguments[0])
        tables = [table(room, names.split()) for room, names in rooms(module).items()]
        lines = "\n\n".join(tables).splitlines()
        return self.parse_text_to_nodes(StringList(lines, module.__name__))


def rooms(module):
    """The table of a module, with all public classes and functions of rooms that are one name."""
    found = dict(module.ROOMS)
    for room, names in found.items():
        if not names:
            found[room] = " ".join(public(import_module(room)))
    return found


def public(module):
    """The names that a module defines, or says in `__all__`."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    own = {name: getattr(thing, "__module__", "") for name, thing in vars(module).items()}
    return [name for name, of in own.items() if name[0] != "_" and of == module.__name__]


def table(room, names):
    """A room: its docstring's first sentence, and a row per name."""
    module = import_module(room)
    rows = [row(name, getattr(module, name)) for name in sorted(names, key=str.lower)]
    head = ["| name | what it does | what differs |", "| --- | --- | --- |"]
    return "\n".join([f"### {room}", "", paragraph(sentences(module)[0]), "", *head, *rows])


def row(name, thing):
    """One line of a table."""
    said = sentences(thing)
    differs = [one for one in said[1:] if "PyTorch" in one]
    called = getattr(thing, "__name__", name)
    same = f"`{called}` under another name. " if called != name else ""
    cells = [f"`{name}`", same + paragraph(said[0]), paragraph(" ".join(differs))]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def sentences(thing):
    """The sentences of a docstring."""
    text = " ".join(inspect.cleandoc(inspect.getdoc(thing) or "").split())
    return re.split(r"(?<=[.!?]) (?=[A-Z(`])", text) or [""]

"""A Sphinx directive that lists the names of rooms: modules that are loaded when asked for.

    ```{names} minigrad.elementwise
    ```

gives a table: names, and what they do. It is made from the tables of names (`ROOMS` of each module,
`METHODS` of tensors) and the docstrings. A sentence that says what differs from PyTorch is in
italics.
"""

import inspect
import re
from importlib import import_module

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from minigrad.tensor import METHODS

from . import api

# The modules that have rooms, and what their names begin with: minigrad.nn.functional is F.
OWNERS = {
    "minigrad": "",
    "minigrad.nn": "nn.",
    "minigrad.nn.functional": "F.",
    "minigrad.nn.utils": "nn.utils.",
    "minigrad.optim": "optim.",
    "minigrad.autograd": "autograd.",
}
# Modules whose names are their own: utils.data.DataLoader.
MODULES = ["minigrad.utils.data", "minigrad.utils.checkpoint", "minigrad.cuda.amp"]
DIFFERENCE = re.compile(r"PyTorch|changes? nothing")
ALIKE = re.compile(r"\b[Aa]s (in )?PyTorch")
ENTRY = re.compile(r"\S+(?:, \S+)* {2,}\S")  # a line like `name   meaning`
MANY = 9  # names with one text are a paragraph, not a row


def setup(app):
    """Register the directive."""
    app.add_directive("names", Names)
    return {"parallel_read_safe": False}


class Names(SphinxDirective):
    """The `names` directive: a table of the names of a room."""

    required_arguments = 1

    def run(self):
        """Render as Markdown, parse that, and link the names to their code."""
        room = self.arguments[0]
        self.env.note_dependency(inspect.getsourcefile(import_module(room)))
        parsed = self.parse_text_to_nodes(StringList(described(room).splitlines(), room))
        things = dict(listed(room))
        for found in (one for node in parsed for one in node.findall(nodes.table)):
            found["classes"].append("names")
            for row in found.findall(nodes.row):
                for literal in list(row[0].findall(nodes.literal)):
                    link(literal, things.get(literal.astext()))
        return parsed


def link(literal, thing):
    """Make a name a link to its code, if it has a page."""
    module, name = getattr(thing, "__module__", ""), getattr(thing, "__qualname__", "")
    if not module.startswith("minigrad") or not hasattr(import_module(module), name):
        return
    uri = api.link("py", {"module": module, "fullname": name})
    if uri:
        literal.replace_self(nodes.reference("", "", literal.deepcopy(), refuri=uri, internal=True))


# --- which names a room has --------------------------------------------------------------------


def rooms():
    """(module, room, names) for each room of the tables; no names: all that are public in it."""
    found = [
        (owner, room, names.split())
        for owner in OWNERS
        for room, names in import_module(owner).ROOMS.items()
    ]
    return found + [(module, module, []) for module in MODULES]


def listed(room):
    """(name as it is written, what it names) for each name of a room; of a tensor's methods x.f."""
    module, found = import_module(room), []
    for owner, place, names in rooms():
        if place == room:
            start = OWNERS[owner] if names else f"{room.removeprefix('minigrad.')}."
            for name in names or public(module):
                found.append((f"{start}{name}", getattr(module, name)))
    known = {name for name, _ in found}
    for name in METHODS.get(room, "").split():
        if name not in known:
            found.append((f"x.{name}", getattr(module, name)))
    return found


def public(module):
    """The names that a module defines, or says in `__all__`."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    own = {name: getattr(thing, "__module__", "") for name, thing in vars(module).items()}
    return [name for name, of in own.items() if name[0] != "_" and of == module.__name__]


# --- the table ---------------------------------------------------------------------------------


def described(room):
    """The docstring's first sentence, a row for each text, and which names are methods, too."""
    by_text = {}
    for name, thing in listed(room):
        by_text.setdefault(meaning(name, thing), []).append(f"`{name}`")
    few = {text: names for text, names in by_text.items() if len(names) < MANY}
    table = ["| name | what it is |", "| --- | --- |"]
    table += [f"| {', '.join(names)} | {cell(text)} |" for text, names in few.items()]
    many = [f"{text} {', '.join(by_text[text])}." for text in by_text if text not in few]
    parts = [api.paragraph(sentences(import_module(room))[0]), *many, "\n".join(table)]
    return "\n\n".join([*parts, also_methods(room)])


def meaning(name, thing):
    """The text for a name, as Markdown; one for all in-place forms of functions."""
    said = sentences(thing)
    if said[0] == f"`{name[:-1]}`, written into the tensor itself.":
        return "The results of the functions without the `_`, written into the tensor itself:"
    return " ".join(
        f"*{api.paragraph(one)}*" if differs(one) else api.paragraph(one) for one in said
    )


def cell(text):
    """A text in a cell of a table."""
    return text.replace("|", "\\|")


def differs(sentence):
    """True for a sentence that says what differs from PyTorch."""
    return bool(DIFFERENCE.search(sentence)) and not ALIKE.search(sentence)


def also_methods(room):
    """A sentence about the names that are also methods of tensors; "" if there are none."""
    methods = set(METHODS.get(room, "").split())
    names = [name for name, _ in listed(room) if not name.startswith("x.")]
    have, lack = ([n for n in names if (n in methods) is is_one] for is_one in (True, False))
    if not have:
        return ""
    if not lack:
        return "All of them are methods of tensors, too."
    some = [f"`{name}`" for name in (lack if len(lack) < len(have) else have)]
    if len(lack) < len(have):
        return f"All but {', '.join(some)} are methods of tensors, too."
    return f"Methods of tensors, too: {', '.join(some)}."


def sentences(thing):
    """The sentences of a docstring, without lists of arguments and examples.

    Of those, a sentence that says what differs is kept.
    """
    if thing is None:  # newaxis
        return ["None: as an index, a new dim."]
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(inspect.getdoc(thing) or ""))
    prose = [one for one in paragraphs if not one.startswith((" ", ">>>"))]
    parts = [part for one in prose for part in re.split(rf"\n(?={ENTRY.pattern})", one)]
    later = [part for part in parts[1:] if not ENTRY.match(part)]
    return divided(parts[0]) + [one for part in later for one in divided(part) if differs(one)]


def divided(text):
    """A text's sentences."""
    return re.split(r"(?<=[.!?]) (?=[A-Z(`])", " ".join(text.split()))

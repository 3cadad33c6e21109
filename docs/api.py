"""The reference of the site, from the docstrings, which are plain text.

    ```{api} minigrad.nn
    Linear Embedding
    ```

has these names of the module; without names, its docstring and all that it defines.
"""

import inspect
import os
import re
from importlib import import_module

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from . import site, sync


def setup(app):
    """Tell Sphinx of the directive."""
    app.add_directive("api", Api)
    return {"parallel_read_safe": False}


class Api(SphinxDirective):
    """The names of a module, with what their docstrings say."""

    required_arguments, has_content = 1, True

    def run(self):
        """Write it as Markdown, and have that read."""
        module = import_module(self.arguments[0])
        names = " ".join(self.content).split()
        text = "\n\n".join(described(module, name) for name in names) if names else whole(module)
        self.env.note_dependency(inspect.getsourcefile(module))
        return self.parse_text_to_nodes(StringList(text.splitlines(), module.__name__))


def whole(module):
    """A module's docstring, and all that it defines."""
    texts = [markdown(module.__doc__)]
    return "\n\n".join(texts + [described(module, name) for name in defined(module)])


def defined(module):
    """The public functions and classes that a module defines, in its order."""
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and name == getattr(thing, "__name__", None)
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
    ]


def described(module, name):
    """A name's signature and docstring; of a class also its methods'."""
    thing = getattr(module, name)
    kind = "class" if inspect.isclass(thing) else "function"
    parts = [markdown(thing.__doc__)] + (methods(thing) if kind == "class" else [])
    body = "\n\n".join(parts)
    shown = f"{signature(thing, name)}\n:module: {module.__name__}"
    return directive(kind, shown, body, ticks=9)


def directive(kind, shown, body, ticks):
    """A directive of Sphinx's Python domain; one inside another has fewer ticks."""
    return f"{'`' * ticks}{{py:{kind}}} {shown}\n\n{body}\n{'`' * ticks}"


def methods(cls):
    """The methods of a class that say what they do, and the names of the others."""
    found, same, plain = [], [], []
    for name, thing in vars(cls).items():
        thing = getattr(thing, "__func__", thing)  # of a static method or a class's
        if name.startswith("_") or not (callable(thing) or isinstance(thing, property)):
            continue
        if hasattr(thing, "rule") or getattr(thing, "__module__", cls.__module__) != cls.__module__:
            same.append(f"`{name}`")
        elif not thing.__doc__:
            plain.append(f"`{name}`")
        elif name != "extra_repr":
            kind = "property" if isinstance(thing, property) else "method"
            shown = name if kind == "property" else signature(thing, name, bound=True)
            found.append(directive(kind, shown, markdown(thing.__doc__), ticks=7))
    if same:
        found.append(f"The functions of the same name, as methods: {', '.join(same)}.")
    if plain:
        found.append(f"And, by PyTorch's names: {', '.join(plain)}.")
    return found


def signature(thing, name, bound=False):
    """A name with its parameters, without their types."""
    thing = thing.forward if hasattr(thing, "rule") else thing
    try:
        parameters = list(inspect.signature(thing).parameters.values())[int(bound) :]
    except ValueError:  # it is Python's own
        return f"{name}()"
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    return f"{name}{inspect.Signature(plain)}"


# --- from plain text to Markdown ---------------------------------------------------------------


def markdown(docstring):
    """A docstring as Markdown: `name   meaning` is a list, what is indented is kept as it is."""
    blocks = re.split(r"\n\s*\n", inspect.cleandoc(docstring or ""))
    return "\n\n".join(map(block, blocks))


def block(text):
    """A paragraph, a list of names and their meanings, or code."""
    lines = text.splitlines()
    if text.startswith((" ", ">>>")):
        return "\n".join(["```text", *inspect.cleandoc(f"\n{text}").splitlines(), "```"])
    if re.match(r"\S+(, \S+)* {2,}\S", text) and all(map(ENTRY.match, lines)):
        entries = re.split(r"\n(?! )", text)
        return "\n\n".join(entry(*re.split(" {2,}", one, maxsplit=1)) for one in entries)
    return paragraph(text)


ENTRY = re.compile(r"\S+(, \S+)* {2,}\S|\s{4}")


def entry(name, meaning):
    """A name and its meaning."""
    return f"`{name}`\n: {paragraph(meaning)}"


def paragraph(text):
    """Words, in which only `code` means more than it says."""
    parts = re.split(r"(`[^`]+`)", " ".join(text.split()))
    parts[::2] = [re.sub(r"([\\*_<\[\]$|#~])", r"\\\1", part) for part in parts[::2]]
    return re.sub(r"^([-+>]|\d+[.)])(?= )", r"\\\1", "".join(parts))


def link(domain, info):
    """Where the code of a name is, seen from the reference's pages."""
    thing = import_module(info["module"])
    for part in info["fullname"].split("."):
        thing = getattr(thing, part)
    thing = getattr(thing, "fget", thing)
    thing = thing.forward if hasattr(thing, "rule") else thing
    try:
        file, (_, line) = inspect.getsourcefile(thing), inspect.getsourcelines(thing)
    except (TypeError, OSError):
        return None
    path = os.path.relpath(file, sync.ROOT).replace("\\", "/")
    return f"../source/{path[:-3]}.html#line-{line}" if path in site.sources() else None

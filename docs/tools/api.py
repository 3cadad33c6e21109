"""A Sphinx directive that renders docstrings, which are plain text, for the site's API reference.

    ```{api} minigrad.nn
    Linear Embedding
    ```

shows these names of the module. Without names it shows the module's docstring and all its
public definitions.
"""

import inspect
import os
import re
from importlib import import_module

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from . import site, sync


def setup(app):
    """Register the directive."""
    app.add_directive("api", Api)
    return {"parallel_read_safe": False}


class Api(SphinxDirective):
    """The `api` directive: signatures and docstrings of a module's names."""

    required_arguments, has_content = 1, True

    def run(self):
        """Render as Markdown and parse that."""
        module = import_module(self.arguments[0])
        names = " ".join(self.content).split()
        text = "\n\n".join(described(module, name) for name in names) if names else whole(module)
        self.env.note_dependency(inspect.getsourcefile(module))
        return self.parse_text_to_nodes(StringList(text.splitlines(), module.__name__))


def whole(module):
    """A module's docstring and all its public definitions."""
    texts = [markdown(module.__doc__)]
    return "\n\n".join(texts + [described(module, name) for name in defined(module)])


def defined(module):
    """The names of the public functions and classes of a module, in source order."""
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and name == getattr(thing, "__name__", None)
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == module.__name__
    ]


def described(module, name):
    """A name's signature and docstring; for a class also those of its methods."""
    thing = getattr(module, name)
    kind = "class" if inspect.isclass(thing) else "function"
    parts = [markdown(thing.__doc__)] + (methods(thing) if kind == "class" else [])
    body = "\n\n".join(parts)
    shown = f"{signature(thing, name)}\n:module: {module.__name__}"
    return directive(kind, shown, body, ticks=9)


def directive(kind, shown, body, ticks):
    """A directive of Sphinx's Python domain. A nested directive needs fewer ticks."""
    return f"{'`' * ticks}{{py:{kind}}} {shown}\n\n{body}\n{'`' * ticks}"


def methods(cls):
    """The documented methods of a class, and a list of the other methods' names."""
    found, same, plain = [], [], []
    for name, thing in vars(cls).items():
        thing = getattr(thing, "__func__", thing)  # unwrap static and class methods
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
        found.append(f"Methods with PyTorch's names and meaning: {', '.join(plain)}.")
    return found


def signature(thing, name, bound=False):
    """A name with its parameters, without annotations."""
    thing = thing.forward if hasattr(thing, "rule") else thing
    try:
        parameters = list(inspect.signature(thing).parameters.values())[int(bound) :]
    except ValueError:  # a builtin without a signature
        return f"{name}()"
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in parameters]
    return f"{name}{inspect.Signature(plain)}"


# --- from plain text to Markdown ---------------------------------------------------------------


def markdown(docstring):
    """A docstring as Markdown: lines like `name   meaning` form a list, indented text is code."""
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
    """One entry of a definition list."""
    return f"`{name}`\n: {paragraph(meaning)}"


def paragraph(text):
    """Escape Markdown in a paragraph, except for `code` and *emphasis*."""
    parts = re.split(r"(`[^`]+`|(?<!\w)\*[A-Za-z ]+\*(?!\w))", " ".join(text.split()))
    parts[::2] = [re.sub(r"([\\*_<\[\]$|#~])", r"\\\1", part) for part in parts[::2]]
    return re.sub(r"^([-+>]|\d+[.)])(?= )", r"\\\1", "".join(parts))


def link(domain, info):
    """The URL of a name's source code, relative to the pages of the reference; None if unknown."""
    thing = import_module(info["module"])
    for part in info["fullname"].split("."):
        thing = getattr(thing, part)
    thing = getattr(thing, "fget", thing)
    thing = inspect.unwrap(thing.forward if hasattr(thing, "rule") else thing)
    try:
        file, (_, line) = inspect.getsourcefile(thing), inspect.getsourcelines(thing)
    except (TypeError, OSError):
        return None
    path = os.path.relpath(file, sync.ROOT).replace("\\", "/")
    return f"../source/{path[:-3]}.html#line-{line}" if path in site.sources() else None

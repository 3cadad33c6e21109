"""python -m docs.tools.sync: update the code, the numbers and the pictures that the chapters show.

A link with a title says where its content comes from, and this command rewrites the content:

    [minigrad/ops.py · `mul`](../minigrad/ops.py "mul")       the code in the fence below the link
    [98.4%](figures/alignment.json "result['…']:.1%")         the link's text, a measured number

It also runs each chapter's session, keeps the pictures that the session saves in `pictures/`, and
writes the chapter's footer with links to its neighbours. The Korean edition in `ko/` is updated in
the same way (korean.py). `python -m docs.tools.sync 1 6` updates only these chapters. The numbers
in the README are always updated.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import re
import statistics
import sys
import tempfile
import textwrap
from pathlib import Path

from . import sessions
from .sessions import start

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
README = ROOT / "README.md"
CODE = re.compile(
    r'^\[[^\]]*\]\(((?:\.\./)+)(\S+\.py) "([^"]+)"\)\n\n```python\n(.*?)^```$', re.M | re.S
)
NUMBER = re.compile(r'\[[^\]]*\]\((\S+\.json) "([^"]+)"\)')
FOOTER = re.compile(r"\n+---\n\n(?=[^\n]*\[(?:Contents|차례)\]\(index\.md\))[^\n]*\n*\Z")


def chapters(folder: Path = DOCS) -> list[Path]:
    """The chapters, in reading order."""
    return sorted(folder.glob("[0-9][0-9]_*.md"))


def title(chapter: Path) -> str:
    """A chapter's first heading."""
    return chapter.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def number_of(path: Path) -> str:
    """The name of a file in commands: a chapter's number, as in "6", or another file's name."""
    return path.name.partition("_")[0].lstrip("0")


def synced(chapter: Path) -> str:
    """The text of a chapter with up-to-date code, numbers and footer."""
    text = with_numbers(with_code(chapter.read_text(encoding="utf-8")))
    return f"{FOOTER.sub('', text).rstrip()}\n\n---\n\n{footer(chapter)}\n"


def footer(chapter: Path, contents: str = "Contents") -> str:
    """A chapter's last line: links to the previous chapter, the contents and the next chapter."""
    every = chapters(chapter.parent)
    at = every.index(chapter)
    links = [f"← [{title(before)}]({before.name})" for before in every[max(0, at - 1) : at]]
    links += [f"[{contents}](index.md)"]
    links += [f"[{title(after)}]({after.name}) →" for after in every[at + 1 : at + 2]]
    return " · ".join(links)


# --- numbers -----------------------------------------------------------------------------------


def with_numbers(text: str) -> str:
    """A text with up-to-date numbers."""
    return NUMBER.sub(lambda found: number(*found.group(1, 2)), text)


def number(path: str, expression: str) -> str:
    """A link to a file of measured numbers, whose text is one of them."""
    return f'[{measured(path, expression)}]({path} "{expression}")'


def measured(path: str, expression: str) -> str:
    """Evaluate {expression} as in an f-string, with the entries of the JSON file as names.

    An experiment has `result` and `settings`; the benchmarks have one entry per table. Python's
    builtins and `median` can be used.
    """
    # The README's paths start with docs/, and those of the Korean chapters with ../.
    path = path.removeprefix("docs/").removeprefix("../")
    about = json.loads((DOCS / path).read_text(encoding="utf-8"))
    names = about | {"median": statistics.median}
    try:
        return str(eval(f'f"""{{{expression}}}"""', names))
    except Exception as error:
        raise ValueError(f"{path}: {expression}: {error!r}") from error


# --- code --------------------------------------------------------------------------------------


def with_code(text: str) -> str:
    """A text with up-to-date code below its links."""
    return CODE.sub(lambda found: block(*found.group(1, 2, 3)), text)


def block(up: str, path: str, name: str) -> str:
    """A link to code, with the code in a fence below it; `up` leads to the root, as in "../"."""
    shown = re.split(": | - ", name)[0]
    label = path.replace("__", r"\_\_")  # in Markdown, __init__ would be bold
    return f'[{label} · `{shown}`]({up}{path} "{name}")\n\n```python\n{code(path, name)}\n```'


def code(path: str, name: str) -> str:
    """The source of a definition in a file, without docstrings. The name can be:

    name                  a function, a class or a constant; an op includes its rule
    name.method           a definition inside a class
    name: beginning       only the statement in it whose first line begins like this
    name - beginning      with `...` in place of the statement that begins like this
    """
    source = (ROOT / path).read_text(encoding="utf-8")
    lines = source.splitlines()
    name, *left_out = name.split(" - ")
    name, _, beginning = name.partition(": ")
    found = named(ast.parse(source).body, name.split("."), path)
    if beginning:
        found = [starting(found, beginning, lines)]
    gaps = {node: False for node in docstrings(found)}
    gaps |= {starting(found, text, lines): True for text in left_out}
    for gap, shown in gaps.items():
        first = lines[gap.lineno - 1]
        indent = first[: len(first) - len(first.lstrip())]
        lines[gap.lineno - 1 : gap.end_lineno] = [None] * (gap.end_lineno - gap.lineno + 1)
        if shown:
            lines[gap.lineno - 1] = f"{indent}..."
        elif lines[gap.end_lineno] == "":  # the blank line after a docstring
            lines[gap.end_lineno] = None
    parts = [lines[start(node) - 1 : node.end_lineno] for node in found]
    if len(parts) > 1:
        parts = [lines[start(found[0]) - 1 : found[-1].end_lineno]]
    kept = [line for part in parts for line in part if line is not None]
    return textwrap.dedent("\n".join(kept)).rstrip()


def named(body: list[ast.stmt], name: list[str], path: str) -> list[ast.stmt]:
    """The statements that define a name: one, or for an op its forward and its rules."""
    found = [node for node in body if name[0] in names_of(node)]
    if not found:
        every = sorted({one for node in body for one in names_of(node)})
        near = difflib.get_close_matches(name[0], every) or every
        raise ValueError(f"{path} has no {name[0]}; it has {', '.join(near)}")
    return named(found[0].body, name[1:], path) if name[1:] else found


def names_of(node: ast.stmt) -> set[str]:
    """The names that a statement defines; a rule under `@mul.backward` counts as `mul`."""
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        return set()
    owners = [d.value for d in node.decorator_list if isinstance(d, ast.Attribute)]
    return {node.name, *[owner.id for owner in owners if isinstance(owner, ast.Name)]} - {"_"}


def starting(found: list[ast.stmt], beginning: str, lines: list[str]) -> ast.stmt:
    """The first statement inside `found` whose first line begins like this."""
    inside = [node for one in found for node in ast.walk(one) if isinstance(node, ast.stmt)]
    for node in sorted(inside, key=start):
        if (lines[start(node) - 1] or "").strip().startswith(beginning):
            return node
    raise ValueError(f"no statement begins with {beginning!r}")


def docstrings(found: list[ast.stmt]) -> list[ast.stmt]:
    """The docstrings of functions and classes, except where the docstring is the whole body."""
    nodes = [node for one in found for node in ast.walk(one)]
    kinds = ast.FunctionDef | ast.ClassDef
    with_one = [node for node in nodes if isinstance(node, kinds) and ast.get_docstring(node)]
    return [node.body[0] for node in with_one if len(node.body) > 1]


# --- the command -------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Update chapters and print the files that were written."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.tools.sync",
        description="Update the code, the numbers and the pictures that the chapters show.",
    )
    parser.add_argument("chapters", nargs="*", metavar="N", help="only these chapters")
    numbers = parser.parse_args(arguments).chapters
    for unknown in set(numbers) - {number_of(chapter) for chapter in chapters()}:
        parser.error(f"there is no chapter {unknown}")
    try:
        written = update(numbers)
    except ValueError as error:
        parser.exit(1, f"{parser.prog}: {error}\n")
    print("\n".join(f"written: {path.relative_to(ROOT)}" for path in written) or "nothing to write")
    return 0


def update(numbers: list[str]) -> list[Path]:
    """Update these chapters (all, if none are given); returns the files that were written."""
    from . import korean  # which needs this module

    def chosen(path: Path) -> bool:
        return not numbers or number_of(path) in numbers

    written = write(README, with_numbers(README.read_text(encoding="utf-8")))
    for chapter in filter(chosen, chapters()):
        written += write(chapter, synced(chapter))
        with tempfile.TemporaryDirectory() as folder:
            for picture in drawn(chapter, Path(folder)):
                written += keep(picture, DOCS / "pictures")
        written += korean.pictures(chapter)
    for english, path in korean.pairs():
        if path.exists() and (chosen(path) or english not in chapters()):
            written += write(path, korean.synced(english, path))
    return written


def write(path: Path, text: str) -> list[Path]:
    """Write a file whose text has changed. Returns its path in a list; [] if it has not changed."""
    if text == path.read_text(encoding="utf-8"):
        return []
    path.write_text(text, encoding="utf-8")
    return [path]


def drawn(chapter: Path, folder: Path) -> list[Path]:
    """The pictures that a chapter's session saves in a folder. Exits if the session fails."""
    failed = sessions.run(chapter, folder)
    if failed:
        sys.exit(failed)
    return sorted(folder.glob("pictures/*.svg"))


def keep(picture: Path, folder: Path) -> list[Path]:
    """Copy a picture whose content has changed. Returns the new path in a list, or []."""
    there = folder / picture.name
    if there.exists() and sessions.shown(there) == sessions.shown(picture):
        return []
    folder.mkdir(exist_ok=True)
    there.write_bytes(picture.read_bytes())
    return [there]


if __name__ == "__main__":
    sys.exit(main())

"""python -m docs.sync: write into the chapters the code, the numbers and the pictures they show.

A link with a title says where what it shows comes from, and what stands there is written anew:

    [minigrad/ops.py · `mul`](../minigrad/ops.py "mul")         the code in the fence under it
    [98.4%](figures/alignment.json "result['…']:.1%")         itself, a number of an experiment

The pictures are those that a chapter's session saves in `pictures/`, and its last line leads to the
chapters beside it. `python -m docs.sync 1 6` takes only these chapters. The README's numbers are
written as well.
"""

from __future__ import annotations

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

DOCS = Path(__file__).parent
ROOT = DOCS.parent
README = ROOT / "README.md"
CODE = re.compile(r'^\[[^\]]*\]\(\.\./(\S+\.py) "([^"]+)"\)\n\n```python\n(.*?)^```$', re.M | re.S)
NUMBER = re.compile(r'\[[^\]]*\]\((\S+\.json) "([^"]+)"\)')
FOOTER = re.compile(r"\n+---\n\n(?=[^\n]*\[Contents\]\(index\.md\))[^\n]*\n*\Z")


def chapters() -> list[Path]:
    """The chapters, in the order in which they are read."""
    return sorted(DOCS.glob("[0-9][0-9]_*.md"))


def title(chapter: Path) -> str:
    """A chapter's first heading."""
    return chapter.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def synced(chapter: Path) -> str:
    """The text of a chapter, with its code, its numbers and its last line written anew."""
    text = chapter.read_text(encoding="utf-8")
    text = CODE.sub(lambda found: block(*found.group(1, 2)), text)
    text = with_numbers(text)
    return f"{FOOTER.sub('', text).rstrip()}\n\n---\n\n{footer(chapter)}\n"


def footer(chapter: Path) -> str:
    """The last line of a chapter: to the one before, to the contents, to the next."""
    every = chapters()
    at = every.index(chapter)
    links = [f"← [{title(before)}]({before.name})" for before in every[max(0, at - 1) : at]]
    links += ["[Contents](index.md)"]
    links += [f"[{title(after)}]({after.name}) →" for after in every[at + 1 : at + 2]]
    return " · ".join(links)


# --- numbers -----------------------------------------------------------------------------------


def with_numbers(text: str) -> str:
    """A text with its numbers written anew; the README's lie one folder higher."""
    return NUMBER.sub(lambda found: number(*found.group(1, 2)), text)


def number(path: str, expression: str) -> str:
    """A link to measured numbers, and in its text one of them."""
    return f'[{measured(path, expression)}]({path} "{expression}")'


def measured(path: str, expression: str) -> str:
    """What an f-string makes of {expression}; it knows what stands in the file, by name.

    Of an experiment that is its `result` and `settings`, of the benchmarks their parts. Beside
    Python's own functions there is `median`.
    """
    about = json.loads((DOCS / path.removeprefix("docs/")).read_text(encoding="utf-8"))
    names = about | {"median": statistics.median}
    try:
        return str(eval(f'f"""{{{expression}}}"""', names))
    except Exception as error:
        raise ValueError(f"{path}: {expression}: {error!r}") from error


# --- code --------------------------------------------------------------------------------------


def block(path: str, name: str) -> str:
    """A link to code, and under it the code in a fence."""
    shown = re.split(": | - ", name)[0]
    return f'[{path} · `{shown}`](../{path} "{name}")\n\n```python\n{code(path, name)}\n```'


def code(path: str, name: str) -> str:
    """The source of what has this name in a file, without its docstrings.

    name                  a function, a class or a constant; of an op the rule comes with it
    name.method           what is inside a class
    name: beginning       in it, the statement that begins so
    name - beginning      without the statement that begins so, for which `...` stands
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
        elif lines[gap.end_lineno] == "":  # the empty line under a docstring
            lines[gap.end_lineno] = None
    parts = [lines[start(node) - 1 : node.end_lineno] for node in found]
    if len(parts) > 1:
        parts = [lines[start(found[0]) - 1 : found[-1].end_lineno]]
    kept = [line for part in parts for line in part if line is not None]
    return textwrap.dedent("\n".join(kept)).rstrip()


def named(body: list[ast.stmt], name: list[str], path: str) -> list[ast.stmt]:
    """The statements that define a name: one, or of an op the forward and its rules."""
    found = [node for node in body if name[0] in names_of(node)]
    if not found:
        every = sorted({one for node in body for one in names_of(node)})
        near = difflib.get_close_matches(name[0], every) or every
        raise ValueError(f"{path} has no {name[0]}; it has {', '.join(near)}")
    return named(found[0].body, name[1:], path) if name[1:] else found


def names_of(node: ast.stmt) -> set[str]:
    """What a statement defines; a rule, `@mul.backward`, belongs to `mul`."""
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        return set()
    owners = [d.value for d in node.decorator_list if isinstance(d, ast.Attribute)]
    return {node.name, *[owner.id for owner in owners if isinstance(owner, ast.Name)]} - {"_"}


def starting(found: list[ast.stmt], beginning: str, lines: list[str]) -> ast.stmt:
    """The first statement inside the found ones whose first line begins so."""
    inside = [node for one in found for node in ast.walk(one) if isinstance(node, ast.stmt)]
    for node in sorted(inside, key=start):
        if (lines[start(node) - 1] or "").strip().startswith(beginning):
            return node
    raise ValueError(f"no statement begins with {beginning!r}")


def docstrings(found: list[ast.stmt]) -> list[ast.stmt]:
    """The docstrings of functions and classes, where something else stands below."""
    nodes = [node for one in found for node in ast.walk(one)]
    kinds = ast.FunctionDef | ast.ClassDef
    with_one = [node for node in nodes if isinstance(node, kinds) and ast.get_docstring(node)]
    return [node.body[0] for node in with_one if len(node.body) > 1]


# --- the command -------------------------------------------------------------------------------


def main(numbers: list[str]) -> int:
    """Write the chapters of these numbers (none: all) and their pictures; say what was written."""
    written = []

    def write(path: Path, text: str) -> None:
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")
            written.append(path)

    write(README, with_numbers(README.read_text(encoding="utf-8")))
    for chapter in chapters():
        if numbers and str(int(chapter.name[:2])) not in numbers:
            continue
        write(chapter, synced(chapter))
        with tempfile.TemporaryDirectory() as folder:
            failed = sessions.run(chapter, Path(folder))
            if failed:
                print(failed, file=sys.stderr)
                return 1
            for picture in sorted(Path(folder).glob("pictures/*.svg")):
                there = DOCS / "pictures" / picture.name
                if not there.exists() or sessions.shown(there) != sessions.shown(picture):
                    there.write_bytes(picture.read_bytes())
                    written.append(there)
    print("\n".join(f"written: {path.relative_to(ROOT)}" for path in written) or "nothing to write")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

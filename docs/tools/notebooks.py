"""python -m docs.tools.notebooks: each chapter as a notebook, in build/notebooks.

Prose becomes Markdown cells, sessions become code cells with the outputs that the tests expect,
drawings show themselves, figures are inside the file, and an exercise is a cell with its check
below. `--out FOLDER` writes elsewhere; numbers select chapters: `python -m docs.tools.notebooks 7`.
`--language ko` writes the Korean chapters, in build/notebooks/ko.
"""

from __future__ import annotations

import argparse
import ast
import base64
import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from docs.exercises.language import FOLDERS
from minigrad.files import write_atomically

from . import korean, sessions, sync

CHAPTERS = {"en": sync.DOCS, "ko": korean.KO}
RUN = {
    "en": """\
Run a cell, then the check below it. For hints, type this in a terminal, in the folder of
the checkout:

```sh
python -m docs.exercises {} --hint       # the first hint of each; --hint 2 is the second
```""",
    "ko": """\
셀을 실행한 뒤, 그 아래에 있는 검사 셀을 실행합니다. 힌트를 보려면 체크아웃한 폴더의
터미널에서 다음을 실행합니다.

```sh
python -m docs.exercises {} --language ko --hint       # 문제마다 첫째 힌트. 둘째 힌트는 --hint 2
```""",
}
EXERCISES = re.compile(r"^## (?:Exercises|연습 ?문제)$", re.M)
FENCE = re.compile(r"^```python\n.*?^```$", re.M | re.S)
IMAGE = re.compile(r"^!\[([^\]]*)\]\((\S+?)\)$", re.M)
LINK = re.compile(r'\]\((?!https?:|#|attachment:)([^)\s]+)( "[^"]*")?\)')
SAVED = re.compile(r'^(?P<picture>.*)\.save\("pictures/\w+\.(?P<kind>svg|html)"\)$', re.S)
LOOPED = re.compile(r'^( +)_ = (.+)\.save\(f"pictures/.+\.svg"\)$', re.M)
SETUP = """\
# In a checkout, after: python -m pip install -e ".[models]"
import sys
from pathlib import Path

here = Path.cwd().resolve()
root = next(folder for folder in (here, *here.parents) if (folder / "minigrad").is_dir())
sys.path.insert(0, str(root))

import minigrad
import docs.exercises
"""
SEED = "minigrad.manual_seed(0)"
SETUPS = {
    "en": f"{SETUP}\n{SEED}",
    "ko": f"""{SETUP}from models.showing.language import spoken

spoken.set("ko")  # in the pictures, too
{SEED}""",
}


def notebook(chapter: Path, out: Path) -> Any:
    """A chapter as a notebook that will be in the folder `out`."""
    from nbformat import v4

    folder, language = chapter.parent, "ko" if chapter.parent == korean.KO else "en"
    text = sync.FOOTER.sub("", korean.MARK.sub("\n", chapter.read_text(encoding="utf-8")))
    exercises = EXERCISES.search(text)
    _, _, rest = text[exercises.end() :].partition("\n## ")
    heading, _, body = text[: exercises.start()].partition("\n")
    cells = [v4.new_markdown_cell(heading), v4.new_code_cell(SETUPS[language])]
    cells += cells_of(body, out, folder)
    number = int(chapter.name[:2])
    cells += [v4.new_markdown_cell(f"{exercises[0]}\n\n{RUN[language].format(number)}")]
    cells += cells_of_exercises(number, language)
    cells += cells_of(f"## {rest}", out, folder) if rest else []
    for i, cell in enumerate(cells):
        cell.id = f"cell-{i}"  # the same every time
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def cells_of(text: str, out: Path, folder: Path = sync.DOCS) -> list[Any]:
    """The cells of a part of a chapter, which is in `folder`."""
    made, end = [], 0
    for found in FENCE.finditer(text):
        if sessions.LINKED.search(text, 0, found.start()):
            continue  # code of the project: it stays in the text
        made += prose(text[end : found.start()], out, folder)
        made += code(found[0].removeprefix("```python\n").removesuffix("```"))
        end = found.end()
    return made + prose(text[end:], out, folder)


# --- prose -------------------------------------------------------------------------------------


def prose(text: str, out: Path, folder: Path = sync.DOCS) -> list[Any]:
    """A Markdown cell with its figures inside; none if there is no text."""
    from nbformat import v4

    if not text.strip():
        return []
    attachments: dict[str, dict[str, str]] = {}

    def image(found: re.Match[str]) -> str:
        path = (folder / found[2]).with_suffix(".png")
        if not path.exists():
            return f"*{found[1]}*"  # a drawing, which the cell above shows
        attachments[path.name] = {"image/png": base64.b64encode(path.read_bytes()).decode()}
        return f"![{found[1]}](attachment:{path.name})"

    text = IMAGE.sub(image, text)
    text = LINK.sub(lambda found: f"]({target(found[1], out, folder)}{found[2] or ''})", text)
    cell = v4.new_markdown_cell(text.strip())
    if attachments:
        cell.attachments = attachments
    return [cell]


def target(link: str, out: Path, folder: Path) -> str:
    """A link from `folder` as one from the folder `out`; another chapter is a notebook there."""
    path, hash_, place = link.partition("#")
    if re.fullmatch(r"\d\d_\w+\.md", path):
        return f"{path.removesuffix('.md')}.ipynb{hash_}{place}"
    return Path(os.path.relpath(folder / path, out)).as_posix() + hash_ + place


# --- code --------------------------------------------------------------------------------------


def code(fence: str) -> list[Any]:
    """The cells of a fence: one for each output, and one for what comes after the last."""
    if not fence.startswith(">>>"):
        return [cell(fence)]
    made, sources = [], []
    for example in sessions.PARSER.get_examples(fence):
        defined = example.source.startswith(("def ", "class ", "@"))
        sources.append(example.source + "\n" * defined)
        if example.exc_msg:  # the chapter shows an error; the cells after it run nevertheless
            made.append(cell("".join(sources)))
            made[-1].metadata.tags = ["raises-exception"]
        elif example.want:
            made.append(cell("".join(sources), example.want))
        if example.want:
            sources = []
    return made + ([cell("".join(sources))] if sources else [])


def cell(source: str, want: str = "") -> Any:
    """A code cell with its output; a drawing that is saved shows itself instead, as does a page."""
    from nbformat import v4

    source = LOOPED.sub(r"\1display(\2)", source)
    lines, last = source.rstrip(), ast.parse(source).body[-1]
    statement = "\n".join(lines.splitlines()[last.lineno - 1 :])
    saved = SAVED.match(statement)
    if saved:
        shown = saved["picture"] + (".page()" if saved["kind"] == "html" else "")
        return v4.new_code_cell(lines.removesuffix(statement) + shown)
    made = v4.new_code_cell(lines)
    if want and isinstance(last, ast.Expr) and not printed(last):
        made.outputs = [v4.new_output("execute_result", {"text/plain": want.rstrip()})]
    elif want:
        made.outputs = [v4.new_output("stream", name="stdout", text=want)]
    return made


def printed(statement: ast.Expr) -> bool:
    """True for a call of print, whose output is not a value."""
    called = getattr(statement.value, "func", None)
    return isinstance(called, ast.Name) and called.id == "print"


def cells_of_exercises(number: int, language: str = "en") -> list[Any]:
    """For each exercise a cell with its stub, and one that checks it; helpers have no check."""
    from nbformat import v4

    from docs.exercises.checking import exercises

    asked = exercises(import_module(f"docs.exercises.solutions.chapter_{number:02}"))

    file = FOLDERS[language] / f"chapter_{number:02}.py"
    more = "" if language == "en" else f', language="{language}"'
    source = file.read_text(encoding="utf-8")
    body = ast.parse(source).body
    imports = [ast.unparse(node) for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    made = [v4.new_code_cell("\n".join(imports))]
    for node in body[1:]:  # after the docstring
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        made.append(v4.new_code_cell(ast.get_source_segment(source, node)))
        if getattr(node, "name", None) in asked:
            made.append(v4.new_code_cell(f"docs.exercises.check({number}, {node.name}{more})"))
    return made


# --- the command -------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    """Write the notebooks, and print their paths."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.tools.notebooks", description="Write the chapters as notebooks."
    )
    parser.add_argument("chapters", type=int, nargs="*", help="only these chapters")
    parser.add_argument("--language", choices=CHAPTERS, default="en")
    parser.add_argument("--out", type=Path, help="default: build/notebooks, build/notebooks/ko")
    given = parser.parse_args(arguments)
    import nbformat

    folder = CHAPTERS[given.language]
    known = [int(chapter.name[:2]) for chapter in sync.chapters(folder)]
    if unknown := set(given.chapters) - set(known):
        parser.error(f"no chapter {min(unknown)}: there are chapters {known[0]} to {known[-1]}")
    out = given.out or sync.ROOT / "build" / "notebooks" / folder.relative_to(sync.DOCS)
    out.mkdir(parents=True, exist_ok=True)
    for chapter in sync.chapters(folder):
        if not given.chapters or int(chapter.name[:2]) in given.chapters:
            path = out / f"{chapter.stem}.ipynb"
            made = nbformat.writes(notebook(chapter, out.resolve()))
            write_atomically(path, made.encode())
            print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())

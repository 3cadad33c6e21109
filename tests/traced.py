"""What a reader must read to understand a piece of code: the functions of minigrad that it enters.

`python -m tests.traced` prints the table for `z = x * y; z.backward()`.
"""

import ast
import sys
from pathlib import Path

import minigrad

PACKAGE = Path(minigrad.__file__).parent
# The AST node of each kind of code object that does not come from a def.
NAMELESS = {
    "<lambda>": ast.Lambda, "<listcomp>": ast.ListComp, "<setcomp>": ast.SetComp,
    "<dictcomp>": ast.DictComp, "<genexpr>": ast.GeneratorExp, "<module>": ast.Module,
}  # fmt: skip


def entered(work):
    """The code objects of minigrad that `work()` enters, sorted by file and line."""
    codes = set()

    def profile(frame, event, _):
        if event == "call" and Path(frame.f_code.co_filename).is_relative_to(PACKAGE):
            codes.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(before)
    return sorted(codes, key=lambda code: (code.co_filename, code.co_firstlineno))


def lines_of(code, tree):
    """The line numbers of a function, from its first decorator to its end."""
    if code.co_name == "<module>":
        return range(1, tree.body[-1].end_lineno + 1)
    kind = NAMELESS.get(code.co_name, ast.FunctionDef)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, kind) and getattr(node, "name", code.co_name) == code.co_name:
            first = min([node.lineno, *[d.lineno for d in getattr(node, "decorator_list", [])]])
            if first == code.co_firstlineno:  # lambdas that share a line all count
                found.update(range(first, node.end_lineno + 1))
    assert found, f"{code.co_filename} has no {code.co_name} at line {code.co_firstlineno}"
    return found


def traced(work):
    """{(file, function): number of lines} of what `work()` enters.

    All non-blank lines count, docstrings and comments too, and no line counts twice:
    a lambda or a function inside another one is part of it if both are entered.
    """
    counted, table = set(), {}
    for code in entered(work):  # an outer function comes before those inside it
        file = Path(code.co_filename)
        text = file.read_text(encoding="utf-8")
        lines = text.splitlines()
        found = {(file, n) for n in lines_of(code, ast.parse(text)) if lines[n - 1].strip()}
        if not found <= counted:
            name = file.relative_to(PACKAGE).as_posix(), code.co_qualname
            table[name] = table.get(name, 0) + len(found - counted)
            counted |= found
    return table


def product():
    """The work z = x * y; z.backward() for two leaves, after a warm-up that fills the caches."""

    def work():
        x = minigrad.tensor(2.0, requires_grad=True)
        y = minigrad.tensor(3.0, requires_grad=True)
        return lambda: (x * y).backward()

    work()()
    return work()


def main():
    """Print the table."""
    table = traced(product())
    for (file, name), lines in table.items():
        print(f"{lines:4}  {file:24} {name}")
    print(f"{sum(table.values()):4}  lines in {len({file for file, _ in table})} files")


if __name__ == "__main__":
    main()

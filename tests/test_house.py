"""The house: how long files and functions may be, and which file may import which."""

import ast
import graphlib
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "minigrad"
FILES = sorted(
    path for room in ("minigrad", "models", "docs", "tests") for path in (ROOT / room).rglob("*.py")
)

# minigrad is a ladder: each of its files and folders imports only from itself and from those above.
LADDER = [
    "rooms", "text", "files", "errors", "dtypes", "dims", "kernels", "columns", "divisions",
    "device", "grad_mode", "place", "memory", "graph", "checks", "scattered", "ops", "indexing",
    "compare", "picking", "functions", "error_function", "elementary", "pieces", "along",
    "elementwise", "reducing", "autograd", "inplace", "printing", "tensor", "seeds", "data",
    "creation", "shaping", "strides", "joining", "contraction", "products", "putting", "sorting",
    "creating", "sampling", "random", "overwriting", "keywords", "amp", "cuda", "backends",
    "distributed", "attributes", "heap", "linalg", "testing", "nn", "optim", "distributions",
    "utils", "legacy", "nested", "serialization", "draw", "__init__",
]  # fmt: skip


def parse(file):
    return ast.parse(file.read_text(encoding="utf-8"))


def name_of(file):
    return file.relative_to(ROOT).as_posix()


# --- sizes -------------------------------------------------------------------------------------


def functions(node, inside=""):
    """(qualified name, number of lines) of each function; nested ones belong to the outer one."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield inside + child.name, child.end_lineno - child.lineno + 1
        else:
            name = f"{inside}{child.name}." if isinstance(child, ast.ClassDef) else inside
            yield from functions(child, name)


def test_no_file_is_over_400_lines():
    lines = {name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    long = [f"{file}: {n}" for file, n in lines.items() if n > 400]
    assert not long, "\n".join(long)


def test_the_wheel_has_every_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name_of(file.parent).replace("/", ".") for file in PACKAGE.rglob("__init__.py")}
    assert set(settings["tool"]["setuptools"]["packages"]) == packages


def test_no_function_is_over_40_lines():
    found = [(file, name, n) for file in FILES for name, n in functions(parse(file))]
    long = [f"{name_of(file)}: {name}: {n}" for file, name, n in found if n > 40]
    assert not long, "\n".join(long)


# --- the constructor -----------------------------------------------------------------------------


def test_inside_minigrad_tensors_are_made_by_op_node():
    """Tensor(array) is PyTorch's constructor: it makes float32 of other dtypes."""
    calls = [
        f"{name_of(file)}:{node.lineno}"
        for file in FILES
        if file.is_relative_to(PACKAGE)
        for node in ast.walk(parse(file))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "Tensor"
    ]
    assert not calls, "use Op.node: " + ", ".join(calls)


# --- imports -----------------------------------------------------------------------------------


def module(path):
    """The file of a module, given its path without .py; None if there is no such module."""
    files = path.with_suffix(".py"), path / "__init__.py"
    return next((file for file in files if file.is_file()), None)


def imported(file):
    """(line number, file) for each import from minigrad, wherever in `file` it is."""
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Import):
            sources = [ROOT.joinpath(*alias.name.split(".")) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            folder = file.parents[node.level - 1] if node.level else ROOT
            source = folder.joinpath(*(node.module or "").split("."))
            sources = [source / a.name if module(source / a.name) else source for a in node.names]
        else:
            continue
        for source in sources:
            if source.is_relative_to(PACKAGE):
                yield node.lineno, module(source)


def rung(file):
    room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return LADDER.index(room) if room in LADDER else len(LADDER)


IMPORTS = {file: list(imported(file)) for file in FILES if file.is_relative_to(PACKAGE)}


def test_every_file_and_folder_of_minigrad_is_on_the_ladder():
    found = {path.stem for path in PACKAGE.iterdir() if module(path.with_suffix(""))}
    assert found == set(LADDER)


def test_no_file_imports_from_below_it_on_the_ladder():
    upwards = [
        f"{name_of(file)}:{line} imports {name_of(source)}"
        for file, sources in IMPORTS.items()
        for line, source in sources
        if rung(source) > rung(file)
    ]
    assert not upwards, "\n".join(upwards)


def test_no_files_of_minigrad_import_each_other_in_a_circle():
    graph = {name_of(f): [name_of(source) for _, source in found] for f, found in IMPORTS.items()}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle

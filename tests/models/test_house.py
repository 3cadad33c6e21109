"""The rooms of models/: which file imports which, and who asks what kind a run is."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import models
from models.kinds import KINDS
from models.training.run import Run

HERE = Path(models.__file__).parent
FILES = sorted(path.relative_to(HERE) for path in HERE.rglob("*.py"))
# What a room imports, of models/: itself and the rooms below it.
LADDER = ("terminal", "models", "tasks", "training", "showing", "kinds", "options", "__main__")
BELOW = {room: set(LADDER[: i + 1]) for i, room in enumerate(LADDER)} | {
    "models": {"models"},
    "tasks": {"terminal", "tasks"},
    "experiments": {"terminal", "models", "tasks", "training", "showing", "experiments"},
    "options": {*LADDER, "experiments"} - {"__main__"},
    "__main__": {*LADDER, "experiments"},
}


def name_of(path):
    """The dotted name of a file, without `models`."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(name):
    """The room of a file; the model files have that of models/ itself."""
    first, *rest = name.split(".")
    is_room = bool(rest) or (HERE / first).is_dir() or first in LADDER
    return first if is_room else "models"


def tree_of(path):
    return ast.parse((HERE / path).read_text(encoding="utf-8"))


def imported(path):
    """The files of models/ that a file imports anywhere in it."""
    package = path.parent.parts
    names = {name_of(file) for file in FILES}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            module = ".".join([*base, *(node.module.split(".") if node.module else [])])
            for alias in node.names:
                inside = f"{module}.{alias.name}".lstrip(".")
                yield inside if inside in names else module
        elif isinstance(node, ast.ImportFrom | ast.Import):
            given = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
            assert not any(name.split(".")[0] == "models" for name in given), (path, given)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_arrow_leads_up(path):
    allowed = BELOW.get(room(name_of(path)), {"models"})
    assert {room(name) for name in imported(path)} <= allowed


def test_there_is_no_circle():
    graph = {name_of(path): set(imported(path)) - {name_of(path)} for path in FILES}
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError
    assert order.index("kinds") < order.index("__main__")


# Who asks what kind a run is.


def subclasses(kind):
    return {kind, *(sub for direct in kind.__subclasses__() for sub in subclasses(direct))}


MODELS = {*KINDS, "bare_attention"}
RUNS = {kind.__name__ for kind in subclasses(Run)}


def asks(node):
    """True for an isinstance with a run, or a comparison with a run's class or a model's name."""
    match node:
        case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, kinds]):
            asked = ast.walk(kinds)
        case ast.Compare(left=left, comparators=others):
            asked = [x for part in (left, *others) for x in ast.walk(part)]
        case ast.match_case(pattern=pattern):
            asked = ast.walk(pattern)
        case _:
            return False
    names = [getattr(x, "attr", getattr(x, "id", getattr(x, "value", None))) for x in asked]
    return any(isinstance(name, str) and name in RUNS | MODELS for name in names)


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path) != "kinds"], ids=str)
def test_only_kinds_asks_what_kind_a_run_is(path):
    assert [node.lineno for node in ast.walk(tree_of(path)) if asks(node)] == []


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("isinstance(run, Reading)", True),
        ("isinstance(run, (int, translating.Translating))", True),
        ("type(run) is Reading", True),
        ("run.settings.model == 'attention'", True),
        ("run.settings.model in ('seq2seq', 'attention')", True),
        ("isinstance(module, nn.Dropout)", False),
        ("run.settings.pairs is None", False),
    ],
)
def test_questions_are_recognized(question, answer):
    assert any(map(asks, ast.walk(ast.parse(question)))) == answer

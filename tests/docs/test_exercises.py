"""The exercises: solutions are right, stubs are open, and the checker explains what is wrong."""

import inspect
import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import docs.exercises
import minigrad
from docs.tools import sync
from docs.exercises import runs
from docs.exercises.__main__ import NUMBERS, hint, main
from docs.exercises.checking import check, difference, exercises, likely


def modules(number):
    names = f"chapter_{number:02}", f"solutions.chapter_{number:02}"
    return [import_module(f"docs.exercises.{name}") for name in names]


BREAK, TRAIN = "Break it and find it", "Train, vary, explain"
EVERY = [(number, name) for number in NUMBERS for name in exercises(modules(number)[1])]
each = pytest.mark.parametrize(("number", "name"), EVERY)
pytestmark = pytest.mark.usefixtures("trained")


def test_every_chapter_has_exercises():
    assert [int(chapter.name[:2]) for chapter in sync.chapters()] == NUMBERS
    for chapter, number in zip(sync.chapters(), NUMBERS, strict=True):
        text = chapter.read_text(encoding="utf-8")
        assert f"(exercises/chapter_{number:02}.py)" in text
        assert f"python -m docs.exercises {number} " in text
        listed = [name for n, name in EVERY if n == number]
        assert [name for name in listed if f". `{name}`." in text] == listed


@each
def test_the_solution_is_right(number, name):
    _, solutions = modules(number)
    assert check(getattr(solutions, name), getattr(solutions, f"check_{name}")) == ("right", "")


@each
def test_the_stub_is_open(number, name):
    stubs, solutions = modules(number)
    stub, solution = getattr(stubs, name), getattr(solutions, name)
    state, why = check(stub, getattr(solutions, f"check_{name}"))
    if state == "right":
        pytest.skip("this exercise has been solved")
    broken = f". {BREAK}" in inspect.getdoc(stub)
    assert state == "wrong" if broken else (state, why) == ("open", "not written yet")
    assert str(inspect.signature(stub)) == str(inspect.signature(solution))
    of_chapter = [n for i, n in EVERY if i == number]
    assert inspect.getdoc(stub).startswith(f"{of_chapter.index(name) + 1}. ")


@each
def test_there_is_a_hint_and_wrong_answers_are_wrong(number, name):
    _, solutions = modules(number)
    tries = getattr(solutions, f"check_{name}")
    assert inspect.getdoc(tries)
    for _, _, expected, *known in tries(getattr(solutions, name)):
        for why, answer in (known or [{}])[0].items():
            assert difference(answer, expected), why
            assert likely(answer, expected, *known) == why


def test_each_chapter_has_one_to_train_and_one_to_repair():
    for number in NUMBERS:
        told = [inspect.getdoc(getattr(modules(number)[0], n)) for i, n in EVERY if i == number]
        for sort in (BREAK, TRAIN):
            assert any(f". {sort}" in text for text in told), f"chapter {number}: {sort}"


def test_a_run_that_is_not_there_is_explained():
    with pytest.raises(ValueError, match=r"no runs/a/config\.json: train the run first"):
        runs.settings("runs/a")


def test_the_numbers_of_a_run(tmp_path):
    for name, size, loss in (("a", 8, 2.0), ("b", 16, 1.0)):
        (tmp_path / name).mkdir()
        config = {"settings": {"hidden": size, "seed": 0}}
        (tmp_path / name / "config.json").write_text(json.dumps(config))
        (tmp_path / name / "metrics.csv").write_text(f"step,loss\n0,9\n1,{loss}\n2,{loss + 1}\n")
    assert runs.differing("a", "b") == {"settings.hidden": (8, 16)}
    assert runs.curve("a", "loss") == [9, 2, 3]
    assert runs.last("b", "loss", 2) == 1.5
    with pytest.raises(ValueError, match="has step, loss"):
        runs.curve("a", "accuracy")


def test_runs_that_differ_in_more_than_the_exercise_says_are_not_compared(tmp_path):
    for name, size, seed in (("a", 8, 0), ("b", 16, 1)):
        Path("runs", name).mkdir(parents=True)
        config = {"settings": {"hidden": size, "seed": seed}}
        Path("runs", name, "config.json").write_text(json.dumps(config))
        Path("runs", name, "metrics.csv").write_text(f"step,loss\n0,{size}\n1,{size + 2}\n")
    found = {"a": 9.0, "b": 18.0}
    first, a, b = runs.compared("f()", found, ("a", "b"), "loss", ("hidden",))
    assert difference(*first[1:3])  # the seed
    assert [difference(*one[1:3]) for one in (a, b)] == ["", "got 18, expected 17"]
    assert likely(*b[1:]) == "this is the last step alone; take the mean of the last 50"


def test_hints_come_one_at_a_time(capsys):
    def check_double(double):
        """Add.

        Or multiply.
        """

    assert hint(check_double, 1) == "Add.\n(the next hint: --hint 2)"
    assert hint(check_double, 2) == "Or multiply."
    assert hint(check_double, 3) == "there are 2 hints, not 3"
    assert main(["1", "by_hand", "--hint"]) == 0
    assert "by_hand: " in capsys.readouterr().out


# The checker's messages.


@pytest.mark.parametrize(
    ("result", "expected", "message"),
    [
        (1.0, 1.0000001, ""),
        (minigrad.ones(2), np.ones(2), ""),
        (True, True, ""),
        (None, 1.0, "got None: is the return statement missing?"),
        (2.0, 1.0, "got 2, expected 1"),
        (
            [[1, 2], [3, 4]],
            np.array([[1, 2], [5, 4]]),
            "got 3 at [1, 0], expected 5 (1 of 4 are wrong)",
        ),
        (np.ones((2, 3)), np.ones((3, 2)), "the shape is (2, 3), but should be (3, 2)"),
        ("a", 1.0, "got 'a', expected numbers"),
        ({"a": 1}, {"a": 1, "b": 2}, "the keys are ['a'], but should be ['a', 'b']"),
        ({"a": 1, "b": 3}, {"a": 1, "b": 2}, "got 3 at ['b'], expected 2"),
        ({"a": [1, 3]}, {"a": [1, 2]}, "got 3 at ['a'][1], expected 2 (1 of 2 are wrong)"),
        ({"a": None}, {"a": 1}, "got None at ['a']"),
        (["z", "y"], ["z"], "the length is 2, but should be 1: ['z', 'y']"),
        (["z", "y"], ["y", "z"], "got 'z' at [0], expected 'y'"),
        ("zy", ["z", "y"], "got 'zy', expected a list of 2"),
        (1, {"a": 1}, "got 1, expected a dict"),
        (
            [np.ones(2), np.ones(3)],
            [np.ones(2), np.zeros(3)],
            "got 1 at [1][0], expected 0 (3 of 3 are wrong)",
        ),
    ],
)
def test_the_difference_is_described(result, expected, message):
    assert difference(result, expected) == message


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ([[2, 4], [6, 8]], "all are 2 ×"),
        ([[-1, -2], [-3, -4]], "the sign is wrong"),
        ([[1, 3], [2, 4]], "rows and columns are swapped"),
        ([[5, 5], [5, 5]], "all fives"),
        ([[5, 5], [5, 6]], ""),
        ("words", ""),
    ],
)
def test_a_likely_cause(result, why):
    assert likely(result, np.array([[1, 2], [3, 4]]), {"all fives": np.full((2, 2), 5)}) == (
        why + (" what they should be" if why.endswith("×") else "")
    )


def tries(f):
    yield "f(1)", f(1), 2.0, {"one too many": 3.0}
    yield "f(2)[0]", [f(2)][0] + 0, 3.0


@pytest.mark.parametrize(
    ("f", "state", "why"),
    [
        (lambda x: x + 1, "right", ""),
        (lambda x: x + 2, "wrong", "f(1): got 3, expected 2\nlikely: one too many"),
        (lambda x: 2 if x == 1 else 4, "wrong", "f(2)[0]: got 4, expected 3"),
        (lambda x: None, "wrong", "f(1): got None: is the return statement missing?"),
    ],
)
def test_an_attempt(f, state, why):
    assert check(f, tries) == (state, why)


def test_an_attempt_that_raises():
    def raises(x):
        return x[0]

    state, why = check(raises, tries)
    assert state == "wrong"
    first, second = why.splitlines()
    assert first == "TypeError: 'int' object is not subscriptable"
    assert second.startswith("in line ")
    assert second.endswith(": return x[0]")
    elsewhere = {}
    exec(compile(inspect.getsource(tries), "elsewhere.py", "exec"), elsewhere)
    state, why = check(lambda x: 2 if x == 1 else "two", elsewhere["tries"])
    assert why.startswith("it returned 'two', which led to TypeError: ")


# The command.


def test_the_command(capsys, monkeypatch):
    stubs, solutions = modules(1)
    monkeypatch.setattr(stubs, "history", solutions.history)
    monkeypatch.setattr(stubs, "by_hand", lambda: {"x": 12.0, "y": 6.0})
    monkeypatch.setattr(stubs, "paths", NotImplemented)
    assert main(["1", "by_hand", "history"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "✗ by_hand  by_hand(): got 6 at ['y'], expected 14",
        "           likely: y is used twice; add its gradient from p · y",
        "✓ history",
    ]
    assert lines[-2] == "1 of 2 right, in docs/exercises/chapter_01.py"
    assert (Path(docs.exercises.__file__).parent / "chapter_01.py").is_file()
    assert main(["1", "history"]) == 0
    assert main(["1", "paths", "--hint"]) == 0
    assert "The same pass as in exercise 3" in capsys.readouterr().out
    assert main(["1", "paths", "--solution"]) == 0
    assert "counts[x] += counts[value]" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["1", "path"])
    assert "chapter 1 has by_hand, history, gradients, paths" in capsys.readouterr().err

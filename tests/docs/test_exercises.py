"""The exercises: the solutions are right, the stubs are open, and what is wrong is explained."""

import inspect
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import docs.exercises
import minigrad
from docs.tools import sync
from docs.exercises.__main__ import NUMBERS, main
from docs.exercises.checking import check, difference, exercises, likely


def modules(number):
    names = f"chapter_{number:02}", f"solutions.chapter_{number:02}"
    return [import_module(f"docs.exercises.{name}") for name in names]


EVERY = [(number, name) for number in NUMBERS for name in exercises(modules(number)[1])]
each = pytest.mark.parametrize(("number", "name"), EVERY)


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
        pytest.skip("somebody has solved it")
    assert (state, why) == ("open", "not written yet")
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


# What is said.


@pytest.mark.parametrize(
    ("came", "expected", "said"),
    [
        (1.0, 1.0000001, ""),
        (minigrad.ones(2), np.ones(2), ""),
        (True, True, ""),
        (None, 1.0, "None came: is the return missing?"),
        (2.0, 1.0, "2 came, 1 should have"),
        (
            [[1, 2], [3, 4]],
            np.array([[1, 2], [5, 4]]),
            "3 came at [1, 0], 5 should have (1 of 4 are wrong)",
        ),
        (np.ones((2, 3)), np.ones((3, 2)), "the shape is (2, 3), and should be (3, 2)"),
        ("a", 1.0, "'a' came, where numbers should"),
        ({"a": 1}, {"a": 1, "b": 2}, "the keys are ['a'], and should be ['a', 'b']"),
        ({"a": 1, "b": 3}, {"a": 1, "b": 2}, "3 came at ['b'], 2 should have"),
        ({"a": [1, 3]}, {"a": [1, 2]}, "3 came at ['a'][1], 2 should have (1 of 2 are wrong)"),
        ({"a": None}, {"a": 1}, "nothing came at ['a']"),
        (["z", "y"], ["z"], "the length is 2, and should be 1: ['z', 'y']"),
        (["z", "y"], ["y", "z"], "'z' came at [0], not 'y'"),
        ("zy", ["z", "y"], "'zy' came, not a list of 2"),
        (1, {"a": 1}, "1 came, not a dict"),
        (
            [np.ones(2), np.ones(3)],
            [np.ones(2), np.zeros(3)],
            "1 came at [1][0], 0 should have (3 of 3 are wrong)",
        ),
    ],
)
def test_what_is_wrong(came, expected, said):
    assert difference(came, expected) == said


@pytest.mark.parametrize(
    ("came", "why"),
    [
        ([[2, 4], [6, 8]], "all are 2 ×"),
        ([[-1, -2], [-3, -4]], "the sign is the wrong way round"),
        ([[1, 3], [2, 4]], "rows and columns are exchanged"),
        ([[5, 5], [5, 5]], "all fives"),
        ([[5, 5], [5, 6]], ""),
        ("words", ""),
    ],
)
def test_why(came, why):
    assert likely(came, np.array([[1, 2], [3, 4]]), {"all fives": np.full((2, 2), 5)}) == (
        why + (" what they should be" if why.endswith("×") else "")
    )


def tries(f):
    yield "f(1)", f(1), 2.0, {"one too many": 3.0}
    yield "f(2)[0]", [f(2)][0] + 0, 3.0


@pytest.mark.parametrize(
    ("f", "state", "why"),
    [
        (lambda x: x + 1, "right", ""),
        (lambda x: x + 2, "wrong", "f(1): 3 came, 2 should have\nlikely: one too many"),
        (lambda x: 2 if x == 1 else 4, "wrong", "f(2)[0]: 4 came, 3 should have"),
        (lambda x: None, "wrong", "f(1): None came: is the return missing?"),
    ],
)
def test_an_attempt(f, state, why):
    assert check(f, tries) == (state, why)


def test_an_attempt_that_stops():
    def stops(x):
        return x[0]

    state, why = check(stops, tries)
    assert state == "wrong"
    first, second = why.splitlines()
    assert first == "TypeError: 'int' object is not subscriptable"
    assert second.startswith("in line ")
    assert second.endswith(": return x[0]")
    elsewhere = {}
    exec(compile(inspect.getsource(tries), "elsewhere.py", "exec"), elsewhere)
    state, why = check(lambda x: 2 if x == 1 else "two", elsewhere["tries"])
    assert why.startswith("it gave 'two', with which came TypeError: ")


# The command.


def test_the_command(capsys, monkeypatch):
    stubs, solutions = modules(1)
    monkeypatch.setattr(stubs, "history", solutions.history)
    monkeypatch.setattr(stubs, "by_hand", lambda: {"x": 12.0, "y": 6.0})
    monkeypatch.setattr(stubs, "paths", NotImplemented)
    assert main(["1", "by_hand", "history"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "✗ by_hand  by_hand(): 6 came at ['y'], 14 should have",
        "           likely: y is used twice; what comes back from p · y counts too",
        "✓ history",
    ]
    assert lines[-2] == "1 of 2 right, in docs/exercises/chapter_01.py"
    assert (Path(docs.exercises.__file__).parent / "chapter_01.py").is_file()
    assert main(["1", "history"]) == 0
    assert main(["1", "paths", "--hint"]) == 0
    assert "It is the walk of exercise 3" in capsys.readouterr().out
    assert main(["1", "paths", "--solution"]) == 0
    assert "counts[x] += counts[value]" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["1", "path"])
    assert "chapter 1 has by_hand, history, gradients, paths" in capsys.readouterr().err

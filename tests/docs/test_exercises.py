"""The exercises: solutions are right, stubs are open, and the checker explains what is wrong."""

import ast
import csv
import inspect
import json
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import docs.exercises
import minigrad
from docs.tools import sync
from docs.exercises import language, runs
from docs.exercises.__main__ import NUMBERS, hint, main
from docs.exercises.checking import check, difference, exercises, likely
from docs.exercises.language import entry, preferred, say, speaking, translated


def modules(number):
    names = f"chapter_{number:02}", f"solutions.chapter_{number:02}"
    return [import_module(f"docs.exercises.{name}") for name in names]


BREAK, TRAIN = "Break it and find it", "Train, vary, explain"
EVERY = [(number, name) for number in NUMBERS for name in exercises(modules(number)[1])]
each = pytest.mark.parametrize(("number", "name"), EVERY)


@pytest.fixture(autouse=True)
def trained(tmp_path, monkeypatch, request):
    """The runs that a reader has trained: RUNS of the solutions, {folder: (settings, metrics)}."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    number = getattr(request.node, "callspec", None) and request.node.callspec.params.get("number")
    for folder, (settings, metrics) in getattr(modules(number or 1)[1], "RUNS", {}).items():
        Path(folder).mkdir(parents=True)
        Path(folder, "config.json").write_text(json.dumps({"settings": settings}))
        with Path(folder, "metrics.csv").open("w", newline="") as file:
            csv.writer(file).writerows([metrics, *zip(*metrics.values(), strict=True)])


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


# In Korean.


ENGLISH = r"[\w)\]] [a-z]{2,}|, (with|if|for|of|in|to) "  # words, not only code


def texts(number):
    """The hints, causes and calls of a chapter; calls that are only code are left out."""
    _, solutions = modules(number)
    for name in exercises(solutions):
        tries = getattr(solutions, f"check_{name}")
        yield from inspect.getdoc(tries).split("\n\n")
        for call, _, _, *causes in tries(getattr(solutions, name)):
            yield from [call] if re.search(ENGLISH, call) else []
            yield from (causes or [{}])[0]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_text_of_an_exercise_has_a_korean_one(number):
    file = language.FOLDERS["ko"] / f"chapter_{number:02}.json"
    known, used = json.loads(file.read_text(encoding="utf-8")), set()
    with speaking("ko", number):
        for text in texts(number):
            used.add(entry(" ".join(text.split()), known))
            assert re.search("[가-힣]", translated(text)), f"{file.name} lacks {text}"
    assert set(known) <= used, f"{file.name} has texts that no exercise has"


@pytest.mark.parametrize("number", NUMBERS)
def test_the_korean_stubs_have_the_same_code(number):
    files = [folder / f"chapter_{number:02}.py" for folder in language.FOLDERS.values()]
    assert code_of(files[0]) == code_of(files[1])


def code_of(file):
    """The code of a file, without docstrings and comments."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node):
            node.body[0].value.value = ""
    return ast.unparse(tree)


@each
def test_the_korean_stub_is_open(number, name):
    stubs, solutions = modules(number)
    stub = getattr(import_module(f"docs.ko.exercises.chapter_{number:02}"), name)
    assert inspect.getdoc(stub)[:3] == inspect.getdoc(getattr(stubs, name))[:3]  # its number
    assert re.search("[가-힣]", inspect.getdoc(stub))
    tries = getattr(solutions, f"check_{name}")
    assert check(stub, tries)[0] == check(getattr(stubs, name), tries)[0]


def test_every_text_of_the_checker_has_a_korean_one():
    known = json.loads((language.FOLDERS["ko"] / "checker.json").read_text(encoding="utf-8"))
    sources = [path.read_text(encoding="utf-8") for path in language.HERE.glob("*.py")]
    said = {text for source in sources for text in re.findall(r'say\(\s*"(.+?)"', source)}
    said |= {
        text for source in sources for text in re.findall(r'(?:missing|besides) = "(.+)"', source)
    }
    assert said == set(known)
    for text, ours in known.items():
        assert re.search("[가-힣(]", ours)
        assert text.count("{}") == len(re.findall(r"\{\d?\}", ours))


@pytest.mark.parametrize(
    ("result", "expected", "message"),
    [
        (None, 1.0, "결과: None. return 문이 빠지지 않았는지 살펴봅시다"),
        (
            [[1, 2], [3, 4]],
            np.array([[1, 2], [5, 4]]),
            "결과([1, 0] 위치): 3, 기대한 값: 5 (4개 가운데 1개가 다릅니다)",
        ),
        (np.ones(3), np.ones((3, 1)), "모양이 (3,)입니다. (3, 1)이어야 합니다"),
        ({"a": None}, {"a": 1}, "결과(['a'] 위치): None"),
        (["z", "y"], ["z"], "길이: 2, 기대한 길이: 1, 결과: ['z', 'y']"),
        ("zy", ["z", "y"], "결과: 'zy', 기대한 값: 길이가 2인 리스트"),
    ],
)
def test_the_difference_is_described_in_korean(result, expected, message):
    with speaking("ko", 1):
        assert difference(result, expected) == message


def test_texts_with_places(tmp_path, monkeypatch):
    monkeypatch.setitem(language.FOLDERS, "ko", tmp_path)
    (tmp_path / "chapter_01.json").write_text(
        json.dumps({"{} after {}": "{1} 뒤의 {0}", "the gradients": "기울기", "f({'a': 1})": "f"})
    )
    with speaking("ko", 1):
        assert translated("the gradients after f(1)") == "f(1) 뒤의 기울기"
        assert translated("the\n  gradients") == "기울기"
        assert translated("f({'a': 1})") == "f"
        assert (translated("a\nb"), say("not known: {}", 1)) == ("a\nb", "not known: 1")
    assert translated("the gradients after f(1)") == "the gradients after f(1)"


@pytest.mark.parametrize(
    ("environ", "chosen"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "ko:en"}, "ko"),
        ({"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "ko"}, "ko"),
        ({"LANG": "kok_IN"}, "en"),
    ],
)
def test_the_language_is_that_of_the_environment(environ, chosen):
    assert preferred(environ) == chosen


def test_the_command_in_korean(capsys, monkeypatch):
    stubs = import_module("docs.ko.exercises.chapter_01")
    monkeypatch.setattr(stubs, "by_hand", lambda: {"x": 12.0, "y": 6.0})
    monkeypatch.setenv("LANGUAGE", "ko")
    assert main(["1", "by_hand"]) == 1
    first, second, *_, last, hints = capsys.readouterr().out.splitlines()
    assert first == "✗ by_hand  by_hand(): 결과(['y'] 위치): 6, 기대한 값: 14"
    assert re.match(" +짐작되는 원인: y는 ", second)
    assert last == "1문제 가운데 0문제를 맞혔습니다. 파일: docs/ko/exercises/chapter_01.py"
    assert hints == "힌트: python -m docs.exercises 1 --hint --language ko"
    assert main(["1", "by_hand", "--hint", "--language", "ko"]) == 0
    assert "(다음 힌트: --hint 2)" in capsys.readouterr().out
    assert main(["1", "by_hand", "--hint", "--language", "en"]) == 0
    assert "Write down" in capsys.readouterr().out


def test_a_check_in_a_notebook(capsys):
    def by_hand():
        return {"x": 12.0, "y": 6.0}

    docs.exercises.check(1, by_hand, language="ko")
    assert "결과(['y'] 위치): 6" in capsys.readouterr().out
    docs.exercises.check(1, by_hand)
    assert "got 6 at ['y'], expected 14" in capsys.readouterr().out
    with pytest.raises(ValueError, match="'fr' must be one of en, ko"):
        docs.exercises.check(1, by_hand, language="fr")

"""The exercises in Korean: no text without its Korean one, the same code, and the commands."""

import ast
import inspect
import json
import re
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

import docs.exercises
from docs.exercises.__main__ import NUMBERS, main
from docs.exercises.checking import check, difference, exercises
from docs.exercises.language import FOLDERS, HERE, entry, preferred, say, speaking, translated
from docs.tools import sync

pytestmark = pytest.mark.usefixtures("trained")


def solutions_of(number):
    return import_module(f"docs.exercises.solutions.chapter_{number:02}")


ENGLISH = r"[\w)\]] [a-z]{2,}|, (with|if|for|of|in|to) "  # words, not only code


def texts(number):
    """The hints, causes and calls of a chapter; calls that are only code are left out."""
    solutions = solutions_of(number)
    for name in exercises(solutions):
        tries = getattr(solutions, f"check_{name}")
        yield from inspect.getdoc(tries).split("\n\n")
        for call, _, _, *causes in tries(getattr(solutions, name)):
            yield from [call] if re.search(ENGLISH, call) else []
            yield from (causes or [{}])[0]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_text_of_an_exercise_has_a_korean_one(number):
    file = FOLDERS["ko"] / f"chapter_{number:02}.json"
    known, used = json.loads(file.read_text(encoding="utf-8")), set()
    with speaking("ko", number):
        for text in texts(number):
            used.add(entry(" ".join(text.split()), known))
            assert re.search("[가-힣]", translated(text)), f"{file.name} lacks {text}"
    assert set(known) <= used, f"{file.name} has texts that no exercise has"


@pytest.mark.parametrize("number", NUMBERS)
def test_the_korean_stubs_have_the_same_code(number):
    files = [folder / f"chapter_{number:02}.py" for folder in FOLDERS.values()]
    assert code_of(files[0]) == code_of(files[1])


def code_of(file):
    """The code of a file, without docstrings and comments."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node):
            node.body[0].value.value = ""
    return ast.unparse(tree)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_korean_stubs_are_as_open_as_the_english_ones(number):
    places = "docs.exercises", "docs.ko.exercises"
    theirs, ours = (import_module(f"{place}.chapter_{number:02}") for place in places)
    solutions = solutions_of(number)
    for name in exercises(solutions):
        english, korean = getattr(theirs, name), getattr(ours, name)
        assert inspect.getdoc(korean)[:3] == inspect.getdoc(english)[:3]  # its number
        assert re.search("[가-힣]", inspect.getdoc(korean))
        tries = getattr(solutions, f"check_{name}")
        assert check(korean, tries)[0] == check(english, tries)[0], name


def test_every_text_of_the_checker_has_a_korean_one():
    known = json.loads((FOLDERS["ko"] / "checker.json").read_text(encoding="utf-8"))
    sources = [path.read_text(encoding="utf-8") for path in HERE.glob("*.py")]
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
    monkeypatch.setitem(FOLDERS, "ko", tmp_path)
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


def test_the_command_in_an_encoding_without_all_signs(monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "cp949")
    command = [sys.executable, "-m", "docs.exercises", "8", "broken_loss", "--language", "ko"]
    ran = subprocess.run(command, capture_output=True, check=False, cwd=sync.ROOT)
    assert (ran.stdout.decode("cp949")[:13], ran.stderr) == ("? broken_loss", b"")


def test_a_check_in_a_notebook(capsys):
    def by_hand():
        return {"x": 12.0, "y": 6.0}

    docs.exercises.check(1, by_hand, language="ko")
    assert "결과(['y'] 위치): 6" in capsys.readouterr().out
    docs.exercises.check(1, by_hand)
    assert "got 6 at ['y'], expected 14" in capsys.readouterr().out
    with pytest.raises(ValueError, match="'fr' must be one of en, ko"):
        docs.exercises.check(1, by_hand, language="fr")

"""Code by name, numbers by expression, sessions; and the error messages for mistakes in them."""

import pytest

import minigrad
from docs.tools import sessions, sync
from minigrad.graph import Op

FILE = '''"""A file."""

LIMIT = 3  # of something


@op
def double(x):
    """Twice x."""
    return 2 * x
@double.backward
def _(g, out, x):
    return (2 * g,)


class Pair:
    """Two things."""

    size = 2

    @property
    def first(self):
        """The first."""

        if not self.things:
            raise IndexError("none")
        first = self.things[0]
        return first

    def empty(self):
        """Only a docstring."""
'''


@pytest.fixture
def code(tmp_path, monkeypatch):
    (tmp_path / "file.py").write_text(FILE)
    monkeypatch.setattr(sync, "ROOT", tmp_path)
    return lambda name: sync.code("file.py", name)


def test_code_by_name(code):
    assert code("LIMIT") == "LIMIT = 3  # of something"
    assert code("double") == FILE[FILE.index("@op") : FILE.index("\n\n\nclass")].replace(
        '    """Twice x."""\n', ""
    )
    assert code("Pair.first").splitlines()[:2] == ["@property", "def first(self):"]
    assert '"""' not in code("Pair.first")
    assert code("Pair.empty").endswith('"""Only a docstring."""')
    assert code("Pair").startswith("class Pair:\n    size = 2\n")


def test_a_part_of_a_definition(code):
    assert code("Pair.first: if not") == 'if not self.things:\n    raise IndexError("none")'
    assert code("Pair.first - if not - first =") == (
        "@property\ndef first(self):\n    ...\n    ...\n    return first"
    )


def test_a_name_that_does_not_exist(code):
    with pytest.raises(ValueError, match=r"file\.py has no duble; it has double"):
        code("duble")
    with pytest.raises(ValueError, match=r"file\.py has no last; it has empty, first, size"):
        code("Pair.last")
    with pytest.raises(ValueError, match="no statement begins with 'while'"):
        code("double: while")


def test_numbers():
    link = sync.number("figures/worked_example.json", "result['steps'][0]['weights'][0]:.3f")
    assert link == ("[0.844](figures/worked_example.json \"result['steps'][0]['weights'][0]:.3f\")")
    assert sync.measured("figures/worked_example.json", "median([1, 3, 2])") == "2"
    with pytest.raises(ValueError, match=r"worked_example\.json: result\['nothing'\]: KeyError"):
        sync.measured("figures/worked_example.json", "result['nothing']")


CHAPTER = """# 1. Title

It is [old](figures/worked_example.json "len(result['source'])") words.

[](../minigrad/nn/utils/__init__.py "clip_grad_norm_: return")

```python
old
```

Text.

---

← [0. Old](00_old.md) · [Contents](index.md)
"""


def test_a_chapter_is_updated(tmp_path):
    chapter = tmp_path / "01_title.md"
    chapter.write_text(CHAPTER)
    (tmp_path / "02_next.md").write_text("# 2. Next\n")
    text = sync.synced(chapter)
    assert "It is [3](figures/worked_example.json \"len(result['source'])\") words." in text
    assert r"[minigrad/nn/utils/\_\_init\_\_.py · `clip_grad_norm_`](../minigrad" in text
    assert "\n```python\nreturn " in text
    assert text.endswith("Text.\n\n---\n\n[Contents](index.md) · [2. Next](02_next.md) →\n")
    chapter.write_text(text)
    assert sync.synced(chapter) == text


def test_a_chapter_that_does_not_exist(capsys):
    with pytest.raises(SystemExit):
        sync.main(["99"])
    assert "there is no chapter 99" in capsys.readouterr().err


SESSION = """# 1. Title

```python
def double(x):
    return 2 * x

@staticmethod
def triple(x):
    return 3 * x
```

```python
>>> double(2), triple(2)
(4, 6)
>>> double(4)
9
```

[file.py · name](../file.py "name")

```python
this is shown only
```
"""


def test_a_session(tmp_path):
    chapter = tmp_path / "01_title.md"
    chapter.write_text(SESSION)
    failed = sessions.run(chapter, tmp_path / "folder")
    assert "line 15, in 01_title" in failed
    assert "Expected:\n    9\nGot:\n    8\n" in failed
    chapter.write_text(SESSION.replace("9\n", "8\n"))
    assert sessions.run(chapter, tmp_path / "folder") == ""


def test_an_op_that_a_session_defines_is_removed_afterwards(tmp_path):
    chapter = tmp_path / "01_title.md"
    code = "from minigrad.graph import op\n\n@op\ndef tanh(x):\n    return x\n"
    chapter.write_text(f"```python\n{code}```\n")
    assert sessions.run(chapter, tmp_path / "folder") == ""
    assert Op.registry["tanh"] is minigrad.tanh


def test_pictures_are_compared_by_content_not_by_position(tmp_path):
    one, moved, other = (tmp_path / f"{name}.svg" for name in ("one", "moved", "other"))
    one.write_text('<!-- dot 2 -->\n<svg><text x="1" fill="red">0.5</text></svg>')
    moved.write_text('<!-- dot 9 -->\n<svg><text fill="red" x="2"> 0.5</text></svg>')
    other.write_text('<!-- dot 2 -->\n<svg><text x="1" fill="red">0.6</text></svg>')
    assert sessions.shown(one) == sessions.shown(moved) != sessions.shown(other)

"""The Korean edition is filled in from the English one, and says where it has fallen behind."""

import re

import pytest

from docs.tools import korean, sync

ENGLISH = """# 1. A title

It is [3](figures/worked_example.json "len(result['source'])") words of **code**.

[minigrad/ops.py · `exp`](../minigrad/ops.py "exp")

```python
code
```

## A section

```python
>>> 1 + 1  # twice
2
>>> draw(x).save("pictures/01_x.svg")
```

![A picture of something](pictures/01_x.svg)

---

[Contents](index.md)
"""
SECTION = ENGLISH[ENGLISH.index("## A section") : ENGLISH.index("---")]
KOREAN = """# 1. 제목

단어는 [](../figures/worked_example.json "len(result['source'])")개입니다.

[](../../minigrad/ops.py "exp")

```python
```

## 절

```python
>>> 1 + 1
```

![무엇인가를 그린 그림](../pictures/01_x.svg)
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    """An English chapter, its Korean one, and the Korean one after it."""
    english, path = tmp_path / "01_title.md", tmp_path / "ko" / "01_title.md"
    path.parent.mkdir()
    english.write_text(ENGLISH, encoding="utf-8")
    path.write_text(KOREAN, encoding="utf-8")
    (path.parent / "02_next.md").write_text("# 2. 다음\n", encoding="utf-8")
    monkeypatch.setattr(korean, "KO", path.parent)
    return english, path


def test_code_numbers_pictures_and_footer_are_filled_in(files):
    english, path = files
    text = korean.synced(english, path)
    assert "단어는 [3](../figures/worked_example.json" in text
    assert "[minigrad/ops.py · `exp`](../../minigrad/ops.py" in text
    assert sync.code("minigrad/ops.py", "exp") in text
    assert ">>> 1 + 1  # twice\n2\n" in text
    assert 'draw(x).save("pictures/01_x.svg")\n```' in text
    assert "](../pictures/01_x.svg)" in text
    assert text.endswith("---\n\n[차례](index.md) · [2. 다음](02_next.md) →\n")
    path.write_text(text, encoding="utf-8")
    korean.follow(english, path)
    assert korean.synced(english, path) == path.read_text(encoding="utf-8")


def test_a_picture_with_korean_words_is_preferred(files):
    english, path = files
    (path.parent / "pictures").mkdir()
    drawing = path.parent / "pictures" / "01_x.svg"
    drawing.touch()
    path.write_text(f'{KOREAN}\n<img alt="x" src="../pictures/01_x.svg">\n', encoding="utf-8")
    path.write_text(korean.synced(english, path), encoding="utf-8")
    assert "](pictures/01_x.svg)" in path.read_text(encoding="utf-8")
    assert ' src="pictures/01_x.svg"' in path.read_text(encoding="utf-8")
    drawing.unlink()
    assert "](../pictures/01_x.svg)" in korean.synced(english, path)


def test_code_that_is_missing_is_told_with_its_section(files):
    english, path = files
    path.write_text(KOREAN.replace("```python\n>>> 1 + 1\n```\n", ""), encoding="utf-8")
    message = "ko/01_title.md, ‘절’: 0 python fences, the English section has 1"
    with pytest.raises(ValueError, match=re.escape(message)):
        korean.synced(english, path)


@pytest.mark.parametrize(
    ("changed", "by", "headings"),
    [
        ("words of", "tokens of", ["‘1. A title’"]),
        ("## A section", "## The section", ["‘The section’"]),
        ("A picture", "The picture", ["‘A section’"]),
        ("\n---", "\n## New\n\n---", ["‘New’"]),
        ("It is", "It\nis", []),
        ("[3]", "[4]", []),
        ("1 + 1", "2 + 2", []),
        ("01_x", "02_y", []),
        ("Contents", "Contents](index.md) [more", []),
        (SECTION, "", ["a section was removed or moved"]),
        (SECTION, f"{SECTION}{SECTION}", ["a section was removed or moved"]),
    ],
)
def test_what_has_fallen_behind(files, changed, by, headings):
    english, path = files
    assert korean.behind(english, path) == ["all of it"]
    korean.follow(english, path)
    assert korean.behind(english, path) == []
    english.write_text(ENGLISH.replace(changed, by, 1), encoding="utf-8")
    assert korean.behind(english, path) == headings
    korean.follow(english, path)
    assert korean.behind(english, path) == []


def test_the_command(files, monkeypatch, capsys):
    english, path = files
    monkeypatch.setattr(korean, "pairs", lambda: [(english, path)])
    monkeypatch.setattr(sync, "ROOT", english.parent)
    assert korean.main([]) == 0
    assert capsys.readouterr().out == "ko/01_title.md: all of it\n"
    with pytest.raises(SystemExit):
        korean.main(["--follow", "2"])
    assert "invalid choice: '2' (choose from '1')" in capsys.readouterr().err
    assert korean.main(["--follow", "1"]) == 0
    assert capsys.readouterr().out == "nothing has fallen behind\n"


def test_sync_tells_which_section_is_missing(files, monkeypatch, capsys):
    english, path = files
    path.write_text(KOREAN.replace("## 절\n", ""), encoding="utf-8")
    monkeypatch.setattr(korean, "pairs", lambda: [(english, path)])
    monkeypatch.setattr(sync, "chapters", lambda: [])
    monkeypatch.setattr(sync, "README", english)
    with pytest.raises(SystemExit):
        sync.main([])
    assert capsys.readouterr().err == (
        "python -m docs.tools.sync: ko/01_title.md: 1 sections, the English file has 2:\n"
        "  1. 제목 | 1. A title\n"
        "  (none) | A section\n"
    )

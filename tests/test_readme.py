"""The README: its session runs and draws the picture it shows, no link is broken, every chapter and
claim is listed, and it has the two install commands that .ci/run executes."""

import doctest
import re
from importlib import import_module
from pathlib import Path

from docs.tools.sync import with_numbers
from models.experiments import NAMES

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
PICTURES = re.findall(r'<img alt="[^"]+" src="([^"]+)"', TEXT)


def test_the_session_in_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(README), module_relative=False)
    assert tried >= 8
    assert not failed
    after = TEXT.partition('.save("graph.svg")')[2]
    shown = ROOT / next(picture for picture in PICTURES if picture in after)
    assert words(Path("graph.svg")) == words(shown)


def words(picture):
    return sorted(re.findall(r"<text[^>]*>([^<]*)", picture.read_text(encoding="utf-8")))


def test_no_link_in_the_readme_is_broken():
    found = re.findall(r"\]\(([^)# ]+)", TEXT)
    links = [link for link in found if not link.startswith("https:")]
    assert len(links) > 10
    assert len(PICTURES) == TEXT.count("<img")
    assert [link for link in links + PICTURES if not (ROOT / link).exists()] == []


def test_its_numbers_are_up_to_date():
    assert TEXT.count("benchmarks.json") >= 3
    assert with_numbers(TEXT) == TEXT, "run: python -m docs.tools.sync"


def test_every_chapter_is_in_the_readme():
    chapters = sorted((ROOT / "docs").glob("[0-9]*.md"))
    for number, chapter in enumerate(chapters, start=1):
        heading = chapter.read_text(encoding="utf-8").partition("\n")[0]
        title = heading.removeprefix(f"# {number}. ")
        assert f"\n{number}. [{title}](docs/{chapter.name}): " in TEXT


def test_every_claim_is_in_the_readme():
    for name in NAMES:
        claim = import_module(f"models.experiments.{name}").__doc__.partition("\n")[0]
        assert f"| [{claim}](docs/figures/{name}" in TEXT


def test_it_has_two_install_commands():
    lines = TEXT.splitlines()
    assert sum(line.startswith("python -m pip install -e ") for line in lines) == 2

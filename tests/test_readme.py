"""The README: its session runs, its links lead somewhere, its commands are those of .ci/run."""

import doctest
import re
from importlib import import_module
from pathlib import Path

from models.experiments import NAMES

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"


def test_the_session_in_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(README), module_relative=False)
    assert tried >= 8
    assert not failed
    assert "<svg" in Path("graph.svg").read_text(encoding="utf-8")


def test_the_links_in_the_readme():
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_claim_is_in_the_readme():
    text = README.read_text(encoding="utf-8")
    for name in NAMES:
        claim = import_module(f"models.experiments.{name}").__doc__.partition("\n")[0]
        assert f"| [{claim}](docs/figures/{name}" in text


def test_there_are_two_commands():
    lines = README.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("python -m pip install -e ") for line in lines) == 2

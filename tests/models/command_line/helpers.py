"""What a command printed, and what it wrote."""

import xml.etree.ElementTree as ET
from pathlib import Path

from models.__main__ import main

SMALL = ("--steps", "3", "--embedding", "8", "--hidden", "8")
FILES = {
    "model.safetensors",
    "checkpoint.safetensors",
    "config.json",
    "metrics.csv",
    "film.jsonl",
    "loss.svg",
    "graph.svg",
}


def refused(capsys, *arguments):
    """The error message of a command: one line, and exit code 2."""
    assert main([*arguments]) == 2
    printed, said = capsys.readouterr()
    assert said.count("\n") == 1, said
    assert said.startswith("python -m models: ")
    assert not printed
    return said


def written(printed):
    """The names of the files reported as written; they exist, and SVGs are well-formed."""
    files = [Path(line.strip()) for line in printed.split("written:\n")[1].splitlines()]
    for file in files:
        assert file.stat().st_size, file
        if file.suffix == ".svg":
            ET.parse(file)
    return {file.name for file in files}

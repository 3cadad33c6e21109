"""The runs that exercises ask for."""

import csv
import json
from importlib import import_module
from pathlib import Path

import pytest


@pytest.fixture
def trained(tmp_path, monkeypatch, request):
    """The runs that a reader has trained: RUNS of the solutions, {folder: (settings, metrics)}."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANGUAGE", "en")
    number = getattr(request.node, "callspec", None) and request.node.callspec.params.get("number")
    solutions = import_module(f"docs.exercises.solutions.chapter_{number or 1:02}")
    for folder, (settings, metrics) in getattr(solutions, "RUNS", {}).items():
        Path(folder).mkdir(parents=True)
        Path(folder, "config.json").write_text(json.dumps({"settings": settings}))
        with Path(folder, "metrics.csv").open("w", newline="") as file:
            csv.writer(file).writerows([metrics, *zip(*metrics.values(), strict=True)])

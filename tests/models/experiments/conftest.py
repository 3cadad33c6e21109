"""Results of the experiment that a file of tests is named after: test_NAME.py."""

import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import pytest

FIGURES = Path(__file__).parents[3] / "docs" / "figures"


@pytest.fixture(scope="module")
def experiment(request):
    """The experiment itself."""
    return import_module(f"models.experiments.{request.path.stem.removeprefix('test_')}")


@pytest.fixture(scope="module")
def quick(experiment):
    """The results of QUICK, measured now."""
    return experiment.measure(experiment.QUICK)


@pytest.fixture(scope="module")
def course(experiment):
    """What the course quotes: the settings and results of FULL, as stored."""
    path = FIGURES / f"{experiment.__name__.rpartition('.')[2]}.json"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["settings"] == json.loads(json.dumps(asdict(experiment.FULL)))
    return stored


@pytest.fixture(scope="module", params=["quick", "course"])
def result(request):
    """The results of QUICK, and those of the course."""
    found = request.getfixturevalue(request.param)
    return found["result"] if request.param == "course" else found

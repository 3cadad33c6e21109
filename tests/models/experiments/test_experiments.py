"""What the experiments share: what is run, what is written, and the parallel processes."""

import json
import os
import re
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import pytest

from models import experiments
from models.experiments import NAMES, parallel, perform, rounded

ROOT = Path(__file__).parents[3]
FIGURES = ROOT / "docs" / "figures"


def square(x, steps):
    for _ in range(steps):
        parallel.tick()
    return x * x, os.environ["OPENBLAS_NUM_THREADS"]


def fail(x):
    raise ValueError(f"cell {x}")


def test_cells_run_in_parallel_and_keep_their_order(capsys):
    before = dict(os.environ)
    cells = [(x, 3) for x in range(5)]
    results = parallel.each(square, cells, "squares", steps=3)
    assert results == [(x * x, "1") for x in range(5)]
    assert "15/15" in capsys.readouterr().err
    assert dict(os.environ) == before


def test_an_error_in_a_cell_is_raised():
    with pytest.raises(ValueError, match="cell 0"):
        parallel.each(fail, [(0,)], "failing", steps=1)


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_has_its_parts(name):
    module = import_module(f"models.experiments.{name}")
    claim = module.__doc__.partition("\n")[0]
    assert claim.endswith(".")
    assert type(module.FULL) is type(module.QUICK)
    for settings in (module.FULL, module.QUICK):
        assert len(getattr(settings, "seeds", (0, 1, 2))) >= 3
    assert all(callable(getattr(module, part)) for part in ("measure", "report", "draw"))


def test_every_file_is_an_experiment_that_is_named():
    files = {path.stem for path in Path(experiments.__file__).parent.glob("*.py")}
    assert files == {*NAMES, "__init__", "parallel"}


def test_an_experiment_writes_what_it_measured(tmp_path, capsys):
    files = perform("scaling", tmp_path / "new", quick=True)
    assert {file.name for file in files} == {file.name for file in (tmp_path / "new").iterdir()}
    assert {"scaling.json", "scaling.svg", "scaling.png"} <= {file.name for file in files}
    about = json.loads((tmp_path / "new" / "scaling.json").read_text(encoding="utf-8"))
    assert about["experiment"] == "scaling"
    assert about["settings"]["seeds"] == [0, 1, 2]
    printed = capsys.readouterr().out
    assert printed.startswith(f"scaling: {about['claim']}\n")

    again = perform("scaling", tmp_path / "again", quick=True)
    for one, two in zip(files, again, strict=True):
        assert one.read_bytes() == two.read_bytes()


def test_the_claim_is_known_without_docstrings(monkeypatch):
    for name in NAMES:
        module = import_module(f"models.experiments.{name}")
        claim = module.__doc__.partition("\n")[0]
        monkeypatch.setattr(module, "__doc__", None)  # as with python -OO
        assert experiments.claim_of(name) == claim


def test_rounded():
    assert rounded({"a": [1.23456789, 7, "x", None], "b": (1e-20 / 3,)}) == {
        "a": [1.23457, 7, "x", None],
        "b": [3.33333e-21],
    }


@pytest.mark.parametrize("name", NAMES)
def test_what_is_in_the_docs_is_what_the_code_measures(name):
    path = FIGURES / f"{name}.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    module = import_module(f"models.experiments.{name}")
    assert about["claim"] == module.__doc__.partition("\n")[0]
    assert about["settings"] == json.loads(json.dumps(asdict(module.FULL)))
    module.report(about["result"])
    pictures = module.draw(about["result"])
    for title in pictures:
        assert re.fullmatch(f"{name}(_[a-z]+)*", title)
        for kind in ("svg", "png"):
            assert (FIGURES / f"{title}.{kind}").stat().st_size > 1000


def test_every_picture_in_the_docs_comes_from_an_experiment():
    made = {
        f"{title}.{kind}"
        for name in NAMES
        for title in import_module(f"models.experiments.{name}").draw(
            json.loads((FIGURES / f"{name}.json").read_text(encoding="utf-8"))["result"]
        )
        for kind in ("svg", "png")
    }
    there = {path.name for path in FIGURES.iterdir()}
    assert there == made | {f"{name}.json" for name in NAMES}

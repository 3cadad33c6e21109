"""Every claim of the course, measured. One file per claim, each with the same four parts:

    FULL, QUICK         frozen dataclasses of settings, with the seeds: FULL for the course, QUICK
                        for the tests, which assert the claim on its results
    measure(settings)   the numbers, ready for JSON
    report(result)      those that matter, as text
    draw(result)        pictures by name; the main one has the experiment's name

`python -m models experiment NAME` measures, reports and draws; it writes numbers and pictures to a
folder. `parallel.py` runs the cells of an experiment side by side.
"""

import ast
import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from minigrad.files import write_atomically

from ..showing import plots

NAMES = (
    "worked_example",
    "drawings",
    "bottleneck",
    "gradient_reach",
    "alignment",
    "self_attention",
    "scaling",
    "order_blind",
    "transformer",
    "cache",
)


def perform(name, folder, quick=False):
    """Measure, print the report, and write NAME.json and the pictures; returns the files."""
    experiment = import_module(f".{name}", __name__)
    settings = experiment.QUICK if quick else experiment.FULL
    claim = claim_of(name)
    print(f"{name}: {claim}\n")
    result = experiment.measure(settings)
    print(experiment.report(result))
    about = {"experiment": name, "claim": claim, "settings": asdict(settings)}
    text = json.dumps(about | {"result": rounded(result)}, ensure_ascii=False, indent=1)
    files = [Path(folder) / f"{name}.json"]
    files[0].parent.mkdir(parents=True, exist_ok=True)
    write_atomically(files[0], f"{text}\n".encode())
    for title, picture in experiment.draw(result).items():
        files += [plots.save(picture, Path(folder) / f"{title}.{kind}") for kind in ("svg", "png")]
    return files


def claim_of(name):
    """The first line of an experiment's file; `python -OO` keeps no docstrings."""
    source = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)).partition("\n")[0]


def rounded(value, digits=6):
    """The value with every float in it rounded to `digits` significant digits."""
    if isinstance(value, dict):
        return {key: rounded(entry, digits) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(entry, digits) for entry in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value

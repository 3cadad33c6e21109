"""Every claim of the course, measured. One file per claim, each with the same four parts:

    FULL, QUICK         frozen dataclasses of settings, with the seeds: FULL for the course, QUICK
                        for the tests, which assert the claim on its results
    measure(settings)   the numbers, ready for JSON
    report(result)      those that matter, as text
    draw(result)        pictures by name; the main one has the experiment's name

`python -m models experiment NAME` measures, reports and draws; it writes numbers and pictures to a
folder. `parallel.py` runs the cells of an experiment side by side. With `--language ko` it only
draws the course's numbers again, with Korean texts.

Those in FROM_A_FILE are measured on real sentence pairs, which are not part of the project: there,
`measure(settings, pairs)` takes the file. QUICK does without it.
"""

import ast
import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from minigrad.draw import Drawing
from minigrad.files import write_atomically

from ..showing import plots
from ..showing.language import speaking
from ..training.stopping import say

NAMES = (
    "worked_example",
    "drawings",
    "bottleneck",
    "capacity",
    "gradient_reach",
    "recurrence",
    "alignment",
    "self_attention",
    "scaling",
    "order_blind",
    "transformer",
    "induction",
    "residual_norm",
    "decoding",
    "exposure",
    "cache",
)
FROM_A_FILE = ("decoding", "exposure")
KINDS = ("svg", "png")
DOCS = Path(__file__).parents[2] / "docs"
FIGURES = {"en": DOCS / "figures", "ko": DOCS / "ko" / "figures"}  # the course's, by language
WANTED = (
    "real sentence pairs: give --pairs FILE, in UTF-8, with one pair per line: English, a tab, "
    "Korean"
)


def chosen(names, every=False, quick=False, pairs=None):
    """The names of the experiments to perform; ValueError if the options do not fit each other.

    If every one is wanted, those that need a file are left out if there is none.
    """
    unknown = [name for name in names if name not in NAMES]
    if unknown or every == bool(names):
        what = f"there is no experiment {unknown[0]}." if unknown else "names or --all, not both."
        raise ValueError(f"{what} Name some of these, or say --all: {', '.join(NAMES)}")
    names, readers = names or NAMES, " and ".join(FROM_A_FILE)
    if pairs and (quick or not any(name in FROM_A_FILE for name in names)):
        raise ValueError(f"--pairs: only {readers} read a file, and not with --quick")
    if quick or pairs:
        return names
    if every:
        say(f"{readers} are left out: they are measured on {WANTED}")
    elif wanting := [name for name in names if name in FROM_A_FILE]:
        raise ValueError(f"{wanting[0]} is measured on {WANTED}")
    return [name for name in names if name not in FROM_A_FILE]


def perform(name, folder, quick=False, pairs=None):
    """Measure, print the report, and write NAME.json and the pictures; returns the files.

    pairs: the file for experiments that need one, in the form that `read_pairs` says.
    """
    experiment = import_module(f".{name}", __name__)
    settings = experiment.QUICK if quick else experiment.FULL
    claim = claim_of(name)
    print(f"{name}: {claim}\n")
    given = (settings, pairs) if name in FROM_A_FILE else (settings,)
    result = experiment.measure(*given)
    print(experiment.report(result))
    about = {"experiment": name, "claim": claim, "settings": asdict(settings)}
    text = json.dumps(about | {"result": rounded(result)}, ensure_ascii=False, indent=1)
    files = [Path(folder) / f"{name}.json"]
    files[0].parent.mkdir(parents=True, exist_ok=True)
    write_atomically(files[0], f"{text}\n".encode())
    return files + saved(experiment.draw(result), folder)


def redraw(name, language, folder=None):
    """Draw the course's numbers again, with the texts in this language; returns the files.

    The graphs of ops have few words; they are drawn in English only.
    """
    experiment = import_module(f".{name}", __name__)
    about = json.loads((FIGURES["en"] / f"{name}.json").read_text(encoding="utf-8"))
    with speaking(language):
        pictures = experiment.draw(about["result"])
    if language != "en":
        pictures = {title: p for title, p in pictures.items() if not isinstance(p, Drawing)}
    return saved(pictures, folder or FIGURES[language])


def saved(pictures, folder):
    """Write each picture as SVG and PNG; returns the files."""
    kinds = [(title, picture, kind) for title, picture in pictures.items() for kind in KINDS]
    return [plots.save(picture, Path(folder) / f"{title}.{kind}") for title, picture, kind in kinds]


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

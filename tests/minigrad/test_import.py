"""`import minigrad`: quick, and nothing heavy is loaded with it."""

import doctest
import os
import statistics
import subprocess
import sys
from pathlib import Path

import minigrad
from minigrad.rooms import listed

PACKAGE = Path(minigrad.__file__).parent


def run(code, **environment):
    """The output of a new Python process that can import minigrad."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=PACKAGE.parent,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_no_heavy_package_is_loaded():
    heavy = {"graphviz", "pygraphviz", "matplotlib", "tqdm", "safetensors", "torch", "IPython"}
    code = f"import sys, minigrad; print(sorted({heavy} & set(sys.modules)))"
    assert run(code) == "[]"


def test_the_import_is_quick(tmp_path):
    """NumPy and minigrad together take at most 1.5 times as long to import as NumPy alone."""
    compiled = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    code = (
        "import time; start = time.perf_counter()\n"
        "import numpy; middle = time.perf_counter()\n"
        "import minigrad; print((time.perf_counter() - start) / (middle - start))"
    )
    run(code, **compiled)  # compiles the files and fills the disk cache
    medians = []
    while not medians or (medians[-1] > 1.5 and len(medians) < 5):  # the machine may be busy
        medians.append(statistics.median(float(run(code, **compiled)) for _ in range(5)))
    assert min(medians) <= 1.5, medians


def test_the_session_in_the_docstring_runs():
    failed, tried = doctest.testmod(minigrad)
    assert tried == 5
    assert not failed


def test_all_public_names_are_exported():
    public = {name for name in vars(minigrad) if not name.startswith("_")}
    submodules = {path.stem for path in PACKAGE.iterdir()}
    loaded = {"ROOMS", *listed(minigrad.ROOMS)}  # names in rooms, once they were asked for
    assert set(minigrad.__all__) | submodules | loaded >= public
    assert set(minigrad.__all__) <= public | loaded | submodules

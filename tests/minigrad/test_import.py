import ast
import doctest
import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

import minigrad

PACKAGE = Path(minigrad.__file__).parent

# Each imports only from those above it.
LADDER = [
    "dtypes", "dims", "kernels", "device", "errors", "grad_mode", "place", "graph", "ops",
    "compare", "functions", "autograd", "gradcheck", "inplace", "tensor", "creation", "nn.losses",
    "nn.ops", "nn.functional", "nn.init", "nn.module", "nn.containers", "nn.utils", "nn.layers",
    "nn", "optim.bundles", "optim.optimizer", "optim.algorithms", "optim", "serialization", "draw",
]  # fmt: skip


def run(code, **environment):
    """What a Python of its own prints, started beside the package."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=PACKAGE.parent,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def name_of(file):
    """A module's name in the ladder: minigrad/nn/init.py is nn.init, all of draw/ is draw."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return "draw" if parts[:1] == ("draw",) else ".".join(parts)


FILES = {file: name_of(file) for file in sorted(PACKAGE.rglob("*.py")) if name_of(file)}


def imported(node, file):
    """The names in the ladder of what an import statement takes from this package."""
    if isinstance(node, ast.Import):
        return [a.name for a in node.names if a.name.split(".")[0] == "minigrad"]
    if not node.level:
        return [node.module] if node.module.split(".")[0] == "minigrad" else []
    source = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
    found = []
    for alias in node.names:
        target = source / alias.name
        is_module = target.with_suffix(".py").exists() or target.is_dir()
        found.append(name_of((target if is_module else source).with_suffix(".py")))
    return found


def test_nothing_else_is_loaded():
    heavy = {"graphviz", "pygraphviz", "matplotlib", "tqdm", "safetensors", "torch", "IPython"}
    code = f"import sys, minigrad; print(sorted({heavy} & set(sys.modules)))"
    assert run(code) == "[]"


def test_the_import_is_quick(tmp_path):
    """With NumPy, which it needs, it takes at most half as long again as NumPy alone."""
    compiled = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    code = (
        "import time; start = time.perf_counter()\n"
        "import numpy; middle = time.perf_counter()\n"
        "import minigrad; print((time.perf_counter() - start) / (middle - start))"
    )
    run(code, **compiled)  # from here on it is compiled, and in the disk's cache
    medians = []
    while not medians or (medians[-1] > 1.5 and len(medians) < 5):  # the machine may be busy
        medians.append(statistics.median(float(run(code, **compiled)) for _ in range(5)))
    assert min(medians) <= 1.5, medians


@pytest.mark.parametrize("file", FILES, ids=FILES.values())
def test_every_file_imports_only_from_those_above_it(file):
    name = FILES[file]
    above = LADDER[: LADDER.index(name)]
    tree = ast.parse(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for source in imported(node, file):
                last = name == "autograd" and source == "gradcheck" and node is tree.body[-1]
                own = name == source == "draw"
                assert source in above or last or own, f"line {node.lineno}: {ast.unparse(node)}"


def test_what_the_docstring_shows_is_so():
    failed, tried = doctest.testmod(minigrad)
    assert tried == 5
    assert not failed

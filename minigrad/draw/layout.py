"""Layout: from DOT text to SVG, PNG or PDF, with whichever Graphviz is installed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from ..text import printable

FORMATS = ("svg", "png", "pdf")
PATIENCE = 120  # seconds; for many arrows between few boxes, dot could take hours
# The program that lays out with pygraphviz; its arguments are the package's folder and the format.
PROGRAM = """
import sys
sys.path.append(sys.argv[1])
from pygraphviz import AGraph
graph = AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[2], prog="dot"))
"""


def lay_out(source: str, format: str) -> bytes:
    """Lay out and render DOT text with `dot` if it is on the path, else with pygraphviz.

    Raises RuntimeError if neither is installed, and if the layout fails or takes too long.
    """
    if format == "png":
        source = source.replace("{", "{ dpi=192", 1)  # twice the default, for sharp screens
    # A process of its own, since Graphviz is not made for threads, ends the process in which it
    # fails, and writes the warnings of its own fontconfig to the standard error, past Python.
    window = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would show a console
    try:
        done = subprocess.run(
            _command(format), input=source.encode(), capture_output=True, creationflags=window,
            timeout=PATIENCE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise RuntimeError(
            f"draw: Graphviz was still not done after {PATIENCE:g} seconds: fold modules with "
            "depth=, leave out unroll, or draw fewer steps. The DOT text is there: `.source`, "
            '`.save("graph.dot")`'
        ) from None
    except OSError as error:
        raise RuntimeError(f"draw: Graphviz could not be started: {error}") from None
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").splitlines()
        said = [line for line in said if line.strip() and not line.startswith("Fontconfig")]
        why = printable(said[-1], 200) if said else f"it ended with code {done.returncode}"
        raise RuntimeError(f"draw: Graphviz failed to lay out the graph: {why}")
    return done.stdout


def _command(format: str) -> list[str]:
    """The command that reads DOT text and writes a picture."""
    dot = shutil.which("dot")
    if dot:
        return [dot, "-Kdot", f"-T{format}"]
    found = importlib.util.find_spec("pygraphviz")  # from 2.0 on, its wheel includes Graphviz
    if not found or not found.origin or not sys.executable:
        raise RuntimeError(
            'draw: there is no Graphviz to lay the graph out: `pip install "pygraphviz>=2.0"`, or '
            "Graphviz itself: apt install graphviz, brew install graphviz, or graphviz.org. "
            'The DOT text works without it: `.source`, `.save("graph.dot")`'
        )
    # -I: no file in the current folder is taken for a module
    return [sys.executable, "-I", "-c", PROGRAM, str(Path(found.origin).parents[1]), format]

"""Layout: from DOT text to SVG, PNG or PDF, with whichever Graphviz is installed."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

FORMATS = ("svg", "png", "pdf")


def lay_out(source: str, format: str) -> bytes:
    """Lay out and render DOT text with `dot` if it is on the path, else with pygraphviz.

    Raises RuntimeError if neither is installed.
    """
    if format == "png":
        source = source.replace("{", "{ dpi=192", 1)  # twice the default, for sharp screens
    if shutil.which("dot"):
        import graphviz

        try:
            return graphviz.pipe("dot", format, source.encode(), quiet=True)
        except graphviz.CalledProcessError as error:
            raise RuntimeError(f"draw: dot failed: {error}") from None
    try:
        import pygraphviz  # from 2.0 on, its wheel includes Graphviz
    except ImportError:
        raise RuntimeError(
            'draw: there is no Graphviz to lay the graph out: `pip install "pygraphviz>=2.0"`, or '
            "Graphviz itself: apt install graphviz, brew install graphviz, or graphviz.org. "
            'The DOT text works without it: `.source`, `.save("graph.dot")`'
        ) from None
    with _without_font_warnings():
        return pygraphviz.AGraph(string=source).draw(format=format, prog="dot")


@contextlib.contextmanager
def _without_font_warnings() -> Iterator[None]:
    """Suppress the warnings of the wheel's own fontconfig about newer font settings.

    C code writes them past `sys.stderr`, to file descriptor 2: so that is redirected meanwhile.
    """
    import tempfile  # slow to load

    stderr = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            said.seek(0)
            for line in said:
                if not line.startswith(b"Fontconfig warning"):
                    os.write(2, line)

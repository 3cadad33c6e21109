"""Draw a graph: how a result was computed, and the gradients that flowed back.

    draw(loss)                        shows itself in a notebook
    draw(loss).save("graph.svg")      or .png, .pdf, .dot, .gv
    draw(loss).save("graph.html")     the explorer: a page that steps forward and backward
    draw(loss, names=model)           with names: from a module, or {"x": x, "w": w}
    draw(loss, depth=1)               modules are open down to this depth, and folded below

After `backward`, each tensor shows its gradient under its value, and an arrow is wider the larger
the gradient that came back along it. Where there is a `.grad`, as in leaves, it is shown; all other
gradients are those of a backward pass from the output that is drawn. If the two do not fit, because
gradients were accumulated or clipped, a note under the drawing says so.

From a graph to a file: `Scene` collects everything that is shown, `view` decides on boxes and
arrows, `dot` writes them as DOT text, `layout` renders it, and `explorer` makes the page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..files import write_atomically
from ..text import printable
from . import explorer
from .dot import to_dot
from .flow import call_of
from .layout import FORMATS, lay_out
from .scene import Names, Outputs, Scene
from .view import is_constant, view
from .words import Words

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Drawing", "draw"]

LARGEST = 1000  # boxes; with more, dot takes minutes and the picture is unreadable


class Drawing:
    """A graph as DOT text, which shows itself in a notebook and saves itself to a file.

    source        the DOT text, in Graphviz's language
    tensors, ops  the number of tensors and of ops in the graph
    constants     the number of plain arrays among the inputs
    boxes         the number of boxes drawn: modules may be folded, and repeated steps rolled up
    note          what is not shown, and why: gradients of another pass, ops that were not recorded
    """

    def __init__(
        self,
        source: str,
        tensors: int,
        ops: int,
        constants: int = 0,
        boxes: int = 0,
        page: Callable[[str | None], str] | None = None,
        note: str = "",
    ) -> None:
        self.source, self.tensors, self.ops, self.constants = source, tensors, ops, constants
        self.boxes, self._page, self.note = boxes or tensors + ops + constants, page, note

    def svg(self) -> str:
        """The picture as SVG text. Raises what `save` raises."""
        return self._picture("svg").decode()

    def page(self) -> str:
        """The explorer, as HTML text.

        Without Graphviz, or with more boxes than Graphviz can lay out, the boxes are in rows.
        Raises ValueError for a drawing that was not made by `draw`.
        """
        if not self._page:
            raise ValueError("page: only a drawing made by draw() can be explored")
        try:
            svg = self.svg()
        except (RuntimeError, ValueError):  # there is no Graphviz, or there are too many boxes
            svg = None
        return self._page(svg)

    def save(self, path: str | Path) -> Path:
        """Write the picture (.svg, .png, .pdf), the explorer (.html) or the DOT text (.dot, .gv).

        Missing folders are created; the path is returned. The write is atomic: after a failure the
        old file is still there. Raises ValueError for another suffix and for a picture too large to
        lay out, RuntimeError if Graphviz is not installed, fails, or takes too long. DOT text and
        the explorer can always be written.
        """
        from pathlib import Path

        path = Path(path)
        suffix = path.suffix.lower().removeprefix(".")
        if suffix not in (*FORMATS, "html", "dot", "gv"):
            kinds = ".svg, .png, .pdf, .html, .dot or .gv"
            raise ValueError(f"save: {printable(repr(str(path)), 200)} must end in {kinds}")
        if suffix in FORMATS:
            data = self._picture(suffix)
        else:
            data = (self.page() if suffix == "html" else self.source).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
        return path

    def _picture(self, format: str) -> bytes:
        if self.boxes > LARGEST:
            raise ValueError(
                f"draw: {self.boxes:,} boxes are too many to lay out (at most {LARGEST:,}): fold "
                "modules with depth=, leave out unroll, or draw fewer steps. The DOT text is "
                'still available: `.source`, `.save("graph.dot")`'
            )
        return lay_out(self.source, format)

    def __repr__(self) -> str:
        note = f". {self.note}" if self.note else ""
        return f"<Drawing: {self.tensors:,} tensors, {self.ops:,} ops{note}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """For notebooks: the picture, or a text that says why there is none."""
        try:
            return {"image/svg+xml": self.svg(), "text/plain": repr(self)}
        except (RuntimeError, ValueError) as error:
            return {"text/plain": f"{self!r}\n{error}"}

    def _repr_svg_(self) -> str | None:
        return self._repr_mimebundle_().get("image/svg+xml")


def draw(
    *outputs: Outputs,
    names: Names = None,
    depth: int | None = None,
    unroll: bool = False,
    backward: bool = False,
    words: Words = None,
) -> Drawing:
    """The graph of how the outputs were computed; after `backward`, with the gradients.

    outputs   tensors, or tuples and lists of them, as modules return them
    names     names for tensors: a dict from name to tensor or module, or one module, whose
              parameters have names
    depth     how many levels of modules are open; at 0 each module is one box. By default a graph
              of up to 40 ops is drawn in full, and of a larger one as much as fits a page
    unroll    draw each step of a loop, and each call of a module in it, by itself
    backward  draw the backward pass too, as the graph that it is, with each gradient beside its
              tensor. The outputs must then be single numbers (else ValueError)
    words     words for the rows and columns of tensors: {ids: ["the", "cat"]} for the axis of that
              length, {weights: {-2: rows, -1: columns}} for more. They are carried to the tensors
              that are computed from it, and it from. Words that do not fit raise ValueError

    The graph is not changed, and later changes do not affect the drawing. If no op was recorded,
    there is only a box, and a note that says why.
    Raises TypeError for anything that is not a tensor, and RuntimeError if a tensor was changed
    after the graph had used it, as `optimizer.step()` does: draw before that.
    """
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise ValueError(f"draw: depth is an integer from 0 up, not {depth!r}")
    scene = Scene.of(outputs, names, backward, words)
    seen = view(scene, depth, unroll)
    return Drawing(
        to_dot(seen),
        tensors=len(scene.values),
        ops=len(scene.made),
        constants=sum(is_constant(x) for node in scene.made for x in call_of(node).inputs),
        boxes=len(seen.boxes),
        page=partial(explorer.page, seen),
        note=scene.note,
    )


class _Called(ModuleType):
    """This module, which is called as its function: it is loaded when `minigrad.draw` is."""

    def __call__(self, *outputs: Any, **options: Any) -> Drawing:
        return draw(*outputs, **options)


sys.modules[__name__].__class__ = _Called

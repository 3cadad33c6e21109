"""The graph made visible: what a result was made of, and the gradients that went back through it.

    draw(loss)                        shows itself in a notebook
    draw(loss).save("graph.svg")      or .png, .pdf, .dot, .gv
    draw(loss).save("graph.html")     the explorer: a page that steps forward and back again
    draw(loss, names=model)           with names: from a module, or {"x": x, "w": w}
    draw(loss, depth=1)               modules open down to that depth, folded below

Drawn after `backward`, each tensor shows its gradient under its value, and the arrows how large the
gradient is that came back along them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..dtypes import Array
from ..graph import Node
from . import explorer
from .dot import FLAT, to_dot
from .flow import flows, gradients, recorded, tensors
from .layout import FORMATS, lay_out
from .view import is_array, view

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Drawing", "draw"]

LARGEST = 1000  # boxes; dot takes minutes for more, and nobody could read them


class Drawing:
    """A graph as DOT text, which shows itself in a notebook and saves itself to a file.

    source        the DOT text, in Graphviz's language
    tensors, ops  how many of each are in it
    constants     how many arrays that are no tensors
    boxes         how many boxes are drawn: modules may be folded, and repeated steps rolled up
    """

    def __init__(
        self,
        source: str,
        tensors: int,
        ops: int,
        constants: int = 0,
        boxes: int = 0,
        page: Callable[[str | None], str] | None = None,
    ) -> None:
        self.source, self.tensors, self.ops, self.constants = source, tensors, ops, constants
        self.boxes, self._page = boxes or tensors + ops + constants, page

    def svg(self) -> str:
        """The picture as SVG text. Raises what `save` raises."""
        return self._picture("svg").decode()

    def page(self) -> str:
        """The explorer, as HTML text; without Graphviz, or for very many boxes, they are in rows.

        Raises ValueError for a drawing that was not made by `draw`.
        """
        if not self._page:
            raise ValueError("page: only what draw() made can be explored")
        try:
            svg = self.svg()
        except (RuntimeError, ValueError):  # there is no Graphviz, or there are too many boxes
            svg = None
        return self._page(svg)

    def save(self, path: str | Path) -> Path:
        """Write the picture (.svg, .png, .pdf), the explorer (.html) or the DOT text (.dot, .gv).

        Folders on the way are made; the path is returned. Raises ValueError for another suffix and
        for a picture too large to lay out, RuntimeError where no Graphviz is installed. DOT text
        and the explorer can always be written.
        """
        from pathlib import Path

        path = Path(path)
        suffix = path.suffix.lower().removeprefix(".")
        if suffix not in (*FORMATS, "html", "dot", "gv"):
            kinds = ".svg, .png, .pdf, .html, .dot or .gv"
            raise ValueError(f"save: {str(path)!r} must end in {kinds}")
        if suffix in FORMATS:
            data = self._picture(suffix)
        else:
            data = (self.page() if suffix == "html" else self.source).encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def _picture(self, format: str) -> bytes:
        if self.boxes > LARGEST:
            raise ValueError(
                f"draw: {self.boxes:,} boxes are too many to lay out (at most {LARGEST:,}): fold "
                "modules with depth=, leave unroll out, or draw fewer steps; DOT text can be had: "
                '`.source`, `.save("graph.dot")`'
            )
        return lay_out(self.source, format)

    def __repr__(self) -> str:
        return f"<Drawing: {self.tensors:,} tensors, {self.ops:,} ops>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the picture, or in words why there is none."""
        try:
            return {"image/svg+xml": self.svg(), "text/plain": repr(self)}
        except (RuntimeError, ValueError) as error:
            return {"text/plain": f"{self!r}\n{error}"}

    def _repr_svg_(self) -> str | None:
        return self._repr_mimebundle_().get("image/svg+xml")


def draw(
    *outputs: Any,
    names: Any = None,
    depth: int | None = None,
    unroll: bool = False,
    backward: bool = False,
) -> Drawing:
    """The graph of how the outputs were made; after `backward`, with the gradients.

    outputs  tensors, or tuples and lists of them, as modules return them
    names    what to call tensors: a dict from name to tensor or module, or one module, whose
             parameters have names
    depth    how many modules within each other are open: at 0 each is one box. By default a graph
             of up to 40 ops is drawn in full, and of a larger one as much as fits a page
    unroll   whether each step of a loop, and each call of a module in it, is drawn by itself
    backward whether the backward pass is drawn too, as the graph that it is: each gradient stands
             beside its tensor. The outputs are then single numbers (else ValueError)

    Nothing in the graph is changed, and what changes later does not reach the drawing.
    Raises TypeError for what is no tensor, and RuntimeError where a tensor was changed after the
    graph had used it, as an optimizer's step does: draw before that.
    """
    if depth is not None and (not isinstance(depth, int) or depth < 0):
        raise ValueError(f"draw: depth is a whole number from 0, not {depth!r}")
    found = set(_flat(outputs))
    if not found:
        raise TypeError("draw: nothing to draw; give it a tensor, as in draw(loss)")
    if backward:
        for node in found:
            if node.value.size != 1 or not node.requires_grad:
                raise ValueError(
                    "draw: backward=True goes back from single numbers that require grad, not from "
                    f"a tensor of shape {node.value.shape}: take a sum() or mean() first"
                )
    try:
        beside = recorded(found) if backward else {}
        nodes = tensors(found | {g for x, g in beside.items() if not x.call})
    except RuntimeError as error:
        raise RuntimeError(
            "draw: a tensor was changed after the graph had used it, as an optimizer's step does, "
            "and its old value is gone: draw before that"
        ) from error
    named, grads = _named(names), {} if backward else gradients(nodes, found)
    named |= {g: f"{named[x]}.grad" for x, g in beside.items() if x in named}
    norms = flows(nodes, grads)
    seen = view(nodes, found, named, depth, unroll)
    calls = [node.call for node in nodes if node.call]
    flat = seen.plain and len(calls) <= FLAT
    text = to_dot(seen, found, named, grads, norms, flat, beside)
    constants = sum(is_array(x) for call in calls for x in call.inputs)
    values = {node: _kept(node.value) for node in nodes}
    grads = {node: _kept(g) for node, g in grads.items()}

    def page(svg: str | None) -> str:
        return explorer.page(svg, seen, found, values, named, grads, norms, beside)

    return Drawing(text, len(nodes), len(calls), constants, len(seen.boxes), page)


def _kept(array: Array) -> Array:
    """The array; one that may still be written to, as a copy."""
    return array.copy() if array.flags.writeable else array


def _flat(outputs: Any) -> Iterator[Node]:
    """The tensors in tuples and lists of them."""
    for output in outputs:
        if isinstance(output, tuple | list):
            yield from _flat(output)
        elif isinstance(output, Node):
            yield output
        else:
            kind = type(output).__name__
            raise TypeError(f"draw: expected tensors, got a {kind}: give what was computed")


def _named(names: Any) -> dict[Any, str]:
    """What each tensor and module is called; a recorded gradient is called after its tensor."""
    if names is not None and not isinstance(names, Mapping) and not _is_module(names):
        raise TypeError(
            f"draw: names is a {type(names).__name__}: give a dict from name to tensor, or a module"
        )
    given = names if isinstance(names, Mapping) else {} if names is None else {"": names}
    named: dict[Any, str] = {}
    for name, value in given.items():
        if not isinstance(value, Node) and not _is_module(value):
            raise TypeError(f"draw: names[{name!r}] is a {type(value).__name__}, not a tensor")
        for part, what in _parts(value):
            named.setdefault(what, ".".join(filter(None, (str(name), part))))
    tensors = [(name, node) for node, name in named.items() if isinstance(node, Node)]
    recorded = {node.grad: f"{name}.grad" for name, node in tensors if node.grad is not None}
    return recorded | {what: name for what, name in named.items() if name}


def _is_module(x: Any) -> bool:
    return hasattr(x, "named_parameters")  # of nn, or built like it


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """A tensor; or of a module its parameters, buffers and modules, each with its name there."""
    if isinstance(value, Node):
        yield "", value
    for kind in ("named_parameters", "named_buffers", "named_modules"):
        yield from getattr(value, kind, list)()

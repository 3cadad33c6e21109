"""The graph made visible: what a result was made of, and the gradients that went back through it.

    draw(loss)                        shows itself in a notebook
    draw(loss).save("graph.svg")      or .png, .pdf, .dot, .gv
    draw(loss, names=model)           with names: from a module, or {"x": x, "w": w}

Drawn after `backward`, each tensor shows its gradient under its value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..graph import Node
from .dot import gradients, is_array, tensors, to_dot
from .layout import FORMATS, lay_out

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Drawing", "draw"]

LARGEST = 2000  # boxes and pills; dot takes minutes for more, and nobody could read them


class Drawing:
    """A graph as DOT text, which shows itself in a notebook and saves itself to a file.

    source        the DOT text, in Graphviz's language
    tensors, ops  how many of each are in it
    constants     how many arrays that are no tensors
    """

    def __init__(self, source: str, tensors: int, ops: int, constants: int = 0) -> None:
        self.source, self.tensors, self.ops, self.constants = source, tensors, ops, constants

    def svg(self) -> str:
        """The picture as SVG text. Raises what `save` raises."""
        return self._picture("svg").decode()

    def save(self, path: str | Path) -> Path:
        """Write the picture (.svg, .png, .pdf) or its DOT text (.dot, .gv); the path is returned.

        Folders on the way are made. Raises ValueError for another suffix and for a graph too large
        to lay out, RuntimeError where no Graphviz is installed; DOT text can always be written.
        """
        from pathlib import Path

        path = Path(path)
        suffix = path.suffix.lower().removeprefix(".")
        if suffix not in (*FORMATS, "dot", "gv"):
            raise ValueError(f"save: {str(path)!r} must end in .svg, .png, .pdf, .dot or .gv")
        data = self._picture(suffix) if suffix in FORMATS else self.source.encode()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def _picture(self, format: str) -> bytes:
        size = self.tensors + self.ops + self.constants
        if size > LARGEST:
            raise ValueError(
                f"draw: {size:,} nodes are too many to lay out (at most {LARGEST:,}): draw fewer "
                'steps or a smaller model; DOT text can be had: `.source`, `.save("graph.dot")`'
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


def draw(*outputs: Any, names: Any = None) -> Drawing:
    """The graph of how the outputs were made; after `backward`, with the gradients.

    outputs  tensors, or tuples and lists of them, as modules return them
    names    what to call tensors: a dict from name to tensor, or a module, whose parameters have
             names

    Nothing in the graph is changed, and what changes later does not reach the drawing.
    Raises TypeError for what is no tensor, and RuntimeError where a tensor was changed after the
    graph had used it, as an optimizer's step does: draw before that.
    """
    found = set(_flat(outputs))
    if not found:
        raise TypeError("draw: nothing to draw; give it a tensor, as in draw(loss)")
    try:
        nodes = tensors(found)
    except RuntimeError as error:
        raise RuntimeError(
            "draw: a tensor was changed after the graph had used it, as an optimizer's step does, "
            "and its old value is gone: draw before that"
        ) from error
    text = to_dot(nodes, found, _named(names), gradients(nodes, found))
    calls = [node.call for node in nodes if node.call]
    constants = sum(is_array(x) for call in calls for x in call.inputs)
    return Drawing(text, len(nodes), len(calls), constants)


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


def _named(names: Any) -> dict[Node, str]:
    """What each tensor is called; a recorded gradient is called after its tensor."""
    if isinstance(names, Mapping):
        pairs = list(names.items())
    elif hasattr(names, "named_parameters"):
        pairs = [*names.named_parameters(), *getattr(names, "named_buffers", list)()]
    elif names is None:
        pairs = []
    else:
        raise TypeError(
            f"draw: names is a {type(names).__name__}: give a dict from name to tensor, or a module"
        )
    named: dict[Node, str] = {}
    for name, node in pairs:
        if not isinstance(node, Node):
            raise TypeError(f"draw: names[{name!r}] is a {type(node).__name__}, not a tensor")
        named.setdefault(node, str(name))
    recorded = {node.grad: f"{name}.grad" for node, name in named.items() if node.grad is not None}
    return recorded | named

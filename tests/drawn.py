"""Graphs that tests draw, and what can be read in a drawing."""

from xml.etree import ElementTree

import minigrad
from minigrad import nn
from minigrad.draw import dot


def small_graph():
    """y = tanh(x · w + 1): data, a leaf that requires grad, a number, a result, the output."""
    x = minigrad.tensor(2.0)
    w = minigrad.tensor([0.5, float("nan")], requires_grad=True)
    return x, w, minigrad.tanh(x * w + 1)


class Cell(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.x, self.h = nn.Linear(size, size), nn.Linear(size, size, bias=False)

    def forward(self, x, h):
        return minigrad.tanh(self.x(x) + self.h(h))


class Reader(nn.Module):
    """Reads a sequence with one cell, or with a stack of them."""

    def __init__(self, size=3, cells=1):
        super().__init__()
        self.cells = nn.ModuleList([Cell(size) for _ in range(cells)])
        self.out = nn.Sequential(nn.Linear(size, 2), nn.Tanh())

    def forward(self, xs):
        for cell in self.cells:
            h, hs = minigrad.zeros(xs.shape[1]), []
            for x in xs.unbind(0):
                h = cell(x, h)
                hs.append(h)
            xs = minigrad.stack(hs)
        return self.out(h).sum()


def chain(length):
    """A tensor, and the same with 1 added `length` times."""
    x = y = minigrad.tensor(1.0, requires_grad=True)
    for _ in range(length):
        y = y + 1
    return x, y


def texts(drawing):
    """All text in and along the boxes in drawing order, then the legend, each with its x and y.

    The note is left out, and the key, which every drawing has.
    """
    root = ElementTree.fromstring(drawing.svg())
    space = "{http://www.w3.org/2000/svg}"
    own = {
        e for part in root.iter(f"{space}g") if part.get("class") != "graph" for e in part.iter()
    }
    key = {*dot.KEY.values(), "×n: so many steps of a loop"}
    found = [e for e in root.iter(f"{space}text") if e.get("font-style") != "italic"]
    found = [e for e in found if e in own or e.text not in key and "arrow: " not in e.text]
    found.sort(key=lambda e: e not in own)
    return [(e.text.replace("\xa0", " "), float(e.get("x")), float(e.get("y"))) for e in found]


def words(drawing):
    """All text of the picture, stripped of spaces."""
    return [text.strip() for text, _, _ in texts(drawing) if text.strip()]


def label(drawing, id):
    """The line of DOT text that makes one box."""
    (line,) = [line for line in drawing.source.splitlines() if line.startswith(f"\t{id} [")]
    return line

"""Tables of examples of the functions in nn's rooms: expressions of (F, tensors …), and arrays."""

from agreement import agree

import minigrad
from minigrad.rooms import listed


def functional(example):
    """An expression of a library and its tensors, from one of nn.functional and its tensors."""
    expression, *arrays = example
    return (lambda library, *xs: expression(library.nn.functional, *xs)), arrays


def cases(table):
    """(name, number of the example) of each row of a table: {name: [(expression, *arrays), …]}."""
    return [(name, i) for name, rows in table.items() for i in range(len(rows))]


def beside(torch, example, **settings):
    """The values and derivatives of an example agree with PyTorch's."""
    expression, arrays = functional(example)
    agree(torch, expression, *arrays, **settings)


def names(module, *rooms):
    """The names that a module's table of rooms lists for some of them, all of which exist."""
    table = module.ROOMS
    found = [name for room in rooms for name in listed({room: table[f"minigrad.nn.{room}"]})]
    assert all(callable(getattr(module, name)) for name in found)
    return set(found)


def ours(example):
    """An example of minigrad's alone: a function of tensors, and the tensors."""
    expression, arrays = functional(example)
    xs = [minigrad.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    return (lambda *given: expression(minigrad, *given)), xs

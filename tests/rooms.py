"""Tables of examples of the names in rooms: expressions and the arrays that they are called on."""

from agreement import agree, code, several

import minigrad
from minigrad.autograd import gradcheck
from minigrad.tensor import METHODS


def names_of(*rooms):
    """The functions and the methods that the tables of rooms list."""
    tables = (minigrad.ROOMS, METHODS)
    found = [[name for room in rooms for name in t.get(room, "").split()] for t in tables]
    return found[0], found[1]


def check_names(table, *rooms):
    """Every name that is listed for rooms is there, in both libraries, and has its example."""
    functions, methods = names_of(*rooms)
    assert set(table) == {*functions, *methods}
    for name, (expression, *_) in table.items():
        assert name in expression, name
    for name in functions:
        assert callable(getattr(minigrad, name))
    for name in methods:
        assert callable(getattr(minigrad.Tensor, name, None) or getattr(minigrad.ones(1), name))


def check_in_torch(torch, *rooms):
    functions, methods = names_of(*rooms)
    assert [name for name in functions if not hasattr(torch, name)] == []
    assert [name for name in methods if not hasattr(torch.Tensor, name)] == []


def check_agreement(torch, table, name, order=2):
    """Values and derivatives of an example are those of PyTorch."""
    expression, *arrays = table[name]
    agree(torch, expression, *arrays, order=order)


def check_differences(table, name):
    """The gradients of an example are as finite differences say."""
    expression, *arrays = table[name]
    xs = [minigrad.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]

    def smooth(*xs):
        found = several(code(expression)(minigrad, *xs))
        tracked = [y for y in found if hasattr(y, "requires_grad") and y.requires_grad]
        return minigrad.cat([y.reshape(-1) for y in tracked]) if tracked else None

    if any(x.requires_grad for x in xs) and smooth(*xs) is not None:
        assert gradcheck(smooth, xs)

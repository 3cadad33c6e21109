"""Ops on tiny tensors, so that nearly all the time is that of the graph."""

from itertools import pairwise

import numpy as np

from .page import comparison
from .timing import compared
from .workloads import on_each

TITLE = "An op, forward and backward"
LENGTH, WIDTHS = 1000, (2, 16, 16, 1)
LINKS = {  # the next value of a chain that starts from x, and the number of ops it takes
    "add": (lambda y, x, tanh: y + x, 1),
    "mul": (lambda y, x, tanh: y * x, 1),
    "tanh": (lambda y, x, tanh: tanh(y), 1),
    "mix": (lambda y, x, tanh: tanh(y * x + x) * x, 4),
}


def measure(arguments):
    """One row per graph; the times are per op."""
    for name in LINKS:
        for shape, numbers in (((), "one number"), ((8,), "8 numbers")):
            row = {"graph": f"{LENGTH:,} × {name}", "of": numbers}
            yield row | each(chain(name), [np.full(shape, 0.01, np.float32)], LENGTH, arguments)
    rng = np.random.default_rng(0)
    weights = [np.array(w, np.float32) for w in rng.uniform(-1, 1, sum(weights_of_layers()))]
    ops = 2 * (len(weights) - sum(WIDTHS[1:])) + sum(WIDTHS[1:])
    row = {"graph": "MLP " + "-".join(map(str, WIDTHS)), "of": "one number"}
    yield row | each(mlp, weights, ops, arguments)


def each(function, parameters, ops, arguments):
    """The time per op of function(parameters, tanh of the framework), which gives a number."""
    found = compared(steps(function, parameters), arguments.rounds, arguments.seconds)
    return found | {"taken": {name: s / ops for name, s in found["taken"].items()}}


def report(rows):
    """Lines of Markdown, and the means."""
    return comparison(rows, ("graph", "of"), "µs")


def chain(name):
    """A chain of ops: from a list of one tensor to the sum of the last link."""
    link, ops = LINKS[name]

    def run(parameters, tanh):
        (x,) = parameters
        y = x
        for _ in range(LENGTH // ops):
            y = link(y, x, tanh)
        return y.sum()

    return run


def weights_of_layers():
    return [(before + 1) * after for before, after in pairwise(WIDTHS)]


def mlp(parameters, tanh):
    """A network as in micrograd: each neuron adds up products of single numbers."""
    weights, xs = iter(parameters), [0.5, -1.0]
    for width in WIDTHS[1:]:
        outs = []
        for _ in range(width):
            total = next(weights)
            for x in xs:
                total = total + next(weights) * x
            outs.append(tanh(total))
        xs = outs
    return xs[0]


def steps(function, parameters):
    """For each framework that is installed, a function that goes forward and backward."""
    found = on_each(lambda framework: step(framework, function, parameters))
    try:
        import autograd
        import autograd.numpy

        go = autograd.value_and_grad(lambda p: function(p, autograd.numpy.tanh))
        together = np.array(
            parameters
        )  # with a list, each item would get the whole as its gradient
        found["HIPS autograd"] = lambda: float(go(together)[0])
    except ModuleNotFoundError:
        pass
    return found


def step(framework, function, parameters):
    """A function that goes forward and backward on minigrad or PyTorch; it gives the result."""
    leaves = [framework.tensor(p, requires_grad=True) for p in parameters]

    def go():
        for leaf in leaves:
            leaf.grad = None
        out = function(leaves, framework.tanh)
        out.backward()
        return out.item()

    return go

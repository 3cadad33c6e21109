"""Chapter 2: one way to solve its exercises, and what the checker asks."""

import numpy as np


def divided(g, out, x, y):
    """δout = δx / y - x δy / y², and x / y is `out`."""
    return g / y, -g * out / y


def check_divided(divided):
    """The slope of 1/y is -1/y², so δout = δx / y - x · δy / y². What stands before δx, and δy?"""
    g, x, y = np.array([1.0, 10.0, 1.0]), np.array([1.0, 3.0, 8.0]), np.array([2.0, 2.0, 4.0])
    out = x / y
    yield "divided(g, x / y, x, y)", divided(g, out, x, y), [g / y, -g * out / y], {
        "the more y, the less x / y: the second one needs a minus": [g / y, g * out / y],
        "x and y are exchanged": [-g * out / y, g / y],
        "g is missing: how much each number of out counts": [1 / y, -out / y],
        "the slope of 1/y is -1/y²: divide by y once more": [g / y, -g * x / y],
    }


def cumulated(g):
    """x_j is in out_j, out_j+1, … and in the last one: their gradients, added up from the end."""
    return np.cumsum(g[::-1])[::-1]


def check_cumulated(cumulated):
    """In which of the numbers of `out` is x_0? In which is the last number of x?

    Or write the matrix A of the running sum for n = 3, and transpose it.
    """
    g = np.array([1.0, 10.0, 100.0, 1000.0])
    yield "cumulated([1, 10, 100, 1000])", cumulated(g), [1111.0, 1110.0, 1100.0, 1000.0], {
        "that is A g, the running sum itself: transpose": [1.0, 11.0, 111.0, 1111.0],
        "that is the inverse of A; the rule is the transposed": [1.0, 9.0, 90.0, 900.0],
        "x_0 has a part in every number of out, and so on: that is the other way round":
            [1000.0, 1100.0, 1110.0, 1111.0],
        "x_j has a part in out_j, too": [1110.0, 1100.0, 1000.0, 0.0],
    }
    yield "cumulated([3])", cumulated(np.array([3.0])), [3.0]


def summed_to(g, shape):
    """First the dims in front, then those that were 1."""
    g = g.sum(tuple(range(g.ndim - len(shape))))
    for d, n in enumerate(shape):
        if n == 1:
            g = g.sum(d, keepdims=True)
    return g


def check_summed_to(summed_to):
    """g has g.ndim - len(shape) dims in front that `shape` has not: sum them away.

    What is left has as many dims as `shape`. Where that says 1, sum with keepdims=True.
    """
    g = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    yield "summed_to(g, (2, 3)), with g [[1, 2, 3], [4, 5, 6]]", summed_to(g, (2, 3)), g
    yield "summed_to(g, (3,))", summed_to(g, (3,)), [5.0, 7.0, 9.0], {
        "that is the gradient of one of the copies; all of them count": [1.0, 2.0, 3.0],
        "the gradients of the copies add up; that is their mean": [2.5, 3.5, 4.5],
    }
    yield "summed_to(g, (2, 1))", summed_to(g, (2, 1)), [[6.0], [15.0]], {
        "the values are right, but the dim of 1 is gone: keepdims": [6.0, 15.0],
        "nothing was summed": g,
    }
    yield "summed_to(g, ())", summed_to(g, ()), 21.0
    large = np.arange(24.0).reshape(2, 3, 4)
    of_large = np.array([[60.0], [92.0], [124.0]])
    yield "summed_to(g, (3, 1)), with g of (2, 3, 4)", summed_to(large, (3, 1)), of_large, {
        "only one of the two in front was taken": large[0].sum(1, keepdims=True),
    }


def along(f, x, gradient, direction, nudge=1e-6):
    """The gradient says of each number how much it counts; the direction, how far each moves."""
    ends = f(x + nudge * direction), f(x - nudge * direction)
    return (ends[0] - ends[1]) / (2 * nudge), (gradient * direction).sum()


def check_along(along):
    """Move x by nudge · direction, and back by as much; divide by how far apart the two ends are.

    By the gradient, a nudge δx changes f by Σ gradient · δx: δx is the direction here.
    """
    x = np.array([[1.0, 2.0], [3.0, -1.0]])
    direction = np.array([[1.0, 0.5], [-1.0, 2.0]])

    def f(x):
        return float((x**3).sum())

    right, wrong = 3 * x * x, 3 * x
    what = "f(x) = Σ x³"
    yield f"along(…), {what}", along(f, x, right, direction), [-12.0, -12.0], {
        "divided by the nudge; but the ends are two nudges apart": [-24.0, -12.0],
        "the gradient's numbers are added up, but not times the direction": [-12.0, 45.0],
        "by trying: the second run minus the first": [12.0, -12.0],
    }
    yield f"along(…), {what}, a wrong gradient", along(f, x, wrong, direction), [-12.0, -9.0]

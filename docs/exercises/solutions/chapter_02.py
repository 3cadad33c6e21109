"""Chapter 2: one solution per exercise, its checks, and its hint."""

import numpy as np

from ..chapter_02 import loss
from ..checking import said


def divided(g, out, x, y):
    """δout = δx / y - x δy / y², and x / y is `out`."""
    return g / y, -g * out / y


def check_divided(divided):
    """The slope of 1/y is -1/y². So what is δout, if x changes by δx and y by δy?

    δout = δx / y - x · δy / y². Multiply the factor of δx by g, and then the factor of δy.
    """
    g, x, y = np.array([1.0, 10.0, 1.0]), np.array([1.0, 3.0, 8.0]), np.array([2.0, 2.0, 4.0])
    out = x / y
    yield "divided(g, x / y, x, y)", divided(g, out, x, y), [g / y, -g * out / y], {
        "x / y gets smaller as y grows: the second gradient needs a minus": [g / y, g * out / y],
        "x and y are swapped": [-g * out / y, g / y],
        "g, the gradient of each element of out, is missing": [1 / y, -out / y],
        "the slope of 1/y is -1/y²: divide by y once more": [g / y, -g * x / y],
    }


def cumulated(g):
    """x_j is part of out_j, out_j+1, … up to the last one: sum their gradients, from the end."""
    return np.cumsum(g[::-1])[::-1]


def check_cumulated(cumulated):
    """Which elements of `out` contain x_0? Which contain the last element of x?

    Or write down the matrix A of the cumulative sum for n = 3, and transpose it.
    """
    g = np.array([1.0, 10.0, 100.0, 1000.0])
    yield "cumulated([1, 10, 100, 1000])", cumulated(g), [1111.0, 1110.0, 1100.0, 1000.0], {
        "this is A g, the cumulative sum itself: use the transpose of A":
            [1.0, 11.0, 111.0, 1111.0],
        "this is the inverse of A; the rule needs the transpose": [1.0, 9.0, 90.0, 900.0],
        "x_0 is part of every element of out, the last x only of the last: this is reversed":
            [1000.0, 1100.0, 1110.0, 1111.0],
        "x_j is part of out_j, too": [1110.0, 1100.0, 1000.0, 0.0],
    }
    yield "cumulated([3])", cumulated(np.array([3.0])), [3.0]


def summed_to(g, shape):
    """First the leading dims, then the dims of size 1."""
    g = g.sum(tuple(range(g.ndim - len(shape))))
    for d, n in enumerate(shape):
        if n == 1:
            g = g.sum(d, keepdims=True)
    return g


def check_summed_to(summed_to):
    """g has g.ndim - len(shape) leading dims that `shape` lacks: sum over them.

    Then g has as many dims as `shape`. Where `shape` has a 1, sum with keepdims=True.
    """
    g = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    yield "summed_to(g, (2, 3)), with g [[1, 2, 3], [4, 5, 6]]", summed_to(g, (2, 3)), g
    yield "summed_to(g, (3,))", summed_to(g, (3,)), [5.0, 7.0, 9.0], {
        "this is the gradient of one copy; add up those of all copies": [1.0, 2.0, 3.0],
        "the gradients of the copies add up; this is their mean": [2.5, 3.5, 4.5],
    }
    yield "summed_to(g, (2, 1))", summed_to(g, (2, 1)), [[6.0], [15.0]], {
        "the values are right, but the dim of size 1 is gone: use keepdims": [6.0, 15.0],
        "nothing was summed": g,
    }
    yield "summed_to(g, ())", summed_to(g, ()), 21.0
    large = np.arange(24.0).reshape(2, 3, 4)
    of_large = np.array([[60.0], [92.0], [124.0]])
    yield "summed_to(g, (3, 1)), with g of (2, 3, 4)", summed_to(large, (3, 1)), of_large, {
        "this is only one of the two matrices of g; sum over the leading dim, too":
            large[0].sum(1, keepdims=True),
    }


def along(f, x, gradient, direction, nudge=1e-6):
    """The slope along a direction is the dot product of the gradient with that direction."""
    ends = f(x + nudge * direction), f(x - nudge * direction)
    return (ends[0] - ends[1]) / (2 * nudge), (gradient * direction).sum()


def check_along(along):
    """Run f at x plus and minus nudge · direction, and divide by the distance, two nudges.

    By the gradient, a small change δx changes f by Σ gradient · δx. Here δx is the direction.
    """
    x = np.array([[1.0, 2.0], [3.0, -1.0]])
    direction = np.array([[1.0, 0.5], [-1.0, 2.0]])

    def f(x):
        return float((x**3).sum())

    right, wrong = 3 * x * x, 3 * x
    what = "f(x) = Σ x³"
    yield f"along(…), {what}", along(f, x, right, direction), [-12.0, -12.0], {
        "divided by one nudge, but the two points are two nudges apart": [-24.0, -12.0],
        "the gradient is summed without multiplying by the direction": [-12.0, 45.0],
        "the two runs of f are subtracted in the wrong order": [12.0, -12.0],
    }
    yield f"along(…), {what}, a wrong gradient", along(f, x, wrong, direction), [-12.0, -9.0]


def nudged():
    """1 + 1e-8 is 1 in float32, which has about seven digits."""
    answers = {"why": "c"}
    for nudge in (1e-3, 1e-8):
        w = 1.0
        for _ in range(200):
            w -= 0.5 * (loss(w + nudge) - loss(w - nudge)) / (2 * nudge)
        answers[nudge] = float(w)
    return answers


def check_nudged(nudged):
    """The slope is (loss(w + nudge) - loss(w - nudge)) / (2 · nudge).

    For the question, print the two losses whose difference is taken. How many digits has a float32?
    """
    answers = nudged()
    found = answers.get(1e-3), answers.get(1e-8)
    yield "the last w, with 1e-3, to two digits", round(float(found[0]), 2), 0.5, {
        "w has not moved: does the loop replace w?": 1.0,
    }
    yield "the last w, with 1e-8", found[1], 1.0, {
        "1e-8 cannot have worked in float32: use `loss` as it is": 0.5,
    }
    yield said("why", answers.get("why"), "c", {
        "a": "print loss(1.0) and loss(0.5)",
        "b": "the slope is exactly 0, so a million steps would not move w either",
    })


def tanh_rule(g, out):
    """`out *= out` writes into the array of the caller; `out * out` makes a new one."""
    return g * (1 - out * out)


def check_tanh_rule(tanh_rule):
    """Compare the arrays that the rule was given, before the call and after it.

    `out *= out` changes an array in place. Whose array is it?
    """
    g, x = np.array([1.0, 10.0]), np.array([0.5, -1.0])
    out = np.tanh(x)
    given = g.copy(), out.copy()
    right = g * (1 - out**2)
    yield "tanh_rule(g, out)", tanh_rule(*given), right, {
        "the slope of tanh is 1 - out²": g * (1 - out),
        "this uses out⁴: it was squared twice": g * (1 - out**4),
    }
    yield "out afterwards", given[1], out
    yield "g afterwards", given[0], g
    yield "tanh_rule(g, out) again", tanh_rule(*given), right

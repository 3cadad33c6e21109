"""Exercises of chapter 1, A tensor that remembers.

Replace the last line of each function by your code, then run: python -m docs.exercises 1
"""

import itertools

BIRTHS = itertools.count()


class Value:
    """A number that remembers how it was made, as in the chapter, and when.

    value     a float
    made_by   "add", "mul" or None
    inputs    the Values it was computed from
    birth     a counter: the later a Value was made, the larger it is
    """

    def __init__(self, value, made_by=None, inputs=()):
        self.value, self.made_by, self.inputs = value, made_by, inputs
        self.birth = next(BIRTHS)

    def __repr__(self):
        return f"Value({self.value})"

    def __add__(self, other):
        return Value(self.value + other.value, "add", (self, other))

    def __mul__(self, other):
        return Value(self.value * other.value, "mul", (self, other))


def by_hand():
    """1. On paper: the gradients of z = (x·y + x) · y at x = 2, y = 3.

    Returns {"x": ∂z/∂x, "y": ∂z/∂y}, two floats.
    """
    raise NotImplementedError


def history(output):
    """2. `output` and all Values that it was computed from, each once, youngest first.

    output: a Value. Up to 2⁴⁰ paths lead back from it, too many to follow each one.
    Returns a list of Values.
    """
    raise NotImplementedError


def gradients(output):
    """3. The backward pass: ∂output / ∂v for each Value v in the history of `output`.

    output: a Value, made by additions and multiplications; again there may be 2⁴⁰ paths.
    Returns a dict from Value to float, with 1.0 for `output` itself. Your `history` may help.
    """
    raise NotImplementedError


def paths(output, leaf):
    """4. How many paths lead from `output` back to `leaf`, going from a Value to one of its inputs?

    output, leaf: Values. There are two paths from x + x to x. Returns an int: 0 if `output` does
    not depend on `leaf`, 1 if `leaf` is `output`. With up to 2⁴⁰ paths you cannot count one by one.
    """
    raise NotImplementedError

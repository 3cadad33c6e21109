"""Exercises of chapter 1, A tensor that remembers.

Replace the last line of each function with your code, repair the one that is broken, then run:
python -m docs.exercises 1
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


def descend():
    """5. Train, vary, explain: make a result smaller, with steps of three sizes.

    Start with x = 0. Ten times, compute z = (3x - 6) · (3x - 6) with Values, compute ∂z/∂x with
    your `gradients`, and replace x by x - rate · ∂z/∂x. z is smallest at x = 2. Do this with three
    rates: 0.01, 0.1 and 0.12. Write Value(3.0) and Value(-6.0) for the constants.

    With one of them, x moves away from 2. Why?
    "a": each step goes past 2, and ends further from it than it began
    "b": the gradient points in the wrong direction as soon as x is larger than 2
    "c": the gradient is not exact, and its errors add up from step to step

    Returns {0.01: the last x, 0.1: the last x, 0.12: the last x, "why": "a", "b" or "c"}.
    """
    raise NotImplementedError


def backward(output):
    """6. Break it and find it: a backward pass that is sometimes wrong.

    It is right for x · y, for x + x, and for p · s of the chapter. But if the two factors of the
    last product are swapped, s · p, then y gets the gradient 10 instead of 20, and x gets 35
    instead of 45. Find the mistake and repair it.

    output: a Value. Returns a dict from Value to float, as in exercise 3.
    """
    values = [output]
    for value in values:
        values += [x for x in dict.fromkeys(value.inputs) if x not in values]
    grads = dict.fromkeys(values, 0.0)
    grads[output] = 1.0
    for value in values:
        if value.made_by:
            x, y = value.inputs
            grads[x] += grads[value] * (1.0 if value.made_by == "add" else y.value)
            grads[y] += grads[value] * (1.0 if value.made_by == "add" else x.value)
    return grads

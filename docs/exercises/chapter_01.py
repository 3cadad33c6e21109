"""Exercises of chapter 1, A tensor that remembers.

Write each function in place of its last line, then: python -m docs.exercises 1
"""

import itertools

BIRTHS = itertools.count()


class Value:
    """A number that remembers how it was made, as in the chapter, and when.

    value, made_by, inputs   a float; None, "add" or "mul"; the Values it was made of
    birth                    a number that is larger, the later it was made
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
    """1. With paper: the gradients of z = (x·y + x) · y at x = 2, y = 3.

    Returns {"x": ∂z/∂x, "y": ∂z/∂y}, two floats.
    """
    raise NotImplementedError


def history(output):
    """2. All Values that had a part in `output`, itself included: each once, youngest first.

    output: a Value; 2⁴⁰ ways may lead back from it, so not each can be walked.
    Returns a list of Values.
    """
    raise NotImplementedError


def gradients(output):
    """3. The walk backwards: ∂output / ∂v for each Value v that had a part in `output`.

    output: a Value, made by additions and multiplications; again 2⁴⁰ ways may lead back from it.
    Returns a dict from Value to float; `output` itself has 1.0. Your `history` may help.
    """
    raise NotImplementedError


def paths(output, leaf):
    """4. How many ways lead from `output` back to `leaf`, from each Value to one of its inputs?

    output, leaf: Values. x + x has two ways to x. Returns an int; 0 if `leaf` had no part in
    `output`, 1 if it is `output`. There can be 2⁴⁰ of them, so they cannot be counted one by one.
    """
    raise NotImplementedError

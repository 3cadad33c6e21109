"""Chapter 1: one solution per exercise, its checks, and its hint."""

from ..chapter_01 import Value
from ..checking import said


def by_hand():
    """z = xy² + xy, so ∂z/∂x = y² + y and ∂z/∂y = 2xy + x."""
    return {"x": 12.0, "y": 14.0}


def check_by_hand(by_hand):
    """Write down s = x·y, p = s + x and z = p·y with their values, then go back from z.

    y is used twice, in s and in z, and so is x: add up the gradients from both uses.
    """
    yield "by_hand()", by_hand(), {"x": 12.0, "y": 14.0}, {
        "y is used twice; add its gradient from p · y": {"x": 12.0, "y": 6.0},
        "y is used twice; add its gradient through x · y": {"x": 12.0, "y": 8.0},
        "x is used twice; add its gradient from s + x": {"x": 9.0, "y": 14.0},
        "x is used twice; add its gradient through x · y": {"x": 3.0, "y": 14.0},
    }


def history(output):
    """Collect the inputs of each Value, then sort by birth."""
    seen, waiting = set(), [output]
    while waiting:
        value = waiting.pop()
        if value not in seen:
            seen.add(value)
            waiting += value.inputs
    return sorted(seen, key=lambda value: value.birth, reverse=True)


def check_history(history):
    """Keep a set of the Values you have seen, and a list of those whose inputs are still to visit.

    When the list is empty, the set holds all Values. Now they need the right order: by `birth`.

    `sorted(…, key=lambda value: value.birth, reverse=True)` puts the youngest first.
    """
    x, y = Value(2.0), Value(3.0)
    s = x + y
    p = s * x
    z = p * s
    _unrelated = x * y
    names = {x: "x", y: "y", s: "s", p: "p", z: "z", _unrelated: "x * y"}

    def named(values):
        return values and [names[value] for value in values]

    yield "history(z)", named(history(z)), ["z", "p", "s", "y", "x"], {
        "this is oldest first; use sorted(…, reverse=True)": ["x", "y", "s", "p", "z"],
        "y was made after x, so y is younger: sort by birth": ["z", "p", "s", "x", "y"],
        "z itself belongs to the list, too": ["p", "s", "y", "x"],
        "s is reached twice, and appears twice here: remember which Values you have seen":
            ["z", "p", "s", "s", "y", "y", "x", "x", "x"],
    }
    yield "history(x)", named(history(x)), ["x"]
    yield "len(history(x + x + … + x))", len(history(doubled(x, 40))), 41


class Counted(Value):
    """A Value whose inputs can be read a thousand times, but not 2⁴⁰ times."""

    left = 1000

    @property
    def inputs(self):
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("this follows each of 2⁴⁰ paths: visit each Value only once")
        return self.made_of

    @inputs.setter
    def inputs(self, values):
        self.made_of = values


def doubled(value, times):
    """The value added to itself repeatedly; code that follows every path back raises an error."""
    for _ in range(times):
        value = Counted(value.value + value.value, "add", (value, value))
    return value


def gradients(output):
    """Youngest first: when we reach a value, everything computed from it has been visited."""
    grads = dict.fromkeys(history(output), 0.0)
    grads[output] = 1.0
    for value in history(output):
        g = grads[value]
        if value.made_by == "add":
            for x in value.inputs:
                grads[x] += g
        elif value.made_by == "mul":
            x, y = value.inputs
            grads[x] += g * y.value
            grads[y] += g * x.value
    return grads


def check_gradients(gradients):
    """Start with {output: 1.0}. In the order of `history`, each value passes its gradient g back.

    An addition passes g to both inputs. A multiplication passes to each factor g times the other
    factor.

    A value may be used several times. Add what arrives to what has arrived before.
    """
    x, y = Value(2.0), Value(3.0)
    s = x + y
    yield "gradients(x + y), with x = 2, y = 3", gradients(s), {s: 1.0, x: 1.0, y: 1.0}
    yield "gradients(x * y)[x], with x = 2, y = 3", gradients(x * y)[x], 3.0, {
        "the slope is the other factor, not this one": 2.0,
    }
    yield "gradients(x * x)[x], with x = 2", gradients(x * x)[x], 4.0, {
        "x is used twice, and the second gradient replaced the first: add them": 2.0,
    }
    p = s * x
    z = p * s
    found = gradients(z)
    found = {name: found.get(v) for name, v in {"z": z, "p": p, "s": s, "y": y, "x": x}.items()}
    yield "gradients((x + y) · x · (x + y)), with s = x + y, p = s · x", found, {
        "z": 1.0, "p": 5.0, "s": 20.0, "y": 20.0, "x": 45.0,
    }, {
        "s passed its gradient on before it was complete: go from youngest to oldest":
            {"z": 1.0, "p": 5.0, "s": 20.0, "y": 10.0, "x": 35.0},
        "the second gradient of s replaced the first: add them":
            {"z": 1.0, "p": 5.0, "s": 10.0, "y": 10.0, "x": 10.0},
    }
    yield "the gradient of x, doubled 40 times", gradients(doubled(x, 40))[x], 2.0**40


def paths(output, leaf):
    """The backward pass again, as if all slopes were 1."""
    counts = dict.fromkeys(history(output), 0)
    counts[output] = 1
    for value in history(output):
        for x in value.inputs:
            counts[x] += counts[value]
    return counts.get(leaf, 0)


def check_paths(paths):
    """The same pass as in exercise 3, only simpler: each value passes its count to its inputs.

    Start with {output: 1}, and add up what arrives. A leaf that was never reached has 0 paths.
    """
    x, y = Value(2.0), Value(3.0)
    s = x + y
    p = s * x
    z = p * s
    yield "paths(z, x), with s = x + y, p = s · x, z = p · s", paths(z, x), 3
    yield "paths(z, y)", paths(z, y), 2
    yield "paths(z, z)", paths(z, z), 1
    yield "paths(p, z)", paths(p, z), 0, {"z comes after p, not before": 1}
    yield "paths(x doubled 40 times, x)", paths(doubled(x, 40), x), 2**40


def descend():
    """At each step the distance to 2 is multiplied by 1 - 18 · rate."""
    answers = {"why": "a"}
    for rate in (0.01, 0.1, 0.12):
        x = 0.0
        for _ in range(10):
            at = Value(x)
            error = Value(3.0) * at + Value(-6.0)
            x -= rate * gradients(error * error)[at]
        answers[rate] = x
    return answers


def check_descend(descend):
    """Make a new Value(x) at each step, compute z from it, and find its gradient in gradients(z).

    `error = Value(3.0) * at + Value(-6.0)`, and z is error · error, where `at` is Value(x).

    For the question, print x at each step, for each of the rates. By hand, ∂z/∂x is 18 · (x - 2).
    """
    answers = descend()
    rates = (0.01, 0.1, 0.12)

    def after(steps, sign=1):
        return {rate: 2 - 2 * (1 - sign * 18 * rate) ** steps for rate in rates}

    numbers = {rate: answers.get(rate) for rate in rates} if isinstance(answers, dict) else answers
    yield "the last x for each rate", numbers, after(10), {
        "these are 9 steps, not 10": after(9),
        "these are 11 steps, not 10": after(11),
        "a step goes against the gradient: subtract it": after(10, -1),
    }
    yield said("why", answers.get("why"), "a", {
        "b": "with the two smaller rates the same gradient leads towards 2",
        "c": "the backward pass is exact, up to rounding: print x at each step",
    })


def backward(output):
    """The values have to be visited from the youngest to the oldest."""
    grads = dict.fromkeys(history(output), 0.0)
    grads[output] = 1.0
    for value in grads:
        if value.made_by:
            x, y = value.inputs
            grads[x] += grads[value] * (1.0 if value.made_by == "add" else y.value)
            grads[y] += grads[value] * (1.0 if value.made_by == "add" else x.value)
    return grads


def check_backward(backward):
    """Write down in which order the values of s · p are visited, and what each gradient is then.

    One of them is visited too early: it passes on a gradient that is not complete yet.

    The first loop finds the right values, in the wrong order. Sort them before the second loop.
    """
    x, y = Value(2.0), Value(3.0)
    s = x + y
    p = s * x
    z = s * p
    names = {"z": z, "p": p, "s": s, "y": y, "x": x}
    found = backward(z)
    found = {name: found.get(value) for name, value in names.items()}
    right = {"z": 1.0, "p": 5.0, "s": 20.0, "y": 20.0, "x": 45.0}
    yield "backward(s · p), with s = x + y, p = s · x", found, right, {
        "now s passes on its gradient twice: first 10, and then 20": right | {"y": 30.0, "x": 55.0},
        "this goes from the oldest to the youngest; the result must come first":
            {"z": 1.0, "p": 5.0, "s": 10.0, "y": 0.0, "x": 0.0},
    }
    yield "backward(x · x)[x], with x = 2", backward(x * x)[x], 4.0
    yield "the gradient of x, doubled 40 times", backward(doubled(x, 40))[x], 2.0**40

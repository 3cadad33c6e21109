"""The writer: chooses variables, numbers, dims, shapes and indices, and writes them as Python.

It looks at the values that PyTorch has, so that most of what it writes fits; now and then it
writes something odd on purpose, which both frameworks must refuse.
"""

import functools
import math

from hypothesis import strategies as st

DTYPES = ("float64", "float32", "int64", "bool")
MORE_DTYPES = (*DTYPES, "int32", "uint8", "int16", "int8")
PLAIN = (1.0, 0.0, 2.0, -1.0, 0.5, -2.5, 3.0, -0.25)
SPECIAL = ("-0.0", "inf", "-inf", "nan")
EXTREME = (1e30, -1e30, 1e-30, 88.0, -750.0, 710.0)
EXTREME_INTS = (2**62, -(2**63), 2**63 - 1, 2**53 + 1)
SIZES = (2, 3, 1, 2, 3, 4, 0)
ODD_ONE_IN = 9
LARGEST = 150  # elements of a tensor that is used further


@functools.cache
def below(n):
    return st.integers(0, n - 1)


class Writer:
    """Draws from hypothesis, and knows the variables of PyTorch's world.

    special  whether 0, inf and NaN are frequent
    extreme  whether there are numbers near the ends of the range
    wild     whether some of what is written does not fit
    rooms    whether names in rooms are called, and there are more dtypes of ints
    """

    def __init__(self, draw, program):
        self.draw, self.program = draw, program
        self.special, self.extreme, self.wild = self.chance(3), self.chance(6), self.chance(2)
        self.rooms = self.chance(2)

    # --- choices
    def below(self, n):
        return self.draw(below(n))

    def pick(self, options):
        return options[self.below(len(options))]

    def chance(self, n):
        """True once in n times."""
        return self.below(n) == n - 1

    def odd(self):
        """True now and then: write something that does not fit."""
        return self.wild and self.chance(ODD_ONE_IN)

    # --- variables
    def value(self, reference):
        return self.program.theirs.value(reference)

    def like(self, test=lambda x: True, exact=False):
        """The references of tensors that pass a test.

        exact  only those that both frameworks hold to the bit: where numbers are compared, rounded
               or sorted, a difference of one rounding would become a large one
        """
        return [
            ref
            for ref in self.program.tensors()
            if (not exact or ref.partition("[")[0] in self.program.exact)
            and (x := self.value(ref)).numel() <= LARGEST
            and x.ndim <= 5
            and test(x)
        ]

    def tensor(self, test=lambda x: True, exact=False):
        """A tensor that passes a test, or None; often the first, so that one has several uses."""
        found = self.like(test, exact)
        if not found:
            return None
        return found[0] if self.chance(3) else self.pick(found)

    # --- numbers and tensors of them
    def number(self, kind="float64"):
        """A number of a dtype, as text."""
        if kind == "bool":
            return self.pick(("True", "False"))
        if kind == "int64":
            extreme = self.extreme and self.chance(4)
            return str(self.pick(EXTREME_INTS) if extreme else self.pick((1, 0, 2, -1, 3, -4)))
        if kind[:3] in ("int", "uin"):
            return str(self.pick((1, 0, 2, 3, 100, 5) if kind == "uint8" else (1, 0, 2, -1, 3, -4)))
        if self.special and self.chance(3):
            return self.pick(SPECIAL)
        if self.extreme and self.chance(3):
            return repr(self.pick(EXTREME))
        return repr(self.pick(PLAIN))

    def shape(self, ndim=4):
        return tuple(
            [self.pick(SIZES) for _ in range(self.pick((0, *range(1, ndim), 1, min(2, ndim - 1))))]
        )

    def fresh(self, dtype=None, shape=None, requires_grad=None):
        """The text of a new leaf."""
        shape = self.shape() if shape is None else tuple(shape)
        dtypes = MORE_DTYPES if self.rooms and self.chance(3) else DTYPES
        dtype = dtype or self.pick(("float64", "float64", "float64", *dtypes))
        floats = dtype.startswith("float")
        grad = floats and (not self.chance(4) if requires_grad is None else requires_grad)
        grad = ", requires_grad=True" if grad else ""
        if 0 in shape:
            return f"torch.zeros({shape}, dtype=torch.{dtype}{grad})"
        numbers = iter([self.number(dtype) for _ in range(math.prod(shape))])
        return f"torch.tensor({nested(numbers, shape)}, dtype=torch.{dtype}{grad})"

    # --- settings
    def dim(self, x):
        """One dim of x."""
        n = max(x.ndim, 1)
        if self.odd():
            return self.pick(
                (
                    str(n),
                    str(-n - 1),
                    "None",
                    "(0, 0)",
                    "1.0",
                    "True",
                    "(0, 1)",
                    "()",
                    "torch.tensor(0)",
                    "[0]",
                    "'0'",
                )
            )
        return str(self.below(2 * n) - n) if self.chance(2) else str(n - 1 - self.below(n))

    def dims(self, x):
        """One dim or several, or none; None for all."""
        n = max(x.ndim, 1)
        if self.odd():
            return self.pick(
                (
                    f"({n},)",
                    "(0, 0)",
                    "(None,)",
                    "1.0",
                    "(0, 1.0)",
                    f"[0, -{n}]",
                    "True",
                    "'0'",
                    "torch.tensor(0)",
                )
            )
        if self.chance(2):
            return self.dim(x)
        chosen = [d - n * self.chance(3) for d in range(n) if self.chance(2)]
        return self.pick((repr(tuple(chosen)), repr(chosen), "None"))

    def sizes(self, x):
        """A shape with as many elements as x."""
        total = x.numel()
        if self.odd() or self.wild and self.chance(4):
            return self.pick(
                ("(-2,)", "(-1, -1)", "-2", f"({total + 1},)", "(5, -1)", "(0, -1)", "()")
            )
        if total == 0:
            return self.pick(("(0,)", "(2, 0)", "(0, 3)", "(0, -1)", "(-1,)", "(-1, 2)"))
        shape = []
        while total > 1 or self.chance(3):
            divisors = [d for d in range(1, total + 1) if total % d == 0]
            shape.append(self.pick(divisors[::-1]))
            total //= shape[-1]
        if shape and self.chance(3):
            shape[self.below(len(shape))] = -1
        return repr(tuple(shape))

    def broadcastable(self, shape):
        """A shape that broadcasts with another."""
        kept = shape[self.below(len(shape) + 1) :]
        return tuple([1 if self.chance(4) else n for n in kept])

    def ints(self, low, high, shape):
        """An int64 tensor from low to high - 1, as text."""
        if high <= low:
            return f"torch.zeros({tuple(shape)}, dtype=torch.int64)"
        if self.odd():
            high += 1
        if 0 in shape:
            return f"torch.zeros({tuple(shape)}, dtype=torch.int64)"
        numbers = iter([str(low + self.below(high - low)) for _ in range(math.prod(shape))])
        return f"torch.tensor({nested(numbers, shape)}, dtype=torch.int64)"


def nested(numbers, shape):
    """Numbers as nested lists of a shape, as text."""
    if not shape:
        return next(numbers)
    return f"[{', '.join(nested(numbers, shape[1:]) for _ in range(shape[0]))}]"

"""Constraints: which values a parameter of a distribution may have, and which its samples have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import Op, value_of
from ..tensor import Tensor


class Constraint:
    """A condition on values; `event_dim` of their last dims count as one value.

    holds  a function of an array that gives True for each value that fulfils the condition
    """

    def __init__(self, name: str, holds: Callable[[Any], Any], event_dim: int = 0) -> None:
        self.name, self.holds, self.event_dim = name, holds, event_dim

    def check(self, value: Any) -> Tensor:
        """True for each value that fulfils the condition."""
        held: Any = Op.node(np.asarray(self.holds(value_of(value))))
        return held

    def __repr__(self) -> str:
        return self.name


def _sums_to_one(x: Any) -> Any:
    return (x >= 0).all(-1) & (abs(x.sum(-1) - 1) < 1e-6)


def interval(low: Any, high: Any) -> Constraint:
    """Numbers from low to high."""
    ends = value_of(low), value_of(high)
    return Constraint("a number of the interval", lambda x: (ends[0] <= x) & (x <= ends[1]))


def integers_up_to(most: int) -> Constraint:
    """The ints 0 … most."""
    return Constraint(f"an int from 0 to {most}", lambda x: (x % 1 == 0) & (x >= 0) & (x <= most))


real = Constraint("a number", lambda x: x == x)
real_vector = Constraint("numbers", lambda x: (x == x).all(-1), 1)
positive = Constraint("positive", lambda x: x > 0)
unit_interval = Constraint("from 0 to 1", lambda x: (x >= 0) & (x <= 1))
boolean = Constraint("0 or 1", lambda x: (x == 0) | (x == 1))
simplex = Constraint("probabilities that add up to 1", _sums_to_one, 1)

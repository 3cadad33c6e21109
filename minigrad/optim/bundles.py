"""Bundles: small parameters joined into one array, so that one update moves them all.

A dozen NumPy calls update a parameter, and for a small one the calls take longer than what they
compute. If the update is elementwise, small parameters can be laid end to end and updated as one
array: the same numbers, with the calls of one parameter. A step of Adam on the eleven parameters of
the small translator takes a third of the time.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from ..dtypes import Array
from ..memory import overwrite, writable
from ..tensor import Tensor

Params = tuple[Tensor, ...]
State = dict[str, Any]  # what is kept for a parameter: arrays of its shape, and numbers
SMALL = 1 << 14  # elements; below this the calls dominate


class Bundle:
    """Parameters that are updated as one array, and the state that is kept for them.

    A single parameter is not copied. The arrays of the state are joined as the parameters are.
    """

    __slots__ = ("params", "state")

    def __init__(self, params: Params, states: list[State]) -> None:
        self.params = params
        self.state = {
            name: joined([state[name] for state in states]) if isinstance(value, Array) else value
            for name, value in states[0].items()
        }

    def values(self) -> Array:
        """The values of the parameters, end to end; of a single one, the memory that it has."""
        return joined([writable(p.value) for p in self.params])

    def gradients(self) -> Array:
        """The gradients of the parameters, end to end."""
        return joined([p.grad.value for p in self.params])

    def replace(self, values: Array) -> None:
        """Write its part of the new values into each parameter."""
        end, flat = 0, values.reshape(-1)
        for p in self.params:
            start, end = end, end + p.value.size
            overwrite(p.value, flat[start:end].reshape(p.value.shape))

    def states(self) -> list[State]:
        """The state of each parameter."""
        parts = {
            name: self.divided(value) if isinstance(value, Array) else [value] * len(self.params)
            for name, value in self.state.items()
        }
        return [{name: parts[name][i] for name in parts} for i in range(len(self.params))]

    def divided(self, array: Array) -> list[Array]:
        """The part of each parameter, as an array of its own."""
        if len(self.params) == 1:
            return [array]
        parts, end = [], 0
        for p in self.params:
            start, end = end, end + p.value.size
            parts.append(array[start:end].reshape(p.value.shape).copy())
        return parts


class Bundles:
    """The bundles of an optimizer; small parameters are joined if `join` is True.

    For each group, the parameters that have a gradient in a step are the key to their bundles; new
    bundles are made only when other parameters have one than in the step before.
    """

    def __init__(self, join: bool) -> None:
        self.join = join
        self.by_params: dict[Params, list[Bundle]] = {}

    def of(self, moving: list[Tensor]) -> list[Bundle]:
        """The bundles of these parameters: those of one group that have a gradient in this step."""
        params = tuple(moving)
        if params not in self.by_params:
            states = self.states()
            self._take_apart(set(params), states)
            self.by_params[params] = [
                Bundle(alike, [states.get(p, {}) for p in alike])
                for alike in self._alike(params, states)
            ]
        return self.by_params[params]

    def states(self) -> dict[Tensor, State]:
        """The state of each parameter."""
        bundles = [bundle for bundles in self.by_params.values() for bundle in bundles]
        return {p: s for b in bundles for p, s in zip(b.params, b.states(), strict=True)}

    def load(self, states: dict[Tensor, State]) -> None:
        """Replace all states by copies of these."""
        self.by_params = {
            (p,): [Bundle((p,), [{name: copy(value) for name, value in state.items()}])]
            for p, state in states.items()
        }

    def _take_apart(self, moving: set[Tensor], states: dict[Tensor, State]) -> None:
        """Remove the bundles of these parameters; any others in them get a bundle of their own."""
        for params in [known for known in self.by_params if not moving.isdisjoint(known)]:
            del self.by_params[params]
            for p in params:
                if p not in moving:
                    self.by_params[(p,)] = [Bundle((p,), [states[p]])]

    def _alike(self, params: Params, states: dict[Tensor, State]) -> list[Params]:
        """The parameters in tuples to be joined: small ones of one dtype and one step count."""
        small: dict[Any, list[Tensor]] = {}
        for p in params:
            if self.join and p.value.size < SMALL:
                state = states.get(p, {})
                small.setdefault((p.dtype, *state, state.get("step")), []).append(p)
        large = [(p,) for p in params if not self.join or p.value.size >= SMALL]
        return [*map(tuple, small.values()), *large]


def joined(arrays: list[Array]) -> Array:
    """The arrays flattened, one after another; a single array as it is."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, None)

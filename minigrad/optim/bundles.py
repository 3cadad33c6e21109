"""Bundles: small parameters joined into one array, so that one update moves them all.

A dozen NumPy calls update a parameter, and for a small one the calls take longer than what they
compute. If the update is elementwise, small parameters can be laid end to end and updated as one
array: the same numbers, with the calls of one parameter. A step of Adam on the eleven parameters of
the small translator takes a third of the time.

The state of each parameter stays a dict of its own, as in PyTorch. Its arrays are views of the
joined ones, so whoever writes into them changes what the next update uses. If the dict was given
other objects instead, the bundle notices, and is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from itertools import chain
from operator import is_
from typing import Any

import numpy as np

from ..dtypes import Array
from ..memory import overwrite, writable, wrote
from ..tensor import Tensor

Params = tuple[Tensor, ...]
State = dict[str, Any]  # what is kept for a parameter: arrays of its shape, and numbers
States = MutableMapping[Tensor, State]
SMALL = 1 << 14  # elements; below this the calls dominate
END = object()


class Bundle:
    """Parameters that are updated as one array, and the state that is kept for them.

    params  the parameters
    state   their state, with the arrays joined; if there is only one parameter, its own state
    own     the state of each parameter
    given   what the last update left in the states, one after another, and END
    """

    __slots__ = ("params", "state", "own", "given")

    def __init__(self, params: Params, own: list[State]) -> None:
        self.params, self.own, self.state = params, own, own[0]
        self.given: list[Any] = [object()]  # no update yet: what is in the states is not from one
        if len(own) > 1:
            self.state = {
                name: joined([state[name] for state in own]) if isinstance(value, Array) else value
                for name, value in own[0].items()
            }

    def values(self) -> Array:
        """The values of the parameters, end to end; if there is only one, its own memory."""
        if len(self.params) == 1:
            return writable(self.params[0].value)
        return joined([p.value for p in self.params])

    def gradients(self) -> Array:
        """The gradients of the parameters, end to end."""
        return joined([p._grad.value for p in self.params])

    def replace(self, values: Array) -> None:
        """Write its part of the new values into each parameter."""
        if values.base is self.params[0].value:  # they were computed in its memory
            return wrote(values)
        for p, part in zip(self.params, self.views(values.reshape(-1)), strict=True):
            overwrite(p.value, part)

    def views(self, array: Array) -> list[Array]:
        """The part of each parameter, as a view."""
        parts, end = [], 0
        for p in self.params:
            start, end = end, end + p.value.size
            parts.append(array[start:end].reshape(p.value.shape))
        return parts

    def give(self, states: States) -> None:
        """Give the states of the parameters what an update has left in the joined state."""
        if len(self.own) > 1:
            for name, value in self.state.items():
                if not isinstance(value, Array):
                    parts = [value] * len(self.own)
                elif getattr(self.own[0].get(name), "base", None) is value:
                    continue  # they have views of it
                else:
                    parts = self.views(value)
                for state, part in zip(self.own, parts, strict=True):
                    state[name] = part
        if self.state and len(self.given) == 1:  # the first time
            states.update(zip(self.params, self.own, strict=True))
        self.given = [*self._values(), END]

    def current(self) -> bool:
        """True if the states hold what the last update left in them."""
        return all(map(is_, chain(self._values(), (END,)), self.given))

    def _values(self) -> Iterator[Any]:
        """All that is in the states of the parameters, one after another."""
        return chain.from_iterable(map(dict.values, self.own))


class Bundles:
    """The bundles of an optimizer; small parameters are joined if `join` is True.

    For each group, the parameters that have a gradient in a step are the key to their bundles; new
    bundles are made only when other parameters have one than in the step before, or when a state
    was changed from outside. `checked` returns a state as it must be, or raises an error.
    """

    def __init__(self, join: bool, checked: Callable[[Tensor, State], State]) -> None:
        self.join, self.checked = join, checked
        self.by_params: dict[Params, list[Bundle]] = {}
        self.seen: list[State] = []  # the states of all parameters after the last update

    def of(self, moving: list[Tensor], states: States) -> list[Bundle]:
        """The bundles of these parameters: those of one group that have a gradient in this step."""
        params = tuple(moving)
        bundles = self.by_params.get(params)
        if len(states) != len(self.seen) or not all(map(is_, states.values(), self.seen)):
            self.seen, self.by_params, bundles = [*states.values()], {}, None
        if bundles is None or not all([bundle.current() for bundle in bundles]):
            for known in [key for key in self.by_params if not set(params).isdisjoint(key)]:
                del self.by_params[known]
            own = {p: states.get(p, {}) for p in params}
            for p, state in own.items():
                state.update(self.checked(p, state))
            bundles = [Bundle(alike, [own[p] for p in alike]) for alike in self._alike(own)]
            self.by_params[params] = bundles
        return bundles

    def give(self, bundle: Bundle, states: States) -> None:
        """Give the states of a bundle's parameters what its update has left."""
        bundle.give(states)
        if len(states) != len(self.seen):
            self.seen = [*states.values()]

    def _alike(self, states: dict[Tensor, State]) -> list[Params]:
        """The parameters in tuples to be joined: small ones of one dtype and equal numbers."""
        small: dict[Any, list[Tensor]] = {}
        for p, state in states.items():
            if self.join and p.value.size < SMALL:
                numbers = [value for value in state.values() if isinstance(value, int | float)]
                small.setdefault((p.value.dtype, *state, *numbers), []).append(p)
        large = [(p,) for p in states if not self.join or p.value.size >= SMALL]
        return [*map(tuple, small.values()), *large]

    def __getstate__(self) -> dict[str, Any]:
        """A copied or pickled optimizer makes its bundles again: copied views share nothing."""
        return self.__dict__ | {"by_params": {}}


def joined(arrays: list[Array]) -> Array:
    """The arrays flattened, one after another; a single array as it is."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, None)

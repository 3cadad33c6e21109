"""Optimizer: parameter groups with settings, the state of each parameter, and the step.

A step gives each parameter a new array; the old one, which a graph may still hold, is not modified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypedDict

import numpy as np

from ..dtypes import Array
from ..creation import zeros_like
from ..grad_mode import enable_grad
from ..tensor import Tensor
from .bundles import Bundles, State

Group = dict[str, Any]  # "params": parameters, and the value of each setting
ParamsT = Iterable[Tensor] | Iterable[Group]  # as PyTorch calls it


class OptimizerState(TypedDict):
    """The state_dict of an optimizer, in PyTorch's layout; parameters are given by number."""

    state: dict[int, State]
    param_groups: list[Group]


class Optimizer:
    """The base of all optimizers: groups of parameters, each with its own settings, and state.

    params  parameters, or dicts {"params": parameters, setting: value} for groups that differ

    A subclass implements `update`. If `elementwise` is True (each element is updated independently
    of the others), the small parameters of a group are joined and updated together.
    """

    elementwise = False

    def __init__(self, params: ParamsT, **defaults: Any) -> None:
        given: list[Any] = [params] if isinstance(params, dict) else list(params)
        if isinstance(params, Tensor) or not given:
            raise ValueError(f"{type(self).__name__}: give a non-empty list of parameters")
        self.defaults = defaults
        self.param_groups: list[Group] = []
        self._bundles = Bundles(join=self.elementwise)
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    @property
    def state(self) -> dict[Tensor, State]:
        """The state of each parameter that was updated, such as Adam's running means."""
        return self._bundles.states()

    def add_param_group(self, group: Group) -> None:
        """Train more parameters: {"params": parameters, setting: value}; the rest is default."""
        settings = self.defaults | {name: v for name, v in group.items() if name != "params"}
        self._check(settings)
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {id(p) for p in self._params()}
        for p in params:
            if not isinstance(p, Tensor) or not p.is_leaf:
                raise TypeError(f"{type(self).__name__} trains leaf tensors, not {p!r}")
            if id(p) in known:
                raise ValueError(f"{type(self).__name__}: a parameter appears twice")
            known.add(id(p))
        self.param_groups.append(settings | {"params": params})

    def _check(self, settings: Group) -> None:
        """Raise ValueError for a setting that does not exist, or a value that it cannot have."""
        kind = type(self).__name__
        unknown = settings.keys() - self.defaults.keys()
        if unknown:
            names = ", ".join(sorted(unknown))
            raise ValueError(f"{kind} has no setting {names}; it has {', '.join(self.defaults)}")
        for name, value in settings.items():
            if not np.min(value) >= 0:
                raise ValueError(f"{kind}: {name} must not be negative, got {value}")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Remove the gradients of all parameters or, with False, set them to 0."""
        for p in self._params():
            if p.grad is not None:
                p.grad = None if set_to_none else zeros_like(p)

    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Update every parameter that has a gradient.

        A closure is called first, and the loss that it returns is returned.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            with_grad = [p for p in group["params"] if p.grad is not None]
            for p in with_grad:
                if p.grad.value.shape != p.value.shape:
                    shapes = (
                        f"a gradient of shape {p.grad.shape} for a parameter of shape {p.shape}"
                    )
                    raise ValueError(f"{type(self).__name__}: {shapes}")
            for bundle in self._bundles.of(with_grad):
                p, g = bundle.values(), bundle.gradients()
                bundle.replace(self.update(p, g, bundle.state, **group))
        return loss

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """The parameter's next value, from its value and gradient.

        state  a dict for what is kept from step to step
        group  the settings
        """
        raise NotImplementedError(f"{type(self).__name__} has no update")

    def _params(self) -> list[Tensor]:
        """The parameters of all groups, in the order in which they are numbered."""
        return [p for group in self.param_groups for p in group["params"]]

    def state_dict(self) -> OptimizerState:
        """State and settings in PyTorch's layout, with the parameters by number."""
        number = {p: i for i, p in enumerate(self._params())}
        return {
            "state": {number[p]: state for p, state in self.state.items()},
            "param_groups": [
                group | {"params": [number[p] for p in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: OptimizerState) -> None:
        """Copy state and settings; each group must have as many parameters as here."""
        sizes = [len(group["params"]) for group in self.param_groups]
        given = [len(group["params"]) for group in state_dict["param_groups"]]
        if sizes != given:
            raise ValueError(f"the groups have {sizes} parameters, in the state_dict {given}")
        params = self._params()
        states = {params[int(number)]: state for number, state in state_dict["state"].items()}
        for i, p in enumerate(params):
            for name, value in states.get(p, {}).items():
                if np.ndim(value) and np.shape(value) != p.shape:
                    raise ValueError(
                        f"{name} of parameter {i} has shape {np.shape(value)}, "
                        f"the parameter {p.shape}"
                    )
        self._bundles.load(states)
        for group, new in zip(self.param_groups, state_dict["param_groups"], strict=True):
            group.update({name: value for name, value in new.items() if name != "params"})

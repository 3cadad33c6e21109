"""Optimizers: how parameters follow their gradients.

A step gives each parameter a new array; what a graph remembers of the old one stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

import numpy as np

from .dtypes import Array
from .grad_mode import enable_grad
from .nn.module import Parameter
from .tensor import Tensor

Params = tuple[Any, ...]
State = dict[str, Any]
SMALL = 1 << 14  # elements; up to here the calls cost more than what they compute


class Optimizer:
    """What all optimizers share: groups of parameters, each with its own settings, and state.

    params  parameters, or dicts {"params": parameters, setting: value} for groups that differ

    A subclass says in `update` how a parameter moves. If it is `elementwise`, each element by
    itself, the small parameters of a group are joined and moved as one.
    """

    elementwise = False

    def __init__(self, params: Iterable[Any], **defaults: Any) -> None:
        given = [params] if isinstance(params, dict) else list(params)
        if isinstance(params, Tensor) or not given:
            raise ValueError(f"{type(self).__name__}: give a non-empty list of parameters")
        groups = given if isinstance(given[0], dict) else [{"params": given}]
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self._states: dict[Params, State] = {}  # of several parameters, one that is joined
        for group in groups:
            self.add_param_group(group)

    @property
    def state(self) -> dict[Parameter, State]:
        """What is kept for each parameter that was moved, such as the running means of Adam."""
        return {
            p: state
            for params, joined in self._states.items()
            for p, state in zip(params, _divided_state(joined, params), strict=True)
        }

    def add_param_group(self, group: dict[str, Any]) -> None:
        """Train more parameters: {"params": parameters, setting: value}; other settings default."""
        unknown = group.keys() - self.defaults.keys() - {"params"}
        if unknown:
            raise ValueError(
                f"{type(self).__name__} has no setting {', '.join(sorted(unknown))}; "
                f"it has {', '.join(self.defaults)}"
            )
        settings = self.defaults | {k: v for k, v in group.items() if k != "params"}
        for name, value in settings.items():
            if not np.min(value) >= 0:
                raise ValueError(f"{type(self).__name__}: {name} must not be negative, got {value}")
            if name == "betas" and np.max(value) >= 1:
                raise ValueError(f"{type(self).__name__}: betas must be below 1, got {value}")
        params = group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {id(p) for group in self.param_groups for p in group["params"]}
        for p in params:
            if not isinstance(p, Tensor) or not p.is_leaf:
                raise TypeError(f"{type(self).__name__} trains leaf tensors, not {p!r}")
            if id(p) in known:
                raise ValueError(f"{type(self).__name__}: a parameter stands in two places")
            known.add(id(p))
        self.param_groups.append(settings | {"params": params})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or set them to 0."""
        for p in self._params():
            if p.grad is not None:
                p.grad = None if set_to_none else Tensor(np.zeros_like(p.value))

    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Move every parameter that has a gradient; a closure, which gives the loss, runs first."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            moving = [p for p in group["params"] if p.grad is not None]
            for p in moving:
                if p.grad.value.shape != p.value.shape:
                    raise ValueError(f"a gradient {p.grad.shape} for a parameter {p.shape}")
            for params in self._together(moving):
                p, g = _joined([p.value for p in params]), _joined([p.grad.value for p in params])
                moved = self.update(p, g, self._states[params], **group)
                for p, value in zip(params, _divided(moved, params), strict=True):
                    p.replace(np.asarray(value, p.dtype))
        return loss

    def _together(self, moving: list[Any]) -> list[Params]:
        """These parameters, small ones together; for each of the tuples there is a state."""
        small = [p for p in moving if self.elementwise and p.value.size < SMALL]
        large = [(p,) for p in moving if not self.elementwise or p.value.size >= SMALL]
        together = [tuple(small), *large] if small else large
        if all([params in self._states for params in together]):
            return together
        alike: dict[Any, list[Any]] = {}  # of one dtype, and moved as often
        states = self.state
        for p in small:
            state = states.get(p, {})
            alike.setdefault((p.dtype, *state, state.get("step")), []).append(p)
        together = [*map(tuple, alike.values()), *large]
        moved = set(moving)
        for params in [params for params in self._states if not moved.isdisjoint(params)]:
            del self._states[params]
            self._states |= {(p,): states[p] for p in params if p not in moved}
        for params in together:
            self._states[params] = _joined_state([states.get(p, {}) for p in params])
        return together

    def update(self, p: Array, g: Array, state: dict[str, Any], **group: Any) -> Array:
        """The parameter's next value, from its value and gradient; `state` is its own to keep."""
        raise NotImplementedError(f"{type(self).__name__} has no update")

    def _params(self) -> list[Any]:
        """The parameters of all groups, in the order in which they are numbered."""
        return [p for group in self.param_groups for p in group["params"]]

    def state_dict(self) -> dict[str, Any]:
        """State and settings, the parameters by number: dicts of arrays, laid out as PyTorch's."""
        number = {p: i for i, p in enumerate(self._params())}
        return {
            "state": {number[p]: state for p, state in self.state.items()},
            "param_groups": [
                group | {"params": [number[p] for p in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and settings; the groups must have as many parameters as here."""
        sizes = [len(group["params"]) for group in self.param_groups]
        given = [len(group["params"]) for group in state_dict["param_groups"]]
        if sizes != given:
            raise ValueError(f"the groups have {sizes} parameters, in the state_dict {given}")
        params = self._params()
        for number, state in state_dict["state"].items():
            for name, value in state.items():
                if np.ndim(value) and np.shape(value) != params[int(number)].shape:
                    raise ValueError(
                        f"{name} of parameter {number} has shape {np.shape(value)}, "
                        f"the parameter {params[int(number)].shape}"
                    )
        self._states = {
            (params[int(i)],): {name: copy(value) for name, value in state.items()}
            for i, state in state_dict["state"].items()
        }
        for group, new in zip(self.param_groups, state_dict["param_groups"], strict=True):
            group.update({k: v for k, v in new.items() if k != "params"})


def _joined(arrays: list[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, None)


def _divided(array: Array, params: Params) -> list[Array]:
    """The part of each parameter, as an array of its own."""
    if len(params) == 1:
        return [array]
    parts, end = [], 0
    for p in params:
        start, end = end, end + p.value.size
        parts.append(array[start:end].reshape(p.value.shape).copy())
    return parts


def _joined_state(states: list[State]) -> State:
    return {
        name: _joined([state[name] for state in states]) if isinstance(value, Array) else value
        for name, value in states[0].items()
    }


def _divided_state(state: State, params: Params) -> list[State]:
    of_each = {
        name: _divided(value, params) if isinstance(value, Array) else [value] * len(params)
        for name, value in state.items()
    }
    return [{name: of_each[name][i] for name in state} for i in range(len(params))]


class SGD(Optimizer):
    """p ← p - lr · v, where v is the gradient, or with momentum v ← momentum · v + gradient."""

    elementwise = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        *,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    def update(self, p: Array, g: Array, state: dict[str, Any], **group: Any) -> Array:
        """One step against v."""
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        if group["momentum"]:
            before = state.get("momentum_buffer")
            g = g.copy() if before is None else group["momentum"] * before + g
            state["momentum_buffer"] = g
        return p - group["lr"] * g


class Adam(Optimizer):
    """A step is as long as the gradient's mean is, against its size (Kingma and Ba 2015, Alg. 1).

    lr            the length of a step
    betas         how slowly the running means of the gradient and of its square forget
    eps           added to the root of the mean square
    weight_decay  this times the parameter is added to its gradient
    """

    elementwise = True

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def update(self, p: Array, g: Array, state: dict[str, Any], **group: Any) -> Array:
        """The gradient's step, weight decay being part of the gradient."""
        g = g + group["weight_decay"] * p if group["weight_decay"] else g
        return self.moved(p, g, state, **group)

    def moved(self, p: Array, g: Array, state: dict[str, Any], **group: Any) -> Array:
        """p after a step against the gradient g.

        Into one array goes all that has to be kept nowhere, since large arrays cost by the pass.
        """
        (beta1, beta2), eps = group["betas"], group["eps"]
        if not state:
            state.update(step=0, exp_avg=np.zeros_like(g), exp_avg_sq=np.zeros_like(g))
        state["step"] += 1
        mean, square = state["exp_avg"], state["exp_avg_sq"]
        root = (1 - beta2 ** state["step"]) ** 0.5
        length = group["lr"] * root / (1 - beta1 ** state["step"])

        t = np.multiply(g, 1 - beta1, np.empty_like(g))
        mean *= beta1
        mean += t
        t = np.multiply(g, g, t)
        t *= 1 - beta2
        square *= beta2
        square += t
        t = np.sqrt(square, t)
        t += eps * root
        t = np.divide(mean, t, t)
        t *= length
        return np.subtract(p, t, t)


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameter itself (Loshchilov and Hutter 2019, Alg. 2)."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, p: Array, g: Array, state: dict[str, Any], **group: Any) -> Array:
        """The gradient's step from the shrunken parameter."""
        shrunken = p * (1 - group["lr"] * group["weight_decay"])
        return self.moved(shrunken, g, state, **group)

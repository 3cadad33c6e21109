"""Optimizer: parameter groups with settings, the state of each parameter, and the step.

A step writes into the memory of the parameters, as in PyTorch: all that shares it changes with it.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, ClassVar, TypedDict

import numpy as np

from ..checks import number
from ..dtypes import Array
from ..errors import describe, shown
from ..grad_mode import enable_grad
from ..graph import value_of
from ..inplace import clear_grads
from ..memory import overlaps
from ..tensor import Tensor
from .bundles import Bundles, State

Group = dict[str, Any]  # "params": parameters, and the value of each setting
ParamsT = Iterable[Tensor] | Iterable[Group]  # as PyTorch calls it
PLAIN = {float, int, tuple}  # the types of numbers that an update computes with
# Settings that are True, False or (let the library choose) None.
FLAGS = {
    "maximize", "foreach", "fused", "capturable", "differentiable", "nesterov", "amsgrad",
    "centered", "decoupled_weight_decay",
}  # fmt: skip
# What schedulers and PyTorch write into a group beside the settings.
NOTED = {"max_momentum", "base_momentum", "param_names"}


class _Required:
    """The value of a default that each group has to give."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


class OptimizerState(TypedDict):
    """The state_dict of an optimizer, in PyTorch's layout; parameters are given by number."""

    state: dict[int, State]
    param_groups: list[Group]


class Optimizer:
    """The base of all optimizers: groups of parameters, each with its own settings, and state.

    params  parameters, or dicts {"params": parameters, setting: value} for groups that differ

    A subclass implements `update`. If `elementwise` is True (each element is updated independently
    of the others), the small parameters of a group are joined and updated together. Or it
    implements `step`, as in PyTorch, and gives its settings as one dict, `defaults`: then they may
    be anything, and so may the state.

    state  a dict per parameter, for each that was updated, such as Adam's running means; what is
           written there counts in the next step
    """

    elementwise = False
    kept: ClassVar[tuple[str, ...]] = ()  # the names in a state; (): it is not checked
    optional: ClassVar[tuple[str, ...]] = ()  # names that a state has with some settings only
    scalars: ClassVar[tuple[str, ...]] = ()  # names of single numbers in a state, beside the step
    several: ClassVar[dict[str, int]] = {}  # settings that are a tuple, and of how many numbers
    # Settings of PyTorch that have one value only.
    fixed: ClassVar[dict[str, bool]] = {"capturable": False, "differentiable": False}

    def __init__(self, params: ParamsT, defaults: Group | None = None, **settings: Any) -> None:
        kind = type(self).__name__
        if isinstance(params, Tensor) or not isinstance(params, Iterable):
            raise TypeError(f"{kind}: give a list of parameters, not {shown(params)}")
        given: list[Any] = [params] if isinstance(params, dict) else list(params)
        if not given:
            raise ValueError(f"{kind}: give a non-empty list of parameters")
        self.defaults = (defaults or {}) | settings
        self._checks = [name for name in settings if name not in FLAGS]  # what must be numbers
        self._open = defaults is not None
        self.param_groups: list[Group] = []
        self.state: defaultdict[Tensor, State] = defaultdict(dict)
        self._bundles = Bundles(self.elementwise, self._checked_state)
        for group in given if isinstance(given[0], dict) else [{"params": given}]:
            self.add_param_group(group)

    def add_param_group(self, group: Group) -> None:
        """Train more parameters: {"params": parameters, setting: value}; the rest is default."""
        kind = type(self).__name__
        if not isinstance(group, Mapping) or "params" not in group:
            what = 'a group must be a dict {"params": parameters, setting: value}'
            raise TypeError(f"{kind}: {what}, not {shown(group)}")
        settings = self.defaults | self._settings(group)
        missing = [name for name, value in settings.items() if value is required]
        if missing:
            raise ValueError(f"{kind}: a group must give {', '.join(missing)}: there is no default")
        self._numbers(settings)
        settings |= {n: tuple(settings[n]) for n in self.several if n in settings}
        params = group["params"]
        if not isinstance(params, Iterable) or isinstance(params, set | frozenset):
            raise TypeError(f"{kind}: give a list of parameters, not {shown(params)}")
        params = [params] if isinstance(params, Tensor) else list(params)
        if params and all(isinstance(p, tuple) and len(p) == 2 for p in params):
            settings["param_names"], params = map(list, zip(*params, strict=True))
        known = {id(p) for p in self._params()}
        for p in params:
            if not isinstance(p, Tensor):
                raise TypeError(f"{kind} trains leaf tensors, not {shown(p)}")
            if not (p.is_leaf or p.retains_grad):
                raise ValueError(f"{kind} trains leaf tensors, not {shown(p)} that an op made")
            if id(p) in known:
                raise ValueError(f"{kind}: a parameter appears twice")
            if overlaps(p.value):
                expanded = "was expanded, so several elements are one number: take a clone()"
                raise RuntimeError(f"{kind}: a parameter of shape {describe(p)} {expanded}")
            known.add(id(p))
        self.param_groups.append(settings | {"params": params})

    def _settings(self, group: Mapping[str, Any]) -> Group:
        """All of a group but its parameters. ValueError for an unknown setting that is on.

        Text is kept, and what programs note beside a setting, such as lr_scale beside lr.
        """
        given = {name: value for name, value in group.items() if name != "params"}
        wrong = {
            name: value
            for name, value in given.items()
            if _number(value) and value and name not in NOTED
            if not any(f"_{setting}_" in f"_{name}_" for setting in self.defaults)
        }
        if wrong and not self._open:
            raise ValueError(self._no_setting(wrong))
        return given

    def _no_setting(self, wrong: Group) -> str:
        listed = ", ".join(f"{name} = {shown(value)}" for name, value in wrong.items())
        return f"{type(self).__name__} has no setting {listed}; it has {', '.join(self.defaults)}"

    def _numbers(self, settings: Group) -> Group:
        """The settings as Python's numbers. Raises TypeError or ValueError for what they cannot be.

        A number may be NumPy's or a tensor of one element, as in PyTorch.
        """
        if self._open:
            return {}
        kind = type(self).__name__
        flags = {name: settings[name] for name in self.defaults if name in FLAGS}
        for name, value in flags.items():
            if value is not None and not isinstance(value, bool | np.bool_):
                raise TypeError(f"{kind}: {name} must be True or False, not {shown(value)}")
            if value not in (None, self.fixed.get(name, value)):
                raise ValueError(self._no_setting({name: value}))
        if flags.get("fused") and flags.get("foreach"):
            raise RuntimeError(f"{kind}: fused and foreach cannot both be True")
        return {
            name: self._setting(f"{kind}: {name}", settings[name], self.several.get(name, 0))
            for name in self._checks
        }

    def _setting(self, what: str, value: Any, several: int = 0) -> Any:
        """A setting as a number from 0 or, if it is several numbers, a tuple of them."""
        if several or isinstance(value, tuple):
            if not isinstance(value, tuple | list) or len(value) != (several or len(value)):
                raise ValueError(f"{what} must be {several} numbers, got {shown(value)}")
            return tuple([self._setting(what, part) for part in value])
        single = hasattr(value, "item") and np.size(value_of(value)) == 1
        plain = number(what, value.item() if single else value)
        if not plain >= 0:
            raise ValueError(f"{what} must not be negative, got {plain}")
        return plain

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Remove the gradients of all parameters or, with False, set them to 0."""
        clear_grads(self._params(), set_to_none)

    def step(self, closure: Callable[[], Tensor] | None = None) -> Tensor | None:
        """Update every parameter that has a gradient.

        A closure is called first, and the loss that it returns is returned.
        """
        loss = None
        if closure is not None:
            if not callable(closure):
                raise TypeError(f"step takes a function that returns a loss, not {shown(closure)}")
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            settings = group
            if not PLAIN.issuperset([type(group[name]) for name in self._checks]):
                settings = group | self._numbers(group)
            with_grad = [p for p in group["params"] if p._grad is not None]
            with np.errstate(under="ignore"):  # the square of a small gradient may be 0
                for bundle in self._bundles.of(with_grad, self.state):
                    p, g = bundle.values(), bundle.gradients()
                    g = -g if settings.get("maximize") else g
                    try:
                        bundle.replace(self.update(p, g, bundle.state, **settings))
                    finally:  # after an error, too, so that the state shows what was begun
                        self._bundles.give(bundle, self.state)
        return loss

    def update(self, p: Array, g: Array, state: State, **group: Any) -> Array:
        """The parameter's next value, from its value and gradient. It may be written into p.

        state  a dict for what is kept from step to step
        group  the settings
        """
        raise NotImplementedError(f"{type(self).__name__} has no update")

    def _params(self) -> list[Tensor]:
        """The parameters of all groups, in the order in which they are numbered."""
        return [p for group in self.param_groups for p in group["params"]]

    def state_dict(self) -> OptimizerState:
        """State and settings in PyTorch's layout, with the parameters by number.

        As in PyTorch, the states are those of the optimizer itself, and change with each step: copy
        them (`copy.deepcopy`) to keep them.
        """
        numbers = {p: i for i, p in enumerate(self._params())}
        return {
            "state": {
                numbers[p] if isinstance(p, Tensor) else p: state
                for p, state in self.state.items()
                if not isinstance(state, dict) or state
            },
            "param_groups": [
                group | {"params": [numbers[p] for p in group["params"]]}
                for group in self.param_groups
            ],
        }

    def load_state_dict(self, state_dict: OptimizerState) -> None:
        """Copy state and settings, PyTorch's own too; the groups must have the same sizes as here.

        Raises an error, and changes nothing, if something does not fit.
        """
        groups, given = _parts(state_dict)
        sizes = [len(group["params"]) for group in self.param_groups]
        theirs = [len(group["params"]) for group in groups]
        if sizes != theirs:
            raise ValueError(f"the groups have {sizes} parameters, in the state_dict {theirs}")
        numbers = chain.from_iterable(group["params"] for group in groups)
        by_number = dict(zip(numbers, self._params(), strict=True))
        states: defaultdict[Tensor, State] = defaultdict(dict)
        for key, state in given.items():
            p = by_number.get(int(key) if isinstance(key, str) and key.isdigit() else key)
            if p is None and self._open:  # what an optimizer keeps for itself
                states[key] = copy.deepcopy(state)
                continue
            if p is None:
                raise ValueError(f"the state of parameter {key!r}, which is in none of the groups")
            checked = copy.deepcopy(self._checked_state(p, state, f"parameter {key}"))
            states[p] = checked if self.kept else {k: _as(p, k, v) for k, v in checked.items()}
        settings = [self._settings(group) for group in groups]
        for group, new in zip(self.param_groups, settings, strict=True):
            self._numbers(group | new)
        for group, new in zip(self.param_groups, settings, strict=True):
            group.update(new)
        self.__setstate__({"state": states, "param_groups": self.param_groups})

    def _checked_state(self, p: Tensor, state: State, name: str = "a parameter") -> State:
        """The state of a parameter as arrays of its shape and dtype, and a step that is an int."""
        kind = type(self).__name__
        if not isinstance(state, Mapping):
            raise TypeError(f"{kind}: the state of {name} must be a dict, not {shown(state)}")
        if not self.kept:
            return dict(state)
        checked = {}
        for key, value in state.items():
            if value is not None:  # as PyTorch keeps a momentum_buffer that does not exist yet
                what = f"{kind}: {key} of {name}"
                if key in self.scalars:
                    checked[key] = self._setting(what, np.asarray(value_of(value)))
                else:
                    checked[key] = _count(value, what) if key == "step" else _moment(p, value, what)
        if checked and checked.keys() - set(self.optional) != set(self.kept):
            lists = f"{', '.join(self.kept)}, not {', '.join(map(str, checked))}"
            raise ValueError(f"{kind}: the state of {name} must have {lists}")
        return checked

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            rows = [f"    {name}: {group[name]}\n" for name in sorted(group) if name != "params"]
            text += f"\nParameter Group {i}\n" + "".join(rows)
        return text + ")"

    def __getstate__(self) -> dict[str, Any]:
        """All but a `step` that a scheduler has wrapped: its function cannot be pickled."""
        return {name: value for name, value in self.__dict__.items() if name != "step"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Called for a copy, and by `load_state_dict`: a subclass may add settings that are new."""
        self.__dict__.update(state)


def settings_of(arguments: dict[str, Any]) -> Group:
    """The settings among the `locals()` of an optimizer's `__init__`."""
    others = ("self", "params", "__class__")
    return {name: value for name, value in arguments.items() if name not in others}


def _number(value: Any) -> bool:
    return isinstance(value, bool | int | float | np.generic)


def _as(p: Tensor, name: str, value: Any) -> Any:
    """A value of a state that is not checked: a tensor in p's dtype, as in PyTorch."""
    return value.to(p.dtype) if isinstance(value, Tensor) and name != "step" else value


def _count(value: Any, what: str) -> int:
    """The number of steps, also if it is a float or an array, as in PyTorch."""
    array = np.asarray(value_of(value))
    whole = array.dtype.kind in "iuf" and array.size == 1 and array.item() >= 0
    if not whole or array.item() % 1:
        raise ValueError(f"{what} must be an int from 0, not {shown(value)}")
    return int(array.item())


def _moment(p: Tensor, value: Any, what: str) -> Array:
    """An array of p's shape, in its dtype."""
    array = np.asarray(value_of(value))
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{what} must be an array, not {shown(value)}")
    if array.shape != p.shape:
        raise ValueError(f"{what} has shape {array.shape}, the parameter {describe(p)}")
    return np.asarray(array, p.value.dtype)


def _parts(state_dict: Any) -> tuple[list[Group], Mapping[Any, Any]]:
    """The groups and the state of a state_dict. Raises TypeError if it is not laid out as one."""
    whole = isinstance(state_dict, Mapping) and state_dict.keys() >= {"state", "param_groups"}
    groups = state_dict["param_groups"] if whole else None
    right = isinstance(groups, list | tuple) and all(
        isinstance(group, Mapping) and isinstance(group.get("params"), list | tuple)
        for group in groups
    )
    if not right or not isinstance(state_dict["state"], Mapping):
        what = 'a dict {"state": {number: state}, "param_groups": [{"params": numbers, …}]}'
        raise TypeError(f"load_state_dict takes {what}, not {shown(state_dict)}")
    return list(state_dict["param_groups"]), state_dict["state"]

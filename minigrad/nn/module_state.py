"""The state of a module: its parameters and buffers by name, read and written as one dict."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..dtypes import Array
from ..errors import describe, shown
from ..grad_mode import no_grad
from ..graph import Op, value_of
from ..tensor import Tensor
from ..text import listed


class LoadedKeys(NamedTuple):
    """The result of `load_state_dict`: names missing from the dict, and unknown names in it."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not (self.missing_keys or self.unexpected_keys):
            return "<All keys matched successfully>"
        missing, unknown = self.missing_keys, self.unexpected_keys
        return f"LoadedKeys(missing_keys={missing}, unexpected_keys={unknown})"


class Stateful:
    """The methods of a Module that read and write its state."""

    _parameters: dict[str, Any]
    _modules: dict[str, Any]
    _buffers: dict[str, Any]
    _not_saved: set[str]
    get_submodule: Any

    def state_dict(
        self,
        *,
        destination: dict[str, Tensor] | None = None,
        prefix: str = "",
        keep_vars: bool = False,
    ) -> dict[str, Tensor]:
        """Every parameter and persistent buffer by dotted name; a shared one by each of its names.

        The tensors share the module's memory, so they change when it is trained: to keep the
        values, take a `clone()` of each, or save them. They are detached, unless `keep_vars`. They
        are added to `destination`, if that is given.
        """
        state = OrderedDict() if destination is None else destination
        state.update((n, x if keep_vars else x.detach()) for n, x in self._state(prefix))
        return state

    def _state(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        for name, tensor in (self._parameters | self._buffers).items():
            if tensor is not None and name not in self._not_saved:
                yield prefix + name, tensor
        for name, module in self._modules.items():
            if module is not None:
                yield from module._state(f"{prefix}{name}.")

    def load_state_dict(
        self, state_dict: Mapping[str, Tensor | Array], strict: bool = True, assign: bool = False
    ) -> LoadedKeys:
        """Copy the values of a state_dict, tensors or arrays by dotted name, into this module.

        With `assign`, its parameters and buffers become the given tensors themselves.

        Raises RuntimeError, and changes nothing, if names are missing or unknown (unless `strict`
        is False) or if values do not fit; the message lists them.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"load_state_dict takes a dict of tensors, not {shown(state_dict)}")
        own = dict(self._state())
        given = {n: np.asarray(value_of(state_dict[n])) for n in own if n in state_dict}
        missing = [name for name in own if name not in given]
        unknown = [name for name in state_dict if name not in own]
        wrong = [
            f"{name} is {value.dtype} {describe(value)}, must be {describe(own[name].value)}"
            for name, value in given.items()
            if value.shape != own[name].shape or value.dtype.kind not in "biuf"
        ]
        problems = {"missing": missing, "not known here": unknown} if strict else {}
        problems["not fitting"] = wrong
        said = [f"{what}: {listed(names)}" for what, names in problems.items() if names]
        if said:
            raise RuntimeError(f"load_state_dict of {type(self).__name__}: {'; '.join(said)}")
        for name, value in given.items():
            if assign:
                self._assign(name, state_dict[name])
                continue
            with no_grad():
                own[name].copy_(value)
        return LoadedKeys(missing, unknown)

    def _assign(self, path: str, value: Any) -> None:
        """Make a tensor, or an array, the parameter or buffer of a dotted name."""
        at, _, name = path.rpartition(".")
        module = self.get_submodule(at)
        given: Any = value if isinstance(value, Tensor) else Op.node(np.array(value))
        before = getattr(module, name)
        if name in module._parameters and type(given) is Tensor:
            given = type(before)(given, before.requires_grad)
        module.__dict__[module._kind(name) or ""][name] = module.__dict__[name] = given

"""Module: a part of a model, with its parameters and the parts it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np

from ..dtypes import float32, float64
from ..creation import zeros_like
from ..errors import describe
from ..graph import value_of
from ..place import Scope, here
from ..tensor import Tensor

T = TypeVar("T")
Named = Iterator[tuple[str, T]]
KINDS = ("_parameters", "_modules", "_buffers")  # the dicts in which a Module keeps its parts


class Parameter(Tensor):
    """A tensor that is trained: it requires grad, and a Module that holds it lists it."""

    __slots__ = ()

    def __init__(self, data: Tensor, requires_grad: bool = True) -> None:
        if not isinstance(data, Tensor):
            raise TypeError(f"Parameter takes a tensor, not a {type(data).__name__}: use tensor()")
        super().__init__(data.value)
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class LoadedKeys(NamedTuple):
    """What `load_state_dict` found missing in a state_dict, and what it had no place for."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """The base of every model and layer.

    A subclass calls `super().__init__()`, assigns parameters and modules as attributes, and says
    in `forward` what it computes. Names are the attributes' names, joined by dots:
    `encoder.embedding.weight`.
    """

    training: bool
    _parameters: dict[str, Any]
    _modules: dict[str, Any]
    _buffers: dict[str, Any]

    def __init__(self) -> None:
        for kind in KINDS:
            self.__dict__[kind] = {}
        self._not_saved: set[str] = set()
        self.training = True

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the module computes; called by calling the module itself."""
        raise NotImplementedError(f"{type(self).__name__} has no forward: say what it computes")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Compute `forward`; what it calls is drawn as part of this module."""
        outer = here.scope
        here.scope = Scope(self, outer)
        try:
            return self.forward(*inputs, **options)
        finally:
            here.scope = outer

    # --- attributes that are parameters, buffers and modules

    def __setattr__(self, name: str, value: Any) -> None:
        held = kind = self._kind(name)
        if isinstance(value, Parameter):
            kind = "_parameters"
        elif isinstance(value, Module) and held != "_parameters":
            kind = "_modules"
        if kind is None:
            return super().__setattr__(name, value)
        if held != kind and (held or name in self.__dict__):
            delattr(self, name)
        self._register(kind, name, value)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self.__dict__.get(self._kind(name) or "", {}).pop(name, None)
        self._not_saved.discard(name)

    def _kind(self, name: str) -> str | None:
        """Which of KINDS holds an attribute; None for a plain one, or none at all."""
        for kind in KINDS:
            if name in self.__dict__.get(kind, ()):
                return kind
        return None

    def _register(self, kind: str, name: str, value: Any) -> None:
        owner, what = type(self).__name__, kind[1:-1]
        if kind not in self.__dict__:
            raise AttributeError(f"{owner}: call super().__init__() before assigning {name!r}")
        if name not in self.__dict__[kind] and hasattr(self, name):
            raise KeyError(f"{owner} has an attribute {name!r} already")
        if not name or "." in name:
            raise KeyError(f"{owner}: a {what} needs a name without dots, not {name!r}")
        wanted = {"_parameters": Parameter, "_modules": Module, "_buffers": Tensor}[kind]
        if not isinstance(value, wanted | None):
            given = f"{wanted.__name__} or None, not a {type(value).__name__}"
            raise TypeError(f"{owner}: the {what} {name!r} must be a {given}")
        self.__dict__[kind][name] = self.__dict__[name] = value

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Hold a parameter under a name; None says that there is none (Linear without bias)."""
        self._register("_parameters", name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Hold a tensor that is not trained but belongs to the state; unless not `persistent`."""
        self._register("_buffers", name, tensor)
        self._not_saved.discard(name)
        if not persistent:
            self._not_saved.add(name)

    # --- what it is made of

    def named_modules(self, memo: set[Module] | None = None, prefix: str = "") -> Named[Module]:
        """This module (named "") and all within it, each once; not those in `memo`."""
        memo = set() if memo is None else memo
        if self not in memo:
            memo.add(self)
            yield prefix, self
            for name, module in self.named_children():
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """This module and all within it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Named[Module]:
        """The modules assigned to this one, each once."""
        return _once(self._modules.items())

    def children(self) -> Iterator[Module]:
        """The modules assigned to this one, each once."""
        return (module for _, module in self.named_children())

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Named[Parameter]:
        """Every parameter under its dotted name; one that is shared, under its first."""
        return self._named("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Every parameter, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Named[Tensor]:
        """Every buffer under its dotted name."""
        return self._named("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Every buffer, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(self, kind: str, prefix: str, recurse: bool) -> Named[Any]:
        modules = self.named_modules(prefix=prefix) if recurse else [(prefix, self)]
        return _once(
            (f"{path}.{name}" if path else name, tensor)
            for path, module in modules
            for name, tensor in module.__dict__[kind].items()
        )

    # --- the state

    def state_dict(self) -> dict[str, Tensor]:
        """Every parameter and saved buffer by dotted name; a shared one by each of its names.

        The values are those of now: a step of training gives the parameters new arrays.
        """
        return {name: tensor.detach() for name, tensor in self._state()}

    def _state(self, prefix: str = "") -> Named[Tensor]:
        for name, tensor in (self._parameters | self._buffers).items():
            if tensor is not None and name not in self._not_saved:
                yield prefix + name, tensor
        for name, module in self._modules.items():
            if module is not None:
                yield from module._state(f"{prefix}{name}.")

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> LoadedKeys:
        """Take over the values of a state_dict: tensors or arrays by dotted name.

        Raises RuntimeError, and changes nothing, where names are missing or not known (unless
        `strict` is False) or values do not fit; it names them all.
        """
        own = dict(self._state())
        given = {n: np.asarray(value_of(state_dict[n])) for n in own if n in state_dict}
        missing = [name for name in own if name not in given]
        unknown = [name for name in state_dict if name not in own]
        wrong = [
            f"{name} is {describe(value)}, must be {describe(own[name].value)}"
            for name, value in given.items()
            if value.shape != own[name].shape or value.dtype.kind not in "biuf"
        ]
        problems = {"missing": missing, "not known here": unknown} if strict else {}
        problems["not fitting"] = wrong
        listed = [f"{what}: {', '.join(names)}" for what, names in problems.items() if names]
        if listed:
            raise RuntimeError(f"load_state_dict of {type(self).__name__}: {'; '.join(listed)}")
        for name, value in given.items():
            own[name].replace(value.astype(own[name].dtype))
        return LoadedKeys(missing, unknown)

    # --- changing all of it

    def train(self, mode: bool = True) -> Self:
        """Behave as in training (dropout drops), or with mode False as in use. Returns itself."""
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Behave as in use: dropout passes everything on. Returns itself."""
        return self.train(False)

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call function(module) on every module, the inner before the outer. Returns itself."""
        for module in self.children():
            module.apply(function)
        function(self)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let gradients flow to the parameters, or freeze them. Returns itself."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def to(self, *to: Any, dtype: Any = None, device: Any = None) -> Self:
        """Float parameters, buffers and gradients in another dtype, in place. Returns itself."""
        for tensor in [x for x in (*self.parameters(), *self.buffers()) if x.dtype.kind == "f"]:
            moved = tensor.detach().to(*to, dtype=dtype, device=device)
            if moved.dtype.kind != "f":
                raise TypeError(f"a module's parameters are floats; they cannot be {moved.dtype}")
            if moved.dtype != tensor.dtype:
                tensor.replace(moved.value)
                if tensor.grad is not None:
                    tensor.grad = tensor.grad.detach().to(moved.dtype)
        return self

    def double(self) -> Self:
        """All floats as float64, in place. Returns itself."""
        return self.to(float64)

    def float(self) -> Self:
        """All floats as float32, in place. Returns itself."""
        return self.to(float32)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or set them to 0."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else zeros_like(parameter)

    # --- as text

    def extra_repr(self) -> str:
        """What stands in the parentheses of the repr, before the children."""
        return ""

    def __repr__(self) -> str:
        name, extra = type(self).__name__, self.extra_repr()
        parts = [f"({part}): {text}".replace("\n", "\n  ") for part, text in self._part_reprs()]
        if not parts and "\n" not in extra:
            return f"{name}({extra})"
        return f"{name}(\n  " + "\n  ".join([*extra.splitlines(), *parts]) + "\n)"

    def _part_reprs(self) -> Named[str]:
        return ((name, repr(module)) for name, module in self._modules.items())


def _once(named: Iterable[tuple[str, Any]]) -> Named[Any]:
    """Those that are not None, each once, under its first name."""
    seen: set[int] = set()
    for name, part in named:
        if part is not None and id(part) not in seen:
            seen.add(id(part))
            yield name, part


class _Container(Module):
    """What Sequential, ModuleList and ModuleDict share."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def __len__(self) -> int:
        return len(self._modules)


class Sequential(_Container):
    """Modules one after another, each called on what the one before gave; or a dict of them."""

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__()
        named = modules[0] if len(modules) == 1 else None
        for name, module in named.items() if isinstance(named, Mapping) else enumerate(modules):
            self._register("_modules", str(name), module)

    def forward(self, x: Any) -> Any:
        """(whatever the first takes) to (whatever the last gives)."""
        for module in self:
            x = module(x)
        return x

    def __getitem__(self, index: int | slice) -> Any:
        items: Any = list(self._modules.items())[index]
        return type(self)(dict(items)) if isinstance(index, slice) else items[1]


class ModuleList(_Container):
    """A list of modules that the module holding it knows of."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def append(self, module: Module) -> Self:
        """Add a module at the end. Returns itself."""
        self._register("_modules", str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add modules at the end. Returns itself."""
        for module in modules:
            self.append(module)
        return self

    def __getitem__(self, index: int | slice) -> Any:
        found = list(self)[index]
        return type(self)(found) if isinstance(index, slice) else found

    def _part_reprs(self) -> Named[str]:
        for text, alike in groupby(super()._part_reprs(), lambda part: part[1]):
            numbers = [number for number, _ in alike]
            if len(numbers) == 1:
                yield numbers[0], text
            else:
                yield f"{numbers[0]}-{numbers[-1]}", f"{len(numbers)} x {text}"


class ModuleDict(_Container):
    """A dict of modules that the module holding it knows of."""

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        for name, module in (modules or {}).items():
            self[name] = module

    def __setitem__(self, name: str, module: Module) -> None:
        self._register("_modules", name, module)

    def __getitem__(self, name: str) -> Module:
        return self._modules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._modules.keys()

    def values(self) -> Iterable[Module]:
        """The modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """The names with their modules."""
        return self._modules.items()

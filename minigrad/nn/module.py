"""Module: a part of a model, with its parameters and the parts it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..creation import zeros
from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor that is trained: it requires grad, and a Module that holds it lists it."""

    __slots__ = ()

    def __init__(self, data: Tensor, requires_grad: bool = True) -> None:
        super().__init__(data.value)
        self.requires_grad_(requires_grad)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Module:
    """The base of every model and layer.

    A subclass calls `super().__init__()`, assigns parameters and modules as attributes, and says
    in `forward` what it computes. Names are the attributes' names, joined by dots:
    `encoder.embedding.weight`.
    """

    training: bool

    def __init__(self) -> None:
        for kind in ("_parameters", "_buffers", "_modules"):
            self.__dict__[kind] = {}
        self.training = True

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """What the module computes; called by calling the module itself."""
        raise NotImplementedError(f"{type(self).__name__} has no forward: say there what it computes")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        return self.forward(*inputs, **options)

    # --- attributes that are parameters, buffers and modules

    def __setattr__(self, name: str, value: Any) -> None:
        if "_modules" not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__}: call super().__init__() before assigning {name!r}"
            )
        buffer = isinstance(value, Tensor) and name in self._buffers
        for kind in (self._parameters, self._buffers, self._modules):
            kind.pop(name, None)
        self.__dict__.pop(name, None)
        if isinstance(value, Parameter):
            self._parameters[name] = value
        elif isinstance(value, Module):
            self._modules[name] = value
        elif buffer:
            self._buffers[name] = value
        else:
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        for kind in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(kind, ()):
                return self.__dict__[kind][name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for kind in (self._parameters, self._buffers, self._modules):
            if kind.pop(name, None) is not None:
                return
        super().__delattr__(name)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self._parameters, *self._buffers, *self._modules]

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Hold a tensor that is not trained but belongs to the state; unless not `persistent`."""
        if name in self.__dict__ or name in self._parameters or name in self._modules:
            raise KeyError(f"{type(self).__name__} has an attribute {name!r} already")
        self._buffers[name] = tensor
        if not persistent:
            self.__dict__.setdefault("_not_saved", set()).add(name)

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Hold a parameter under a name; None says that there is none (Linear without bias)."""
        self._parameters[name] = parameter

    # --- what it is made of

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module (named "") and all within it, each once."""
        seen: set[int] = set()
        waiting: list[tuple[str, Module]] = [(prefix, self)]
        while waiting:
            name, module = waiting.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield name, module
            dot = f"{name}." if name else ""
            waiting.extend((dot + n, m) for n, m in reversed(module._modules.items()))

    def modules(self) -> Iterator[Module]:
        """This module and all within it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules assigned to this one."""
        return iter(list(self._modules.items()))

    def children(self) -> Iterator[Module]:
        """The modules assigned to this one."""
        return (module for _, module in self.named_children())

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Every parameter under its dotted name; one that is shared, under its first."""
        return self._named("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Every parameter, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Every buffer under its dotted name."""
        return self._named("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Every buffer, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(self, kind: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules(prefix) if recurse else [(prefix, self)]:
            for name, tensor in module.__dict__[kind].items():
                if tensor is not None and id(tensor) not in seen:
                    seen.add(id(tensor))
                    yield f"{path}.{name}" if path else name, tensor

    # --- the state

    def state_dict(self) -> dict[str, Tensor]:
        """Every parameter and saved buffer under its dotted name; a shared one under each of its names.

        The tensors share their memory with the module's.
        """
        return {name: tensor.detach() for name, tensor in self._state()}

    def _state(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        for name, tensor in (self._parameters | self._buffers).items():
            if tensor is not None and name not in self.__dict__.get("_not_saved", ()):
                yield prefix + name, tensor
        for name, module in self._modules.items():
            yield from module._state(f"{prefix}{name}.")

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> None:
        """Take over the values of a state_dict: tensors or arrays by dotted name.

        Raises RuntimeError, and changes nothing, where names are missing or not known (unless
        `strict` is False) or shapes differ; it names them all.
        """
        own = dict(self._state())
        missing = [name for name in own if name not in state_dict] if strict else []
        unknown = [name for name in state_dict if name not in own] if strict else []
        given = {name: np.asarray(state_dict[name]) for name in own if name in state_dict}
        wrong = [
            f"{name} is {value.shape}, must be {own[name].shape}"
            for name, value in given.items()
            if value.shape != own[name].shape
        ]
        if missing or unknown or wrong:
            problems = {"missing": missing, "not known here": unknown, "of another shape": wrong}
            raise RuntimeError(
                f"load_state_dict of {type(self).__name__}: "
                + "; ".join(f"{what}: {', '.join(names)}" for what, names in problems.items() if names)
            )
        for name, value in given.items():
            own[name].replace(value.astype(own[name].dtype))

    # --- changing all of it

    def train(self, mode: bool = True) -> Module:
        """Behave as in training (dropout drops), or with mode False as in use. Returns itself."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Behave as in use: dropout passes everything on. Returns itself."""
        return self.train(False)

    def apply(self, function: Callable[[Module], Any]) -> Module:
        """Call function(module) on every module, those within before those around. Returns itself."""
        for module in self.children():
            module.apply(function)
        function(self)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Let gradients flow to the parameters, or freeze them. Returns itself."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def to(self, *to: Any, dtype: Any = None, device: Any = None) -> Module:
        """Parameters and float buffers in another float dtype, in place. Returns itself."""
        probe = zeros(()).to(*to, dtype=dtype, device=device)
        if not any(isinstance(given, np.dtype) for given in (*to, dtype)):
            return self
        if probe.dtype.kind != "f":
            raise TypeError(f"a module's parameters are floats; they cannot be {probe.dtype}")
        for _, tensor in self._state():
            if tensor.dtype.kind == "f":
                tensor.replace(tensor.value.astype(probe.dtype))
        return self

    def double(self) -> Module:
        """All floats as float64, in place. Returns itself."""
        return self.to(np.dtype("float64"))

    def float(self) -> Module:
        """All floats as float32, in place. Returns itself."""
        return self.to(np.dtype("float32"))

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or set them to 0."""
        for parameter in self.parameters():
            if parameter.grad is not None:
                parameter.grad = None if set_to_none else zeros(parameter.shape, dtype=parameter.dtype)

    # --- as text

    def extra_repr(self) -> str:
        """What stands in the parentheses of the repr, before the children."""
        return ""

    def __repr__(self) -> str:
        lines = [
            f"({name}): " + repr(module).replace("\n", "\n  ") for name, module in self.named_children()
        ]
        extra, name = self.extra_repr(), type(self).__name__
        if not lines:
            return f"{name}({extra})"
        return f"{name}({extra}\n  " + "\n  ".join(lines) + "\n)"


class Sequential(Module):
    """Modules one after another, each called on what the one before gave."""

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        for i, module in enumerate(modules):
            setattr(self, str(i), module)

    def forward(self, x: Any) -> Any:
        """(whatever the first takes) to (whatever the last gives)."""
        for module in self:
            x = module(x)
        return x

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int) -> Module:
        return list(self._modules.values())[index]


class ModuleList(Module):
    """A list of modules that the module holding it knows of."""

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__()
        self.extend(modules)

    def append(self, module: Module) -> ModuleList:
        """Add a module at the end. Returns itself."""
        setattr(self, str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> ModuleList:
        """Add modules at the end. Returns itself."""
        for module in modules:
            self.append(module)
        return self

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int) -> Module:
        return list(self._modules.values())[index]


class ModuleDict(Module):
    """A dict of modules that the module holding it knows of."""

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        for name, module in (modules or {}).items():
            self[name] = module

    def __setitem__(self, name: str, module: Module) -> None:
        self._modules[name] = module

    def __getitem__(self, name: str) -> Module:
        return self._modules[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)

    def __contains__(self, name: str) -> bool:
        return name in self._modules

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._modules.keys()

    def values(self) -> Iterable[Module]:
        """The modules."""
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """The names with their modules."""
        return self._modules.items()

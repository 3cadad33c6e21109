"""Module: a model or a part of one, with its parameters and the modules it is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self, TypeVar

import numpy as np

from .. import printing
from ..checks import flag
from ..dtypes import float32, float64
from ..errors import shown
from ..grad_mode import mode
from ..graph import require_grad
from ..inplace import clear_grads
from ..place import Scope, here
from ..tensor import Tensor
from .module_hooks import Hooked
from .module_state import Stateful

T = TypeVar("T")
Named = Iterator[tuple[str, T]]
KINDS = ("_parameters", "_modules", "_buffers")  # the names of the three dicts of a Module


class Parameter(Tensor):
    """A tensor that is trained.

    It requires grad, and a Module that has it as an attribute includes it in parameters().
    """

    __slots__ = ()

    def __init__(self, data: Tensor, requires_grad: bool = True) -> None:
        if not isinstance(data, Tensor):
            raise TypeError(f"Parameter takes a tensor, not {shown(data)}: use tensor()")
        super().__init__(data.value)
        require_grad(self, flag("Parameter: requires_grad", requires_grad))

    def __repr__(self) -> str:
        return f"Parameter containing:\n{printing.text(self)}"


class Module(Hooked, Stateful):
    """The base of every model and layer.

    A subclass calls `super().__init__()`, assigns parameters and modules as attributes, and
    defines `forward`. Names are the attributes' names, joined by dots:
    `encoder.embedding.weight`.
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _modules: dict[str, Any]
    _buffers: dict[str, Tensor | None]

    def __init__(self) -> None:
        for kind in KINDS:
            self.__dict__[kind] = {}
        self._not_saved: set[str] = set()
        self.training = True

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the output; call the module itself, which calls this."""
        raise NotImplementedError(f"{type(self).__name__} has no forward: define one")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Call `forward`; drawings show the ops that it calls as part of this module."""
        if not mode.recording and self._hooks is None:  # what is not recorded is not drawn
            return self.forward(*inputs, **options)
        outer = here.scope
        here.scope = Scope(self, outer)
        try:
            if self._hooks is not None:
                return self._hooks.call(self, inputs, options)
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
        """The one of KINDS that holds an attribute; None if it is a plain one or does not exist."""
        for kind in KINDS:
            if name in self.__dict__.get(kind, ()):
                return kind
        return None

    def _register(self, kind: str, name: str, value: Any) -> None:
        owner, what = type(self).__name__, kind[1:-1]
        if kind not in self.__dict__:
            raise AttributeError(f"{owner}: call super().__init__() before assigning {name!r}")
        if not isinstance(name, str):
            raise TypeError(f"{owner}: the name of a {what} must be a str, not {shown(name)}")
        if name not in self.__dict__[kind] and hasattr(self, name):
            raise KeyError(f"{owner} already has an attribute {name!r}")
        if not name or "." in name:
            raise KeyError(f"{owner}: a {what} needs a name without dots, not {name!r}")
        wanted = {"_parameters": Parameter, "_modules": Module, "_buffers": Tensor}[kind]
        if not isinstance(value, wanted | None):
            given = f"{wanted.__name__} or None, not {shown(value)}"
            raise TypeError(f"{owner}: the {what} {name!r} must be a {given}")
        self.__dict__[kind][name] = self.__dict__[name] = value

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Register a parameter; None registers that there is none (Linear without bias)."""
        self._register("_parameters", name, param)

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Register a tensor that is not trained but belongs to the module.

        It is in state_dict() unless `persistent` is False.
        """
        self._register("_buffers", name, tensor)
        self._not_saved.discard(name)
        if not persistent:
            self._not_saved.add(name)

    def add_module(self, name: str, module: Module | None) -> None:
        """Assign a module as the attribute `name`."""
        self._register("_modules", name, module)

    register_module = add_module

    # --- its modules, parameters and buffers

    def named_modules(
        self, memo: set[Module] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Named[Module]:
        """This module (named "") and all modules in it, except those in `memo`.

        Each is there once, or under each of its names if `remove_duplicate` is False.
        """
        memo = set() if memo is None else memo
        if self not in memo:
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    name = f"{prefix}.{name}" if prefix else name
                    yield from module.named_modules(memo, name, remove_duplicate)

    def modules(self) -> Iterator[Module]:
        """This module and all modules in it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Named[Module]:
        """The modules assigned to this one, each once."""
        return _once(self._modules.items())

    def children(self) -> Iterator[Module]:
        """The modules assigned to this one, each once."""
        return (module for _, module in self.named_children())

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Named[Parameter]:
        """Every parameter by dotted name; a shared one once, by its first name."""
        return self._named("_parameters", prefix, recurse, remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Every parameter, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Named[Tensor]:
        """Every buffer by dotted name."""
        return self._named("_buffers", prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Every buffer, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def _named(self, kind: str, prefix: str, recurse: bool, once: bool) -> Named[Any]:
        modules = self.named_modules(None, prefix, once) if recurse else [(prefix, self)]
        named = (
            (f"{path}.{name}" if path else name, tensor)
            for path, module in modules
            for name, tensor in module.__dict__[kind].items()
        )
        return _once(named) if once else (pair for pair in named if pair[1] is not None)

    def get_submodule(self, target: str) -> Module:
        """The module of a dotted name; "" is this one."""
        return self._found(target, Module) if target else self

    def get_parameter(self, target: str) -> Parameter:
        """The parameter of a dotted name."""
        return self._found(target, Parameter)

    def get_buffer(self, target: str) -> Tensor:
        """The buffer of a dotted name."""
        path, _, name = target.rpartition(".")
        if name not in self.get_submodule(path)._buffers:
            raise AttributeError(f"{type(self).__name__}: {target!r} is not a buffer")
        return self._found(target, Tensor)

    def _found(self, target: str, kind: type[T]) -> T:
        found: Any = self
        for name in target.split("."):
            if not hasattr(found, name):
                raise AttributeError(f"{type(found).__name__} has no attribute {name!r}")
            found = getattr(found, name)
        if not isinstance(found, kind):
            owner, what = type(self).__name__, kind.__name__
            raise AttributeError(f"{owner}: {target!r} is {shown(found)}, not a {what}")
        return found

    # --- changes to the whole module

    def train(self, mode: bool = True) -> Self:
        """Set training mode (dropout is active) or, with False, evaluation mode. Returns self."""
        self.training = flag("train: the mode", mode)
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Set evaluation mode: dropout does nothing. Returns self."""
        return self.train(False)

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call function(module) on every module, inner modules first. Returns self."""
        if not callable(function):
            raise TypeError(f"apply takes a function of a module, not {shown(function)}")
        for module in self.children():
            module.apply(function)
        function(self)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Train the parameters or, with False, freeze them. Returns self."""
        flag("requires_grad_: requires_grad", requires_grad)
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def to(
        self,
        *to: Any,
        dtype: Any = None,
        device: Any = None,
        non_blocking: bool = False,
        memory_format: Any = None,
    ) -> Self:
        """Convert float parameters, buffers and gradients in place. Returns self."""
        for tensor in [x for x in (*self.parameters(), *self.buffers()) if x.dtype.kind == "f"]:
            moved = tensor.detach().to(*to, dtype=dtype, device=device)
            if moved.dtype.kind != "f":
                raise TypeError(
                    f"a module's parameters are floats; they cannot be {moved.dtype.name}"
                )
            if moved.dtype != tensor.dtype:
                grad = tensor.grad
                tensor.replace(moved.value)
                tensor.grad = None if grad is None else grad.detach().to(moved.dtype)
        return self

    def double(self) -> Self:
        """Convert all floats to float64, in place. Returns self."""
        return self.to(float64)

    def float(self) -> Self:
        """Convert all floats to float32, in place. Returns self."""
        return self.to(float32)

    def half(self) -> Self:
        """Raises TypeError: there are no floats of 16 bits."""
        return self.to(np.dtype("float16"))

    def type(self, dst_type: Any) -> Self:
        """Convert all floats to a dtype, in place. Returns self."""
        return self.to(dst_type)

    def cpu(self) -> Self:
        """The module itself: it is on the CPU."""
        return self

    def cuda(self, device: Any = None) -> Self:
        """Raises ValueError: there is only the CPU."""
        return self.to("cuda")

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Remove the gradients of all parameters or, with False, set them to 0."""
        clear_grads(self.parameters(), set_to_none)

    # --- repr

    def extra_repr(self) -> str:
        """The text in the parentheses of the repr, before the children."""
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
    """The parts that are not None, each once, under its first name."""
    seen: set[int] = set()
    for name, part in named:
        if part is not None and id(part) not in seen:
            seen.add(id(part))
            yield name, part

"""Modules that apply one function: their arguments are its settings, kept as attributes."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature, get_annotations
from typing import Any, ClassVar

from ..graph import Node
from .module import Module

TENSORS = ("weight", "pos_weight")  # settings that are buffers, also if they are None


class Applied(Module):
    """A module that calls one function on its inputs, with its own attributes as settings.

    A subclass names the function, and annotates the settings in the order in which the module
    takes them:

        class LeakyReLU(Applied, of=leaky_relu, shows="negative_slope={negative_slope}"):
            negative_slope: float = 0.01
            inplace: bool = False

    A setting that is a tensor is a buffer. `shows` is the text in the parentheses of the repr.
    """

    _function: ClassVar[Callable[..., Any]]
    _settings: ClassVar[tuple[str, ...]] = ()
    _shown: ClassVar[str] = ""

    def __init_subclass__(cls, of: Callable[..., Any] | None = None, shows: str = "") -> None:
        super().__init_subclass__()
        if of is None:  # a subclass that a user wrote
            return
        hints = get_annotations(cls)
        parameters = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)]
        for name, hint in hints.items():
            default = cls.__dict__.get(name, Parameter.empty)
            parameters.append(Parameter(name, parameters[0].kind, default=default, annotation=hint))
            if name in cls.__dict__:  # from now on, the name is that of an instance's attribute
                delattr(cls, name)
        cls._function, cls._settings, cls._shown = staticmethod(of), tuple(hints), shows
        cls.__init__ = _init(Signature(parameters))  # type: ignore[method-assign]

    def keep(self, name: str, value: Any) -> None:
        """Keep a setting: a tensor as a buffer, anything else as an attribute."""
        if isinstance(value, Node) or value is None and name in TENSORS:
            self._register("_buffers", name, value)
        else:
            setattr(self, name, value)

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """The function of the inputs."""
        settings = {name: getattr(self, name) for name in self._settings}
        return type(self)._function(*inputs, **named, **settings)

    def extra_repr(self) -> str:
        """The settings that PyTorch shows, too; `inplace` only if it is set."""
        shown = type(self)._shown.format_map(vars(self))
        inplace = "inplace=True" if vars(self).get("inplace") else ""
        return ", ".join(part for part in (shown, inplace) if part)


def _init(signature: Signature) -> Any:
    """The `__init__` of a class with these arguments."""

    def __init__(self: Applied, *args: Any, **kwargs: Any) -> None:
        Module.__init__(self)
        try:
            given = signature.bind(self, *args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}: {error}") from None
        given.apply_defaults()
        for name, value in list(given.arguments.items())[1:]:
            self.keep(name, value)

    __init__.__signature__ = signature  # type: ignore[attr-defined]
    return __init__

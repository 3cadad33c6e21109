"""Hooks on modules: functions that are called before and after `forward`, or with its gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import shown
from ..tensor import Tensor

Hook = Callable[..., Any]


class Hooked:
    """The methods of a Module that register hooks.

    Each returns a handle, whose remove() takes the hook away.
    """

    _hooks: Any = None

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> Any:
        """Call hook(module, args) before `forward`; what it returns replaces args, unless None.

        With `with_kwargs`, hook(module, args, kwargs), which may return both.
        """
        return self._hook("before", (hook, with_kwargs, False), prepend)

    def register_forward_hook(
        self,
        hook: Hook,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> Any:
        """Call hook(module, args, output) after `forward`; what it returns replaces the output.

        With `with_kwargs`, hook(module, args, kwargs, output). With `always_call`, also if
        `forward` raises an error: the output is None then.
        """
        return self._hook("after", (hook, with_kwargs, always_call), prepend)

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> Any:
        """Call hook(module, grad_output) when the gradients of the outputs are complete.

        It may return others.
        """
        return self._hook("outputs", (hook, False, False), prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> Any:
        """Call hook(module, grad_input, grad_output) when the gradients of the inputs are complete.

        It may return other gradients of the inputs. Both are tuples.
        """
        return self._hook("inputs", (hook, False, False), prepend)

    register_backward_hook = register_full_backward_hook

    def _hook(self, kind: str, hook: Any, prepend: bool) -> Any:
        from ..autograd.hooks import RemovableHandle

        if self._hooks is None:
            self.__dict__["_hooks"] = ModuleHooks()
        return RemovableHandle(getattr(self._hooks, kind), hook, prepend)


class ModuleHooks:
    """The hooks of a module, each with whether it takes kwargs, and is called after an error."""

    def __init__(self) -> None:
        self.before: dict[int, Any] = {}
        self.after: dict[int, Any] = {}
        self.outputs: dict[int, Any] = {}
        self.inputs: dict[int, Any] = {}

    def call(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """module.forward(*args, **kwargs), with all hooks."""
        for hook, with_kwargs, _ in list(self.before.values()):
            if with_kwargs:
                found = hook(module, args, kwargs)
                if found is not None and not (isinstance(found, tuple) and len(found) == 2):
                    raise RuntimeError(f"the hook returns (args, kwargs), not {shown(found)}")
                args, kwargs = (args, kwargs) if found is None else found
            elif (found := hook(module, args)) is not None:
                args = found if isinstance(found, tuple) else (found,)
        border = _Border(module, self, args) if self.inputs or self.outputs else None
        args = border.entered(args) if border else args
        waiting = list(self.after.values())
        try:
            out = module.forward(*args, **kwargs)
            while waiting:
                hook, with_kwargs, _ = waiting.pop(0)
                found = hook(module, args, kwargs, out) if with_kwargs else hook(module, args, out)
                out = out if found is None else found
        except Exception:
            for hook, with_kwargs, always in waiting:
                if always:
                    hook(module, args, kwargs, None) if with_kwargs else hook(module, args, None)
            raise
        return border.left(out) if border else out


class _Border:
    """The inputs and outputs of one call of a module, where its backward hooks see gradients."""

    def __init__(self, module: Any, hooks: ModuleHooks, args: tuple[Any, ...]) -> None:
        self.module, self.hooks, self.count = module, hooks, len(args)
        self.smooth = [i for i, x in enumerate(args) if isinstance(x, Tensor) and x.requires_grad]
        self.grad_outputs: Any = None

    def entered(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The inputs, after whose gradients the hooks are called."""
        return _replaced(args, self.smooth, _passed(self._inputs, args, self.smooth))

    def left(self, out: Any) -> Any:
        """The output, whose gradients the hooks are given."""
        several = out if isinstance(out, tuple) else (out,)
        smooth = [i for i, x in enumerate(several) if isinstance(x, Tensor) and x.requires_grad]
        self.outputs, self.out_smooth = len(several), smooth
        found = _replaced(several, smooth, _passed(self._outputs, several, smooth))
        if not isinstance(out, tuple):
            return found[0]
        return type(out)(*found) if hasattr(out, "_fields") else found

    def _outputs(self, gradients: list[Any]) -> list[Any]:
        given = _replaced((None,) * self.outputs, self.out_smooth, gradients)
        for hook, _, _ in list(self.hooks.outputs.values()):
            found = hook(self.module, given)
            if found is not None:
                given = found if isinstance(found, tuple) else (found,)
        self.grad_outputs = given
        if not self.smooth:
            self._inputs([])
        return [given[i] for i in self.out_smooth]

    def _inputs(self, gradients: list[Any]) -> list[Any]:
        given = _replaced((None,) * self.count, self.smooth, gradients)
        for hook, _, _ in list(self.hooks.inputs.values()):
            found = hook(self.module, given, self.grad_outputs)
            if found is not None:
                found = found if isinstance(found, tuple) else (found,)
                if len(found) != len(given):
                    raise RuntimeError(
                        f"the backward hook returned {len(found)} gradients for {len(given)} inputs"
                    )
                given = found
        return [given[i] for i in self.smooth]


def _replaced(values: tuple[Any, ...], places: list[int], by: list[Any]) -> tuple[Any, ...]:
    """The values, with others in some places."""
    found = list(values)
    for place, value in zip(places, by, strict=True):
        found[place] = value
    return tuple(found)


def _passed(hook: Callable[[list[Any]], list[Any]], values: Any, places: list[int]) -> list[Any]:
    """The values in some places, unchanged; backward passes their gradients through the hook."""
    from ..autograd.function import Function

    class Passed(Function):
        @staticmethod
        def forward(ctx: Any, *tensors: Any) -> Any:
            return tensors

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            return tuple(hook(list(gradients)))

    Passed.__name__ = "BackwardHookFunction"
    return list(Passed.apply(*[values[i] for i in places])) if places else []

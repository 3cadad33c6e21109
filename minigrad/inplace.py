"""Writing into a tensor in place, as in PyTorch, without ever making a gradient wrong.

A write changes the memory, so all tensors that share it change: views, and what detach() gave. If a
gradient flows to the tensor or to what is written, the write is recorded: the tensor becomes the
result of an op on what it was before. A leaf that requires grad changes only under no_grad().
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any, Self

import numpy as np

from .autograd.changed import WRITTEN_TO_VIEW, layouts, version, viewed
from .dtypes import Array, level, number_in
from .errors import describe, shown
from .grad_mode import enable_grad, is_grad_enabled
from .graph import NOTHING, Call, Node, leave_past, value_of, with_value
from .indexing import index_steps, picks_view
from .memory import absent, is_shared, overlaps, owner, tick, writable, written_since, wrote
from .ops import cast, getitem, put_at
from .place import place

# In-place forms of functions, from the room minigrad.overwriting: methods, and functions too.
OVERWRITING = """
    abs_ absolute_ acos_ acosh_ add_ addbmm_ addcdiv_ addcmul_ addmm_ addmv_ addr_ arccos_ arccosh_
    arcsin_ arcsinh_ arctan2_ arctan_ arctanh_ asin_ asinh_ atan2_ atan_ atanh_ baddbmm_
    bitwise_and_ bitwise_left_shift_ bitwise_not_ bitwise_or_ bitwise_right_shift_ bitwise_xor_
    ceil_ clamp_ clamp_max_ clamp_min_ clip_ copysign_ cos_ cosh_ cumprod_ cumsum_ deg2rad_ div_
    divide_ eq_ erf_ erfc_ erfinv_ exp2_ exp_ expm1_ fix_ float_power_ floor_ floor_divide_ fmod_
    frac_ ge_ greater_ greater_equal_ gt_ heaviside_ hypot_ le_ lerp_ less_ less_equal_ log10_
    log1p_ log2_ log_ logical_and_ logical_not_ logical_or_ logical_xor_ logit_ lt_ masked_fill_
    mul_ multiply_ nan_to_num_ ne_ neg_ negative_ not_equal_ pow_ rad2deg_ reciprocal_ relu_
    remainder_ round_ rsqrt_ sgn_ sigmoid_ sign_ sin_ sinc_ sinh_ sqrt_ square_ sub_ subtract_ tan_
    tanh_ tril_ triu_ true_divide_ trunc_ xlogy_
    t_ transpose_ swapaxes_ swapdims_ squeeze_ unsqueeze_"""
OTHERS = "fill_diagonal_ apply_"
WRITABLE = Node | Array | np.generic | bool | int | float

class Write(Call):
    """The call of a write that has kept only what it replaced."""

    __slots__ = ("replaced",)
    replaced: Array


class InPlace(Node):
    """A node that can be written to: x[i] = …, x += …, x.copy_(…)."""

    __slots__ = ()

    def __setitem__(self, index: Any, value: Any) -> None: self._write(index, value)
    def __iadd__(self, other: Any) -> Self: return self._become(self + other)
    def __isub__(self, other: Any) -> Self: return self._become(self - other)
    def __imul__(self, other: Any) -> Self: return self._become(self * other)
    def __itruediv__(self, other: Any) -> Self: return self._become(self / other)
    def __ipow__(self, other: Any) -> Self: return self._become(self**other)
    def __ifloordiv__(self, other: Any) -> Self: return self._become(self // other)
    def __imod__(self, other: Any) -> Self: return self._become(self % other)
    def __ixor__(self, other: Any) -> Self: return self._become(self ^ other)
    def __iand__(self, other: Any) -> Self: return self._become(self & other)
    def __ior__(self, other: Any) -> Self: return self._become(self | other)
    def copy_(self, other: Any) -> Self: return self._write(..., other, method="copy_")
    def zero_(self) -> Self: return self._write(..., 0, method="fill_")

    def fill_(self, value: Any) -> Self:
        """Write one number, or a tensor without dims, into every element."""
        if np.ndim(value_of(value)):
            raise RuntimeError(f"fill_: the value must be one number, not {shown(value)}")
        return self._write(..., value, method="fill_")

    def _write(self, index: Any, given: Any, method: str = "") -> Self:
        """self[index] = given, recorded if a gradient flows to either of them.

        Raises TypeError, ValueError or IndexError if they do not fit, RuntimeError if the tensor
        must not change.
        """
        value: Any = given
        what = f"writing {describe(value)} into {self.value.shape}"
        if not isinstance(given, WRITABLE):
            raise TypeError(f"{what}: only tensors, arrays and numbers are written")
        if index is False:
            return self
        index = None if index is True else index  # of any dtype, as PyTorch takes it
        *first, final = index_steps(index, self.value.ndim)
        tracked = self._requires_grad or isinstance(value, Node) and value._requires_grad
        recorded = tracked and is_grad_enabled()
        if recorded:
            self._roots()
        try:
            part: Any = self
            for step in first:
                part = getitem(part, index=step)
            if self.value.dtype.kind in "iu" and isinstance(value, int | float | np.generic):
                value = number_in(np.asarray(value).item(), self.value.dtype)
            if isinstance(value, Node) and value.value.dtype != self.value.dtype:
                check_same_dtype(index, value.value, self.value)
            value = as_broadcast(value, np.shape(part.value[final]), leading=not method)
            if recorded:
                part._put(value, final)
                return self
            written = part.value[final] if picks_view(final) else part.value
            memory = part._memory(np.zeros(()) if method == "fill_" else written)
            memory[final] = value_of(value)
        except OverflowError:
            raise ValueError(f"{what}: it cannot be converted to {self.value.dtype}") from None
        except (ValueError, IndexError, TypeError) as error:
            raise type(error)(f"{what}: {error}") from None
        wrote(self.value)
        return self

    def _put(self, value: Any, index: Any) -> None:
        """Record self[index] = value."""
        if self._was_written(value):
            self._write_again(value, index)
        else:
            x: Any = self
            self._record(put_at(x, value, index=index))

    def _was_written(self, value: Any) -> bool:
        """True if what made this tensor is a recorded write, and the value is not a part of it."""
        apart = not isinstance(value, Node) or owner(value.value) is not owner(self.value)
        of, same = self.call, np.asarray(value_of(value)).dtype == self.value.dtype
        return of is not None and of.op is put_at and viewed(self) is None and apart and same

    def _write_again(self, value: Any, index: Any) -> None:
        """Record self[index] = value without a copy of the tensor: T writes cost what they write.

        The version before has no numbers: the rules of writes need none, any other use is an error
        (see `Changed`). A drawing puts back what was replaced.
        """
        memory = self._memory(self.value)
        given = value if isinstance(value, Node) else np.array(value)
        was = with_value(self, absent(self.value))
        values = was.value, value_of(given)
        call = Write(put_at, (was, given), values, {"index": index}, NOTHING, place())
        call.replaced = memory[index].copy()
        leave_past(self, was)
        memory[index] = value_of(given)
        wrote(self.value)
        self.call, self.birth = call, tick()

    def _become(self, result: Any) -> Self:
        """`self += other`, given self + other: self with the values of the result.

        Raises RuntimeError if the result has another shape, or a dtype that does not fit.
        """
        if result is self:
            return self
        fits = level(result.value.dtype) <= level(self.value.dtype)
        if not fits or result.value.shape != self.value.shape:
            raise RuntimeError(
                f"in place, a {self.value.dtype} of shape {self.value.shape} cannot become "
                f"a {result.value.dtype} of shape {result.value.shape}"
            )
        if result.requires_grad:
            return self._record(result)
        if self._requires_grad and is_grad_enabled():  # from now on, a constant
            return self._write(..., result)
        self._memory(self.value)[...] = result.value
        wrote(self.value)
        return self

    def _turn(self, view: Callable[[Any], Any]) -> Self:
        """Become a view of itself, which shares its memory: x.t_(), say.

        What was made of this tensor before keeps it as it was.
        """
        if self._requires_grad and is_grad_enabled():
            self._roots()
        was = with_value(self, self.value)
        was._taken = self._taken
        with enable_grad() if self.call else nullcontext():
            result = view(was)
        leave_past(self, was)
        self.value, self.call, self.birth = result.value, result.call, tick()
        self._taken = result._taken if viewed(was) is not None else None
        return self

    def _memory(self, place: Array) -> Array:
        """The elements as an array to write to. Raises RuntimeError if `place` cannot be."""
        if overlaps(place):
            raise RuntimeError(
                "in place: this tensor was expanded or unfolded, so several elements are one "
                "number in memory: write into a clone()"
            )
        try:
            return writable(self.value)
        except ValueError:
            raise RuntimeError("in place: the memory is read-only: write into a clone()") from None

    def _record(self, result: Any, views: int = 0) -> Self:
        """Become the result of a recorded op on what this tensor was before.

        What is written to a view is written to the tensor that it is a view of; `views` of this one
        know of the write.
        """
        *between, root = self._roots()
        used = sum(value is root.value for value in result.call.values)  # references by the op
        views_known = views + len(between) + len(layouts(root))
        if root.call is None and is_shared(root.value, used, views_known):
            raise RuntimeError(
                "in place: this tensor would get a history, but its memory is shared with a view, "
                "a graph or a NumPy array that would not know of it: write x = x + y, or use a "
                "clone()"
            )
        self._memory(self.value)  # raises an error before anything changes
        of, made = viewed(self), self._taken or self.call
        was = self._freeze(result.call)
        leave_past(self, was if was is not None and of is None else with_value(self, self.value))
        if result.value.dtype != self.value.dtype:
            result = cast(result, dtype=self.value.dtype)
        if of is not None and made:  # write into the whole, and take this view of it again
            op, settings = made.op, made.settings
            of._record(WRITTEN_TO_VIEW[op](of, result, **settings), views + 1)
            result = op(of, **settings)
        else:
            self._memory(self.value)[...] = result.value
            wrote(self.value)
        self.call, self._requires_grad, self.birth = result.call, True, tick()
        return self

    def _roots(self) -> list[Any]:
        """This tensor, the one that it is a view of, and so on.

        Raises RuntimeError if one is a leaf that requires grad.
        """
        roots: list[Any] = [self]
        while (of := viewed(roots[-1])) is not None:
            roots.append(of)
        if any(one.call is None and one._requires_grad for one in roots):
            raise RuntimeError(
                "in place: a leaf that requires grad, and its views, change only under no_grad()"
            )
        return roots

    def _freeze(self, call: Call) -> Node | None:
        """Give a call copies of its inputs in the memory that is about to be written to.

        Returns the copy of this tensor, if it is an input.
        """
        memory, copies = owner(self.value), {}
        for x in call.inputs:
            if isinstance(x, Node) and owner(x.value) is memory and x not in copies:
                copy = x.value.copy()
                if written_since(x.value, x.birth):
                    wrote(copy)  # so that the rule of what made x does not take it for its result
                copies[x] = with_value(version(x, tick()), copy)
        call.inputs = tuple([copies.get(x, x) if isinstance(x, Node) else x for x in call.inputs])
        call.values = tuple(map(value_of, call.inputs))
        return copies.get(self)


def in_place(function: Callable[..., Any], views: bool = False) -> Callable[..., Any]:
    """The in-place form of a function: its first argument becomes the result, and is returned.

    views: the function takes views of the argument. Where the write is recorded, it gets a copy,
    because a tensor whose memory views share gets no history (see `_record`).
    """

    def method(input: Any, *args: Any, **settings: Any) -> Any:
        given = (*args, *settings.values())
        copied = views and any(isinstance(one, Node) and one._requires_grad for one in given)
        before = cast(input, dtype=input.value.dtype) if copied else input
        return input._become(function(before, *args, **settings))

    method.__name__ = f"{function.__name__}_"
    method.__doc__ = f"`{function.__name__}`, written into the tensor itself."
    return method


def as_broadcast(value: Any, shape: tuple[int, ...], leading: bool) -> Any:
    """The value without dims of size 1 before those of `shape`, which it may have if `leading`.

    Raises ValueError if it does not broadcast to the shape.
    """
    extra = max(np.ndim(value_of(value)) - len(shape), 0)
    own = np.shape(value_of(value))[extra:]
    fits = all(n in (1, m) for n, m in zip(own, shape[len(shape) - len(own) :], strict=True))
    if not fits or extra and not leading or any(n != 1 for n in np.shape(value_of(value))[:extra]):
        raise ValueError(f"it does not broadcast to {shape}, the shape of what is written to")
    return value.reshape(own) if extra else value


def clear_grads(tensors: Iterable[Any], set_to_none: bool) -> None:
    """Remove the gradients of tensors or, with False, write 0 into them: then without history."""
    for x in tensors:
        if set_to_none:
            x._grad = None
        elif x._grad is not None:
            x._grad = (x._grad.detach() if x._grad.requires_grad else x._grad).zero_()


def check_same_dtype(index: Any, value: Array, into: Array) -> None:
    """Raise TypeError for a tensor of another dtype, where the index picks elements one by one.

    A single number is converted, if it goes to where a mask is True.
    """
    parts = [value_of(part) for part in (index if isinstance(index, tuple) else (index,))]
    listed = [np.asarray(part) for part in parts if isinstance(part, list | tuple | range | Array)]
    arrays = [array for array in listed if array.ndim]
    kinds = {array.dtype.kind for array in arrays}
    if len(arrays) > 1 or len(parts) > 1 and any(isinstance(part, bool) for part in parts):
        kinds.add("i")  # among others, masks, True and False are taken as indices
    if kinds - {"b"} or kinds and value.size != 1:
        raise TypeError(f"with lists or tensors as index, both must have the same dtype: "
                        f"{value.dtype} is written into {into.dtype}")

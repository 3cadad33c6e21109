"""Faults that minigrad once had, put back: the fuzzer must find each of them.

Each is written on public names or on the rules of ops, so that it outlives changes inside.
"""

import contextlib
import importlib

import numpy as np

from minigrad import Tensor, tensor

from minigrad.graph import Op, value_of

FAULTS = {}
sweep = importlib.import_module("minigrad.autograd.sweep")  # its name is that of a function, too


def fault(make):
    """Register a generator function that puts a fault in place, yields and takes it out again."""
    FAULTS[make.__name__] = contextlib.contextmanager(make)
    return make


@contextlib.contextmanager
def put(owner, name, value):
    """An attribute with another value, for a while."""
    before = owner.__dict__[name]
    setattr(owner, name, value)
    try:
        yield before
    finally:
        setattr(owner, name, before)


@fault
def a_0d_gradient_is_a_scalar_that_does_not_grow():
    def owned_gradient(x, grads, owned):
        return grads[x] if x in owned else before(x, grads, owned)

    with put(sweep, "owned_gradient", owned_gradient) as before:
        yield


@fault
def cross_entropy_divides_by_no_targets():
    op = Op.registry["cross_entropy"]

    def rule(g, out, x, target, *, ignore_index=-100, reduction="mean", **saved):
        settings = {"ignore_index": ignore_index, "reduction": reduction}
        gx, none = before(g, out, x, target, **settings, **saved)
        ignored = bool((value_of(target) == ignore_index).all())
        return gx * np.nan if ignored and reduction == "mean" else gx, none

    with put(op, "rule", rule) as before:
        yield


@fault
def a_list_of_lists_is_one_index():
    def getitem(x, index):
        lists = isinstance(index, list) and any(isinstance(part, list) for part in index)
        return before(x, tensor(index) if lists else index)

    with put(Tensor, "__getitem__", getitem) as before:
        yield


@fault
def a_mask_of_one_bool_is_an_int():
    def getitem(x, index):
        parts = index if isinstance(index, tuple) else (index,)
        return before(x, tuple([int(part) if part is True else part for part in parts]))

    with put(Tensor, "__getitem__", getitem) as before:
        yield


@fault
def a_size_of_minus_2_is_minus_1():
    def reshape(x, *shape):
        shape = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        return before(x, tuple([-1 if n == -2 else n for n in shape]))

    with put(Tensor, "reshape", reshape) as before:
        yield


@fault
def a_0d_view_is_a_copy():
    def getitem(x, index):
        out = before(x, index)
        return tensor(out) if out.ndim == 0 and not out.requires_grad else out

    with put(Tensor, "__getitem__", getitem) as before:
        yield


@fault
def a_0d_copy_is_iterated_over():
    def iterate(x):
        return iter([row if row.ndim or row.requires_grad else tensor(row) for row in before(x)])

    with put(Tensor, "__iter__", iterate) as before:
        yield


@fault
def contiguous_is_the_tensor_itself():
    with put(Tensor, "contiguous", lambda x: x):
        yield


@fault
def view_copies():
    with put(Tensor, "view", Tensor.reshape):
        yield


@fault
def views_in_rooms_are_copies():
    def copied(view):
        return lambda x, *args, **settings: view(x, *args, **settings).clone()

    with contextlib.ExitStack() as faults:
        for name in ("diagonal", "select", "narrow", "movedim", "swapaxes", "unflatten"):
            view = getattr(Tensor, name)  # loads the room
            faults.enter_context(put(Tensor, name, copied(view)))
        yield

"""Memory: when it was last written to, so that no gradient is computed from a value that changed.

A tensor and its views share memory: writing into one changes the others. One clock counts the
births of all tensors and all writes, and for each memory the time of its last write is kept. The
value that an op used is still there if the memory was not written to after the op's result was
born. Nothing is locked, and the time is forgotten when the memory goes.

To NumPy, the arrays of tensors are read-only: writes go through `writable`, and `wrote` notes when.
Only arrays that `numpy()` and `from_numpy` share with the caller can be written to unseen. They are
compared with a copy when an op is recorded that uses their memory, and at each backward pass.
"""

from __future__ import annotations

import itertools
import sys
import weakref
from typing import Any

import numpy as np

from .dtypes import Array

tick = itertools.count(1).__next__  # the clock: births of tensors, and writes


class _Last:
    """The times of the last events of each kind, so that most checks are one comparison.

    write   any memory was written to
    change  the history of a tensor changed
    shared  memory was shared with NumPy, or an op that used such memory was recorded
    """

    write = change = shared = 0


last = _Last()
# For each memory that was written to, by the id of the array that owns it: a weak reference to that
# array, which takes the entry away when the array goes, and the time of the last write.
_writes: dict[int, list[Any]] = {}


def owner(array: Array) -> Array:
    """The array that owns the memory of an array."""
    while isinstance(base := array.base, Array):
        array = base
    return array


def in_memory_of(base: Array, x: Array) -> bool:
    """True if `base`, the base of a view, and x are in the same memory."""
    if base is x or base is x.base:
        return True
    if base.base is None and (x.base is None or x.base.base is None):  # each is, or has, its owner
        return False
    return owner(base) is owner(x)


def written_since(array: Array, time: float) -> bool:
    """True if the memory of an array was written to after this time."""
    known = _writes.get(id(owner(array)))
    return known is not None and known[1] > time


def wrote(array: Array) -> None:
    """Note that the memory of an array was written to now."""
    whole = array if array.base is None else owner(array)
    key = id(whole)
    known = _writes.get(key)
    if known is None:
        known = _writes[key] = [weakref.ref(whole, lambda _: _writes.pop(key, None)), 0]
    known[1] = last.write = tick()


def absent(array: Array) -> Array:
    """An array of the same shape and dtype without memory, which counts as written to now."""
    single = np.full((), np.nan if array.dtype.kind == "f" else 0, array.dtype)
    wrote(single)
    return np.broadcast_to(single, array.shape)


def overwrite(array: Array, value: Any) -> None:
    """array[...] = value, for the array of a tensor, which may be a view of other memory."""
    if array.base is None:
        array.setflags(True)  # type: ignore[call-arg]  # write=True, at half the cost
        array[...] = value
        array.setflags(False)  # type: ignore[call-arg]
    else:
        writable(array)[...] = value
    wrote(array)


def writable(array: Array) -> Array:
    """The elements of a tensor's array, as an array to write to. Call `wrote` after it.

    Raises ValueError if the memory itself is read-only.
    """
    if array.flags.writeable:
        return array
    chain = [array]
    while isinstance(chain[-1].base, Array):
        chain.append(chain[-1].base)
    before = [link.flags.writeable for link in chain]
    try:
        for link in reversed(chain):
            link.setflags(write=True)
        return array.view()
    finally:
        for link, flag in zip(chain, before, strict=True):
            link.setflags(write=flag)


def overlaps(array: Array) -> bool:
    """True if several elements are one number in memory, as after expand(), or unfold()."""
    if array.flags.forc or not array.size:
        return False
    within = 0  # how far the dims with smaller steps reach
    pairs = zip(array.strides, array.shape, strict=True)
    for step, n in sorted([(abs(step), n) for step, n in pairs if n > 1]):
        if step <= within:
            return True
        within += step * (n - 1)
    return False


# --- memory shared with others -----------------------------------------------------------------


class Watch:
    """An array that NumPy can write to unseen (a weak reference), and a copy to compare it with."""

    __slots__ = ("array", "before")

    def __init__(self, array: Any, before: Array | None) -> None:
        self.array, self.before = array, before

    def notice(self) -> None:
        """Note a write if the array is not as before, and keep a new copy."""
        array = self.array()
        if array is None or self.before is None:
            return
        if not np.array_equal(array, self.before, equal_nan=True):
            wrote(array)
            self.before = array.copy()


class Shared:
    """The object that NumPy takes for the owner of shared memory: it goes with the last view."""

    def __init__(self, array: Array) -> None:
        self.array = array
        pointer, _ = array.__array_interface__["data"]
        self.__array_interface__ = array.__array_interface__ | {"data": (pointer, False)}

    def __del__(self) -> None:
        if watched:
            notice(self.array)


# For each memory that is shared, by the id of the array that owns it: what is compared there, by
# its place in memory. Nothing is, until an op was recorded that uses what `from_numpy` shares.
watched: dict[int, dict[Any, Watch]] = {}
LARGE = 1 << 20  # bytes; of a larger memory, only the part is compared that an op used


def _place(array: Array) -> tuple[Any, ...]:
    return array.ctypes.data, array.shape, array.strides


def watch(array: Array) -> Array:
    """Compare an array with a copy, from now on until it is gone.

    Returns the array that is compared: another one, if one of the same elements is already.
    """
    key, place = id(owner(array)), _place(array)
    watches = watched.setdefault(key, {})
    if place in watches and (known := watches[place].array()) is not None:
        return known

    def forget(reference: Any) -> None:
        if place in watches and watches[place].array is reference:
            del watches[place]
        if not watches and watched.get(key) is watches:
            del watched[key]

    watches[place] = Watch(weakref.ref(array, forget), array.copy())
    last.shared = tick()
    return array


def watch_when_used(array: Array) -> None:
    """As `watch`, from the first use of the memory in a recorded op on."""
    whole = owner(array)
    key = id(whole)
    unused = Watch(weakref.ref(whole, lambda _: watched.pop(key, None)), None)
    watched.setdefault(key, {})[None] = unused


def use(array: Array) -> None:
    """Note what NumPy has written to the memory of an array that an op is about to use."""
    whole = owner(array)
    notice(array)
    if None in watched.get(id(whole), ()):
        small = whole.nbytes <= LARGE and whole.dtype == array.dtype
        watch(whole if small else array)


def notice(*arrays: Array) -> None:
    """Note what NumPy has written to the memory of some arrays, if that is watched."""
    for key in watched.keys() & {id(owner(array)) for array in arrays}:
        for one in list(watched.get(key, {}).values()):
            one.notice()
            last.shared = tick()


def shared(array: Array) -> Array:
    """The array of a tensor as one that the caller may write to; read-only if its memory is."""
    try:
        view = writable(array)
    except ValueError:
        return array.view()
    return np.asarray(Shared(watch(view)))


def is_shared(array: Array, known: int = 0, views: int = 0) -> bool:
    """True if others hold this array or its memory.

    Others than its tensor, `known` who hold the array, and `views` of its memory.
    """
    held, base_held = _references(array)
    alone, base_alone = _ALONE
    if isinstance(array.base, Array):
        return held > alone + known or base_held > base_alone + views
    return held > alone + known + views


def _references(array: Array) -> tuple[int, int]:
    """How many references to the array there are, and how many to its base."""
    base = array.base
    return sys.getrefcount(array), sys.getrefcount(base)


def _alone(array: Array) -> tuple[int, int]:
    return _references(array)  # called as in `is_shared`, so that the frames hold as many


# The counts for an array that one other thing holds, as a tensor would, in this version of Python.
_held = [np.zeros(2)[:1]]
_ALONE = _alone(_held[0])

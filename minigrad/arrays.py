"""NumPy arrays by PyTorch's rules: which dtype, which dims, which elements."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray
float32, float64, int64 = np.dtype("float32"), np.dtype("float64"), np.dtype("int64")
bool_ = np.dtype("bool")
Dim = int | Sequence[int] | None
VIEWS = {int, slice, type(None), type(...)}
FOLLOWS: dict[str, tuple[type, ...]] = {"f": (int, float), "i": (int,)}  # numbers, by kind of array


def result_type(*values: Any) -> np.dtype:
    """The dtype that values of these dtypes have together: floats before ints before bools.

    Arrays with dims decide; 0-d arrays, and after them numbers, only where theirs is a higher
    kind (PyTorch, "Tensor Attributes", type promotion). A Python float counts as float32.
    """
    dtypes = {value.dtype if isinstance(value, Array) else None for value in values}
    if len(dtypes) == 1 and (dtype := dtypes.pop()):
        return dtype
    ranks: tuple[list[Any], ...] = ([], [], [])
    for value in values:
        if isinstance(value, Array | np.generic):
            ranks[0 if value.ndim else 1].append(value.dtype)
        elif isinstance(value, bool | int | float):
            ranks[2].append({bool: bool_, int: int64}.get(type(value), float32))
        else:
            raise TypeError(f"expected tensors, arrays or numbers, got {type(value).__name__}")
    dtype = bool_
    for rank in ranks:
        highest = max(rank, key=_kind_and_size, default=bool_)
        if rank is ranks[0] or _kind_and_size(highest)[0] > _kind_and_size(dtype)[0]:
            dtype = highest
    return dtype


def _kind_and_size(dtype: np.dtype) -> tuple[int, int]:
    return "bif".index(dtype.kind), dtype.itemsize


def promote(x: Any, y: Any) -> tuple[Any, Any]:
    """x and y in the dtype they have together (see `result_type`)."""
    if type(x) is type(y) is Array and x.dtype is y.dtype:
        return x, y
    if isinstance(x, Array) and type(y) in FOLLOWS.get(x.dtype.kind, ()):
        return x, y  # NumPy, too, lets a Python number follow the array
    if isinstance(y, Array) and type(x) in FOLLOWS.get(y.dtype.kind, ()):
        return x, y
    dtype = result_type(x, y)
    return np.asarray(x, dtype), np.asarray(y, dtype)


def on_cpu(device: Any) -> None:
    """Raise ValueError for a device that is not the CPU."""
    if str(device) != "cpu":
        raise ValueError(f'device {str(device)!r}: minigrad computes on "cpu" only')


def only_floats(x: Array) -> Array:
    """x itself; TypeError if it is not of floats."""
    if x.dtype.kind != "f":
        raise TypeError(f"of {x.dtype}: convert with float() first")
    return x


def one_of_ours(dtype: Any) -> np.dtype:
    """The dtype; TypeError if it is none that tensors have."""
    dtype = np.dtype(dtype)
    if dtype not in (float32, float64, int64, bool_):
        raise TypeError(f"tensors are float32, float64, int64 or bool, not {dtype}: convert first")
    return dtype


def as_float(x: Any) -> Array:
    """x itself if it is a float array, else x in float32."""
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(float32)


def axes(x: Array, dim: Dim) -> tuple[int, ...]:
    """The dims meant by `dim` (None or none: all of them), counted from the front.

    Raises IndexError for a dim that x does not have, ValueError for one named twice.
    """
    ndim = x.ndim if hasattr(x, "ndim") else np.ndim(x)  # a number, or a list
    if type(dim) is tuple and len(dim) == 1:
        (dim,) = dim
    if type(dim) is int and 0 <= (d := dim + ndim if dim < 0 else dim) < ndim:
        return (d,)  # by far the most frequent
    dims = () if dim is None else (dim,) if isinstance(dim, int | np.integer) else tuple(dim)
    if not dims:
        return tuple(range(ndim))
    for d in dims:
        if isinstance(d, bool) or not isinstance(d, int | np.integer):
            raise TypeError(f"a dim is an int, not {d!r}")
        if not -max(ndim, 1) <= d < max(ndim, 1):
            raise IndexError(
                f"dim {d} of shape {np.shape(x)}: there are {ndim} dims, "
                f"so it must lie from {-max(ndim, 1)} to {max(ndim, 1) - 1}"
            )
    dims = tuple(d % max(ndim, 1) for d in dims)
    if len(set(dims)) < len(dims):
        raise ValueError(f"dim {dim} of shape {np.shape(x)}: a dim is named twice")
    return dims if ndim else ()


def axis(x: Array, dim: int) -> int:
    """One dim, counted from the front; IndexError also where there are no dims at all."""
    if not np.ndim(x):
        raise IndexError(f"dim {dim} of a single number: it has no dims")
    return axes(x, dim)[0]


@functools.lru_cache
def inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation of dims that takes this one back."""
    there = [d % len(dims) for d in dims]
    return tuple(map(there.index, range(len(dims))))


def kept(x: Array, dim: Dim) -> tuple[int, ...]:
    """The shape of x with the reduced dims kept, as 1."""
    reduced = axes(x, dim)
    return tuple(1 if d in reduced else n for d, n in enumerate(x.shape))


def size_of(x: Array, dim: Dim) -> int:
    """How many elements lie along the dims."""
    return math.prod([x.shape[d] for d in axes(x, dim)])


def select(condition: Array, x: Any, y: Any) -> Array:
    """x where the condition holds, y elsewhere: np.where, but for floats without a branch.

    Where a condition is as good as random, the processor guesses wrong at each second element;
    to pick bits takes a tenth of the time. Small arrays np.where has done before that counts.
    """
    if condition.size < 1 << 12 or (dtype := np.result_type(x, y)).kind != "f":
        return np.where(condition, x, y)
    x, y, bits = np.asarray(x, dtype), np.asarray(y, dtype), np.dtype(f"i{dtype.itemsize}")
    ones = condition.astype(bits)
    np.negative(ones, ones)  # every bit set where the condition holds
    x, y = x.view(bits), y.view(bits)
    out = ones if x.shape == ones.shape else None
    picked = y ^ ((x ^ y) & ones) if y.ndim or y else np.bitwise_and(x, ones, out)
    return picked.view(dtype)


def add_up(x: Array, over: tuple[int, ...], keepdims: Any = False) -> Array:
    """The sum over dims: of floats over the first or the last of them as a product with ones.

    The BLAS is faster at that. A sum over more than some thousand elements in a row stays
    np.add.reduce's, which adds them up in pairs and so rounds less.
    """
    n, lead = len(over), x.ndim - len(over)
    if x.dtype.kind == "f" and 0 < n < x.ndim and x.size:
        if over == tuple(range(lead, x.ndim)) and (of := math.prod(x.shape[lead:])) <= 1 << 14:
            shape = x.shape[:lead] + (1,) * n if keepdims else x.shape[:lead]
            return x.reshape(-1, of).dot(_ones(of, x.dtype)).reshape(shape)
        if over == tuple(range(n)):
            of = math.prod(x.shape[:n])
            shape = (1,) * n + x.shape[n:] if keepdims else x.shape[n:]
            return _ones(of, x.dtype).dot(x.reshape(of, -1)).reshape(shape)
    return np.add.reduce(x, over, keepdims=keepdims)


def largest(x: Array, over: tuple[int, ...]) -> Array:
    """The largest of the floats over some dims, which are kept as 1; of none it is -inf.

    In a row NumPy is faster to find where it is than to say what it is; in short rows, to go over
    all of them at once, from one element to the next.
    """
    if over == (x.ndim - 1,) and x.size:
        rows = x.reshape(-1, x.shape[-1])
        if rows.shape[1] <= 32:
            most = np.maximum.reduce(rows.T.copy())
        else:
            most = rows[np.arange(len(rows)), rows.argmax(1)]
        return most.reshape(*x.shape[:-1], 1)
    return np.maximum.reduce(x, over, keepdims=True, initial=-np.inf)


@functools.lru_cache(maxsize=64)
def _ones(size: int, dtype: np.dtype) -> Array:
    return np.ones(size, dtype)


def parts(x: Array, over: tuple[int, ...]) -> list[Any]:
    """Indices of parts of x small enough for the cache, for what goes over it more than once.

    x is cut along its first dim; if that one is in `over`, not at all.
    """
    if 0 in over or x.ndim == 0:
        return [...]
    rows = max(1, (1 << 16) * len(x) // max(x.size, 1))
    return [slice(i, i + rows) for i in range(0, len(x), rows)]


def picks_view(index: Any) -> bool:
    """Whether x[index] is a view or a single number: of slices, ints, None and …"""
    return VIEWS.issuperset(map(type, index if isinstance(index, tuple) else (index,)))


def add_at(total: Array, index: Any, x: Array) -> None:
    """total[index] += x, counting an element as often as the index names it."""
    if picks_view(index):
        there = total[index]
        if isinstance(there, Array):
            there += x
        else:
            total[index] = there + x
        return
    ids = isinstance(index, Array) and index.dtype == int64
    if ids and total.ndim == 2 and total.flags.c_contiguous:
        add_rows(total, index.ravel(), x.reshape(-1, total.shape[1]))
    else:
        np.add.at(total, index, x)


def add_rows(total: Array, rows: Array, x: Array) -> None:
    """total[rows] += x, for a matrix whose rows lie one behind the other.

    Each number by itself, for np.add.at is several times as fast with one dim as with more; and
    floats two by two, as the two parts of complex numbers.
    """
    width, x = total.shape[1], x.ravel()
    if x.dtype == total.dtype and total.dtype.kind == "f" and width % 2 == 0:
        pair = np.dtype(f"c{2 * total.itemsize}")
        total, x, width = total.view(pair), x.view(pair), width // 2
    numbers = rows[:, None] % len(total) * width + np.arange(width)
    np.add.at(total.reshape(-1), numbers.ravel(), x)


def open_grid(shape: tuple[int, ...]) -> list[Array]:
    """Indices that name each element of a shape, and broadcast together (np.ogrid, but faster)."""
    return [np.arange(n).reshape(-1, *[1] * (len(shape) - d - 1)) for d, n in enumerate(shape)]


def logits_and_classes(x: Array, target: Array, ignore_index: int) -> tuple[Array, Array, Array]:
    """Logits as (N, C), targets as (N,), and which of them count; raises what is wrong."""
    dim = 1 if x.ndim > 1 else 0
    if not isinstance(ignore_index, int):
        raise TypeError(f"ignore_index is an int, not {ignore_index!r}; there are no class weights")
    if x.dtype.kind != "f" or target.dtype != int64:
        raise TypeError(f"logits must be floats, targets int64, not {x.dtype} and {target.dtype}")
    if target.shape != x.shape[:dim] + x.shape[dim + 1 :]:
        raise ValueError(
            f"logits {x.shape} and targets {target.shape}: without the logits' dim {dim}, "
            f"the {x.shape[dim]} classes, their shapes must be equal"
        )
    logits = (x if x.ndim < 3 else np.moveaxis(x, dim, -1)).reshape(-1, x.shape[dim])
    classes = target.reshape(-1)
    count = classes != ignore_index
    classes = np.where(count, classes, 0)
    bad = outside(classes, x.shape[dim])
    if bad.size:
        raise IndexError(f"target {bad[0]} is none of the {x.shape[dim]} classes from 0")
    return logits, classes, count


def outside(indices: Array, size: int) -> Array:
    """Those of the int64 indices that lie not from 0 to size - 1."""
    return indices[indices.view(np.uint64) >= size]  # unsigned, a negative one is very large


def lock(array: Any) -> None:
    """Make an array, and the memory it is a view of, read-only: a graph counts on it."""
    array.setflags(False)  # the writeable one; much faster so than by its name
    base = array.base
    if base is not None and isinstance(base, Array):
        lock(base)


def sizes(given: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one or as one sequence: view(2, 3) or view((2, 3))."""
    return given if len(given) != 1 or isinstance(given[0], int | np.integer) else tuple(given[0])

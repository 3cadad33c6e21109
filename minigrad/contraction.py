"""Products summed over any dims: einsum and its like, made of permute, reshape and matmul."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import Any

import numpy as np

from . import checks, ops
from .dims import axis, integer
from .dtypes import Array
from .errors import shown
from .graph import Node, value_of
from .ops import cast, matmul, mul, permute, reshape
from .strides import diagonal

LETTERS = ascii_uppercase + ascii_lowercase  # the subscripts 0 … 51 of the form with lists
TERM = re.compile(r"[a-zA-Z]*(\.\.\.)?[a-zA-Z]*")
Labels = list[str]  # a name for each dim: a letter, or a dot and the place within …, from the right


def einsum(equation: Any, *operands: Any) -> Any:
    """The sum of products that an equation names: einsum("ij,jk->ik", x, y) is x @ y.

    A letter names a dim. What is not in the output is summed; … are all dims that have no letter,
    and broadcast. Without `->`, the output has … and then the letters that appear once, in order.
    With lists of ints instead of letters: einsum(x, [0, 1], y, [1, 2], [0, 2]).
    """
    if not isinstance(equation, str):
        equation, operands = _with_letters(equation, *operands)
    elif len(operands) == 1 and isinstance(operands[0], tuple | list):
        operands = tuple(operands[0])
    given, arrow, wanted = equation.replace(" ", "").partition("->")
    terms = given.split(",")
    for x in operands:
        checks.tensors("einsum", operand=x)
    if len(terms) != len(operands):
        raise ValueError(f"einsum: {equation!r} names {len(terms)} operands, not {len(operands)}")
    labels = [_labels(term, x) for term, x in zip(terms, operands, strict=True)]
    output = _output(equation, wanted if arrow else None, labels)
    _check_sizes(equation, operands, labels)
    pairs = [_diagonals(x, names) for x, names in zip(operands, labels, strict=True)]
    total, names = pairs[0]
    for i, (x, of_x) in enumerate(pairs[1:], 2):
        later = {name for _, names in pairs[i:] for name in names}
        total, names = contracted(total, names, x, of_x, {*output, *later})
    total, names = _summed(total, names, output)
    order = tuple(map(names.index, output))
    in_order = order == tuple(range(len(order))) and total is not operands[0]
    return total if in_order else permute(total, dims=order)


def _with_letters(*given: Any) -> tuple[str, tuple[Any, ...]]:
    """An equation and its operands, from operands that are each followed by a list of ints."""
    if not given or not isinstance(given[0], Node | Array):
        raise TypeError(
            f"einsum: give an equation such as 'ij,jk->ik' first, not {shown(given[0])}"
        )
    terms = []
    for several in [*given[1::2], *(given[-1:] if len(given) % 2 else ())]:
        if not isinstance(several, tuple | list):
            raise TypeError(
                f"einsum: after each operand comes a list of ints, not {shown(several)}"
            )
        ints = [i if i is ... else integer(i, "einsum: a subscript") for i in several]
        if any(i is not ... and not 0 <= i < len(LETTERS) for i in ints):
            raise ValueError(f"einsum: subscripts lie from 0 to {len(LETTERS) - 1}: {ints}")
        terms.append("".join(["..." if i is ... else LETTERS[i] for i in ints]))
    output = f"->{terms.pop()}" if len(given) % 2 else ""
    return ",".join(terms) + output, given[: len(terms) * 2 : 2]


def _labels(term: str, x: Any) -> Labels:
    """The labels of an operand's dims."""
    if not TERM.fullmatch(term):
        raise ValueError(f"einsum: {term!r}: subscripts are letters, and '...' at most once")
    before, dots, after = term.partition("...")
    covered = x.ndim - len(before) - len(after)
    if covered < 0 or covered and not dots:
        named = f"it names {len(before) + len(after)} dims"
        raise ValueError(f"einsum: {term!r} for an operand of shape {tuple(x.shape)}: {named}")
    return [*before, *_covered(covered), *after]


def _covered(dims: int) -> Labels:
    return [f".{place}" for place in range(dims, 0, -1)]


def _output(equation: str, wanted: str | None, labels: list[Labels]) -> Labels:
    """The labels of the output: those wanted, or, if that is None, those that appear once."""
    counts = Counter([name for names in labels for name in names])
    covered = _covered(sum(name.startswith(".") for name in counts))
    if wanted is None:
        return covered + sorted(name for name in counts if counts[name] == 1 and name.isalpha())
    if not TERM.fullmatch(wanted):
        raise ValueError(f"einsum: {wanted!r}: subscripts are letters, and '...' at most once")
    before, dots, after = wanted.partition("...")
    output = [*before, *(covered if dots else ()), *after]
    for name, count in Counter(output).items():
        if count > 1 or name not in counts:
            how = "is in the output twice" if count > 1 else "is in the output only"
            raise ValueError(f"einsum: {equation!r}: {name} {how}")
    return output


def _check_sizes(equation: str, operands: Sequence[Any], labels: list[Labels]) -> None:
    """Raise ValueError if two dims of one letter have different sizes, and none of them is 1."""
    sizes: dict[str, int] = {}
    for x, names in zip(operands, labels, strict=True):
        for name, size in zip(names, x.shape, strict=True):
            if sizes.setdefault(name, size) != size and 1 not in (size, sizes[name]):
                both = f"dim {name} has size {sizes[name]} and {size}"
                raise ValueError(f"einsum: {equation!r}: {both}")
            sizes[name] = size if sizes[name] == 1 else sizes[name]


def _diagonals(x: Any, names: Labels) -> tuple[Any, Labels]:
    """An operand in which no label is repeated: of dims with the same label, the diagonal."""
    for name in [name for name in names if names.count(name) > 1]:
        while names.count(name) > 1:
            first = names.index(name)
            second = names.index(name, first + 1)
            if x.shape[first] != x.shape[second]:
                sizes = f"{x.shape[first]} and {x.shape[second]}"
                raise ValueError(f"einsum: {name} is repeated in one operand, with sizes {sizes}")
            x = diagonal(x, 0, first, second)
            names = [n for d, n in enumerate(names) if d not in (first, second)] + [name]
    return x, names


# --- two operands ------------------------------------------------------------------------------


def contracted(
    x: Any, of_x: Labels, y: Any, of_y: Labels, needed: Collection[str]
) -> tuple[Any, Labels]:
    """The product of two tensors, summed over all labels that are not needed; and its labels."""
    sizes, dtype = dict(zip(of_y, y.shape, strict=True)), value_of(x).dtype
    single = {name for name, n in zip(of_x, x.shape, strict=True) if sizes.get(name, n) != n}
    kept = {*of_x, *of_y} - (single - set(needed))  # a dim of 1 that is summed with a longer one
    x, of_x = _summed(x, of_x, kept, dtype)
    y, of_y = _summed(y, of_y, kept, value_of(y).dtype)
    x, of_x = _summed(x, of_x, {*needed, *of_y})
    y, of_y = _summed(y, of_y, {*needed, *of_x})
    both = [name for name in of_x if name in of_y]
    batch, over = [n for n in both if n in needed], [n for n in both if n not in needed]
    rows, columns = ([n for n in names if n not in both] for names in (of_x, of_y))
    if over and (x.dtype != y.dtype or x.dtype.kind == "b"):
        dtypes = f"{x.dtype.name} and {y.dtype.name}"
        raise TypeError(f"einsum: {dtypes}: both must have the same dtype, and not be bool")
    if not over or batch and not rows and not columns:
        x = _ordered(x, of_x, [*batch, *rows, *over], [len(batch) + len(rows)] * len(columns))
        y = _ordered(y, of_y, [*batch, *columns, *over], [len(batch)] * len(rows))
        return _summed(mul(x, y), [*batch, *rows, *columns, *over], needed, dtype)
    n = len(batch)
    left, right = (
        _ordered(x, of_x, [*batch, *rows, *over]),
        _ordered(y, of_y, [*batch, *over, *columns]),
    )
    shape = (*left.shape[n : n + len(rows)], *right.shape[n + len(over) :])
    product = matmul(_joined(left, n, n + len(rows)), _joined(right, n, n + len(over)))
    return _shaped(product, (*product.shape[:n], *shape)), [*batch, *rows, *columns]


def _summed(
    x: Any, names: Labels, kept: Collection[str], dtype: np.dtype | None = None
) -> tuple[Any, Labels]:
    """x summed over the dims whose labels are not kept; ints are cast to the dtype, if given."""
    over = tuple([d for d, name in enumerate(names) if name not in kept])
    x = ops.sum(x, dim=over) if over else x
    if over and dtype is not None and dtype.kind in "iu" and dtype != value_of(x).dtype:
        x = cast(x, dtype=dtype)
    return x, [name for name in names if name in kept]


def _ordered(x: Any, names: Labels, order: Labels, ones: Sequence[int] = ()) -> Any:
    """x with its dims in another order, and with dims of 1 put before some of them."""
    dims = tuple(map(names.index, order))
    x = x if dims == tuple(range(x.ndim)) else permute(x, dims=dims)
    shape = list(x.shape)
    for at in ones:
        shape.insert(at, 1)
    return _shaped(x, tuple(shape))


def _joined(x: Any, start: int, middle: int) -> Any:
    """x as matrices: the dims from start to middle are the rows, those after it the columns."""
    rows, columns = math.prod(x.shape[start:middle]), math.prod(x.shape[middle:])
    return _shaped(x, (*x.shape[:start], rows, columns))


def _shaped(x: Any, shape: tuple[int, ...]) -> Any:
    return x if tuple(x.shape) == shape else reshape(x, shape=shape)


# --- by dims instead of letters ------------------------------------------------------------------


def tensordot(a: Any, b: Any, dims: Any = 2) -> Any:
    """The product of a and b, summed over the last `dims` of a and the first of b.

    dims may also be two lists: the dims of a, and those of b that they are multiplied with.
    """
    checks.tensors("tensordot", a=a, b=b)
    given = value_of(dims)
    if isinstance(given, tuple | list | Array) and len(given) == 2:
        of_a, of_b = (_dims(x, several) for x, several in zip((a, b), given, strict=True))
    else:
        count = checks.whole("tensordot: dims", dims)
        if count > min(a.ndim, b.ndim):
            both = f"{tuple(a.shape)} and {tuple(b.shape)}"
            raise ValueError(f"tensordot: dims {count} of {both}: one of them has fewer")
        of_a, of_b = list(range(a.ndim - count, a.ndim)), list(range(count))
    pairs = [(a.shape[i], b.shape[j]) for i, j in zip(of_a, of_b, strict=False)]
    if len(of_a) != len(of_b) or any(n != m and 1 not in (n, m) for n, m in pairs):
        given = f"dims {of_a} of {tuple(a.shape)} and {of_b} of {tuple(b.shape)}"
        raise ValueError(f"tensordot: {given}: they must be as many, and of the same sizes")
    if a.dtype != b.dtype:
        raise TypeError(
            f"tensordot: {a.dtype.name} and {b.dtype.name}: both must have the same dtype"
        )
    names = [f"a{d}" for d in range(a.ndim)], [f"b{d}" for d in range(b.ndim)]
    for i, j in zip(of_a, of_b, strict=True):
        names[1][j] = names[0][i]
    needed = set(names[0]) ^ set(names[1])
    return contracted(a, names[0], b, names[1], needed)[0]


def _dims(x: Any, dims: Any) -> list[int]:
    """Some dims of x, counted from the front."""
    if not isinstance(dims, tuple | list | Array):
        raise TypeError(f"tensordot: dims is an int, or two lists of ints; got {shown(dims)}")
    return [axis(x, d) for d in dims]


def inner(input: Any, other: Any) -> Any:
    """The product summed over the last dim of both; a number multiplies the other tensor."""
    checks.tensors("inner", input=input, other=other)
    if not input.ndim or not other.ndim:
        return mul(input, other)
    if input.shape[-1] != other.shape[-1]:
        shapes = f"{tuple(input.shape)} and {tuple(other.shape)}"
        raise ValueError(f"inner: {shapes}: the last dims must be equal")
    return tensordot(input, other, ([-1], [-1]))

"""Fast NumPy for neural networks: each docstring opens with the plain NumPy that it equals.

What a kernel buys was measured in the training steps of tests/benchmarks, on one thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..dims import rows
from ..dtypes import Array
from ..kernels import LONG, add_up, product, row_of_ones

BLOCK = 1 << 16  # elements; several arrays of so many fit the processor's cache

# P in x · P(x²), whose tanh is erf(x / √2) to 1e-7 of it; fitted by least squares, reweighted
ERF = (
    7.978846366226e-1, 3.6334348077e-2, -3.39111639e-5, -5.47817632e-5, 3.87306314e-6,
    -1.252571e-7, 1.5672689e-9,
)  # fmt: skip
CUBIC = (math.sqrt(2 / math.pi), math.sqrt(2 / math.pi) * 0.044715)


def blocks(*arrays: Array) -> Iterator[list[Array]]:
    """The arrays flattened, as views of at most BLOCK elements of each, part by part."""
    flat = [array.reshape(-1) for array in arrays]
    for i in range(0, flat[0].size, BLOCK):
        yield [array[i : i + BLOCK] for array in flat]


def by_blocks(function: Callable[[Array, Array], None], x: Array) -> Array:
    """function(x, out), for a function that fills its second argument: the filled array.

    Block by block, each pass finds what it needs in the cache: half the time of `elu`.
    """
    out = np.empty(x.shape, x.dtype)
    for part, to in blocks(x, out):
        function(part, to)
    return out


def gauss(x: Array) -> Array:
    """erf(x / np.sqrt(2))."""
    t = np.empty(x.shape, x.dtype)
    with np.errstate(all="ignore"):
        for y, part in blocks(x, t):
            _gauss(y, part, "none")
    return t


def gelu(x: Array, approximate: str, recorded: bool) -> tuple[Array, Array]:
    """x * p where p = (1 + t) / 2; t: gauss(x), for "tanh" np.tanh(√(2/π) · (x + 0.044715 x³)).

    And its derivative, if it is recorded, which costs less here, while all is in the cache.
    """
    out, slope = np.empty(x.shape, x.dtype), np.empty(x.shape, x.dtype)
    with np.errstate(all="ignore"):
        for y, p, part in blocks(x, slope, out):
            _gauss(y, p, approximate)
            p += 1
            p *= 0.5
            np.multiply(p, y, part)
            if recorded:
                p += _slope(y, p, approximate)
    return out, slope


def _slope(x: Array, p: Array, approximate: str) -> Array:
    """x times the derivative of p in `gelu`."""
    out = x * x
    if approximate == "none":
        out *= -0.5
        np.exp(out, out)
        out *= math.sqrt(0.5 / math.pi)
    else:
        out *= 6 * CUBIC[1]
        out += 2 * CUBIC[0]
        out *= p - p * p  # (1 - t²) / 4
    out *= x
    return out


def _gauss(x: Array, t: Array, approximate: str) -> None:
    """t[...] = erf(x / np.sqrt(2)), or for "tanh" the tanh of `gelu`.

    NumPy has no erf, but a fast tanh, and erf is the tanh of a polynomial. In float32, the error is
    less than PyTorch's, in a third of the time that tables take.
    """
    if approximate == "none" and x.dtype.itemsize > 4:
        from ..error_function import erf

        t[...] = erf(x * math.sqrt(0.5))
        return
    *rest, last = ERF if approximate == "none" else CUBIC
    square = x * x
    np.multiply(square, last, t)
    for coefficient in rest[:0:-1]:
        t += coefficient
        t *= square
    t += rest[0]
    t *= x
    np.tanh(t, t)


# --- rows --------------------------------------------------------------------------------------


def with_row(function: np.ufunc, x: Array, row: Array, out: Array) -> Array:
    """function(x, row, out), for C-contiguous arrays; `row` is as large as the last dims of x.

    NumPy is slow at short rows. Several are taken as one, and `row` as often: for rows of 64, half
    the time.
    """
    if x.size == row.size:
        return function(x, row.reshape(x.shape), out)  # NumPy is slow where shapes differ
    count, several = x.size // max(row.size, 1), 1
    while several * row.size < 512 and count % (2 * several) == 0 and several < count:
        several *= 2
    if several == 1:
        return function(x, row, out)
    shape = (count // several, several * row.size)
    repeated = row.reshape(1, -1).repeat(several, 0).reshape(-1)
    function(x.reshape(shape), repeated, out.reshape(shape))
    return out


def standardized(x: Array, over: tuple[int, ...], eps: float) -> tuple[Array, Array]:
    """(x - m) / s and s, where m is x's mean over some dims, and s = np.sqrt(x.var() + eps) there.

    If the mean is large compared to s, so is its rounding error; if x is very large, its square
    overflows. Then all is computed again with care: a row of equal numbers has to give zeros.
    """
    n = math.prod([x.shape[d] for d in over])
    if n == x.size and (found := _standardized_row(x.reshape(-1), eps)):
        row, s = found
        return row.reshape(x.shape), np.array(s, x.dtype, ndmin=x.ndim)
    try:
        with np.errstate(over="raise", invalid="raise"):
            m = add_up(x, over, True) / n
            y = x - m
            s = np.sqrt(add_up(y * y, over, True) / n + eps)
        if np.logical_and.reduce(np.abs(m) <= 4 * s, None):
            y /= s
            return y, s
    except FloatingPointError:
        pass
    return _standardized_with_care(x, over, n, eps)


def layer_norm_row(x: Array, weight: Array, bias: Array, eps: float) -> Array | None:
    """standardized(x)[0] * weight + bias, for a single row; None where that needs care.

    Flat arrays: NumPy takes three times as long where the numbers of dims differ.
    """
    if not (found := _standardized_row(x.reshape(-1), eps)):
        return None
    row, _ = found
    row *= weight.reshape(-1)
    row += bias.reshape(-1)
    return row.reshape(x.shape)


def _standardized_row(x: Array, eps: float) -> tuple[Array, float] | None:
    """`standardized` of one row; None where that needs care, or the row is long.

    A model that writes word by word has one, and most of the work are NumPy's calls: a third
    of the time.
    """
    if 0 < x.size <= LONG and float(x.dot(x)) < math.inf:  # then nothing below overflows
        m = float(x.dot(row_of_ones(x.size, x.dtype))) / x.size
        y = x - m
        s = math.sqrt(float(y.dot(y)) / x.size + eps)
        if abs(m) <= 4 * s < math.inf:
            y /= s
            return y, s
    return None


def _standardized_with_care(
    x: Array, over: tuple[int, ...], n: int, eps: float
) -> tuple[Array, Array]:
    """`standardized` in units of 2ᵉ in which no number exceeds 1; the mean is subtracted twice."""
    with np.errstate(all="ignore"):
        e = np.clip(np.frexp(np.abs(x).max(over, keepdims=True, initial=0))[1], 0, 1024)
        y = np.ldexp(x, -e)
        y -= add_up(y, over, True) / n
        y -= add_up(y, over, True) / n  # what rounding had left
        deviation = np.ldexp(np.sqrt(add_up(y * y, over, True) / n), e)
        s = np.hypot(deviation, x.dtype.type(eps**0.5))
        return y / np.ldexp(s, -e), s


def layer_norm_gradients(
    g: Array, unit: Array, std: Array, weight: Array
) -> tuple[Array, Array, Array]:
    """(gw - gw.mean(over) - unit * (gw * unit).mean(over)) / std, with gw = g * weight.

    Here `over` are the last dims, those of the weight. The second and third are the gradients of
    the weight and the bias: g * unit and g, summed over the other dims. The means are products
    with the weight, which the BLAS computes in one pass.
    """
    n, w = weight.size, weight.reshape(-1)
    rows = std.size
    g, unit = np.ascontiguousarray(g).reshape(rows, n), unit.reshape(rows, n)
    std = std.reshape(rows, 1)
    products = g * unit
    of_weight, of_bias = add_up(products, (0,)), add_up(g, (0,))
    mean, slope = (x.dot(w)[:, None] for x in (g, products))
    mean /= n
    slope /= n
    gx = with_row(np.multiply, g, w, np.empty_like(g))
    gx -= mean
    gx -= np.multiply(unit, slope, products)
    gx /= std
    return gx, of_weight.reshape(weight.shape), of_bias.reshape(weight.shape)


# --- attention ---------------------------------------------------------------------------------

SCORES = 1 << 17  # as many scores are computed at once
KEPT = 1 << 20  # as many exponentials are kept for the gradients
SURE = (1e-18, 1e30)  # exponentials of scores with a sum in this range are accurate as they are
Index = tuple[Any, ...]
Rows = tuple[Array | None, Array, list[Array]]


def attend(
    query: Array, key: Array, value: Array, mask: Sequence[Array], scale: float, causal: bool
) -> tuple[Array, Rows]:
    """softmax(query @ key.mT * scale, where masked -inf) @ value; and the parts of that softmax.

    These are, per row, the largest score, None where it was not subtracted, and the sum of the
    exponentials; and the exponentials, if they are few. Scores are mostly small, and then the
    largest one need not be looked for, at which NumPy is slow.
    """
    q, k, v, *mask = together(query, key, value, *mask)
    out = np.empty_like(q, shape=(*q.shape[:-1], v.shape[-1]))  # laid out in memory as the query
    total, top, kept = np.empty((*q.shape[:-1], 1), q.dtype), None, []
    few = total.size * k.shape[-2] <= KEPT
    with np.errstate(all="ignore"):
        for at, seen, added in divided(q, k, mask, causal):
            e = _exponentials(q[at] * scale, k[seen], added)
            sums = add_up(e, (e.ndim - 1,), True)
            if not (sums.min() >= SURE[0] and sums.max() <= SURE[1]):
                scores = _scores(q[at] * scale, k[seen], added)
                most = scores.max(-1, keepdims=True, initial=-np.inf)
                most[most == -np.inf] = 0  # all is masked
                top = np.zeros_like(total) if top is None else top
                top[at] = most
                e = _exponentials(q[at] * scale, k[seen], added, most)
                sums = add_up(e, (e.ndim - 1,), True)
                sums[sums == 0] = 1
            if few:
                kept.append(e)
            total[at] = sums
            np.divide(e @ v[seen], sums, out[at])
    return out, (top, total, kept)


def attend_gradients(
    g: Array, out: Array, query: Array, key: Array, value: Array, mask: Sequence[Array],
    scale: float, causal: bool, rows: Rows,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """gs @ key, gs.mT @ query and w.mT @ g, where w is the softmax in `attend`.

    gs = w * (g @ value.mT - (g * out).sum(-1, keepdims=True)) * scale is the gradient of the
    scores. Where the exponentials were not kept, they are computed again.
    """
    q, k, v, *mask = together(query, key, value, *mask)
    gq, gk, gv = np.empty_like(q), np.zeros_like(k), np.zeros_like(v)
    top, total, kept = rows
    with np.errstate(all="ignore"):
        for i, (at, seen, added) in enumerate(divided(q, k, mask, causal)):
            most = None if top is None else top[at]
            e = kept[i] if kept else _exponentials(q[at] * scale, k[seen], added, most)
            arrived = g[at] / total[at]
            first = at[-2].stop == q.shape[-2]  # the queries that see most keys
            _add_product(e.mT, arrived, gv[seen], first)
            gs = arrived @ (v[seen] * scale).mT
            slope = add_up(arrived * out[at], (out.ndim - 1,), True)
            slope *= scale
            gs -= slope
            gs *= e
            _add_product(gs.mT, q[at], gk[seen], first)
            np.matmul(gs, k[seen], gq[at])
    return gq, gk, gv


def _add_product(x: Array, y: Array, total: Array, first: bool) -> None:
    """total += x @ y; if it is the first product, total[...] = x @ y, without a copy."""
    if first:
        np.matmul(x, y, total)
    else:
        total += x @ y


def _exponentials(
    queries: Array, keys: Array, added: Array | None, top: Array | None = None
) -> Array:
    """np.exp(queries @ keys.mT + added - top)."""
    scores = _scores(queries, keys, added)
    if top is not None:
        scores -= top
    return np.exp(scores, scores)


def _scores(queries: Array, keys: Array, added: Array | None) -> Array:
    """queries @ keys.mT, and `added` to those of the last keys."""
    scores = queries @ keys.mT
    if added is not None:
        scores[..., scores.shape[-1] - added.shape[-1] :] += added
    return scores


def together(query: Array, key: Array, value: Array, *mask: Array) -> list[Array]:
    """np.broadcast_arrays, for the dims before the last two; the mask also to (…, L, S)."""
    if query.shape[:-2] == key.shape[:-2] == value.shape[:-2] and not mask:
        return [query, key, value]
    sizes = [x.shape[-2:] for x in (query, key, value)] + [(query.shape[-2], key.shape[-2])]
    given = (query, key, value, *mask)
    batch = np.broadcast_shapes(*[x.shape[:-2] for x in given])
    pairs = zip(given, sizes, strict=False)
    return [np.broadcast_to(x, (*batch, *size)) for x, size in pairs]


def divided(
    q: Array, k: Array, mask: Sequence[Array], causal: bool
) -> Iterator[tuple[Index, Index, Array | None]]:
    """Parts with at most SCORES scores: an index of queries and one of keys, and their mask.

    The mask is what is added to the scores of the last keys, as many as it has: None, or floats
    with -inf where a key is not seen. If it is causal, a part of the queries sees fewer keys;
    the last queries, which see most, come first.
    """
    *batch, queries, keys = *q.shape[:-1], k.shape[-2]
    size = min(queries, max(1, SCORES // max(keys, 1)))
    size = max(1, min(size, max(64, -(-queries // 8))) if causal else size)
    triangle = as_scores(causal_mask(size, size), q.dtype)
    for some in indices(tuple(batch), max(1, SCORES // max(size * keys, 1))):
        for start in reversed(range(0, queries, size)):
            stop = min(start + size, queries)
            at: Index = (*some, ..., slice(start, stop), slice(None))
            added, seen = None, keys
            if causal:
                seen = min(stop, keys)
                added = triangle[: stop - start, : max(seen - start, 0)]
            for m in mask:
                added = as_scores(m[at], q.dtype)
            yield at, (*some, ..., slice(seen), slice(None)), added


def indices(shape: tuple[int, ...], most: int) -> Iterator[tuple[slice, ...]]:
    """Indices that divide an array of this shape into parts of at most `most` elements, or 1."""
    each = math.prod(shape[1:])
    if not shape:
        yield ()
    elif each <= most:
        step = max(1, most // max(each, 1))
        yield from [(slice(i, i + step),) for i in range(0, shape[0], step)]
    else:
        for i in range(shape[0]):
            yield from [(slice(i, i + 1), *rest) for rest in indices(shape[1:], most)]


def rows_times(x: Array, weight: Array) -> Array:
    """rows(x) @ weight.T; one row as a vector, which is faster, also for a bias that is added."""
    if x.size == x.shape[-1] == weight.shape[1] > 1:
        return weight.dot(x.reshape(-1))
    return product(rows(x), weight.T)


def causal_mask(queries: int, keys: int, first: int = 0) -> Array:
    """np.tri(queries, keys, first, bool): True where query first + i may attend to key j."""
    return np.arange(keys) <= np.arange(first, first + queries)[:, None]


def as_scores(mask: Array, dtype: Any) -> Array:
    """np.where(mask, 0, -np.inf) for a mask of bools: numbers to add to scores."""
    return np.where(mask, 0, -np.inf).astype(dtype) if mask.dtype.kind == "b" else mask

"""Recurrent layers through time: one op per layer, the loop over its steps inside.

A batch of sequences is one matrix here, step after step: the first sizes[0] rows are the first step
of every sequence, the next sizes[1] rows the second, and so on. The sequences are sorted, the
longest first: so those that go on are always the first ones, and an ended one keeps its state. This
is the layout of a PackedSequence; without padding, all sizes are equal.

    x     (rows, gates · hidden): W_ih x + b, computed for all steps at once
    h, c  (batch, hidden): the states before the first step; with `reverse`, before the last one

The equations are those in cells.py. Each rule is backpropagation through time (Werbos 1990): from
the last step to the first, with one product per step; the weight's gradient is one product for all
steps. In a rule, dh is the gradient that arrives at h from later steps, and so on.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..dtypes import Array
from ..graph import Saved, op
from ..kernels import product
from ..ops import cat, sigmoid, tanh, where


def steps(sizes: tuple[int, ...], reverse: bool) -> list[slice]:
    """The rows of each step, as slices, in the order in which the layer reads them."""
    ends = np.cumsum(sizes).tolist()
    rows = [slice(end - n, end) for n, end in zip(sizes, ends, strict=True)]
    return rows[::-1] if reverse else rows


def following(new: Any, old: Any) -> Any:
    """The states after a step: those of ended sequences, after the first ones, stay."""
    return new if len(new) == len(old) else cat(new, old[len(new) :])


@functools.lru_cache(maxsize=64)
def last_rows(sizes: tuple[int, ...], reverse: bool) -> Any:
    """The rows after which each sequence is read: (batch,), or a slice if all are equally long."""
    batch = sizes[0]
    if reverse or sizes[-1] == batch:
        return slice(0, batch) if reverse else slice(sum(sizes) - batch, sum(sizes))
    state = np.zeros(batch, np.int64)
    for rows in steps(sizes, reverse):
        state[: rows.stop - rows.start] = np.arange(rows.start, rows.stop)
    return state


@functools.lru_cache(maxsize=64)
def rows_before(sizes, reverse):
    """For each row, the row of cat(first states, states) that has the state before it."""
    batch = sizes[0]
    state, found = np.arange(batch), np.empty(sum(sizes), np.int64)
    for rows in steps(sizes, reverse):
        n = rows.stop - rows.start
        found[rows] = state[:n]
        state[:n] = np.arange(batch + rows.start, batch + rows.stop)
    return found


def before(first, states, sizes, reverse):
    """The state before each step: (batch, hidden), (rows, hidden) to (rows, hidden)."""
    return cat(first, states)[rows_before(sizes, reverse)]


class ByRows:
    """A matrix that a rule computes some rows at a time, from parts side by side.

    On arrays each part is written to its place, on tensors they are concatenated in the end.
    """

    def __init__(self, like):
        self.whole = np.empty(like.shape, like.dtype) if isinstance(like, Array) else None
        self.pieces = {}

    def add(self, rows, *parts):
        """Set some rows, and return them: a matrix of the parts side by side."""
        if self.whole is None:
            self.pieces[rows.start] = cat(*parts, dim=1)
            return self.pieces[rows.start]
        for column, part in zip(columns(self.whole[rows], len(parts)), parts, strict=True):
            column[:] = part
        return self.whole[rows]

    def all(self):
        """The whole matrix."""
        return cat(*[p for _, p in sorted(self.pieces.items())]) if self.pieces else self.whole


def sigmoid_(x):
    """The sigmoid of an array, in place; where e⁻ˣ overflows, it is 0."""
    np.negative(x, x)
    np.exp(x, x)
    x += 1
    np.reciprocal(x, x)


def columns(x, n):
    """A matrix in n equal parts, side by side."""
    size = x.shape[1] // n
    return [x[:, k * size : (k + 1) * size] for k in range(n)]


@op
def rnn_steps(x, h, weight, *, sizes, reverse=False, nonlinearity="tanh"):
    """The states of an Elman network, h = tanh(x + W h), or relu: (rows, hidden)."""
    out = np.empty_like(x)
    for rows in steps(sizes, reverse):
        new = out[rows]
        np.dot(h[: len(new)], weight.T, new)
        new += x[rows]
        np.tanh(new, new) if nonlinearity == "tanh" else np.maximum(new, 0, out=new)
        h = following(new, h)
    return out
@rnn_steps.backward
def _(g, out, x, h, weight, *, sizes, reverse=False, nonlinearity="tanh"):
    dh, dx = np.zeros(h.shape, h.dtype), ByRows(x)
    for rows in reversed(steps(sizes, reverse)):
        new = out[rows]
        dnew = g[rows] + dh[: len(new)]
        dsum = dnew * (1 - new * new) if nonlinearity == "tanh" else where(new > 0, dnew, 0)
        dh = following(product(dx.add(rows, dsum), weight), dh)
    return dx.all(), dh, lambda: product(dx.all().mT, before(h, out, sizes, reverse))


@op
def lstm_steps(x, h, c, weight, *, sizes, reverse=False):
    """The states h and c of an LSTM, stacked: (2, rows, hidden)."""
    hs, cs = out = np.empty((2, len(x), c.shape[1]), x.dtype)
    gates = np.empty_like(x)
    with np.errstate(over="ignore"):
        for rows in steps(sizes, reverse):
            new_h, new_c, sums = hs[rows], cs[rows], gates[rows]
            np.dot(h[: len(sums)], weight.T, sums)
            sums += x[rows]
            i, f, u, o = columns(sums, 4)  # views: in place, the sums become the gates
            candidate = np.tanh(u)
            sigmoid_(sums)  # of all four, because one contiguous block is faster than three parts
            u[:] = candidate
            np.multiply(f, c[: len(sums)], new_c)
            new_c += i * u
            np.multiply(o, np.tanh(new_c), new_h)
            h, c = following(new_h, h), following(new_c, c)
    return Saved(out, {"gates": gates})
@lstm_steps.backward
def _(g, out, x, h, c, weight, *, sizes, reverse=False, gates=None):
    hs, cs = before(h, out[0], sizes, reverse), before(c, out[1], sizes, reverse)
    recorded = gates is None  # the rule is recorded, too: compute the gates again, with history
    gates = x + product(hs, weight.mT) if recorded else gates
    dh, dc, dx = np.zeros(h.shape, h.dtype), np.zeros(c.shape, c.dtype), ByRows(x)
    for rows in reversed(steps(sizes, reverse)):
        i, f, u, o = columns(gates[rows], 4)
        if recorded:
            i, f, u, o = sigmoid(i), sigmoid(f), tanh(u), sigmoid(o)
        tanh_c = tanh(out[1][rows])
        dnew = g[0][rows] + dh[: len(i)]
        dcell = g[1][rows] + dc[: len(i)] + dnew * o * (1 - tanh_c * tanh_c)
        di, df = dcell * u * i * (1 - i), dcell * cs[rows] * f * (1 - f)
        du, do = dcell * i * (1 - u * u), dnew * tanh_c * o * (1 - o)
        sums = dx.add(rows, di, df, du, do)
        dh, dc = following(product(sums, weight), dh), following(dcell * f, dc)
    return dx.all(), dh, dc, lambda: product(dx.all().mT, hs)


@op
def gru_steps(x, h, weight, *bias, sizes, reverse=False):
    """The states of a GRU: (rows, hidden). The bias is that of W h, in the candidate times r."""
    size = h.shape[1]
    out, gates = np.empty((len(x), size), x.dtype), np.empty_like(x)
    candidates = np.empty_like(out)  # the candidate's part of W h
    with np.errstate(over="ignore"):
        for rows in steps(sizes, reverse):
            new, sums = out[rows], gates[rows]
            old = h[: len(new)]
            np.dot(old, weight.T, sums)
            for b in bias:
                sums += b
            candidates[rows] = sums[:, 2 * size :]
            sums += x[rows]
            sigmoid_(sums[:, : 2 * size])
            r, z, n = columns(sums, 3)
            np.tanh(x[rows, 2 * size :] + r * candidates[rows], n)
            np.subtract(old, n, new)
            new *= z
            new += n
            h = following(new, h)
    return Saved(out, {"computed": (gates, candidates)})
@gru_steps.backward
def _(g, out, x, h, weight, *bias, sizes, reverse=False, computed=None):
    hs = before(h, out, sizes, reverse)
    recorded = computed is None  # the rule is recorded, too: compute again, with history
    gates, candidates = (*gru_sums(x, hs, weight, *bias),) if recorded else computed
    dh, dx, dsums = np.zeros(h.shape, h.dtype), ByRows(x), ByRows(x)
    for rows in reversed(steps(sizes, reverse)):
        (r, z, n), y, old = columns(gates[rows], 3), candidates[rows], hs[rows]  # n = tanh(… + r y)
        if recorded:
            r, z = sigmoid(r), sigmoid(z)
            n = tanh(n + r * y)
        dnew = g[rows] + dh[: len(z)]
        dn, dz = dnew * (1 - z) * (1 - n * n), dnew * (old - n) * z * (1 - z)
        dr = dn * y * r * (1 - r)
        dx.add(rows, dr, dz, dn)
        dh = following(product(dsums.add(rows, dr, dz, dn * r), weight) + dnew * z, dh)
    return dx.all(), dh, lambda: product(dsums.all().mT, hs), *[dsums.all()] * len(bias)


def gru_sums(x, hs, weight, *bias):
    """The sums of all steps, those of the candidate without W h; and the candidate's part of it."""
    sums, twice = product(hs, weight.mT), 2 * hs.shape[1]
    for b in bias:
        sums = sums + b
    return cat(x[:, :twice] + sums[:, :twice], x[:, twice:], dim=1), sums[:, twice:]

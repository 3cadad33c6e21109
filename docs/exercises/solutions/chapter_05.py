"""Chapter 5: one solution per exercise, its checks, and its hints."""

import numpy as np

from .. import runs
from ..checking import said

RNG = np.random.default_rng(0)
X, H, C = (RNG.normal(size=n) for n in (2, 3, 3))
W4, U4, B4 = (RNG.normal(size=shape) for shape in ((12, 2), (12, 3), 12))
W3, U3, B3, D3 = (RNG.normal(size=shape) for shape in ((9, 2), (9, 3), 9, 9))

# What a reader's runs look like: settings, and the columns of metrics.csv.
RUNS = {
    "runs/plain": ({"steps": 400, "cell": "rnn"}, {"step": [0, 1], "accuracy": [0.2, 0.6]}),
    "runs/lstm": ({"steps": 400, "cell": "lstm"}, {"step": [0, 1], "accuracy": [0.2, 0.5]}),
}


def sigmoid(x):
    """1 / (1 + e^-x), element by element."""
    return 1 / (1 + np.exp(-x))


def by_hand():
    """The new cell is 0.9 · 1 + 0.5 · 0.8, the hidden state 0.5 · tanh 1.3."""
    return {"c": 1.3, "h": 0.43, "gradient": 0.9}


def check_by_hand(by_hand):
    """The forget gate multiplies the old cell, the input gate the candidate. Add the two.

    The output gate multiplies the tanh of the new cell. The old cell enters the new one once.
    """
    right = {"c": 1.3, "h": 0.43, "gradient": 0.9}
    yield "by_hand()", by_hand(), right, {
        "the input gate multiplies the candidate, so 0.4 is added, not 0.8": right
        | {"c": 1.7, "h": 0.47},
        "h is o times the tanh of the cell, not o times the cell": right | {"h": 0.65},
        "the derivative of f · c + i · g with respect to c is f": right | {"gradient": 1.0},
    }


def lstm(x, h, c, W, U, b):
    """One product for all four parts; the cell is changed by a product and a sum."""
    i, f, g, o = np.split(W @ x + U @ h + b, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def check_lstm(lstm):
    """Compute W @ x + U @ h + b once, and split it into four parts of the same length.

    i, f and o go through a sigmoid, 1 / (1 + e^-x); g goes through tanh.

    The new cell is f · c + i · g, and h is o · tanh(new cell).
    """
    i, f, g, o = np.split(W4 @ X + U4 @ H + B4, 4)
    s, t = sigmoid, np.tanh
    cell = s(f) * C + s(i) * t(g)
    swapped = s(g) * C + s(i) * t(f)  # the order i, g, f, o
    exchanged = s(i) * C + s(f) * t(g)
    found = lstm(X.copy(), H.copy(), C.copy(), W4, U4, B4)
    yield "lstm(x, h, c, W, U, b)", list(found), [s(o) * t(cell), cell], {
        "the order is i, f, g, o": [s(o) * t(swapped), swapped],
        "i and f are exchanged: f multiplies the old cell": [s(o) * t(exchanged), exchanged],
        "return the new cell, not the old one": [s(o) * t(cell), C],
        "h uses the new cell, not the old one": [s(o) * t(C), cell],
        "h is o times the tanh of the cell; the tanh is missing": [s(o) * cell, cell],
        "return h first, then c": [cell, s(o) * t(cell)],
    }


def gru(x, h, W, U, b_W, b_U):
    """A weighted average of the old state and the candidate."""
    x_r, x_z, x_n = np.split(W @ x + b_W, 3)
    h_r, h_z, h_n = np.split(U @ h + b_U, 3)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h


def check_gru(gru):
    """Split W @ x + b_W and U @ h + b_U into three parts each.

    r and z are sigmoids of the sum of two parts. For n, multiply the part of U h + b_U by r first.

    The new state is (1 - z) · n + z · h.
    """
    x_r, x_z, x_n = np.split(W3 @ X + B3, 3)
    h_r, h_z, h_n = np.split(U3 @ H + D3, 3)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    of_paper = np.tanh(x_n + U3[6:] @ (r * H) + D3[6:])
    open_reset = np.tanh(x_n + h_n)
    yield "gru(x, h, W, U, b_W, b_U)", gru(X, H, W3, U3, B3, D3), (1 - z) * n + z * H, {
        "where z is 1 the old state stays; you have it the other way round": z * n + (1 - z) * H,
        "the paper multiplies h by r before U; PyTorch multiplies U h + b":
            (1 - z) * of_paper + z * H,
        "the reset gate is not used": (1 - z) * open_reset + z * H,
        "the order is r, z, n; r and z are exchanged":
            (1 - r) * np.tanh(x_n + z * h_n) + r * H,
    }  # fmt: skip


def kept(forget):
    """A product of all gates after a cell, from the last one backwards."""
    ones = np.ones((1, forget.shape[1]))
    return np.cumprod(np.concatenate([ones, forget[::-1]]), 0)[::-1]


def check_kept(kept):
    """∂c_t/∂c_{t-1} is f_t. Go back from the last cell and multiply, one gate per step.

    np.cumprod multiplies from the front; turn the array around before and after.
    """
    forget = np.array([[0.5, 1.0], [0.9, 0.2], [1.0, 0.5]])
    right = np.array([[0.45, 0.1], [0.9, 0.1], [1.0, 0.5], [1.0, 1.0]])
    forwards = np.cumprod(np.concatenate([np.ones((1, 2)), forget]), 0)
    yield "kept([[0.5, 1], [0.9, 0.2], [1, 0.5]])", kept(forget.copy()), right, {
        "start at the last cell, whose row is 1, and multiply going back": forwards,
        "the last row, for the last cell itself, is missing": right[:-1],
        "turn the rows around at the end: the row of c_0 comes first": right[::-1],
    }


def broken_lstm(x, h, c, W, U, b):
    """The forget gate was computed and never used; 1 - i took its place."""
    i, f, g, o = np.split(W @ x + U @ h + b, 4)
    i, f, o = 1 / (1 + np.exp(-i)), 1 / (1 + np.exp(-f)), 1 / (1 + np.exp(-o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def check_broken_lstm(broken_lstm):
    """Each gate should change the result. Which one is computed, and then never used?

    Look at what multiplies the old cell.
    """
    i, _, g, _ = np.split(W4 @ X + U4 @ H + B4, 4)
    tied = (1 - sigmoid(i)) * C + sigmoid(i) * np.tanh(g)
    open_cell = C + sigmoid(i) * np.tanh(g)
    h, c = lstm(X, H, C, W4, U4, B4)
    found = broken_lstm(X.copy(), H.copy(), C.copy(), W4, U4, B4)
    yield "broken_lstm(x, h, c, W, U, b)[1]", found[1], c, {
        "the old cell is multiplied by 1 - i, and f is not used": tied,
        "now nothing is ever forgotten: the old cell needs its forget gate": open_cell,
    }
    yield "broken_lstm(x, h, c, W, U, b)[0]", found[0], h


def vary_cell():
    """More weights or gates? The experiment `recurrence` compares layers with as many weights."""
    plain, lstm = (runs.last(f"runs/{name}", "accuracy") for name in ("plain", "lstm"))
    return {"plain": plain, "lstm": lstm, "ratio": 4, "why": "c"}


def check_vary_cell(vary_cell):
    """metrics.csv has one row per step, and a column named accuracy. Take the mean of the last 50.

    An LSTM computes four vectors where a plain layer computes one.

    Two things were changed at once, although you changed only one setting.
    """
    found = vary_cell()
    names, varied = ("plain", "lstm"), ("cell",)
    yield from runs.compared("vary_cell()", found, names, "accuracy", varied)
    yield "vary_cell()['ratio']", found["ratio"], 4, {
        "that is a GRU; an LSTM computes i, f, g and o": 3,
    }
    yield said("vary_cell()['why']", found["why"], "c", {
        "a": "one setting differs, but with it the number of weights: both changed",
        "b": "compare your two accuracies, or train a third run with another seed",
    })  # fmt: skip

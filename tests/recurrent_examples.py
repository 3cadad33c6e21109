"""Examples of the ops of nn/recurrence.py, and the same ops step by step in PyTorch."""

import itertools

from minigrad.nn import recurrence  # noqa: F401  # so that the ops are registered

SIZES = [(2, 2, 2), (3, 2, 2, 1), (1,)]  # the batch sizes of the steps


def _examples(gates, states, biases=(0,), **settings):
    """Shapes and settings: hidden size 2, both directions."""
    found, wide = [], 2 * gates
    for sizes, reverse, b in itertools.product(SIZES, (False, True), biases):
        shapes = (sum(sizes), wide), *[(sizes[0], 2)] * states, (wide, 2), *[(wide,)] * b
        found.append((shapes, {"sizes": sizes, "reverse": reverse, **settings}))
    return found


ROWS = {
    "rnn_steps": _examples(1, 1) + _examples(1, 1, nonlinearity="relu"),
    "lstm_steps": _examples(4, 2),
    "gru_steps": _examples(3, 1, biases=(0, 1)),
}


def _through(torch, step, x, states, sizes, reverse):
    """The states after each step: a list of matrices, one per state, in the order of the rows."""
    ends = [sum(sizes[: k + 1]) for k in range(len(sizes))]
    rows = [slice(end - n, end) for n, end in zip(sizes, ends, strict=True)]
    found = {}
    for at in reversed(rows) if reverse else rows:
        n = at.stop - at.start
        new = step(x[at], *[state[:n] for state in states])
        found[at.start] = new
        states = [torch.cat([a, b[n:]]) for a, b in zip(new, states, strict=True)]
    return [torch.cat(several) for several in zip(*[found[k] for k in sorted(found)], strict=True)]


def _rnn(torch, x, h, weight, sizes, reverse, nonlinearity="tanh"):
    f = getattr(torch, nonlinearity)
    return _through(torch, lambda x, h: [f(x + h @ weight.T)], x, [h], sizes, reverse)[0]


def _lstm(torch, x, h, c, weight, sizes, reverse):
    def step(x, h, c):
        i, f, g, o = (x + h @ weight.T).chunk(4, 1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return [o.sigmoid() * c.tanh(), c]

    return torch.stack(_through(torch, step, x, [h, c], sizes, reverse))


def _gru(torch, x, h, weight, *bias, sizes, reverse):
    def step(x, h):
        (x_r, x_z, x_n), (y_r, y_z, y_n) = x.chunk(3, 1), (h @ weight.T + sum(bias)).chunk(3, 1)
        r, z = (x_r + y_r).sigmoid(), (x_z + y_z).sigmoid()
        return [(1 - z) * (x_n + r * y_n).tanh() + z * h]

    return _through(torch, step, x, [h], sizes, reverse)[0]


IN_TORCH = {"rnn_steps": _rnn, "lstm_steps": _lstm, "gru_steps": _gru}

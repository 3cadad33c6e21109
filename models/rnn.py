"""Recurrent layers: one hidden state, carried from word to word.

At each step the new state is computed from the current word and the previous state (Elman 1990):

    h_t = tanh(W_x x_t + W_h h_{t-1} + b)

Two more layers read in the same way and differ in the step alone. They have gates, numbers between
0 and 1 that say how much is kept, so that a state can stay as it is over many words. Their formulas
and the order of their gates are PyTorch's, and `input` and `hidden` hold the weights and biases
that nn.GRU and nn.LSTM call weight_ih_l0, bias_ih_l0, weight_hh_l0 and bias_hh_l0.

What a layer carries on is its state: h, and of an LSTM the pair (h, c).
"""

import minigrad
from minigrad import nn


class RNN(nn.Module):
    """A recurrent layer over time: (batch, time, input_size) to (batch, time, hidden_size).

    W_x and b are `self.input`, W_h is `self.hidden`. nn.RNN has a second bias, layers and a dim for
    them in h, and by default time comes first there.
    """

    GATES = 1  # vectors of hidden_size that `input` and `hidden` compute for a step
    SECOND_BIAS = False  # that of `hidden`
    VECTORS = 1  # of hidden_size in a state

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input = nn.Linear(input_size, self.GATES * hidden_size)
        self.hidden = nn.Linear(hidden_size, self.GATES * hidden_size, bias=self.SECOND_BIAS)

    def forward(self, x, h):
        """All hidden states h_1 … h_T, and the last one.

        x (batch, time, input_size), h (batch, hidden_size): the state before the first word.
        Returns (batch, time, hidden_size) and (batch, hidden_size); of an LSTM two pairs of these.
        """
        x = self.input(x)  # for all words at once: (batch, time, gates · hidden)
        hs = []
        for x_t in x.unbind(1):  # (batch, gates · hidden)
            h = self.step(x_t, h)  # (batch, hidden)
            hs.append(h)
        return stacked(hs), h  # (batch, time, hidden), (batch, hidden)

    def step(self, x_t, h):
        """The state after a word: x_t (batch, gates · hidden) is W_x x_t + b."""
        return minigrad.tanh(x_t + self.hidden(h))  # (batch, hidden)

    @staticmethod
    def state(vector):
        """A vector (batch, VECTORS · hidden_size) as a state."""
        return vector


class GRU(RNN):
    """A gated recurrent unit (Cho et al. 2014, §2.3).

    The reset gate r says how much of the old state the new one sees, the update gate z how much of
    the old state stays. As in PyTorch, r multiplies W h + b instead of h, and z keeps the old state
    where it is 1. The gates are in the order r, z, n.
    """

    GATES, SECOND_BIAS = 3, True

    def step(self, x_t, h):
        """The state after a word: x_t (batch, 3 · hidden) is W_x x_t + b."""
        x_r, x_z, x_n = x_t.chunk(3, -1)  # (batch, hidden) each
        h_r, h_z, h_n = self.hidden(h).chunk(3, -1)  # (batch, hidden) each
        r = minigrad.sigmoid(x_r + h_r)
        z = minigrad.sigmoid(x_z + h_z)
        n = minigrad.tanh(x_n + r * h_n)
        return (1 - z) * n + z * h  # (batch, hidden)


class LSTM(RNN):
    """Long short-term memory (Hochreiter and Schmidhuber 1997).

    The cell c is changed by addition only: the input gate i says how much of the candidate g is
    added to it, the forget gate f how much of it stays (Gers, Schmidhuber and Cummins 2000), the
    output gate o how much of it is seen in h. The gates are in the order i, f, g, o.
    """

    GATES, SECOND_BIAS, VECTORS = 4, True, 2

    def step(self, x_t, state):
        """The state (h, c) after a word: x_t (batch, 4 · hidden) is W_x x_t + b."""
        h, c = state  # (batch, hidden) each
        i, f, g, o = (x_t + self.hidden(h)).chunk(4, -1)  # (batch, hidden) each
        i, f, o = minigrad.sigmoid(i), minigrad.sigmoid(f), minigrad.sigmoid(o)
        c = f * c + i * minigrad.tanh(g)  # (batch, hidden)
        h = o * minigrad.tanh(c)  # (batch, hidden)
        return h, c

    @staticmethod
    def state(vector):
        """A vector (batch, 2 · hidden_size) as a state: the pair (h, c)."""
        return vector.chunk(2, -1)


CELLS = {"rnn": RNN, "gru": GRU, "lstm": LSTM}


def each(function, *states):
    """A state whose tensors are function(…) of those in the same place of the given states.

    A state is a tensor, None, or a tuple of states.
    """
    first = states[0]
    if isinstance(first, tuple):
        return tuple(each(function, *parts) for parts in zip(*states, strict=True))
    return None if first is None else function(*states)


def stacked(states):
    """The states of all words as one, with time as its second dim: (batch, time, hidden)."""
    return each(lambda *hs: minigrad.stack(hs, 1), *states)


def hidden(state):
    """The part h of a state, which is all that others see of it: the first of an LSTM's (h, c)."""
    return state[0] if isinstance(state, tuple) else state

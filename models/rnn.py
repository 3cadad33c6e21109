"""The recurrent layer: one hidden state, carried from word to word.

At each step the new state is computed from the current word and the previous state (Elman 1990):

    h_t = tanh(W_x x_t + W_h h_{t-1} + b)
"""

import minigrad
from minigrad import nn


class RNN(nn.Module):
    """A recurrent layer over time: (batch, time, input_size) to (batch, time, hidden_size).

    W_x and b are `self.input`, W_h is `self.hidden`. nn.RNN has a second bias, layers and a dim for
    them in h, and by default time comes first there.
    """

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.input = nn.Linear(input_size, hidden_size)
        self.hidden = nn.Linear(hidden_size, hidden_size, bias=False)

    def forward(self, x, h):
        """All hidden states h_1 … h_T, and the last one.

        x (batch, time, input_size), h (batch, hidden_size): the state before the first word.
        Returns (batch, time, hidden_size) and (batch, hidden_size).
        """
        x = self.input(x)  # for all words at once: (batch, time, hidden)
        hs = []
        for x_t in x.unbind(1):  # (batch, hidden)
            h = minigrad.tanh(x_t + self.hidden(h))  # (batch, hidden)
            hs.append(h)
        return minigrad.stack(hs, 1), h  # (batch, time, hidden), (batch, hidden)

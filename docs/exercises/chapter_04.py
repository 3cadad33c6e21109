"""Exercises of chapter 4, Remembering.

Replace the last line of each function with your code, repair the one that is broken, then run:
python -m docs.exercises 4
"""

from functools import cache

import numpy as np

import minigrad
from minigrad import nn, optim
from minigrad.nn import functional as F
from models.rnn import RNN


def by_hand():
    """1. On paper: h_t = x_t + w · h_{t-1}, with w = 0.5, h_0 = 0 and x = (1, 2, 3); no tanh.

    Returns {"h": h_3, "x": ∂h_3/∂x_1, "w": ∂h_3/∂w}, three floats. w is a single number, used
    at each of the three steps.
    """
    raise NotImplementedError


def states(x, W_x, W_h, b, h):
    """2. The forward pass of a recurrent network: h_t = tanh(W_x x_t + W_h h_{t-1} + b).

    x (time, input), W_x (hidden, input), W_h (hidden, hidden), b (hidden,), and h (hidden,), the
    hidden state before the first word. Returns the states h_1 … h_T, an array (time, hidden).
    """
    raise NotImplementedError


def back_through(g, W_h, hs):
    """3. Its backward pass: the gradient of each state, if the loss depends only on the last one.

    g (hidden,) is ∂L/∂h_T; W_h (hidden, hidden); hs (T + 1, hidden) holds the states h_0 … h_T.
    Returns ∂L/∂h_0 … ∂L/∂h_T, an array (T + 1, hidden), whose last row is g.
    """
    raise NotImplementedError


def clip(gradients, max_norm):
    """4. Gradient clipping: scale the gradients down if their joint norm is larger than max_norm.

    gradients: a list of arrays of any shapes. Their joint norm is the root of the sum of all
    squares. Returns a list of arrays; the given arrays are not changed.
    """
    raise NotImplementedError


@cache
def recall(gain, time=10, steps=200):
    """Train an RNN to name the first of `time` digits. At the start, W_h is orthogonal, times gain.

    Returns two floats: the reach before training, which is the norm of the gradient of the first
    digit's vectors divided by that of the last digit's, and the loss at the end of training.
    """
    minigrad.manual_seed(1)
    embedding, rnn, output = nn.Embedding(10, 16), RNN(16, 32), nn.Linear(32, 10)
    nn.init.orthogonal_(rnn.hidden.weight, gain)
    optimizer = optim.Adam(nn.ModuleList([embedding, rnn, output]).parameters(), lr=3e-3)
    reach = None
    for _ in range(steps):
        digits = minigrad.randint(0, 10, (64, time))  # (batch, time)
        x = embedding(digits)  # (batch, time, 16)
        x.retain_grad()
        _, h = rnn(x, minigrad.zeros(64, 32))
        loss = F.cross_entropy(output(h), digits[:, 0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        norms = x.grad.square().sum((0, 2)).sqrt()  # (time,)
        reach = reach or (norms[0] / norms[-1]).item()
    return reach, loss.item()


def vanished():
    """5. Train, vary, explain: how the size of W_h at the start decides what is learned.

    Call `recall` with the gains 0.5, 0.7 and 1.0. With one of them, the loss stays at ln 10 = 2.3
    for all 200 steps. Why?
    "a": the gradient of the first digit is multiplied by about the gain at each of nine steps
    "b": its states are close to 0, so the output layer cannot tell one digit from another
    "c": a smaller W_h needs a smaller learning rate, because each step changes more of it

    Returns {"reach": [three floats], "loss": [three floats], "why": "a", "b" or "c"}.
    """
    raise NotImplementedError


def weight_gradient(g, W_h, hs):
    """6. Break it and find it: ∂L/∂W_h for the network of exercise 3, which uses W_h at each step.

    The gradients of the states are right. But after a single step from h_0 = 0, L does not depend
    on W_h at all, and this function says that it does. Find the mistake and repair it.

    g (hidden,) is ∂L/∂h_T; W_h (hidden, hidden); hs (T + 1, hidden) holds the states h_0 … h_T.
    Returns ∂L/∂W_h, an array (hidden, hidden).
    """
    total = np.zeros_like(W_h)
    for t in range(len(hs) - 1, 0, -1):
        before_tanh = (1 - hs[t] ** 2) * g
        total += np.outer(before_tanh, hs[t])
        g = W_h.T @ before_tanh
    return total

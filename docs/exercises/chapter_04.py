"""Exercises of chapter 4, Remembering.

Replace the last line of each function by your code, then run: python -m docs.exercises 4
"""

import numpy as np


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

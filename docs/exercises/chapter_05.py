"""Exercises of chapter 5, Gates.

Replace the last line of each function with your code, repair the one that is broken, then run:
python -m docs.exercises 5
"""

import numpy as np


def by_hand():
    """1. On paper: one step of an LSTM with a single number.

    The gates are i = 0.5, f = 0.9 and o = 0.5, the candidate is g = 0.8, and the old cell is
    c = 1. Returns {"c": the new cell, "h": the new hidden state, "gradient": ∂c_new/∂c}, where h
    is rounded to two decimals. (tanh 1.3 is 0.862.)
    """
    raise NotImplementedError


def lstm(x, h, c, W, U, b):
    """2. A step of the LSTM.

    x (input,), h and c (hidden,), W (4 · hidden, input), U (4 · hidden, hidden), b (4 · hidden,).
    The four parts of W x + U h + b are those of i, f, g and o, in this order.
    Returns the new h and the new c, both (hidden,).
    """
    raise NotImplementedError


def gru(x, h, W, U, b_W, b_U):
    """3. A step of the GRU, as PyTorch computes it.

    x (input,), h (hidden,), W (3 · hidden, input), U (3 · hidden, hidden), b_W and b_U
    (3 · hidden,). The three parts of W x + b_W and of U h + b_U are those of r, z and n, in this
    order; r multiplies the third part of U h + b_U. Where z is 1, the old state stays.
    Returns the new h (hidden,).
    """
    raise NotImplementedError


def kept(forget):
    """4. How much of a gradient comes back from the last cell to each of the cells before it.

    forget: an array (time, hidden), the forget gates f_1 … f_T. Only the path through the cells
    counts. Returns ∂c_T/∂c_0 … ∂c_T/∂c_T, an array (time + 1, hidden); the last row is 1.
    """
    raise NotImplementedError


def broken_lstm(x, h, c, W, U, b):
    """5. Break it and find it: this LSTM learns, but it cannot keep a number and add to it.

    If the forget gate and the input gate are both open, f = i = 1, the new cell should be
    c + tanh(g). Here it is tanh(g). One line is wrong. Arguments and result as in exercise 2.
    """
    i, f, g, o = np.split(W @ x + U @ h + b, 4)
    i, f, o = 1 / (1 + np.exp(-i)), 1 / (1 + np.exp(-f)), 1 / (1 + np.exp(-o))
    c = (1 - i) * c + i * np.tanh(g)
    return o * np.tanh(c), c


def vary_cell():
    """6. Train, vary, explain: the same translator with two kinds of layer.

    Chapter 6 explains the translator; here you only train it. In the folder of the checkout, train
    two runs that differ only in their layer:

        python -m models train seq2seq --steps 400 --cell rnn --out runs/plain
        python -m models train seq2seq --steps 400 --cell lstm --out runs/lstm

    Returns {"plain": …, "lstm": …, "ratio": …, "why": "a", "b" or "c"}: the mean training accuracy
    of the last 50 steps of each run (metrics.csv in its folder), how many times as many weights an
    LSTM layer has as a plain one with the same sizes (a whole number, biases aside), and what the
    two runs tell you about gates:

        a) gates are the reason: the two commands differ in the kind of layer, and in nothing else
        b) nothing about gates: the sentences are short, so both layers learn equally fast
        c) gates may be the reason, or the number of weights, in which the layers differ, too
    """
    raise NotImplementedError

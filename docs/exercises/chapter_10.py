"""Exercises of chapter 10, The Transformer block.

Replace the last line of each function by your code, then run: python -m docs.exercises 10
"""

import numpy as np


def layer_norm(x, gamma, beta, eps=1e-5):
    """1. Layer normalization over the last dim.

    x (…, size); gamma and beta (size,). The variance is the mean of the squared deviations, and
    eps is added to it before the root. Returns an array in the shape of x.
    """
    raise NotImplementedError


def feed_forward(x, W1, b1, W2, b2):
    """2. The feed-forward network, on each word by itself.

    x (words, size), W1 (hidden, size), b1 (hidden,), W2 (size, hidden), b2 (size,).
    Returns an array (words, size): W2 · max(0, W1 x + b1) + b2 of each word.
    """
    raise NotImplementedError


def block(x, norm_1, attention, norm_2, feed_forward):
    """3. A block, with layer norm before each sublayer.

    x (words, size); the other four are functions from (words, size) to (words, size).
    Returns the words after attention and feed-forward, each with its residual connection.
    """
    raise NotImplementedError


def parameters(size, hidden):
    """4. How many parameters a block has, as a formula.

    Attention has four linear layers with biases, from size to size. The feed-forward network has
    two, from size to hidden and back. There are two layer norms. Returns an int.
    """
    raise NotImplementedError


def broken_block(x, norm_1, attention, norm_2, feed_forward):
    """5. Break it and find it: this block learns, but a stack of twelve learns nothing.

    After twelve of them all words of a text have almost the same vector. Arguments and result as
    in exercise 3. One line is wrong.
    """
    h = attention(norm_1(x))
    return h + feed_forward(norm_2(h))


def vary_warmup():
    """6. Train, vary, explain: layer norm after the sum, with and without a warm-up.

    In the root of the project, train two runs of the next chapter's Transformer. They differ only
    in their warm-up:

        python -m models train transformer --norm after --layers 4 --steps 200 \\
            --learning-rate 0.005 --warmup 0 --out runs/cold
        python -m models train transformer --norm after --layers 4 --steps 200 \\
            --learning-rate 0.005 --warmup 100 --out runs/warm

    Returns {"cold": …, "warm": …, "rate": …, "why": "a", "b" or "c"}: the mean training accuracy
    of the last 50 steps of each run (metrics.csv in its folder), the learning rate of the warm run
    at step 50, rounded to four decimals, and why the warm-up helps here:

        a) the run with a warm-up is trained for longer, because its first 100 steps do not count
        b) a smaller learning rate is better in any case, and a warm-up makes it smaller on average
        c) the gradients of the last layers are large at first, too large for the full learning rate
    """
    raise NotImplementedError

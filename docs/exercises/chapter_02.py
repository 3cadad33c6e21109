"""Exercises of chapter 2, The calculus in one file.

Replace the last line of each function with your code, repair the one that is broken, then run:
python -m docs.exercises 2
"""

import numpy as np


def divided(g, out, x, y):
    """1. The rule of out = x / y. Write down δout first.

    g, out, x, y: arrays of the same shape; g is the gradient of `out`. Returns the gradients of x
    and of y, two arrays of that shape.
    """
    raise NotImplementedError


def cumulated(g):
    """2. The rule of a cumulative sum, out = np.cumsum(x): out_i = x_0 + x_1 + … + x_i.

    g: an array (n,), the gradient of `out`. Returns the gradient of x, (n,).
    """
    raise NotImplementedError


def summed_to(g, shape):
    """3. Undo broadcasting: sum g over the dims along which an array of `shape` was repeated.

    g: an array. shape: a tuple that broadcasts to g's shape. Aligned at the last dim, it may lack
    leading dims of g, or have 1 where g has more. Returns an array of that shape.
    """
    raise NotImplementedError


def along(f, x, gradient, direction, nudge=1e-6):
    """4. Check a gradient with only two runs of f, however many elements x has.

    f: takes an array of x's shape, returns a float. gradient: an array of x's shape, to be checked.
    direction: an array of x's shape; all of x is moved along it at once.
    Returns two floats, which are close to each other if the gradient is right: the slope of f
    along the direction, first from two runs of f, then from the gradient alone.
    """
    raise NotImplementedError


X = np.array([-1.0, 0.5, 2.0], np.float32)
TARGET = np.tanh(X / 2)


def loss(w):
    """The mean squared error of tanh(w · X), a float32, as most models use them; 0 at w = 0.5."""
    return np.square(np.tanh(np.float32(w) * X) - TARGET).mean()


def nudged():
    """5. Train, vary, explain: train one parameter without any rule, by finite differences.

    Start with w = 1. 200 times, replace w by w - 0.5 · slope, where the slope of `loss` at w comes
    from a nudge to both sides. Do this with a nudge of 1e-3, and with one of 1e-8.

    With one of them, w is still 1 in the end. Why?
    "a": the loss is as small at w = 1 as at w = 0.5, so its slope there is 0
    "b": the steps are proportional to the nudge, so w needs many more of them to reach 0.5
    "c": w + nudge and w - nudge are rounded to the same float32, so the slope is 0

    Returns {1e-3: the last w, 1e-8: the last w, "why": "a", "b" or "c"}.
    """
    raise NotImplementedError


def tanh_rule(g, out):
    """6. Break it and find it: a rule of tanh that is right only once.

    The gradient is right. But if you go back over the same graph a second time, the result is
    different, and what the model had computed is different, too. Find the mistake and repair it.

    g, out: arrays of the same shape. Returns the gradient of x, an array of that shape.
    """
    out *= out
    return g * (1 - out)

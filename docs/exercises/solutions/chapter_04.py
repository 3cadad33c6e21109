"""Chapter 4: one solution per exercise, its checks, and its hint."""

import numpy as np

from ..chapter_04 import recall
from ..checking import said


def by_hand():
    """h is 1, 2.5, 4.25. ∂h_3/∂x_1 is w², through two steps; ∂h_3/∂w is h_2 + w h_1 + w² h_0."""
    return {"h": 4.25, "x": 0.25, "w": 3.0}


def check_by_hand(by_hand):
    """Write down the three steps, and go back from h_3, whose gradient is 1.

    At each step, the gradient of h_{t-1} is the gradient of h_t times w, and w gets the gradient
    of h_t times h_{t-1}. Add up what w gets from the three steps.
    """
    right = {"h": 4.25, "x": 0.25, "w": 3.0}
    yield "by_hand()", by_hand(), right, {
        "w was used at step 2, too: add its gradient from there": right | {"w": 2.5},
        "the gradient of w from step 2 came back through step 3, which multiplies it by w":
            right | {"w": 3.5},
        "from h_1 to h_3 there are two steps, not three": right | {"x": 0.125},
        "from h_1 to h_3 there are two steps, not one": right | {"x": 0.5},
    }


def states(x, W_x, W_h, b, h):
    """The state of each step is the input h of the next one."""
    hs = []
    for x_t in x:
        h = np.tanh(W_x @ x_t + W_h @ h + b)
        hs.append(h)
    return np.array(hs)


def check_states(states):
    """Loop over the rows of x. Keep each new h, and use it in the next step.

    W_x @ x_t is the product of a matrix and a vector; the result of a step has shape (hidden,).
    """
    rng = np.random.default_rng(0)
    x, W_x, W_h, b, h = (rng.normal(size=shape) for shape in ((3, 2), (4, 2), (4, 4), 4, 4))
    right, turned, stuck, without, before = [h], [h], [], [h], [h]
    for x_t in x:
        right.append(np.tanh(W_x @ x_t + W_h @ right[-1] + b))
        turned.append(np.tanh(W_x @ x_t + W_h.T @ turned[-1] + b))
        without.append(np.tanh(W_x @ x_t + W_h @ without[-1]))
        before.append(W_x @ x_t + W_h @ before[-1] + b)
        stuck.append(np.tanh(W_x @ x_t + W_h @ h + b))
    given = (x.copy(), W_x.copy(), W_h.copy(), b.copy(), h.copy())
    yield "states(x, W_x, W_h, b, h), with 3 words and hidden size 4", states(*given), right[1:], {
        "each step starts from h_0: pass the new state on to the next step": stuck,
        "b is missing": without[1:],
        "the tanh is missing": before[1:],
        "W_h is transposed": turned[1:],
        "leave h_0 out: it is not the state of a word": right,
    }


def back_through(g, W_h, hs):
    """From the last step to the first: times the slopes of tanh, then times W_h transposed."""
    gradients = [g]
    for h in hs[:0:-1]:
        gradients.append(W_h.T @ ((1 - h**2) * gradients[-1]))
    return np.array(gradients[::-1])


def check_back_through(back_through):
    """h_t is tanh of a sum that contains W_h h_{t-1}. So go back through tanh, times 1 - h_t².

    Then go back through the product, times W_h transposed. Do this T times.

    What you find first, g itself, is the last row of the result.
    """
    rng = np.random.default_rng(0)
    W_h, g = rng.normal(size=(3, 3)), np.array([1.0, 0.0, -2.0])
    hs = np.tanh(rng.normal(size=(5, 3)))

    def back(through, slopes=lambda t: 1 - hs[t] ** 2):
        found = [g]
        for t in range(4, 0, -1):
            found.append(through @ (slopes(t) * found[-1]))
        return found[::-1]

    through_first = [g]
    for h in hs[:0:-1]:
        through_first.insert(0, (W_h.T @ through_first[0]) * (1 - h**2))

    found, right = back_through(g.copy(), W_h.copy(), hs.copy()), back(W_h.T)
    yield "back_through(g, W_h, hs), over 4 steps", found, right, {
        "the rows are in the order in which they were computed: h_0 must come first": right[::-1],
        "W_h @ h is the forward pass; the backward pass needs W_h transposed": back(W_h),
        "first the slopes, then W_h transposed; @ and * go from left to right, so use parentheses":
            through_first,
        "the slopes of tanh are missing": back(W_h.T, lambda t: 1.0),
        "the slope of the step that made h_t is 1 - h_t², not 1 - h_{t-1}²":
            back(W_h.T, lambda t: 1 - hs[t - 1] ** 2),
        "the slope of tanh is 1 - h², where h is already tanh":
            back(W_h.T, lambda t: 1 - np.tanh(hs[t]) ** 2),
    }


def clip(gradients, max_norm):
    """One norm and one factor for all gradients, so the direction does not change."""
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * min(1.0, max_norm / norm) for g in gradients]


def check_clip(clip):
    """Sum the squares of all elements of all gradients; the root of this sum is the norm.

    If it is larger than max_norm, multiply all gradients by max_norm / norm.
    """
    one, two = np.array([[2.0], [3.0]]), np.array([0.0, 6.0])
    given = [one.copy(), two.copy()]
    yield "clip([[[2], [3]], [0, 6]], max_norm=1)", clip(given, 1.0), [one / 7, two / 7], {
        "each gradient was scaled by its own norm: use the joint norm":
            [one / 13**0.5, two / 6],
        "the norm is the root of the sum of squares; the root is missing":
            [one / 49, two / 49],
        "the norm is the root of the sum of squares, not the sum of the elements":
            [one / 11, two / 11],
        "each element was clipped at 1, which changes the direction":
            [np.minimum(one, 1), np.minimum(two, 1)],
    }
    yield "the given gradients afterwards", given, [one, two], {
        "they were changed in place": [one / 7, two / 7],
    }
    yield "clip([[[2], [3]], [0, 6]], max_norm=14)", clip(given, 14.0), [one, two], {
        "their norm is smaller than max_norm, so they must not change": [one * 2, two * 2],
    }


def vanished():
    """0.5⁹ is 0.002; the slopes of tanh make it a few ten-thousandths."""
    found = [recall(gain) for gain in (0.5, 0.7, 1.0)]
    return {"reach": [r for r, _ in found], "loss": [loss for _, loss in found], "why": "a"}


def check_vanished(vanished):
    """`recall(0.5)` returns two numbers, the reach and the loss. Collect both for each gain.

    For the question, compare the three reaches with 0.5⁹, 0.7⁹ and 1⁹.
    """
    answers = vanished()
    found = [recall(gain) for gain in (0.5, 0.7, 1.0)]
    reach, losses = [r for r, _ in found], [loss for _, loss in found]
    yield "reach", answers.get("reach"), reach, {
        "these are the losses; the reach is the first of the two numbers": losses,
        "this is in the order 1.0, 0.7, 0.5": reach[::-1],
    }
    yield "loss", answers.get("loss"), losses, {"this is in the order 1.0, 0.7, 0.5": losses[::-1]}
    yield said("why", answers.get("why"), "a", {
        "b": "each state also gets W_x x_t, whatever W_h is; a last digit would be easy to name",
        "c": "with gain 0.5 the loss stays at 2.3; a learning rate that is too large makes it jump",
    })


def weight_gradient(g, W_h, hs):
    """At step t, W_h was multiplied by h_{t-1}, not by h_t."""
    total = np.zeros_like(W_h)
    for t in range(len(hs) - 1, 0, -1):
        before_tanh = (1 - hs[t] ** 2) * g
        total += np.outer(before_tanh, hs[t - 1])
        g = W_h.T @ before_tanh
    return total


def check_weight_gradient(weight_gradient):
    """h_t = tanh(W_h h_{t-1} + …). How does it change if one entry of W_h changes?

    The gradient of a product W_h @ v is an outer product: that of the result, and v.

    Which state was multiplied by W_h at step t?
    """
    rng = np.random.default_rng(0)
    W_h, g = rng.normal(size=(3, 3)), np.array([1.0, 0.0, -2.0])
    hs = np.tanh(rng.normal(size=(5, 3)))

    def gradient(of, steps=4, turned=False):
        total, back = np.zeros((3, 3)), g
        for t in range(4, 4 - steps, -1):
            before_tanh = (1 - hs[t] ** 2) * back
            pair = (before_tanh, hs[of(t)])
            total += np.outer(*(pair[::-1] if turned else pair))
            back = W_h.T @ before_tanh
        return total

    one = np.stack([np.zeros(3), hs[1]])
    yield "weight_gradient(g, W_h, hs), one step from h_0 = 0", weight_gradient(
        g.copy(), W_h.copy(), one.copy()
    ), np.zeros((3, 3))
    right = gradient(lambda t: t - 1)
    yield "weight_gradient(g, W_h, hs), four steps", weight_gradient(
        g.copy(), W_h.copy(), hs.copy()
    ), right, {
        "this is the gradient from the last step alone: add up all four":
            gradient(lambda t: t - 1, steps=1),
        "this is transposed: rows belong to the result, columns to the state that was multiplied":
            gradient(lambda t: t - 1, turned=True),
        "step 1 is missing: it used h_0": gradient(lambda t: t - 1, steps=3),
        "at every step, h_0 is not what was multiplied": gradient(lambda t: 0),
    }

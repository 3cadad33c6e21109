"""Chapter 4: one way to solve its exercises, and what the checker asks."""

import numpy as np


def by_hand():
    """h is 1, 2.5, 4.25. x_1 comes through two steps, w²; to w comes h_2 + w h_1 + w² h_0."""
    return {"h": 4.25, "x": 0.25, "w": 3.0}


def check_by_hand(by_hand):
    """Write the steps one under the other, and go back from h_3, with 1.

    At each step, what came to h_t goes on to h_{t-1} times w, and to w times h_{t-1}. What comes
    to w from the three steps adds up.
    """
    right = {"h": 4.25, "x": 0.25, "w": 3.0}
    yield "by_hand()", by_hand(), right, {
        "w was used at step 2, too, and what comes back from there counts": right | {"w": 2.5},
        "what comes to w from step 2 has come through step 3, times w": right | {"w": 3.5},
        "from h_1 to h_3 there are two steps, not three": right | {"x": 0.125},
        "from h_1 to h_3 there are two steps, not one": right | {"x": 0.5},
    }


def states(x, W_x, W_h, b, h):
    """Each step's state is the next one's h."""
    hs = []
    for x_t in x:
        h = np.tanh(W_x @ x_t + W_h @ h + b)
        hs.append(h)
    return np.array(hs)


def check_states(states):
    """A loop over the rows of x. Keep each new h, and use it at the next step."""
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
    yield "states(x, W_x, W_h, b, h), of 3 words and 4 numbers", states(*given), right[1:], {
        "each step begins with h_0: the new state has to be carried on": stuck,
        "the b is missing": without[1:],
        "the tanh is missing": before[1:],
        "W_h is the wrong way round": turned[1:],
        "h_0 is no state of a word": right,
    }


def back_through(g, W_h, hs):
    """From the last to the first: times the slopes of that step, then through W_h transposed."""
    gradients = [g]
    for h in hs[:0:-1]:
        gradients.append(W_h.T @ ((1 - h**2) * gradients[-1]))
    return np.array(gradients[::-1])


def check_back_through(back_through):
    """h_t is tanh of a sum with W_h h_{t-1} in it. So go back through tanh, times 1 - h_t².

    Then go back through the product, with W_h transposed; and so T times. What is found first
    is the last row of the result.
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

    came, right = back_through(g.copy(), W_h.copy(), hs.copy()), back(W_h.T)
    yield "back_through(g, W_h, hs), over 4 steps", came, right, {
        "the rows are in the order in which they were found: h_0 comes first": right[::-1],
        "W_h @ h goes forwards; back it is W_h transposed": back(W_h),
        "first the slopes, then W_h transposed; @ and * are done from left to right: brackets":
            through_first,
        "the slopes of tanh are missing": back(W_h.T, lambda t: 1.0),
        "the slope of the step that made h_t is 1 - h_t², not 1 - h_{t-1}²":
            back(W_h.T, lambda t: 1 - hs[t - 1] ** 2),
        "the slope of tanh is 1 - h², where h is already tanh":
            back(W_h.T, lambda t: 1 - np.tanh(hs[t]) ** 2),
    }


def clip(gradients, max_norm):
    """One length for all, and one factor: the direction stays."""
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    return [g * min(1.0, max_norm / norm) for g in gradients]


def check_clip(clip):
    """The squares of all numbers of all gradients, added up; the root of that is the length.

    If it is larger than max_norm, all are multiplied by max_norm / length, else by nothing.
    """
    one, two = np.array([[2.0], [3.0]]), np.array([0.0, 6.0])
    given = [one.copy(), two.copy()]
    yield "clip([[[2], [3]], [0, 6]], max_norm=1)", clip(given, 1.0), [one / 7, two / 7], {
        "each was shortened by itself: the length is that of all together":
            [one / 13**0.5, two / 6],
        "the length is the root of the sum of the squares; the root is missing":
            [one / 49, two / 49],
        "the length is the root of the sum of the squares, not the sum": [one / 11, two / 11],
        "each number was cut off at 1, and so the direction is another one":
            [np.minimum(one, 1), np.minimum(two, 1)],
    }
    yield "the gradients that were given, after it", given, [one, two], {
        "they were changed in place": [one / 7, two / 7],
    }
    yield "clip([[[2], [3]], [0, 6]], max_norm=14)", clip(given, 14.0), [one, two], {
        "they are shorter than that, and stay as they are": [one * 2, two * 2],
    }

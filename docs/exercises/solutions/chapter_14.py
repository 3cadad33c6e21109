"""Chapter 14: one solution per exercise, its checks, and its hint."""

import numpy as np

import minigrad
from minigrad.autograd import grad

from ..checking import said


def parts(f, x):
    """One tensor would add up both gradients; two tensors with the same values keep them apart."""
    first, second = (minigrad.tensor(x, requires_grad=True) for _ in range(2))
    one, other = (g.numpy() for g in grad(f(first, second), (first, second)))
    return one, other, one + other


def check_parts(parts):
    """A tensor adds up the gradients of all its uses. What if the two paths led to two tensors?

    Call f on two tensors with the same values, and ask grad for both gradients. Their sum is the
    gradient of the single tensor.
    """

    def f(first, second):
        return (first * first).sum() - 4.0 * second.sum()

    found = parts(f, np.array([2.0, 3.0]))
    yield "parts(f, [2, 3]), f(a, b) = Σ a² - Σ 4b", found, [[4, 6], [-4, -4], [0, 2]], {
        "this is the sum of both, for each path": [[0, 2], [0, 2], [0, 2]],
        "the gradients add up with their signs; this adds their sizes": [[4, 6], [-4, -4], [8, 10]],
        "the two paths are swapped": [[-4, -4], [4, 6], [0, 2]],
    }
    found = parts(lambda a, b: (a * b * b).sum(), np.array([3.0]))
    yield "parts(f, [3]), f(a, b) = a · b²", found, [[9.0], [18.0], [27.0]]


def derivative(f, x, n):
    """Differentiate n times, each time the result of the previous time."""
    x = minigrad.tensor(x, dtype=minigrad.float64, requires_grad=True)
    y = f(x)
    for _ in range(n):
        (y,) = grad(y, x, create_graph=True)
    return y.item()


def check_derivative(derivative):
    """grad(y, x, create_graph=True) returns a derivative that you can differentiate again."""

    def f(x):
        return x * x * x * x

    yield "derivative(x⁴, 3, 0)", derivative(f, 3.0, 0), 81.0
    yield "derivative(x⁴, 3, 1)", derivative(f, 3.0, 1), 108.0, {
        "this is f itself: differentiate once more": 81.0,
    }
    yield "derivative(x⁴, 3, 3)", derivative(f, 3.0, 3), 72.0, {
        "this is the second derivative: differentiate once more": 108.0,
        "this is the fourth derivative: differentiate once less": 24.0,
        "this is the first derivative to the third power": 108.0**3,
    }
    yield "derivative(tanh, 0.5, 3)", derivative(minigrad.tanh, 0.5, 3), -0.565209


def hessian(f, x):
    """Differentiate each element of the gradient."""
    x = minigrad.tensor(x, requires_grad=True)
    (g,) = grad(f(x), x, create_graph=True)
    return np.stack([grad(each, x)[0].numpy() for each in g])


def check_hessian(hessian):
    """First compute the gradient, with create_graph=True. Then differentiate each of its elements.

    In other words: H v, with v = (1, 0, 0), is the first column, and so the first row.
    """

    def f(x):
        return x[0] * x[0] * x[1] + x[1] * x[2] * x[2] + x[0] * x[1] * x[2]

    x = np.array([1.0, 2.0, 3.0])
    table = np.array([[4.0, 5.0, 2.0], [5.0, 0.0, 7.0], [2.0, 7.0, 4.0]])
    what = "hessian(x₀² x₁ + x₁ x₂² + x₀ x₁ x₂, [1, 2, 3])"
    yield what, hessian(f, x), table, {
        "compute the elements off the diagonal, too: how ∂f/∂x_i changes with another x":
            np.diag([4, 0, 4]),
        "this is the sum of its rows: differentiate each element of the gradient separately":
            [11.0, 12.0, 13.0],
        "this is the gradient in every row": [[10.0, 13.0, 14.0]] * 3,
    }


def cut(scores, values, j):
    """The other words share the weight of j; and ∂a/∂s = w (v - a)."""
    left = np.arange(len(scores)) != j
    w = np.exp(scores) / np.exp(scores).sum()
    answer = w @ values
    done = w[left] @ values[left] / w[left].sum()
    return done, answer - w[j] * (values[j] - answer) / (1 - w[j])


def check_cut(cut):
    """A masked word has the weight 0, and the weights of the others add up to 1.

    By the chapter's equation, subtract from the old answer its derivative with respect to the
    score, divided by 1 - w. This derivative is w (v - a); or let minigrad compute it.
    """
    scores, values = np.log([6.0, 3.0, 1.0]), np.array([1.0, 1.0, 5.0])
    what = "scores log 6, log 3, log 1, values 1, 1, 5"
    yield f"cut(…, 0), {what}", cut(scores, values, 0), [2.0, 2.0], {
        "the weights of the others have to add up to 1 again": [0.8, 2.0],
        "differentiate with respect to the score, not the weight": [2.0, 1.4 - 1 / 0.4],
        "divide the derivative by 1 - w": [2.0, 1.64],
        "the sign: subtract the derivative": [2.0, 0.8],
        "a masked score is -inf, not 0, because e to the 0 is 1": [1.8, 2.0],
        "this is the change; return the new answer": [0.6, 0.6],
    }
    yield f"cut(…, 2), {what}", cut(scores, values, 2), [1.0, 1.0], {
        "the weights of the others have to add up to 1 again": [0.9, 1.0],
    }
    more = np.array([0.5, -1.0, 2.0, 0.0]), np.array([1.0, -2.0, 0.5, 3.0])
    right = cut_one(*more, 2)
    yield "cut(…, 2), four words", cut(*more, 2), [right, right]


def cut_one(scores, values, j):
    """The answer from the other words alone."""
    scores, values = np.delete(scores, j), np.delete(values, j)
    return np.exp(scores) @ values / np.exp(scores).sum()


def broken_norm(g):
    """Scaled by the largest number first: no square is too small or too large."""
    most = float(np.max(np.abs(g), initial=0))
    return most * float(np.sqrt(((g / most) ** 2).sum())) if most else 0.0


def check_broken_norm(broken_norm):
    """What is (1e-30)² in float32, whose smallest numbers are about 1e-45?

    Divide by the largest absolute value before you square, and multiply by it at the end.
    """
    tiny, zero = np.array([3e-30, 4e-30], np.float32), np.zeros(2, np.float32)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        yield "broken_norm([3e-30, 4e-30]) · 1e30", broken_norm(tiny) * 1e30, 5.0, {
            "the squares are too small for a float32": 0.0,
        }
        huge = np.array([3e30, 4e30], np.float32)
        yield "broken_norm([3e30, 4e30]) / 1e30", broken_norm(huge) / 1e30, 5.0, {
            "the squares are too large for a float32": np.inf,
        }
        yield "broken_norm([0, 0])", broken_norm(zero), 0.0, {"0 / 0 is nan": np.nan}


def decides(sharpness, words=6, times=1000):
    """The chapter's experiment, in NumPy."""
    rng = np.random.default_rng(0)
    s, v = sharpness * rng.normal(size=(times, words)), rng.normal(size=(times, words))
    exps = np.exp(s - s.max(1, keepdims=True))
    w = exps / exps.sum(1, keepdims=True)
    a = (w * v).sum(1, keepdims=True)
    changes = np.abs(w * (a - v) / (1 - w))
    found = w.argmax(1), np.abs(w * (v - a)).argmax(1)
    return [round(float((by == changes.argmax(1)).mean()), 2) for by in found]


def vary_sharpness():
    """The chapter's function with other arguments."""
    return {"soft": decides(0.5), "sharp": decides(8), "why": "a"}


def check_vary_sharpness(vary_sharpness):
    """Copy `who_decides` from the chapter, and call it with sharpness=0.5 and sharpness=8.

    The formula of a cut has a factor 1 / (1 - w). What becomes of it when w is near 1?
    """
    found = vary_sharpness()
    for name, sharpness in (("soft", 0.5), ("sharp", 8)):
        right = decides(sharpness)
        yield f"vary_sharpness()[{name!r}]", found[name], right, {
            "first by weight, then by gradient": right[::-1],
            "these are percentages; return fractions": [100 * x for x in right],
        }
    yield said("vary_sharpness()['why']", found["why"], "a", {
        "b": "softmax is differentiable everywhere; near 0 and 1 its gradient is small, but exact",
        "c": "the values are the same in both cases",
    })  # fmt: skip

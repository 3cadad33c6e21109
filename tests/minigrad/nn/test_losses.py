"""The losses in nn.functional: beside PyTorch, at special points; and alone."""

import warnings

import numpy as np
import pytest
from agreement import draw
from room_tables import beside, cases, names, ours

import minigrad
from minigrad.autograd import gradcheck
from minigrad.nn import functional as F

inf, nan = float("inf"), float("nan")
X, Y = draw(4, 3), draw(4, 3, seed=1)
P, Q = (np.random.default_rng(seed).uniform(0.1, 0.9, (4, 3)) for seed in (0, 1))
CLASSES, IGNORED = np.array([2, 0, 1, 1]), np.array([2, -100, 1, -100])
IMAGE, PIXELS = draw(2, 3, 2, 2), np.array([[[0, 2], [1, 1]], [[2, 2], [-100, 0]]])
SIGNS, WEIGHT = np.array([1, -1, 1, -1]), np.array([0.5, 2.0, 1.5])
LOGS = np.log(P / P.sum(1, keepdims=True))
SOFT = Q / Q.sum(1, keepdims=True)


def reduced(name, *arrays, **settings):
    """The three reductions of a loss."""
    return [
        (lambda F, *xs, r=r: getattr(F, name)(*xs, reduction=r, **settings), *arrays)
        for r in ("mean", "sum", "none")
    ]


def weighted(name, *arrays, weight=WEIGHT, called="weight", **settings):
    """The three reductions of a loss with weights, which get no gradient."""
    return [
        (
            lambda F, *xs, r=r: getattr(F, name)(
                *xs[:-1], **{called: xs[-1].detach()}, reduction=r, **settings
            ),
            *arrays, weight,
        )
        for r in ("mean", "sum", "none")
    ]  # fmt: skip


PROBABLE = [
    *weighted("cross_entropy", X, CLASSES),
    *weighted("cross_entropy", X, IGNORED),
    *weighted("cross_entropy", X, IGNORED, label_smoothing=0.2),
    *weighted("cross_entropy", IMAGE, PIXELS, label_smoothing=0.2),
    *weighted("cross_entropy", IMAGE, np.exp(IMAGE), label_smoothing=0.2),
    *weighted("cross_entropy", X, SOFT),
    *reduced("cross_entropy", X, SOFT),
    *reduced("cross_entropy", X, SOFT, label_smoothing=0.3),
    *reduced("cross_entropy", X, IGNORED, label_smoothing=0.3),
    *reduced("cross_entropy", X, CLASSES, label_smoothing=0.3, ignore_index=1),
    *reduced("cross_entropy", X[0], SOFT[0]),
    *weighted("cross_entropy", X[0], np.array(2)),
    *weighted("nll_loss", X, IGNORED),
    *weighted("nll_loss", IMAGE, PIXELS),
    *weighted("nll_loss", X[0], np.array(1)),
]
OF_FUNCTIONAL = {"cross_entropy": PROBABLE, "mse_loss": weighted("mse_loss", X, Y, weight=P)}
TABLE = {
    "l1_loss": reduced("l1_loss", X, Y) + weighted("l1_loss", X, Y, weight=P),
    "smooth_l1_loss": [
        *reduced("smooth_l1_loss", X, Y),
        *reduced("smooth_l1_loss", X, Y, beta=0.3),
        *reduced("smooth_l1_loss", X, Y, beta=0),
    ],
    "huber_loss": [
        *reduced("huber_loss", X, Y),
        *reduced("huber_loss", X, Y, delta=0.3),
        *weighted("huber_loss", X, Y, weight=P),
    ],
    "binary_cross_entropy": [
        *reduced("binary_cross_entropy", P, Q),
        *weighted("binary_cross_entropy", P, Q, weight=WEIGHT),
    ],
    "binary_cross_entropy_with_logits": [
        *reduced("binary_cross_entropy_with_logits", X, Q),
        *weighted("binary_cross_entropy_with_logits", X, Q),
        *weighted("binary_cross_entropy_with_logits", X, Q, called="pos_weight"),
    ],
    "kl_div": [
        *[
            (lambda F, x, t, r=r: F.kl_div(x, t, reduction=r), LOGS, SOFT)
            for r in ("batchmean", "sum", "none")
        ],
        *[
            (lambda F, x, t, r=r: F.kl_div(x, t, reduction=r, log_target=True), LOGS, np.log(SOFT))
            for r in ("batchmean", "sum", "none")
        ],
    ],
    "cosine_embedding_loss": [
        *reduced("cosine_embedding_loss", X, Y, SIGNS),
        *reduced("cosine_embedding_loss", X, Y, SIGNS, margin=-0.5),
        *reduced("cosine_embedding_loss", X[0], Y[0], np.array(-1)),
    ],
    "margin_ranking_loss": [
        *reduced("margin_ranking_loss", X[:, 0], Y[:, 0], SIGNS),
        *reduced("margin_ranking_loss", X[:, 0], Y[:, 0], SIGNS, margin=0.5),
    ],
    "hinge_embedding_loss": [
        *reduced("hinge_embedding_loss", X[:, 0], SIGNS),
        *reduced("hinge_embedding_loss", X[:, 0], SIGNS, margin=0.2),
    ],
    "triplet_margin_loss": [
        *reduced("triplet_margin_loss", X, Y, X[::-1].copy()),
        *reduced("triplet_margin_loss", X, Y, X[::-1].copy(), margin=2.0, p=3, swap=True),
    ],
    "soft_margin_loss": reduced("soft_margin_loss", X[:, 0], SIGNS),
    "multi_margin_loss": [
        *reduced("multi_margin_loss", X, CLASSES),
        *reduced("multi_margin_loss", X, CLASSES, p=2, margin=0.5),
        *weighted("multi_margin_loss", X, CLASSES),
        *reduced("multi_margin_loss", X[0], np.array(1)),
    ],
    "multilabel_soft_margin_loss": [
        *reduced("multilabel_soft_margin_loss", X, Q),
        *weighted("multilabel_soft_margin_loss", X, Q),
    ],
    "poisson_nll_loss": [
        *reduced("poisson_nll_loss", X, 5 * Q, full=True),
        *reduced("poisson_nll_loss", P, 5 * Q, log_input=False),
    ],
    "gaussian_nll_loss": [
        *reduced("gaussian_nll_loss", X, Y, Q),
        *reduced("gaussian_nll_loss", X, Y, Q[:, 0], full=True),
        *reduced("gaussian_nll_loss", X, Y, Q[:, :1], eps=0.5),
    ],
}
ALL = TABLE | OF_FUNCTIONAL
ONCE = ("multi_margin_loss",)  # PyTorch has no second derivative


def test_every_name_of_the_room_is_in_the_table():
    assert names(F, "losses") == set(TABLE)


@pytest.mark.parametrize(("name", "i"), cases(ALL))
def test_beside_torch(torch, name, i):
    beside(torch, ALL[name][i], order=1 if name in ONCE else 2)


@pytest.mark.parametrize("name", ALL)
def test_derivatives_against_differences(name):
    function, xs = ours(ALL[name][1])
    if name in (*OF_FUNCTIONAL, "gaussian_nll_loss"):
        xs[2] = xs[2].detach()  # a weight, which gets no gradient, or a variance that is bounded
    assert gradcheck(function, xs)


# --- special points -------------------------------------------------------------------------------

SPECIAL = {
    "all ignored": (
        lambda F, x, t: F.cross_entropy(x, t, label_smoothing=0.1), X, 0 * CLASSES - 100,
    ),
    "weights of 0": (lambda F, x, t, w: F.nll_loss(x, t, w.detach()), X, CLASSES, np.zeros(3)),
    "no examples": (lambda F, x, t: F.cross_entropy(x, t, label_smoothing=0.1), X[:0], CLASSES[:0]),
    "large logits": (
        lambda F, x, t: F.binary_cross_entropy_with_logits(x, t, reduction="none"),
        np.array([0, inf, -inf, nan, 800, -800]), np.array([0.3, 0.3, 1, 1, 0, 0]),
    ),
    "kl of 0": (
        lambda F, x, t: F.kl_div(x, t.detach(), reduction="none"), LOGS[0], np.array([0, 0.5, inf]),
    ),
    "huber of inf": (
        lambda F, x, y: F.huber_loss(x, y, reduction="none"), np.array([0, 1, 2, -1, inf, 1, nan]),
        np.array([0, 0, 0, 0, 0, inf, 0]),
    ),
    "smooth l1 of inf and nan": (
        lambda F, x, y: F.smooth_l1_loss(x, y, reduction="none"), np.array([inf, nan]), np.zeros(2),
    ),
    "hinges at 0": (
        lambda F, x, t: F.hinge_embedding_loss(x, t, reduction="none"),
        np.array([1.0, 0.5, 0, 2]), np.array([-1, -1, 1, 0]),
    ),
    "ranks that are equal": (
        lambda F, x, y, t: F.margin_ranking_loss(x, y, t, reduction="none"),
        np.array([1.0, 0.5]), np.array([1.0, 0.5]), np.array([1, -1]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPECIAL)
@np.errstate(all="ignore")
def test_special_points(torch, name):
    beside(torch, SPECIAL[name], order=1)


def test_probabilities_of_0_and_1(torch):
    p, t = np.array([0.0, 0, 1, 1, 0.5]), np.array([0.0, 1, 0, 1, 0.5])
    beside(
        torch,
        (lambda F, p, t: F.binary_cross_entropy(p, t, reduction="none"), p, t),
        order=1, rtol=1e-7,  # PyTorch bounds the slope by 1e-12 in float32
    )  # fmt: skip


# --- arguments ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
def test_shapes_that_differ_broadcast_with_a_warning(torch, name):
    with pytest.warns(UserWarning, match=rf"{name}.*\(4, 3\).*\(3,\)"):
        getattr(F, name)(minigrad.ones(4, 3), minigrad.ones(3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        beside(torch, (lambda F, x, y: getattr(F, name)(x, y), X, Y[0]))


@pytest.mark.parametrize("size_average", [None, True, False])
@pytest.mark.parametrize("reduce", [None, True, False])
def test_the_older_names_of_reductions(torch, size_average, reduce):
    old = {"size_average": size_average, "reduce": reduce}
    for name, given in [("mse_loss", (X, Y)), ("cross_entropy", (X, CLASSES)), ("l1_loss", (X, Y))]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            beside(torch, (lambda F, x, y, n=name: getattr(F, n)(x, y, **old), *given))
    if size_average is not None or reduce is not None:
        with pytest.warns(UserWarning, match="write reduction="):
            F.mse_loss(minigrad.ones(2), minigrad.ones(2), **old)


def test_kl_div_warns_of_mean(torch):
    with pytest.warns(UserWarning, match="batchmean"):
        F.kl_div(minigrad.tensor(LOGS), minigrad.tensor(SOFT))


@pytest.mark.parametrize("name", [name for name in ALL if name != "kl_div"])
def test_an_unknown_reduction_is_refused(name):
    arrays = ALL[name][0][1 : 3 if name in OF_FUNCTIONAL else None]
    xs = [minigrad.tensor(a) for a in arrays]
    with pytest.raises(ValueError, match='"mean", "sum" or "none", not \'avg\''):
        getattr(F, name)(*xs, reduction="avg")


x = minigrad.ones(2, 3)
MISTAKES = {
    "weight per class": (
        lambda: F.cross_entropy(x, minigrad.tensor([0, 1]), minigrad.ones(2)), ValueError,
        r"\(2,\).*\(3,\)",
    ),
    "weight of another dtype": (
        lambda: F.nll_loss(x, minigrad.tensor([0, 1]), minigrad.ones(3).double()), TypeError,
        "float64.*float32",
    ),
    "label_smoothing": (
        lambda: F.cross_entropy(x, minigrad.tensor([0, 1]), label_smoothing=2.0), ValueError,
        "probability",
    ),
    "bce of logits": (lambda: F.binary_cross_entropy(x * 3, x), RuntimeError, "from 0 to 1, not 3"),
    "bce shapes": (lambda: F.binary_cross_entropy(x, x[0]), ValueError, r"\(2, 3\).*\(3,\)"),
    "huber delta": (lambda: F.huber_loss(x, x, delta=0), ValueError, "positive"),
    "beta": (lambda: F.smooth_l1_loss(x, x, beta=-1), ValueError, "negative"),
    "variance": (lambda: F.gaussian_nll_loss(x, x, -x), ValueError, "negative"),
    "variance's shape": (
        lambda: F.gaussian_nll_loss(x, x, minigrad.ones(4)), ValueError, r"\(4,\).*\(2, 3\)",
    ),
    "margin": (lambda: F.triplet_margin_loss(x, x, x, margin=0), ValueError, "positive"),
    "p": (lambda: F.multi_margin_loss(x, minigrad.tensor([0, 1]), p=3), ValueError, "1 or 2"),
    "ranks": (lambda: F.margin_ranking_loss(x, x, x[0]), RuntimeError, "number of dims"),
    "cosine": (lambda: F.cosine_embedding_loss(x, x, x), RuntimeError, r"\(N, d\) and \(N,\)"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained(name):
    call, error, message = MISTAKES[name]
    with pytest.raises(error, match=message):
        call()


# --- known values ---------------------------------------------------------------------------------


def test_known_values():
    even = minigrad.zeros(1, 4, dtype=minigrad.float64)
    half = minigrad.tensor([0.5], dtype=minigrad.float64)
    for weight in (None, minigrad.tensor([1.0, 2, 3, 4], dtype=minigrad.float64)):
        loss = F.cross_entropy(even, minigrad.tensor([3]), weight)
        assert loss.item() == pytest.approx(np.log(4))
    assert F.cross_entropy(even, even + 0.25).item() == pytest.approx(np.log(4))
    assert F.binary_cross_entropy(half, half * 2).item() == pytest.approx(np.log(2))
    assert F.binary_cross_entropy_with_logits(half * 0, half).item() == pytest.approx(np.log(2))
    assert F.kl_div(half.log(), half, reduction="sum").item() == 0
    assert F.huber_loss(half * 0, half * 6).item() == 2.5


def test_smoothed_classes_are_smoothed_probabilities():
    logits, smooth = minigrad.tensor(X), 0.3
    one_hot = F.one_hot(minigrad.tensor(CLASSES), 3).double()
    spread = one_hot * (1 - smooth) + smooth / 3
    for reduction in ("mean", "sum", "none"):
        by_class = F.cross_entropy(
            logits, minigrad.tensor(CLASSES), label_smoothing=smooth, reduction=reduction
        )
        by_probability = F.cross_entropy(logits, spread, reduction=reduction)
        np.testing.assert_allclose(by_class.value, by_probability.value)

"""nn.functional: values and gradients against PyTorch, statistics, extreme inputs and errors."""

import numpy as np
import pytest
from derivatives import derivatives

import minigrad
from minigrad.nn import functional as F

inf = float("inf")


def draw(*shape, seed=0):
    return np.asarray(np.random.default_rng((seed, *shape)).standard_normal(shape))


def outcome(library, expression, arrays, order):
    """The value of an expression, and the derivatives of a weighted sum of it, up to `order`."""
    floats = [a.dtype.kind == "f" for a in arrays]
    xs = [library.tensor(a, requires_grad=of) for a, of in zip(arrays, floats, strict=True)]
    wanted = [x for x, of in zip(xs, floats, strict=True) if of]
    y = expression(library.nn.functional, *xs)
    found = [y, *derivatives(library, [y], wanted, order)]
    return [y.detach().numpy() for y in found]


def agree(torch, expression, *arrays, order=2, tolerance=1e-10):
    ours = outcome(minigrad, expression, arrays, order)
    theirs = outcome(torch, expression, arrays, order)
    for our, their in zip(ours, theirs, strict=True):
        assert our.dtype == their.dtype
        assert our.shape == their.shape
        np.testing.assert_allclose(our, their, rtol=tolerance, atol=tolerance)


# --- the table -----------------------------------------------------------------------------------

CLASSES = np.array([2, 0, 1, 1])
PIXELS = np.array([[0, 2], [1, 1]])
MASK = np.array([[True, False, True, True], [True, True, False, False], [False, True, False, True]])
Q, K, V = draw(2, 3, 5), draw(2, 4, 5), draw(2, 4, 6)

EXAMPLES = {
    "linear": (lambda F, x, w, b: F.linear(x, w, b), draw(2, 3), draw(4, 3), draw(4)),
    "linear without bias": (lambda F, x, w: F.linear(x, w), draw(2, 3), draw(4, 3)),
    "linear of one": (lambda F, x, w, b: F.linear(x, w, b), draw(3), draw(4, 3), draw(4)),
    "linear of a batch": (lambda F, x, w, b: F.linear(x, w, b), draw(2, 5, 3), draw(4, 3), draw(4)),
    "linear of none": (lambda F, x, w, b: F.linear(x, w, b), draw(0, 3), draw(4, 3), draw(4)),
    "linear to one": (lambda F, x, w: F.linear(x, w), draw(2, 3), draw(3)),
    "dropout of 0": (lambda F, x: F.dropout(x, 0.0), draw(2, 3)),
    "dropout of 1": (lambda F, x: F.dropout(x, 1.0), draw(2, 3)),
    "dropout not in training": (lambda F, x: F.dropout(x, 0.7, training=False), draw(2, 3)),
    "layer_norm": (lambda F, x: F.layer_norm(x, (4,)), draw(2, 3, 4)),
    "layer_norm of dims": (lambda F, x: F.layer_norm(x, [3, 4]), draw(2, 3, 4)),
    "layer_norm with weight": (lambda F, x, w: F.layer_norm(x, (4,), w), draw(2, 4), draw(4)),
    "layer_norm with both": (
        lambda F, x, w, b: F.layer_norm(x, x.shape[1:], w, b, eps=0.1),
        draw(2, 3, 4), draw(3, 4), draw(3, 4, seed=1),
    ),
    "layer_norm with bias": (
        lambda F, x, b: F.layer_norm(x, (4,), bias=b), draw(2, 4), draw(4),
    ),
    "layer_norm of equals": (lambda F, x: F.layer_norm(x, (3,)), np.full((2, 3), 7.0)),
    "softmax": (lambda F, x: F.softmax(x, -1), draw(2, 3)),
    "log_softmax": (lambda F, x: F.log_softmax(x, dim=0), draw(2, 3)),
    "sigmoid, tanh": (lambda F, x: F.sigmoid(x) * F.tanh(x), draw(2, 3)),
    "embedding": (lambda F, i, w: F.embedding(i, w, padding_idx=0), PIXELS, draw(3, 2)),
    "cross_entropy of one": (lambda F, x, t: F.cross_entropy(x, t), draw(3), np.array(1)),
    "nll_loss of one": (lambda F, x, t: F.nll_loss(x, t), draw(3), np.array(1)),
    "mse_loss": (lambda F, x, y: F.mse_loss(x, y), draw(2, 3), draw(2, 3, seed=1)),
    "mse_loss sum": (
        lambda F, x, y: F.mse_loss(x, y, reduction="sum"), draw(2, 3), draw(2, 3, seed=1),
    ),
    "mse_loss none": (
        lambda F, x, y: F.mse_loss(x, y, reduction="none"), draw(2, 3), draw(2, 3, seed=1),
    ),
    **{
        f"{name} {reduction} of {x.shape}, ignoring {ignore}": (
            lambda F, x, t, name=name, r=reduction, i=ignore: getattr(F, name)(
                x, t, ignore_index=i, reduction=r
            ),
            x, target,
        )
        for name in ("cross_entropy", "nll_loss")
        for reduction in ("mean", "sum", "none")
        for x, target in [(draw(4, 3), CLASSES), (draw(2, 3, 2), PIXELS)]
        for ignore in (-100, 1)
    },
    **{
        f"attention, {name}": (
            lambda F, q, k, v, *mask,
            s=settings: F.scaled_dot_product_attention(q, k, v, *mask, **s),
            Q, K, V, *mask,
        )
        for name, mask, settings in [
            ("plain", (), {}),
            ("scaled", (), {"scale": 0.3}),
            ("causal", (), {"is_causal": True}),
            ("bool mask", (MASK,), {}),
            ("bool mask per batch", (np.stack([MASK, ~MASK]),), {}),
            ("float mask", (draw(3, 4),), {}),
            ("float mask, scaled", (draw(2, 1, 4),), {"scale": 2.0}),
        ]
    },
    "attention of one": (
        lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v), Q[0], K[0], V[0],
    ),
    "attention with heads": (
        lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
        draw(2, 2, 3, 4), draw(2, 2, 3, 4, seed=1), draw(2, 2, 3, 4, seed=2),
    ),
}  # fmt: skip


# PyTorch has no second derivative for these; test_ops checks the ops they are made of.
ONCE = ("layer_norm with bias", "attention with heads")


@pytest.mark.parametrize("case", EXAMPLES)
def test_against_torch(torch, case):
    agree(torch, *EXAMPLES[case], order=1 if case in ONCE else 2)


@pytest.mark.parametrize("case", EXAMPLES)
def test_against_torch_in_float32(torch, case):
    expression, *arrays = EXAMPLES[case]
    arrays = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays]
    # equal values have variance 0, and 1/√eps makes the rounding errors large
    agree(torch, expression, *arrays, order=1, tolerance=1e-3 if "equals" in case else 2e-5)


@pytest.mark.parametrize("name", F.__all__)
def test_every_name_is_in_pytorch(torch, name):
    assert callable(getattr(torch.nn.functional, name))


@pytest.mark.parametrize(
    ("classes", "target"), [(-1, [[0, 2], [1, 1]]), (4, [[0, 2], [1, 1]]), (3, 2), (-1, 1), (3, [])]
)
def test_one_hot_against_torch(torch, classes, target):
    ours, theirs = (
        library.nn.functional.one_hot(library.tensor(target, dtype=library.int64), classes)
        for library in (minigrad, torch)
    )
    assert ours.shape == tuple(theirs.shape)
    assert ours.tolist() == theirs.tolist()
    assert ours.dtype == minigrad.int64


# --- dropout -------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_dropout_drops_a_fraction_and_scales_the_rest(p):
    x = minigrad.full((200, 100), 3.0, requires_grad=True)
    y = F.dropout(x, p)
    dropped = y.value == 0
    assert dropped.mean() == pytest.approx(p, abs=0.015)
    np.testing.assert_allclose(y.value[~dropped], 3 / (1 - p), rtol=1e-6)
    assert y.value.mean() == pytest.approx(3, abs=0.1)
    assert y.dtype == minigrad.float32
    y.sum().backward()
    np.testing.assert_allclose(x.grad.value, np.where(dropped, 0, 1 / (1 - p)), rtol=1e-6)
    assert (F.dropout(x, p).value != y.value).any()


def test_dropout_of_ints_is_refused():
    with pytest.raises(TypeError, match="int64"):
        F.dropout(minigrad.tensor([1, 2, 3]), 0.3)


# --- losses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("ignore_index", [-100, 1])
def test_cross_entropy_is_nll_of_log_softmax(reduction, ignore_index):
    results = []
    for loss in (
        lambda x, t, **how: F.cross_entropy(x, t, **how),
        lambda x, t, **how: F.nll_loss(F.log_softmax(x, dim=1), t, **how),
    ):
        x = minigrad.tensor(draw(4, 3), requires_grad=True)
        cost = loss(x, minigrad.tensor(CLASSES), ignore_index=ignore_index, reduction=reduction)
        cost.sum().backward()
        results.append((cost.value, x.grad.value))
    np.testing.assert_allclose(results[0][0], results[1][0], rtol=1e-12)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e4, -1e4, 1e30])
def test_extreme_logits_stay_finite(torch, dtype, scale):
    logits = (np.array([[1, -1, 0], [-1, 1, 1], [0, 0, 0]]) * scale).astype(dtype)
    target = np.array([0, 0, 2])
    agree(torch, lambda F, x, t: F.cross_entropy(x, t), logits, target, order=1, tolerance=1e-6)
    agree(torch, lambda F, x: F.softmax(x, 1), logits, order=1, tolerance=1e-6)
    agree(torch, lambda F, x: F.log_softmax(x, 1), logits, order=1, tolerance=1e-6)
    x = minigrad.tensor(logits, requires_grad=True)
    F.cross_entropy(x, minigrad.tensor(target)).backward()
    assert np.isfinite(x.grad.value).all()


def test_numpys_errors_do_not_stop_a_loss():
    x = minigrad.tensor([[1000.0, -1000.0], [3.0, -200.0]], requires_grad=True)
    with np.errstate(all="raise"):
        F.cross_entropy(x, minigrad.tensor([0, 0])).backward()
    np.testing.assert_array_equal(x.grad.value, 0)


def test_an_impossible_class_has_an_infinite_loss(torch):
    logits = np.array([[0.0, -inf, 1.0]])
    agree(torch, lambda F, x, t: F.cross_entropy(x, t), logits, np.array([0]), order=1)
    assert F.cross_entropy(minigrad.tensor(logits), minigrad.tensor([1])).item() == inf


def test_the_mean_over_no_target_is_nan(torch):
    nothing = np.full(4, -100)
    for loss in ("cross_entropy", "nll_loss"):
        agree(torch, lambda F, x, t, f=loss: getattr(F, f)(x, t), draw(4, 3), nothing, order=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 2), (3,), (0, 3), (4, 1)])
@pytest.mark.parametrize("loss", ["cross_entropy", "nll_loss"])
def test_with_every_target_ignored_there_is_no_gradient(torch, loss, shape, reduction, dtype):
    """The mean over nothing is NaN, and its gradient 0: such a batch does not end a training."""
    target = np.full(shape[:1] + shape[2:] if len(shape) > 1 else (), -100)
    logits = np.asarray(draw(*shape), dtype)

    def expression(F, x, t):
        return getattr(F, loss)(x, t, reduction=reduction)

    agree(torch, expression, logits, target, order=2, tolerance=1e-6)
    for create_graph in (False, True):
        x = minigrad.tensor(logits, requires_grad=True)
        y = expression(F, x, minigrad.tensor(target))
        y.backward(minigrad.ones(y.shape, dtype=y.dtype), create_graph=create_graph)
        np.testing.assert_array_equal(x.grad.value, 0)


@pytest.mark.parametrize("g", [inf, -inf, inf - inf])
@pytest.mark.parametrize("loss", ["cross_entropy", "nll_loss"])
def test_an_ignored_target_gets_no_gradient_from_what_is_not_finite(torch, loss, g):
    for target in ([1, -100, 0, -100], [-100] * 4):
        agree(
            torch, lambda F, x, t: getattr(F, loss)(x, t) * g, draw(4, 3), np.array(target), order=1
        )


def test_ignored_targets_get_no_gradient():
    x = minigrad.tensor(draw(4, 3), requires_grad=True)
    F.cross_entropy(x, minigrad.tensor([2, -100, 1, -100])).backward()
    assert (x.grad.value[[1, 3]] == 0).all()
    assert (x.grad.value[[0, 2]] != 0).all()


# --- errors --------------------------------------------------------------------------------------

ERRORS = {
    "linear": (lambda x: F.linear(x, minigrad.ones(2, 2)), ValueError, r"\(2, 3\) @ \(2, 2\)"),
    "linear of a number": (
        lambda x: F.linear(x[0, 0], minigrad.ones(2, 3)), ValueError, "needs at least one dim",
    ),
    "linear weight": (
        lambda x: F.linear(x, minigrad.ones(2, 2, 3)), ValueError, r"weight of shape \(2, 2, 3\)",
    ),
    "linear bias": (
        lambda x: F.linear(x, minigrad.ones(4, 3), minigrad.ones(3)), ValueError,
        r"bias of shape \(3,\) for 4 outputs",
    ),
    "dropout": (lambda x: F.dropout(x, 1.5), ValueError, "from 0 to 1, not 1.5"),
    "dropout below 0": (lambda x: F.dropout(x, -0.1), ValueError, "from 0 to 1, not -0.1"),
    "layer_norm": (lambda x: F.layer_norm(x, (2,)), ValueError, r"\(2, 3\) are not \(2,\)"),
    "layer_norm of more": (lambda x: F.layer_norm(x, (1, 2, 3)), ValueError, r"\(1, 2, 3\)"),
    "layer_norm of nothing": (lambda x: F.layer_norm(x, ()), ValueError, r"are not \(\)"),
    "layer_norm weight": (
        lambda x: F.layer_norm(x, (3,), minigrad.ones(1)), ValueError, r"weight.*\(1,\).*\(3,\)",
    ),
    "one_hot": (
        lambda x: F.one_hot(minigrad.tensor([0, 2]), 2), (IndexError, ValueError), "from 0 to 1",
    ),
    "one_hot of -1": (lambda x: F.one_hot(minigrad.tensor([-1, 3])), (IndexError, ValueError),
        "from 0"),
    "one_hot of floats": (lambda x: F.one_hot(x), TypeError, "int64, not float32"),
    "cross_entropy class": (
        lambda x: F.cross_entropy(x, minigrad.tensor([0, 3])), IndexError, "target 3 .* 3 classes",
    ),
    "cross_entropy of -1": (
        lambda x: F.cross_entropy(x, minigrad.tensor([0, -1])), IndexError,
        "target -1 .* 3 classes",
    ),
    "cross_entropy shapes": (
        lambda x: F.cross_entropy(x, minigrad.tensor([0, 1, 2])), ValueError, r"\(2, 3\).*\(3,\)",
    ),
    "cross_entropy of ints": (
        lambda x: F.cross_entropy(x.long(), minigrad.tensor([0, 1])), TypeError, "floats.*int64",
    ),
    "cross_entropy reduction": (
        lambda x: F.cross_entropy(x, minigrad.tensor([0, 1]), reduction="avg"), ValueError, "'avg'",
    ),
    "nll_loss class": (
        lambda x: F.nll_loss(x, minigrad.tensor([0, 3])), IndexError, "3|from 0 to 2",
    ),
    "nll_loss shapes": (
        lambda x: F.nll_loss(x, minigrad.tensor([0, 1, 2])), ValueError, r"\(2, 3\)",
    ),
    "nll_loss with fewer targets": (
        lambda x: F.nll_loss(x, minigrad.tensor([0])), ValueError, r"\(2, 3\)",
    ),
    "nll_loss reduction": (
        lambda x: F.nll_loss(x, minigrad.tensor([0, 1]), reduction="avg"), ValueError, "'avg'",
    ),
    "mse_loss weight": (lambda x: F.mse_loss(x, x, weight=x[0]), ValueError, r"\(3,\).*\(2, 3\)"),
    "mse_loss reduction": (lambda x: F.mse_loss(x, x, reduction="avg"), ValueError, "'avg'"),
    "attention": (
        lambda x: F.scaled_dot_product_attention(x, minigrad.ones(2, 2), x), ValueError,
        r"\(2, 3\) @ \(2, 2\)",
    ),
    "attention, both masks": (
        lambda x: F.scaled_dot_product_attention(x, x, x, minigrad.ones(2, 2), is_causal=True),
        ValueError, "attn_mask or is_causal, not both",
    ),
    "attention, mask of ints": (
        lambda x: F.scaled_dot_product_attention(x, x, x, minigrad.tensor([1, 0])), TypeError,
        "int64",
    ),
    "attention, mask of another shape": (
        lambda x: F.scaled_dot_product_attention(x, x, x, minigrad.ones(3, 2)), ValueError,
        r"\(2, 2\) and \(3, 2\)",
    ),
    "embedding": (lambda x: F.embedding(minigrad.tensor([2]), x), IndexError,
        "word id 2 .* 2 rows"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_what_is_wrong(case):
    expression, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        expression(minigrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True))

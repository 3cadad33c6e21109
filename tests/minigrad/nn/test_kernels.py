"""The kernels of neural networks agree with the plain NumPy that they replace."""

import math
import tracemalloc

import numpy as np
import pytest

import minigrad
from minigrad.nn import functional as F
from minigrad.nn import kernels

erf = np.vectorize(math.erf, otypes=[np.float64])


def numbers(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


# --- GELU --------------------------------------------------------------------------------------

X = np.concatenate([np.linspace(-9, 9, 30_001), [0, 1e30, -1e30, 1e-30]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gauss_is_erf(dtype):
    found, exact = kernels.gauss(X.astype(dtype)), erf(X.astype(dtype) / np.sqrt(2))
    np.testing.assert_allclose(found, exact, rtol=2 * np.finfo(dtype).eps, atol=0)
    edges = kernels.gauss(np.array([np.inf, -np.inf, np.nan, -0.0], dtype))
    np.testing.assert_array_equal(edges, [1, -1, np.nan, 0])
    assert np.signbit(edges[3])


def exactly(x, approximate):
    """GELU and its slope, in more digits."""
    x = x.astype(np.longdouble)
    if approximate == "none":
        t, slope = erf((x / np.sqrt(2)).astype(float)), np.exp(-x * x / 2) * np.sqrt(2 / np.pi)
    else:
        t = np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))
        slope = (1 - t * t) * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * x * x)
    return x * (1 + t) / 2, (1 + t + x * slope) / 2


@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gelu_is_its_formula_and_no_less_accurate_than_torch(torch, dtype, approximate):
    x = X[np.abs(X) < 10].astype(dtype)
    exact = exactly(x, approximate)
    errors = []
    for library in (minigrad, torch):
        leaf = library.tensor(x, requires_grad=True)
        out = library.nn.functional.gelu(leaf, approximate=approximate)
        out.sum().backward()
        found = [y.detach().numpy() for y in (out, leaf.grad)]
        errors.append([abs(y - e).max() for y, e in zip(found, exact, strict=True)])
    for our, their in zip(*errors, strict=True):
        assert our <= 2 * their + np.finfo(dtype).eps


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_of_blocks_is_gelu_of_each_element(monkeypatch, approximate):
    monkeypatch.setattr(kernels, "BLOCK", 7)
    x = minigrad.tensor(numbers(4, 5).T.copy(), requires_grad=True)
    F.gelu(x, approximate).sum().backward()
    for found, exact in ((F.gelu(x, approximate), 0), (x.grad, 1)):
        plain = exactly(x.value, approximate)[exact].astype(float)
        np.testing.assert_allclose(found.value, plain, rtol=1e-12)


def test_gelu_says_what_is_wrong():
    with pytest.raises(ValueError, match="'cubic'"):
        F.gelu(minigrad.ones(2), approximate="cubic")
    with pytest.raises(TypeError, match="int64"):
        F.gelu(minigrad.tensor([1, 2]))


# --- rows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(64, 3), (6, 700), (7, 5), (1, 4), (0, 3), (3, 0), (8, 2, 2)])
def test_with_row_broadcasts(shape):
    x, row = numbers(*shape), numbers(*shape[1:], seed=1)
    for function in (np.add, np.multiply):
        found = kernels.with_row(function, x, row, np.empty_like(x))
        np.testing.assert_array_equal(found, function(x, row))


def test_layer_norm_gradients_are_their_formulas():
    g, unit, std, weight = numbers(6, 4), numbers(6, 4, seed=1), numbers(6, 1) ** 2, numbers(4)
    gw = g * weight
    gx = gw - gw.mean(1, keepdims=True) - unit * (gw * unit).mean(1, keepdims=True)
    plain = gx / std, (g * unit).sum(0), g.sum(0)
    before = [x.copy() for x in (g, unit, std, weight)]
    for y, p in zip(kernels.layer_norm_gradients(g, unit, std, weight), plain, strict=True):
        np.testing.assert_allclose(y, p, rtol=1e-12)
    for x, same in zip((g, unit, std, weight), before, strict=True):
        np.testing.assert_array_equal(x, same)


# --- attention ---------------------------------------------------------------------------------


def attention(q, k, v, causal, mask=None):
    """In plain NumPy."""
    scores = 0.5 * q @ np.swapaxes(k, -1, -2)
    if causal:
        scores = np.where(np.tri(*scores.shape[-2:]) > 0, scores, -np.inf)
    scores = scores if mask is None else scores + mask
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True) @ v


@pytest.mark.parametrize("kept", [0, 1 << 20])
@pytest.mark.parametrize("size", [1, 20, 60, 1000])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("large", [1, 100])
def test_attention_by_parts_is_attention(monkeypatch, kept, size, causal, large):
    """However it is divided, and also where exponentials would overflow."""
    q, k, v = large * numbers(2, 3, 6, 4), numbers(2, 3, 7, 4, seed=1), numbers(2, 3, 7, 5, seed=2)
    g = numbers(2, 3, 6, 5, seed=3)
    whole, softmaxed = kernels.attend(q, k, v, (), 0.5, causal)
    gradients = kernels.attend_gradients(g, whole, q, k, v, (), 0.5, causal, softmaxed)
    np.testing.assert_allclose(whole, attention(q, k, v, causal), rtol=1e-10)
    monkeypatch.setattr(kernels, "SCORES", size)
    monkeypatch.setattr(kernels, "KEPT", kept)
    out, softmaxed = kernels.attend(q, k, v, (), 0.5, causal)
    np.testing.assert_allclose(out, whole, rtol=1e-12)
    parts = kernels.attend_gradients(g, out, q, k, v, (), 0.5, causal, softmaxed)
    for y, p in zip(parts, gradients, strict=True):
        np.testing.assert_allclose(y, p, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("lengths", [(150, 150), (150, 70), (70, 150), (64, 64), (700, 700)])
def test_causal_parts_see_fewer_keys(lengths):
    """The first queries are computed with the first keys alone, and no key is left out."""
    queries, keys = lengths
    q, k, v = numbers(2, queries, 4), numbers(2, keys, 4, seed=1), numbers(2, keys, 3, seed=2)
    g, causal = numbers(2, queries, 3, seed=3), np.tri(queries, keys, dtype=bool)
    out, rows = kernels.attend(q, k, v, (), 0.5, True)
    masked, masked_rows = kernels.attend(q, k, v, (causal,), 0.5, False)
    np.testing.assert_allclose(out, masked, rtol=1e-10)
    np.testing.assert_allclose(out, attention(q, k, v, True), rtol=1e-10)
    parts = kernels.attend_gradients(g, out, q, k, v, (), 0.5, True, rows)
    whole = kernels.attend_gradients(g, masked, q, k, v, (causal,), 0.5, False, masked_rows)
    for y, p in zip(parts, whole, strict=True):
        np.testing.assert_allclose(y, p, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", [(6, 7), (7,), (3, 1, 7), (2, 1, 6, 1), (2, 3, 6, 7)])
@pytest.mark.parametrize("size", [5, 1000])
def test_a_mask_broadcasts_also_by_parts(monkeypatch, shape, size):
    monkeypatch.setattr(kernels, "SCORES", size)
    q, k, v = numbers(2, 3, 6, 4), numbers(3, 7, 4, seed=1), numbers(7, 5, seed=2)
    mask = numbers(*shape, seed=3)
    out, _ = kernels.attend(q, k, v, (mask,), 0.5, False)
    np.testing.assert_allclose(out, attention(q, k, v, False, mask), rtol=1e-12)


def test_indices_are_each_element_once():
    for shape in ((), (5,), (2, 3, 4), (3, 1, 7), (0, 2), (2, 0)):
        for most in (1, 2, 5, 100):
            seen = np.zeros(shape, int)
            for index in kernels.indices(shape, most):
                assert seen[index].size <= most
                seen[index] += 1
            assert (seen == 1).all()


def test_the_memory_of_attention_grows_with_the_length():
    def most(length):
        xs = [minigrad.tensor(numbers(1, length, 8, seed=s), requires_grad=True) for s in range(3)]
        tracemalloc.start()
        F.scaled_dot_product_attention(*xs, is_causal=True).sum().backward()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert most(4096) < 2.5 * most(2048)


def test_grouped_queries_share_keys_and_values(torch):
    q, k, v = numbers(2, 6, 3, 4), numbers(2, 2, 5, 4, seed=1), numbers(2, 2, 5, 4, seed=2)
    found = []
    for library in (minigrad, torch):
        xs = [library.tensor(x, requires_grad=True) for x in (q, k, v)]
        attend = library.nn.functional.scaled_dot_product_attention
        out = attend(*xs, enable_gqa=True)
        out.sum().backward()
        found.append([y.detach().numpy() for y in (out, *[x.grad for x in xs])])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)
    with pytest.raises(ValueError, match="6 heads of the query are not a multiple of 4"):
        F.scaled_dot_product_attention(
            *map(minigrad.tensor, (q, numbers(2, 4, 5, 4), numbers(2, 4, 5, 4))), enable_gqa=True
        )

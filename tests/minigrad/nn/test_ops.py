"""The fused ops beside what they fuse: plain NumPy gives the same values and gradients."""

import numpy as np
import pytest

import minigrad
from minigrad.kernels import exps
from minigrad.nn import functional as F
from minigrad.nn import ops


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def classes(*shape, below, seed=0):
    return np.random.default_rng(seed).integers(0, below, shape)


SHAPES = [(5, 1), (0, 3), (4, 7), (300, 500), (2, 6, 3), (2, 3, 4, 5), (7,)]
ALONG = [(shape, dim) for shape in SHAPES for dim in range(len(shape)) if shape[dim]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "dim"), ALONG, ids=str)
def test_exps_are_what_a_softmax_is_made_of(shape, dim, dtype):
    x = 3 * numbers(*shape).astype(dtype)
    top = x.max(dim)
    e = np.exp(x - np.expand_dims(top, dim))
    for found, plain in zip(exps(x, dim), (e, e.sum(dim), top), strict=True):
        assert (found.shape, found.dtype) == (plain.shape, plain.dtype)
        np.testing.assert_allclose(found, plain, rtol=1e-5 if dtype == np.float32 else 1e-13)


def cross_entropy_gradient_simple(x, target, g):
    """(softmax(x) - onehot(target)) · g, for one loss per target."""
    e = np.exp(x)
    onehot = np.moveaxis(np.eye(x.shape[1])[target], -1, 1)
    return (e / e.sum(1, keepdims=True) - onehot) * g[:, None]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 5), (2, 6, 3, 2)])
def test_the_gradient_of_cross_entropy_is_softmax_minus_onehot(shape, create_graph):
    x, target = numbers(*shape), classes(shape[0], *shape[2:], below=shape[1])
    g = numbers(*target.shape, seed=1)
    logits = minigrad.tensor(x, requires_grad=True)
    losses = F.cross_entropy(logits, minigrad.tensor(target), reduction="none")
    losses.backward(minigrad.tensor(g), create_graph=create_graph)
    np.testing.assert_allclose(logits.grad.value, cross_entropy_gradient_simple(x, target, g))


@pytest.mark.parametrize("dim", [0, -1, (0, 2)])
def test_standardize_is_its_formula(dim):
    x = numbers(4, 3, 5)
    variance = x.var(dim, keepdims=True)
    plain = (x - x.mean(dim, keepdims=True)) / np.sqrt(variance + 0.1)
    np.testing.assert_allclose(ops.standardize(x, dim=dim, eps=0.1), plain)


def test_linear_and_embedding_are_their_formulas():
    x, weight, bias = numbers(2, 5, 3), numbers(4, 3, seed=1), numbers(4, seed=2)
    np.testing.assert_allclose(ops.linear(x, weight, bias), x @ weight.T + bias)
    ids = classes(2, 5, below=4)
    np.testing.assert_array_equal(ops.embedding(ids, weight), weight[ids])

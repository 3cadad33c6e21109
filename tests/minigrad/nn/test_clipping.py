"""Clipping by other norms and by value, and parameters as a vector, beside PyTorch."""

import inspect

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.nn import utils

SHAPES = [(3, 4), (5,), (), (0,)]


def parameters(library, dtype="float64", scale=1.0):
    """Parameters with random gradients; the last has none."""
    rng, kind = np.random.default_rng(0), getattr(library, dtype)
    made = [library.nn.Parameter(library.zeros(shape, dtype=kind)) for shape in [*SHAPES, (2,)]]
    for p, shape in zip(made, SHAPES, strict=False):
        p.grad = library.tensor(scale * rng.standard_normal(shape), dtype=kind)
    return made


def gradients(params):
    return [p.grad.numpy() for p in params if p.grad is not None]


def close(found, rtol=1e-12):
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=rtol)
        assert np.asarray(ours).dtype == np.asarray(theirs).dtype


NORMS = [1, 2, 3, 0.5, 0, float("inf"), 2.0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("max_norm", [0.0, 0.5, 100.0])
@pytest.mark.parametrize("p", NORMS)
def test_norms_as_torch(torch, p, max_norm, dtype):
    found = []
    for library in (minigrad, torch):
        params = parameters(library, dtype)
        if p == float("inf"):  # PyTorch has no largest size of no elements
            del params[3]
        clip = library.nn.utils.clip_grad_norm_
        norm = clip(params, max_norm, norm_type=p, error_if_nonfinite=True, foreach=False)
        total = library.nn.utils.get_total_norm([q.grad for q in params[:-1]], p)
        found.append([norm.numpy(), total.numpy(), *gradients(params)])
    close(found, 1e-5 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("p", [-1, float("-inf")])
def test_negative_norms_as_torch(torch, p):
    found = []
    for library in (minigrad, torch):
        params = [q for q in parameters(library) if q.shape != (0,)]
        found.append(
            [library.nn.utils.clip_grad_norm_(params, 0.01, p).numpy(), *gradients(params)]
        )
    close(found)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("p", [1, 2, float("inf")])
def test_norms_that_are_not_finite(torch, bad, p):
    found = []
    for library in (minigrad, torch):
        q = library.nn.Parameter(library.zeros(2))
        q.grad = library.tensor([bad, 1.0])
        with pytest.raises(RuntimeError, match="error_if_nonfinite"):
            library.nn.utils.clip_grad_norm_(q, 1.0, p, error_if_nonfinite=True)
        with pytest.raises(RuntimeError):
            library.nn.utils.get_total_norm([q.grad], p, error_if_nonfinite=True)
        assert q.grad[1] == 1
        norm = library.nn.utils.clip_grad_norm_(q, 1.0, p)
        found.append([norm.numpy(), *gradients([q])])
    close(found)


@pytest.mark.parametrize("most", [0.3, 0, 2, -0.5])
@pytest.mark.parametrize("given", [list, iter, lambda params: params[0]])
def test_clipping_by_value_as_torch(torch, most, given):
    found = []
    for library in (minigrad, torch):
        params = parameters(library)
        params[1].grad[2] = float("nan")
        grads = [p.grad for p in params]
        assert library.nn.utils.clip_grad_value_(given(params), most) is None
        assert all(p.grad is grad for p, grad in zip(params, grads, strict=True))
        found.append(gradients(params))
    close(found)


def test_clipping_with_a_known_norm_as_torch(torch):
    found = []
    for library in (minigrad, torch):
        params, utils = parameters(library), library.nn.utils
        utils.clip_grads_with_norm_(params, 1.0, library.tensor(4.0))
        utils.clip_grads_with_norm_(params, 8.0, library.tensor(4.0))
        found.append(gradients(params))
    close(found, 1e-7)


def test_an_empty_generator_warns(torch):
    for library in (minigrad, torch):
        params = library.nn.Linear(2, 2).parameters()
        list(params)
        with pytest.warns(UserWarning, match="`parameters` is an empty generator"):
            assert library.nn.utils.clip_grad_norm_(params, 1.0) == 0


def test_parameters_and_vectors_as_torch(torch):
    found = []
    for library in (minigrad, torch):
        params, utils = parameters(library)[:3], library.nn.utils
        vector = library.arange(float(sum(p.numel() for p in params)), dtype=library.float64)
        utils.vector_to_parameters(vector, params)
        joined = utils.parameters_to_vector(iter(params))
        (joined * joined).sum().backward()
        found.append([joined.detach().numpy(), *gradients(params)])
        assert all(p.is_leaf and p.requires_grad for p in params)
        with pytest.raises(RuntimeError):
            utils.vector_to_parameters(vector[:5], params)
        with pytest.raises(TypeError, match=r"must be a tensor|expected torch"):
            utils.vector_to_parameters([1.0], params)
        with pytest.raises(ValueError, match=r"cat"):
            utils.parameters_to_vector([])
    close(found)


def test_known_values():
    p = nn.Parameter(minigrad.zeros(2))
    p.grad = minigrad.tensor([3.0, -4.0])
    assert utils.clip_grad_norm_(p, 100, norm_type=1).item() == 7
    assert utils.clip_grad_norm_(p, 2.0, float("inf")).item() == 4
    np.testing.assert_allclose(p.grad.value, [1.5, -2.0], rtol=1e-5)
    utils.clip_grad_value_(p, 1)
    assert p.grad.tolist() == [1, -1]


NAMES = ["clip_grad_norm_", *utils.ROOMS["minigrad.nn.utils.clipping"].split()]


@pytest.mark.parametrize("name", NAMES)
def test_signatures_are_torchs(torch, name):
    ours = inspect.signature(getattr(utils, name)).parameters.values()
    theirs = inspect.signature(getattr(torch.nn.utils, name)).parameters.values()
    assert [(p.name, p.kind, p.default) for p in ours] == [
        (p.name, p.kind, p.default) for p in theirs
    ]


@pytest.mark.parametrize(
    "call",
    [
        lambda p: utils.clip_grad_value_(3, 1.0),
        lambda p: utils.clip_grad_value_(p, "1"),
        lambda p: utils.get_total_norm([3]),
        lambda p: utils.clip_grad_norm_(p, 1.0, "two"),
    ],
)
def test_mistakes_are_explained(call):
    with pytest.raises(TypeError, match=r"must be a (tensor|number)"):
        call(nn.Parameter(minigrad.ones(2)))

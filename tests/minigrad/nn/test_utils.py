import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.nn.utils import clip_grad_norm_

SHAPES = [(3, 4), (5,), ()]


def parameters(framework, dtype, scale=1.0):
    """Parameters with random gradients; the last has none."""
    rng = np.random.default_rng(0)
    made = [
        framework.nn.Parameter(framework.zeros(shape, dtype=dtype)) for shape in [*SHAPES, (2,)]
    ]
    for parameter, shape in zip(made, SHAPES, strict=False):
        parameter.grad = framework.tensor(scale * rng.standard_normal(shape), dtype=dtype)
    return made


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("max_norm", [0.0, 0.1, 1, 3.0, 100.0])
@pytest.mark.parametrize(
    "given", [list, iter, lambda params: params[0]], ids=["all", "iter", "one"]
)
def test_clipping_as_torch(torch, dtype, max_norm, given):
    ours = parameters(minigrad, getattr(minigrad, dtype))
    theirs = parameters(torch, getattr(torch, dtype))
    norm = clip_grad_norm_(given(ours), max_norm)
    expected = torch.nn.utils.clip_grad_norm_(given(theirs), max_norm)
    tolerance = {"rtol": 1e-6} if dtype == "float32" else {"rtol": 1e-12}
    assert isinstance(norm, minigrad.Tensor)
    assert norm.shape == ()
    assert str(norm.dtype) == str(expected.dtype)
    np.testing.assert_allclose(norm.item(), expected.item(), **tolerance)
    for mine, wanted in zip(ours, theirs, strict=True):
        if wanted.grad is None:
            assert mine.grad is None
            continue
        assert type(mine.grad.value) is np.ndarray
        assert mine.grad.dtype.name == dtype
        np.testing.assert_allclose(mine.grad.value, wanted.grad.numpy(), **tolerance)


def test_gradients_below_the_norm_stay_as_they_are():
    params = parameters(minigrad, minigrad.float32)
    before = [p.grad.tolist() for p in params[:-1]]
    clip_grad_norm_(params, 1e6)
    assert [p.grad.tolist() for p in params[:-1]] == before


def test_gradients_are_scaled_in_place(torch):
    for framework in (minigrad, torch):
        params = parameters(framework, framework.float64)
        grads = [p.grad for p in params[:-1]]
        shared = [g.detach() for g in grads]
        clip_grad_norm_ = framework.nn.utils.clip_grad_norm_
        clip_grad_norm_(params, 0.5)
        assert all(p.grad is g for p, g in zip(params, grads, strict=False))
        length = np.sqrt(sum((g.numpy() ** 2).sum() for g in shared))
        np.testing.assert_allclose(length, 0.5, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:Using backward")
def test_a_gradient_that_has_a_history_keeps_it(torch):
    found = []
    for framework in (minigrad, torch):
        x = framework.nn.Parameter(framework.tensor([3.0, 4.0]))
        (x**3).sum().backward(create_graph=True)
        grad = x.grad
        framework.nn.utils.clip_grad_norm_(x, 1.0)
        x.grad = None
        grad.sum().backward()
        found.append([grad.tolist(), x.grad.tolist()])
    np.testing.assert_allclose(*found, rtol=1e-6)
    assert found[0][1] == [18, 24]


def test_after_a_backward():
    layer = nn.Linear(3, 2)
    (layer(minigrad.ones(4, 3)) * 100).sum().backward()
    clip_grad_norm_(layer.parameters(), 1.0)
    length = np.sqrt(sum((p.grad.value**2).sum() for p in layer.parameters()))
    np.testing.assert_allclose(length, 1.0, rtol=1e-4)


@pytest.mark.parametrize("create_graph", [False, True])
def test_equal_gradients_are_scaled_once(create_graph):
    x, y = (nn.Parameter(minigrad.zeros(2, dtype=minigrad.float64)) for _ in range(2))
    (x + y).sum().backward(create_graph=create_graph)
    assert clip_grad_norm_([x, y], 1.0).item() == 2
    for p in (x, y):
        np.testing.assert_allclose(p.grad.value, [0.5, 0.5], rtol=1e-5)


def test_without_gradients_the_norm_is_zero(torch):
    for framework in (torch, minigrad):
        clip = framework.nn.utils.clip_grad_norm_
        assert clip([framework.nn.Parameter(framework.ones(3))], 1.0).item() == 0
        assert clip([], 1.0).item() == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradients_that_are_nan_or_inf_as_torch(torch, bad):
    results = []
    for framework in (torch, minigrad):
        p = framework.nn.Parameter(framework.ones(3))
        p.grad = framework.tensor([1.0, bad, 2.0])
        norm = framework.nn.utils.clip_grad_norm_([p], 1.0).item()
        results.append([norm, *p.grad.tolist()])
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_very_small_and_very_large_gradients_as_torch(torch, scale):
    results = []
    for framework in (torch, minigrad):
        params = parameters(framework, framework.float64, scale)
        norm = framework.nn.utils.clip_grad_norm_(params, 1.0).item()
        results.append([norm / scale, *params[1].grad.tolist()])
    np.testing.assert_allclose(*results, rtol=1e-12)


@pytest.mark.parametrize("values", [[np.nan, np.inf], [np.inf, 1.0], [-np.inf, 1.0], [0.0, 0.0]])
def test_what_has_no_finite_norm_as_torch(torch, values):
    results = []
    for framework in (torch, minigrad):
        p = framework.nn.Parameter(framework.zeros(2))
        p.grad = framework.tensor(values)
        with np.errstate(all="raise"):
            norm = framework.nn.utils.clip_grad_norm_(p, 1.0)
        results.append([norm.item(), *p.grad.tolist()])
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e19, 1e25, 1e38, 1e-19, 1e-25, 1e-38, 1e-44, 1e200, 1e-200])
@pytest.mark.parametrize("shapes", [[()], [(1,)], [(2,), (1,)], [(1000,)], [(3, 4), (), (0,)]])
def test_what_a_dtype_cannot_square_has_the_right_norm(dtype, scale, shapes):
    """PyTorch gives inf or 0 for most of these, and so the gradients 0, or does not clip them."""
    rng = np.random.default_rng(0)
    with np.errstate(all="raise", over="ignore", under="ignore"):
        gradients = [(scale * rng.uniform(0.5, 1, s)).astype(dtype) for s in shapes]
    exact = np.concatenate([g.ravel().astype(np.longdouble) for g in gradients])
    expected = np.sqrt((exact**2).sum())
    if not np.finfo(dtype).smallest_subnormal * 100 < expected < np.finfo(dtype).max:
        pytest.skip(f"{dtype.__name__} cannot hold it")
    params = [nn.Parameter(minigrad.tensor(np.zeros_like(g))) for g in gradients]
    for p, g in zip(params, gradients, strict=True):
        p.grad = minigrad.tensor(g)
    with np.errstate(all="raise"):
        norm = clip_grad_norm_(params, float(expected) / 2)
    rtol = 1e-2 if scale == 1e-44 else 1e-5
    np.testing.assert_allclose(norm.item(), float(expected), rtol=rtol)
    if expected > 1e-3:  # 1e-6 is added to the norm, as in PyTorch
        for p, g in zip(params, gradients, strict=True):
            np.testing.assert_allclose(p.grad.value, g / 2, rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: clip_grad_norm_(3, 1.0), "a tensor, or a list of them, not int 3"),
        (lambda p: clip_grad_norm_(None, 1.0), "not None"),
        (lambda p: clip_grad_norm_([p, "a"], 1.0), "not str 'a'"),
        (lambda p: clip_grad_norm_({"p": p}, 1.0), "not str 'p'"),
        (lambda p: clip_grad_norm_([p.value], 1.0), r"not float32 of shape \(2,\)"),
        (lambda p: clip_grad_norm_(nn.Linear(2, 2), 1.0), "not Linear Linear"),
        (lambda p: clip_grad_norm_([p], "1"), "max_norm must be a number, not str '1'"),
        (lambda p: clip_grad_norm_([p], None), "max_norm must be a number, not None"),
        (lambda p: clip_grad_norm_([p], minigrad.ones(2)), "max_norm must be a number"),
    ],
)
def test_mistakes_are_explained(call, message):
    with pytest.raises(TypeError, match=f"^clip_grad_norm_: .*{message}"):
        call(nn.Parameter(minigrad.ones(2)))

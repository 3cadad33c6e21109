"""The room of reductions: each name beside PyTorch, special points, errors."""

import math

import numpy as np
import pytest
from agreement import agree, draw

import minigrad
from minigrad import reducing
from minigrad.autograd import gradcheck, gradgradcheck
from minigrad.tensor import METHODS

inf, nan = math.inf, math.nan
X, CUBE = draw(3, 4), draw(2, 3, 4)
ZEROS = np.array([[1.5, 0, -2, 3], [0, 2, 0, 1], [0.5, -1, 2, 4]])
HOLES = np.array([[1.0, nan, 3, -2], [nan, 0.5, nan, 4], [7, 6, 5, 4]])
TIES = np.array([[1.0, 3, 3, 0], [2, 2, 2, 2], [-1, -3, -3, 5]])
INTS = np.array([[3, 1, 3, 0], [2, 0, -2, 2]])
BOOLS = np.array([[True, False, True], [True, True, True]])
PS = "('fro', None, 0, 1, 2, 3, 0.5, 1.5, -1, -2, np.inf, -np.inf)"

# Expressions and their arrays, by the name that they are examples of.
TABLE = {
    "prod": [
        ("(x.prod(), torch.prod(x, 1), x.prod(-2, keepdim=True))", X), ("x.prod(dim=1)", ZEROS),
        ("x.prod()", ZEROS), ("x.prod()", ZEROS[2]), ("x.prod()", np.array(3.0)),
        ("(x.prod(), x.prod(0), x.prod(1, dtype=torch.float64))", INTS), ("x.prod(1)", BOOLS),
        ("x.prod(0)", draw(0, 3)),
    ],
    "norm": [
        (f"[torch.norm(x, p) for p in {PS}]", X), (f"[x.norm(p, 1) for p in {PS}]", X),
        (f"[x.norm(p, (0, 2), True) for p in {PS} if p != 'fro']", CUBE),
        ("(x.norm(), torch.norm(x, 'fro', (0, 1)), x.norm(dim=[0], keepdim=True))", X),
        ("x.norm(3)", np.array(-2.0)), ("torch.norm(x)", draw(0, 3)),
    ],
    "cumsum": [
        ("(x.cumsum(0), torch.cumsum(x, dim=-1))", CUBE), ("x.cumsum(0)", INTS),
        ("x.cumsum(1, dtype=torch.float64)", INTS), ("x.cumsum(1)", BOOLS),
        ("x.cumsum(0)", np.array(2.0)), ("x.cumsum(1)", draw(2, 0)),
    ],
    "cumprod": [
        ("(x.cumprod(0), torch.cumprod(x, dim=-1))", CUBE), ("x.cumprod(1)", ZEROS),
        ("x.cumprod(0)", ZEROS), ("x.cumprod(0)", INTS), ("x.cumprod(1)", BOOLS),
        ("x.cumprod(0)", np.array(2.0)),
    ],
    "cummax": [("(*x.cummax(1), *torch.cummax(x, 0))", TIES), ("tuple(x.cummax(0))", INTS),
               ("tuple(x.cummax(1))", HOLES), ("tuple(x.cummax(1))", BOOLS)],
    "cummin": [("(*x.cummin(1), *torch.cummin(x, 0))", TIES), ("tuple(x.cummin(0))", INTS),
               ("tuple(x.cummin(1))", HOLES), ("tuple(x.cummin(0))", np.array(1.0))],
    "logcumsumexp": [("(x.logcumsumexp(0), torch.logcumsumexp(x, 2))", CUBE),
                     ("x.logcumsumexp(1)", X * 400), ("x.logcumsumexp(0)", np.array(1.0))],
    "nansum": [("(x.nansum(), x.nansum(1), torch.nansum(x, (0, 1), keepdim=True))", HOLES),
               ("(x.nansum(), x.nansum(0, dtype=torch.float64))", INTS)],
    "nanmean": [("(x.nanmean(), x.nanmean(1), torch.nanmean(x, (0, 1), keepdim=True))", HOLES)],
    "median": [
        ("(x.median(), *x.median(1), *torch.median(x, 0, keepdim=True))", X), ("x.median()", TIES),
        ("(x.median(), *x.median(1))", HOLES), ("(x.median(), *x.median(0))", INTS),
        ("tuple(x.median(1))", TIES), ("(x.median(), *x.median(0))", np.array(2.0)),
        ("x.median()", draw(0)),
    ],
    "nanmedian": [("(x.nanmedian(), *x.nanmedian(1), *torch.nanmedian(x, 0, True))", HOLES),
                  ("(x.nanmedian(), *x.nanmedian(0))", INTS), ("x.nanmedian()", np.full(3, nan))],
    "mode": [("(*x.mode(), *torch.mode(x, 0, keepdim=True))", TIES), ("tuple(x.mode())", INTS),
             ("tuple(x.mode(1))", BOOLS), ("tuple(x.mode())", np.array(2.0))],
    "aminmax": [("(*torch.aminmax(x), *x.aminmax(dim=1, keepdim=True))", TIES),
                ("tuple(x.aminmax())", HOLES), ("tuple(x.aminmax(dim=0))", INTS)],
    "count_nonzero": [("(x.count_nonzero(), x.count_nonzero(1), x.count_nonzero((0, 1)))", ZEROS),
                      ("torch.count_nonzero(x, dim=0)", INTS), ("x.count_nonzero()", HOLES)],
    "var_mean": [("(*torch.var_mean(x), *torch.var_mean(x, 1, correction=2))", X),
                 ("(*torch.var_mean(x, False), *torch.var_mean(x, (0, 1), True, True))", X)],
    "std_mean": [("(*torch.std_mean(x), *torch.std_mean(x, 1, correction=0))", X),
                 ("torch.std_mean(x, 0, unbiased=False, keepdim=True)", X)],
    "diff": [
        ("(x.diff(), torch.diff(x, 2, 0), x.diff(n=0))", X), ("(x.diff(), x.diff(9))", INTS),
        ("torch.diff(x, prepend=y, append=2 * y)", X, X[:, :2]), ("x.diff()", BOOLS),
    ],
    "dist": [("[torch.dist(x, y, p) for p in (1, 2, 3.5, np.inf)]", X, X[0] + 1),
             ("x.dist(y)", X, 2 * X)],
    "bincount": [
        ("(x.bincount(), torch.bincount(x, minlength=9))", np.array([3, 1, 1, 0])),
        ("x.bincount(torch.tensor([0.5, 1.0, 2.0]))", np.array([3, 1, 3])),
        ("x.bincount(torch.tensor([1, 2]))", np.array([0, 1])), ("x.bincount()", np.array([], int)),
    ],
    "histc": [("(x.detach().histc(), torch.histc(x.detach(), 5, -1, 2))", X),
              ("x.detach().histc(4, 0, 4)", HOLES), ("x.detach().histc(3)", np.ones(4))],
    "quantile": [
        *[(f"(x.quantile(0.3, 1, {mode}), torch.quantile(x, 0.7, {mode}))", X)
          for mode in (f"interpolation={m!r}" for m in reducing.INTERPOLATIONS)],
        ("(x.quantile(y, 0, keepdim=True), torch.quantile(x, y), x.quantile(y[0], 1))", X,
         np.array([0.1, 0.62, 1.0])),
        ("(x.quantile(0.5), x.quantile(0.4, 1, keepdim=True))", HOLES),
        ("x.quantile(0.5, 1)", CUBE), ("x.quantile(0.5)", np.array(2.0)),
        ("x.quantile(0.3, 0)", np.array([inf, -inf, 0, 0])),
    ],
}  # fmt: skip


def test_every_name_of_the_room_is_there_and_has_an_example():
    functions, methods = (t["minigrad.reducing"].split() for t in (minigrad.ROOMS, METHODS))
    assert {*functions, *methods} == set(TABLE)
    for name in functions:
        assert getattr(minigrad, name) is getattr(reducing, name)
        assert getattr(reducing, name).__doc__


CASES = [
    pytest.param(case, id=f"{name}-{i}") for name in TABLE for i, case in enumerate(TABLE[name])
]


@pytest.mark.parametrize("case", CASES)
@np.errstate(all="ignore")
def test_beside_torch(torch, case):
    expression, *arrays = case
    agree(torch, expression, *arrays)


@pytest.mark.parametrize("case", CASES)
@np.errstate(all="ignore")
def test_float32_beside_torch(torch, case):
    expression, *arrays = case
    small = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays]
    agree(torch, expression, *small, order=1, rtol=1e-4)


ROWS = [
    [1, 3, 3, 0], [0, 0, 0, 0], [nan, 1, 2, 0], [inf, 1, inf, 0], [-inf, inf, 1, 1],
    [-0.0, 0, 1, 1],
]  # fmt: skip
SPECIAL = [
    "x.prod(1)", "x.cumsum(1)", "x.cumprod(1)", "x.logcumsumexp(1)", "tuple(x.cummax(1))",
    "tuple(x.cummin(1))", "x.nansum(1)", "x.median()", "tuple(x.median(1))", "x.aminmax()",
    "x.diff()", "x.quantile(0.3, 1)",
    *[f"x.norm({p}, 1)" for p in ("0", "1", "2", "3", "0.5", "1.5", "-1", "np.inf", "-np.inf")],
]  # fmt: skip


@pytest.mark.parametrize("expression", SPECIAL)
@np.errstate(all="ignore")
def test_special_points(torch, expression):
    for row in ROWS:
        agree(torch, expression, np.array([row, [5.0, 1, 5, 2]]), order=1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_of_a_norm(torch, dtype):
    agree(torch, f"x.norm(2, dtype=torch.{dtype})", X.astype(np.float32), order=1, rtol=1e-6)


def test_running_sums_of_many_float32_keep_their_precision():
    x = np.full(100_000, 0.1, np.float32)
    exact = np.cumsum(x.astype(np.float64))
    np.testing.assert_allclose(minigrad.tensor(x).cumsum(0).numpy(), exact, rtol=1e-7)


# --- without PyTorch -----------------------------------------------------------------------------


@pytest.mark.parametrize("x", [X, ZEROS, np.array([[0.0, 0, 2]])], ids=["plain", "zeros", "two"])
@pytest.mark.parametrize("name", ["prod", "cumprod", "cumsum", "logcumsumexp"])
def test_gradients_against_differences(name, x):
    x = minigrad.tensor(x, requires_grad=True)
    assert gradcheck(lambda x: getattr(minigrad, name)(x, 1), [x])
    assert gradgradcheck(lambda x: getattr(minigrad, name)(x, 1), [x])


def test_known_values():
    x = minigrad.tensor([[3.0, 4.0], [1.0, 1.0]])
    assert x.norm(dim=1).tolist()[0] == 5
    assert x.prod(1).tolist() == [12, 1]
    assert x.cumsum(0).tolist() == [[3, 4], [4, 5]]
    assert x.median().item() == 1
    assert x.mode(1).indices.tolist() == [0, 1]
    assert x.quantile(0.5).item() == 2
    assert minigrad.aminmax(x).max.item() == 4
    assert minigrad.bincount(minigrad.tensor([1, 1, 3])).tolist() == [0, 2, 0, 1]


def test_a_median_of_equal_ones():
    x = minigrad.tensor([2.0, 1.0, 2.0, 3.0], requires_grad=True)
    x.median().backward()
    assert x.grad.tolist() == [0.5, 0, 0.5, 0]
    x.grad = None
    x.median(0).values.backward()
    assert x.grad.tolist() == [1, 0, 0, 0]


def test_the_norm_of_zeros_has_a_gradient_of_0():
    for p in (0, 0.5, 1, 1.5, 2, 3, inf):
        x = minigrad.zeros(3, requires_grad=True)
        x.norm(p).backward()
        assert x.grad.tolist() == [0, 0, 0]


def test_indices_of_a_parameter_are_a_plain_tensor():
    x = minigrad.nn.Parameter(minigrad.tensor([[3.0, 1.0, 2.0]]))
    for found in (x.median(1), x.cummax(1), x.mode(1)):
        assert type(found.indices) is minigrad.Tensor
        assert not found.indices.requires_grad
        assert found.values.requires_grad


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda x: x.long().norm(), TypeError, r"norm of .*int64"),
        (lambda x: x.norm("nuc"), ValueError, 'norm: p is a number, "fro" or None'),
        (lambda x: x.norm(2, dtype=minigrad.int64), TypeError, "must be a float dtype"),
        (lambda x: x[:0].norm(inf), RuntimeError, "norm: no elements"),
        (lambda x: x.norm(2, 5), IndexError, "dim 5"),
        (lambda x: x.prod((0, 1)), TypeError, "a dim must be an int"),
        (lambda x: x.cumsum(2), IndexError, "cumsum: dim 2"),
        (lambda x: x.long().logcumsumexp(0), TypeError, "logcumsumexp: got int64"),
        (lambda x: x.long().nanmean(), TypeError, "nanmean of .*int64"),
        (lambda x: (x > 0).median(), TypeError, "got bool"),
        (lambda x: x[:0].median(0), IndexError, "median: dim 0 of .* has no elements"),
        (lambda x: x[:0].mode(0), IndexError, "mode: dim 0 of .* has no elements"),
        (lambda x: x.quantile(1.5), ValueError, "q lies from 0 to 1"),
        (lambda x: x.quantile(0.5, interpolation="cubic"), ValueError, "is one of"),
        (lambda x: x.long().quantile(0.5), TypeError, "quantile: floats of one dtype"),
        (lambda x: x[:0].quantile(0.5), ValueError, "quantile: no elements"),
        (lambda x: x.diff(-1), ValueError, "diff: n must not be negative"),
        (lambda x: x.sum().diff(), ValueError, "diff: a single number"),
        (lambda x: minigrad.bincount(x), ValueError, "bincount: one dim of ints"),
        (lambda x: minigrad.bincount(minigrad.tensor([-1])), ValueError, "ints from 0 on"),
        (lambda x: minigrad.bincount(x[0].long(), x), ValueError, "bincount: weights"),
        (lambda x: x.long().histc(), TypeError, "histc of .*int64"),
        (lambda x: x.histc(0), ValueError, "histc: bins must be at least 1"),
        (lambda x: x.histc(5, 2, 1), ValueError, "min must be below max"),
    ],
)  # fmt: skip
def test_errors(call, kind, message):
    with pytest.raises(kind, match=message) as error:
        call(minigrad.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert "\n" not in str(error.value)

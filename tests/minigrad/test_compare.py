"""Functions without a gradient, on minigrad and on PyTorch: comparisons, argmax, sorting."""

import numpy as np
import pytest
from agreement import agree, draw

import minigrad
from minigrad import Tensor, compare
from minigrad.compare import untracked


inf, nan = float("inf"), float("nan")


X = draw(2, 3, 4)
TIES = np.array([[2.0, 5.0, 5.0], [5.0, -1.0, 2.0]])

INTS = np.array([[3, 1, 2], [0, 1, 1]])

BOOLS = np.array([[True, False, True], [False, False, False]])

F32 = np.array([0.1, 0.2, 3.0], np.float32)

WITHOUT_GRADIENT = {
    **{
        name: (
            lambda torch, x, y, name=name: (
                getattr(torch, name)(x, y), getattr(torch, name)(x, 1),
                getattr(torch, name)(y, 2.5),
            ),
            INTS, np.array([1.0, 2.0, 2.5]),
        )
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    },
    "compare float32 to a number": (lambda torch, x: (x == 0.1, x < np.float64(0.1)), F32),
    "compare float32 to 0-d float64": (lambda torch, x, y: (x == y, x > y), F32, np.array(0.1)),
    "compare with nan": (lambda torch, x: (x == x, x != x, x < x), np.array([nan, inf])),
    "bitwise_and": (lambda torch, x, y: torch.bitwise_and(x, y), INTS, BOOLS),
    "bitwise_or": (lambda torch, x, y: torch.bitwise_or(x, y), INTS, BOOLS[0]),
    "bitwise_not": (lambda torch, x: torch.bitwise_not(x), INTS),
    "isnan": (lambda torch, x: torch.isnan(x), np.array([nan, inf, 0.0])),
    "isnan of ints": (lambda torch, x: torch.isnan(x), INTS),
    "any": (lambda torch, x: (torch.any(x), torch.any(x, 1), torch.any(x, 0, keepdim=True)), BOOLS),
    "all": (lambda torch, x: (torch.all(x), torch.all(x, -1), torch.all(x, (0, 1))), BOOLS),
    "any of ints": (lambda torch, x: torch.any(x, (0, 1), keepdim=True), INTS),
    "any and all of nothing": (lambda torch, x: (torch.any(x), torch.all(x, 0)), draw(0, 2)),
    "argmax": (lambda torch, x: (torch.argmax(x), torch.argmax(x, 1), torch.argmax(x, -2)), TIES),
    "argmin": (lambda torch, x: (torch.argmin(x), torch.argmin(x, 1, keepdim=True)), TIES),
    "argmax keepdim": (lambda torch, x: torch.argmax(x, keepdim=True), TIES),
    "argmax of 0-d": (lambda torch, x: (torch.argmax(x), torch.argmax(x, 0)), draw()),
    "argmax of nan": (lambda torch, x: torch.argmax(x), np.array([1.0, nan, 2.0])),
    "argsort": (lambda torch, x: (torch.argsort(x), torch.argsort(x, 0), x[0]), X),
    "argsort down": (lambda torch, x: torch.argsort(x, -2, descending=True), X),
    "argsort of ints down": (
        lambda torch, x: torch.argsort(x, descending=True), np.array([3, 1, 9]),
    ),
    "argsort of bools down": (
        lambda torch, x: torch.argsort(x, descending=True), np.array([False, True]),
    ),
    "argsort of 0-d": (lambda torch, x: torch.argsort(x), draw()),
    "argsort of nan down": (
        lambda torch, x: torch.argsort(x, descending=True), np.array([1.0, nan, 2.0]),
    ),
    "allclose": (
        lambda torch, x: (
            torch.allclose(x, x + 1e-9), torch.allclose(x, x + 1e-3), torch.allclose(x, -x),
            torch.allclose(x, x + 0.1, atol=0.2), torch.allclose(x, x * 1.1, rtol=0.2),
            torch.allclose(x * nan, x * nan), torch.allclose(x * nan, x * nan, equal_nan=True),
        ),
        X,
    ),
    "equal": (
        lambda torch, x: (
            torch.equal(x, x), torch.equal(x, x + 1), torch.equal(x, x[0]),
            torch.equal(x * nan, x * nan),
        ),
        X,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WITHOUT_GRADIENT)
def test_without_gradient(torch, case):
    expression, *arrays = WITHOUT_GRADIENT[case]
    agree(
        torch, lambda torch, *xs: expression(torch, *[x.detach() for x in xs]), *arrays, rtol=1e-6
    )


@pytest.mark.parametrize(
    "apply",
    [
        lambda x: x > 0,
        lambda x: x == x,
        lambda x: x.argmax(),
        lambda x: minigrad.argsort(x),
        lambda x: x.isnan(),
        lambda x: x.any(),
        lambda x: minigrad.bitwise_not(x > 0),
        lambda x: x.max(1).indices,
        lambda x: x.topk(1).indices,
    ],
)
def test_what_has_no_gradient_is_a_leaf(apply):
    y = apply(minigrad.tensor(TIES, requires_grad=True))
    assert isinstance(y, minigrad.Tensor)
    assert not y.requires_grad
    assert y.is_leaf


NAMES = sorted(
    name
    for name in dir(minigrad)
    if getattr(getattr(minigrad, name), "__module__", "") == compare.__name__
)


@pytest.mark.parametrize("name", NAMES)
def test_every_function_is_one_of_pytorchs(torch, name):
    assert callable(getattr(torch, name))


# --- untracked ------------------------------------------------------------------------------------


def leaf(*shape):
    return minigrad.randn(*shape, dtype=minigrad.float64, requires_grad=True)


def test_untracked_functions_make_leaves():
    @untracked
    def largest(x, y):
        """The larger."""
        return np.maximum(x, y)

    x = leaf(3)
    for result in (largest(x, 0.0), largest(np.zeros(3), x)):
        assert isinstance(result, Tensor)
        assert result.is_leaf
        assert not result.requires_grad
    assert type(largest(np.ones(3), np.zeros(3))) is np.ndarray
    assert largest.__doc__ == "The larger."


def test_untracked_functions_take_tensors_by_name_too():
    x = minigrad.tensor([1.0, 3.0, 2.0])
    assert minigrad.argmax(x=x).item() == 1
    assert isinstance(minigrad.argmax(x=x), Tensor)


# --- errors ---------------------------------------------------------------------------------------

ERRORS = {
    "argmax dim": (lambda x: x.argmax(2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "argmax of nothing": (lambda x: x[:0].argmax(), (ValueError, IndexError), r"argmax|\(0, 3\)"),
    "argsort dim": (lambda x: minigrad.argsort(x, 2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "any dim": (lambda x: x.any(2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "less": (lambda x: x < minigrad.ones(2), ValueError, r"lt: shapes \(2, 3\) and \(2,\)"),
    "eq": (lambda x: x == minigrad.ones(2), ValueError, r"eq: shapes \(2, 3\) and \(2,\)"),
    "less than a string": (lambda x: x < "a", TypeError, "str"),
    "allclose": (
        lambda x: minigrad.allclose(x, minigrad.ones(2)), ValueError, r"\(2, ?3\).*\(2,\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_what_is_wrong(case):
    expression, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        expression(minigrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True))

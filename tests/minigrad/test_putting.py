"""The room of elements put to places: beside PyTorch, as copies and in place."""

import numpy as np
import pytest
import rooms
from agreement import agree, draw

import minigrad

ROOMS = ("minigrad.putting",)
X, Y = draw(3, 4), draw(3, 4, seed=1)
INDEX, TWICE = "torch.tensor([[0, 2], [1, 0]])", "torch.tensor([[0, 2], [1, 1]])"
MASK = "torch.tensor([[True, False, True, False], [False] * 4, [True, True, False, False]])"

# The calls of each name, without the tensor that they are called on: methods, and functions of it.
CALLS = {
    "scatter": [
        f"(1, {INDEX}, y[:2, :2])",
        f"(dim=0, index={INDEX}, src=y[1:, 1:3])",
        f"(-1, {INDEX}[:1], 2.5)",
        f"(1, {INDEX}, value=True)",
    ],
    "scatter_add": [f"(1, {TWICE}, y[:2, :2])", f"(dim=0, index={TWICE}, src=y[1:, :2])"],
    "scatter_reduce": [
        f"({dim}, {TWICE}, y[:2, :2], '{reduce}', include_self={include})"
        for dim, reduce, include in [
            (0, "sum", True), (1, "sum", False), (1, "prod", True), (1, "prod", False),
            (1, "mean", True), (1, "mean", False), (1, "amax", True), (1, "amax", False),
            (0, "amin", True), (1, "amin", False),
        ]
    ],
    "index_add": ["(0, torch.tensor([2, 0, 2]), y)", "(-1, torch.tensor([3]), y[:, :1], alpha=-2)"],
    "index_copy": ["(0, torch.tensor([2, 0]), y[:2])", "(1, torch.tensor(3), y[:, :1])"],
    "index_fill": ["(1, torch.tensor([3, -1, 0]), 2.5)", "(0, torch.tensor(1), y[0, 0])"],
    "index_put": [
        "((torch.tensor([0, 2]), torch.tensor([1, -1])), y[0, :2])",
        "(indices=[torch.tensor([2, 0])], values=y[0])",
        "((torch.tensor([0, 0]), torch.tensor([1, 1])), y[0, :2], accumulate=True)",
        f"(({MASK},), y[0, 0])",
    ],
    "masked_scatter": [f"({MASK}, y)", "(torch.tensor([True, False, False, True]), y)"],
}  # fmt: skip
TABLE = (
    {
        name: (f"[{', '.join([f'torch.{name}(x, {c[1:]}, x.{name}{c}' for c in calls])}]", X, Y)
        for name, calls in CALLS.items()
    }
    | {
        f"{name}_": (f"[{', '.join([f'(x * 1).{name}_{c}' for c in calls])}]", X, Y)
        for name, calls in CALLS.items()
    }
    | {
        "select_scatter": (
            "(torch.select_scatter(x, y[0], 0, -1), x.select_scatter(y[:, 1], 1, 2))",
            X,
            Y,
        ),
        "slice_scatter": (
            "(torch.slice_scatter(x, y[:2], start=1), x.slice_scatter(y[:, :2], -1, 0, -1, 2))",
            X,
            Y,
        ),
        "diagonal_scatter": (
            "(torch.diagonal_scatter(x, y[0, :3]), x.diagonal_scatter(y[1, :2], offset=2))",
            X,
            Y,
        ),
        "masked_select": (f"(x.masked_select({MASK}), x[0].masked_select({MASK}))", X),
        "take": (f"(x.take({INDEX}), torch.take(x, torch.tensor(-1)))", X),
        "take_along_dim": (
            f"(torch.take_along_dim(x, {INDEX}[:1], 1), x.take_along_dim({INDEX}[:, :1], dim=0),"
            f" torch.take_along_dim(x, {INDEX}))",
            X,
        ),
    }
)


def test_every_name_has_an_example():
    rooms.check_names(TABLE, *ROOMS)


def test_every_name_is_one_of_pytorchs(torch):
    rooms.check_in_torch(torch, *ROOMS)


@pytest.mark.filterwarnings("ignore:scatter_reduce", "ignore:index_reduce")
@pytest.mark.parametrize("name", TABLE)
def test_against_torch(torch, name):
    rooms.check_agreement(torch, TABLE, name)


@pytest.mark.parametrize("name", [name for name in TABLE if not name.endswith("_")])
def test_gradients_against_differences(name):
    rooms.check_differences(TABLE, name)


# --- special points ------------------------------------------------------------------------------

EDGES = {
    "numbers scattered": "(x[0, 0].scatter(0, torch.tensor(0), y[0, 0]),"
    " x[0, :1].scatter(0, torch.tensor(0), 2))",
    "numbers added": "(x[0, 0].index_add(0, torch.tensor(0), y[0, 0]),"
    " x[0, 0].index_copy(0, torch.tensor([0]), y[0, 0]))",
    "numbers": "(x[0, 0].index_fill(0, torch.tensor([0]), 3), x[0, 0].take(torch.tensor([0, -1])),"
    " x[0, 0].masked_select(torch.tensor(True)))",
    "nothing": "(x.scatter(1, torch.zeros(0).long(), 1), x[:0].take(torch.zeros(0).long()),"
    " x.index_add(0, torch.zeros(0).long(), y[:0]), x.masked_select(torch.tensor(False)))",
    "a part of src": "x.detach().scatter(1, torch.tensor([[3]]), y.detach())",
    "multiplied": "x.detach().scatter(1, torch.tensor([[0], [1]]), 3, reduce='multiply')",
    "added": "x.detach().scatter(1, torch.tensor([[0, 0], [1, 1]]), 3, reduce='add')",
    "max": "x.detach().scatter_reduce(0, torch.tensor([[0, 1]]), y.detach(), 'max')",
    "min": "x.detach().scatter_reduce(0, torch.tensor([[0, 1]]), y.detach(), 'min')",
    "the largest ones share": "x.scatter_reduce(0, torch.tensor([[0, 1, 0, 2]]), x[:1], 'amax')",
    "NaN": "x.scatter_reduce(0, torch.tensor([[0, 1]]), y * float('nan'), 'amax').detach()",
    "a wrapped index": "torch.take_along_dim(x, torch.tensor([[5]]), 1)",
}


@pytest.mark.filterwarnings("ignore:scatter_reduce")
@pytest.mark.parametrize("case", EDGES)
def test_edges_against_torch(torch, case):
    agree(torch, EDGES[case], X, Y, order=1)


@pytest.mark.parametrize("y", [[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [1.0, 2.0, 0.0]], ids=str)
@pytest.mark.parametrize("x", [0.0, 2.0])
def test_products_with_zeros_have_the_gradients_of_the_other_factors(torch, x, y):
    code = "x.scatter_reduce(0, torch.tensor([0, 0, 1]), y, 'prod')"
    agree(torch, code, np.array([x, 5.0]), np.array(y), order=1)


OF_INTS = {
    "x.scatter(1, torch.tensor([[0, 1]]), 5.7)",
    "(x > 4).scatter(0, torch.tensor([[0]]), 2)",
    "(x > 4).scatter_add(0, torch.tensor([[0, 1]]), x > 5)",
    "x.index_fill(0, torch.tensor(1), 5.7)",
    "x.scatter_reduce(0, torch.tensor([[0, 0], [0, 1]]), -x, 'mean')",
    "x.scatter_reduce(0, torch.tensor([[0, 0], [0, 1]]), x, 'amax', include_self=False)",
    "x.index_add(0, torch.tensor([0]), x[:1], alpha=2)",
    "x.masked_select(x > 4)",
    "(x > 4).scatter_reduce(0, torch.tensor([[0, 0]]), x > 5, 'prod', include_self=False)",
    "(x > 4).scatter_reduce(0, torch.tensor([[0, 0]]), x > 5, 'amin', include_self=False)",
}


@pytest.mark.filterwarnings("ignore:scatter_reduce")
@pytest.mark.parametrize("code", sorted(OF_INTS))
def test_ints_and_bools(torch, code):
    agree(torch, code, np.arange(12).reshape(3, 4))


# --- in place ------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:scatter_reduce")
@pytest.mark.parametrize("source", ["y * 2", "y.detach()"])
@pytest.mark.parametrize("start", ["x * 2", "x.detach().clone()", "(x * 2)[:, :]"])
@pytest.mark.parametrize("name", CALLS)
def test_in_place_the_tensor_itself_changes(torch, name, start, source):
    def expression(torch, x, y, call):
        changed = eval(start, {"x": x})
        scope = {"torch": torch, "x": changed, "y": eval(source, {"y": y})}
        assert eval(f"x.{name}_{call}", scope) is changed
        return changed, changed * changed

    for call in CALLS[name]:
        agree(torch, lambda torch, x, y, call=call: expression(torch, x, y, call), X, Y, order=1)


@pytest.mark.parametrize("name", CALLS)
def test_a_leaf_that_requires_grad_is_not_changed(name):
    x, y = minigrad.tensor(X, requires_grad=True), minigrad.tensor(Y)
    with pytest.raises(RuntimeError, match="a leaf that requires grad"):
        eval(f"x.{name}_{CALLS[name][0]}", {"torch": minigrad, "x": x, "y": y})
    np.testing.assert_array_equal(x.detach().value, X)


def test_a_write_into_a_row_reaches_the_matrix():
    x = minigrad.zeros(2, 3)
    x[1].scatter_(0, minigrad.tensor([2]), 1.0)
    assert x.tolist() == [[0, 0, 0], [0, 0, 1]]


# --- errors --------------------------------------------------------------------------------------

T, S, PLACES = minigrad.tensor(X), minigrad.tensor(Y), minigrad.tensor([[0, 1], [1, 0]])
ROWS, ONE = minigrad.tensor([0, 1]), minigrad.tensor([0])
ERRORS = {
    "scatter dtype": (lambda: T.scatter(1, PLACES, S.float()), TypeError, "float32 into float64"),
    "scatter index": (
        lambda: T.scatter(1, PLACES.double(), 1),
        TypeError,
        "the index must be .*int64",
    ),
    "scatter range": (lambda: T.scatter(1, PLACES + 3, 1), IndexError, "index 4 is out of range"),
    "scatter back": (lambda: T.scatter(1, PLACES - 1, 1), IndexError, "index -1 is out of range"),
    "scatter dims": (lambda: T.scatter(1, ROWS, 1), ValueError, r"index \(2,\), src \(2,\)"),
    "scatter src": (lambda: T.scatter(1, PLACES, S[:, :1]), ValueError, "no larger than src"),
    "scatter text": (lambda: T.scatter(1, PLACES, "a"), TypeError, "must be a number, not str"),
    "scatter reduce": (lambda: T.scatter(1, PLACES, 1, reduce="sum"), ValueError, "not 'sum'"),
    "scatter_add": (
        lambda: T.scatter_add(1, PLACES, 1),
        TypeError,
        "src must be a tensor, not int 1",
    ),
    "scatter_reduce": (lambda: T.scatter_reduce(1, PLACES, S, "or"), ValueError, "not 'or'"),
    "mean of bools": (
        lambda: (T > 0).scatter_reduce(1, PLACES, S > 0, "mean"),
        TypeError,
        "bools have no mean",
    ),
    "index_add": (lambda: T.index_add(0, ROWS, S), ValueError, r"it must be \(2, 4\)"),
    "index_add 2-D": (lambda: T.index_add(0, PLACES, S), ValueError, "one dim, not shape"),
    "index_add range": (lambda: T.index_add(0, ROWS + 2, S[:2]), IndexError, "index 3"),
    "index_copy": (
        lambda: T.index_copy(0, ONE, S[0].long()[None]),
        TypeError,
        "int64 into float64",
    ),
    "index_fill": (lambda: T.index_fill(0, ONE, S[0]), ValueError, "one number"),
    "index_fill range": (lambda: T.index_fill(0, ONE + 3, 1), IndexError, "index 3"),
    "index_put": (lambda: T.index_put(ONE, S), TypeError, "a tuple of tensors"),
    "index_put number": (lambda: T.index_put((ONE,), 1.0), TypeError, "values must be a tensor"),
    "index_put shape": (lambda: T.index_put((ONE,), S[:, 0]), ValueError, "does not broadcast"),
    "index_put range": (lambda: T.index_put((ONE + 3,), S[0]), IndexError, "index 3 is out of"),
    "masked_scatter": (
        lambda: T.masked_scatter(T < 9, S[0]),
        ValueError,
        "4 elements, the mask takes 12",
    ),
    "masked_select": (lambda: T.masked_select(T), TypeError, "the mask must be bool"),
    "masked_select shape": (lambda: T.masked_select(PLACES > 0), ValueError, "do not broadcast"),
    "select_scatter": (
        lambda: T.select_scatter(S, 0, 0),
        ValueError,
        r"src of shape .3, 4.: it must be .4,.",
    ),
    "diagonal_scatter": (lambda: T.diagonal_scatter(S[0]), ValueError, r"it must be .3,."),
    "take": (lambda: T.take(ONE + 12), IndexError, "index 12 is out of range"),
    "take_along_dim": (lambda: T.take_along_dim(ONE, 0), ValueError, "the same number of dims"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    call, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        call()

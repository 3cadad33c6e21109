"""Composites: each expression in minigrad and in PyTorch, side by side."""

import numpy as np
import pytest
from agreement import agree, draw, several

import minigrad
from minigrad import functions as f

inf, nan = float("inf"), float("nan")


def ids(below, *shape):
    return np.random.default_rng(below).integers(below, size=shape)


X = draw(2, 3, 4)

M = draw(3, 4)

TIES = np.array([[2.0, 5.0, 5.0], [5.0, -1.0, 2.0]])

SMOOTH = {  # with second derivatives
    "sub": (lambda torch, x, y: torch.sub(x, y), X, draw(3, 1)),
    "sub of a number": (lambda torch, x: torch.sub(x, 2) + (1 - x), X),
    "sqrt": (lambda torch, x: torch.sqrt(x), np.array([0.5, 4.0])),
    "mean": (lambda torch, x: torch.mean(x), X),
    "mean over a dim": (lambda torch, x: torch.mean(x, -2), X),
    "mean over dims": (lambda torch, x: torch.mean(x, (0, -1), keepdim=True), X),
    "mean over no dims": (lambda torch, x: torch.mean(x, ()), X),
    "mean over a list": (lambda torch, x: torch.mean(x, [0, 2]), X),
    "mean of 0-d": (lambda torch, x: torch.mean(x, 0), draw()),
    "var": (lambda torch, x: torch.var(x), X),
    "var over a dim": (lambda torch, x: torch.var(x, -1), X),
    "var over dims": (lambda torch, x: torch.var(x, dim=(0, 2), correction=0, keepdim=True), X),
    "var with correction": (lambda torch, x: torch.var(x, 1, correction=2), X),
    "std": (lambda torch, x: torch.std(x), X),
    "std over a dim": (lambda torch, x: torch.std(x, 0, keepdim=True, correction=0), X),
    "logsumexp": (lambda torch, x: torch.logsumexp(x, -1), X),
    "logsumexp over dims": (lambda torch, x: torch.logsumexp(x, (0, 2), keepdim=True), X),
    "logsumexp of 0-d": (lambda torch, x: torch.logsumexp(x, 0), draw()),
    "logsumexp far out": (lambda torch, x: torch.logsumexp(x, 0), np.array([1e4, 1e4, -1e4])),
    "flatten": (lambda torch, x: torch.flatten(x), X),
    "flatten some dims": (lambda torch, x: torch.flatten(x, 1, -1), X),
    "flatten front dims": (lambda torch, x: torch.flatten(x, 0, 1), X),
    "flatten one dim": (lambda torch, x: torch.flatten(x, -1), X),
    "flatten 0-d": (lambda torch, x: torch.flatten(x), draw()),
    "flatten nothing": (lambda torch, x: torch.flatten(x, 1), draw(2, 0, 3)),
    "transpose": (lambda torch, x: torch.transpose(x, 0, -1), X),
    "transpose a dim with itself": (lambda torch, x: torch.transpose(x, 1, -2), X),
    "transpose 0-d": (lambda torch, x: torch.transpose(x, 0, -1) * 1, draw()),
    "mT": (lambda torch, x: x.mT, X),
    "t": (lambda torch, x: torch.t(x), M),
    "t of 1-D": (lambda torch, x: torch.t(x) * 1, draw(3)),
    "t of 0-d": (lambda torch, x: torch.t(x) * 1, draw()),
    "unsqueeze": (lambda torch, x: (torch.unsqueeze(x, 0), torch.unsqueeze(x, -1)), X),
    "unsqueeze inside": (lambda torch, x: (torch.unsqueeze(x, 3), torch.unsqueeze(x, -4)), X),
    "unsqueeze 0-d": (lambda torch, x: (torch.unsqueeze(x, 0), torch.unsqueeze(x, -1)), draw()),
    "squeeze": (lambda torch, x: torch.squeeze(x), draw(1, 3, 1)),
    "squeeze a dim": (lambda torch, x: (torch.squeeze(x, 0), torch.squeeze(x, -1)), draw(1, 3, 1)),
    "squeeze what is not 1": (lambda torch, x: torch.squeeze(x, 1), draw(1, 3, 1)),
    "squeeze dims": (lambda torch, x: torch.squeeze(x, (0, 1, -1)), draw(1, 3, 1)),
    "squeeze no dims": (lambda torch, x: torch.squeeze(x, ()), draw(1, 3, 1)),
    "squeeze 0-d": (lambda torch, x: (torch.squeeze(x), torch.squeeze(x, 0)), draw()),
    "cat": (lambda torch, x, y: torch.cat([x, y, x], -1), M, draw(3, 1)),
    "cat of a tuple": (lambda torch, x, y: torch.cat((x, y), dim=0), M, draw(1, 4)),
    "cat with nothing": (lambda torch, x, y: torch.cat([y, x, y], -1), M, draw(0)),
    "cat with nothing of ints": (lambda torch, x, y: torch.cat([y, x], 1), M, ids(2, 0)),
    "cat of nothing": (lambda torch, x: torch.cat([x, x], 1), draw(0)),
    "stack": (lambda torch, x, y: torch.stack([x, y]), M, draw(3, 4, seed=1)),
    "stack last": (lambda torch, x, y: torch.stack((x, y, x), -1), M, draw(3, 4, seed=1)),
    "stack inside": (lambda torch, x, y: torch.stack([x, y], dim=-2), M, draw(3, 4, seed=1)),
    "stack 0-d": (lambda torch, x, y: torch.stack([x, y, x]), draw(), draw(seed=1)),
    "split": (lambda torch, x: torch.split(x, 2, 1), X),
    "split evenly": (lambda torch, x: torch.split(x, 2, -1), X),
    "split by sizes": (lambda torch, x: torch.split(x, [1, 0, 3], -1), X),
    "split by one size too large": (lambda torch, x: torch.split(x, 9), X),
    "split nothing": (lambda torch, x: torch.split(x, 2), draw(0, 2)),
    "chunk": (lambda torch, x: torch.chunk(x, 2, 1), X),
    "chunk into fewer": (lambda torch, x: torch.chunk(x, 3, -1), X),
    "chunk into too many": (lambda torch, x: torch.chunk(x, 7, dim=1), X),
    "unbind": (lambda torch, x: torch.unbind(x), X),
    "unbind last": (lambda torch, x: torch.unbind(x, -1), X),
}

KINKED = {  # ties and bounds: values and first derivatives
    "abs": (lambda torch, x: torch.abs(x), np.array([-2.0, 0.0, 3.0])),
    "minimum": (lambda torch, x, y: torch.minimum(x, y), X, draw(3, 1)),
    "minimum of equals": (lambda torch, x, y: torch.minimum(x, y), TIES, np.array([2.0, 5.0, 6.0])),
    "clamp": (lambda torch, x: torch.clamp(x, -0.5, 0.5), X),
    "clamp below": (lambda torch, x: torch.clamp(x, min=0), np.array([-1.0, 0.0, 1.0])),
    "clamp above": (lambda torch, x: torch.clamp(x, max=0), np.array([-1.0, 0.0, 1.0])),
    "clamp to nothing between": (lambda torch, x: torch.clamp(x, 4, 2), np.array([1.0, 3.0, 5.0])),
    "clamp by tensors": (
        lambda torch, x, low, high: torch.clamp(x, low, high),
        X,
        draw(3, 1) - 1,
        draw(4) + 1,
    ),
    "max": (lambda torch, x: torch.max(x), TIES),
    "min": (lambda torch, x: torch.min(x), TIES),
    "max of two": (lambda torch, x, y: torch.max(x, y), X, draw(3, 1)),
    "min of two": (lambda torch, x, y: torch.min(x, y), X, draw(3, 1)),
    "max over a dim": (lambda torch, x: torch.max(x, 1), TIES),
    "max over the first": (lambda torch, x: torch.max(x, dim=0, keepdim=True), TIES),
    "max over dim -2": (lambda torch, x: torch.max(x, -2), X),
    "max of 0-d": (lambda torch, x: torch.max(x, 0), draw()),
    "min over a dim": (lambda torch, x: torch.min(x, 1), TIES),
    "min over the first": (lambda torch, x: torch.min(x, dim=0, keepdim=True), TIES),
    "amin": (lambda torch, x: torch.amin(x, 1), TIES),
    "amin over dims": (lambda torch, x: torch.amin(x, (0, 1), keepdim=True), TIES),
    "topk": (lambda torch, x: torch.topk(x, 2), X),
    "topk of a dim": (lambda torch, x: torch.topk(x, 1, 0), X),
    "topk smallest": (lambda torch, x: torch.topk(x, 3, -2, largest=False), X),
    "topk of none": (lambda torch, x: torch.topk(x, 0, 1), X),
    "topk of 0-d": (lambda torch, x: torch.topk(x, 1), draw()),
    "logsumexp of -inf": (lambda torch, x: torch.logsumexp(x, 0), np.array([-inf, 1.0, 2.0])),
    "logsumexp of inf": (lambda torch, x: torch.logsumexp(x, 0), np.array([inf, 1.0, 2.0])),
    "std of equals": (lambda torch, x: torch.std(x, 1), np.array([[1.0, 2.0], [2.0, 4.0]])),
}


@pytest.mark.parametrize("case", SMOOTH)
def test_composites(torch, case):
    agree(torch, *SMOOTH[case])


@pytest.mark.parametrize("case", KINKED)
def test_composites_with_kinks(torch, case):
    agree(torch, *KINKED[case], order=1)


NAMES = sorted(
    name
    for name in dir(minigrad)
    if getattr(getattr(minigrad, name), "__module__", "") == f.__name__
)


@pytest.mark.parametrize("name", NAMES)
def test_every_function_is_one_of_pytorchs(torch, name):
    assert callable(getattr(torch, name))


OF_ARRAYS = [case for case in (SMOOTH | KINKED) if case not in ("mT", "masked_fill by a tensor")]


class Functions:
    """A stand-in for the library whose functions an expression calls on arrays."""

    def __getattr__(self, name):
        return getattr(minigrad, name)


@pytest.mark.parametrize("case", OF_ARRAYS)
def test_on_arrays_they_compute_the_same(case):
    expression, *arrays = (SMOOTH | KINKED)[case]
    on_arrays = several(expression(Functions(), *arrays))
    on_tensors = several(expression(minigrad, *map(minigrad.tensor, arrays)))
    for array, tensor in zip(on_arrays, on_tensors, strict=True):
        assert isinstance(array, np.ndarray | np.generic)
        assert array.dtype == tensor.dtype
        np.testing.assert_array_equal(array, tensor.value)


# --- ints and bools -------------------------------------------------------------------------------

INTS = np.array([[3, 1, 2], [0, 1, 1]])
BOOLS = np.array([[True, False, True], [False, False, False]])
INTS_AND_BOOLS = {
    "max of ints": (lambda torch, x: (torch.max(x), *torch.max(x, 1)), INTS),
    "min of ints": (lambda torch, x: (torch.min(x), *torch.min(x, 1), torch.abs(-x)), INTS),
    "max of bools": (lambda torch, x: (torch.max(x), torch.amax(x, 1)), BOOLS),
    "sums of ints and bools": (lambda torch, x, y: (x.sum(), y.sum(1), y.sum()), INTS, BOOLS),
    "topk of ints": (lambda torch, x: torch.topk(x, 1, 0), np.array([[3, 1], [0, 5]])),
    "clamp ints": (lambda torch, x: (torch.clamp(x, 1), torch.clamp(x, max=2)), INTS),
    "clamp ints by a float": (lambda torch, x: torch.clamp(x, min=1.5), INTS),
    "sqrt of ints": (lambda torch, x: torch.sqrt(x), INTS),
    "stack ints and floats": (lambda torch, x, y: torch.stack([x, y]), INTS, TIES),
}  # fmt: skip


@pytest.mark.parametrize("case", INTS_AND_BOOLS)
def test_ints_and_bools(torch, case):
    expression, *arrays = INTS_AND_BOOLS[case]
    agree(
        torch, lambda torch, *xs: expression(torch, *[x.detach() for x in xs]), *arrays, rtol=1e-6
    )


# --- edges ----------------------------------------------------------------------------------------


def test_max_over_a_dim_is_a_named_tuple():
    values, indices = found = minigrad.tensor(TIES).max(dim=1)
    assert found.values is values
    assert found.indices is indices
    assert indices.dtype == minigrad.int64


def test_topk_of_ties_selects_the_largest():
    values, indices = minigrad.tensor(TIES).topk(2)
    np.testing.assert_array_equal(values.value, [[5, 5], [5, 2]])
    np.testing.assert_array_equal(np.take_along_axis(TIES, indices.value, 1), values.value)


def test_reductions_take_numbers_and_lists():
    for reduce, of_number, of_rows in ((f.max, 3, 4), (minigrad.amax, 3, 4), (minigrad.sum, 3, 10)):
        assert reduce(3) == of_number
        assert reduce([[1, 2], [3, 4]]) == of_rows
    assert minigrad.sum([[1, 2], [3, 4]], 0).tolist() == [4, 6]
    assert minigrad.argmax([[1, 2], [3, 0]], 0).tolist() == [1, 0]
    assert minigrad.any([0, 1])
    assert not minigrad.all([0, 1], dim=0)


def test_var_of_too_few_values_is_nan_or_inf():
    """As in PyTorch, which also warns: 0 / 0, or a nonzero number over 0."""
    assert np.isnan(minigrad.tensor([[1.0]]).var(1).value).all()
    assert np.isposinf(minigrad.tensor([[1.0, 2.0]]).var(1, correction=2).value).all()
    assert np.isposinf(minigrad.tensor([[1.0, 2.0]]).var(1, correction=5).value).all()


def test_logsumexp_of_only_minus_infinity():
    x = minigrad.tensor([-inf, -inf])
    assert minigrad.logsumexp(x, 0).item() == -inf


def test_dims_may_be_numpy_ints():
    x = minigrad.tensor(TIES)
    np.testing.assert_array_equal(x.max(np.int64(1)).values.value, [5, 5])
    np.testing.assert_array_equal(x.sum(np.int64(1)).value, TIES.sum(1))
    assert len(x.split(np.int64(2), 1)) == 2


def test_a_dim_that_is_given_twice_or_does_not_exist_is_an_error():
    x = minigrad.tensor(TIES)
    with pytest.raises(ValueError, match="twice"):
        x.mean((0, 0))
    with pytest.raises(IndexError, match="dim 2"):
        x.mean((0, 2))


def test_the_standard_deviation_of_equal_values_has_gradient_0(torch):
    agree(torch, lambda torch, x: torch.std(x, 0), np.array([[2.0, 1.0], [2.0, 4.0]]), order=1)


@pytest.mark.parametrize(
    "pieces",
    [lambda x: x.unbind(-1), lambda x: x.split((1, 2), 1), lambda x: x[0].unbind(), lambda x: [*x]],
    ids=["unbind", "split", "numbers", "iterated"],
)
def test_pieces_are_recorded_as_if_indexed_one_by_one(pieces):
    x = minigrad.tensor(draw(2, 3), requires_grad=True)
    for piece in pieces(x):
        assert piece.call.op is minigrad.ops.getitem
        assert piece.requires_grad
        (of,) = piece.call.inputs
        assert of.birth < piece.birth
        assert piece.call.values == [of.value]
        assert np.array_equal(piece.value, of.value[piece.call.settings["index"]])
        assert piece.call.place[1].co_filename == __file__
        for array in (x.value, piece.value):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
    with minigrad.no_grad():
        assert not any(piece.requires_grad or piece.call for piece in pieces(x))
    assert not any(piece.requires_grad or piece.call for piece in pieces(x.detach()))


# --- errors ---------------------------------------------------------------------------------------

OF_A_TENSOR = {
    "clamp": (1,), "mean": (), "var": (), "std": (), "topk": (1,), "flatten": (), "t": (),
    "transpose": (0, 1), "unsqueeze": (0,), "squeeze": (), "split": (1,), "chunk": (2,),
    "unbind": (), "tril": (), "triu": (), "roll": (1,), "masked_fill": (True, 1),
    "gather": (0, 0), "index_select": (0, 0), "softmax": (0,), "log_softmax": (0,), "relu": (),
    "reshape": ((1,),), "permute": ((),),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_A_TENSOR)
@pytest.mark.parametrize("given", [3, 1.5, None, "text", [1.0, 2.0], (1, 2)], ids=repr)
def test_what_is_no_tensor_is_refused_by_name(name, given):
    with pytest.raises(TypeError, match=r"expected a tensor, not \w+"):
        getattr(minigrad, name)(given, *OF_A_TENSOR[name])


@pytest.mark.parametrize("name", ["mean", "var", "std", "squeeze", "unbind", "tril", "triu"])
def test_the_first_argument_may_be_given_by_pytorchs_name(name):
    x = minigrad.tensor(X)
    function = getattr(minigrad, name)
    for ours, theirs in zip(several(function(input=x)), several(function(x)), strict=True):
        np.testing.assert_array_equal(ours.value, theirs.value)


ERRORS = {
    "cat of one tensor": (lambda x: minigrad.cat(x), TypeError, r"a list .* of shape \(2, 3\)"),
    "stack of one tensor": (lambda x: minigrad.stack(x), TypeError, "a list of tensors, not one"),
    "cat of numbers": (lambda x: minigrad.cat([x, 1]), TypeError, "expected a tensor, not int"),
    "cat of sizes 0": (lambda x: minigrad.cat([x[:, :0], x]), ValueError, r"\(2, 0\), \(2, 3\)"),
    "chunk into True": (lambda x: x.chunk(True), TypeError, "pieces must be an int, not bool True"),
    "split by text": (lambda x: x.split(["1", 2]), TypeError, "a size must be an int, not str '1'"),
    "topk of True": (lambda x: x.topk(True), TypeError, "k must be an int, not bool True"),
    "topk of bools": (lambda x: (x > 0).topk(1), TypeError, "bool"),
    "argmax of bools": (lambda x: (x > 0).argmax(), TypeError, "argmax: got bool"),
    "max of two dims": (lambda x: x.max((0, 1)), TypeError, r"one int|tuple \(0, 1\)"),
    "max of text": (lambda x: f.max("a"), TypeError, "got str"),
    "max of None": (lambda x: f.max(None), TypeError, "got NoneType"),
    "sum of text": (lambda x: minigrad.sum("a"), TypeError, "sum: expected .* not str"),
    "exp of None": (lambda x: minigrad.exp(None), TypeError, "exp: expected .* not None"),
    "exp of a complex": (lambda x: minigrad.exp(1j), TypeError, "exp: expected .* not complex"),
    "sub of a bool": (lambda x: x - True, TypeError, "got bool"),
    "bool sub": (lambda x: 1 - (x > 0), TypeError, "got bool"),
    "matmul of bools": (lambda x: (x > 0) @ (x > 0).T, TypeError, "not be bool"),
    "sub": (lambda x: x - minigrad.ones(2), ValueError, r"\(2, 3\) and \(2,\)"),
    "sub of bools": (lambda x: (x > 0) - (x > 0), TypeError, "bool"),
    "minimum": (lambda x: f.minimum(x, minigrad.ones(2)), ValueError, r"\(2, 3\) and \(2,\)"),
    "clamp": (lambda x: x.clamp(), ValueError, "min, max or both"),
    "mean of ints": (lambda x: x.long().mean(), TypeError, r"mean of int64.*float\(\)"),
    "mean dim": (lambda x: x.mean(2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "var dim": (lambda x: x.var(-3), IndexError, r"dim -3 of shape \(2, 3\)"),
    "max dim": (lambda x: x.max(2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "topk": (lambda x: x.topk(4), ValueError, r"k is 4, but dim -1 of \(2, 3\) has 3"),
    "topk dim": (lambda x: x.topk(1, 2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "logsumexp": (lambda x: x.logsumexp(2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "flatten": (lambda x: x.flatten(1, 0), ValueError, "start_dim 1 comes after end_dim 0"),
    "flatten dim": (lambda x: x.flatten(2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "transpose": (lambda x: x.transpose(0, 2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "mT of 1-D": (lambda x: x[0].mT, (IndexError, ValueError), r"\(3,\)"),
    "t of 3-D": (lambda x: x[None].t(), ValueError, r"shape \(1, 2, 3\) has more than two dims"),
    "unsqueeze": (lambda x: x.unsqueeze(3), IndexError, r"dim 3 of shape \(2, 3\).* from -3 to 2"),
    "squeeze": (lambda x: x.squeeze(2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "stack": (
        lambda x: minigrad.stack([x, x[0]]), ValueError, r"stack: .* equal.*\(2, 3\), \(3,\)",
    ),
    "stack of nothing": (lambda x: minigrad.stack([]), ValueError, "at least one tensor"),
    "cat of 0-d": (lambda x: minigrad.cat([x[0, 0]]), IndexError, r"no dims"),
    "split of 0": (lambda x: x.split(0), ValueError, "must be positive, not 0"),
    "split sizes": (lambda x: x.split([1, 1], 1), ValueError, r"\[1, 1\] add up to 2, dim 1 has 3"),
    "split negative": (lambda x: x.split([-1, 4], 1), ValueError, r"negative|-1"),
    "split dim": (lambda x: x.split(1, 2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "split 0-d": (lambda x: x[0, 0].split(1), (ValueError, IndexError), r"0-d|no dims|\(\)"),
    "chunk": (lambda x: x.chunk(0), ValueError, "must be positive, not 0"),
    "chunk dim": (lambda x: x.chunk(2, 2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "unbind dim": (lambda x: x.unbind(2), IndexError, r"dim 2 of shape \(2, 3\)"),
    "unbind 0-d": (lambda x: x[0, 0].unbind(), (ValueError, IndexError), r"0-d|no dims|\(\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_what_is_wrong(case):
    expression, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        expression(minigrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True))

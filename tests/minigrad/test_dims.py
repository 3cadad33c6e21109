"""Dims: which ones each function takes, and that it refuses the same as PyTorch."""

import copy
import pickle

import numpy as np
import pytest
from agreement import code, outcome

import minigrad
from minigrad.dims import axes, exchanged, integer, sizes

DIMS = [
    "0", "1", "-1", "2", "-3", "-4", "None", "()", "[]", "(0,)", "[1]", "(0, 1)", "[1, 0]",
    "(0, 0)", "(0, -2)", "True", "torch.tensor(1)", "torch.tensor([0, 1])", "torch.tensor(1.0)",
    "np.int64(1)", "1.0", "'0'", "range(2)", "(True,)", "(1.0,)", "((0,),)", "(None,)", "{0}",
    "(torch.tensor(1), 0)", "(np.int64(1),)", "...", "slice(0, 1)", "2**70", "-(2**63)",
]  # fmt: skip

OF_ONE_DIM = [
    "x.argmax(D)", "x.argmin(dim=D, keepdim=True)", "torch.argsort(x, D)", "x.topk(1, D)",
    "x.max(dim=D)", "x.min(D, keepdim=True)", "x.softmax(D)", "torch.log_softmax(x, D)",
    "x.unbind(D)", "x.split(1, D)", "x.chunk(2, D)", "torch.cat([x, x], D)",
    "torch.stack([x, x], D)", "x.unsqueeze(D)", "x.gather(D, torch.zeros(1, 1).long())",
    "x.index_select(D, torch.tensor([0]))", "x.transpose(D, 0)", "x.transpose(0, D)",
    "x.flatten(D)", "x.flatten(0, D)",
]  # fmt: skip
OF_SEVERAL = [
    "x.sum(D)", "torch.sum(x, dim=D, keepdim=True)", "x.mean(D)", "x.var(dim=D)", "x.std(dim=D)",
    "x.amax(D)", "x.amin(D, True)", "x.any(D)", "x.all(D)", "x.squeeze(D)", "x.logsumexp(D)",
    "x.roll(1, D)", "x.roll((1, 2), D)", "x.roll(D, 0)", "x.reshape(D)", "x.expand(D)",
    "x.permute(D)", "torch.permute(x, D)", "x.topk(D)", "x.split(D)", "x.chunk(D)", "x.tril(D)",
    "x.sum(0, D)", "x.view(D)",
]  # fmt: skip
# Where PyTorch is lenient or strict by accident, or counts () as nothing only in part.
LEFT_OUT = {
    "x.max(dim=D)": ["None"],
    "x.min(D, keepdim=True)": ["None"],
    "x.squeeze(D)": ["None"],
    "x.reshape(D)": ["torch.tensor([0, 1])"],
    "x.var(dim=D)": ["()", "[]"],
    "x.std(dim=D)": ["()", "[]"],
    "x.tril(D)": ["-(2**63)"],
    "x.roll(D, 0)": ["2**70", "-(2**63)"],
    "x.topk(D)": ["0"],
    "x.split(D)": ["np.int64(1)", "torch.tensor(1.0)", "2**70"],
    "x.chunk(D)": ["torch.tensor(1)", "2**70"],
    "torch.permute(x, D)": ["range(2)", "torch.tensor([0, 1])"],
}


def result(library, text, *arrays):
    """The values of an expression, or the exception it raised."""
    try:
        return outcome(library, code(text), arrays, 1)
    except Exception as error:
        return error


def same(our, their):
    return np.shape(our) == np.shape(their) and np.allclose(our, their, equal_nan=True)


@pytest.mark.filterwarnings("ignore:.*degrees of freedom")
@pytest.mark.parametrize("function", OF_ONE_DIM + OF_SEVERAL)
def test_the_same_dims_are_taken_and_refused_as_in_pytorch(torch, function):
    wrong = []
    for dim in set(DIMS) - set(LEFT_OUT.get(function, ())):
        text = function.replace("D", dim)
        for x in (np.arange(6.0).reshape(2, 3), np.array(2.0)):
            ours, theirs = result(minigrad, text, x), result(torch, text, x)
            if isinstance(ours, Exception) or isinstance(theirs, Exception):
                if type(ours) is not type(theirs) and not isinstance(ours, Exception):
                    wrong.append(f"{text} of {x.shape}: PyTorch refuses it: {theirs}")
                elif not isinstance(theirs, Exception):
                    wrong.append(f"{text} of {x.shape}: refused: {ours}")
            elif not all(map(same, ours, theirs)):
                wrong.append(f"{text} of {x.shape}: {ours} is not {theirs}")
    assert not wrong, "\n".join(wrong)


ONE_INT = (TypeError, "must be an int, not")
REFUSED = {
    "x.max((0, 1))": ONE_INT, "x.argmax((0, 1))": ONE_INT, "x.topk(1, (0, 1))": ONE_INT,
    "x.argsort(None)": ONE_INT, "torch.cat([x, x], None)": ONE_INT, "x.softmax((0, 1))": ONE_INT,
    "x.unbind(True)": ONE_INT, "x.sum({0})": ONE_INT, "x.split(1.5)": ONE_INT,
    "x.sum(0, 1)": (TypeError, "keepdim is True or False, not 1; several dims are one tuple"),
    "x.reshape(-2)": (ValueError, "reshape"), "x.reshape(2, True)": ONE_INT,
    "x.permute(0, 0)": (ValueError, r"\(0, 0\) is not a permutation of the 2 dims"),
    "x.permute(0, -2)": (ValueError, r"\(0, -2\) is not a permutation of the 2 dims"),
    "x.logsumexp(None)": (TypeError, "one dim or several"),
    "x.max(1, dim=0)": (TypeError, "give one dim, not both 1 and 0"),
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_says_what_would_be_right(text):
    kind, message = REFUSED[text]
    with pytest.raises(kind, match=message):
        code(text)(minigrad, minigrad.ones(2, 3))


def test_a_dim_may_be_a_tensor():
    x = minigrad.tensor([[1.0, 5.0, 2.0], [4.0, 0.0, 3.0]], requires_grad=True)
    one = minigrad.tensor(1)
    assert x.max(dim=one).values.tolist() == [5, 4]
    assert x.max(x * 0 + 3).tolist() == [[3, 5, 3], [4, 3, 3]]
    (x.sum(dim=one) * minigrad.tensor([1.0, 2.0])).sum().backward()
    assert x.grad.tolist() == [[1, 1, 1], [2, 2, 2]]


def test_pieces_of_nothing(torch):
    for text in ("x.chunk(3)", "x.split(0)", "x.split(2)", "x.split([0, 0])"):
        ours, theirs = (code(text)(lib, lib.ones(0, 3)) for lib in (minigrad, torch))
        assert [y.shape for y in ours] == [tuple(y.shape) for y in theirs]


def test_axes_are_counted_from_the_front():
    x = np.zeros((2, 3, 4))
    assert axes(x, -1) == axes(x, (2,)) == axes(x, [np.int64(-1)]) == (2,)
    assert axes(x, None) == axes(x, ()) == (0, 1, 2)
    assert axes(x, (-1, 0)) == (2, 0)
    assert axes(np.zeros(()), -1) == ()
    assert sizes((2, 3)) == sizes(([2, np.int64(3)],)) == (2, 3)
    assert integer(minigrad.tensor(3)) == 3
    assert exchanged(3, 0, -1) == (2, 1, 0)
    assert exchanged(3, 0, 3) == ()


# --- Size ----------------------------------------------------------------------------------------

SIZES = [
    "x.shape", "x.size()", "f'{x.shape}'", "x.shape[1:]", "x.shape[-1]", "x.shape[::2]",
    "x.shape + (5,)", "(5,) + x.shape", "x.shape + x.shape", "x.shape * 2", "2 * x.shape",
    "x.shape.numel()", "torch.Size()", "torch.Size().numel()", "torch.Size([2, True])",
    "torch.Size(torch.tensor([1, 2]))", "torch.Size([np.int64(2)])", "torch.Size(x.shape)",
    "x.shape == (2, 3, 4)", "x.shape == [2, 3, 4]", "hash(x.shape) == hash((2, 3, 4))",
    "{(2, 3, 4): 1}[x.shape]", "x.shape.index(3)", "x.shape.count(3)", "x.shape > (1,)",
    "3 in x.shape", "[*x.shape]", "max(x.shape)", "x.size(-1)", "x.size(dim=1)", "x[0].mT.shape",
    "torch.zeros(x.shape).shape", "torch.zeros(x.shape[1:]).shape", "x.sum().shape",
    "torch.Size([1.5])", "torch.Size(['2'])", "torch.Size(3)", "x.shape + [5]", "[5] + x.shape",
    "x.size(3)", "x.size(True)", "x.size('0')", "x.sum().size(0)", "x.shape * 1.5", "x.shape[3]",
]  # fmt: skip


@pytest.mark.parametrize("text", SIZES)
def test_sizes_as_in_torch(torch, text):
    found = []
    for library in (minigrad, torch):
        try:
            found.append(repr(eval(text, {"torch": library, "x": library.ones(2, 3, 4), "np": np})))
        except (TypeError, ValueError, IndexError):
            found.append("refused")
    assert found[0] == found[1]


def test_a_size_is_a_tuple_that_is_copied_as_one():
    size = minigrad.ones(2, 3).shape
    assert isinstance(size, tuple)
    assert isinstance(size, minigrad.Size)
    for copied in (copy.copy(size), copy.deepcopy(size), pickle.loads(pickle.dumps(size))):
        assert copied == size
        assert type(copied) is minigrad.Size

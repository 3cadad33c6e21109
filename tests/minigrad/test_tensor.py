"""Tensor: every method that it shares with PyTorch's tensors, and Python's protocols."""

import operator
import pickle

import numpy as np
import pytest
from agreement import agree, draw

import minigrad
from minigrad import Tensor
from minigrad.tensor import METHOD_ROOMS

X = draw(2, 3, 4)


# --- methods -------------------------------------------------------------------------------------

METHODS = {  # every method that PyTorch has too, called on X
    "add": ["x.add(2)", "x.add(x)"], "sub": ["x.sub(2)"], "mul": ["x.mul(x)"], "div": ["x.div(2)"],
    "pow": ["x.pow(2)"], "neg": ["x.neg()"], "exp": ["x.exp()"], "log": ["(x * x + 1).log()"],
    "tanh": ["x.tanh()"], "sigmoid": ["x.sigmoid()"], "relu": ["x.relu()"], "abs": ["x.abs()"],
    "sqrt": ["(x * x + 1).sqrt()"], "matmul": ["x.matmul(x.mT)"],
    "clamp": ["x.clamp(-0.5, 0.5)", "x.clamp(min=0)", "x.clamp(max=0.1)"],
    "softmax": ["x.softmax(-1)", "x.softmax(dim=0)"], "log_softmax": ["x.log_softmax(1)"],
    "sum": ["x.sum()", "x.sum(1)", "x.sum((0, -1), keepdim=True)", "x.sum(dim=2)", "x.sum([0, 1])"],
    "mean": ["x.mean()", "x.mean(-1, True)", "x.mean(dim=(0, 1))"],
    "var": ["x.var()", "x.var(1, correction=0)", "x.var((0, 1), keepdim=True)"],
    "std": ["x.std()", "x.std(-1, keepdim=True)"],
    "amax": ["x.amax()", "x.amax((0, 2))", "x.amax(1, keepdim=True)"], "amin": ["x.amin(-1)"],
    "max": ["x.max()", "x.max(1)", "x.max(dim=-1, keepdim=True)", "x.max(-x)"],
    "min": ["x.min()", "x.min(0)", "x.min(2, True)", "x.min(-x)"],
    "argmax": ["x.argmax()", "x.argmax(1)", "x.argmax(-1, keepdim=True)"],
    "logsumexp": ["x.logsumexp(1)", "x.logsumexp((0, 1), keepdim=True)"],
    "topk": ["x.topk(2)", "x.topk(1, dim=0, largest=False)"],
    "any": ["(x > 1).any()", "(x > 1).any(1)"], "all": ["(x > -1).all()", "(x > -1).all(0, True)"],
    "isnan": ["x.isnan()"],
    "argmin": ["x.argmin()", "x.argmin(1, True)"], "argsort": ["x.argsort()", "x.argsort(0, True)"],
    "maximum": ["x.maximum(-x)"], "minimum": ["x.minimum(-x)"],
    "eq": ["x.eq(x)"], "ne": ["x.ne(0)"], "lt": ["x.lt(0)"], "le": ["x.le(0)"], "gt": ["x.gt(0)"],
    "ge": ["x.ge(-x)"], "equal": ["x.equal(x)", "x.equal(-x)"],
    "reshape": [
        "x.reshape(6, 4)", "x.reshape((4, 6))", "x.reshape([-1])", "x.reshape(-1)",
        "x.reshape(2, -1, 2)",
        "x.sum().reshape(1, 1)", "x.sum().reshape(())", "x.reshape(*x.shape)",
    ],
    "view": ["x.view(6, 4)", "x.view((4, -1))", "x.view(-1)", "x.view([24])",
        "x.view(np.int64(24))"],
    "expand": ["x[:1].expand(3, 3, 4)", "x.expand(2, -1, -1, -1)", "x[:, :1].expand((-1, 2, 4))"],
    "permute": ["x.permute(2, 0, 1)", "x.permute((-1, 0, 1))", "x.permute([1, 2, 0])"],
    "flatten": ["x.flatten()", "x.flatten(1)", "x.flatten(start_dim=0, end_dim=1)"],
    "transpose": ["x.transpose(0, 2)", "x.transpose(-1, -2)"],
    "t": ["x[0].t()"], "T": ["x[0].T"], "mT": ["x.mT"],
    "unsqueeze": ["x.unsqueeze(0)", "x.unsqueeze(-1)"],
    "squeeze": ["x[:1].squeeze()", "x[:1].squeeze(0)"],
    "split": ["x.split(2, 1)", "x.split([1, 3], dim=-1)"], "chunk": ["x.chunk(2, -1)"],
    "unbind": ["x.unbind()", "x.unbind(1)"], "tril": ["x.tril()", "x.tril(-1)"],
    "triu": ["x.triu(1)"],
    "roll": ["x.roll(1)", "x.roll(1, 0)", "x.roll((1, 2), (0, -1))"],
    "masked_fill": ["x.masked_fill(x > 0, 0.5)"],
    "gather": ["x.gather(0, torch.zeros(1, 3, 4, dtype=torch.int64))"],
    "index_select": ["x.index_select(1, torch.tensor([2, 2, 0]))"],
    "clone": ["x.clone()"], "contiguous": ["x.contiguous() * 1"], "detach": ["x.detach()"],
    "float": ["x.float() * 1", "(x > 0).float()"],
    "double": ["x.float().double()", "(x > 0).double()"],
    "long": ["(x * 9).long()"], "bool": ["x.bool()", "(x > 0).long().bool()"],
    "to": [
        "x.to(torch.float32)", "x.to(torch.float64) * 1", "x.to('cpu') * 1",
        "x.to('cpu', torch.int64)",
        "x.to(dtype=torch.bool)", "x.to(device='cpu', dtype=torch.float32)", "x.to(torch.float)",
    ],
    "size": ["x.size(0)", "x.size(-1)", "x.size(dim=1)", "tuple(x.size())"],
    "dim": ["x.dim()"], "ndim": ["x.ndim"], "numel": ["x.numel()"], "shape": ["tuple(x.shape)"],
    "item": ["x.sum().item()", "x[:1, :1, :1].item()", "(x > 0).sum().item()",
        "(x > 9).any().item()"],
    "tolist": ["np.array(x.tolist())", "(x > 0).sum().tolist()"],
    "is_leaf": ["x.is_leaf", "(x * 2).is_leaf", "(x > 0).is_leaf", "x.detach().is_leaf"],
    "requires_grad": ["x.requires_grad", "(x * 2).requires_grad", "x.detach().requires_grad"],
    "dtype": ["x.dtype.itemsize"], "device": ["str(x.device) == 'cpu'"], "grad": ["x.grad is None"],
}  # fmt: skip

ELSEWHERE = {  # tested below, or in autograd/ and test_inplace.py
    "backward",
    "requires_grad_",
    "retain_grad",
    "retains_grad",
    "numpy",
    "copy_",
    "fill_",
    "zero_",
}


def test_every_method_has_an_example(torch):
    ours = {name for name in dir(Tensor) if not name.startswith("_")} - METHOD_ROOMS.keys()
    shared = {name for name in ours if hasattr(torch.Tensor, name)}
    assert shared - ELSEWHERE == set(METHODS)
    assert ours - shared == {"value", "call", "birth", "replace"}, "a name that PyTorch lacks"


@pytest.mark.parametrize("expression", [code for codes in METHODS.values() for code in codes])
def test_methods_against_torch(torch, expression):
    agree(torch, expression, X, order=1, rtol=1e-6 if "float" in expression else 1e-10)


def test_a_conversion_that_changes_nothing_returns_the_tensor_itself():
    x = minigrad.ones(2)
    assert x.to(minigrad.float32) is x
    assert x.to("cpu") is x
    assert x.float() is x
    assert x.contiguous() is x
    assert x.clone() is not x


def test_to_ints_leaves_the_graph():
    x = minigrad.tensor([1.9, -1.9], requires_grad=True)
    assert not x.long().requires_grad
    assert x.long().tolist() == [1, -1]
    with pytest.raises(ValueError, match="cuda"):
        x.to("cuda")
    with pytest.raises(ValueError, match="cuda"):
        x.to(device="cuda")


@pytest.mark.parametrize("dim", [True, "0", (0, 1.0)])
def test_a_dim_is_an_int(dim):
    with pytest.raises(TypeError, match="a dim must be an int"):
        minigrad.ones(2, 2).sum(dim)


# --- Python's protocols --------------------------------------------------------------------------


def test_len_and_iteration(torch):
    agree(torch, "[row * 2 for row in x]", X)
    agree(torch, "(len(x), len(x[0, 0]))", X)
    first, second = minigrad.tensor(X)
    assert first.shape == second.shape == (3, 4)
    with pytest.raises(TypeError):
        len(minigrad.tensor(1.0))
    with pytest.raises(TypeError, match="no dims"):
        iter(minigrad.tensor(1.0))


def test_only_one_element_has_a_truth_value():
    assert minigrad.tensor(2.0)
    assert not minigrad.tensor([[0.0]])
    assert minigrad.tensor([True])
    for several_or_none in (minigrad.ones(2), minigrad.ones(0)):
        with pytest.raises((ValueError, RuntimeError), match="ambiguous"):
            bool(several_or_none)


def test_conversion_to_python_numbers():
    x = minigrad.tensor([2.75], requires_grad=True)
    assert float(x) == x.item() == 2.75
    assert int(x) == 2
    assert type(minigrad.tensor(3).item()) is int
    assert type(minigrad.tensor(True).item()) is bool
    assert list(range(5))[minigrad.tensor(2)] == 2
    for convert in (float, int, Tensor.item):
        with pytest.raises((ValueError, RuntimeError), match=r"1|one"):
            convert(minigrad.ones(2))
    with pytest.raises(TypeError):
        operator.index(minigrad.tensor(2.0))


def test_tolist():
    assert minigrad.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert minigrad.tensor(2.5).tolist() == 2.5
    assert minigrad.ones(0, 2).tolist() == []


@pytest.mark.parametrize(
    ("spec", "value"), [(".2f", 2.5), ("d", 3), ("", 2.5), (">8.3", 0.125), ("", 3), ("", True)]
)
def test_format_of_one_number(torch, spec, value):
    assert format(minigrad.tensor(value), spec) == format(torch.tensor(value), spec)
    if isinstance(value, float) and spec:
        assert format(minigrad.tensor(value, requires_grad=True), spec) == format(value, spec)


def test_format_of_many_numbers():
    x = minigrad.ones(2)
    assert f"{x}" == str(x)
    with pytest.raises((TypeError, ValueError)):
        f"{x:.2f}"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: minigrad.tensor([1.0, 2.5]), "tensor([1. , 2.5])"),
        (lambda: minigrad.tensor([1, 2]), "tensor([1, 2])"),
        (lambda: minigrad.tensor(True), "tensor(True)"),
        (lambda: minigrad.tensor(1.5), "tensor(1.5)"),
        (lambda: minigrad.tensor([1.0]).double(), "tensor([1.], dtype=float64)"),
        (lambda: minigrad.tensor([1.0], requires_grad=True), "tensor([1.], requires_grad=True)"),
        (lambda: minigrad.tensor([[1, 2], [3, 4]]), "tensor([[1, 2],\n        [3, 4]])"),
        (lambda: minigrad.zeros(2, 0), "tensor([], size=(2, 0))"),
        (lambda: minigrad.tensor([], dtype=minigrad.int64), "tensor([], dtype=int64)"),
    ],
)
def test_repr(make, text):
    assert repr(make()) == str(make()) == text


def test_repr_names_the_op_that_made_it():
    assert "grad_fn=<op mul>" in repr(minigrad.ones(2, requires_grad=True) * 2)


def test_tensors_are_hashed_by_identity():
    x, y = minigrad.ones(2), minigrad.ones(2)
    assert len({x, y, x}) == 2
    assert {x: 1}[x] == 1
    assert y not in {x: 1}
    assert hash(x) == hash(x)


def test_numpy_shares_memory():
    x = minigrad.zeros(2)
    x.numpy()[0] = 3
    assert x.tolist() == [3, 0]
    assert np.shares_memory(np.asarray(x), x.value)
    assert np.asarray(x, np.float64).dtype == np.float64
    assert not np.shares_memory(np.array(x), x.value)
    with pytest.raises(RuntimeError, match=r"requires grad.*detach\(\)\.numpy\(\)"):
        minigrad.ones(2, requires_grad=True).numpy()
    with pytest.raises(RuntimeError, match=r"detach\(\)\.numpy\(\)"):
        np.asarray(minigrad.ones(2, requires_grad=True))


def test_detach_shares_memory_and_has_no_history():
    x = minigrad.zeros(2)
    x.detach()[0] = 3
    assert x.tolist() == [3, 0]
    y = minigrad.ones(2, requires_grad=True).detach()
    assert y.is_leaf
    assert not y.requires_grad


def test_requires_grad_():
    x = minigrad.ones(2)
    assert x.requires_grad_() is x
    assert x.requires_grad
    assert not x.requires_grad_(False).requires_grad
    with pytest.raises(RuntimeError, match="only floats have gradients, not int64"):
        minigrad.tensor([1]).requires_grad_()
    y = x.requires_grad_() * 2
    assert y.requires_grad_() is y
    with pytest.raises(RuntimeError, match=r"x\.detach\(\)"):
        y.requires_grad_(False)


def test_views_share_memory():
    x = minigrad.zeros(2, 2)
    for view in (x[0], x.view(4), x.mT, x.reshape(4)):
        assert np.shares_memory(view.value, x.value)
    x.view(4)[3] = 7
    x[0][0] = 5
    assert x.tolist() == [[5, 0], [0, 7]]


def test_a_used_leaf_that_was_pickled_can_be_trained():
    w = minigrad.ones(2, requires_grad=True)
    (w * w).sum().backward()
    copied = pickle.loads(pickle.dumps(w, protocol=5))
    with minigrad.no_grad():
        copied -= 0.5
    assert copied.tolist() == [0.5, 0.5]
    assert copied.grad.tolist() == [2, 2]

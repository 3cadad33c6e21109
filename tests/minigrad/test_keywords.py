"""PyTorch's other names and options for what functions take."""

import numpy as np
import pytest
from programs import agree, both_refuse

import minigrad
from minigrad import keywords, ops

CALLS = [
    "torch.sum(x, axis=0)", "torch.sum(x, axis=1, keepdims=True)", "x.sum(1, keepdims=True)",
    "x.sum(dim=0, dtype=torch.float32)", "torch.sum(i, dtype=torch.float32)",
    "torch.sum(i > 2, dtype=torch.float64)", "torch.sum(i, dtype=torch.bool)",
    "torch.sum(x, dim=(0, 1), keepdim=True, dtype=None)", "x.mean(axis=1, keepdims=True)",
    "torch.mean(input=x, dim=1)", "i.mean(dtype=torch.float64)", "x.var(unbiased=False)",
    "x.var(1, False)", "x.var(1, True, True)", "x.var(False)", "x.std(0, unbiased=True)",
    "x.std(axis=0, keepdims=True)", "torch.std(x, 1, False, True)",
    "x.var(dim=1, keepdim=True, unbiased=False)", "torch.add(x, w, alpha=2)",
    "x.add(w, alpha=-0.5)", "torch.add(x, 3, alpha=2)", "torch.sub(x, w, alpha=3)",
    "x.sub(2, alpha=0.5)", "x.add(-0.5, w)", "torch.sub(x, 2, w)", "d.clone().add_(-0.1, d)",
    "torch.add(i, i, alpha=2)", "torch.add(x, i, alpha=0.1)",
    "torch.add(d, x.float(), alpha=0.1)", "torch.add(input=x, other=w)",
    "torch.add(input=x, other=w, alpha=2)", "torch.mul(x, other=w)", "torch.pow(x, exponent=2)",
    "torch.pow(input=x, exponent=2)", "torch.where(condition=x > 0, input=x, other=w)",
    "torch.softmax(x, axis=1)", "torch.softmax(x.float(), dim=1, dtype=torch.float64)",
    "x.float().softmax(1, torch.float64)", "x.log_softmax(-1, dtype=torch.float64)",
    "torch.softmax(i, 0, dtype=torch.float64)", "torch.max(x, axis=1)[0]",
    "torch.max(input=x, dim=1)[0]", "torch.max(x, dim=1, keepdims=True)[0]",
    "x.max(axis=0).values", "x.min(1, keepdims=True).values", "torch.argmax(x, axis=1)",
    "torch.argmax(input=x, dim=1, keepdims=True)", "torch.eq(input=x, other=w)", "x.eq(other=w)",
    "x.topk(2, sorted=True).values", "x.topk(2, 1, True, True).values",
    "x.argsort(dim=1, descending=True, stable=True)",
    "torch.argsort(input=x, axis=1)", "torch.cat((x, d), axis=1)", "torch.cat(tensors=[x, d])",
    "torch.stack([x, d], axis=1)", "x.amax(axis=1)", "torch.amax(input=x, dim=1, keepdims=True)",
    "torch.logsumexp(x, axis=1)", "torch.logsumexp(input=x, dim=1, keepdims=True)",
    "torch.any(x > 0, axis=1)", "torch.all(input=x > 0, dim=0)", "torch.squeeze(input=x, axis=0)",
    "torch.transpose(input=x, dim0=0, dim1=1)", "torch.t(input=x)", "torch.exp(input=x)",
    "torch.exp(x=w)", "torch.clamp(input=x, min=0)", "torch.matmul(input=x, other=w)",
    "torch.exp(d, out=torch.zeros(2, 3, dtype=torch.float64))",
    "torch.add(d, d, out=torch.zeros(0, dtype=torch.float64))", "torch.abs(x, out=None)",
    "torch.sum(d, dim=0, out=torch.zeros(3, dtype=torch.float64))", "x.unsqueeze(axis=0)",
    "torch.cat((d, d), out=torch.zeros(4, 3, dtype=torch.float64))",
    "torch.gather(input=x, dim=0, index=torch.zeros(1, 3, dtype=torch.int64))",
    "torch.chunk(input=x, chunks=2, dim=1)[0]", "torch.div(x, w, rounding_mode=None)",
    "torch.bitwise_not(input=i)", "torch.allclose(input=x, other=x)",
    "torch.equal(input=x, other=x)",
]  # fmt: skip
# From the room of elementwise functions.
ELEMENTWISE = [
    "torch.div(i, 2, rounding_mode='floor')", "torch.div(-i, 2, rounding_mode='trunc')",
    "x.addcmul(0.5, w, w)", "d.clone().addcdiv_(-0.5, d, d + 1)", "x.addcmul(w, w, value=2)",
    "torch.div(-i, 2, rounding_mode='floor')", "torch.div(x, w, rounding_mode='trunc')",
    "torch.div(x, w, rounding_mode='floor')", "d.clone().div_(0.3, rounding_mode='floor')",
]  # fmt: skip


def differentiated(call):
    return (
        f"y = {call}\nif hasattr(y, 'requires_grad') and y.requires_grad: (y * y).sum().backward()"
    )


@pytest.mark.parametrize("call", CALLS)
def test_a_call_as_in_pytorch(torch, call):
    agree(torch, differentiated(call))


@pytest.mark.parametrize("call", ELEMENTWISE)
def test_a_call_of_elementwise_functions(torch, call):
    pytest.importorskip("minigrad.elementwise")
    agree(torch, differentiated(call))


def test_out_is_the_tensor_that_is_returned(torch):
    agree(torch, "o = torch.zeros(2, 3).double(); y = torch.exp(d, out=o); log.append(y is o)")
    agree(
        torch,
        "v, n = torch.zeros(3).double(), torch.zeros(3, dtype=torch.int64)\n"
        "y = torch.max(d, 0, out=(v, n)); log.append([y.values is v, y.indices is n])",
    )


REFUSED = {
    "torch.add(i, i, alpha=2.5)": "alpha is 2.5", "torch.add(i, i, alpha=True)": "alpha is True",
    "torch.sub(d > 0, d > 0, alpha=1)": "bool",
    "torch.sum(x, foo=1)": "no argument 'foo': it takes",
    "torch.exp(x, foo=1)": "exp has no argument 'foo'", "torch.mean(x, foo=1)": "mean has no",
    "torch.max(x, foo=1)": "max has no", "torch.argmax(x, foo=1)": "argmax has no",
    "torch.sum(x, 0, dim=0)": "dim is given twice", "torch.sum(x, dim=0, axis=0)": "given twice",
    "torch.exp()": "exp takes", "torch.add(x, w, z=3)": "add has no argument 'z'",
    "torch.exp(x, out=d)": "records no gradient", "torch.exp(d, out=i)": "cannot become",
    "torch.exp(x, alpha=2)": "exp has no argument 'alpha'", "torch.softmax(x)": "dim",
    "torch.exp(x, dtype=torch.float64)": "exp has no argument 'dtype'",
    "torch.cat((d, d), bar=1)": "cat has no argument 'bar'",
    "torch.exp(d, out=3)": "out is a tensor",
    "torch.mean(i)": "mean of int64",
}  # fmt: skip


@pytest.mark.parametrize("call", REFUSED)
def test_refused_in_both(torch, call):
    both_refuse(torch, call, REFUSED[call])


# --- without PyTorch


def test_other_names_by_hand():
    x = minigrad.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True)
    assert minigrad.sum(x, axis=1, keepdims=True).tolist() == [[3], [8]]
    assert minigrad.add(x, x, alpha=2).tolist() == [[3, 6], [9, 15]]
    assert x.var(1, unbiased=False).tolist() == [0.25, 1]
    minigrad.sub(x, x, alpha=3).sum().backward()
    assert x.grad.tolist() == [[-2, -2], [-2, -2]]


def test_they_work_on_arrays_too():
    x = np.array([[1.0, 2.0], [3.0, 5.0]])
    assert ops.sum(x, axis=1).tolist() == [3, 8]
    assert type(ops.add(x, x, alpha=2)) is np.ndarray


def test_the_recorded_call_has_the_functions_own_settings():
    x = minigrad.ones(2, 3, requires_grad=True)
    assert minigrad.sum(x, axis=1).call.settings == {"dim": 1}


def test_a_call_that_needs_none_of_them_does_not_come_here(monkeypatch):
    monkeypatch.setattr(keywords, "again", None)
    x = minigrad.ones(2, 3, requires_grad=True)
    (x.sum(dim=1) + x.mean(1) + x.max(1).values).sum().backward()
    assert x.argmax(dim=1).tolist() == [0, 0]


def test_alpha_of_bools_is_a_bool():
    x, y = minigrad.tensor([True, False]), minigrad.tensor([True, True])
    for alpha, expected in ((2, [True, True]), (0, [True, False]), (True, [True, True])):
        found = x.add(y, alpha=alpha)
        assert (found.dtype, found.tolist()) == (minigrad.bool, expected)
        assert x.add(True, alpha=alpha).tolist() == expected
    assert x.clone().add_(y, alpha=0).tolist() == [True, False]

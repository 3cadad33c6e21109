"""The in-place forms of functions: values and gradients as in PyTorch, or the same refusals."""

import numpy as np
import pytest
from programs import agree, both_refuse

import minigrad
from minigrad.inplace import OTHERS, OVERWRITING
from minigrad.overwriting import TURNS
from minigrad.tensor import METHOD_ROOMS, Tensor

# The arguments of the functions of several inputs; those of one input take none.
BINARY = """
    add arctan2 atan2 copysign div divide eq float_power floor_divide fmod ge greater
    greater_equal gt heaviside hypot le less less_equal logical_and logical_or logical_xor lt mul
    multiply ne not_equal pow remainder sub subtract true_divide xlogy"""
BITWISE = """
    bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor"""
ARGUMENTS = dict.fromkeys(BINARY.split(), "d + 0.3") | {
    "addbmm": "d[None, :, :1], d[None, :1]", "addcdiv": "d, d + 1", "addcmul": "d, d",
    "addmm": "d[:, :1], d[:1]", "addmv": "d, d[0]", "addr": "d[:, 0], d[0]",
    "baddbmm": "d[None, :, :1], d[None, :1]", "bitwise_and": "i + 1",
    "bitwise_left_shift": "i * 0 + 1", "bitwise_or": "i + 1", "bitwise_right_shift": "i * 0 + 1",
    "bitwise_xor": "i + 1", "clamp": "0.2, 0.5", "clamp_max": "0.3", "clamp_min": "0.3",
    "clip": "0.2, 0.5", "cumprod": "1", "cumsum": "1", "lerp": "d * 3, 0.25",
    "masked_fill": "d > 0.25, 7.0",
}  # fmt: skip
ON = {"addmv": "d[:, 0]", "baddbmm": "d[None]"} | dict.fromkeys(BITWISE.split(), "i")


@pytest.mark.parametrize("name", [n[:-1] for n in OVERWRITING.split() if n not in TURNS.split()])
def test_it_writes_what_the_function_returns(torch, name):
    if room := METHOD_ROOMS.get(name):
        pytest.importorskip(room)
    arguments, on = ARGUMENTS.get(name, ""), ON.get(name, "d * 0.5 + 0.3")
    agree(torch, f"a = ({on}).clone(); b = a.{name}_({arguments}); log.append(b is a)")


def test_every_name_of_the_table_is_a_method_and_a_function():
    for name in f"{OVERWRITING} {OTHERS}".split():
        assert callable(getattr(minigrad.ones(2), name)), name
        assert getattr(minigrad, name) is getattr(minigrad.overwriting, name)
    for name in OVERWRITING.split():
        assert name[:-1] in METHOD_ROOMS or hasattr(Tensor, name[:-1]), name


RECORDED = [
    "y = x * 2; y.add_(w)", "y = x * 2; y.sub_(w, alpha=2)", "y = x * 2; y.mul_(w)",
    "y = x * 2; z = y.exp_()", "y = x * 2; y.neg_().abs_()", "y = x * 2; y.tril_(-1)",
    "y = x * 2; y.masked_fill_(d > 0.3, 0.5)", "y = x * 2; y.masked_fill_(d > 0.3, w[0])",
    "y = x * 2; y.clamp_(-1, 3)", "y = x * 2; y.fill_diagonal_(7)", "y = x * 2; y.pow_(2)",
    "y = x * 2; y.eq_(-4)", "y = x * 2; y.t_(); y = y * 1", "y = x * 2; y.t_(); y[0] = w[1:]",
    "y = x * 2; v = y[0]; y.t_(); v.mul_(w)", "y = x * 2; v = y[0]; y.t_(); y = v * w",
    "y = x * 2; y.t_(); v = y[0]; v.mul_(3)", "y = x * 2; y.unsqueeze_(0).squeeze_(0)",
    "y = x * 2; y.transpose_(0, 1); y.sigmoid_()", "y = x * 2; y.t_().t_(); y.mul_(w)",
    "y = d; y.t_(); y[0] = w[1:]", "y = d; y.unsqueeze_(0); y.mul_(w)", "y = d + w; d.t_()",
    "y = x * 2; r = y; y += w; y = y + r",
    "y = x * 2; y[0].add_(w)", "y = x * 2; v = y.view(-1); v.mul_(2); y.add_(v.view(2, 3))",
    "y = x * 2; y[:, 1:].tanh_()", "y = x * 2; v = y[1]; v.neg_(); y = y * v",
]  # fmt: skip


@pytest.mark.parametrize("program", RECORDED)
def test_a_recorded_write_has_the_gradient_of_pytorch(torch, program):
    agree(torch, f"{program}\n(y * y).sum().backward()")


LEAVES = [
    "x.detach().add_(1)", "with torch.no_grad(): x.mul_(2).add_(1)",
    "(x * w).sum().backward(); x.detach().add_(x.grad, alpha=-0.1); x.grad.zero_()",
    "(x * w).sum().backward()\nwith torch.no_grad(): x -= 0.1 * x.grad; w.sub_(w.grad, alpha=0.1)",
    "x.grad = d.clone(); x.grad.add_(1)", "x.grad = d; x.grad = None",
    "d.apply_(lambda number: number + 1)", "torch.exp_(d); torch.relu_(d)", "d.fill_diagonal_(7)",
    "d = d.t().clone(); d = torch.cat([d, d]); d.fill_diagonal_(7, wrap=True)", "i.mul_(2).pow_(2)",
    "d.t_(); d.squeeze_()", "i.eq_(3)", "torch.zero_(d); torch.fill_(i, 3)",
]  # fmt: skip


@pytest.mark.parametrize("program", LEAVES)
def test_a_write_that_is_not_recorded(torch, program):
    agree(torch, program)


REFUSED = {
    "x.add_(1)": "a leaf", "x.t_()": "a leaf", "x[0].neg_()": "a leaf", "x.eq_(1)": "a leaf",
    "x[None].unsqueeze_(0)": "a leaf", "i.add_(1.5)": "cannot become", "i.exp_()": "cannot become",
    "d.add_(torch.ones(4, 2, 3))": "cannot become", "d[0].expand(2, 3).add_(1)": "was expanded",
    "x.apply_(lambda number: 0)": "requires grad",
    "d[0].fill_diagonal_(1)": "two dims", "torch.ones(2, 2, 3).fill_diagonal_(1)": "equal",
    "y = x * 2; z = y * y; y.add_(1); z.sum().backward()": "changed in place",
}  # fmt: skip


@pytest.mark.parametrize("program", REFUSED)
def test_refused_in_both(torch, program):
    both_refuse(torch, program, REFUSED[program])


# --- without PyTorch


def test_the_gradient_of_a_write_by_hand():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.mul_(y).add_(x, alpha=2)  # 9x² + 2x
    y.sum().backward()
    assert y.tolist() == [11, 40]
    assert x.grad.tolist() == [20, 38]


def test_what_no_gradient_flows_to_is_constant_after_the_write():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    y.eq_(3)
    (y + x).sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_writes_in_a_loop_keep_only_what_they_replace():
    """T writes into a tensor of T rows: kept are the rows, and not T tensors."""
    w = minigrad.tensor([1.0, 2.0], requires_grad=True)
    rows = minigrad.zeros(50, 2)
    for t in range(50):
        rows[t] = w * t
    kept, call = 0, rows.call
    for _ in range(49):  # all but the first write
        was = call.inputs[0]
        kept += call.replaced.size + was.value.base.size
        call = was.call
    assert kept == 49 * 3
    (rows * rows).sum().backward()
    np.testing.assert_allclose(w.grad.tolist(), [2 * 40425, 4 * 40425])


LOOPS = [
    "y[t % 2] = w * t", "y[t % 2, 1:] = w[1:] * t", "y[:, t % 3] = w[:2] * t", "y[t % 2] = t",
    "y[[0, 1], [t % 3, 0]] = w[:2]", "y[t % 2] = y[1 - t % 2].clone() * w", "y[t % 2] += w",
    "v = y[1]; y[t % 2] = w; v *= 2", "y[y > t] = 0.5",
]  # fmt: skip


@pytest.mark.parametrize("write", LOOPS)
def test_several_writes_into_one_tensor(torch, write):
    for start in ("x * 2", "d * w[0]"):
        before = f"y = {start}\nfor t in range(5): {write}\n"
        agree(torch, f"{before}(y * y).sum().backward()")
        second = "g, = torch.autograd.grad((y ** 3).sum() + (w ** 3).sum(), w, create_graph=True)"
        agree(torch, f"{before}{second}\n(g * g).sum().backward()")


def test_a_use_between_two_writes_is_refused_if_its_rule_needs_what_is_gone():
    w = minigrad.tensor([1.0, 2.0], requires_grad=True)
    y = minigrad.zeros(2, 2)
    y[0] = w
    y[1] = w
    total, square = y.sum(), (y * y).sum()
    y[0] = w * 3
    total.backward()
    assert w.grad.tolist() == [2, 2]
    with pytest.raises(RuntimeError, match="changed in place after mul"):
        square.backward()
    (g,) = minigrad.autograd.grad(total, w, create_graph=True)
    assert g.tolist() == [2, 2]
    with pytest.raises(RuntimeError, match="changed in place after mul"):
        minigrad.autograd.grad(square, w, create_graph=True)

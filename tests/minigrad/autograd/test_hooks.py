"""Hooks on tensors, grad_fn, and backward from several tensors."""

import pytest
from programs import agree, both_refuse

import minigrad
from minigrad.autograd.sweep import kinds

LOSS = "(y * w).sum().backward()"
GRAD = "torch.autograd.grad"
HOOKS = [
    "h = x.register_hook(lambda g: log.append(g)); (x * w).sum().backward()",
    "x.register_hook(lambda g: g * 2); (x * w).sum().backward()",
    "h = x.register_hook(lambda g: g * 2); h.remove(); (x * w).sum().backward()",
    f"y = x * 2; y.register_hook(lambda g: log.append(g)); {LOSS}",
    f"y = x * 2; y.register_hook(lambda g: g * 10); {LOSS}",
    f"y = x * 2; y.retain_grad(); y.register_hook(lambda g: g * 10); {LOSS}; log.append(y.grad)",
    f"y = x * 2; y.register_hook(lambda g: g * 10); y.register_hook(lambda g: g + 1); {LOSS}",
    f"y = x * 2; y.register_hook(lambda g: g * 10); g, = {GRAD}((y * w).sum(), x)",
    f"y = x * 2; y.register_hook(lambda g: g * 10); g, = {GRAD}((y * w).sum(), y)",
    "y = x * 2; y.register_hook(lambda g: g * 10)\n"
    f"g, = {GRAD}((y * y * w).sum(), x, create_graph=True); (g * g).sum().backward()",
    f"y = x * 2; y.register_hook(lambda g: g + 1); y.mul_(3); {LOSS}",
    f"y = x * 2; y.mul_(3); y.register_hook(lambda g: g + 1); {LOSS}",
    "x.register_hook(lambda g: g.clamp_(-1, 1)); (x * x * w).sum().backward()",
    "x.register_hook(lambda g: log.append([torch.is_grad_enabled(), g.requires_grad]))\n"
    "(x * x * w).sum().backward()",
    "y = (x * w).sum(); y.register_hook(lambda g: g * 3); y.backward()",
    "with x.register_hook(lambda g: g * 5): (x * w).sum().backward()\n(x * w).sum().backward()",
    "x.register_post_accumulate_grad_hook(lambda p: log.append(p.grad.clone()))\n"
    "(x * w).sum().backward(); (x * w).sum().backward()",
    "def step(p): p.add_(p.grad, alpha=-1); p.grad = None\n"
    "x.register_post_accumulate_grad_hook(step); (x * w).sum().backward()",
    "x.register_post_accumulate_grad_hook(lambda p: log.append(1))\n"
    f"g, = {GRAD}((x * w).sum(), x)",
]  # fmt: skip
REFUSED = {
    f"y = x * 2; y.register_hook(lambda g: 3); {LOSS}": "returns a tensor or None, not int 3",
    f"y = x * 2; y.register_hook(lambda g: g.sum()); "
    f"{LOSS}": r"shape of a gradient: \(2, 3\) to \(\)",
    "d.register_hook(lambda g: g)": "does not require grad",
    "(x * 2).register_post_accumulate_grad_hook(lambda p: 0)": "not a leaf",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _sweep_without_hooks():
    yield
    kinds.grads = kinds.done = dict


@pytest.mark.parametrize("program", HOOKS)
def test_hooks_as_in_pytorch(torch, program):
    agree(torch, program)


@pytest.mark.parametrize("program", REFUSED)
def test_refused_in_both(torch, program):
    both_refuse(torch, program, REFUSED[program])


def test_hooks_by_hand():
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    seen = []
    handle = x.register_hook(lambda g: seen.append(g.tolist()))
    (x * x).sum().backward()
    handle.remove()
    (x * x).sum().backward()
    assert seen == [[2, 4]]
    assert x.grad.tolist() == [4, 8]


# --- grad_fn

MADE = [
    "x + x", "x - 1", "x * x", "x / 2", "-x", "x ** 2", "x ** x", "x.exp()", "x.log()", "x.sum()",
    "x.sum(0)", "x.mean()", "x.mean(1)", "x.tanh()", "x.sigmoid()", "x.relu()", "x.abs()",
    "x.clone()", "x.float()", "x @ x.t()", "x @ w", "w @ w", "x.softmax(1)", "x.log_softmax(1)",
    "x[0]", "x[:1]", "x[x > 0]", "x[[0, 1]]", "x.unsqueeze(0)", "x[None].squeeze(0) + 1",
    "x.view(3, 2)", "x.transpose(0, 1)", "torch.cat([x, x])", "torch.stack([x, x])", "x.amax()",
    "torch.maximum(x, d)", "torch.where(x > 0, x, 0)", "x.expand(2, 2, 3)", "x.sqrt()",
    "F.cross_entropy(x, torch.tensor([0, 1]))", "F.linear(x, x)", "F.linear(x, x, w[:2])",
    "x.detach()", "x",
]  # fmt: skip


@pytest.mark.parametrize("made", MADE)
def test_the_name_of_the_op_as_in_pytorch(torch, made):
    agree(torch, f"n = ({made}).grad_fn; log.append([type(n).__name__, n and n.name()])")


def test_the_graph_can_be_followed(torch):
    follow = (
        "def names(f): return f and [type(f).__name__, [names(n) for n, _ in f.next_functions]]\n"
        "y = ((x * w + 1) * 2).sum(); log.append(names(y.grad_fn))\n"
        "n = (x * w).grad_fn.next_functions\n"
        "log.append([n[0][0].variable is x, n[1][0].variable is w, n[0][1]])\n"
        "y = x * 2; log.append([y.grad_fn == y.grad_fn, len({y.grad_fn, y.grad_fn})])\n"
        "log.append(str(y.grad_fn)[:14]); log.append(y.grad_fn(d))\n"
    )
    agree(torch, follow)


# --- backward from several tensors

SEVERAL = [
    "torch.autograd.backward((x * w).sum())", "torch.autograd.backward([x.sum(), (x * w).sum()])",
    "y = x * 2; torch.autograd.backward([y, (y * w).sum()], [d, None])",
    "y = x * 2; torch.autograd.backward(y, d)",
    "y = x * 2; torch.autograd.backward([y, y], [d, d])",
    "torch.autograd.backward((x * w).sum(), inputs=w)",
    "torch.autograd.backward((x * w).sum(), inputs=[x])",
    "torch.autograd.backward((x * x).sum(), create_graph=True); y = x.grad.requires_grad",
]  # fmt: skip


@pytest.mark.parametrize("program", SEVERAL)
def test_backward_from_several_tensors(torch, program):
    agree(torch, program)


def test_backward_from_several_tensors_needs_a_gradient_for_each(torch):
    both_refuse(torch, "torch.autograd.backward([x, x], [d])", "1 gradients for 2 tensors")
    both_refuse(torch, "torch.autograd.backward(x)", "single number")
    both_refuse(torch, "torch.autograd.backward(x.sum(), inputs=[])", "inputs is empty")

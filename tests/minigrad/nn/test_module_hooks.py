"""Hooks on modules, and the methods of a module that scripts use."""

import pytest
from programs import agree, both_refuse

import minigrad
from minigrad import nn
from minigrad.autograd.sweep import kinds

BEFORE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 2)
        self.b = nn.Linear(2, 1)
    def forward(self, x, scale=1.0):
        return self.b(self.a(x) * scale)

m = Net().double()
with torch.no_grad():
    for i, p in enumerate(m.parameters()):
        p.copy_(torch.ones_like(p) * 0.1 * (i + 1))
del p
"""
HOOKS = [
    "m.a.register_forward_hook(lambda m, a, o: log.append([a, o])); y = m(x)",
    "m.a.register_forward_hook(lambda m, a, o: o * 2); y = m(x); y.sum().backward()",
    "m.register_forward_pre_hook(lambda m, a: log.append(a)); y = m(x)",
    "m.register_forward_pre_hook(lambda m, a: a[0] * 2); y = m(x)",
    "m.register_forward_pre_hook(lambda m, a: (a[0] * 2,)); y = m(x)",
    "m.register_forward_pre_hook(lambda m, a, k: (a, {'scale': 3.0}), with_kwargs=True); y = m(x)",
    "m.register_forward_pre_hook(lambda m, a, k: log.append([a, k]), with_kwargs=True)\n"
    "y = m(x, scale=2.0)",
    "m.register_forward_hook(lambda m, a, k, o: log.append([a, k, o]), with_kwargs=True)\n"
    "y = m(x, scale=2.0)",
    "h = m.register_forward_hook(lambda m, a, o: log.append(o)); y = m(x); h.remove(); y = m(x)",
    "m.register_forward_hook(lambda m, a, o: log.append(1))\n"
    "m.register_forward_hook(lambda m, a, o: log.append(2), prepend=True); y = m(x)",
    "m.register_forward_hook(lambda m, a, o: log.append(o), always_call=True)\n"
    "try: m('no')\nexcept TypeError: log.append('raised')",
    "m.a.register_full_backward_hook(lambda m, i, o: log.append([i, o])); m(x).sum().backward()",
    "m.b.register_full_backward_hook(lambda m, i, o: (i[0] * 10,)); m(x).sum().backward()\n"
    "log.append(m.a.weight.grad)",
    "m.a.register_full_backward_hook(lambda m, i, o: log.append([i, o]))\n"
    "m(x.detach()).sum().backward()",
    "m.register_full_backward_hook(lambda m, i, o: log.append([i, o]))\n"
    "y = m(x, scale=2.0); (y * y).sum().backward()",
    "m.register_full_backward_pre_hook(lambda m, o: (o[0] * 2,))\n"
    "y = m(x, scale=2.0); (y * y).sum().backward()",
    "m.register_full_backward_hook(lambda m, i, o: log.append([i, o]))\n"
    "g, = torch.autograd.grad(m(x).sum(), x)",
    "c = nn.Module(); c.forward = lambda x, w: (x * w, x + w)\n"
    "c.register_full_backward_hook(lambda m, i, o: log.append([i, o]))\n"
    "a, b = c(x, w); (a * b).sum().backward()",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _sweep_without_hooks():
    yield
    kinds.grads = kinds.done = dict


@pytest.mark.parametrize("program", HOOKS)
def test_hooks_as_in_pytorch(torch, program):
    agree(torch, program, BEFORE)


def test_a_forward_hook_by_hand():
    layer, seen = nn.Linear(1, 1), []
    handle = layer.register_forward_hook(lambda module, args, output: seen.append(output))
    out = layer(minigrad.ones(1))
    handle.remove()
    layer(minigrad.ones(1))
    assert len(seen) == 1
    assert seen[0] is out


# --- methods

NAMED = "[n for n, _ in {}]"
METHODS = [
    "m.add_module('c', nn.Linear(1, 1)); m.register_module('d', None)\n"
    f"log.append({NAMED.format('m.named_children()')})",
    "log.append([m.get_submodule('a').in_features, m.get_submodule('') is m])",
    "log.append(m.get_parameter('a.weight') is m.a.weight)",
    "m.register_buffer('q', torch.ones(2)); "
    "m.register_buffer('r', torch.ones(2), persistent=False)\n"
    "log.append([[n for n, _ in m.named_buffers()], list(m.state_dict()), m.get_buffer('q')])",
    "log.append(list(m.state_dict(prefix='z.')))",
    "log.append(m.state_dict(keep_vars=True)['a.bias'] is m.a.bias)",
    "d = {'k': 1}; m.state_dict(destination=d); log.append(list(d))",
    "d = {k: v.clone() * 2 for k, v in m.state_dict().items()}; w = m.a.weight\n"
    "r = m.load_state_dict(d, assign=True); log.append([m.a.weight is w, str(r), m.a.weight])\n"
    "log.append([type(m.a.weight).__name__, [n for n, _ in m.named_parameters()]])",
    "d = m.state_dict(); d['k'] = x; r = m.load_state_dict(d, strict=False)\n"
    "log.append([r.missing_keys, r.unexpected_keys])",
    "log.append([name in dir(m) for name in ('a', 'b', 'forward', 'training')])",
    "m.a.weight = None; log.append([n for n, _ in m.named_parameters()])",
    "m.c = m.a; log.append([n for n, _ in m.named_parameters(remove_duplicate=False)])\n"
    "log.append([n for n, _ in m.named_modules(remove_duplicate=False)])\n"
    "log.append([n for n, _ in m.named_parameters()])",
    "m.float(); m.type(torch.float64); m.cpu(); m.to('cpu', torch.float32)\n"
    "m.to(device='cpu', non_blocking=True); log.append(m.a.weight)",
    "m.zero_grad(set_to_none=False); log.append(m.a.weight.grad)",
    "m.eval(); m.a.train(); log.append([m.training, m.a.training, m.b.training])",
    "c = nn.DataParallel(m); y = c(x, scale=2.0); "
    "log.append([list(c.state_dict()), c.module is m])",
]  # fmt: skip
REFUSED = {
    "m.get_submodule('zz')": "Net has no attribute 'zz'", "m.get_parameter('a')": "not a Parameter",
    "m.get_buffer('a.weight')": "not a buffer",
    "d = m.state_dict(); d['k'] = x; m.load_state_dict(d)": "not known here: k",
    "m.register_forward_pre_hook(lambda m, a, k: a, with_kwargs=True)\nm(x)": r"\(args, kwargs\)",
    "m.register_full_backward_hook(lambda m, i, o: (None, None))\nm(x).sum().backward()":
        "2 gradients for 1 inputs",
}  # fmt: skip


@pytest.mark.parametrize("program", METHODS)
def test_methods_as_in_pytorch(torch, program):
    agree(torch, program, BEFORE)


@pytest.mark.parametrize("program", REFUSED)
def test_refused_in_both(torch, program):
    if program.startswith("m.get"):
        import re

        from programs import outcome

        ours = outcome(minigrad, program, BEFORE)
        assert isinstance(ours, AttributeError)
        assert isinstance(outcome(torch, program, BEFORE), AttributeError)
        assert re.search(REFUSED[program], str(ours))
    else:
        both_refuse(torch, program, REFUSED[program], BEFORE)


def test_there_is_no_half_precision_and_no_gpu():
    with pytest.raises(TypeError, match="float16"):
        nn.Linear(1, 1).half()
    with pytest.raises(ValueError, match="cpu"):
        nn.Linear(1, 1).cuda()

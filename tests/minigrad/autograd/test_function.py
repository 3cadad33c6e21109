"""Function: ops that users define, with forward and backward as methods."""

import pytest
from programs import agree, both_refuse

import minigrad
from minigrad.autograd import Function, gradcheck, gradgradcheck

BEFORE = '''
Function = torch.autograd.Function

class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 2 * x * g

class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y
    @staticmethod
    def backward(ctx, g):
        y, = ctx.saved_tensors
        return y * g

class Two(Function):
    @staticmethod
    def forward(ctx, x, k, w):
        log.append(ctx.needs_input_grad)
        ctx.save_for_backward(x, w)
        ctx.k = k
        return x * k, (x * w).sum()
    @staticmethod
    def backward(ctx, g, h):
        x, w = ctx.saved_tensors
        return g * ctx.k + h * w, None, h * x.sum(0)

class Apart(Function):
    @staticmethod
    def forward(x, w):
        return x * w
    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * w, (g * x).sum(0)

class Once(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        x, = ctx.saved_tensors
        return 2 * x * g

class Order(Function):
    @staticmethod
    def forward(ctx, x):
        index = x.argsort(-1)
        ctx.mark_non_differentiable(index)
        ctx.index = index
        return index, x.gather(-1, index)
    @staticmethod
    def backward(ctx, no, g):
        log.append(no is not None)
        return g.gather(-1, ctx.index.argsort(-1))

class Tripled(Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(3)
        ctx.mark_dirty(x)
        return x
    @staticmethod
    def backward(ctx, g):
        return g * 3

class Step(Function):
    @staticmethod
    def forward(ctx, x):
        return (x > 0).double()
    @staticmethod
    def backward(ctx, g):
        return g

class Reversed(Function):
    @staticmethod
    def forward(ctx, x):
        return x
    @staticmethod
    def backward(ctx, g):
        return -g, None

class OneTooFew(Function):
    @staticmethod
    def forward(ctx, x, w):
        return x * w
    @staticmethod
    def backward(ctx, g):
        return g

class ANumber(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1
    @staticmethod
    def backward(ctx, g):
        return 3
'''  # fmt: skip

GRAD = "torch.autograd.grad"
PROGRAMS = [
    "y = Square.apply(x); y.sum().backward()",
    "y = Square.apply(Square.apply(x)); y.sum().backward()",
    f"y = Square.apply(x); g, = {GRAD}(y.sum(), x, create_graph=True); (g * g).sum().backward()",
    f"y = Exp.apply(x); g, = {GRAD}(y.sum(), x, create_graph=True); (g * g).sum().backward()",
    "y = Exp.apply(x * 2); y.sum().backward()",
    "a, b = Two.apply(x, 2.5, w); (a * a).sum().backward()",
    "a, b = Two.apply(x, 2.5, w); (b * b).backward()",
    "a, b = Two.apply(x, 2.5, w); (a.sum() * b).backward()",
    "a, b = Two.apply(x.detach(), 2.5, w); (a.sum() * b).backward()",
    f"a, b = Two.apply(x, 2.5, w); g, = {GRAD}(a.sum() * b, x, create_graph=True)\n"
    "(g * g).sum().backward()",
    "y = Apart.apply(x, w); y.sum().backward()", "y = Once.apply(x); y.sum().backward()",
    "a, y = Order.apply(x); (y * y).sum().backward()",
    "a = x * 2; b = Tripled.apply(a); log.append(a is b); (a * a).sum().backward()",
    "y = Step.apply(x); (y * x).sum().backward()", "y = Reversed.apply(x); y.sum().backward()",
    "with torch.no_grad(): y = Square.apply(x)", "y = Square.apply(x.detach())",
    "y = Square.apply(x); log.append([type(y.grad_fn).__name__, y.grad_fn.name()])",
    "v = torch.tensor([0.1, 0.3], dtype=torch.float64, requires_grad=True)\n"
    "log.append(torch.autograd.gradcheck(Square.apply, v))",
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_values_and_gradients_as_in_pytorch(torch, program):
    agree(torch, program, BEFORE)


REFUSED = {
    "y = Once.apply(x)\ng, = torch.autograd.grad(y.sum(), x, create_graph=True)\n"
    "g.sum().backward()":
        "once_differentiable",
    "Tripled.apply(x)": r"no_grad\(\)",
    "y = OneTooFew.apply(x, w)\ny.sum().backward()": "1 gradients for 2 arguments",
    "y = ANumber.apply(x)\ny.sum().backward()": "returns tensors and None, not int 3",
    "z = x * 1; y = Square.apply(z); z.add_(1); y.sum().backward()": "changed in place",
    "torch.autograd.Function.apply(x)": "defines forward",
}  # fmt: skip


@pytest.mark.parametrize("program", REFUSED)
def test_refused_in_both(torch, program):
    both_refuse(torch, program, REFUSED[program], BEFORE)


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g


def test_against_finite_differences():
    x = minigrad.tensor([0.5, -2.0], dtype=minigrad.float64, requires_grad=True)
    assert gradcheck(Cube.apply, x)
    assert gradgradcheck(Cube.apply, x)


def test_an_output_that_shares_memory_with_an_input_is_copied():
    class View(Function):
        @staticmethod
        def forward(ctx, x):
            return x.view(-1)

        @staticmethod
        def backward(ctx, g):
            return g.view(1, 2)

    x = minigrad.ones(1, 2, requires_grad=True)
    y = View.apply(x)
    y.sum().backward()
    with minigrad.no_grad():
        y.zero_()
    assert x.tolist() == [[1, 1]]
    assert x.grad.tolist() == [[1, 1]]

"""Jacobians, Hessians, and their products with vectors."""

import pytest
from programs import agree, both_refuse

import minigrad
from minigrad.autograd.functional import hessian, jacobian

BEFORE = """
f = torch.autograd.functional
a = torch.tensor([1.0, 2.0, -0.5], dtype=torch.float64)
b = torch.tensor([[3.0]], dtype=torch.float64)
def p(v): return v * v.sum()
def q(v, u): return v * u.sum(), (u * v[0])
def r(v): return (v ** 3).sum() * v[0]
def s(v, u): return (v * v * u).sum()
"""
PROGRAMS = [
    "y = f.jacobian(p, a)", "log.append(f.jacobian(q, (a, b)))", "y = f.jacobian(r, a)",
    "log.append(f.jacobian(s, (a, b)))", "y = f.hessian(r, a)", "log.append(f.hessian(s, (a, b)))",
    "log.append(f.vjp(p, a, a))", "log.append(f.vjp(r, a))", "log.append(f.vjp(q, (a, b), (a, b)))",
    "log.append(f.jvp(p, a, a))", "log.append(f.jvp(q, (a, b), (a, b)))",
    "log.append(f.hvp(r, a, a))", "log.append(f.vhp(s, (a, b), (a, b)))",
    "y = f.jacobian(p, x[0], create_graph=True); (y * y).sum().backward()",
    "y = f.jacobian(lambda v: torch.ones(2), a)", "y = f.hessian(lambda v: v.sum(), a)",
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_as_in_pytorch(torch, program):
    agree(torch, program, BEFORE)


def test_a_hessian_is_of_a_single_number(torch):
    both_refuse(torch, "f.hessian(p, a)", r"single number, not shape \(3,\)", BEFORE)


def test_by_hand():
    x = minigrad.tensor([1.0, 2.0])
    assert jacobian(lambda v: v * v, x).tolist() == [[2, 0], [0, 4]]
    assert hessian(lambda v: (v**3).sum(), x).tolist() == [[6, 0], [0, 12]]
    assert not x.requires_grad

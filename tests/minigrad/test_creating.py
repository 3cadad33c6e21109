"""The room of more ways to create tensors: beside PyTorch."""

import numpy as np
import pytest
import rooms
from agreement import agree, draw

import minigrad

ROOMS = ("minigrad.creating",)
X = draw(2, 3)

TABLE = {
    "linspace": (
        "(torch.linspace(0, 1, 5), torch.linspace(start=3, end=-2, steps=4, dtype=torch.float64),"
        " torch.linspace(-3, 7, 6, dtype=torch.int64), torch.linspace(x[0, 0], 1, 1),"
        " torch.linspace(0, 1, 0))",
        X,
    ),
    "logspace": (
        "(torch.logspace(0, 2, 3), torch.logspace(-1, 3, 5, base=2, dtype=torch.float64),"
        " torch.logspace(0, 3, 4, 2, dtype=torch.int64))",
        X,
    ),
    "empty": ("(torch.empty(2, 3).shape == x.shape, torch.empty((0,), dtype=torch.int64))", X),
    "empty_like": ("torch.empty_like(x, dtype=torch.bool).shape == x.shape", X),
    "as_tensor": (
        "(torch.as_tensor(x) * 1, torch.as_tensor([1, 2.5]), torch.as_tensor(x, "
        "dtype=torch.float32).double())",
        X,
    ),
    "asarray": ("(torch.asarray(x.detach()), torch.asarray([[1], [2]]))", X),
    "scalar_tensor": ("(torch.scalar_tensor(3), torch.scalar_tensor(3, dtype=torch.int64))", X),
    "randint_like": ("(torch.randint_like(x, 1), torch.randint_like(x, 5, high=6))", X),
    "triu_indices": ("(torch.triu_indices(3, 3), torch.triu_indices(2, 4, offset=1))", X),
    "tril_indices": ("(torch.tril_indices(3, 3), torch.tril_indices(row=3, col=2, offset=-1))", X),
    "is_tensor": ("(torch.is_tensor(x), torch.is_tensor([1.0]))", X),
    "is_floating_point": ("(torch.is_floating_point(x), (x > 0).is_floating_point())", X),
    "is_nonzero": ("(torch.is_nonzero(x[0, :1]), (x[0, 0] * 0).is_nonzero())", X),
    "numel": ("torch.numel(x)", X),
    "clone": ("torch.clone(x)", X),
    "detach": ("torch.detach(x)", X),
    "new_tensor": ("(x.new_tensor([1, 2]), x.new_tensor(True, dtype=torch.int64))", X),
    "new_zeros": ("(x.new_zeros(2, 3), x.new_zeros((2,)), (x > 0).new_zeros(size=(1,)))", X),
    "new_ones": ("(x.new_ones(2, 3), x.new_ones(()), x.new_ones(2, dtype=torch.int64))", X),
    "new_full": ("(x.new_full((2,), 3), (x > 0).new_full(size=(1,), fill_value=1))", X),
    "new_empty": ("(x.new_empty(2, 3).shape == x.shape, x.new_empty((0,)))", X),
}


def test_every_name_has_an_example():
    rooms.check_names(TABLE, *ROOMS)


def test_every_name_is_one_of_pytorchs(torch):
    rooms.check_in_torch(torch, *ROOMS)


@pytest.mark.parametrize("name", TABLE)
def test_against_torch(torch, name):
    rooms.check_agreement(torch, TABLE, name)


CASES = [
    "torch.linspace(0, float('inf'), 3)", "torch.logspace(0, 400, 3)", "torch.linspace(2, 2, 3)",
    "torch.linspace(1e38, -1e38, 5)", "torch.linspace(0, 1, 1001)",
    "torch.linspace(5, 1, 3, dtype=torch.int64)", "torch.linspace(1.9, 4.9, 4, dtype=torch.int64)",
    "torch.triu_indices(0, 3)", "torch.tril_indices(2, 3, 5)", "torch.triu_indices(3, 2, -9)",
    "torch.ones(2).new_tensor(1)", "torch.ones(2).long().new_tensor([1.5])",
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_cases_against_torch(torch, case):
    agree(torch, case, rtol=1e-6)


def test_steps_end_at_the_end():
    for steps in (2, 3, 10, 77, 1001):
        numbers = minigrad.linspace(-0.3, 0.7, steps, dtype=minigrad.float64).tolist()
        assert numbers[0] == -0.3
        assert numbers[-1] == 0.7


def test_as_tensor_shares_memory_where_it_can():
    array = np.arange(3.0)
    for made in (minigrad.as_tensor(array), minigrad.asarray(array, copy=False)):
        array[0] += 5
        assert made[0].item() == array[0]
    x = minigrad.ones(2)
    assert minigrad.as_tensor(x) is x
    assert minigrad.asarray(x) is x
    assert minigrad.asarray(x, copy=True) is not x
    copied = minigrad.asarray(array, copy=True)
    array[0] = 0
    assert copied[0].item() == 10
    assert minigrad.as_tensor(array, dtype=minigrad.float32).dtype == minigrad.float32


def test_options():
    for made in (
        minigrad.linspace(0, 1, 2, requires_grad=True, device="cpu"),
        minigrad.logspace(0, 1, 2, requires_grad=True),
        minigrad.empty(2, requires_grad=True),
        minigrad.empty_like(minigrad.ones(2), requires_grad=True),
        minigrad.asarray([1.0], requires_grad=True),
        minigrad.scalar_tensor(1, requires_grad=True),
        minigrad.ones(1).new_zeros(2, requires_grad=True),
        minigrad.ones(1).new_ones(2, requires_grad=True, device="cpu"),
        minigrad.ones(1).new_full((2,), 1, requires_grad=True),
        minigrad.ones(1).new_tensor([1.0], requires_grad=True),
        minigrad.ones(1).new_empty(2, requires_grad=True),
    ):
        assert made.requires_grad
        assert made.is_leaf


def test_random_ints_are_like_the_tensor():
    x = minigrad.randint_like(minigrad.zeros(100), 2, 4)
    assert x.dtype == minigrad.float32
    assert set(x.tolist()) == {2, 3}


def test_a_clone_passes_gradients_on_and_a_detached_tensor_shares_memory():
    x = minigrad.ones(2, requires_grad=True)
    minigrad.clone(x).sum().backward()
    assert x.grad.tolist() == [1, 1]
    assert not minigrad.detach(x).requires_grad
    assert np.shares_memory(minigrad.detach(x).value, x.value)


ERRORS = {
    "linspace": (lambda: minigrad.linspace(0, 1, -1), ValueError, "steps must not be negative"),
    "linspace float": (lambda: minigrad.linspace(0, 1, 3.0), TypeError, "steps must be an int"),
    "linspace text": (lambda: minigrad.linspace("a", 1, 3), TypeError, "must be a number, not str"),
    "linspace bool": (
        lambda: minigrad.linspace(0, 1, 3, dtype=minigrad.bool), TypeError, "bools do not count"),
    "empty": (lambda: minigrad.empty(), TypeError, "give a size"),
    "empty_like": (lambda: minigrad.empty_like(3), TypeError, "must be a tensor, not int 3"),
    "asarray": (lambda: minigrad.asarray([1], copy=False), ValueError, "without a copy"),
    "as_tensor device": (lambda: minigrad.as_tensor([1], device="cuda"), Exception, "cuda"),
    "scalar_tensor": (lambda: minigrad.scalar_tensor([1]), TypeError, "must be a number, not list"),
    "randint_like": (lambda: minigrad.randint_like(minigrad.ones(1), 0), ValueError, "randint"),
    "triu_indices": (lambda: minigrad.triu_indices(-1, 2), ValueError, "row must not be negative"),
    "tril_indices": (
        lambda: minigrad.tril_indices(2, 2, dtype=minigrad.float32), TypeError, "indices are ints"),
    "is_nonzero": (lambda: minigrad.ones(2).is_nonzero(), RuntimeError, "only one element"),
    "is_floating_point": (lambda: minigrad.is_floating_point(1), TypeError, "expected a tensor"),
    "numel": (lambda: minigrad.numel(3), TypeError, "expected a tensor, not int"),
    "new_zeros": (lambda: minigrad.ones(1).new_zeros(), TypeError, "give a size"),
    "new_full": (lambda: minigrad.ones(1).new_full(2, 3), TypeError, "must be a tuple of ints"),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    call, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        call()

"""Tensors of small ints, and Tensor(…) called as in PyTorch."""

import numpy as np
import pytest

import minigrad

# --- small ints ----------------------------------------------------------------------------------

SMALL = [
    "torch.tensor([1, 2], dtype=torch.int8)", "torch.tensor([-1, -255], dtype=torch.uint8)",
    "torch.tensor(np.array([300.0, -1.5]), dtype=torch.uint8)",
    "torch.arange(300, dtype=torch.uint8)",
    "torch.arange(-1, 3, dtype=torch.uint8)", "torch.arange(0.5, 4, dtype=torch.int16)",
    "torch.full((2,), -1, dtype=torch.uint8)", "torch.full((2,), 3.7, dtype=torch.int8)",
    "torch.eye(2, dtype=torch.uint8)", "torch.ones(2, dtype=torch.int16)",
    "torch.tensor([np.uint8(1), np.int8(2)])", "torch.tensor([np.int8(1), np.int8(2)])",
    "torch.tensor([True, np.int8(2)])", "torch.tensor([torch.tensor(1, dtype=torch.int8)])",
    "torch.tensor(np.int16(3))", "torch.from_numpy(np.ones(2, np.int8))",
    "torch.randint(0, 1, (2,), dtype=torch.uint8)", "torch.randperm(1, dtype=torch.int32)",
    "torch.zeros_like(torch.ones(2), dtype=torch.short)",
]  # fmt: skip
TOO_LARGE = [
    "torch.tensor([300], dtype=torch.uint8)", "torch.tensor([-256], dtype=torch.uint8)",
    "torch.tensor(200, dtype=torch.int8)", "torch.tensor([nan], dtype=torch.int32)",
    "torch.tensor([2**31], dtype=torch.int32)", "torch.full((2,), 300, dtype=torch.uint8)",
    "torch.randint(-129, 2, (2,), dtype=torch.int8)", "torch.randperm(300, dtype=torch.uint8)",
    "torch.randint(0, 257, (2,), dtype=torch.uint8)", "torch.rand(2, dtype=torch.int32)",
]  # fmt: skip


@pytest.mark.parametrize("code", SMALL)
def test_small_ints_as_in_torch(torch, code):
    ours, theirs = (repr(eval(code, {"torch": library, "np": np})) for library in (minigrad, torch))
    assert ours == theirs


@pytest.mark.parametrize("code", TOO_LARGE)
def test_what_a_small_int_does_not_hold(torch, code):
    for library in (minigrad, torch):
        with pytest.raises((TypeError, ValueError, RuntimeError)) as error:
            eval(code, {"torch": library, "nan": float("nan")})
        assert library is torch or "\n" not in str(error.value)


# --- the class, called as in PyTorch -------------------------------------------------------------

CALLED = [
    "Tensor([1, 2])", "Tensor(2, 3).shape", "Tensor(3).shape", "Tensor((2, 3))", "Tensor()",
    "Tensor(torch.Size([2, 3])).shape", "Tensor(np.array([1.0, 2.0]))", "Tensor(np.array([1, 2]))",
    "Tensor(torch.ones(2).double())", "Tensor(torch.tensor([1]))", "Tensor([[1, 2], [3, 4.5]])",
    "Tensor([True, False])", "Tensor([])", "Tensor([1], device='cpu')", "Tensor(torch.tensor(3))",
    "Tensor(np.int64(3)).shape", "Tensor(range(3))", "Tensor(np.array(3.0))", "Tensor(2, 0).shape",
    "Tensor([torch.tensor(1), torch.tensor(2.5)])", "Tensor(torch.tensor(2), np.int64(3)).shape",
    "Tensor([1e40, 2**70])", "Tensor([np.ones(2)])", "isinstance(Tensor(2), Tensor)",
    "Tensor(2, 3).sum().dtype", "type(Tensor([1])) is Tensor",
]  # fmt: skip
NOT_CALLED = [
    "Tensor(3.0)", "Tensor('a')", "Tensor(None)", "Tensor(2, 'a')", "Tensor(-1)", "Tensor(True)",
    "Tensor(2.5, 3)", "Tensor([1], [2])", "Tensor([1, 2], dtype=torch.int64)", "Tensor({1: 2})",
    "Tensor(2, device='cuda')", "Tensor(['a'])", "Tensor([[1, 2], [3]])", "Tensor(np.array(['a']))",
    "Tensor(np.float64(3))",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Creating a tensor from a list of numpy.ndarrays")
@pytest.mark.parametrize("code", CALLED)
def test_the_class_called_as_in_torch(torch, code):
    both = (minigrad, torch)
    found = [repr(eval(code, {"torch": lib, "Tensor": lib.Tensor, "np": np})) for lib in both]
    assert found[0] == found[1]


@pytest.mark.parametrize("code", NOT_CALLED)
def test_the_class_is_not_called_with(torch, code):
    for library in (minigrad, torch):
        with pytest.raises((TypeError, ValueError, RuntimeError)) as error:
            eval(code, {"torch": library, "Tensor": library.Tensor, "np": np})
        assert library is torch or "\n" not in str(error.value)


def test_the_class_shares_memory_as_in_torch():
    array, x = np.ones(2, np.float32), minigrad.ones(2)
    of_array, of_tensor = minigrad.Tensor(array), minigrad.Tensor(x)
    array[0] = 5
    x.fill_(7)
    assert of_array.tolist() == [5, 1]
    assert of_tensor.tolist() == [7, 7]
    wide = np.ones(2)
    assert minigrad.Tensor(wide).dtype == minigrad.float32
    assert minigrad.Tensor(minigrad.ones(2, requires_grad=True)).requires_grad

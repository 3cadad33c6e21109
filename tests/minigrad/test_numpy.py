"""Tensors beside NumPy: its functions of tensors, arrays in operators, shared memory."""

import numpy as np
import pytest

import minigrad
from minigrad import Tensor

# --- beside NumPy --------------------------------------------------------------------------------

OF_NUMPY = [
    "np.exp(x)", "np.exp(x[0])", "np.sqrt(x)", "np.isnan(x)", "np.add(x, np.ones(2))",
    "np.add(np.ones(2), x)", "np.add(x, 1)", "np.multiply(3, y)", "np.modf(x)", "np.argmax(x)",
    "np.sqrt(y)", "np.add.reduce(x)", "np.maximum(x, 2)", "np.greater(x, 0)",
    "np.transpose(x)", "np.float64(3) * x", "np.float32(3) - x", "np.float64(3) > x",
    "np.ones(2) == x", "np.int64(2) + y",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")
@pytest.mark.parametrize("code", OF_NUMPY)
def test_numpys_functions_of_tensors_as_torch(torch, code):
    def of(library):
        x, y = library.tensor([0.5, 2.0]), library.tensor([4, 9])
        return eval(code, {"np": np, "x": x, "y": y})

    assert repr(of(minigrad)) == repr(of(torch))


def test_an_array_beside_a_tensor_gives_a_tensor():
    a, x = np.array([1.0, 2.0]), minigrad.ones(2, requires_grad=True)
    for y in (a + x, a - x, a * x, a / x, a**x, np.eye(2) @ x.double()):
        assert isinstance(y, Tensor)
        assert y.requires_grad
    for y in (a > x, a == x, x != a, a <= x):
        assert y.dtype == minigrad.bool
    a += x.detach()
    assert a.tolist() == [2, 3]
    with pytest.raises(RuntimeError, match=r"detach\(\)\.numpy"):
        np.exp(x)


def test_arrays_of_tensors():
    x = minigrad.tensor([1.0, 2.0])
    for made in (np.array([x, x]), np.stack([x, x]), np.array([[x[0], x[1]]] * 2)):
        assert type(made) is np.ndarray
        assert made.tolist() == [[1, 2], [1, 2]]
    assert np.allclose(x, [1, 2])
    assert np.shape(minigrad.ones(2, 3)) == (2, 3)


def test_an_array_of_probabilities_is_written_to():
    p = (minigrad.tensor([0.2, 0.7], requires_grad=True) * 1).detach().numpy()
    p[p < 0.5] = 0
    assert p.tolist() == [0, np.float32(0.7)]
    forced = minigrad.ones(2, requires_grad=True).numpy(force=True)
    assert forced.tolist() == [1, 1]

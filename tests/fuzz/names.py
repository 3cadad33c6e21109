"""Which public names the fuzzer calls, and why it does not call the others."""

import minigrad
from minigrad import Tensor
from minigrad.nn import functional
from minigrad.tensor import METHOD_ROOMS

from . import creation, elementwise, networks, shapes  # noqa: F401 (their rows)
from .elementwise import OPERATORS
from .table import ROWS

# Called by generate.py and by the lines of many programs.
GENERATED = {
    "fill_", "zero_", "copy_", "requires_grad_", "retain_grad", "backward", "no_grad", "grad",
    "autograd", "nn", "requires_grad", "is_leaf", "Tensor", "is_grad_enabled", "retains_grad",
    "float32", "float64", "int64", "float", "double", "long", "bool",
}  # fmt: skip
LEFT_OUT = {
    "draw": "makes pictures",
    "save": "writes files: tests/minigrad/test_serialization.py",
    "load": "reads files: tests/minigrad/test_serialization.py",
    "manual_seed": "the same seed gives other numbers in PyTorch",
    "enable_grad": "gradients are enabled already",
    "optim": "test_optimizers.py",
    "gelu": "tests/minigrad/nn/test_activations.py",
    "detach_": "later graphs of what it was end there in PyTorch: tests/minigrad/test_tensor.py",
    **dict.fromkeys(("e", "inf", "nan", "pi"), "numbers"),
    **dict.fromkeys(
        ("int", "short", "half", "int8", "int16", "int32", "uint8", "float16", "bfloat16"),
        "tests/minigrad/test_dtypes.py",
    ),
}


def names(torch):
    """Every public name of minigrad, nn.functional and tensors that PyTorch has too, and draw."""
    tensors = {name for name in dir(Tensor) if name[0] != "_" and hasattr(torch.Tensor, name)}
    tensors -= METHOD_ROOMS.keys()
    return set(minigrad.__all__) | set(functional.__all__) | tensors


def called():
    """The names that the table has a row for, and the others that programs call."""
    return set(ROWS) | set(OPERATORS) | GENERATED

"""Which public names the fuzzer calls, and why it does not call the others."""

import minigrad
from minigrad import Tensor
from minigrad.nn import functional

from . import creation, elementwise, networks, shapes  # noqa: F401 (their rows)
from .elementwise import OPERATORS
from .table import ROWS

# Called by generate.py: writes, flags and gradients; and by the lines of many programs.
GENERATED = {
    "fill_", "zero_", "copy_", "requires_grad_", "retain_grad", "backward", "no_grad", "grad",
    "autograd", "nn", "requires_grad", "is_leaf", "Tensor", "is_grad_enabled", "retains_grad",
    "float32", "float64", "int64", "float", "double", "long", "bool", "init", "functional",
}  # fmt: skip
LEFT_OUT = {
    "draw": "makes pictures",
    "save": "writes files; tests/minigrad/test_serialization.py",
    "load": "reads files; tests/minigrad/test_serialization.py",
    "manual_seed": "random numbers differ",
    "enable_grad": "the default inside a program",
    "optim": "test_optimizers.py",
    "__float__": "float(x), which the row `item` calls",
}
MINIGRADS_OWN = {"birth", "call", "replace", "value"}  # PyTorch has nothing of the kind


def public(owner):
    return {name for name in dir(owner) if not name.startswith("_")}


def names():
    """Every public name of minigrad, of its tensors and of nn.functional."""
    tensors = public(Tensor) - MINIGRADS_OWN
    return set(minigrad.__all__) | set(functional.__all__) | tensors


def called():
    """The names that the table has a row for, and the others that programs call."""
    return set(ROWS) | set(OPERATORS) | GENERATED

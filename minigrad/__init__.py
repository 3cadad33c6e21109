"""minigrad: tensors that remember how they were made, and the gradients that follow from it.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> loss = (x * x).sum()
    >>> loss.backward()
    >>> x.grad
    tensor([2., 4., 6.])

Where PyTorch has a name, it means the same here: `import minigrad as torch`.
"""

from . import autograd, nn, optim
from .compare import (
    all, allclose, any, argmax, argmin, argsort, bitwise_and, bitwise_not, bitwise_or, eq,
    equal, ge, gt, isnan, le, lt, ne,
)  # fmt: skip
from .creation import (
    arange, eye, from_numpy, full, full_like, manual_seed, multinomial, ones, ones_like, rand,
    rand_like, randint, randn, randn_like, randperm, tensor, zeros, zeros_like,
)  # fmt: skip
from .draw import draw
from .dtypes import bool_ as bool
from .dtypes import float32, float64, int64, result_type
from .functions import (
    cat, chunk, clamp, flatten, logsumexp, max, mean, min, split, squeeze, stack, std, t, topk,
    transpose, unbind, unsqueeze, var,
)  # fmt: skip
from .grad_mode import enable_grad, is_grad_enabled, no_grad
from .ops import (
    abs, add, amax, amin, div, exp, log, log_softmax, matmul, maximum, minimum, mul, neg, permute,
    pow, relu, reshape, sigmoid, softmax, sqrt, sub, sum, tanh, where,
)  # fmt: skip
from .picking import gather, index_select, masked_fill, roll, tril, triu
from .serialization import load, save
from .tensor import Tensor

float, double, long = float32, float64, int64
__version__ = "0.1.0"
__all__ = [
    "Tensor", "abs", "add", "all", "allclose", "amax", "amin", "any", "arange", "argmax", "argmin",
    "argsort", "autograd", "bitwise_and", "bitwise_not", "bitwise_or", "bool", "cat", "chunk",
    "clamp", "div", "double", "draw", "enable_grad", "eq", "equal", "exp", "eye", "flatten",
    "float", "float32", "float64", "from_numpy", "full", "full_like", "gather", "ge", "gt",
    "index_select", "int64", "is_grad_enabled", "isnan", "le", "load", "log", "log_softmax",
    "logsumexp", "long", "lt", "manual_seed", "masked_fill", "matmul", "max", "maximum", "mean",
    "min", "minimum", "mul", "multinomial", "ne", "neg", "nn", "no_grad", "ones", "ones_like",
    "optim", "permute", "pow", "rand", "rand_like", "randint", "randn", "randn_like",
    "randperm", "relu", "reshape", "result_type", "roll", "save", "sigmoid", "softmax", "split",
    "sqrt", "squeeze", "stack", "std", "sub", "sum", "t", "tanh", "tensor", "topk",
    "transpose", "tril", "triu", "unbind", "unsqueeze", "var", "where", "zeros", "zeros_like",
]  # fmt: skip

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
from .dtypes import bool_ as bool
from .dtypes import float32, float64, int64, result_type
from .compare import (
    all, allclose, any, argmax, argmin, argsort, bitwise_and, bitwise_not, bitwise_or, eq,
    equal, ge, gt, isnan, le, lt, ne,
)  # fmt: skip
from .creation import (
    arange, eye, from_numpy, full, full_like, manual_seed, multinomial, ones, ones_like, rand,
    rand_like, randint, randn, randn_like, randperm, tensor, zeros, zeros_like,
)  # fmt: skip
from .draw import draw
from .functions import (
    abs, amin, cat, chunk, clamp, flatten, gather, index_select, logsumexp, masked_fill, max,
    mean, min, minimum, roll, split, sqrt, squeeze, stack, std, t, topk, transpose, tril, triu,
    unbind, unsqueeze, var,
)  # fmt: skip
from .grad_mode import enable_grad, is_grad_enabled, no_grad
from .ops import (
    add, amax, div, exp, log, log_softmax, matmul, maximum, mul, neg, permute, pow, relu, reshape,
    sigmoid, softmax, sub, sum, tanh, where,
)  # fmt: skip
from .serialization import load, save
from .tensor import Tensor

float, double, long = float32, float64, int64
__version__ = "0.1.0"

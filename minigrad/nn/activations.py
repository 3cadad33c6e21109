"""Activations: functions of each element, and those over a dim. Loaded when asked for.

They are in nn.functional, too; their modules are in activation_modules.py. With `inplace`, a
function writes its result into the input. Where the slope jumps, the gradient is PyTorch's.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

import numpy as np

from .. import checks
from ..compare import argmax
from ..creation import random
from ..errors import describe
from ..graph import value_of
from ..ops import abs as absolute
from ..ops import add, cast, div, getitem, mul, neg, reshape, sigmoid, softmax, sub, tanh, where
from ..tensor import Tensor
from . import functional as F
from .functional import written
from . import more_ops
from .more_ops import (
    exponential_unit, hard_sigmoid, hard_swish, leaky, limited, shrunk, smooth_hinge,
)  # fmt: skip


P = ParamSpec("P")
Activation = Callable[Concatenate[Tensor, P], Tensor]


def of_floats(function: Activation[P]) -> Activation[P]:
    """Decorate a function whose first argument must hold floats."""

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Tensor:
        given = args[0] if args else next(iter(settings.values()), None)
        checks.floats(function.__name__, input=settings.get("input", given))
        return function(*args, **settings)

    made: Any = call
    return made


# --- smooth ones --------------------------------------------------------------------------------


@of_floats
def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x · sigmoid(x)."""
    return written(input, more_ops.silu(input), inplace)


@of_floats
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · tanh(softplus(x))."""
    x = cast(input, dtype=value_of(input).dtype) if inplace else input  # two ops need its values
    return written(input, mul(x, tanh(smooth_hinge(x))), inplace)


@of_floats
def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """log(1 + e^(beta · x)) / beta; x itself where beta · x is above the threshold."""
    scaled = mul(input, beta)
    return where(value_of(scaled) > threshold, input, div(smooth_hinge(scaled), beta))


@of_floats
def logsigmoid(input: Tensor) -> Tensor:
    """log(sigmoid(x)), without the logarithm of a sigmoid that was rounded to 0."""
    return neg(smooth_hinge(neg(input)))


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|), from -1 to 1."""
    return div(input, add(absolute(input), 1))


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh(x)."""
    return sub(input, tanh(input))


@of_floats
def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where it is positive, else alpha · (eˣ - 1) (Clevert et al. 2016, §3)."""
    return written(input, exponential_unit(input, alpha=alpha), inplace)


@of_floats
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where it is positive, else alpha · (e^(x / alpha) - 1): smooth at 0."""
    if alpha == 0:
        raise ZeroDivisionError("celu: alpha must not be 0: x is divided by it")
    out = exponential_unit(input, alpha=alpha, input_scale=1 / alpha)
    return written(input, out, inplace)


@of_floats
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """A scaled `elu`, which keeps mean 0 and variance 1 (Klambauer et al. 2017, §2)."""
    out = exponential_unit(input, alpha=SELU_ALPHA, scale=SELU_SCALE)
    return written(input, out, inplace)


SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805

# --- of pieces ----------------------------------------------------------------------------------


@of_floats
def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where it is positive, else negative_slope · x."""
    return written(input, leaky(input, float(negative_slope)), inplace)


@of_floats
def rrelu(
    input: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Tensor:
    """`leaky_relu` with random slopes, uniform in [lower, upper); their mean if not in training."""
    if not lower <= upper:
        raise ValueError(f"rrelu: lower must be at most upper, not {lower} and {upper}")
    if not training:
        return leaky_relu(input, (lower + upper) / 2, inplace)
    slopes = random(input.shape) * (upper - lower) + lower
    out = mul(input, np.where(value_of(input) > 0, 1, slopes).astype(value_of(input).dtype))
    return written(input, out, inplace)


@of_floats
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x where it is positive, else weight · x; one weight, or one per channel (dim 1)."""
    checks.floats("prelu", weight=weight)
    channels = input.shape[1] if input.ndim > 1 else 1
    if weight.ndim > 1 or math.prod(weight.shape) not in (1, channels):
        raise ValueError(
            f"prelu: weight {describe(weight)} for {channels} channels of {describe(input)}"
        )
    if weight.ndim and input.ndim > 1:
        weight = reshape(weight, shape=(-1,) + (1,) * (input.ndim - 2))
    elif weight.ndim:
        weight = reshape(weight, shape=(1,) * input.ndim)
    return leaky(input, weight)


def hardtanh(
    input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False
) -> Tensor:
    """x limited to the range from min_val to max_val; no gradient at the limits."""
    checks.tensors("hardtanh", input=input)
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val {min_val} must be at most max_val {max_val}")
    return written(input, limited(input, low=min_val, high=max_val), inplace)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """x limited to the range from 0 to 6."""
    return hardtanh(input, 0, 6, inplace)


@of_floats
def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """(x + 3) / 6, limited to the range from 0 to 1."""
    return written(input, hard_sigmoid(input), inplace)


@of_floats
def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · hardsigmoid(x)."""
    return written(input, hard_swish(input), inplace)


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where it is above the threshold, else `value`."""
    checks.tensors("threshold", input=input)
    x = value_of(input)
    return written(input, where(x <= threshold, x.dtype.type(value), input), inplace)


@of_floats
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x where |x| is above lambd, else 0."""
    return where(np.abs(value_of(input)) <= lambd, 0, input)


@of_floats
def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by lambd, and 0 where |x| is at most lambd."""
    if lambd < 0:
        raise ValueError(f"softshrink: lambd must not be negative, got {lambd}")
    return shrunk(input, by=float(lambd))


def relu_(input: Tensor) -> Tensor:
    """`relu` in place."""
    return F.relu(input, inplace=True)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu` in place."""
    return leaky_relu(input, negative_slope, inplace=True)


def elu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """`elu` in place."""
    return elu(input, alpha, inplace=True)


# --- over a dim ---------------------------------------------------------------------------------


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """The first half of x along dim, times the sigmoid of the second (Dauphin et al. 2017)."""
    checks.floats("glu", input=input)
    at = checks.whole("glu: dim", dim, None)
    if not input.ndim or not -input.ndim <= at < input.ndim or input.shape[at] % 2:
        raise ValueError(
            f"glu: dim {dim} of {describe(input)} must have an even size, to be halved"
        )
    half, before = input.shape[at] // 2, (slice(None),) * (at % input.ndim)
    first = getitem(input, index=(*before, slice(0, half)))
    return mul(first, sigmoid(getitem(input, index=(*before, slice(half, None)))))


def softmin(
    input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None
) -> Tensor:
    """`softmax` of -x."""
    dim = F.implicit_dim("softmin", input, _stacklevel) if dim is None else dim
    return F.softmax(neg(input), dim, dtype=dtype)


@of_floats
def gumbel_softmax(
    logits: Tensor, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Tensor:
    """A random sample from softmax(logits), softened by the temperature tau (Jang et al. 2017).

    With `hard` it is one-hot; its gradient is that of the soft sample. eps is not used.
    """
    x = value_of(logits)
    exponential = np.maximum(-np.log1p(-random(x.shape)), np.finfo(x.dtype).tiny)
    noise = -np.log(exponential).astype(x.dtype)
    soft = softmax(div(add(logits, noise), tau), dim=dim)
    if not hard:
        return soft
    one_hot = np.zeros_like(x)
    np.put_along_axis(one_hot, argmax(value_of(soft), dim, keepdim=True), 1, dim)
    return add(sub(one_hot, value_of(soft)), soft)

"""Initialization: each function fills a tensor in place and returns it."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import checks, creation
from ..errors import describe, shown
from ..grad_mode import no_grad
from ..tensor import Tensor

# How much each function changes the standard deviation; `calculate_gain` has leaky_relu's.
LINEAR = ("linear", *[f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)], "sigmoid")
GAINS = dict.fromkeys(LINEAR, 1) | {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The gain for a layer before this function: "relu", "tanh", …; param: leaky_relu's slope."""
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else checks.number("calculate_gain: param", param)
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in GAINS:
        known = ", ".join([*GAINS, "leaky_relu"])
        raise ValueError(f"calculate_gain: {shown(nonlinearity)} is not one of {known}")
    return GAINS[nonlinearity]


@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Uniform in [a, b)."""
    _check("uniform_", tensor)
    a, b = checks.number("uniform_: a", a), checks.number("uniform_: b", b)
    if not (a <= b and math.isfinite(b - a)):
        raise ValueError(f"uniform_: a and b must be finite, and a at most b, not {a} and {b}")
    drawn = _drawn(creation.rand, tensor, generator) * (b - a) + a
    if a < b:  # rounding may reach b
        of = tensor.value.dtype.type
        drawn = np.minimum(drawn, np.nextafter(of(b), of(a)))
    return tensor.copy_(drawn)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Normal, with this mean and standard deviation."""
    _check("normal_", tensor)
    mean, std = checks.number("normal_: mean", mean), checks.number("normal_: std", std)
    if not std >= 0:
        raise ValueError(f"normal_: std must not be negative, got {std}")
    return tensor.copy_(_drawn(creation.randn, tensor, generator) * std + mean)


@no_grad()
def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Tensor:
    """Normal, with values outside [a, b] drawn again."""
    _check("trunc_normal_", tensor)
    if not (a < b and std > 0):
        raise ValueError(f"trunc_normal_: a < b and std > 0 are needed, not {a}, {b} and {std}")
    if mean < a - 2 * std or mean > b + 2 * std:
        what = f"the mean {mean} is more than 2 std from [{a}, {b}]"
        warnings.warn(f"trunc_normal_: {what}: such values are rare", stacklevel=2)
    flat = creation.zeros(tensor.numel(), dtype=tensor.dtype)
    values, left = np.empty(flat.shape, flat.value.dtype), np.arange(flat.numel())
    top = max(a, min(mean, b))  # the most probable value
    common = math.erf((b - mean) / std / 2**0.5) - math.erf((a - mean) / std / 2**0.5) > 0.6
    while left.size:
        draw = creation.randn if common else creation.rand
        drawn = _drawn(draw, flat[: left.size], generator)
        drawn = drawn * std + mean if common else drawn * (b - a) + a
        fits = (drawn >= a) & (drawn <= b)
        if not common:  # a uniform number is kept with its probability, compared to the top's
            rate = ((top - mean) / std) ** 2 - ((drawn - mean) / std) ** 2
            fits &= _drawn(creation.rand, flat[: left.size], generator) < np.exp(rate / 2)
        values[left[fits]] = drawn[fits]
        left = left[~fits]
    return tensor.copy_(values.reshape(tensor.shape))


@no_grad()
def constant_(tensor: Tensor, val: float) -> Tensor:
    """Every element is `val`."""
    _check("constant_", tensor, floats=False)
    return tensor.copy_(creation.full_like(tensor, val))


def zeros_(tensor: Tensor) -> Tensor:
    """All 0."""
    return constant_(tensor, 0.0)


def ones_(tensor: Tensor) -> Tensor:
    """All 1."""
    return constant_(tensor, 1.0)


@no_grad()
def eye_(tensor: Tensor) -> Tensor:
    """A matrix with 1 on its diagonal, and 0 elsewhere."""
    _check("eye_", tensor, floats=False)
    if tensor.ndim != 2:
        raise ValueError(f"eye_ fills a matrix, not a tensor of shape {describe(tensor)}")
    rows, columns = tensor.shape
    return tensor.copy_(np.eye(rows, columns))


@no_grad()
def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """The weight of a convolution that keeps its input, per group: 1 in the middle of a kernel."""
    _check("dirac_", tensor)
    groups = checks.whole("dirac_: groups", groups, 1)
    if tensor.ndim not in (3, 4, 5) or tensor.shape[0] % groups:
        what = "the weight of a convolution, whose outputs the groups divide"
        raise ValueError(f"dirac_ fills {what}, not shape {describe(tensor)} with {groups} groups")
    outputs, inputs, *size = tensor.shape
    weight, same = np.zeros(tensor.shape), np.arange(min(outputs // groups, inputs))
    for group in range(groups):
        index: Any = (group * outputs // groups + same, same, *[n // 2 for n in size])
        weight[index] = 1
    return tensor.copy_(weight)


@no_grad()
def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Normal, with a fraction `sparsity` of each column set to 0 (Martens 2010, §5)."""
    _check("sparse_", tensor)
    if tensor.ndim != 2:
        raise ValueError(f"sparse_ fills a matrix, not a tensor of shape {describe(tensor)}")
    sparsity = checks.probability("sparse_: sparsity", sparsity)
    values = _drawn(creation.randn, tensor, generator) * std
    empty = math.ceil(sparsity * len(values))
    for column in values.T:
        column[creation.randperm(len(values)).value[:empty]] = 0
    return tensor.copy_(values)


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Uniform, with variance gain² · 2 / (in + out) (Glorot and Bengio 2010, §4.2.1)."""
    inputs, outputs = _fans("xavier_uniform_", tensor)
    bound = checks.number("xavier_uniform_: gain", gain) * math.sqrt(6 / (inputs + outputs))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Normal, with variance gain² · 2 / (in + out) (Glorot and Bengio 2010, §4.2.1)."""
    inputs, outputs = _fans("xavier_normal_", tensor)
    gain = checks.number("xavier_normal_: gain", gain)
    return normal_(tensor, 0.0, gain * math.sqrt(2 / (inputs + outputs)), generator)


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Uniform, with variance gain² / in, or gain² / out with mode="fan_out" (He et al. 2015, §2.2).

    The gain is that of the function after the layer; a is leaky_relu's slope.
    """
    bound = math.sqrt(3) * _kaiming_std("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Normal, with the variance of `kaiming_uniform_` (He et al. 2015, §2.2)."""
    std = _kaiming_std("kaiming_normal_", tensor, a, mode, nonlinearity)
    return normal_(tensor, 0.0, std, generator)


@no_grad()
def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """A random orthogonal matrix, times gain: its rows are orthogonal and have norm `gain`.

    If there are more rows than columns, this holds for the columns. Uniformly distributed over
    orthogonal matrices (Saxe, McClelland and Ganguli 2014).
    """
    _check("orthogonal_", tensor)
    gain = checks.number("orthogonal_: gain", gain)
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_ needs at least two dims, not shape {describe(tensor)}")
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    matrix = creation.zeros(max(rows, columns), min(rows, columns), dtype=tensor.dtype)
    q, r = np.linalg.qr(_drawn(creation.randn, matrix, generator))
    q = q * np.sign(np.diag(r))  # without this, not uniform (Mezzadri 2007, §5)
    return tensor.copy_(gain * np.reshape(q if rows >= columns else q.T, tensor.shape))


def _drawn(draw: Any, tensor: Tensor, generator: Any) -> Any:
    """Random numbers of a tensor's shape and dtype, from a generator (None: that of all)."""
    options = {} if generator is None else {"generator": generator}
    return draw(tensor.shape, dtype=tensor.dtype, **options).value


def _kaiming_std(name: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    """The standard deviation gain / √fan."""
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'{name}: mode is "fan_in" or "fan_out", not {shown(mode)}')
    inputs, outputs = _fans(name, tensor)
    gain = calculate_gain(nonlinearity, checks.number(f"{name}: a", a))
    return gain / math.sqrt(inputs if mode == "fan_in" else outputs)


def _check(name: str, tensor: Tensor, floats: bool = True) -> None:
    """Raise TypeError unless this is a tensor, and one of floats."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{name} fills a tensor in place, not {shown(tensor)}")
    if floats:
        checks.floats(name, tensor=tensor)


def _fans(name: str, tensor: Tensor) -> tuple[int, int]:
    """The numbers of inputs and outputs of a weight (out, in, …); further dims multiply both."""
    _check(name, tensor)
    if tensor.ndim < 2:
        what = f"shape {describe(tensor)} has no inputs and outputs"
        raise ValueError(f"{name}: {what}: give a weight (out, in)")
    outputs, inputs, *field = tensor.shape
    return inputs * math.prod(field), outputs * math.prod(field)


def _old(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """An initialization under PyTorch's older name, without the _: it warns."""
    name = function.__name__.rstrip("_")

    @functools.wraps(function)
    def call(*args: Any, **settings: Any) -> Tensor:
        warnings.warn(f"nn.init.{name} is old: write {name}_", FutureWarning, stacklevel=2)
        return function(*args, **settings)

    call.__name__ = name
    return call


uniform, normal, constant, eye = _old(uniform_), _old(normal_), _old(constant_), _old(eye_)
dirac, sparse, orthogonal = _old(dirac_), _old(sparse_), _old(orthogonal_)
xavier_uniform, xavier_normal = _old(xavier_uniform_), _old(xavier_normal_)
kaiming_uniform, kaiming_normal = _old(kaiming_uniform_), _old(kaiming_normal_)

"""Distribution: the interface that all distributions share."""

from __future__ import annotations

import copy
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ..creation import tensor, zeros
from ..dims import sizes
from ..errors import broadcast_error, shown
from ..functions import logsumexp, stack
from ..grad_mode import enable_grad, no_grad
from ..graph import value_of
from ..ops import exp
from ..tensor import Tensor
from .constraints import Constraint


class Distribution:
    """The base of distributions, whose parameters are tensors.

    batch_shape    the shape of independent distributions, one for each element of the parameters
    event_shape    the shape of one sample of one of them
    validate_args  True: a parameter or value that does not fit is a ValueError

    A sample has the shape sample_shape + batch_shape + event_shape.
    """

    has_rsample = False
    has_enumerate_support = False
    arg_constraints: ClassVar[dict[str, Constraint]] = {}
    _validate_args = True

    def __init__(
        self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None
    ) -> None:
        self._batch_shape, self._event_shape = size(batch_shape), size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            for name, constraint in self.arg_constraints.items():
                if name in self.__dict__ and not constraint.check(getattr(self, name)).value.all():
                    given = shown(getattr(self, name))
                    what = f"{name} must be {constraint}: not all of {given} is"
                    raise ValueError(f"{type(self).__name__}: {what}")

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Check the arguments of all distributions that are made from now on, or do not."""
        Distribution._validate_args = value

    @property
    def batch_shape(self) -> Any:
        return self._batch_shape

    @property
    def event_shape(self) -> Any:
        return self._event_shape

    @property
    def support(self) -> Constraint:
        """The values that samples have."""
        raise NotImplementedError

    @property
    def mean(self) -> Tensor:
        raise NotImplementedError

    @property
    def mode(self) -> Tensor:
        """The most probable value."""
        raise NotImplementedError(f"{type(self).__name__} has no mode")

    @property
    def variance(self) -> Tensor:
        raise NotImplementedError

    @property
    def stddev(self) -> Tensor:
        """The standard deviation."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Samples, without a gradient."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Samples as a function of the parameters, with a gradient."""
        raise NotImplementedError(f"{type(self).__name__} has no rsample: its samples do not move")

    def log_prob(self, value: Tensor) -> Tensor:
        """The log of the probability, or density, of each value."""
        raise NotImplementedError

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a sample up to each value."""
        raise NotImplementedError

    def icdf(self, value: Tensor) -> Tensor:
        """The value up to which a sample has each probability."""
        raise NotImplementedError

    def entropy(self) -> Tensor:
        """The entropy, in nats."""
        raise NotImplementedError

    def perplexity(self) -> Tensor:
        """exp(entropy)."""
        return exp(self.entropy())

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values that a sample can have."""
        raise NotImplementedError

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The same distribution, repeated to a batch_shape."""
        made, before = copy.copy(self), len(self._batch_shape)
        for name in self.arg_constraints.keys() & self.__dict__.keys():
            p = getattr(self, name)
            setattr(made, name, p.expand((*batch_shape, *p.shape[before:])))
        made._batch_shape = size(batch_shape)
        return made

    def _extended_shape(self, sample_shape: Any = ()) -> tuple[int, ...]:
        return (*sizes(sample_shape), *self._batch_shape, *self._event_shape)

    def _validate_sample(self, value: Any) -> None:
        """Raise ValueError for values that no sample has, or whose shape does not fit."""
        if not self._validate_args:
            return
        kind = type(self).__name__
        if not isinstance(value, Tensor):
            raise ValueError(f"{kind}: a value must be a tensor, not {shown(value)}")
        shape = self._extended_shape()
        if broadcast_error(value, np.empty(shape)) is not None:
            raise ValueError(f"{kind}: values of shape {tuple(value.shape)} for {shape}")
        if not self.support.check(value).value.all():
            raise ValueError(f"{kind}: a value must be {self.support}, see validate_args")

    def __repr__(self) -> str:
        given = {n: self.__dict__[n] for n in self.arg_constraints if n in self.__dict__}
        shown = [f"{n}: {p if p.numel() == 1 else p.size()}" for n, p in given.items()]
        return f"{type(self).__name__}({', '.join(shown)})"


class lazy(cached_property[Tensor]):
    """A property that is computed when it is first asked for; with a gradient, also in no_grad."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        with enable_grad():
            return super().__get__(instance, owner)


def size(shape: Any) -> Any:
    """A shape, as tensors have it."""
    return zeros(()).expand(tuple(shape)).shape


def broadcast(*values: Any) -> tuple[Tensor, ...]:
    """Tensors and numbers as tensors of one shape; numbers have the dtype of the first tensor."""
    tensors = [value for value in values if isinstance(value, Tensor)]
    if any(not isinstance(value, Tensor | bool | int | float | np.generic) for value in values):
        raise ValueError("a parameter must be a number or a tensor")
    dtype = tensors[0].dtype if tensors else tensor(0.0).dtype
    made = [v if isinstance(v, Tensor) else tensor(v, dtype=dtype) for v in values]
    if wrong := broadcast_error(*made):
        raise RuntimeError(wrong)
    shape = np.broadcast_shapes(*[np.shape(value_of(v)) for v in made])
    return tuple([v.expand(shape) for v in made])


def one_of(name: str, probs: Any, logits: Any) -> None:
    """Raise ValueError unless either probs or logits are given."""
    if (probs is None) == (logits is None):
        raise ValueError(f"{name}: give either probs or logits, not both")


def inside(probs: Tensor) -> Tensor:
    """Probabilities away from 0 and 1, whose logs would be infinite."""
    eps = float(np.finfo(value_of(probs).dtype).eps)
    return probs.clamp(min=eps, max=1 - eps)


def softplus(x: Tensor) -> Tensor:
    """log(1 + eˣ), without overflow."""
    return logsumexp(stack([x, x * 0]), dim=0)

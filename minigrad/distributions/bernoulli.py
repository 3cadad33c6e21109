"""Bernoulli: 1 or 0."""

from __future__ import annotations

from typing import Any, ClassVar

from ..creation import arange
from ..ops import log, sigmoid, where
from ..sampling import bernoulli
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution, broadcast, inside, lazy, one_of, softplus


class Bernoulli(Distribution):
    """1 with probability probs, else 0; or with the log-odds `logits`."""

    arg_constraints: ClassVar = {"probs": constraints.unit_interval, "logits": constraints.real}
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        one_of("Bernoulli", probs, logits)
        if probs is None:
            (self.logits,) = broadcast(logits)
        else:
            (self.probs,) = broadcast(probs)
        super().__init__(self._param.shape, validate_args=validate_args)

    @property
    def _param(self) -> Tensor:
        return self.probs if "probs" in self.__dict__ else self.logits

    @lazy
    def logits(self) -> Tensor:
        """The log-odds: log p - log (1 - p)."""
        p = inside(self.probs)
        return log(p) - log(1 - p)

    @lazy
    def probs(self) -> Tensor:
        """The probability of 1."""
        return sigmoid(self.logits)

    @property
    def support(self) -> constraints.Constraint:
        return constraints.boolean

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        """The more probable of both; NaN, if they are equally probable."""
        ones = (self.probs >= 0.5).to(self.probs.dtype)
        return where(self.probs == 0.5, float("nan"), ones)

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """0 and 1, in the dtype of the parameter."""
        return bernoulli(self.probs.detach().expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        """The log-probability of each 0 and 1."""
        self._validate_sample(value)
        return value * self.logits - softplus(self.logits)

    def entropy(self) -> Tensor:
        """The entropy, in nats."""
        return softplus(self.logits) - self.probs * self.logits

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """0 and 1: (2, …)."""
        values = arange(2).to(self._param.dtype).reshape(2, *[1] * len(self.batch_shape))
        return values.expand((2, *self.batch_shape)) if expand else values

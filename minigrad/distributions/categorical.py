"""Categorical: one of several categories."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..creation import arange, full, multinomial
from ..functions import logsumexp
from ..ops import log, softmax
from ..picking import gather
from ..tensor import Tensor
from . import constraints
from .distribution import Distribution, inside, lazy, one_of


class Categorical(Distribution):
    """The category i with probability probs[…, i]: samples are int64, of shape batch_shape.

    probs   weights, from 0; they are divided by their sum
    logits  or log-probabilities, up to a constant
    """

    arg_constraints: ClassVar = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True

    def __init__(
        self,
        probs: Tensor | None = None,
        logits: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        one_of("Categorical", probs, logits)
        given: Any = logits if probs is None else probs
        if given.ndim < 1:
            raise ValueError("Categorical: probs or logits need at least one dim, of categories")
        if probs is None:
            self.logits = given - logsumexp(given, dim=-1, keepdim=True)
        else:
            self.probs = given / given.sum(-1, keepdim=True)
        super().__init__(given.shape[:-1], validate_args=validate_args)

    @lazy
    def logits(self) -> Tensor:
        """The logs of the probabilities."""
        return log(inside(self.probs))

    @lazy
    def probs(self) -> Tensor:
        """The probabilities."""
        return softmax(self.logits, dim=-1)

    @property
    def param(self) -> Tensor:
        """The parameter that was given: probs or logits, normalized."""
        return self.probs if "probs" in self.__dict__ else self.logits

    @property
    def param_shape(self) -> Any:
        return self.param.shape

    @property
    def support(self) -> constraints.Constraint:
        return constraints.integers_up_to(self.param.shape[-1] - 1)

    @property
    def mean(self) -> Tensor:
        """NaN: categories have no mean."""
        return full(self._extended_shape(), float("nan"), dtype=self.param.dtype)

    variance = mean

    @property
    def mode(self) -> Tensor:
        return self.probs.argmax(-1)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Categories: int64."""
        shape = self._extended_shape(sample_shape)
        rows = self.probs.detach().reshape(-1, self.param.shape[-1])
        drawn = multinomial(rows, int(np.prod(tuple(sample_shape), dtype=int)), True)
        return drawn.t().reshape(shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """The log-probability of each category."""
        self._validate_sample(value)
        index = value.long()
        shape = np.broadcast_shapes(tuple(index.shape), tuple(self.batch_shape))
        logits = self.logits.expand((*shape, self.param.shape[-1]))
        return gather(logits, -1, index.expand(shape).unsqueeze(-1)).squeeze(-1)

    def entropy(self) -> Tensor:
        """The entropy, in nats."""
        least = float(np.finfo(self.logits.value.dtype).min)
        return -(self.logits.clamp(min=least) * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All categories: (number, …)."""
        n, dims = self.param.shape[-1], len(self.batch_shape)
        values = arange(n).reshape(n, *[1] * dims)
        return values.expand((n, *self.batch_shape)) if expand else values

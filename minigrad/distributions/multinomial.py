"""Multinomial: how often each of several categories comes up in a number of draws."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from ..creation import tensor, zeros_like
from ..graph import value_of
from ..nn.functional import one_hot
from ..ops import mul, where
from ..tensor import Tensor
from . import constraints
from .categorical import Categorical
from .distribution import Distribution


class Multinomial(Distribution):
    """The counts of the categories in total_count draws: samples are floats, (…, categories).

    probs   weights, from 0; they are divided by their sum
    logits  or log-probabilities, up to a constant
    """

    arg_constraints: ClassVar = {"probs": constraints.simplex, "logits": constraints.real_vector}

    def __init__(
        self,
        total_count: int = 1,
        probs: Tensor | None = None,
        logits: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError("Multinomial: total_count is one int for all")
        self.total_count = total_count
        self._categorical = Categorical(probs, logits, validate_args)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    @property
    def probs(self) -> Tensor:
        """The probabilities."""
        return self._categorical.probs

    @property
    def logits(self) -> Tensor:
        """The logs of the probabilities."""
        return self._categorical.logits

    @property
    def mean(self) -> Tensor:
        return self.probs * self.total_count

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Counts: floats."""
        drawn = self._categorical.sample((self.total_count, *sample_shape))
        return one_hot(drawn, self.event_shape[0]).sum(0).to(self.probs.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        """The log-probability of counts, whatever their sum."""
        counts = value_of(value)
        factorials = np.vectorize(math.lgamma, otypes=[counts.dtype])
        ways = factorials(counts.sum(-1) + 1) - factorials(counts + 1).sum(-1)
        never = (value == 0) & (self.logits == -math.inf)  # 0 · -inf is 0 here
        return mul(where(never, zeros_like(self.logits), self.logits), value).sum(-1) + tensor(ways)

"""The Kullback–Leibler divergence of two distributions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ops import log, where
from ..tensor import Tensor
from .bernoulli import Bernoulli
from .categorical import Categorical
from .distribution import softplus
from .normal import Normal
from .uniform import Uniform

Divergence = Callable[[Any, Any], Tensor]
KNOWN: dict[tuple[type, type], Divergence] = {}
INF = float("inf")


def register_kl(type_p: type, type_q: type) -> Callable[[Divergence], Divergence]:
    """Decorate a function of two distributions of these types that returns their divergence."""

    def keep(function: Divergence) -> Divergence:
        KNOWN[type_p, type_q] = function
        return function

    return keep


def kl_divergence(p: Any, q: Any) -> Tensor:
    """KL(p ‖ q), the mean of log p(x) - log q(x) over samples x of p: (…), by batch_shape."""
    for kind_p in type(p).__mro__:
        for kind_q in type(q).__mro__:
            if (kind_p, kind_q) in KNOWN:
                return KNOWN[kind_p, kind_q](p, q)
    kinds = f"{type(p).__name__} and {type(q).__name__}"
    raise NotImplementedError(f"kl_divergence: not known for {kinds}: see register_kl")


@register_kl(Categorical, Categorical)
def _categorical(p: Categorical, q: Categorical) -> Tensor:
    terms = p.probs * (p.logits - q.logits)
    return where(p.probs == 0, 0.0, where(q.probs == 0, INF, terms)).sum(-1)


@register_kl(Bernoulli, Bernoulli)
def _bernoulli(p: Bernoulli, q: Bernoulli) -> Tensor:
    ones = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    ones = where(p.probs == 0, 0.0, where(q.probs == 0, INF, ones))
    zeros = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    return ones + where(p.probs == 1, 0.0, where(q.probs == 1, INF, zeros))


@register_kl(Normal, Normal)
def _normal(p: Normal, q: Normal) -> Tensor:
    ratio = (p.scale / q.scale) ** 2
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale) ** 2 - 1 - log(ratio))


@register_kl(Uniform, Uniform)
def _uniform(p: Uniform, q: Uniform) -> Tensor:
    outside = (q.low > p.low) | (q.high < p.high)
    return where(outside, INF, log((q.high - q.low) / (p.high - p.low)))

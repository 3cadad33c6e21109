"""Probability distributions: sampling, log-probabilities, entropies, and the divergence of two.

So the policy of an agent is trained by the loss -dist.log_prob(action) · reward (REINFORCE:
Williams 1992).
"""

from .bernoulli import Bernoulli
from .categorical import Categorical
from .distribution import Distribution
from .kl import kl_divergence, register_kl
from .multinomial import Multinomial
from .normal import Normal
from .uniform import Uniform

__all__ = [
    "Bernoulli", "Categorical", "Distribution", "Multinomial", "Normal", "Uniform",
    "kl_divergence", "register_kl",
]  # fmt: skip

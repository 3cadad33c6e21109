"""The functions of random numbers, where PyTorch has them too: torch.random."""

from .seeds import manual_seed
from .sampling import (
    default_generator, fork_rng, get_rng_state, initial_seed, seed, set_rng_state,
)  # fmt: skip

__all__ = [
    "default_generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed",
    "set_rng_state",
]  # fmt: skip

"""Optimizers: SGD, Adam and AdamW."""

from .algorithms import SGD, Adam, AdamW
from .optimizer import Optimizer

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]

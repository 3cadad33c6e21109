"""Modules: models and their parts, with the parameters they train."""

from . import functional, init, utils
from .layers import Dropout, Embedding, LayerNorm, Linear, ReLU, Sigmoid, Tanh
from .module import Module, ModuleDict, ModuleList, Parameter, Sequential

__all__ = [
    "Dropout", "Embedding", "LayerNorm", "Linear", "Module", "ModuleDict", "ModuleList",
    "Parameter", "ReLU", "Sequential", "Sigmoid", "Tanh", "functional", "init", "utils",
]  # fmt: skip

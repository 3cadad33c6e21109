"""The module of Parameter, under the name that PyTorch gives it."""

from .module import Parameter

__all__ = ["Parameter"]

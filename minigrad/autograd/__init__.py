"""Automatic differentiation: the backward pass, and checks of its gradients."""

from .backward import backward, grad
from .gradcheck import gradcheck, gradgradcheck
from .sweep import history, sweep, vjp

__all__ = ["backward", "grad", "gradcheck", "gradgradcheck", "history", "sweep", "vjp"]

"""Automatic differentiation: the backward pass, and checks of its gradients."""

from .backward import backward, grad
from .gradcheck import gradcheck, gradgradcheck
from ..rooms import rooms
from .sweep import history, sweep, vjp

ROOMS = {"minigrad.legacy": "Variable", "minigrad.autograd.function": "Function"}
__getattr__ = rooms(__name__, ROOMS)
__all__ = ["backward", "grad", "gradcheck", "gradgradcheck", "history", "sweep", "vjp"]

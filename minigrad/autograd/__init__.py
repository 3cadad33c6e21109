"""Automatic differentiation: the backward pass, and checks of its gradients."""

from ..rooms import rooms
from .backward import grad
from .gradcheck import gradcheck, gradgradcheck
from .several import backward
from .sweep import history, sweep, vjp

# What is loaded when it is asked for, by the room that has it.
ROOMS = {
    "minigrad.legacy": """
        Variable set_grad_enabled inference_mode detect_anomaly set_detect_anomaly""",
    "minigrad.grad_mode": "no_grad enable_grad is_grad_enabled",
    "minigrad.autograd.function": "Function",
    "minigrad.autograd.functional": "",
}
__getattr__ = rooms(__name__, ROOMS)
__all__ = ["backward", "grad", "gradcheck", "gradgradcheck", "history", "sweep", "vjp"]

"""Optimizers: SGD, Adam, AdamW, and others that are loaded when they are asked for."""

from ..rooms import rooms
from .algorithms import SGD, Adam, AdamW
from .optimizer import Optimizer

ROOMS = {
    "minigrad.optim.adaptive": "RMSprop Adagrad Adadelta Adamax NAdam RAdam Rprop ASGD",
    "minigrad.optim.lbfgs": "LBFGS",
    "minigrad.optim.lr_scheduler": "",
}
__getattr__ = rooms(__name__, ROOMS)

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]

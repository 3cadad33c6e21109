"""torch.autograd.variable: Variable."""

from ..rooms import rooms

__getattr__ = rooms(__name__, {"minigrad.legacy": "Variable"})

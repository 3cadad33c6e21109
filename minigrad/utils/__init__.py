"""For programs beside models: data in batches, and checkpointed calls."""

from ..rooms import rooms

ROOMS = {"minigrad.utils.data": "", "minigrad.utils.checkpoint": ""}
__getattr__ = rooms(__name__, ROOMS)

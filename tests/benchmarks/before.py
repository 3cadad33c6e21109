"""An earlier checkout as a peer: its engine computes the same models, in the same process.

`python -m tests.benchmarks --before DIR`, where DIR is a checkout of that commit.
"""

import importlib.util
import os
import sys
from pathlib import Path

from models.training.backend import Backend

NAME, FOLDER = "minigrad_before", "MINIGRAD_BEFORE"  # the module, and the variable that says where


class Before(Backend):
    """The engine of the checkout in the environment's MINIGRAD_BEFORE."""

    def __init__(self):
        super().__init__("minigrad")
        self.name, self.framework = NAME, package()


def package():
    """That checkout's minigrad, under a name of its own; ModuleNotFoundError if there is none."""
    if FOLDER not in os.environ:
        raise ModuleNotFoundError("no --before DIR")
    if NAME not in sys.modules:
        folder = Path(os.environ[FOLDER]) / "minigrad"
        spec = importlib.util.spec_from_file_location(
            NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        sys.modules[NAME] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[NAME])
    return sys.modules[NAME]

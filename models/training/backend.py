"""The framework that a model computes on: minigrad, or PyTorch with the same model files.

The model files use only names that PyTorch has, too. So PyTorch runs them as they are, with the
word minigrad replaced by torch.
"""

import importlib.abc
import importlib.util
import sys
from functools import cached_property
from pathlib import Path

ON = "on_"  # on_torch.models.rnn is models.rnn with minigrad replaced by torch


class Backend:
    """A framework, by its name: "minigrad" or "torch". PyTorch is imported only when it is used."""

    def __init__(self, name):
        if name not in ("minigrad", "torch"):
            raise ValueError(f'a backend is "minigrad" or "torch", not {name!r}')
        self.name = name

    @cached_property
    def framework(self):
        """The module that the model files call minigrad."""
        return importlib.import_module(self.name)

    def version_of(self, thing):
        """A class or function of a model file, as it is on this framework."""
        if self.name == "minigrad":
            return thing
        if not any(isinstance(finder, Finder) for finder in sys.meta_path):
            sys.meta_path.insert(0, Finder())
        return getattr(
            importlib.import_module(f"{ON}{self.name}.{thing.__module__}"), thing.__name__
        )


MINIGRAD = Backend("minigrad")


class Finder(importlib.abc.MetaPathFinder):
    """Finds on_torch.NAME where NAME is, and what it imports relatively along with it."""

    def find_spec(self, name, path=None, target=None):
        """The module's spec; packages are empty, because only model files are replaced."""
        package, _, original = name.partition(".")
        if not package.startswith(ON):
            return None
        found = importlib.util.find_spec(original) if original else None
        if found is None or found.submodule_search_locations is not None:
            return importlib.util.spec_from_loader(name, loader=None, is_package=True)
        return importlib.util.spec_from_loader(
            name, Replaced(found.origin, package.removeprefix(ON))
        )


class Replaced(importlib.abc.SourceLoader):
    """Loads a file with the word replaced, under its own path: tracebacks show its lines."""

    def __init__(self, path, word):
        self.path, self.word = path, word.encode()

    def get_filename(self, fullname):
        """The path of the file."""
        return self.path

    def get_data(self, path):
        """The source that is compiled."""
        return Path(path).read_bytes().replace(b"minigrad", self.word)

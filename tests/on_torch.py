"""Files of models as they are, but with the word minigrad replaced by torch."""

import contextlib
import importlib.util
import sys
from types import SimpleNamespace


@contextlib.contextmanager
def on_torch(folder, names, package="models_on_torch"):
    """The files `names` of a folder, as modules of one package that use PyTorch."""
    modules = [package, *(f"{package}.{name}" for name in names)]
    for name in modules:
        spec = importlib.util.spec_from_loader(name, loader=None, is_package=name == package)
        sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        for name in names:
            text = (folder / f"{name}.py").read_text(encoding="utf-8").replace("minigrad", "torch")
            exec(compile(text, f"{name} on torch", "exec"), vars(sys.modules[f"{package}.{name}"]))
        yield SimpleNamespace(**{name: sys.modules[f"{package}.{name}"] for name in names})
    finally:
        for name in modules:
            del sys.modules[name]

"""Runs a program with PyTorch or with minigrad, and gives the numbers that it collected.

A program is written as its family writes: `import torch` at the top. It has two names given: it
collects in `results`, and `same(x)` fills a tensor, or all parameters of a module, with numbers
that are the same in both libraries, since their random numbers differ.
"""

import re
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
PROGRAMS = sorted(
    file.stem
    for file in FOLDER.glob("*.py")
    if "\nimport torch\n" in file.read_text(encoding="utf-8")
)


def same(x):
    """x with other numbers: small ones, which depend on the order of calls and shapes alone."""
    tensors = list(x.parameters()) if hasattr(x, "parameters") else [x]
    for i, t in enumerate(tensors):
        shape = tuple(t.shape)
        n = int(np.prod(shape))
        numbers = (
            np.sin(np.arange(n) * 1.7 + i).reshape(shape) / max(1, shape[-1] if shape else 1) ** 0.5
        )
        t.data = type(t.data)(numbers.tolist()).to(t.dtype) if shape else t.data * 0 + 0.5
    return x


def run(name, library):
    """The results of a program: arrays, numbers, texts."""
    source = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    if library != "torch":
        source = re.sub(r"\btorch\b", library, source)
    results = []
    names = {"__name__": "__main__", "results": results, "same": same}
    exec(compile(source, f"{name}.py", "exec"), names)
    return [plain(result) for result in results]


def plain(result):
    if isinstance(result, list | tuple) and not hasattr(result, "numel"):
        return [plain(one) for one in result]
    if hasattr(result, "detach"):
        return result.detach().numpy()
    return list(result) if hasattr(result, "numel") else result

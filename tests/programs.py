"""A small program, run in minigrad and in PyTorch: what its names hold afterwards agrees."""

import warnings

import numpy as np

import minigrad

MATRIX, VECTOR = [[1.0, -2.0, 0.3], [0.4, 2.5, -6.0]], [0.5, 2.0, 1.5]
DATA, INTS = [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], [[1, 2, 3], [4, 5, 7]]


def given(library):
    """The names that a program may use: x and w require grad, d and i do not; `log` is a list."""
    double = library.float64
    return {
        "torch": library, "nn": library.nn, "F": library.nn.functional, "np": np, "log": [],
        "x": library.tensor(MATRIX, dtype=double, requires_grad=True),
        "w": library.tensor(VECTOR, dtype=double, requires_grad=True),
        "d": library.tensor(DATA, dtype=double), "i": library.tensor(INTS),
    }  # fmt: skip


def seen(value):
    """Lists, numbers and text, from what may hold tensors: also their flags and gradients."""
    if hasattr(value, "requires_grad") and hasattr(value, "tolist"):
        grad = value.grad if value.is_leaf else None
        return [
            value.tolist(), str(value.dtype).replace("torch.", ""), value.requires_grad,
            value.is_leaf, None if grad is None else grad.tolist(),
        ]  # fmt: skip
    if isinstance(value, dict):
        return {str(key): seen(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [seen(one) for one in value]
    return value if isinstance(value, int | float | str | None) else type(value).__name__


def outcome(library, program, before=""):
    """What the one-letter names and `log` hold after a program; the error it raises."""
    names = given(library)
    with warnings.catch_warnings(action="ignore"):
        try:
            exec(f"{before}\n{program}", names)
        except Exception as error:  # whichever: it is compared
            return error
        finally:
            library.autograd.set_grad_enabled(True)
    kept = {name: value for name, value in names.items() if len(name) == 1 or name == "log"}
    return {name: seen(value) for name, value in kept.items() if not callable(value)}


def close(ours, theirs):
    """True if two outcomes are equal, numbers up to rounding."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(close(ours[k], theirs[k]) for k in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(close, ours, theirs))
    if isinstance(ours, float) and isinstance(theirs, float):
        return bool(np.isclose(ours, theirs, rtol=1e-9, atol=1e-9, equal_nan=True))
    return type(ours) is type(theirs) and ours == theirs


def agree(torch, program, before=""):
    """Both run the program to the same values, flags and gradients."""
    ours, theirs = outcome(minigrad, program, before), outcome(torch, program, before)
    assert not isinstance(theirs, Exception), theirs
    if isinstance(ours, Exception):
        raise ours
    for name in ours:
        assert close(ours[name], theirs[name]), f"{name}: {ours[name]}\nPyTorch: {theirs[name]}"


def both_refuse(torch, program, match, before=""):
    """Both raise an error, minigrad one in one line that a pattern matches."""
    import re

    ours, theirs = outcome(minigrad, program, before), outcome(torch, program, before)
    assert isinstance(theirs, Exception), theirs
    assert isinstance(ours, RuntimeError | ValueError | TypeError | IndexError), ours
    assert re.search(match, str(ours)), ours
    assert "\n" not in str(ours)

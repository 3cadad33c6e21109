"""A world: one framework, and the variables of a program that runs in it, line by line.

A program is a list of lines of Python in which `torch` is the framework. So it runs in both, and
what the fuzzer finds is a program to copy.
"""

import functools

import numpy as np

# What a program may use besides `torch`.
PRELUDE = '''
from math import inf, nan

import numpy as np


def weighted(x):
    """The sum of x, each element with another weight."""
    weights = [(7 * i % 11 - 4) / 4 for i in range(x.numel())]
    return (x * torch.tensor(weights, dtype=x.dtype).reshape(x.shape)).sum()


def again(gradients):
    """The weighted sum of the gradients that can be differentiated again."""
    start = torch.zeros((), dtype=torch.float64, requires_grad=True)
    return sum([weighted(g) for g in gradients if g is not None and g.requires_grad], start)


def given(module):
    """A module in double precision with known parameters."""
    module = module.double()
    with torch.no_grad():
        for p in module.parameters():
            weights = [(5 * i % 7 - 3) / 2 for i in range(p.numel())]
            p.copy_(torch.tensor(weights, dtype=torch.float64).reshape(p.shape))
    return module
'''


@functools.lru_cache(maxsize=4096)
def compiled(source):
    return compile(source, "<program>", "exec")


class World:
    """A framework, and the variables of a program."""

    def __init__(self, library):
        self.names = {"torch": library}
        exec(compiled(PRELUDE), self.names)

    def run(self, line):
        """Run a line; returns the exception that it raised, or None."""
        try:
            exec(compiled(line), self.names)
        except Exception as error:
            return cleared(error)
        return None

    def value(self, reference):
        """The value of `a`, or of `a[1]` where a holds several."""
        name, _, place = reference.partition("[")
        value = self.names[name]
        return value[int(place[:-1])] if place else value


def cleared(error):
    """An error without the frames that it came through, which keep tensors alive."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)


def is_tensor(x):
    return any(kind.__name__ == "Tensor" for kind in type(x).__mro__)


def array(x):
    """A copy of a tensor's values, or of an array's; the tensor does not notice."""
    if is_tensor(x):
        x = x.value if hasattr(x, "value") else x.detach().resolve_neg().numpy(force=True)
    return np.array(x)


def dtype_of(x):
    return str(x.dtype).removeprefix("torch.")


# --- what differs ------------------------------------------------------------------------------


def difference(ours, theirs, scale=0.0, coarse=False, gradient=False):
    """What differs first between our value and theirs: a short text; None if they agree.

    scale     how large the numbers were from which these were computed
    coarse    whether they were computed in float32
    gradient  True: whether the gradient itself can be differentiated does not count
    """
    if is_tensor(ours) or is_tensor(theirs):
        return _of_tensors(ours, theirs, scale, coarse, gradient)
    if isinstance(theirs, tuple | list):
        if not isinstance(ours, tuple | list) or len(ours) != len(theirs):
            return f"{brief(ours)} is not {brief(theirs)}"
        pairs = zip(ours, theirs, strict=True)
        found = [difference(our, their, scale, coarse, gradient) for our, their in pairs]
        return next((text for text in found if text), None)
    if isinstance(theirs, np.ndarray | float):
        return _of_arrays(ours, theirs, scale, coarse)
    if "dtype" in type(theirs).__name__:
        ours, theirs = str(ours), str(theirs)
    same = type(ours) is type(theirs) and ours == theirs
    return None if same else f"{brief(ours)} is not {brief(theirs)}"


def _of_tensors(ours, theirs, scale, coarse, gradient):
    if not (is_tensor(ours) and is_tensor(theirs)):
        return f"{brief(ours)} is not {brief(theirs)}"
    facts = {"shape": lambda x: tuple(x.shape), "dtype": dtype_of}
    if not gradient:
        facts |= {"requires_grad": lambda x: x.requires_grad, "is_leaf": lambda x: x.is_leaf}
    for name, fact in facts.items():
        if fact(ours) != fact(theirs):
            return f"{name}: {fact(ours)} is not {fact(theirs)}"
    return _of_arrays(array(ours), array(theirs), scale, coarse)


def _of_arrays(ours, theirs, scale, coarse):
    if type(ours) is not type(theirs):
        return f"{brief(ours)} is not {brief(theirs)}"
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if (ours.shape, ours.dtype) != (theirs.shape, theirs.dtype):
        return f"array: {ours.shape} {ours.dtype} is not {theirs.shape} {theirs.dtype}"
    if ours.tobytes() == theirs.tobytes():
        return None
    tolerance = 2e-5 if coarse or theirs.dtype == np.float32 else 1e-10
    finite = np.abs(theirs[np.isfinite(theirs)]) if theirs.dtype.kind == "f" else np.zeros(0)
    tolerance = tolerance if theirs.dtype.kind == "f" else 0.0
    largest = max(scale, float(finite.max(initial=0.0)))
    if not np.allclose(ours, theirs, tolerance, tolerance * largest, equal_nan=True):
        return f"values: {brief(ours)} is not {brief(theirs)}"
    return None


def identical(ours, theirs):
    """True if two values agree to the bit, the sign of 0 included."""
    if isinstance(theirs, tuple | list):
        return all(map(identical, ours, theirs))
    if not is_tensor(theirs):
        return True
    ours, theirs = array(ours), array(theirs)
    if theirs.dtype.kind != "f":
        return np.array_equal(ours, theirs)
    signs = np.array_equal(np.signbit(ours) & (ours == 0), np.signbit(theirs) & (theirs == 0))
    return signs and np.array_equal(ours, theirs, equal_nan=True)


def largest(x):
    """The largest finite |number| in a value."""
    if isinstance(x, tuple | list):
        return max(map(largest, x), default=0.0)
    if not is_tensor(x) or dtype_of(x) == "bool":
        return 0.0
    numbers = np.abs(array(x).astype(float))
    return float(numbers[np.isfinite(numbers)].max(initial=0.0))


def brief(x):
    text = repr(array(x).tolist() if is_tensor(x) or isinstance(x, np.ndarray) else x)
    return text if len(text) <= 200 else f"{text[:197]}..."

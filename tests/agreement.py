"""The same expression in minigrad and in PyTorch: types, shapes, values and derivatives agree."""

import operator

import numpy as np
from derivatives import derivatives

import minigrad


def draw(*shape, seed=0):
    """Random numbers, always the same for a shape and a seed."""
    return np.asarray(np.random.default_rng((seed, *shape)).standard_normal(shape))


def several(outputs):
    return tuple(outputs) if isinstance(outputs, tuple | list) else (outputs,)


def outcome(library, expression, arrays, order):
    """Values of an expression, and the derivatives of a weighted sum of them, up to `order`."""
    floats = [isinstance(a, np.ndarray | np.generic) and a.dtype.kind == "f" for a in arrays]
    xs = [library.tensor(a, requires_grad=of) for a, of in zip(arrays, floats, strict=True)]
    wanted = [x for x, of in zip(xs, floats, strict=True) if of]
    found = list(several(expression(library, *xs)))
    smooth = [y for y in found if hasattr(y, "requires_grad") and y.requires_grad]
    found += derivatives(library, smooth, wanted, order)
    return [y.detach().clone().numpy() if hasattr(y, "detach") else y for y in found]


def code(text):
    """A function of (library, x, y) from code in which `torch` is the library."""

    def expression(library, *xs):
        given = dict(zip("xy", xs, strict=False))
        return eval(text, {"torch": library, "np": np, "operator": operator} | given)

    return expression


def agree(torch, expression, *arrays, order=2, rtol=1e-10):
    """The types, shapes, values and derivatives of an expression agree in both libraries.

    expression   a function of a library and its tensors, or `code`
    arrays       the values of the tensors; those of floats require grad
    """
    expression = code(expression) if isinstance(expression, str) else expression
    ours = outcome(minigrad, expression, arrays, order)
    theirs = outcome(torch, expression, arrays, order)
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        assert type(our) is type(their)
        assert np.shape(our) == np.shape(their)
        assert getattr(our, "dtype", None) == getattr(their, "dtype", None)
        np.testing.assert_allclose(our, their, rtol=rtol, atol=rtol)

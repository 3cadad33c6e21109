"""The same derivatives from minigrad and from PyTorch, to be compared."""

import numpy as np


def derivatives(library, ys, xs, order, seed=1):
    """The gradients of the ys in the xs, then the gradients of those, up to `order`.

    Each is that of a weighted sum; the weights require grad too, which keeps the sum
    differentiable where the ys are linear in the xs. What does not depend on an x is 0.
    """
    rng = np.random.default_rng(seed)
    found, last = [], ys
    for _ in range(order if ys else 0):
        weights = [
            library.tensor(rng.standard_normal(tuple(y.shape)), dtype=y.dtype, requires_grad=True)
            for y in last
        ]
        total = sum((y * w).sum() for y, w in zip(last, weights, strict=True))
        last = library.autograd.grad(total, xs, create_graph=True, allow_unused=True)
        last = [library.zeros_like(x) if g is None else g for x, g in zip(xs, last, strict=True)]
        found += last
    return found

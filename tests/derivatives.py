"""Higher derivatives, computed alike by minigrad and by PyTorch for comparison."""

import numpy as np


def derivatives(library, ys, xs, order, seed=1):
    """The gradients of the ys with respect to the xs, then the gradients of those, up to `order`.

    What is differentiated is a randomly weighted sum of the ys. The weights require grad too, so
    that the sum can be differentiated again even if the ys are linear in the xs. The gradient is 0
    for an x that the ys do not depend on.
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

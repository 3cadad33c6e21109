"""One example of a call of an op, with random inputs."""

import numpy as np


class Draw:
    """Random inputs, the same in every run."""

    def __init__(self):
        self.rng = np.random.default_rng(7)

    def __call__(self, *shape):
        return np.asarray(self.rng.standard_normal(shape))

    def positive(self, *shape):
        return np.asarray(self.rng.uniform(0.5, 2, shape))

    def ids(self, below, *shape):
        return np.asarray(self.rng.integers(below, size=shape))

    def mask(self, *shape):
        return np.asarray(self.rng.random(shape) < 0.5)


class Example:
    """One call of an op: its inputs, made by a function of a `Draw`, and its settings."""

    def __init__(self, make, **settings):
        self.make, self.settings = make, settings

    def inputs(self, dtype=np.float64):
        """Arrays of floats are differentiated; numbers, masks and ids are held fixed."""
        return [
            x.astype(dtype) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x
            for x in self.make(Draw())
        ]

    def tensors(self, library, dtype=np.float64):
        return [
            library.tensor(x, requires_grad=x.dtype.kind == "f") if isinstance(x, np.ndarray) else x
            for x in self.inputs(dtype)
        ]


def of_shapes(*several, kind="__call__", **settings):
    """One example per tuple of shapes, with float inputs of these shapes."""
    return [
        Example(lambda draw, s=shapes: [getattr(draw, kind)(*shape) for shape in s], **settings)
        for shapes in several
    ]

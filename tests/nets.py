"""A net with everything in it, for minigrad and for PyTorch."""

import numpy as np

IDS = np.array([[1, 0, 6], [2, 2, 5]])


def nets(framework):
    """A nested net with everything in it, written once for both frameworks."""
    nn = framework.nn

    class Block(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.size = size
            self.norm = nn.LayerNorm(size)
            self.scale = nn.Parameter(framework.ones(size))
            self.register_buffer("mean", framework.zeros(size))
            self.register_buffer("steps", framework.tensor(3))
            self.register_buffer("cache", framework.zeros(2), persistent=False)
            self.layers = nn.ModuleList([nn.Linear(size, size), nn.Linear(size, size, bias=False)])

        def forward(self, x):
            for layer in self.layers:
                x = x + layer(self.norm(x) - self.mean).tanh() * self.scale
            return x

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(7, 4, padding_idx=0)
            self.blocks = nn.ModuleDict({"first": Block(4), "second": Block(4)})
            self.head = nn.Sequential(
                nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.25), nn.Linear(8, 3), nn.Sigmoid()
            )

        def forward(self, ids):
            x = self.embedding(ids)
            for block in self.blocks.values():
                x = block(x)
            return self.head(x)

    return Net()


def names(named):
    """The names in an iterable of (name, value), such as named_parameters()."""
    return [name for name, _ in named]

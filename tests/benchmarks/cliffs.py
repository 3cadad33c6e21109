"""python -m tests.benchmarks.cliffs: ops over their settings, beside PyTorch.

An op that is fast in one setting may be slow in another: NumPy's pow of negative numbers takes 300
times as long as a product. Each op is timed on float32 and float64 arrays of 1,000 and a million
elements, one thread, in processor time; the median of the rounds of a ratio is shown if it is above
--above. Only the forward pass counts, or with --backward both.
"""

import argparse
import os
import time
from functools import partial

import numpy as np

SIZES = {"1e3": (20, 50), "1e6": (1000, 1000)}


POWERS = (-3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 5, 7, 10)


def cases(lib):
    """Functions of x, y and positive p, matrices of one shape, by name."""
    return elementwise(lib) | layouts(lib) | reductions(lib) | networks(lib)


def elementwise(lib):
    """Exponents, functions of one and of two values."""
    found = {f"pow {n}": partial(lambda n, x, y, p: x**n, n) for n in POWERS}
    found |= {f"positive pow {n}": partial(lambda n, x, y, p: p**n, n) for n in (-1.5, 1.7, 3, 4)}
    found |= {
        "number ** x": lambda x, y, p: 2.0**x,
        "positive ** tensor": lambda x, y, p: p**y,
        "x ** tensor": lambda x, y, p: x**y,
        "where": lambda x, y, p: lib.where(x > 0, x, y),
        "where number": lambda x, y, p: lib.where(x > 0, x, 0.0),
        "masked_fill": lambda x, y, p: x.masked_fill(y > 0, -1e9),
        "masked_fill row": lambda x, y, p: x.masked_fill(y[0] > 0, -1e9),
        "clamp": lambda x, y, p: x.clamp(-0.5, 0.5),
    }
    for name in ("exp", "tanh", "sigmoid", "relu", "abs", "neg"):
        found[name] = partial(lambda f, x, y, p: f(x), getattr(lib, name))
    for name in ("log", "sqrt"):
        found[name] = partial(lambda f, x, y, p: f(p), getattr(lib, name))
    for name in ("add", "sub", "mul", "div", "maximum", "minimum"):
        found[name] = partial(lambda f, x, y, p: f(x, y), getattr(lib, name))
    return found


def layouts(lib):
    """Strides, broadcasting, and what moves elements."""
    return {
        "add row": lambda x, y, p: x + y[0],
        "add column": lambda x, y, p: x + y[:, :1],
        "mul column": lambda x, y, p: x * y[:, :1],
        "add of strided": lambda x, y, p: x[:, ::2] + y[:, ::2],
        "add of transposed": lambda x, y, p: x + y.reshape(y.shape[1], y.shape[0]).t(),
        "add of steps": lambda x, y, p: x[::2] + y[::2],
        "contiguous of transposed": lambda x, y, p: x.t().contiguous(),
        "cat 0": lambda x, y, p: lib.cat([x, y], 0),
        "cat 1": lambda x, y, p: lib.cat([x, y], 1),
        "stack -1": lambda x, y, p: lib.stack([x, y], -1),
        "tril": lambda x, y, p: lib.tril(x),
        "rows by index": lambda x, y, p: x[lib.arange(len(x) - 1, -1, -1)],
    }


def reductions(lib):
    """Over each dim, over all, and over short rows."""
    found = {}
    for name in ("sum", "mean", "amax", "amin", "argmax", "max", "var", "std", "softmax",
                 "log_softmax", "logsumexp", "argsort"):  # fmt: skip
        f = getattr(lib, name)
        for dim in (0, 1):
            found[f"{name} {dim}"] = partial(lambda f, d, x, y, p: first(f(x, dim=d)), f, dim)
        if name in ("sum", "mean", "max", "var", "std"):
            found[f"{name} of all"] = partial(lambda f, x, y, p: f(x), f)
        for width in (5, 10, 50):
            found[f"{name} of rows of {width}"] = partial(
                lambda f, n, x, y, p: first(f(x.view(-1, n), dim=-1)), f, width
            )
    return found


def networks(lib):
    """Products, and functions of neural networks."""
    F = lib.nn.functional
    return {
        "matmul": lambda x, y, p: x @ y.mT,
        "matmul of transposed": lambda x, y, p: x.mT @ y,
        "matmul of batches": lambda x, y, p: x.view(-1, 10, 10) @ y.view(-1, 10, 10),
        "matmul with a vector": lambda x, y, p: x @ y[0],
        "gelu": lambda x, y, p: F.gelu(x),
        "gelu tanh": lambda x, y, p: F.gelu(x, approximate="tanh"),
        "mse_loss": lambda x, y, p: F.mse_loss(x, y),
        "layer_norm": lambda x, y, p: F.layer_norm(x, x.shape[1:], p[0], y[0]),
    }


def first(found):
    """The values, if an op gives values and indices."""
    return found[0] if isinstance(found, tuple) else found


def ratio(ours, theirs, rounds):
    """The median of the ratios of processor times, in turns, and the times in microseconds."""
    counts, times = [], []
    for f in (ours, theirs):
        f()
        start = time.process_time()
        f()
        counts.append(max(1, int(0.01 / max(time.process_time() - start, 1e-7))))
    for _ in range(rounds):
        each = []
        for f, n in zip((ours, theirs), counts, strict=True):
            start = time.process_time()
            for _ in range(n):
                f()
            each.append((time.process_time() - start) / n)
        times.append(each)
    a, b = np.transpose(times)
    return float(np.median(a / b)), np.median(a) * 1e6, np.median(b) * 1e6


def runs(lib, arrays, backward):
    """For each case, a function that runs it."""

    def run(f, tensors):
        if not backward:
            return lambda: f(*tensors)

        def both():
            for x in tensors:
                x.grad = None
            out = f(*tensors)
            if out.requires_grad:
                out.sum().backward()

        return both

    tensors = [lib.tensor(a, requires_grad=backward) for a in arrays]
    return {name: run(f, tensors) for name, f in cases(lib).items()}


def main():
    """Print the ratios above a number, and how many there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--above", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--backward", action="store_true")
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    arguments = parser.parse_args()
    import torch

    import minigrad

    torch.set_num_threads(1)
    np.seterr(all="ignore")
    rng, found = np.random.default_rng(0), []
    for size, shape in SIZES.items():
        for dtype in (np.float32, np.float64):
            x, y = (rng.standard_normal(shape).astype(dtype) for _ in range(2))
            arrays = (x, y, abs(x) + dtype(0.1))
            ours, theirs = (runs(lib, arrays, arguments.backward) for lib in (minigrad, torch))
            for name in ours:
                if arguments.only not in name:
                    continue
                r, a, b = ratio(ours[name], theirs[name], arguments.rounds)
                found.append(r)
                if r > arguments.above:
                    line = f"{r:6.2f}  {a:10.1f} µs {b:10.1f} µs  {size} {dtype.__name__}  {name}"
                    print(line, flush=True)
    above = sum(r > arguments.above for r in found)
    print(f"{above} of {len(found)} above {arguments.above}")


if __name__ == "__main__":
    for library in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        if os.environ.get(library) != "1":
            raise SystemExit(f"one thread: set {library}=1")
    main()

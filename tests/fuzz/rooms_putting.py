"""Rows of what puts elements in places, and takes them from there, in rooms."""

import math

from .table import dtype_of, either, floats, numbers, room


@room("scatter", "scatter_add", "scatter_reduce")
def _(w):
    """One element per place, since PyTorch leaves open which of several wins."""
    ref = w.tensor(lambda x: x.ndim and numbers(x) and x.numel(), exact=True)
    if ref is None:
        return None
    x, name = w.value(ref), w.pick(("scatter", "scatter_add", "scatter_reduce"))
    d = w.below(x.ndim)
    if name == "scatter":
        shape = [n if i != d else min(n, 1) for i, n in enumerate(x.shape)]
        index = w.ints(0, x.shape[d], shape)
        given = w.pick((w.fresh(dtype_of(x), shape), "2", "-1.5" if floats(x) else "3"))
        return either(w, name, ref, f"{d}, {index}, {given}")
    shape = [1 + w.below(n) if i != d else w.pick((1, 2, 3)) for i, n in enumerate(x.shape)]
    src = w.fresh(dtype_of(x), shape)
    index = w.ints(0, x.shape[d], shape)
    if name == "scatter_add":
        return either(w, name, ref, f"{d}, {index}, {src}")
    if "nan" in src or floats(x) and not x.isfinite().all():
        return None
    how = w.pick(("'sum'", "'mean'", "'amax'", "'amin'"))
    include = w.pick(("", ", include_self=False", ", include_self=True"))
    return either(w, name, ref, f"{d}, {index}, {src}, {how}{include}")


@room("index_add", "index_copy", "index_fill")
def _(w):
    ref = w.tensor(lambda x: x.ndim and numbers(x) and x.shape[0])
    if ref is None:
        return None
    x, name = w.value(ref), w.pick(("index_add", "index_copy", "index_fill"))
    d = w.below(x.ndim)
    if not x.shape[d]:
        return None
    if name == "index_fill":
        index = w.ints(0, x.shape[d], (w.below(3),))
        return either(w, name, ref, f"{d}, {index}, {w.pick(('2', '-1'))}")
    n = 1 if name == "index_copy" else w.pick((1, 2, 3))
    source = w.fresh(dtype_of(x), [n if i == d else m for i, m in enumerate(x.shape)])
    alpha = w.pick(("", ", alpha=2", ", alpha=-1")) if name == "index_add" else ""
    return either(w, name, ref, f"{d}, {w.ints(0, x.shape[d], (n,))}, {source}{alpha}")


@room("index_put")
def _(w):
    ref = w.tensor(lambda x: x.ndim and x.shape[0])
    if ref is None:
        return None
    x, accumulate = w.value(ref), w.chance(2)
    n = w.pick((1, 2, 3)) if accumulate else 1
    index = w.ints(0, x.shape[0], (n,))
    value = w.fresh(dtype_of(x), x.shape[1:] if w.chance(2) else (1,))
    if accumulate and not numbers(x):
        return None
    return either(w, "index_put", ref, f"({index},), {value}{', accumulate=True' * accumulate}")


@room("masked_scatter", "masked_select")
def _(w):
    ref = w.tensor()
    if ref is None:
        return None
    x = w.value(ref)
    mask = w.fresh("bool", w.broadcastable(tuple(x.shape)))
    if w.chance(2):
        return either(w, "masked_select", ref, mask)
    source = w.fresh(dtype_of(x), (max(x.numel(), 1),))
    return either(w, "masked_scatter", ref, f"{mask}, {source}")


@room("take", "take_along_dim")
def _(w):
    ref = w.tensor(lambda x: x.numel())
    if ref is None:
        return None
    x = w.value(ref)
    if w.chance(2) or not x.ndim:
        return either(w, "take", ref, w.ints(-x.numel(), x.numel(), w.shape(3)))
    d = w.below(x.ndim)
    shape = [n if i != d else w.pick((1, 2)) for i, n in enumerate(x.shape)]
    if w.chance(4):
        return either(w, "take_along_dim", ref, w.ints(0, x.numel(), (3,)))
    return either(w, "take_along_dim", ref, f"{w.ints(0, x.shape[d], shape)}, {d}")


@room("select_scatter", "slice_scatter", "diagonal_scatter")
def _(w):
    ref = w.tensor(lambda x: x.ndim and 0 not in x.shape)
    if ref is None:
        return None
    x, name = w.value(ref), w.pick(("select_scatter", "slice_scatter", "diagonal_scatter"))
    d = w.below(x.ndim)
    rest = [n for i, n in enumerate(x.shape) if i != d]
    if name == "select_scatter":
        return either(w, name, ref, f"{w.fresh(dtype_of(x), rest)}, {d}, {w.pick((0, -1))}")
    if name == "slice_scatter":
        step = w.pick((1, 2))
        n = math.ceil(x.shape[d] / step)
        source = w.fresh(dtype_of(x), [n if i == d else m for i, m in enumerate(x.shape)])
        return either(w, name, ref, f"{source}, {d}, 0, {x.shape[d]}, {step}")
    if x.ndim < 2:
        return None
    shape = [*x.shape[2:], min(x.shape[:2])]
    return either(w, name, ref, w.fresh(dtype_of(x), shape))

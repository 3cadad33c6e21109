"""Rows of what changes a shape, picks elements, or multiplies matrices."""

from .indices import index
from .table import DIM, NEEDED, add_rows, call, choice, dim, floats, numbers, optional, row

# --- shape -------------------------------------------------------------------------------------


def size(w, x):
    return w.pick(("1", "2", "3", "0" if w.chance(4) else "1", "-1" if w.odd() else "2"))


def some_dims(w, x):
    return w.dims(x).replace("None", "0")  # PyTorch's squeeze takes no None


add_rows({
    "transpose": call("transpose", ("dim0", dim), ("dim1", dim)),
    "t": call("t", test=lambda x: x.ndim <= 2),
    "flatten": call("flatten", ("start_dim", optional(dim)), ("end_dim", optional(dim))),
    "squeeze": call("squeeze", ("dim", optional(some_dims))),
    "unsqueeze": call("unsqueeze", NEEDED),
    "unbind": call("unbind", DIM), "chunk": call("chunk", ("chunks", size), DIM),
    "tril": call("tril", ("diagonal", optional(choice("0", "1", "-1", "5", "-7")))),
    "triu": call("triu", ("diagonal", optional(choice("0", "1", "-1", "5", "-7")))),
    "split": call("split", ("split_size_or_sections", size), DIM, forms="f"),
})  # fmt: skip


@row("split by sizes")
def _(w):
    ref = w.tensor(lambda x: x.ndim)
    if ref is None:
        return None
    d = w.below(w.value(ref).ndim)
    left, sections = w.value(ref).shape[d] + w.odd(), []
    while left or not sections:
        sections.append(min(left, w.pick((1, 2, 0, 3))))
        left -= sections[-1]
        if len(sections) > 5:
            break
    given = f"{sections}, {d}"
    return w.pick((f"torch.split({ref}, {given})", f"{ref}.split({given})"))


@row("T", "mT")
def _(w):
    name = w.pick(("T", "mT"))
    ref = w.tensor(lambda x: x.ndim == 2 if name == "T" else x.ndim > 1)
    return ref and f"{ref}.{name}"


def strided(w):
    """A tensor whose elements are not in the order of memory, if there is one."""
    return w.tensor(lambda x: not x.is_contiguous()) or w.tensor(lambda x: x.ndim > 1)


def same_order(w, ref):
    """True unless NumPy and PyTorch chose another order in memory, where both may choose one."""
    ours = w.program.ours.value(ref)
    return ours.value.flags.c_contiguous == w.value(ref).is_contiguous()


@row("reshape", "view")
def _(w):
    ref, method = w.tensor(), w.pick(("reshape", "view"))
    if ref is None:
        return None
    sizes = w.sizes(w.value(ref))
    if method == "view" and not same_order(w, ref):
        return None
    if method == "view" and w.chance(2) and (other := strided(w)) and same_order(w, other):
        turned = f"{other}.mT" if w.value(other).is_contiguous() else other
        return f"{turned}.view({w.sizes(w.value(other))})"
    if method == "reshape" and w.chance(2):
        return f"torch.reshape({ref}, {sizes})"
    one_by_one = sizes[0] == "(" and len(sizes) > 2 and w.chance(2)
    return f"{ref}.{method}({sizes[1:-1].strip(',') if one_by_one else sizes})"


@row("contiguous")
def _(w):
    ref = strided(w) or w.tensor()
    if ref and not same_order(w, ref):
        return None
    turned = ref and w.value(ref).is_contiguous() and w.value(ref).ndim > 1 and not w.chance(4)
    return ref and f"{ref}{'.mT' if turned else ''}.contiguous()"


@row("expand")
def _(w):
    ref = w.tensor(lambda x: x.numel() <= 12)
    if ref is None:
        return None
    shape = [w.pick((n, -1)) if n != 1 else w.pick((2, 3, 1, -1, 0)) for n in w.value(ref).shape]
    lead = [w.pick((2, 1, 3)) for _ in range(w.below(3))]
    if w.odd():
        (lead or shape or [0])[0] = w.pick((-1, 5, -2))
    return f"{ref}.expand({tuple(lead + shape)})"


@row("permute")
def _(w):
    ref = w.tensor()
    if ref is None:
        return None
    left = list(range(w.value(ref).ndim))
    order = [left.pop(w.below(len(left))) for _ in range(len(left))]
    if w.odd():
        order = order[:-1] + [w.pick((0, 9, -1))]
    return w.pick((f"torch.permute({ref}, {tuple(order)})", f"{ref}.permute({tuple(order)})"))


@row("cat", "stack")
def _(w):
    name = w.pick(("cat", "stack"))
    first = w.tensor(lambda x: x.ndim or name == "stack")
    if first is None:
        return None
    shape = w.value(first).shape
    d = w.below(len(shape)) if shape else 0

    def fits(x):
        same = [n for i, n in enumerate(x.shape) if i != d] == [
            n for i, n in enumerate(shape) if i != d
        ]
        return w.odd() or (x.shape == shape if name == "stack" else same and x.ndim == len(shape))

    refs = [first] + [w.tensor(fits) or first for _ in range(w.below(3))]
    both = w.pick((f"[{', '.join(refs)}]", f"({', '.join(refs)},)"))
    return f"torch.{name}({both}, {w.pick((d, f'dim={w.dim(w.value(first))}'))})"


@row("roll")
def _(w):
    ref = w.tensor(lambda x: x.numel())  # PyTorch does not check the dims of nothing
    if ref is None:
        return None
    x = w.value(ref)
    shift = str(w.below(9) - 4)
    d = w.dim(x)
    given = w.pick(
        (f"{shift}, {d}", shift, f"({shift}, 1), (0, {w.below(2)})", f"shifts={shift}, dims={d}")
    )
    return w.pick((f"torch.roll({ref}, {given})", f"{ref}.roll({given})"))


# --- picking -----------------------------------------------------------------------------------


@row("getitem")
def _(w):
    ref = w.tensor()
    return ref and f"{ref}[{index(w, w.value(ref))}]"


def tensor_and_dim(w):
    """A tensor, its value, and one of its dims (0 if it has none); None if there is no tensor."""
    ref = w.tensor()
    if ref is None:
        return None
    x = w.value(ref)
    return ref, x, w.below(max(x.ndim, 1))


@row("gather")
def _(w):
    if (found := tensor_and_dim(w)) is None:
        return None
    ref, x, d = found
    shape = [
        w.pick((1, 2, 3)) if i == d else min(n, w.pick((1, 2, 3))) for i, n in enumerate(x.shape)
    ]
    ids = w.ints(0, x.shape[d] if x.ndim else 1, shape)
    return w.pick((f"torch.gather({ref}, {d}, {ids})", f"{ref}.gather({d}, {ids})"))


@row("index_select")
def _(w):
    if (found := tensor_and_dim(w)) is None:
        return None
    ref, x, d = found
    ids = w.ints(0, x.shape[d] if x.ndim else 1, (w.pick((2, 1, 3, 0)),))
    return w.pick((f"torch.index_select({ref}, {d}, {ids})", f"{ref}.index_select({d}, {ids})"))


# --- matrices ----------------------------------------------------------------------------------


def matrix_pair(w, test=floats):
    """Two tensors whose matrix product exists (mostly)."""
    ref = w.tensor(lambda x: test(x) and x.ndim)
    if ref is None:
        return None
    x = w.value(ref)

    def fits(y):
        if w.odd():
            return True
        return y.ndim and y.dtype == x.dtype and y.shape[max(y.ndim - 2, 0)] == x.shape[-1]

    second = w.tensor(fits) if w.chance(2) else None
    if second is None:
        shape = (x.shape[-1], *([w.pick((1, 2, 3))] if w.chance(3) else []))
        second = w.fresh(str(x.dtype).removeprefix("torch."), shape, requires_grad=False)
    return ref, second


@row("matmul")
def _(w):
    pair = matrix_pair(w, numbers)
    if pair is None:
        return None
    x, y = pair
    return w.pick((f"{x} @ {y}", f"torch.matmul({x}, {y})", f"{x}.matmul({y})"))

"""Rows of what changes shapes, of views by strides, and of what joins, in rooms."""

from .shapes import same_order
from .table import (
    NEEDED, add_rooms, anything, call, choice, dim, dtype_of, either, optional, room,
)  # fmt: skip


def small(x):
    return x.numel() <= 24


def places(w, x):
    return w.pick(("0", "-1", str(w.below(max(x.ndim, 1)))))


def start(w, x):
    return w.pick(("0", "1", "-1"))


def two(x):
    return x.ndim >= 2


OFFSET = ("offset", optional(choice("0", "1", "-1", "5")))
add_rooms({
    "movedim": call("movedim", ("source", places), ("destination", places)),
    "moveaxis": call("moveaxis", ("source", places), ("destination", places)),
    "swapaxes": call("swapaxes", ("axis0", dim), ("axis1", dim)),
    "swapdims": call("swapdims", ("dim0", dim), ("dim1", dim)),
    "narrow": call("narrow", NEEDED, ("start", start), ("length", choice("1", "2", "0"))),
    "select": call("select", NEEDED, ("index", choice("0", "1", "-1"))),
    "fliplr": call("fliplr", test=two), "flipud": call("flipud", test=lambda x: x.ndim),
    "rot90": call("rot90", ("k", optional(choice("1", "2", "-1", "4"))), test=two),
    "tensor_split": call("tensor_split", ("sections", choice("2", "3", "0")), ("dim", dim)),
    "tensor_split by indices": call("tensor_split", ("indices", choice("(1, 2)", "(1,)", "()")),
                                    ("dim", dim)),
    "hsplit": call("hsplit", ("sections", choice("1", "2")), test=lambda x: x.ndim),
    "vsplit": call("vsplit", ("sections", choice("1", "2")), test=two),
    "dsplit": call("dsplit", ("sections", choice("1", "2")), test=lambda x:
                   x.ndim >= 3),
    "adjoint": call("adjoint", test=two),
    "diag": call("diag", ("diagonal", optional(choice("0", "1", "-1"))), test=lambda x:
                 x.ndim in (1, 2), always=small),
    "diagonal": call("diagonal", OFFSET, ("dim1", optional(choice("0", "-2"))),
                     ("dim2", optional(choice("1", "-1"))), test=two),
    "diag_embed": call("diag_embed", OFFSET, always=small, test=lambda x: x.ndim),
    "diagflat": call("diagflat", OFFSET, always=lambda x: x.numel() <= 6),
    "unfold": call("unfold", ("dimension", dim), ("size", choice("1", "2", "3")),
                   ("step", choice("1", "2")), forms="m", test=lambda x: x.ndim),
    "expand_as": call("expand_as", ("other", choice("torch.zeros(2, 3)", "torch.zeros(3, 2, 2)",
                                                    "torch.zeros(2)")), forms="m"),
    "atleast_1d": call("atleast_1d", forms="f"), "atleast_2d": call("atleast_2d", forms="f"),
    "atleast_3d": call("atleast_3d", forms="f"),
})  # fmt: skip


@room("ravel")
def _(w):
    ref = w.tensor()
    return ref and same_order(w, ref) and either(w, "ravel", ref) or None


@room("repeat", "tile")
def _(w):
    ref = w.tensor(small)
    if ref is None:
        return None
    x, name = w.value(ref), w.pick(("repeat", "tile"))
    times = [w.pick((1, 2, 1, 0, 2)) for _ in range(max(x.ndim + w.below(2) - w.odd(), 0))]
    return either(w, name, ref, f"{tuple(times)}", forms="m" if name == "repeat" else "fm")


@room("repeat_interleave")
def _(w):
    ref = w.tensor(small)
    if ref is None:
        return None
    x = w.value(ref)
    if x.ndim and w.chance(2):
        d = w.below(x.ndim)
        return either(w, "repeat_interleave", ref, f"{w.ints(0, 3, (x.shape[d],))}, {d}")
    return either(w, "repeat_interleave", ref, w.pick(("2", "1", "0", f"2, {w.dim(x)}")))


@room("view_as", "reshape_as", "unflatten")
def _(w):
    ref = w.tensor(lambda x: x.ndim)
    if ref is None or not same_order(w, ref):
        return None
    x = w.value(ref)
    if w.chance(3):
        d = w.below(x.ndim)
        n = x.shape[d]
        given = w.pick(((n, 1), (1, n), (-1, 1), (1, -1), (2, -1)))
        return either(w, "unflatten", ref, f"{d}, {given}")
    return f"{ref}.{w.pick(('view_as', 'reshape_as'))}(torch.zeros({x.numel()}))"


@room("flip")
def _(w):
    ref = w.tensor()
    if ref is None:
        return None
    x = w.value(ref)
    given = tuple(d for d in range(x.ndim) if w.chance(2))
    return either(w, "flip", ref, repr(given or (0,) * bool(x.ndim)))


@room("hstack", "vstack", "dstack", "column_stack", "row_stack", "concat", "concatenate")
def _(w):
    name = w.pick(("hstack", "vstack", "dstack", "column_stack", "row_stack", "concat",
                   "concatenate"))  # fmt: skip
    first = w.tensor(lambda x: x.ndim <= 3 and x.ndim)
    if first is None:
        return None
    shape = w.value(first).shape
    refs = [first] + [w.tensor(lambda x: x.shape == shape) or first for _ in range(w.below(3))]
    given = f"[{', '.join(refs)}]"
    axis = w.pick(("", ", dim=0", ", dim=-1", ", axis=0")) if name.startswith("con") else ""
    return f"torch.{name}({given}{axis})"


@room("meshgrid", "broadcast_tensors", "cartesian_prod", "combinations", "block_diag")
def _(w):
    vectors = w.like(lambda x: x.ndim == 1 and x.numel() <= 4)
    if w.chance(5) and (ref := w.tensor()):
        second = w.fresh(None, w.broadcastable(tuple(w.value(ref).shape)), False)
        return f"torch.broadcast_tensors({ref}, {second})"
    if not vectors:
        return None
    first, second = w.pick(vectors), w.pick(vectors)
    if w.chance(3):
        return f"torch.meshgrid({first}, {second}, indexing={w.pick(('ij', 'xy'))!r})"
    if w.chance(3):
        return f"torch.combinations({first}{w.pick(('', ', 1', ', with_replacement=True'))})"
    if w.chance(2) and dtype_of(w.value(first)) == dtype_of(w.value(second)):
        return f"torch.cartesian_prod({first}, {second})"
    return f"torch.block_diag({first}, {second})"


@room("broadcast_to", "broadcast_shapes")
def _(w):
    ref = w.tensor(small)
    if ref is None:
        return None
    shape = [n if n != 1 else w.pick((1, 2, 3)) for n in w.value(ref).shape]
    lead = [2] * w.below(2)
    if w.odd():
        return f"torch.broadcast_shapes({tuple(w.value(ref).shape)}, {tuple(shape)}, (2, 1))"
    return either(w, "broadcast_to", ref, repr(tuple(lead + shape)))


@room("in place of the shape", "swapaxes_", "swapdims_")
def _(w):
    ref = w.tensor(anything)
    if ref is None:
        return None
    way = w.pick(("swapaxes_(0, -1)", "swapdims_(0, -1)", "transpose_(0, -1)", "unsqueeze_(0)"))
    return f"{ref}.clone().{way}"

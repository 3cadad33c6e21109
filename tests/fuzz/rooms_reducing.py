"""Rows of reductions, of sums along a dim, and of what sorts, in rooms."""

from .elementwise import distinct, plain_dim, several
from .table import (
    DIM, KEEPDIM, NEEDED, add_rooms, call, choice, either, finite, flag, floats, numbers, optional,
    room,
)  # fmt: skip


def one_dim(w, x):
    return w.dim(x)


def some(x):
    return bool(x.numel())


def constant(x):
    return not x.requires_grad  # PyTorch has no derivative of it, and says so late


def ordered(x):
    return some(x) and distinct(x)


ONE_DIM = ("dim", optional(plain_dim))
PLAIN = ("dim", plain_dim)
add_rooms({
    "prod": call("prod", ONE_DIM, KEEPDIM, always=lambda x: not floats(x) or finite(x)),
    "cumsum": call("cumsum", NEEDED), "cumprod": call("cumprod", NEEDED, always=lambda x: not
                                                      floats(x) or finite(x)),
    "cummax": call("cummax", NEEDED, exact=True, test=numbers),
    "cummin": call("cummin", NEEDED, exact=True, test=numbers),
    "logcumsumexp": call("logcumsumexp", NEEDED, always=finite),
    "nansum": call("nansum", ONE_DIM, KEEPDIM), "nanmean": call("nanmean", ONE_DIM, KEEPDIM,
                                                                always=floats),
    "median": call("median", exact=True, always=some, test=numbers),
    "nanmedian": call("nanmedian", exact=True, always=some, test=numbers),
    "median over a dim": call("median", PLAIN, KEEPDIM, exact=True, always=ordered),
    "kthvalue": call("kthvalue", ("k", choice("1", "2")), ONE_DIM, KEEPDIM, exact=True,
                     always=ordered),
    "mode": call("mode", ONE_DIM, KEEPDIM, exact=True, always=ordered),
    "aminmax": call("aminmax", ("*dim", optional(plain_dim)), ("*keepdim", optional(flag)),
                    exact=True),
    "count_nonzero": call("count_nonzero", DIM),
    "var_mean": call("var_mean", ("dim", choice("0", "-1")), ("*correction", optional(choice(
        "0", "1"))), ("*keepdim", flag), exact=True, always=several, forms="f"),
    "std_mean": call("std_mean", ("dim", choice("0", "-1")), ("*unbiased", flag), exact=True,
                     always=several, forms="f"),
    "var with unbiased": call("var", ("dim", choice("0", "-1", "(0,)")), ("*unbiased", flag),
                              exact=True, always=several),
    "diff": call("diff", ("n", optional(choice("1", "2", "0"))), ("dim", optional(plain_dim)),
                 always=lambda x: numbers(x) and x.numel()),
    "norm": call("norm", ("p", choice("2", "1", "inf", "-inf", "3", "'fro'", "0.5")),
                 ONE_DIM, KEEPDIM, exact=True, always=lambda x: finite(x) and some(x) and x.all()),
    "quantile": call("quantile", ("q", choice("0.5", "0.25", "1.0", "0")), ONE_DIM, KEEPDIM,
                     exact=True, always=lambda x: finite(x) and ordered(x)),
    "sum with dtype": call("sum", PLAIN, ("*dtype", choice("torch.float64", "torch.int32",
                                                           "torch.float32")), always=lambda x:
                           not floats(x) or finite(x)),
    "sum with axis": call("sum", ("*axis", choice("0", "-1")), ("*keepdims", flag)),
    "amax with axis": call("amax", ("*axis", choice("0", "-1")), ("*keepdims", flag), exact=True),
    "mean with dtype": call("mean", ("*dtype", choice("torch.float64", "torch.float32")),
                            always=lambda x: not floats(x) or finite(x)),
    "cumsum with dtype": call("cumsum", PLAIN, ("*dtype", choice("torch.float64", "torch.int16")),
                              always=lambda x: not floats(x) or finite(x)),
    # --- sorting
    "sort": call("sort", ONE_DIM, ("descending", optional(flag)), exact=True, always=distinct),
    "stable sort": call("sort", ("*stable", choice("True")), ("*dim", optional(plain_dim)),
                        ("*descending", optional(flag)), exact=True),
    "msort": call("msort", exact=True),
    "unique": call("unique", ("*return_inverse", optional(flag)), ("*return_counts", flag),
                   exact=True, always=lambda x: constant(x) and not x.isnan().any()),
    "unique_consecutive": call("unique_consecutive", ("*return_counts", flag), exact=True,
                               always=constant),
    "nonzero": call("nonzero", exact=True), "argwhere": call("argwhere", exact=True),
    "nonzero as_tuple": call("nonzero", ("*as_tuple", choice("True", "False")), exact=True),
})  # fmt: skip


@room("dist")
def _(w):
    ref = w.tensor(lambda x: finite(x) and x.numel(), exact=True)
    if ref is None:
        return None
    shape = tuple(w.value(ref).shape)
    return either(w, "dist", ref, f"{ref} * 2 + 1.25" + w.pick(("", ", 1", ", p=inf"))) + (
        "" if shape else ".reshape(())"
    )


@room("bincount", "histc")
def _(w):
    length = w.pick((3, 5, 0, 1))
    if w.chance(2):
        given = w.pick(("", "minlength=4", "None, 6"))
        return either(w, "bincount", w.ints(0, 4, (length,)), given)
    numbers = w.pick(("[1.0, 2.0, 1.5]", "[0.0, 3.0]", "[2.0]", "[-1.0, 0.5, 9.0]"))
    ref = f"torch.tensor({numbers}, dtype=torch.float64)"
    return either(w, "histc", ref, w.pick(("4", "bins=3, min=0, max=3", "2, 0, 2")))


@room("searchsorted", "bucketize", "isin")
def _(w):
    ref = w.tensor(lambda x: numbers(x) and not (floats(x) and x.isnan().any()), exact=True)
    if ref is None:
        return None
    edges = w.pick(("[0.0, 1.0, 2.5]", "[0.0, 0.0, 1.0]", "[]", "[0.5]"))
    edges = f"torch.tensor({edges}, dtype=torch.{str(w.value(ref).dtype).partition('.')[2]})"
    if w.chance(3):
        return f"torch.isin({ref}, {edges}{w.pick(('', ', invert=True'))})"
    right = w.pick(("", ", right=True", ", right=False"))
    if w.chance(2):
        return f"torch.bucketize({ref}, {edges}{right})"
    return f"torch.searchsorted({edges}, {ref}{right})"


@room("unravel_index")
def _(w):
    return f"torch.unravel_index({w.ints(0, 6, w.shape(3))}, {w.pick(((2, 3), (6,), (3, 1, 2)))})"

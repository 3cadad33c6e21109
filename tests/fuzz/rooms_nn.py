"""Rows of nn.functional's rooms: activations, losses, convolution, pooling, and of the layers."""

from .table import add_rooms, call, choice, dtype_of, either, finite, flag, floats, optional, room

NAMES = "fn"
MILD = {"always": finite, "exact": True, "forms": "n"}

add_rooms({
    name: call(name, **MILD)
    for name in ("silu", "mish", "selu", "softsign", "hardswish", "relu6",
                 "logsigmoid", "tanhshrink")
})  # fmt: skip
add_rooms({
    # PyTorch multiplies the gradient by a sixth in float32.
    "hardsigmoid": call("hardsigmoid", exact=True, forms="n", always=lambda x: finite(x) and not
                        x.requires_grad),
    "gelu": call("gelu", ("*approximate", optional(choice("'tanh'", "'none'"))), **MILD),
    "leaky_relu": call("leaky_relu", ("negative_slope", optional(choice("0.1", "0", "2.0"))),
                       **MILD),
    "elu": call("elu", ("alpha", optional(choice("1.0", "0.5"))), **MILD),
    "celu": call("celu", ("alpha", optional(choice("1.0", "0.5"))), **MILD),
    "softplus": call("softplus", ("beta", optional(choice("1", "2"))), ("threshold", optional(
        choice("20", "1"))), **MILD),
    "hardtanh": call("hardtanh", ("min_val", optional(choice("-1", "-0.5"))),
                     ("max_val", optional(choice("1", "2.0"))), **MILD),
    "threshold": call("threshold", ("threshold", choice("0.5", "-1")), ("value", choice("0", "2")),
                      **MILD),
    "softshrink": call("softshrink", ("lambd", optional(choice("0.5", "0"))), **MILD),
    "hardshrink": call("hardshrink", ("lambd", optional(choice("0.5", "0"))), **MILD),
    "softmin": call("softmin", ("dim", choice("0", "-1")), **MILD),
    "glu": call("glu", ("dim", optional(choice("0", "-1"))), always=lambda x: finite(x) and x.ndim,
                forms="n"),
    "rrelu": call("rrelu", ("lower", choice("0.1")), ("upper", choice("0.3")), ("training", choice(
        "False")), **MILD),
    "normalize": call("normalize", ("p", optional(choice("2.0", "1"))), ("dim", optional(choice(
        "0", "-1"))), always=lambda x: finite(x) and x.ndim and x.numel() and x.all(), exact=True,
        forms="n"),
    "softmax with dtype": call("softmax", ("*dim", choice("0", "-1")), ("*dtype", choice(
        "torch.float64", "torch.float32")), always=finite, forms="fmn"),
    "interpolate": call("interpolate", ("*scale_factor", choice("2", "1.5")), always=lambda x:
                        finite(x) and x.ndim in (3, 4) and 0 not in x.shape, forms="n"),
    "relu inplace": call("relu", ("*inplace", flag), always=lambda x: finite(x) and not
                         x.requires_grad, exact=True, forms="n"),
})  # fmt: skip


@room("prelu")
def _(w):
    ref = w.tensor(lambda x: finite(x) and x.ndim > 1, exact=True)
    return ref and either(
        w, "prelu", ref, f"torch.tensor([0.25], dtype=torch.{dtype_of(w.value(ref))})", "n"
    )


def reduction(w):
    return w.pick(("", f", reduction={w.pick(('mean', 'sum', 'none'))!r}"))


@room("l1_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss", "poisson_nll_loss",
      "hinge_embedding_loss", "kl_div", "binary_cross_entropy_with_logits",
      "binary_cross_entropy", "mse_loss with weight", "gaussian_nll_loss")  # fmt: skip
def _(w):
    name = w.pick(("l1_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss", "kl_div",
                   "poisson_nll_loss", "hinge_embedding_loss", "gaussian_nll_loss",
                   "binary_cross_entropy_with_logits", "binary_cross_entropy",
                   "mse_loss"))  # fmt: skip
    ref = w.tensor(lambda x: finite(x) and x.numel() and x.abs().max() < 50, exact=True)
    if ref is None:
        return None
    x = w.value(ref)
    kind = f"torch.{dtype_of(x)}"
    target = f"torch.full({tuple(x.shape)}, {w.pick(('1.0', '0.25', '0.0'))}, dtype={kind})"
    if name in ("soft_margin_loss", "hinge_embedding_loss"):
        target = f"torch.full({tuple(x.shape)}, {w.pick(('1.0', '-1.0'))}, dtype={kind})"
    extra = {
        "smooth_l1_loss": ("", ", beta=0.5", ", beta=0.0"), "huber_loss": ("", ", delta=0.5"),
        "kl_div": ("", ", log_target=True"), "poisson_nll_loss": ("", ", full=True"),
        "binary_cross_entropy_with_logits": ("", f", pos_weight=torch.tensor(2.0, dtype={kind})"),
    }.get(name, ("",))  # fmt: skip
    given = ref if name != "binary_cross_entropy" else f"{ref}.sigmoid()"
    tail = w.pick(extra) + reduction(w)
    if name == "gaussian_nll_loss":
        return f"torch.nn.functional.{name}({ref}, {target}, torch.ones_like({ref}) * 2{tail})"
    return f"torch.nn.functional.{name}({given}, {target}{tail})"


@room("margin_ranking_loss", "cosine_embedding_loss", "triplet_margin_loss", "multi_margin_loss",
      "multilabel_soft_margin_loss", "cosine_similarity", "pairwise_distance")  # fmt: skip
def _(w):
    ref = w.tensor(lambda x: finite(x) and x.ndim == 2 and x.numel() and x.all(), exact=True)
    if ref is None:
        return None
    n, m = w.value(ref).shape
    kind = dtype_of(w.value(ref))
    other, third = (f"({ref}.detach().flip(0) * {k} + 1.25)" for k in (0.5, -1.5))
    F = "torch.nn.functional"
    return w.pick((
        f"{F}.margin_ranking_loss({ref}, {other}, -torch.ones({n}, {m}), margin=0.5{reduction(w)})",
        f"{F}.cosine_embedding_loss({ref}, {other}, torch.ones({n}){reduction(w)})",
        f"{F}.cosine_embedding_loss({ref}, {other}, -torch.ones({n}), 0.1{reduction(w)})",
        f"{F}.triplet_margin_loss({ref}, {other}, {third}{reduction(w)})",
        f"{F}.multi_margin_loss({ref}, {w.ints(0, m, (n,))}{reduction(w)})",
        f"{F}.multilabel_soft_margin_loss({ref}, torch.ones({n}, {m}, dtype=torch.{kind})"
        f"{reduction(w)})",
        f"{F}.cosine_similarity({ref}, {other}{w.pick(('', ', dim=0', ', -1'))})",
        f"{F}.pairwise_distance({ref}, {other}{w.pick(('', ', p=1.0', ', keepdim=True'))})",
    ))  # fmt: skip


@room("cross_entropy with weight", "nll_loss with weight")
def _(w):
    ref = w.tensor(lambda x: finite(x) and x.ndim == 2 and x.numel())
    if ref is None:
        return None
    n, classes = w.value(ref).shape
    kind = dtype_of(w.value(ref))
    weight = f"(torch.arange({classes}, dtype=torch.{kind}) + 0.5)"
    given = w.pick((f", weight={weight}", "", f", {weight}"))
    name = w.pick(("nll_loss", "cross_entropy", "cross_entropy"))
    if name == "cross_entropy":
        given += w.pick(("", ", label_smoothing=0.1", ", label_smoothing=0.25"))
    target = w.ints(0, classes, (n,))
    if name == "cross_entropy" and w.chance(3):
        target = f"torch.full(({n}, {classes}), {1 / classes}, dtype=torch.{kind})"
    return f"torch.nn.functional.{name}({ref}, {target}{given}{reduction(w)})"


@room("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d")
def _(w):
    ref = w.tensor(lambda x: finite(x) and x.ndim in (3, 4) and 0 not in x.shape)
    if ref is None:
        return None
    x = w.value(ref)
    n, back = x.ndim - 2, w.chance(3)
    size = tuple(w.pick((1, 2)) for _ in range(n))
    channels = (x.shape[1], w.pick((1, 2)))
    shape = (*(channels if back else channels[::-1]), *size)
    count = 1
    for k in shape:
        count *= k
    weight = f"(torch.arange({count}, dtype=torch.{dtype_of(x)}).reshape{shape} * 0.5 - 1)"
    given = w.pick(("", ", stride=2", ", padding=1", ", dilation=2", ", stride=2, padding=1"))
    given = w.pick((given, given, "" if back else ", padding='same'"))
    return f"torch.nn.functional.conv{'_transpose' * back}{n}d({ref}, {weight}{given})"


@room("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d",
      "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d")  # fmt: skip
def _(w):
    ref = w.tensor(lambda x: finite(x) and x.ndim in (3, 4) and 0 not in x.shape, exact=True)
    if ref is None:
        return None
    x = w.value(ref)
    kind = w.pick(("max", "avg", "adaptive_avg", "adaptive_max"))
    if "max" in kind and x.unique().numel() < x.numel():  # which of equal ones is open
        return None
    n = x.ndim - 2
    size = w.pick(("1", "2", "3" if "adaptive" in kind else "2"))
    more = ("", ", stride=1", ", 1", ", padding=1", ", ceil_mode=True")
    given = "" if "adaptive" in kind else w.pick(more)
    return f"torch.nn.functional.{kind}_pool{n}d({ref}, {size}{given})"


@room("pad")
def _(w):
    ref = w.tensor(lambda x: x.ndim)
    if ref is None:
        return None
    x = w.value(ref)
    sizes = tuple(w.pick((0, 1, 2, -1)) for _ in range(2 * (1 + w.below(min(x.ndim, 2)))))
    mode = w.pick(("", ", value=2", ", mode='constant'", ", mode='reflect'", ", mode='replicate'",
                   ", mode='circular'"))  # fmt: skip
    if ("reflect" in mode or "rep" in mode or "circ" in mode) and not (finite(x) and x.numel()):
        return None
    return f"torch.nn.functional.pad({ref}, {sizes}{mode})"


@room("batch_norm", "group_norm", "instance_norm", "rms_norm")
def _(w):
    ref = w.tensor(lambda x: finite(x) and x.ndim in (2, 3) and min(x.shape) > 1, exact=True)
    if ref is None:
        return None
    x, F = w.value(ref), "torch.nn.functional"
    kind = f"dtype=torch.{dtype_of(x)}"
    c = x.shape[1]
    weight = f"torch.arange({c}, {kind}) + 0.5"
    made = [
        f"{F}.batch_norm({ref}, None, None, {weight}, {weight}, training=True)",
        f"{F}.batch_norm({ref}, torch.zeros({c}, {kind}), torch.ones({c}, {kind}) * 2)",
        f"{F}.group_norm({ref}, {w.pick((1, c))}, {weight}, {weight}, eps=0.1)",
        f"{F}.rms_norm({ref}, ({x.shape[-1]},){w.pick((', eps=0.1', ''))})",
    ]
    return w.pick(made + [f"{F}.instance_norm({ref}, eps=0.1)"] * (x.ndim == 3))


def sequences(x):
    return (
        dtype_of(x) == "float64" and finite(x) and x.ndim in (2, 3) and 0 not in x.shape
        and (x.detach().abs() < 20).all()
    )  # fmt: skip


@room("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell")
def _(w):
    ref = w.tensor(sequences)
    if ref is None:
        return None
    x = w.value(ref)
    n = x.shape[-1]
    if x.ndim == 2 and w.chance(2):
        out = f"given(torch.nn.{w.pick(('GRUCell', 'RNNCell', 'LSTMCell'))}({n}, 2))({ref})"
        return out if "LSTM" not in out else f"{out}[{w.below(2)}]"
    kind = w.pick(("LSTM", "GRU", "RNN"))
    more = [t for t in ("num_layers=2", "bidirectional=True", "bias=False") if w.chance(3)]
    more += ["batch_first=True"] if x.ndim == 3 and w.chance(2) else []
    out = f"given(torch.nn.{kind}({', '.join([str(n), '2', *more])}))({ref})"
    return f"{out}[0]" if kind == "LSTM" or w.chance(2) else f"{out}[1]"


@room("MultiheadAttention", "TransformerEncoderLayer", "BatchNorm1d", "GroupNorm", "GELU", "SiLU",
      "Softmax", "Flatten", "Identity", "PReLU", "Bilinear", "LeakyReLU", "ELU", "Softplus",
      "LogSoftmax")  # fmt: skip
def _(w):
    ref = w.tensor(lambda x: sequences(x) and min(x.shape) > 1, exact=True)
    if ref is None:
        return None
    x = w.value(ref)
    n = x.shape[-1]
    attention = f"given(torch.nn.MultiheadAttention({n}, {w.pick((1, n))}"
    first = w.pick(("", ", norm_first=True"))
    layer = f"given(torch.nn.TransformerEncoderLayer({n}, 1, 3, 0.0{first}))"
    return w.pick((
        f"{attention}))({ref}, {ref}, {ref}, need_weights={w.pick((True, False))})[0]",
        f"{attention}))({ref}, {ref}, {ref})[1]", f"{layer}({ref})",
        f"torch.nn.BatchNorm1d({x.shape[1]}, dtype=torch.float64)({ref})",
        f"given(torch.nn.GroupNorm(1, {x.shape[1]}))({ref})", f"torch.nn.GELU()({ref})",
        f"torch.nn.SiLU()({ref})", f"torch.nn.Softmax(dim=-1)({ref})", f"torch.nn.Flatten()({ref})",
        f"torch.nn.Identity()({ref})", f"given(torch.nn.PReLU())({ref})",
        f"given(torch.nn.Bilinear({n}, {n}, 2))({ref}, {ref})", f"torch.nn.LeakyReLU(0.1)({ref})",
        f"torch.nn.ELU(0.5)({ref})", f"torch.nn.Softplus()({ref})",
        f"torch.nn.LogSoftmax(dim=0)({ref})",
    ))  # fmt: skip


@room(
    "unfold and fold",
    "fold",
    "upsample",
    "pixel_shuffle",
    "pixel_unshuffle",
    "embedding_bag",
    "bilinear",
)
def _(w):
    ref = w.tensor(lambda x: floats(x) and x.ndim == 4 and 0 not in x.shape)
    F = "torch.nn.functional"
    if ref is None:
        return f"{F}.embedding_bag({w.ints(0, 3, (2, 2))}, torch.arange(6.0).reshape(3, 2))"
    size = tuple(w.value(ref).shape[2:])
    return w.pick((
        f"{F}.unfold({ref}, {w.pick((1, 2))}, padding=1)", f"{F}.pixel_unshuffle({ref}, 1)",
        f"{F}.fold({F}.unfold({ref}, 1), {size}, 1)", f"{F}.pixel_shuffle({ref}, 1)",
        f"{F}.upsample({ref}, scale_factor=2)",
    ))  # fmt: skip

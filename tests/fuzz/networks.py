"""Rows of nn.functional, layers and losses."""

from .table import floats, row

# --- neural networks ---------------------------------------------------------------------------


def _dtype(x):
    return str(x.dtype).removeprefix("torch.")


@row("linear")
def _(w):
    ref = w.tensor(lambda x: floats(x) and x.ndim)
    if ref is None:
        return None
    x, out = w.value(ref), w.pick((2, 1, 3))
    inner = x.shape[-1] + w.odd()
    weight = w.fresh(_dtype(x), (out, inner), False)
    bias = w.pick(("", f", {w.fresh(_dtype(x), (out,), False)}", ", None"))
    return f"torch.nn.functional.linear({ref}, {weight}{bias})"


@row("dropout")
def _(w):
    ref = w.tensor(lambda x: floats(x) and x.numel())
    given = w.pick(("0.5, False", "0.0", "p=0.3, training=False", "1.0", "2.0" if w.odd() else "0"))
    return ref and f"torch.nn.functional.dropout({ref}, {given})"


@row("layer_norm")
def _(w):
    """Of numbers whose squares are finite: minigrad is right beyond them, PyTorch gives NaN."""
    ref = w.tensor(lambda x: floats(x) and x.ndim and not (x.detach().abs() > 1e10).any(), True)
    if ref is None:
        return None
    x = w.value(ref)
    shape = tuple(x.shape[x.ndim - 1 - w.below(x.ndim) :])
    if w.odd():
        shape = w.pick(((*shape, 2), ()))
    weight = w.fresh(_dtype(x), shape, False)
    if "inf" in weight:  # NaN, where PyTorch's sum of products comes to inf - inf
        return None
    given = w.pick(("", f", {weight}", f", {weight}, {weight}", f", None, {weight}", ", eps=0.5"))
    return f"torch.nn.functional.layer_norm({ref}, {shape}{given})"


@row("one_hot")
def _(w):
    shape = w.shape(3)
    number = w.pick(("", ", 4", ", -1", ", 2", ", num_classes=5"))
    return f"torch.nn.functional.one_hot({w.ints(0, 3, shape)}{number})"


@row("nll_loss", "cross_entropy")
def _(w):
    ref = w.tensor(lambda x: floats(x) and x.ndim and 0 not in x.shape[:2])
    if ref is None:
        return None
    name, shape = w.pick(("cross_entropy", "nll_loss")), w.value(ref).shape
    d = min(1, len(shape) - 1)
    low = 0 if w.chance(3) else -1
    ignored = low and not w.chance(3) and w.value(ref).isfinite().all()
    high = 0 if ignored else shape[d]
    target = w.ints(low, high, (*shape[:d], *shape[d + 1 :]))
    given = [target, *(["ignore_index=-1"] if low else []), *_reduction(w)]
    return f"torch.nn.functional.{name}({ref}, {', '.join(given)})"


def _reduction(w):
    return [f"reduction={w.pick(('mean', 'sum', 'none'))!r}"] if w.chance(2) else []


@row("mse_loss")
def _(w):
    ref = w.tensor(floats)
    if ref is None:
        return None
    shape = w.value(ref).shape
    target = w.tensor(lambda y: y.shape == shape and floats(y)) or w.fresh("float64", shape)
    return f"torch.nn.functional.mse_loss({', '.join([ref, target, *_reduction(w)])})"


@row("embedding")
def _(w):
    ref = w.tensor(lambda x: x.ndim == 2 and floats(x) and x.shape[0])
    if ref is None:
        return None
    n = w.value(ref).shape[0]
    padding = f", padding_idx={w.pick((0, -1, n - 1, n))}" if w.chance(3) else ""
    return f"torch.nn.functional.embedding({w.ints(0, n, w.shape(3))}, {ref}{padding})"


@row("scaled_dot_product_attention")
def _(w):
    ref = w.tensor(lambda x: floats(x) and x.ndim > 1 and x.numel())
    if ref is None:
        return None
    *lead, length, width = w.value(ref).shape
    dtype, keys = _dtype(w.value(ref)), w.pick((length, 2, 3))
    key = ref if w.chance(2) else w.fresh(dtype, (*lead, keys, width), False)
    keys = length if key == ref else keys
    value = w.fresh(dtype, (*lead, keys, w.pick((1, 2))), False)
    if any("e+30" in text for text in (key, value)):  # where sums of such numbers are rounded
        return None
    if "inf" in value and not w.value(ref).isfinite().all():  # 0 · inf, where a weight is 0
        return None
    given = [ref, key, ref if key == ref and w.chance(2) else value]
    # Of a row where all is masked, PyTorch's gradient is NaN if a value is infinite.
    finite = given[2] == value and "inf" not in value and "nan" not in value
    if w.chance(2) and finite:
        shape = w.pick(((length, keys), (*lead, length, keys)))
        given += [f"attn_mask={w.fresh(w.pick(('bool', dtype)), shape, False)}"]
    elif w.chance(3):
        given += ["is_causal=True"]
    given += ["scale=0.5"] if w.chance(4) else []
    return f"torch.nn.functional.scaled_dot_product_attention({', '.join(given)})"


@row("Linear", "Embedding", "LayerNorm", "Dropout", "Tanh", "ReLU", "Sigmoid", "Sequential")
def _(w):
    ref = w.tensor(lambda x: _dtype(x) == "float64" and x.ndim and 0 not in x.shape, exact=True)
    if ref is None:
        return None
    n = w.value(ref).shape[-1]
    layers = (f"Linear({n}, 2)", f"Linear({n}, 3, bias=False)", f"LayerNorm({n})", "Tanh()")
    layers += (f"LayerNorm({(n,)}, eps=0.1)", "ReLU()", "Sigmoid()")
    if w.chance(5):
        return f"given(torch.nn.Embedding(3, 2, {w.pick(('0', 'None'))}))({w.ints(0, 3, (2, 2))})"
    if w.chance(3):
        last = w.pick(("Tanh()", "Dropout(0.0)", "Linear(2, 2)"))
        return f"given(torch.nn.Sequential(torch.nn.{layers[0]}, torch.nn.{last}))({ref})"
    return f"given(torch.nn.{w.pick(layers)})({ref})"


@row("clip_grad_norm_", "init")
def _(w):
    ref = w.tensor(lambda x: floats(x) and x.is_leaf)
    fill = w.pick(("constant_({}, 2.5)", "zeros_({})", "ones_({})"))
    return ref and f"torch.nn.init.{fill.format(ref)}"

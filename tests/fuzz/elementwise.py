"""Rows of elementwise functions, and of reductions."""

from .table import (
    DIM, DIMS, KEEPDIM, NEEDED, add_rows, anything, call, choice, flag, floats, numbers,
    optional, row,
)  # fmt: skip

# --- elementwise -------------------------------------------------------------------------------

OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**", "eq": "==", "ne": "!=", "lt": "<",
    "le": "<=", "gt": ">", "ge": ">=", "bitwise_and": "&", "bitwise_or": "|", "matmul": "@",
}  # fmt: skip
SINGULAR = ("div", "pow", "eq", "ne", "lt", "le", "gt", "ge", "maximum", "minimum", "max", "min")
LOGICAL = ("bitwise_and", "bitwise_or")
METHODLESS = LOGICAL


def other(w, x, exact=False, tensors_only=False):
    """What x is combined with: a tensor that broadcasts, or a number."""
    if not tensors_only and w.chance(3):
        return w.number(w.pick(("float64", "int64", "bool")))

    def fits(y):
        pairs = zip(x.shape[::-1], y.shape[::-1], strict=False)
        return w.odd() or all(m == n or 1 in (m, n) for m, n in pairs)

    ref = w.tensor(fits, exact)
    return ref or w.fresh(shape=w.broadcastable(tuple(x.shape)), requires_grad=False)


def binary(name):
    tensors_only = name in ("maximum", "minimum", "max", "min")
    exact = name in SINGULAR

    def written(w):
        ref = w.tensor(_whole if name in LOGICAL else anything, exact)
        if ref is None:
            return None
        second = ref if w.chance(4) else other(w, w.value(ref), exact, tensors_only)
        if name == "pow" and (is_bool(w, ref, second) or not w.value(ref).numel()):  # not checked
            return None
        if name == "pow" and not w.value(ref).all():  # of 0, PyTorch's second derivative is NaN
            return None
        if name == "div" and second == ref:  # of a tiny x, g / x - g / x is what rounding makes it
            return None
        forms = ["f"] + ["o"] * (name in OPERATORS) + ["m"] * (name not in METHODLESS)
        form = w.pick(forms)
        if form == "o":
            pair = (ref, second) if w.chance(2) else (second, ref)
            return f" {OPERATORS[name]} ".join(pair)
        return f"torch.{name}({ref}, {second})" if form == "f" else f"{ref}.{name}({second})"

    return written


def is_bool(w, *texts):
    """True if one of the texts is a bool or a tensor of bools."""
    given = [t for t in texts if t not in w.program.tensors()]
    bools = [t for t in texts if t not in given and str(w.value(t).dtype) == "torch.bool"]
    return bool(bools) or any("True" in t.partition(", requires")[0] or "False" in t for t in given)


def _whole(x):
    return not x.dtype.is_floating_point


add_rows({name: binary(name) for name in OPERATORS if name != "matmul"})
add_rows({"maximum": binary("maximum"), "minimum": binary("minimum")})
add_rows({"max of two": binary("max"), "min of two": binary("min")})
add_rows({
    "exp": call("exp"), "tanh": call("tanh", forms="fmn"), "sigmoid": call("sigmoid", forms="fmn"),
    "log": call("log", exact=True), "sqrt": call("sqrt", exact=True),
    "relu": call("relu", exact=True, forms="fmn"), "abs": call("abs", exact=True),
    "neg": call("neg"), "isnan": call("isnan"), "bitwise_not": call("bitwise_not", forms="f"),
    "clone": call("clone", forms="m"),
    "detach": call("detach", forms="m"),
})  # fmt: skip


@row("neg operator", "invert operator")
def _(w):
    ref = w.tensor(numbers if (minus := not w.chance(3)) else _whole)
    return ref and f"{'-' if minus else '~'}{ref}"


@row("clamp")
def _(w):
    ref = w.tensor(numbers, exact=True)
    if ref is None:
        return None
    low, high = (w.number(w.pick(("float64", "int64"))) for _ in range(2))
    given = w.pick((f"{low}, {high}", low, f"min={low}", f"max={high}", f"None, {high}"))
    return f"torch.clamp({ref}, {given})" if w.chance(2) else f"{ref}.clamp({given})"


@row("where")
def _(w):
    mask = w.tensor(lambda x: str(x.dtype) == "torch.bool")
    ref = w.tensor()
    if ref is None:
        return None
    x = w.value(ref)
    mask = mask if mask and w.chance(2) else w.fresh("bool", w.broadcastable(tuple(x.shape)))
    pair = (ref, other(w, x)) if w.chance(2) else (other(w, x), ref)
    return f"torch.where({mask}, {', '.join(pair)})"


@row("masked_fill")
def _(w):
    ref = w.tensor()
    if ref is None:
        return None
    mask = w.fresh("bool", w.broadcastable(tuple(w.value(ref).shape)))
    value = w.number(w.pick(("float64", "int64")))
    return w.pick((f"torch.masked_fill({ref}, ", f"{ref}.masked_fill(")) + f"{mask}, {value})"


@row("to", "float", "double", "long", "bool")
def _(w):
    ref = w.tensor(exact=True)
    dtype = w.pick(("float64", "float32", "int64", "bool", "float", "double", "long"))
    method = w.pick(("float", "double", "long", "bool", "to"))
    given = w.pick((f"torch.{dtype}", f"dtype=torch.{dtype}", "'cpu'", f"'cpu', torch.{dtype}"))
    return ref and f"{ref}.{method}({given if method == 'to' else ''})"


# --- reductions --------------------------------------------------------------------------------


def several(x):
    """True for finite floats, along each dim more of them than any correction takes away.

    PyTorch has rules of its own for inf and for too few numbers.
    """
    return floats(x) and x.ndim > 0 and min(x.shape) > 2 and bool(x.isfinite().all())


def some_dims(w, x):
    return w.dims(x).replace("()", "0").replace("[]", "0")  # PyTorch counts no elements over ()


def filled(x):
    return floats(x) or x.numel()  # PyTorch does not refuse ints if there are none


def plain_dim(w, x):
    dim = w.dim(x)  # max(x, tensor) is another function, and PyTorch's max takes no None
    return "0" if dim in ("None", "torch.tensor(0)") else dim


def distinct(x):
    """True if no two numbers are equal, so that their order is defined."""
    return floats(x) and x.ndim and x.unique().numel() == x.numel() and not x.isnan().any()


SOME = ("dim", optional(some_dims))
add_rows({
    "sum": call("sum", DIMS, KEEPDIM), "mean": call("mean", DIMS, KEEPDIM, test=floats),
    "amax": call("amax", DIMS, KEEPDIM, exact=True),
    "amin": call("amin", DIMS, KEEPDIM, exact=True),
    "any": call("any", DIMS, KEEPDIM), "all": call("all", DIMS, KEEPDIM),
    "max": call("max", exact=True), "min": call("min", exact=True),
    "max over a dim": call("max", ("dim", plain_dim), KEEPDIM, exact=True),
    "min over a dim": call("min", ("dim", plain_dim), KEEPDIM, exact=True),
    "argmax": call("argmax", DIM, KEEPDIM, exact=True, test=numbers),
    "argmin": call("argmin", DIM, KEEPDIM, exact=True, test=numbers),
    "argsort": call("argsort", DIM, ("descending", optional(flag)), exact=True, always=distinct),
    "topk": call("topk", ("k", choice("1", "2", "0", "3")), DIM, ("largest", optional(flag)),
                 exact=True, always=distinct),
    "var": call("var", SOME, ("*correction", optional(choice("0", "1", "2"))), KEEPDIM,
                exact=True, always=several),
    "std": call("std", SOME, ("*correction", optional(choice("0", "1"))), KEEPDIM,
                exact=True, always=several),
    "softmax": call("softmax", NEEDED, test=floats, always=filled, forms="fmn"),
    "log_softmax": call("log_softmax", NEEDED, test=floats, always=filled, forms="fmn"),
    "logsumexp": call("logsumexp", ("dim", some_dims), KEEPDIM, test=floats),
})  # fmt: skip

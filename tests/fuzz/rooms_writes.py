"""In-place methods in rooms: x.sin_(), x[0].index_add_(…), x.diagonal().mul_(2)."""

from .table import dtype_of, floats

MILD = (
    "sin_", "cos_", "atan_", "sinh_", "cosh_", "asinh_", "arctan_", "arcsinh_", "expm1_", "exp2_",
    "square_", "sign_", "sgn_", "floor_", "ceil_", "trunc_", "fix_", "frac_", "negative_",
    "absolute_", "erf_", "erfc_", "deg2rad_", "rad2deg_", "nan_to_num_", "abs_", "sigmoid_",
    "tanh_", "relu_", "neg_", "sinc_", "round_", "cumsum_(0)", "clip_(-1.0,2.0)", "clamp_min_(0)",
    "clamp_max_(1)",
)  # fmt: skip
SINGULAR = (
    "sqrt_", "log_", "log1p_", "log2_", "log10_", "rsqrt_", "reciprocal_", "acos_", "asin_",
    "atanh_", "tan_", "acosh_", "arccos_", "arccosh_", "arcsin_", "arctanh_", "erfinv_",
)  # fmt: skip
WITH_OTHER = (
    "add_", "sub_", "mul_", "subtract_", "multiply_", "eq_", "ne_", "lt_", "le_", "gt_", "ge_",
    "less_", "greater_", "not_equal_", "less_equal_", "greater_equal_", "logical_and_",
    "logical_or_", "logical_xor_",
)  # fmt: skip
DIVISIONS = (
    "div_", "divide_", "true_divide_", "remainder_", "fmod_",
)  # fmt: skip
BITS = ("bitwise_not_()", "bitwise_and_(3)", "bitwise_or_(4)", "bitwise_xor_(5)",
        "bitwise_left_shift_(1)", "bitwise_right_shift_(1)")  # fmt: skip
OF_FLOATS = ("lerp_({0}, 0.25)", "addcmul_({0}, {0}, value=2)", "pow_(2)", "pow_(3.0)",
             "copysign_(-1.0)", "clamp_(-1, 2)", "float_power_(2)")  # fmt: skip
PLACED = (
    "index_add_", "index_copy_", "index_fill_", "index_put_", "scatter_", "scatter_add_",
    "masked_scatter_", "masked_fill_", "scatter_reduce_",
)  # fmt: skip
# Views that are written through; the last two have overlapping or skipped elements.
VIEWS = (
    "diagonal()", "mT", "flatten()", "select(0, 0)", "narrow(0, 0, 1)", "unfold(0, 1, 1)",
    "movedim(0, -1)", "swapaxes(0, -1)", "unsqueeze(0)", "detach()", "view(-1)", "T", "t()",
    "diagonal(1)", "unflatten(0, (1, -1))", "squeeze()",
)  # fmt: skip


def other(w, x, ref, grad=True):
    """A tensor of x's dtype, or x's own variable, or a number."""
    if w.chance(3):
        return w.number("int64" if not floats(x) else "float64")
    shape = w.broadcastable(tuple(x.shape))
    return ref if w.chance(5) else w.fresh(dtype_of(x), shape, None if grad else False)


def way_to_write(w, ref):
    """The text of an in-place call on a variable, or on a view of it."""
    x = w.value(ref)
    exact = ref.partition("[")[0] in w.program.exact
    if x.ndim and x.numel() and w.chance(3):
        into = f"{ref}.{w.pick(VIEWS)}"
        return f"{into}.{w.pick((f'mul_({w.pick((2, -1, 0))})', 'add_(1)', 'neg_()', 'zero_()'))}"
    kinds = (MILD, MILD, MILD, SINGULAR) if exact else ()
    if not kinds or w.chance(3):
        return f"{ref}.{_binary(w, x, ref, exact)}"
    if w.chance(2) and x.ndim and x.shape[0]:
        return f"{ref}.{_placing(w, x)}"
    name = w.pick(w.pick(kinds))
    if name.startswith("cumsum") and str(x.dtype) == "torch.bool":  # refused, unless it is empty
        return f"{ref}.neg_()"
    return f"{ref}.{name}{'' if '(' in name else '()'}"


def _binary(w, x, ref, exact):
    if exact and w.chance(3):
        divisor = w.pick(("2.0", "-1.5", "3")) if floats(x) else w.pick(("2", "-3", "1"))
        return f"{w.pick(DIVISIONS)}({divisor})"
    if w.chance(4) and not floats(x) and dtype_of(x) != "bool":
        return w.pick(BITS)
    if exact and w.chance(4) and dtype_of(x) == "float64" and x.all():
        return w.pick(OF_FLOATS).format(w.fresh("float64", w.broadcastable(tuple(x.shape))))
    free = exact and not x.requires_grad  # PyTorch lets comparisons change a leaf unrecorded
    name = w.pick(WITH_OTHER if free else WITH_OTHER[:5])
    if name in ("add_", "sub_") and w.chance(2):
        return f"{name}({other(w, x, ref)}, alpha={w.pick(('2', '-0.5', '0'))})"
    if name.startswith("logical") or w.chance(8):
        return f"{name}({w.fresh(dtype_of(x), w.broadcastable(tuple(x.shape)), False)})"
    return f"{name}({other(w, x, ref, name in WITH_OTHER[:5])})"


def _placing(w, x):
    """Putting into places along dim 0."""
    n, dtype = x.shape[0], dtype_of(x)
    rest, one = tuple(x.shape[1:]), w.ints(0, n, (1,))
    source = w.fresh(dtype, (1, *rest))
    return w.pick((
        f"index_add_(0, {one}, {source})", f"index_copy_(0, {one}, {source})",
        f"index_fill_(0, {one}, 2)", f"index_put_(({one},), {source})",
        f"index_put_(({one},), {source}, accumulate=True)",
        f"scatter_(0, {w.ints(0, n, (1, *rest))}, {source})",
        f"scatter_(0, {w.ints(0, n, (1, *rest))}, 2)",
        f"scatter_reduce_(0, {w.ints(0, n, (1, *rest))}, {source}, 'sum')",
        f"scatter_add_(0, {w.ints(0, n, (1, *rest))}, {source})",
        f"masked_scatter_({w.fresh('bool', w.broadcastable(tuple(x.shape)))}, "
        f"{w.fresh(dtype, (x.numel(),))})",
        f"masked_fill_({w.fresh('bool', tuple(x.shape))}, {w.pick((1, 0, 2))})",
    ))  # fmt: skip

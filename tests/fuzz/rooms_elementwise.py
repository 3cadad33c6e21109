"""Rows of the elementwise functions in rooms, and of keywords of those that are not."""

from .elementwise import is_bool, other
from .table import (
    add_rooms, anything, call, choice, either, floats, numbers, optional, room, whole,
)  # fmt: skip

# Exact inputs, everywhere: near a pole or a jump, a difference of one rounding becomes a large one.
ONE = """
    sin cos tan asin acos atan asinh acosh atanh arcsin arccos arctan arcsinh arccosh
    arctanh exp2 expm1 log2 log10 log1p rsqrt square reciprocal sign sgn floor ceil trunc fix frac
    negative positive absolute erf erfc erfinv deg2rad rad2deg logical_not isfinite isinf
    isposinf isneginf isreal
"""
TWO = """
    atan2 arctan2 logaddexp fmod remainder floor_divide true_divide divide multiply subtract hypot
    xlogy fmax fmin copysign less less_equal greater greater_equal not_equal
    logical_and logical_or logical_xor rsub float_power
"""
TENSORS_ONLY = ("atan2", "arctan2", "logaddexp", "hypot", "heaviside", "fmax", "fmin",
                "logical_and", "logical_or", "logical_xor")  # fmt: skip
SMOOTH = ("multiply", "subtract", "rsub")


def calm(x):
    return numbers(x) and not (x.detach().abs() > 700).any()


@room("heaviside")
def _(w):
    ref = w.tensor(lambda x: numbers(x) and not x.requires_grad, exact=True)
    if ref is None:
        return None
    dtype = str(w.value(ref).dtype).removeprefix("torch.")
    return either(w, "heaviside", ref, w.fresh(dtype, (), False))


def two(name):
    def written(w):
        exact = name not in SMOOTH
        ref = w.tensor(anything if w.odd() else numbers, exact)
        if ref is None:
            return None
        second = other(w, w.value(ref), exact, name in TENSORS_ONLY)
        if second is None or is_bool(w, second) and not w.odd():
            return None
        if name == "floor_divide":  # PyTorch has no derivative of it, and says so late
            ref, second = f"{ref}.detach()", second.replace(", requires_grad=True", "")
            second = f"{second}.detach()" if second in w.program.tensors() else second
        if name in ("atan2", "arctan2") and not (
            floats(w.value(ref)) and second in w.program.tensors() and floats(w.value(second))
        ):  # of uint8, PyTorch computes its gradient with -5 as 251
            return None
        angles = ("copysign", "atan2", "arctan2")
        if name in angles and not w.value(ref).all():  # its second derivative is NaN
            return None
        if name == "float_power" and not (second[0].isdigit() and w.value(ref).all()):
            return None
        return either(w, name, ref, second, forms="f" if name == "rsub" else "fm")

    return written


add_rooms({name: call(name, exact=True, test=numbers) for name in ONE.split()})
add_rooms({name: two(name) for name in TWO.split()})
add_rooms({
    # Near 710, PyTorch's are inf too early; at 0, its sinc has no second derivative.
    "sinh": call("sinh", exact=True, always=calm), "cosh": call("cosh", exact=True, always=calm),
    "sinc": call("sinc", exact=True, always=lambda x: calm(x) and x.all()),
    "round": call("round", ("*decimals", optional(choice("0", "1", "2", "-1"))), test=floats,
                  exact=True),
    "signbit": call("signbit", exact=True, always=lambda x: calm(x) and not x.isnan().any()),
    "logit": call("logit", ("eps", optional(choice("0.1", "1e-6", "None"))), exact=True,
                  always=lambda x: floats(x) and (x > 0.1).all() and (x < 0.9).all()),
    "nan_to_num": call("nan_to_num", ("nan", optional(choice("0.0", "2.5", "-1"))),
                       ("posinf", optional(choice("3.0", "7"))),
                       ("neginf", optional(choice("-3.0"))), exact=True),
    "clip": call("clip", ("min", choice("-1", "0.5", "0")), ("max", optional(choice("1", "2.5"))),
                 test=numbers, exact=True),
    "clamp_min": call("clamp_min", ("min", choice("0", "-1.5", "1")), test=numbers, exact=True),
    "clamp_max": call("clamp_max", ("max", choice("0", "-1.5", "1")), test=numbers, exact=True),
})  # fmt: skip


@room("add with alpha", "sub with alpha")
def _(w):
    ref = w.tensor(numbers)
    if ref is None:
        return None
    alpha = w.pick(("2", "-1", "0.5", "0", "True"))
    given = f"{other(w, w.value(ref))}, alpha={alpha}"
    return either(w, w.pick(("add", "sub")), ref, given)


@room("div with rounding_mode")
def _(w):
    ref = w.tensor(numbers, exact=True)
    if ref is None:
        return None
    second = other(w, w.value(ref), exact=True)
    if is_bool(w, second):
        return None
    mode = w.pick(("'floor'", "'trunc'", "None", "'up'" if w.odd() else "'floor'"))
    return either(w, w.pick(("div", "divide", "true_divide" if w.odd() else "div")), ref,
                  f"{second}, rounding_mode={mode}")  # fmt: skip


@room("floor operator", "remainder operator", "xor operator", "shift operator")
def _(w):
    sign = w.pick(("//", "%", "^", "<<", ">>"))
    ref = w.tensor(numbers if sign in "//%" else whole, exact=True)
    if ref is None:
        return None
    if sign in ("<<", ">>"):
        return f"{ref} {sign} {w.pick(('1', '2', '0'))}" if numbers(w.value(ref)) else None
    second = other(w, w.value(ref), exact=True)
    if is_bool(w, second) or sign == "//" and w.value(ref).requires_grad:
        return None
    if sign == "//" and second in w.program.tensors() and w.value(second).requires_grad:
        return None
    return f"{ref} {sign} {second}" if w.chance(2) else f"{second} {sign} {ref}"


@room("bitwise_xor", "bitwise_left_shift", "bitwise_right_shift")
def _(w):
    name = w.pick(("bitwise_xor", "bitwise_left_shift", "bitwise_right_shift"))
    ref = w.tensor(whole, exact=True)
    if ref is None or name != "bitwise_xor" and not numbers(w.value(ref)):
        return None
    return either(w, name, ref, w.pick(("1", "2", "0")))


@room("lerp", "addcmul", "addcdiv")
def _(w):
    name = w.pick(("lerp", "addcmul", "addcdiv"))
    ref = w.tensor(floats, exact=name == "addcdiv")
    if ref is None:
        return None
    x = w.value(ref)
    dtype = str(x.dtype).removeprefix("torch.")

    def near(shape=None):
        return w.fresh(dtype, w.broadcastable(tuple(x.shape)) if shape is None else shape)

    if name == "lerp":
        return either(w, name, ref, f"{near()}, {w.pick(('0.25', '0.5', '1', near()))}")
    return either(w, name, ref, f"{near()}, {near()}" + w.pick(("", ", value=-0.5", ", value=2")))


@room("isclose")
def _(w):
    ref = w.tensor(numbers, exact=True)
    if ref is None:
        return None
    x = w.value(ref)
    second = w.fresh(str(x.dtype).removeprefix("torch."), w.broadcastable(tuple(x.shape)), False)
    given = w.pick(("", ", equal_nan=True", ", rtol=0.5", ", 0.1, 1.0"))
    return either(w, "isclose", ref, second + given)

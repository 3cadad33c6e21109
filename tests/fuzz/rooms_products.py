"""Rows of products of matrices and of einsum, in rooms; and of what makes tensors there."""

from .table import add_rooms, call, dtype_of, either, finite, floats, numbers, room


def second(w, x, *shape):
    """A tensor of x's dtype, to be multiplied with."""
    n = [m + w.odd() for m in shape]
    return w.fresh(dtype_of(x), n)


def factor(w, *ndims):
    """A tensor of finite numbers, so that sums of products are the same in any order."""
    return w.tensor(lambda x: (finite(x) or not floats(x)) and numbers(x) and x.ndim in ndims)


@room("mm", "bmm", "mv", "dot", "vdot", "inner", "outer", "ger", "kron")
def _(w):
    name = w.pick(("mm", "bmm", "mv", "dot", "vdot", "inner", "outer", "ger", "kron"))
    ndim = {"mm": 2, "bmm": 3, "mv": 2, "inner": w.pick((1, 2)), "kron": w.pick((1, 2))}
    ref = factor(w, ndim.get(name, 1))
    if ref is None:
        return None
    x, n = w.value(ref), w.pick((1, 2, 3, 0 if w.chance(3) else 2))
    shapes = {
        "mm": (x.shape[-1], n), "bmm": (x.shape[0], x.shape[-1], n), "mv": (x.shape[-1],),
        "dot": tuple(x.shape), "vdot": tuple(x.shape), "inner": (n, x.shape[-1]), "outer": (n,),
        "ger": (n,), "kron": (2,) * x.ndim,
    }  # fmt: skip
    y = second(w, x, *shapes[name])
    return None if "inf" in y or "nan" in y or "e+30" in y else either(w, name, ref, y)


@room("addmm", "addmv", "addr", "addbmm", "baddbmm")
def _(w):
    name = w.pick(("addmm", "addmv", "addr", "addbmm", "baddbmm"))
    ref = factor(w, {"addmm": 2, "addbmm": 3, "baddbmm": 3, "addmv": 2, "addr": 1}[name])
    if ref is None:
        return None
    x = w.value(ref)
    n, rows = w.pick((1, 2, 3)), x.shape[-2:][0]
    shapes = {
        "addmm": ((x.shape[0], n), (x.shape[-1], n)), "addmv": ((x.shape[0],), (x.shape[-1],)),
        "addr": ((x.shape[0], n), (n,)), "addbmm": ((rows, n), (x.shape[0], x.shape[-1], n)),
        "baddbmm": ((*x.shape[:-1], n), (x.shape[0], x.shape[-1], n)),
    }  # fmt: skip
    start, y = (second(w, x, *shape) for shape in shapes[name])
    if any(bad in start + y for bad in ("inf", "nan", "e+30")):
        return None
    given = w.pick(("", ", beta=2", ", alpha=3", ", beta=0, alpha=-1"))
    return f"torch.{name}({start}, {ref}, {y}{given})"


@room("einsum")
def _(w):
    ref = factor(w, 1, 2, 3)
    if ref is None:
        return None
    x = w.value(ref)
    letters = "abc"[: x.ndim]
    y = second(w, x, x.shape[-1], 2)
    if any(bad in y for bad in ("inf", "nan", "e+30")):
        return None
    last = letters[-1]
    one = [f"{letters}->", f"{letters}->{letters[::-1]}", f"{letters}->{letters[0]}", f"...{last}"]
    two = [f"{letters},{last}z->{letters[:-1]}z", f"{letters},{last}z", f"...{last},{last}z->...z"]
    two += [f"{letters},{last}z->z{letters}", f"{letters},yz->{letters[0]}y"]
    if w.chance(2):
        return f"torch.einsum({w.pick(one)!r}, {ref})"
    return f"torch.einsum({w.pick(two)!r}, {ref}, {y})"


@room("tensordot")
def _(w):
    ref = factor(w, 1, 2, 3)
    if ref is None:
        return None
    x = w.value(ref)
    y = second(w, x, x.shape[-1], 2)
    if any(bad in y for bad in ("inf", "nan", "e+30")):
        return None
    return f"torch.tensordot({ref}, {y}, {w.pick(('1', '([-1], [0])', '0'))})"


@room("cross", "cdist", "matrix_power", "inverse", "chain_matmul")
def _(w):
    name = w.pick(("cross", "cdist", "matrix_power", "inverse", "chain_matmul"))
    fits = {"cross": lambda x: x.ndim and x.shape[-1] == 3, "cdist": lambda x: x.ndim == 2}
    square = lambda x: x.ndim == 2 and x.shape[0] == x.shape[1]  # noqa: E731
    fit = fits.get(name, square)
    ref = w.tensor(lambda x: finite(x) and x.numel() and fit(x), exact=True)
    if ref is None:
        return None
    x = w.value(ref)
    if name == "cross":
        return either(w, name, ref, f"{w.fresh(dtype_of(x), x.shape)}, dim=-1")
    if name == "cdist":
        return f"torch.cdist({ref}, {ref}.detach()[:2] + 0.3{w.pick(('', ', p=1.0', ', p=3.0'))})"
    if name == "matrix_power":
        return either(w, name, ref, w.pick(("0", "1", "2", "3")))
    eye = f"(torch.eye({x.shape[0]}, dtype=torch.{dtype_of(x)}) * 2000 + {ref}.sigmoid())"
    return f"torch.inverse({eye})" if name == "inverse" else f"torch.chain_matmul({ref}, {ref})"


add_rooms({"trace": call("trace", test=lambda x: x.ndim == 2 and x.shape[0])})


# --- what makes tensors ------------------------------------------------------------------------

INTS = "torch.int32", "torch.uint8", "torch.int64", "torch.float32", "torch.float64", "torch.bool"


@room("linspace", "logspace", "triu_indices", "tril_indices", "scalar_tensor")
def _(w):
    dtype = w.pick(("", ", dtype=torch.float64", ", dtype=torch.int64"))
    return w.pick((
        f"torch.linspace({w.pick(('0, 1', '-1, 2.5', '3, 1'))}, {w.pick((1, 2, 5, 0))}{dtype})",
        f"torch.logspace(0, 2, {w.pick((1, 2, 5))}{w.pick(('', ', base=2'))}{dtype})",
        f"torch.triu_indices({w.pick((2, 3))}, {w.pick((2, 3, 0))}, {w.pick((0, 1, -1))})",
        f"torch.tril_indices({w.pick((2, 3))}, {w.pick((2, 3, 0))}, {w.pick((0, 1, -1))})",
        f"torch.scalar_tensor({w.number()}{dtype})",
    ))  # fmt: skip


@room("FloatTensor", "DoubleTensor", "LongTensor", "IntTensor", "ShortTensor", "CharTensor",
      "ByteTensor", "BoolTensor", "Tensor of data")  # fmt: skip
def _(w):
    kind = w.pick(("Float", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool", ""))
    data = w.pick(("[1, 2]", "[[1, 2], [3, 0]]", "[]", "(1, 0)", "[1.0, 2.0]"))
    if kind not in ("Float", "Double", "") and "." in data:
        data = "[1, 0]"
    return f"torch.{kind}Tensor({data})"


@room("new_tensor", "new_zeros", "new_ones", "new_full", "as_tensor", "asarray", "empty_like",
      "empty", "new_empty", "randint_like")  # fmt: skip
def _(w):
    ref = w.tensor(lambda x: x.numel())
    if ref is None:
        return None
    dtype = w.pick(("", ", dtype=torch.int32", ", dtype=torch.float64"))
    return w.pick((
        f"{ref}.new_tensor([1, 2]{dtype})", f"{ref}.new_zeros(2, 3{dtype})",
        f"{ref}.new_ones((2,){dtype})", f"{ref}.new_full((2,), 1{dtype})",
        f"torch.as_tensor([1.5, 2]{dtype})", f"torch.asarray([1, 2]{dtype})",
        f"torch.zeros_like(torch.empty_like({ref}{dtype}))",
        f"torch.zeros_like(torch.empty(2, 3{dtype}))", f"{ref}.new_empty(2).zero_()",
        f"torch.zeros_like(torch.randint_like({ref}, 3))",
    ))  # fmt: skip


@room("int", "short", "char", "byte", "type", "type_as", "nelement", "is_floating_point", "numel",
      "is_nonzero", "is_signed", "element_size", "is_contiguous", "stride", "is_tensor", "H", "mH",
      "cpu", "promote_types", "can_cast", "clone of a tensor", "detach of a tensor", "ndimension",
      "is_complex", "itemsize", "nbytes", "storage_offset", "get_device", "finfo", "iinfo",
      "is_cuda", "is_sparse", "layout", "data_ptr", "set_grad_enabled", "inference_mode",
      "result_type of dtypes", "get_default_dtype", "pin_memory", "typename", "is_storage",
      "is_cpu", "is_meta", "is_mps", "is_xpu", "is_quantized", "is_nested")  # fmt: skip
def _(w):
    ref = w.tensor(lambda x: not floats(x) or finite(x), exact=True)
    if ref is None:
        return None
    dtype, other = w.pick(INTS), w.pick(INTS)
    return w.pick((
        f"{ref}.int()", f"{ref}.short()", f"{ref}.type({dtype})", f"{ref}.type()",
        f"{ref}.type_as(torch.zeros(2, dtype={dtype}))", f"{ref}.nelement()", f"{ref}.cpu()",
        f"{ref}.is_floating_point()", f"torch.is_floating_point({ref})", f"torch.numel({ref})",
        f"{ref}.is_nonzero()", f"torch.is_nonzero({ref})", f"{ref}.is_signed()",
        f"{ref}.element_size()", f"torch.is_tensor({ref})", f"{ref}.mH", f"{ref}.is_complex()",
        f"torch.promote_types({dtype}, {other})", f"torch.can_cast({dtype}, {other})",
        f"torch.clone({ref})", f"torch.detach({ref})", f"{ref}.ndimension()", f"{ref}.itemsize",
        f"{ref}.nbytes", "torch.finfo(torch.float64).eps", "torch.iinfo(torch.int32).max",
        f"{ref}.is_cuda", f"{ref}.is_sparse", f"repr({ref}.to({dtype}))", f"{ref}.to({dtype})",
        f"{ref}.to({dtype}) + torch.tensor(2, dtype={other})", "torch.get_default_dtype()",
        f"{ref}.to({dtype}) * torch.tensor([2, 1, 0], dtype={other})[:1]",
        f"{ref}.to({dtype}) / torch.tensor([2], dtype={other})", f"torch.typename({ref})",
        f"torch.is_storage({ref})", f"{ref}.is_cpu", f"{ref}.is_meta", f"{ref}.get_device()",
    ))  # fmt: skip

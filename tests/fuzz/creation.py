"""Rows of what makes tensors, and of what makes Python values of them."""

from .table import optional, row

DTYPE = optional(lambda w, x: "torch." + w.pick(("float64", "float32", "int64", "bool", "double")))


def _options(w, grad=True):
    """dtype=…, requires_grad=…, device=…"""
    texts = []
    if dtype := DTYPE(w, None):
        texts.append(f"dtype={dtype}")
    if grad and w.chance(3):
        texts.append("requires_grad=True")
    if w.chance(6):
        texts.append("device='cpu'")
    return "".join(f", {text}" for text in texts)


# --- creation ----------------------------------------------------------------------------------


@row("tensor")
def _(w):
    data = w.pick((
        "[1, 2]", "[1.0, True]", "3", "2.5", "True", "[]", "[[1], [2]]", "[[], []]", "[True, 2]",
        "np.array([1.5, 2])", "np.float64(2.5)", "np.float32(0.5)", "np.int64(3)", "np.bool_(True)",
        "[np.float64(1)]", "[np.float32(1), 2]", "[1e300]", "[2**53 + 1]", "np.array(2)",
        "(1, 2.0)", "np.array([[True], [False]])", "-0.0", "inf", "[1, 2.5, True]",
        "[torch.tensor(4)]", "np.arange(4)[::2]", "np.ones((2, 3))", "[[1.0, -0.0], [nan, inf]]",
        "[torch.tensor(1.5), torch.tensor(2)]", "np.zeros((0, 2))", "[np.array([1, 2])]",
    ))  # fmt: skip
    if w.odd():
        data = w.pick(("None", "{}", "'a'", "[[1], [1, 2]]", "[None]", "[2**70]", "object()"))
    return f"torch.tensor({data}{_options(w)})"


@row("zeros", "ones", "full", "eye")
def _(w):
    shape = w.shape(3)
    name = w.pick(("zeros", "ones", "full", "eye"))
    if name == "eye":
        sizes = w.pick(("2", "3, 2", "0", "1, 3", "2, 0", "-1" if w.odd() else "3"))
        return f"torch.eye({sizes}{_options(w)})"
    shape = (*shape, w.pick((-1, 1.0))) if w.odd() else shape
    if name == "full":
        value = w.number(w.pick(("float64", "int64", "bool")))
        return f"torch.full({shape}, {value}{_options(w)})"
    sizes = str(shape)[1:-1].strip(",") if shape and w.chance(2) else shape
    return f"torch.{name}({sizes}{_options(w)})"


@row("arange")
def _(w):
    step = "0" if w.odd() else w.pick(("1", "2", "0.5", "-1", "3"))
    given = w.pick(("3", "1, 4", f"0, 3, {step}", "2.5", "0.5, 3", f"4, 1, {step}", "0", "True"))
    return f"torch.arange({given}{_options(w)})"


@row("zeros_like", "ones_like", "full_like")
def _(w):
    ref = w.tensor()
    if ref is None:
        return None
    name = w.pick(("zeros_like", "ones_like", "full_like"))
    value = f", {w.number(w.pick(('int64', 'bool', 'float64')))}" if name == "full_like" else ""
    return f"torch.{name}({ref}{value}{_options(w)})"


@row("rand", "randn", "rand_like", "randn_like", "randint", "randperm", "multinomial")
def _(w):
    """Random numbers differ, so that only shape and dtype are compared.

    There are some: of none, PyTorch does not check the dtype.
    """
    shape, ref = tuple([n or 1 for n in w.shape(3)]), w.tensor(lambda x: x.numel())
    made = [f"torch.rand({shape}{_options(w)})", f"torch.randn({shape}{_options(w)})"]
    made += [f"torch.randint(3, {shape}{_options(w)})", "torch.randperm(4)"]
    made += [f"torch.randint(-1, {w.pick((2, 0, -1))}, {shape})", f"torch.randperm({w.below(4)})"]
    if ref:
        name = w.pick(("rand_like", "randn_like"))
        made += [f"torch.{name}({ref}{_options(w)})", f"torch.multinomial({ref}, 1)"]
    return f"torch.zeros_like({w.pick(made)})"


@row("from_numpy")
def _(w):
    array = w.pick((
        "np.array([1.5, 2.0, 3.0])", "np.arange(6).reshape(2, 3)", "np.zeros((2, 2), 'float32')",
        "np.array(1.0)", "np.array([True, False])", "np.arange(6.0)[1:4]", "np.ones((0, 2))",
        "np.ones((2, 3))", "[1.0]" if w.odd() else "np.arange(4.0).reshape(2, 2)[0]",
    ))  # fmt: skip
    return f"torch.from_numpy({array})"


# --- what becomes Python -----------------------------------------------------------------------


@row("item", "tolist", "size", "dim", "numel", "shape", "ndim", "dtype", "device", "is_leaf",
     "requires_grad", "len", "numpy", "retains_grad", "data", "Size")  # fmt: skip
def _(w):
    ref = w.tensor(exact=True)
    if ref is None:
        return None
    d = w.dim(w.value(ref))
    return w.pick((
        f"{ref}.item()", f"{ref}.tolist()", f"{ref}.dim()", f"{ref}.numel()", f"{ref}.ndim",
        f"{ref}.size()", f"{ref}.size({d})", f"{ref}.dtype", f"repr({ref}.device)", f"{ref}.data",
        f"{ref}.is_leaf", f"{ref}.requires_grad", f"len({ref})", f"bool({ref})", f"float({ref})",
        f"int({ref})", f"{ref}.numpy().copy()", f"list({ref})", f"[5, 6, 7][{ref}]",
        f"{ref} in [{ref}]", f"{w.number()} in {ref}", f"{ref} == None", f"{ref} == 'a'",
        f"{ref} == (1, 2)", f"np.array({ref}.detach())", f"{ref}.retains_grad", f"{ref} is {ref}",
        f"repr({ref}.shape)", f"{ref}.shape[1:]", f"repr({ref}.detach())",
        "torch.is_grad_enabled()", f"isinstance({ref}, torch.Tensor)",
        f"{ref} is {ref}.contiguous()", f"{ref}.grad is None", f"f'{{{ref}.amax().item():.2f}}'",
    ))  # fmt: skip


@row("result_type", "equal", "allclose")
def _(w):
    first = w.tensor(exact=True)
    if first is None:
        return None
    second = w.tensor(exact=True)
    number = w.number(w.pick(("float64", "int64", "bool")))
    return w.pick((
        f"torch.result_type({first}, {second})", f"torch.equal({first}, {second})",
        f"{first}.equal({second})", f"torch.result_type({first}, {number})",
        f"torch.allclose({first}, {first}, equal_nan={w.pick((True, False))})",
        f"torch.allclose({first}, {second}, rtol=0.5, atol=1.0)",
    ))  # fmt: skip

"""Tensor: operators, indexing, writing in place, and every method PyTorch's tensors have too."""

import operator
import pickle

import numpy as np
import pytest

import minigrad
from minigrad import Tensor, no_grad

inf, nan = float("inf"), float("nan")


def draw(*shape, seed=0):
    return np.asarray(np.random.default_rng((seed, *shape)).standard_normal(shape))


def several(outputs):
    return tuple(outputs) if isinstance(outputs, tuple | list) else (outputs,)


def outcome(library, expression, arrays):
    """The values of an expression, and the gradient of a weighted sum of them."""
    rng = np.random.default_rng(1)
    floats = [a.dtype.kind == "f" for a in arrays]
    xs = [library.tensor(a, requires_grad=of) for a, of in zip(arrays, floats, strict=True)]
    found = list(several(expression(*xs)))
    ys = [y for y in found if hasattr(y, "requires_grad") and y.requires_grad]
    if ys:
        weights = [library.tensor(rng.standard_normal(tuple(y.shape)), dtype=y.dtype) for y in ys]
        total = sum((y * w).sum() for y, w in zip(ys, weights, strict=True))
        wanted = [x for x, of in zip(xs, floats, strict=True) if of]
        gradients = library.autograd.grad(total, wanted, allow_unused=True)
        found += [
            library.zeros_like(x) if g is None else g
            for x, g in zip(wanted, gradients, strict=True)
        ]
    return [y.detach().numpy() if hasattr(y, "detach") else y for y in found]


def agree(torch, expression, *arrays, rtol=1e-10):
    """The same types, shapes, values and gradients in both; `expression` is code of x, y …"""
    ours, theirs = (
        outcome(
            library,
            eval(
                f"lambda {NAMES[len(arrays)]}: {expression}",
                {"torch": library, "np": np, "inf": inf, "operator": operator},
            ),
            arrays,
        )
        for library in (minigrad, torch)
    )
    assert len(ours) == len(theirs)
    for our, their in zip(ours, theirs, strict=True):
        assert np.shape(our) == np.shape(their)
        assert getattr(our, "dtype", type(our)) == getattr(their, "dtype", type(their))
        np.testing.assert_allclose(our, their, rtol=rtol, atol=rtol)


NAMES = ["", "x", "x, y", "x, y, z"]
X = draw(2, 3, 4)
M = draw(3, 4)
POSITIVE = np.abs(M) + 0.5
INTS = np.array([[3, -1, 2], [0, 1, 1]])
BOOLS = np.array([[True, False, True], [False, False, True]])

# --- operators -----------------------------------------------------------------------------------

ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}
COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]


@pytest.mark.parametrize("sign", [*ARITHMETIC, *COMPARISONS])
def test_operators_of_tensors_and_numbers(torch, sign):
    agree(torch, f"(x {sign} y, y {sign} x)", POSITIVE, POSITIVE[:1] + 1)
    for number in (2, 1.5, 3):
        agree(torch, f"(x {sign} {number}, {number} {sign} x)", POSITIVE)
        agree(torch, f"(x {sign} {number}, {number} {sign} x)", np.abs(INTS) + 1, rtol=1e-6)
    agree(torch, f"x {sign} y", np.abs(INTS) + 1, np.array([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("sign", ARITHMETIC)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_operators_with_numpys_numbers_and_arrays(sign, dtype):
    """A NumPy number counts as a number, an array as a tensor, on either side."""
    apply = ARITHMETIC[sign]
    x = minigrad.tensor([1.5, 2.5], dtype=getattr(minigrad, dtype), requires_grad=True)
    for other in (np.float64(2), np.float32(2), np.int64(2)):
        for y, expected in ((apply(x, other), apply(x, 2)), (apply(other, x), apply(2, x))):
            assert isinstance(y, Tensor)
            assert y.dtype == x.dtype
            np.testing.assert_allclose(y.value, expected.value, rtol=1e-6)
    array = np.array([[2.0], [3.0]], dtype)
    tensor = minigrad.tensor(array)
    for y, expected in ((apply(x, array), apply(x, tensor)), (apply(array, x), apply(tensor, x))):
        assert isinstance(y, Tensor)
        assert y.requires_grad
        assert y.dtype == expected.dtype
        np.testing.assert_array_equal(y.value, expected.value)


def test_matmul_with_arrays():
    x, array = minigrad.tensor(M, requires_grad=True), draw(4, 3)
    np.testing.assert_allclose((x @ array).value, M @ array)
    np.testing.assert_allclose((array @ x).value, array @ M)


@pytest.mark.parametrize("sign", COMPARISONS)
def test_comparisons_with_numpys_numbers_and_arrays(sign):
    x = minigrad.tensor([[0.1, 2.0], [3.0, 4.0]])
    for other in (np.float64(0.1), np.float32(0.1), np.array([0.1, 5], np.float32)):
        found = eval(f"x {sign} other", {"x": x, "other": other})
        mirrored = eval(f"other {sign} x", {"x": x, "other": other})
        expected = eval(f"x {sign} other", {"x": x.value, "other": np.asarray(other, np.float32)})
        swapped = eval(f"other {sign} x", {"x": x.value, "other": np.asarray(other, np.float32)})
        assert isinstance(found, Tensor)
        assert isinstance(mirrored, Tensor)
        np.testing.assert_array_equal(found.value, expected)
        np.testing.assert_array_equal(mirrored.value, swapped)


@pytest.mark.parametrize(
    "expression",
    [
        "-x", "x + x * x - x / 2", "2 - x", "2 / (x * x + 1)", "2 ** x", "x @ x.mT", "x @ x[0, 0]",
        "x[0, :, 0] @ x[0]", "(x > 0) & (x < 1)", "(x > 0) | (x < -1)", "~(x > 0)",
        "(x > 0) & True",
        "(x > 0) + (x > 1)", "(x > 0) * x", "x * (x > 0)", "True * x", "(x > 0) * 2", "(x > 0) / 2",
    ],
)  # fmt: skip
def test_operators(torch, expression):
    agree(torch, expression, X)


@pytest.mark.parametrize(
    "expression",
    ["x & y", "x | y", "x & 1", "x | 4", "~x", "-x", "x ** 2", "2 ** (x * x)", "x / 2"],
)
def test_operators_of_ints(torch, expression):
    agree(torch, expression, INTS, INTS + 1) if "y" in expression else agree(
        torch, expression, INTS
    )


@pytest.mark.parametrize("expression", ["x & x", "x | 1", "~x"])
def test_bits_of_floats_are_refused(expression):
    with pytest.raises(TypeError):
        eval(expression, {"x": minigrad.ones(2)})


def test_equality_with_what_is_no_number():
    """So that `x in [None, …]`, `x == "auto"` and the like ask nothing of the values."""
    x = minigrad.ones(2)
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert (x == "mean") is False
    assert (x != "mean") is True
    assert x not in [None, "mean"]


# --- indexing ------------------------------------------------------------------------------------

INDICES = [
    "1", "-1", "0, 2", "1, -1, 0", "np.int64(1)", ":", "1:", "::2", ":, ::2", ":, 1:3, 2", "3:, :",
    "...", "..., 0", "0, ..., 0", "None", "None, 0", ":, None, :", "..., None",
    "1, None, ..., None",
    "[1, 0]", "[0, 0, 1, 0]", "[-1, 0]", "[]", ":, [2, 0, 2]", "..., [0, 0]",
    "[0, 1], [2, 2]", "[0, 0], :, [1, 1]", "[[0], [1]], [0, 2]", "0, [1, 1]", "0, :, [1, 1, 3]",
    "0, ..., [1, 1, 3]", "[1, 0], None, 2", "[1, 1], 0, :", ":, 0, [3, 3]", "[1, 1], ..., 0",
    "np.array([1, 1, 0])", "np.array(1)", "(slice(None), np.array([[0, 2]]))", "(0, 1)", "()",
    "torch.tensor([1, 1, 0])", "torch.tensor(1)", ":, torch.tensor([0, -1])",
    "1:, torch.tensor([0, 0])",
    "torch.tensor([True, False])", "[True, False]", "np.array([False, True])", "x > 0",
    "x[0, 0, 0] < 9",
    ":, torch.tensor([True, False, True])", "..., torch.tensor([True, False, True, True])",
    ":, x[0] > 0", "torch.tensor([True, True]), torch.tensor([2, 2])", "0, x[0] > 0", "x > 99",
    "True", "False", "..., True",
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES)
def test_indexing_against_torch(torch, index):
    agree(torch, f"x[{index}]", X)


@pytest.mark.parametrize("index", ["...", "None", "()", "True", "..., None"])
def test_indexing_of_0d_against_torch(torch, index):
    agree(torch, f"x[{index}]", draw())


@pytest.mark.parametrize("index", INDICES)
def test_writing_by_index_against_torch(torch, index):
    """The index names the same elements when it is written to."""
    written = []
    for library in (minigrad, torch):
        x = library.tensor(X)
        exec(f"x[{index}] = -5.0", {"x": x, "torch": library, "np": np})
        written.append(x.numpy())
    np.testing.assert_array_equal(*written)


def test_an_index_is_copied():
    index = np.array([0, 0, 1])
    x = minigrad.ones(3, requires_grad=True)
    y = x[index]
    index[:] = 2
    y.sum().backward()
    assert x.grad.tolist() == [2, 1, 0]


@pytest.mark.parametrize("index", ["2", "0, 3", "0, 0, 0, 0", "[2]", "[True]", "'a'", "1.5", "x"])
def test_indices_that_are_not_there(index):
    x = minigrad.tensor(X)
    with pytest.raises((IndexError, TypeError), match="getitem"):
        eval(f"x[{index}]", {"x": x})


# --- methods -------------------------------------------------------------------------------------

METHODS = {  # every method that PyTorch has too: on X, on INTS, or on what is given
    "add": ["x.add(2)", "x.add(x)"], "sub": ["x.sub(2)"], "mul": ["x.mul(x)"], "div": ["x.div(2)"],
    "pow": ["x.pow(2)"], "neg": ["x.neg()"], "exp": ["x.exp()"], "log": ["(x * x + 1).log()"],
    "tanh": ["x.tanh()"], "sigmoid": ["x.sigmoid()"], "relu": ["x.relu()"], "abs": ["x.abs()"],
    "sqrt": ["(x * x + 1).sqrt()"], "matmul": ["x.matmul(x.mT)"],
    "clamp": ["x.clamp(-0.5, 0.5)", "x.clamp(min=0)", "x.clamp(max=0.1)"],
    "softmax": ["x.softmax(-1)", "x.softmax(dim=0)"], "log_softmax": ["x.log_softmax(1)"],
    "sum": ["x.sum()", "x.sum(1)", "x.sum((0, -1), keepdim=True)", "x.sum(dim=2)", "x.sum([0, 1])"],
    "mean": ["x.mean()", "x.mean(-1, True)", "x.mean(dim=(0, 1))"],
    "var": ["x.var()", "x.var(1, correction=0)", "x.var((0, 1), keepdim=True)"],
    "std": ["x.std()", "x.std(-1, keepdim=True)"],
    "amax": ["x.amax()", "x.amax((0, 2))", "x.amax(1, keepdim=True)"], "amin": ["x.amin(-1)"],
    "max": ["x.max()", "x.max(1)", "x.max(dim=-1, keepdim=True)", "x.max(-x)"],
    "min": ["x.min()", "x.min(0)", "x.min(2, True)", "x.min(-x)"],
    "argmax": ["x.argmax()", "x.argmax(1)", "x.argmax(-1, keepdim=True)"],
    "logsumexp": ["x.logsumexp(1)", "x.logsumexp((0, 1), keepdim=True)"],
    "topk": ["x.topk(2)", "x.topk(1, dim=0, largest=False)"],
    "any": ["(x > 1).any()", "(x > 1).any(1)"], "all": ["(x > -1).all()", "(x > -1).all(0, True)"],
    "isnan": ["x.isnan()"],
    "argmin": ["x.argmin()", "x.argmin(1, True)"], "argsort": ["x.argsort()", "x.argsort(0, True)"],
    "maximum": ["x.maximum(-x)"], "minimum": ["x.minimum(-x)"],
    "eq": ["x.eq(x)"], "ne": ["x.ne(0)"], "lt": ["x.lt(0)"], "le": ["x.le(0)"], "gt": ["x.gt(0)"],
    "ge": ["x.ge(-x)"], "equal": ["x.equal(x)", "x.equal(-x)"],
    "reshape": [
        "x.reshape(6, 4)", "x.reshape((4, 6))", "x.reshape([-1])", "x.reshape(-1)",
        "x.reshape(2, -1, 2)",
        "x.sum().reshape(1, 1)", "x.sum().reshape(())", "x.reshape(*x.shape)",
    ],
    "view": ["x.view(6, 4)", "x.view((4, -1))", "x.view(-1)", "x.view([24])",
        "x.view(np.int64(24))"],
    "expand": ["x[:1].expand(3, 3, 4)", "x.expand(2, -1, -1, -1)", "x[:, :1].expand((-1, 2, 4))"],
    "permute": ["x.permute(2, 0, 1)", "x.permute((-1, 0, 1))", "x.permute([1, 2, 0])"],
    "flatten": ["x.flatten()", "x.flatten(1)", "x.flatten(start_dim=0, end_dim=1)"],
    "transpose": ["x.transpose(0, 2)", "x.transpose(-1, -2)"],
    "t": ["x[0].t()"], "T": ["x[0].T"], "mT": ["x.mT"],
    "unsqueeze": ["x.unsqueeze(0)", "x.unsqueeze(-1)"],
    "squeeze": ["x[:1].squeeze()", "x[:1].squeeze(0)"],
    "split": ["x.split(2, 1)", "x.split([1, 3], dim=-1)"], "chunk": ["x.chunk(2, -1)"],
    "unbind": ["x.unbind()", "x.unbind(1)"], "tril": ["x.tril()", "x.tril(-1)"],
    "triu": ["x.triu(1)"],
    "roll": ["x.roll(1)", "x.roll(1, 0)", "x.roll((1, 2), (0, -1))"],
    "masked_fill": ["x.masked_fill(x > 0, 0.5)"],
    "gather": ["x.gather(0, torch.zeros(1, 3, 4, dtype=torch.int64))"],
    "index_select": ["x.index_select(1, torch.tensor([2, 2, 0]))"],
    "clone": ["x.clone()"], "contiguous": ["x.contiguous() * 1"], "detach": ["x.detach()"],
    "float": ["x.float() * 1", "(x > 0).float()"],
    "double": ["x.float().double()", "(x > 0).double()"],
    "long": ["(x * 9).long()"], "bool": ["x.bool()", "(x > 0).long().bool()"],
    "to": [
        "x.to(torch.float32)", "x.to(torch.float64) * 1", "x.to('cpu') * 1",
        "x.to('cpu', torch.int64)",
        "x.to(dtype=torch.bool)", "x.to(device='cpu', dtype=torch.float32)", "x.to(torch.float)",
    ],
    "size": ["x.size(0)", "x.size(-1)", "x.size(dim=1)", "tuple(x.size())"],
    "dim": ["x.dim()"], "ndim": ["x.ndim"], "numel": ["x.numel()"], "shape": ["tuple(x.shape)"],
    "item": ["x.sum().item()", "x[:1, :1, :1].item()", "(x > 0).sum().item()",
        "(x > 9).any().item()"],
    "tolist": ["np.array(x.tolist())", "(x > 0).sum().tolist()"],
    "is_leaf": ["x.is_leaf", "(x * 2).is_leaf", "(x > 0).is_leaf", "x.detach().is_leaf"],
    "requires_grad": ["x.requires_grad", "(x * 2).requires_grad", "x.detach().requires_grad"],
    "dtype": ["x.dtype.itemsize"], "device": ["str(x.device) == 'cpu'"], "grad": ["x.grad is None"],
}  # fmt: skip
ELSEWHERE = {  # held below, or in test_autograd
    "backward",
    "requires_grad_",
    "retain_grad",
    "retains_grad",
    "numpy",
    "copy_",
    "fill_",
    "zero_",
}


def test_every_method_has_an_example(torch):
    ours = {name for name in dir(Tensor) if not name.startswith("_")}
    shared = {name for name in ours if hasattr(torch.Tensor, name)}
    assert shared - ELSEWHERE == set(METHODS)
    assert ours - shared == {"value", "call", "birth", "replace"}, "a name that PyTorch lacks"


@pytest.mark.parametrize("expression", [code for codes in METHODS.values() for code in codes])
def test_methods_against_torch(torch, expression):
    agree(torch, expression, X, rtol=1e-6 if "float" in expression else 1e-10)


def test_to_itself_is_itself():
    x = minigrad.ones(2)
    assert x.to(minigrad.float32) is x
    assert x.to("cpu") is x
    assert x.float() is x
    assert x.contiguous() is x
    assert x.clone() is not x


def test_to_ints_leaves_the_graph():
    x = minigrad.tensor([1.9, -1.9], requires_grad=True)
    assert not x.long().requires_grad
    assert x.long().tolist() == [1, -1]
    with pytest.raises(ValueError, match="cuda"):
        x.to("cuda")
    with pytest.raises(ValueError, match="cuda"):
        x.to(device="cuda")


# --- as Python sees it ---------------------------------------------------------------------------


def test_len_and_iteration(torch):
    agree(torch, "[row * 2 for row in x]", X)
    agree(torch, "(len(x), len(x[0, 0]))", X)
    first, second = minigrad.tensor(X)
    assert first.shape == second.shape == (3, 4)
    with pytest.raises(TypeError):
        len(minigrad.tensor(1.0))
    with pytest.raises(IndexError, match="no dims"):
        iter(minigrad.tensor(1.0))


def test_truth_is_of_one_element():
    assert minigrad.tensor(2.0)
    assert not minigrad.tensor([[0.0]])
    assert minigrad.tensor([True])
    for several_or_none in (minigrad.ones(2), minigrad.ones(0)):
        with pytest.raises((ValueError, RuntimeError), match="ambiguous"):
            bool(several_or_none)


def test_numbers_out_of_tensors():
    x = minigrad.tensor([2.75], requires_grad=True)
    assert float(x) == x.item() == 2.75
    assert int(x) == 2
    assert type(minigrad.tensor(3).item()) is int
    assert type(minigrad.tensor(True).item()) is bool
    assert list(range(5))[minigrad.tensor(2)] == 2
    for convert in (float, int, Tensor.item):
        with pytest.raises((ValueError, RuntimeError), match=r"1|one"):
            convert(minigrad.ones(2))
    with pytest.raises(TypeError):
        operator.index(minigrad.tensor(2.0))


def test_tolist():
    assert minigrad.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert minigrad.tensor(2.5).tolist() == 2.5
    assert minigrad.ones(0, 2).tolist() == []


@pytest.mark.parametrize(
    ("spec", "value"), [(".2f", 2.5), ("d", 3), ("", 2.5), (">8.3", 0.125), ("", 3), ("", True)]
)
def test_format_of_one_number(torch, spec, value):
    assert format(minigrad.tensor(value), spec) == format(torch.tensor(value), spec)
    if isinstance(value, float) and spec:
        assert format(minigrad.tensor(value, requires_grad=True), spec) == format(value, spec)


def test_format_of_many_numbers():
    x = minigrad.ones(2)
    assert f"{x}" == str(x)
    with pytest.raises((TypeError, ValueError)):
        f"{x:.2f}"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: minigrad.tensor([1.0, 2.5]), "tensor([1. , 2.5])"),
        (lambda: minigrad.tensor([1, 2]), "tensor([1, 2])"),
        (lambda: minigrad.tensor(True), "tensor(True)"),
        (lambda: minigrad.tensor(1.5), "tensor(1.5)"),
        (lambda: minigrad.tensor([1.0]).double(), "tensor([1.], dtype=float64)"),
        (lambda: minigrad.tensor([1.0], requires_grad=True), "tensor([1.], requires_grad=True)"),
        (lambda: minigrad.tensor([[1, 2], [3, 4]]), "tensor([[1, 2],\n        [3, 4]])"),
        (lambda: minigrad.zeros(2, 0), "tensor([], size=(2, 0))"),
        (lambda: minigrad.tensor([], dtype=minigrad.int64), "tensor([], dtype=int64)"),
    ],
)
def test_repr(make, text):
    assert repr(make()) == str(make()) == text


def test_repr_names_the_op_that_made_it():
    assert "grad_fn=<op mul>" in repr(minigrad.ones(2, requires_grad=True) * 2)


def test_tensors_are_told_apart_by_identity():
    x, y = minigrad.ones(2), minigrad.ones(2)
    assert len({x, y, x}) == 2
    assert {x: 1}[x] == 1
    assert y not in {x: 1}
    assert hash(x) == hash(x)


def test_numpy_is_the_memory_itself():
    x = minigrad.zeros(2)
    x.numpy()[0] = 3
    assert x.tolist() == [3, 0]
    assert np.asarray(x) is x.value
    assert np.asarray(x, np.float64).dtype == np.float64
    assert np.array(x) is not x.value
    with pytest.raises(RuntimeError, match=r"requires grad.*detach\(\)\.numpy\(\)"):
        minigrad.ones(2, requires_grad=True).numpy()
    with pytest.raises(RuntimeError, match=r"detach\(\)\.numpy\(\)"):
        np.asarray(minigrad.ones(2, requires_grad=True))


def test_detach_shares_memory_and_has_no_history():
    x = minigrad.zeros(2)
    x.detach()[0] = 3
    assert x.tolist() == [3, 0]
    y = minigrad.ones(2, requires_grad=True).detach()
    assert y.is_leaf
    assert not y.requires_grad


def test_requires_grad_():
    x = minigrad.ones(2)
    assert x.requires_grad_() is x
    assert x.requires_grad
    assert not x.requires_grad_(False).requires_grad
    with pytest.raises(RuntimeError, match="only floats have gradients, not int64"):
        minigrad.tensor([1]).requires_grad_()
    y = x.requires_grad_() * 2
    assert y.requires_grad_() is y
    with pytest.raises(RuntimeError, match=r"x\.detach\(\)"):
        y.requires_grad_(False)


def test_views_share_memory_until_a_graph_remembers():
    x = minigrad.zeros(2, 2)
    for view in (x[0], x.view(4), x.mT, x.reshape(4)):
        assert np.shares_memory(view.value, x.value)
    x.view(4)[3] = 7
    x[0][0] = 5
    assert x.tolist() == [[5, 0], [0, 7]]


# --- writing in place ----------------------------------------------------------------------------

WRITES = [
    "x[0] = 7", "x[..., 0] = 7.5", "x[x > 0] = 0", "x[[0, 1], [1, 2]] = 5",
    "x[:, 1:] = x[:, :-1].clone()",
    "x[0] = torch.tensor([1.0, 2, 3, 4])", "x[0] = torch.tensor(3)", "x[1, 2, 3] = True",
    "x += 1", "x -= 0.5", "x *= 2", "x /= 4", "x += x", "x += x[0].clone()", "x *= torch.tensor(2)",
    "x[0] += 1",
    "x[:, 1] *= 3", "x[[0, 0]] += 1", "x.zero_()", "x.fill_(3)", "x.fill_(2.5)",
    "x.copy_(x[0] * 2)",
    "x.copy_(torch.ones(4, dtype=torch.int64))", "x[0].zero_()", "x.view(-1)[3] = 9",
    "x[:1] = 1 - x[1:]",
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
def test_writes_against_torch(torch, write):
    written = []
    for library in (minigrad, torch):
        x = library.tensor(X)
        also = x
        exec(write, scope := {"x": x, "torch": library})
        assert scope["x"] is also
        assert x.is_leaf
        written.append(x.numpy())
    np.testing.assert_array_equal(*written)


@pytest.mark.parametrize("method", ["zero_()", "fill_(2)", "copy_(torch.ones(2))"])
def test_writing_methods_give_the_tensor_back(method):
    x = minigrad.tensor([1.0, 2.0])
    assert eval(f"x.{method}", {"x": x, "torch": minigrad}) is x


def test_a_graph_makes_its_arrays_read_only():
    a, x = minigrad.tensor([1.0, 2.0]), minigrad.ones(2, requires_grad=True)
    base = np.zeros((2, 2))
    view = minigrad.from_numpy(base)[0]
    y = x * a + view
    for array in (a.numpy(), x.detach().numpy(), y.detach().numpy(), view.numpy(), base):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5


def test_a_view_older_than_the_graph_gives_no_array_to_write():
    a, x = minigrad.ones(2), minigrad.ones(2, requires_grad=True)
    older = a.detach()
    y = (x * a).sum()
    with pytest.raises(ValueError, match="read-only"):
        older.numpy()[0] = 5
    y.backward()
    assert x.grad.tolist() == [1, 1]


def test_without_a_graph_arrays_stay_writeable():
    a, x = minigrad.ones(2), minigrad.ones(2, requires_grad=True)
    with no_grad():
        y = x * a
    a.numpy()[0] = y.numpy()[0] = 5
    b = minigrad.ones(2)
    (a * b).numpy()[0] = 5
    b.numpy()[0] = 5


def test_an_array_among_the_inputs_stays_the_callers():
    array = np.array([1.0, 2.0])
    x = minigrad.ones(2, dtype=minigrad.float64, requires_grad=True)
    y = x * array
    array[:] = 7
    y.sum().backward()
    assert x.grad.tolist() == [1, 2]


BETWEEN = [
    "a[0] = 5",
    "a += 1",
    "a *= 2",
    "a.zero_()",
    "a.copy_(a + 1)",
    "a.fill_(0)",
    "a[a > 0] = 1",
    "x[0] = 5",
    "x += 1",
    "x.zero_()",
]


@pytest.mark.parametrize("write", BETWEEN)
def test_a_write_between_forward_and_backward_is_an_error(write):
    a = minigrad.tensor([1.0, 2.0])
    x = minigrad.tensor([3.0, 4.0], requires_grad=True)
    y = (x * a).exp().sum()
    with no_grad():
        exec(write, {"a": a, "x": x})
    with pytest.raises(RuntimeError, match=r"shape \(2,\) was changed in place after mul"):
        y.backward()
    assert x.grad is None


def test_a_write_through_a_view_never_gives_a_wrong_gradient():
    a = minigrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    x = minigrad.ones(2, requires_grad=True)
    row, flat, detached = a[0], a.view(4), a.detach()
    y = (x * row).sum()
    for view in (row[:1], flat[:2], detached):
        with pytest.raises(RuntimeError, match="view of memory that a graph remembers"):
            view[0] = 9
    a[0] = 9  # the tensor moves on to memory of its own
    assert row.tolist() == [1, 2]
    y.backward()
    assert x.grad.tolist() == [1, 2]


def test_a_write_after_backward_is_nobodys_harm():
    a, x = minigrad.tensor([1.0, 2.0]), minigrad.ones(2, requires_grad=True)
    (x * a).sum().backward()
    a[0] = 5
    with no_grad():
        x -= x.grad
        x[1] = 9
    assert x.requires_grad
    assert x.is_leaf
    x.grad = None
    (x * a).sum().backward()
    assert x.tolist() == [0, 9]
    assert x.grad.tolist() == [5, 2]


def test_a_write_before_it_is_used_counts():
    x = minigrad.zeros(3)
    x[1] = 2
    w = minigrad.ones(3, requires_grad=True)
    y = (w * x).sum()
    y.backward()
    assert w.grad.tolist() == [0, 2, 0]


REFUSED = {
    "a leaf by index": "x[0] = 1",
    "a leaf by method": "x.zero_()",
    "a leaf by +=": "x += 1",
    "a result by index": "y[0] = 1",
    "a result by method": "y.fill_(2)",
    "a tracked value into one that is not": "a[0] = y[0]",
    "a copy of one": "a.copy_(y)",
}


@pytest.mark.parametrize("case", REFUSED)
def test_writes_that_a_graph_would_miss_are_refused(case):
    x = minigrad.ones(2, requires_grad=True)
    scope = {"x": x, "y": x * 2, "a": minigrad.zeros(2)}
    with pytest.raises(RuntimeError, match=r"no_grad\(\)"):
        exec(REFUSED[case], scope)
    assert scope["a"].tolist() == [0, 0]
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_augmented_assignment_to_a_result_is_recorded(torch, sign):
    """`out += x` in a model: the name moves on to a new tensor, and gradients flow through both."""
    gradients = []
    for library in (minigrad, torch):
        x = library.tensor([2.0, 3.0], requires_grad=True)
        exec(f"out = x * 1.5\nout {sign}= x * x", scope := {"x": x})
        scope["out"].sum().backward()
        gradients.append(x.grad.tolist())
    assert gradients[0] == pytest.approx(gradients[1])


def test_augmented_assignment_with_a_tracked_value_is_recorded(torch):
    gradients = []
    for library in (minigrad, torch):
        x = library.tensor([2.0, 3.0], requires_grad=True)
        total = library.zeros(2)
        for i in range(3):
            total += x * i
        total.sum().backward()
        gradients.append(x.grad.tolist())
    assert gradients[0] == gradients[1] == [3, 3]


@pytest.mark.parametrize(
    ("write", "message"),
    [
        ("i += 1.5", "int64.*float32"),
        ("i /= 2", "int64.*float32"),
        ("a += b", r"\(2,\).*\(3, 2\)"),
        ("a += c", r"\(2,\) and \(3,\)"),
        ("a[0] = c", "broadcast|shape|sequence"),
        ("a.copy_(c)", "broadcast|shape"),
    ],
)
def test_writes_that_do_not_fit(write, message):
    scope = {
        "i": minigrad.tensor([1, 2]),
        "a": minigrad.ones(2),
        "b": minigrad.ones(3, 2),
        "c": minigrad.ones(3),
    }
    with pytest.raises((RuntimeError, ValueError), match=message):
        exec(write, scope)
    assert scope["a"].tolist() == [1, 1]
    assert scope["i"].tolist() == [1, 2]


def test_writing_keeps_the_dtype():
    x = minigrad.tensor([1, 2])
    x[0] = 3.7
    x += True
    assert x.dtype == minigrad.int64
    assert x.tolist() == [4, 3]
    y = minigrad.ones(2)
    y.copy_(minigrad.tensor([1.5, 2.5], dtype=minigrad.float64))
    assert y.dtype == minigrad.float32


# --- in place, at the edges ----------------------------------------------------------------------


def test_memory_behind_an_expanded_view_is_locked_too():
    x, w = minigrad.ones(1, 3), minigrad.ones(2, 3, requires_grad=True)
    y = (x.expand(2, 3) * w).sum()
    with pytest.raises(ValueError, match="read-only"):
        x.value[0, 0] = 100
    x[0, 0] = 100  # a new array for x; the graph keeps the old one
    y.backward()
    assert w.grad.tolist() == np.ones((2, 3)).tolist()


def test_a_view_does_not_become_what_requires_grad():
    a, w = minigrad.zeros(2), minigrad.ones(1, requires_grad=True)
    view = a[:1]
    with pytest.raises(RuntimeError, match="view"):
        view += w
    a += minigrad.ones(2, dtype=minigrad.float64)  # of the same kind: cast down, as in PyTorch
    assert a.dtype == minigrad.float32


def test_a_write_that_fails_changes_nothing():
    x, w = minigrad.ones(2), minigrad.ones(2, requires_grad=True)
    y = (x * w).sum()
    with pytest.raises(IndexError, match=r"writing 0 into \(2,\)"):
        x[9] = 0
    y.backward()
    assert w.grad.tolist() == [1, 1]


def test_memory_that_is_not_of_an_array():
    x = minigrad.from_numpy(np.frombuffer(bytearray(8), np.float32))
    x[0] = 1
    assert x.numpy().tolist() == [1, 0]


def test_a_used_leaf_that_was_pickled_can_be_trained():
    w = minigrad.ones(2, requires_grad=True)
    (w * w).sum().backward()
    copied = pickle.loads(pickle.dumps(w, protocol=5))
    with minigrad.no_grad():
        copied -= 0.5
    assert copied.tolist() == [0.5, 0.5]
    assert copied.grad.tolist() == [2, 2]


@pytest.mark.parametrize("index", ["x[:, 1, ..., y]", "x[1, ..., y, 2]", "x[..., 0, :, y]"])
def test_an_ellipsis_that_stands_for_nothing(torch, index):
    code = index.replace("y", "[1, 3, 0]" if index.endswith("y]") else "[1, 2]")
    agree(torch, code, X)


def test_a_numpy_number_beside_a_tensor_is_a_number(torch):
    agree(torch, "x / np.log(2.0) * np.float64(3)", np.float32(2.0))
    agree(torch, "x * np.sqrt(2.0)", np.array([1, 2]))


def test_dtypes_that_tensors_do_not_have():
    with pytest.raises(TypeError, match="not int32"):
        minigrad.ones(2).to(np.dtype("int32"))


@pytest.mark.parametrize("dim", [True, "0", (0, 1.0)])
def test_a_dim_is_an_int(dim):
    with pytest.raises(TypeError, match="a dim is an int"):
        minigrad.ones(2, 2).sum(dim)

"""Dtypes by PyTorch's rules: promotion, and gradients in the dtype of their tensor."""

import copy
import itertools
import math
import pickle

import numpy as np
import pytest
from agreement import agree

import minigrad
from minigrad import nn
from minigrad.autograd import grad, history


def leaf(*shape, dtype=minigrad.float64):
    return nn.Parameter(minigrad.randn(*shape, dtype=dtype))


# --- promotion ------------------------------------------------------------------------------------

KINDS = {"bool": (True, True), "int64": (3, 2), "float32": (1.5, 0.5), "float64": (2.5, 0.1)}

OPERANDS = [(name, form) for name in KINDS for form in ("1-D", "0-d", "number")]

PAIRS = [
    (x, y) for x, y in itertools.product(OPERANDS, OPERANDS) if (x[1], y[1]) != ("number",) * 2
]

TWO = {
    "add": lambda torch, x, y: torch.add(x, y),
    "mul": lambda torch, x, y: torch.mul(x, y),
    "div": lambda torch, x, y: torch.div(x, y),
    "where": lambda torch, x, y: torch.where(torch.tensor([True, False]), x, y),
    "maximum": lambda torch, x, y: torch.maximum(x, y),
    "cat": lambda torch, x, y: torch.cat([x, y]),
    "operator -": lambda torch, x, y: x - y,
    "eq": lambda torch, x, y: torch.eq(x, y),
}


def _operand(library, dtype, form):
    values = KINDS[dtype]
    if form == "number":
        return values[0]
    return library.tensor(
        list(values) if form == "1-D" else values[1], dtype=getattr(library, dtype)
    )


@pytest.mark.parametrize("name", TWO)
def test_promotion_against_torch(torch, name):
    wrong = []
    for x, y in PAIRS:
        forms = {x[1], y[1]}
        if name == "maximum" and "number" in forms:
            continue  # PyTorch accepts only tensors there
        if name == "cat" and forms != {"1-D"}:
            continue
        if name == "operator -" and "bool" in (x[0], y[0]):
            continue  # an error in both libraries
        if name == "eq" and x[1] == "number":
            continue
        ours, theirs = (
            TWO[name](library, _operand(library, *x), _operand(library, *y))
            for library in (minigrad, torch)
        )
        ours, theirs = ours.value, theirs.numpy()
        if ours.dtype != theirs.dtype:
            wrong.append(f"{name}({x}, {y}) is {ours.dtype}, in PyTorch {theirs.dtype}")
        elif not np.allclose(ours, theirs, rtol=1e-6):
            wrong.append(f"{name}({x}, {y}) is {ours}, in PyTorch {theirs}")
    assert not wrong, "\n".join(wrong)


def test_a_numpy_number_next_to_a_tensor_counts_as_a_python_number(torch):
    agree(torch, "x / np.log(2.0) * np.float64(3)", np.float32(2.0))
    agree(torch, "x * np.sqrt(2.0)", np.array([1, 2]))


def test_unsupported_dtypes():
    with pytest.raises(TypeError, match="not uint16"):
        minigrad.ones(2).to(np.dtype("uint16"))
    for narrow in (minigrad.half, minigrad.bfloat16):
        for use in (minigrad.ones(2).to, lambda dtype: minigrad.ones(2, dtype=dtype)):
            with pytest.raises(TypeError, match=f"^{narrow}: .* float32 and float64$"):
                use(narrow)


NUMBERS = {
    "add": (2, 3), "sub": (2, 3.5), "mul": (True, 2), "div": (1, 2), "pow": (2, 3), "eq": (1, 1.0),
    "maximum": (1, 2), "minimum": (1, 2.5), "where": (True, 1, 2.5), "lt": (1, 2), "exp": (1,),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_ops_of_plain_numbers(torch, name):
    """They count as tensors without dims: the values and dtypes are those."""
    found = np.asarray(getattr(minigrad, name)(*NUMBERS[name]))
    expected = getattr(torch, name)(*map(torch.tensor, NUMBERS[name])).numpy()
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("number", [2**70, -(2**64)])
def test_an_int_that_does_not_fit_is_named(number):
    for refused in (lambda x: x + number, lambda x: number * x):
        with pytest.raises(OverflowError, match=f"{number} is out of the range of int64"):
            refused(minigrad.tensor([1, 2]))


def test_a_mask_to_the_power_of_a_bool_is_a_mask(torch):
    for power in ("x**True", "x**False", "x**2", "x**1", "x**0.5", "2**x", "True**(x + 0)"):
        agree(torch, power, np.array([True, False]), rtol=1e-6)
    mask = minigrad.tensor([True, False])
    for refused in (lambda: mask**mask, lambda: True**mask, lambda: mask ** mask[0]):
        with pytest.raises(TypeError, match="pow: got bool"):
            refused()


def test_numpys_other_dtypes_are_refused_beside_tensors_and_taken_as_numbers():
    x = minigrad.tensor([1.0, 2.0])
    for dtype in (np.uint16, np.float16, np.uint64, np.complex64):
        with pytest.raises(TypeError, match=f"not {np.dtype(dtype)}: convert first"):
            x + np.ones(2, dtype)
    assert (x + np.int32(2)).dtype == (x * np.float16(2)).dtype == np.float32
    assert minigrad.add(np.ones(2), np.int32(2)).tolist() == [3, 3]


# --- dtypes as objects ----------------------------------------------------------------------------

OF_TORCH = [
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool",
    "float", "double", "half", "long", "int", "short",
]  # fmt: skip


@pytest.mark.parametrize("name", OF_TORCH)
def test_a_dtype_says_what_pytorchs_says(torch, name):
    ours, theirs = getattr(minigrad, name), getattr(torch, name)
    assert isinstance(ours, minigrad.dtype)
    assert repr(ours) == str(ours) == f"{ours}" == repr(theirs)
    for what in ("itemsize", "is_floating_point", "is_signed", "is_complex"):
        assert getattr(ours, what) == getattr(theirs, what)
    for other in OF_TORCH:
        same = getattr(torch, other) == theirs
        assert (getattr(minigrad, other) == ours) == same
    for other in (None, str(ours), name, 3):
        assert ours != other


@pytest.mark.parametrize("name", ["float32", "float64", "int64", "int16", "uint8", "bool"])
def test_a_dtype_is_numpys_too(name):
    ours, numpys = getattr(minigrad, name), np.dtype(name)
    assert ours == numpys
    assert numpys == ours
    assert ours == numpys.type
    assert len({ours, numpys}) == 1
    assert {numpys: "found"}[ours] == "found"
    assert (ours.kind, ours.name, ours.type) == (numpys.kind, name, numpys.type)
    assert np.dtype(ours) is numpys
    assert np.zeros(2, ours).astype(ours).dtype == ours
    for given in (ours, numpys, numpys.type):
        assert minigrad.zeros(2, dtype=given).dtype is ours
        assert minigrad.ones(2).to(given).dtype is ours


def test_there_is_one_dtype_of_each_name():
    for own in (minigrad.float32, minigrad.bool, minigrad.bfloat16):
        assert pickle.loads(pickle.dumps(own)) is copy.copy(own) is copy.deepcopy(own) is own
    assert minigrad.ones(2).double().dtype is minigrad.double is minigrad.float64


def test_pythons_types_are_dtypes(torch):
    agree(torch, "(torch.zeros(2, dtype=float), torch.zeros(2, dtype=int), torch.ones(2).to(bool))")


# --- small ints -----------------------------------------------------------------------------------

SMALL = {"uint8": [200, 3, 1], "int8": [-100, 3, 1], "int16": [300, -3, 2], "int32": [70000, -3, 2]}
OTHERS = {"bool": [True, False, True], "int64": [7, -3, 2], "float32": [1.5, -2.0, 0.5]}
BOTH = [
    "x + y", "x - y", "x * y", "x / y", "torch.maximum(x, y)", "torch.minimum(x, y)",
    "torch.where(torch.tensor([True, False, True]), x, y)", "torch.cat([x, y])", "x == y", "x < y",
    "torch.stack([x, y])", "x & y", "x | y",
]  # fmt: skip
ONE = [
    "x.sum()", "x.sum(0)", "x.float()", "x.int()", "x.byte()", "x.char()", "x.short()", "x.bool()",
    "x.max()", "x.min(0)[0]", "x.amax()", "x.argmax()", "x.argsort()", "-x", "abs(x)", "+x", "~x",
    "x.exp()", "x.relu()", "x.tanh()", "x.clamp(1, 2)", "x.clamp(0.5)", "x.clamp(max=100)", "x + 3",
    "3 - x", "x * 2.5", "x / 2", "x**2", "2**x", "x + 300", "x == 300", "x > -1", "x.any()",
    "x.all()", "x.topk(2)[0]", "x.roll(1)", "x.masked_fill(x > 1, 5)", "x @ x", "x + True",
    "x + torch.tensor(5)", "x * torch.tensor(2.5)", "torch.full_like(x, 2)", "torch.zeros_like(x)",
    "torch.arange(3, dtype=x.dtype)", "torch.eye(2, dtype=x.dtype)", "x.tolist()",
]  # fmt: skip


def _outcome(library, code, given):
    """The dtype and the values that code gives, or that it is refused."""
    x, y = (library.tensor(values, dtype=getattr(library, name)) for name, values in given)
    try:
        found = eval(code, {"torch": library, "x": x, "y": y})
    except (TypeError, ValueError, RuntimeError, OverflowError):
        return "refused", 0
    return (str(found.dtype), found.numpy()) if hasattr(found, "dtype") else ("no dtype", found)


@pytest.mark.parametrize("code", BOTH)
def test_small_ints_are_promoted_as_in_torch(torch, code):
    all_of_them = [*(SMALL | OTHERS).items()]
    for given in itertools.product(all_of_them, all_of_them):
        (kind, ours), (their, theirs) = (_outcome(lib, code, given) for lib in (minigrad, torch))
        assert kind == their, given
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


@pytest.mark.parametrize("code", ONE)
def test_small_ints_alone_as_in_torch(torch, code):
    for name, values in SMALL.items():
        given = [(name, values)] * 2
        (kind, ours), (their, theirs) = (_outcome(lib, code, given) for lib in (minigrad, torch))
        assert kind == their, name
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_small_ints_in_place(torch):
    for code in ("x += 300", "x += y", "x.copy_(y)", "x[0] = 7", "x.fill_(9)", "x *= 2"):
        found = []
        for library in (minigrad, torch):
            x, y = library.zeros(2, dtype=library.uint8), library.tensor([1, 300])
            exec(code, {"x": x, "y": y})
            found.append(repr(x))
        assert found[0] == found[1], code
    x = minigrad.zeros(2, dtype=minigrad.uint8)
    for refused in (lambda: x.fill_(300), lambda: x.__setitem__(0, 256), lambda: x.clamp(max=300)):
        with pytest.raises(ValueError, match=r"300|256|uint8"):
            refused()
    with pytest.raises(RuntimeError, match="cannot become a float32"):
        x /= 2


def test_sums_of_small_ints_do_not_overflow():
    for name in ("uint8", "int8", "int16", "int32"):
        x = minigrad.full((1000,), 100, dtype=getattr(minigrad, name))
        assert x.sum().item() == 100_000
        assert x.sum().dtype == minigrad.int64


# --- gradients ------------------------------------------------------------------------------------


def test_gradients_have_the_dtype_of_their_tensor():
    x = minigrad.tensor([1.0, 2.0], dtype=minigrad.float32, requires_grad=True)
    y = minigrad.tensor([3.0, 4.0], dtype=minigrad.float64, requires_grad=True)
    (x * y + minigrad.cat([x[:1], y[:1]]) + x.double().float()).sum().backward()
    assert (x.grad.dtype, y.grad.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(x.grad.value, [5, 5])
    np.testing.assert_allclose(y.grad.value, [2, 2])


@pytest.mark.parametrize("dtypes", list(itertools.product(["float32", "float64"], repeat=2)))
@pytest.mark.parametrize(
    "call",
    [lambda x, y: x * y, lambda x, y: x + y, lambda x, y: x**2 / (y * y + 1), minigrad.maximum],
)
def test_a_gradient_has_the_dtype_of_its_tensor(torch, dtypes, call):
    inputs = []
    for framework in (minigrad, torch):
        x, y = (
            framework.ones(3, dtype=getattr(framework, name), requires_grad=True) for name in dtypes
        )
        function = torch.maximum if framework is torch and call is minigrad.maximum else call
        out = function(x, y)
        assert str(out.dtype).endswith(max(dtypes))
        out.sum().backward()
        inputs.append((x, y))
    for ours, theirs in zip(*inputs, strict=True):
        assert str(theirs.grad.dtype).endswith(str(ours.grad.dtype))
        assert ours.grad.dtype == ours.dtype
        np.testing.assert_allclose(ours.grad.value, theirs.grad.numpy())


@pytest.mark.parametrize("create_graph", [False, True])
def test_float32_stays_float32(create_graph):
    x, w = leaf(2, 3, dtype=minigrad.float32), leaf(3, 3, dtype=minigrad.float32)
    y = ((x @ w).tanh() * 0.5 + 1).softmax(-1).log().mean(0)[1:]
    for node in history(y):
        node.retain_grad()
    loss = y.sum() / 3
    loss.backward(create_graph=create_graph)
    assert loss.dtype == minigrad.float32
    assert {node.grad.dtype for node in history(y)} == {minigrad.float32}


def test_an_unpickled_leaf_needs_no_cast():
    """Its dtype object is a new one, equal to the others but not identical."""
    x = pickle.loads(pickle.dumps(leaf(3, dtype=minigrad.float32)))
    (g,) = grad((x * leaf(3, dtype=minigrad.float32)).tanh().sum(), x, create_graph=True)
    assert "cast" not in {node.call.op.__name__ for node in history(g) if node.call}


def test_casting_casts_back():
    x = leaf(3, dtype=minigrad.float32)
    (x.double() * math.pi).sum().backward()
    assert x.grad.dtype == minigrad.float32
    np.testing.assert_allclose(x.grad.value, np.float32(math.pi))


# --- numbers beside small ints -------------------------------------------------------------------

INTS = ("uint8", "int8", "int16", "int32", "int64")


@pytest.mark.parametrize("number", [300, 256, -1, 2**40, 2**62, -(2**63), 7])
@pytest.mark.parametrize("dtype", INTS)
def test_a_quotient_of_ints_takes_a_number_as_it_is(dtype, number):
    """Not as an int of that dtype: of 256, uint8 would make 0."""
    x = minigrad.tensor([1, 100, 5], dtype=getattr(minigrad, dtype))
    expected = np.float32([1, 100, 5]) / np.float32(number)
    np.testing.assert_array_equal((x / number).numpy(), expected)
    np.testing.assert_allclose((number / x).numpy(), np.float32(number) / np.float32([1, 100, 5]))
    assert minigrad.divide(x, number).dtype == minigrad.float32


@pytest.mark.parametrize("dtype", [*INTS, "bool"])
def test_ints_have_no_negative_powers(dtype):
    x = minigrad.tensor([1, 0, 1], dtype=getattr(minigrad, dtype))
    with pytest.raises(ValueError, match="negative power"):
        x**-1


@pytest.mark.parametrize(("dtype", "number"), [
    ("uint8", 256), ("uint8", -256), ("int8", 128), ("int16", -32769), ("int32", 2**31),
])  # fmt: skip
def test_a_number_that_does_not_fit_is_refused(dtype, number):
    x = minigrad.tensor([1, 2], dtype=getattr(minigrad, dtype))
    mask = minigrad.tensor([True, False])
    calls = (
        lambda: minigrad.where(mask, x, number), lambda: minigrad.where(mask, number, x),
        lambda: x.masked_fill(mask, number), lambda: x.clone().fill_(number),
        lambda: x.clone().__setitem__(0, number), lambda: x.add(x, alpha=number),
        lambda: x.clone().__setitem__(0, float(number)),
        lambda: x.index_fill(0, minigrad.tensor([0]), number),
        lambda: x.scatter(0, minigrad.tensor([0]), number),
        lambda: minigrad.addcmul(x, x, x, value=number),
    )  # fmt: skip
    for call in calls:
        with pytest.raises(ValueError, match=f"cannot be converted to {dtype}"):
            call()


def test_a_negative_int_in_uint8_is_counted_around_and_a_float_is_refused():
    x, mask = minigrad.tensor([1, 2], dtype=minigrad.uint8), minigrad.tensor([True, False])
    assert x.masked_fill(mask, -1).tolist() == [255, 2]
    assert minigrad.where(mask, -3, x).tolist() == [253, 2]
    assert x.clone().fill_(-2).tolist() == [254, 254]
    assert x.index_fill(0, minigrad.tensor([0]), -1).tolist() == [255, 2]
    assert x.scatter(0, minigrad.tensor([0]), -1).tolist() == [255, 2]
    with pytest.raises(ValueError, match=r"-0\.25 cannot be converted to uint8"):
        x[0] = -0.25

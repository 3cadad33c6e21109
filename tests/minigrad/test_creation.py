"""Creating tensors: from data, filled with a number, or random."""

import numpy as np
import pytest

import minigrad
from minigrad import float32, float64, int64

inf = float("inf")

# --- against PyTorch: dtype, shape and values ----------------------------------------------------

THE_SAME = [  # evaluated with `torch` as PyTorch and as minigrad
    "torch.tensor(3)", "torch.tensor(2.5)", "torch.tensor(True)", "torch.tensor([])",
    "torch.tensor([[], []])", "torch.tensor([1, 2.5])", "torch.tensor([True, 2])",
    "torch.tensor([[1, 2], [3, 4]])", "torch.tensor((1.0, 2.0))", "torch.tensor(range(3))",
    "torch.tensor([1.7, -1.7], dtype=torch.int64)", "torch.tensor([0, 2], dtype=torch.bool)",
    "torch.tensor([1, 0], dtype=torch.float64)", "torch.tensor(np.array([1.5, 2]))",
    "torch.tensor(np.array([1.5], np.float32))", "torch.tensor(np.array([1, 2]))",
    "torch.tensor(np.array([True]))", "torch.tensor(np.float64(1.5))", "torch.tensor(np.int64(2))",
    "torch.tensor([np.float32(1.5)])",
    "torch.tensor(np.zeros((0, 2)))",
    "torch.tensor([torch.tensor(1.0), torch.tensor(2.0)])",
    "torch.from_numpy(np.array([1.5, 2]))", "torch.from_numpy(np.array([[True]]))",
    "torch.zeros(2, 3)", "torch.zeros((2, 3))", "torch.zeros([2, 3])", "torch.zeros(0, 2)",
    "torch.zeros(())", "torch.zeros(4)", "torch.zeros(2, dtype=torch.int64)",
    "torch.zeros(np.int64(3))",
    "torch.ones(2, 1)", "torch.ones((3,), dtype=torch.bool)", "torch.ones(2, dtype=torch.double)",
    "torch.full((2, 3), 7)", "torch.full((2,), 7.5)", "torch.full((2,), True)",
    "torch.full((), 2.0)",
    "torch.full([2], 3, dtype=torch.float32)", "torch.full((2,), -float('inf'))",
    "torch.arange(5)", "torch.arange(2, 5)", "torch.arange(5, 0, -2)", "torch.arange(0)",
    "torch.arange(0, 1, 0.25)", "torch.arange(3.5)", "torch.arange(1, 4, dtype=torch.float64)",
    "torch.arange(start=1, end=7, step=3)", "torch.arange(end=3)",
    "torch.eye(3)", "torch.eye(2, 3)", "torch.eye(3, 2, dtype=torch.int64)", "torch.eye(0)",
    "torch.zeros_like(torch.ones(2, 3, dtype=torch.int64))",
    "torch.zeros_like(torch.ones(2, dtype=torch.int64), dtype=torch.float32)",
    "torch.ones_like(torch.zeros(2, 1, dtype=torch.float64))",
    "torch.ones_like(torch.tensor(True))",
    "torch.full_like(torch.zeros(2), 3)", "torch.full_like(torch.tensor([1, 2]), 3.5)",
    "torch.full_like(torch.tensor([1, 2]), 3.5, dtype=torch.float64)",
    "torch.randint(4, 5, (2, 3))", "torch.randint(1, (2,))", "torch.randint(0, 1, size=(2,))",
    "torch.randint(high=1, size=(2,))", "torch.randint(2, 3, (), dtype=torch.float32)",
    "torch.randperm(1)", "torch.randperm(0)",
    "torch.multinomial(torch.tensor([0.0, 3.0]), 1)",
    "torch.multinomial(torch.tensor([[0.0, 3.0], [1.0, 0.0]]), 2, True)",
    # dtype=None is no dtype
    "torch.zeros_like(torch.tensor([1, 2]), dtype=None)",
    "torch.ones_like(torch.tensor([True]), dtype=None)",
    "torch.full_like(torch.tensor([1, 2]), 3.5, dtype=None)",
    "torch.rand_like(torch.zeros(2, dtype=torch.float64), dtype=None) * 0",
    "torch.randn_like(torch.zeros(2, dtype=torch.float64), dtype=None) * 0",
    # NumPy's numbers, arrays and tensors in lists keep their dtype; the highest counts
    "torch.tensor([np.float64(1)])", "torch.tensor([np.float64(1), 2])",
    "torch.tensor([2, np.float64(1)])", "torch.tensor([[1], [np.float64(2)]])",
    "torch.tensor([np.float32(1), 2])", "torch.tensor([np.int64(1), 2.0])",
    "torch.tensor([np.int32(1), 2])", "torch.tensor([np.float16(1), 2.0])",
    "torch.tensor([np.bool_(1)])", "torch.tensor([np.array([1.0, 2.0])])",
    "torch.tensor([np.array([1, 2]), np.array([1.5, 2])])", "torch.tensor([range(2), range(2)])",
    "torch.tensor([np.array([1, 2], np.float32), np.array([1.5, 2])])",
    "torch.tensor([torch.tensor([4])])", "torch.tensor([[torch.tensor([[4.0]]), 3]])",
    "torch.tensor([torch.tensor(4), 2.5])", "torch.tensor([torch.tensor(True)])",
    "torch.tensor([torch.tensor(4.0, dtype=torch.float64), 1])",
    # large numbers
    "torch.tensor([2**63, 1.0])", "torch.tensor([2**100, 1.0])", "torch.tensor(-(2**63))",
    "torch.tensor([2**100], dtype=torch.float64)", "torch.tensor(2**63, dtype=torch.float32)",
    "torch.tensor([1e39])", "torch.tensor([float('nan')], dtype=torch.bool)",
    "torch.tensor([2**62 + 1, 0.5], dtype=torch.int64)", "torch.full((2,), float('inf'))",
    "torch.arange(2**60 + 1, 2**60 + 3)",
    # a number that is filled in, or that counts
    "torch.full((), np.bool_(0))", "torch.full((), np.float64(2))", "torch.full((), np.int32(2))",
    "torch.full((2,), torch.tensor(3.5, dtype=torch.float64))",
    "torch.full((2,), -3.7, dtype=torch.int64)", "torch.full((2,), 0.5, dtype=torch.bool)",
    "torch.arange(np.bool_(1))", "torch.arange(True)", "torch.arange(np.float64(3))",
    "torch.arange(torch.tensor(3.0, dtype=torch.float64))", "torch.arange(torch.tensor(True))",
    "torch.arange(0, 3.5, dtype=torch.int64)", "torch.arange(0.5, 5, 1.5, dtype=torch.int64)",
    "torch.arange(1, 0, -0.1)", "torch.arange(0, 10, 0.7, dtype=torch.float64)",
    "torch.eye(np.int64(2))", "torch.zeros((torch.tensor(2), 3))", "torch.randint(1, size=(2,))",
    "torch.multinomial(torch.full((2,), 1.7e308, dtype=torch.float64), 1) * 0",
    "torch.multinomial(torch.zeros(0, 3), 1)", "torch.randperm(torch.tensor(1))",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:Creating a tensor from a list of numpy.ndarrays")
@pytest.mark.parametrize("code", THE_SAME)
def test_against_torch(torch, code):
    ours = eval(code, {"torch": minigrad, "np": np})
    theirs = eval(code, {"torch": torch, "np": np})
    assert isinstance(ours, minigrad.Tensor)
    assert str(theirs.dtype) == str(ours.dtype)
    assert ours.shape == tuple(theirs.shape)
    assert ours.is_leaf
    assert not ours.requires_grad
    np.testing.assert_array_equal(ours.value, theirs.numpy())
    ours.fill_(1)
    assert ours.numpy().all()


REFUSED = [  # in both
    *[f"torch.tensor({x}, dtype=torch.int64)" for x in ("[1e300]", "-1e19", "nan", "[2, inf]")],
    "torch.tensor(np.float64(1e300), dtype=torch.int64)", "torch.tensor([np.array([1e300])],"
    " dtype=torch.int64)", "torch.tensor(2**63)", "torch.tensor([-1, 2**63])",
    "torch.tensor([2**63], dtype=torch.int64)", "torch.tensor(10**400, dtype=torch.float64)",
    "torch.tensor([torch.tensor([4, 5])])", "torch.tensor([torch.tensor([])])",
    "torch.tensor(None)", "torch.tensor({})", "torch.tensor({1, 2})", "torch.tensor('1')",
    "torch.tensor(['1'], dtype=torch.float32)", "torch.tensor([1, None])", "torch.tensor(object())",
    "torch.tensor(x for x in [1, 2])", "torch.tensor(1.0, dtype=3)",
    "torch.tensor([np.array('a')])",
    *[f"torch.full((2,), {x}, dtype=torch.int64)" for x in ("nan", "inf", "1e300", "2**63")],
    *[f"torch.full((2,), {x})" for x in ("1e39", "2**63", "'a'", "None", "[1]", "np.array(3)")],
    "torch.full_like(torch.tensor([1]), nan)", "torch.full_like(torch.tensor([1.0]), 1e39)",
    "torch.full(2, 1)", "torch.full((2.5,), 1)", "torch.full((True,), 1)", "torch.full('ab', 1)",
    "torch.zeros(2, 'a')", "torch.zeros(None)", "torch.zeros((2,), 3)", "torch.zeros(True)",
    "torch.arange(5, 0)", "torch.arange(0, 5, -1)", "torch.arange(-1)", "torch.arange()",
    "torch.arange(0, inf)", "torch.arange(nan)", "torch.arange(2**63, 2**63 + 2)",
    "torch.arange('a')", "torch.arange(3, dtype=torch.bool)", "torch.arange(np.array([3]))",
    "torch.eye(2.0)", "torch.eye(-1)", "torch.eye(2, 'a')", "torch.eye(True)",
    "torch.randint(0.5, 3, (2,))", "torch.randint(0, 1.0, (2,))", "torch.randint(5, 3, (2,))",
    "torch.randint(0, 2**64, (2,))", "torch.randint(0, 300, (2,), dtype=torch.bool)",
    "torch.randint(0, 1)", "torch.randint('a', (2,))", "torch.randperm(2.5)",
    "torch.randperm(True)",
    "torch.multinomial(torch.tensor([1, 2]), 1)", "torch.multinomial(torch.tensor(1.0), 1)",
    "torch.multinomial(torch.ones(1), 0)", "torch.multinomial(3, 1)",
    "torch.multinomial(torch.ones(1), 1, replacement='a')", "torch.zeros_like(3)",
    "torch.full_like(torch.ones(2), None)", "torch.rand_like(torch.tensor([1]))",
    "torch.from_numpy(3)", "torch.manual_seed('a')", "torch.ones(2, requires_grad='a')",
]  # fmt: skip


@pytest.mark.parametrize("code", REFUSED)
def test_refused_as_by_torch(torch, code):
    names = {"np": np, "nan": inf - inf, "inf": inf}
    with pytest.raises((TypeError, ValueError, RuntimeError, OverflowError, NotImplementedError)):
        eval(code, names | {"torch": torch})
    with pytest.raises((TypeError, ValueError)) as error:
        eval(code, names | {"torch": minigrad})
    assert "\n" not in str(error.value)


# --- what all functions take ---------------------------------------------------------------------

MAKERS = {
    "tensor": lambda **options: minigrad.tensor([1.0, 2.0], **options),
    "zeros": lambda **options: minigrad.zeros(2, 3, **options),
    "ones": lambda **options: minigrad.ones((2, 3), **options),
    "full": lambda **options: minigrad.full((2,), 3.0, **options),
    "arange": lambda **options: minigrad.arange(1.0, 4.0, **options),
    "eye": lambda **options: minigrad.eye(2, **options),
    "rand": lambda **options: minigrad.rand(2, 3, **options),
    "randn": lambda **options: minigrad.randn([2, 3], **options),
    "zeros_like": lambda **options: minigrad.zeros_like(minigrad.ones(2), **options),
    "ones_like": lambda **options: minigrad.ones_like(minigrad.ones(2), **options),
    "full_like": lambda **options: minigrad.full_like(minigrad.ones(2), 7.0, **options),
    "rand_like": lambda **options: minigrad.rand_like(minigrad.ones(2), **options),
    "randn_like": lambda **options: minigrad.randn_like(minigrad.ones(2), **options),
    "randint": lambda **options: minigrad.randint(0, 5, (2, 3), **options),
    "randperm": lambda **options: minigrad.randperm(4, **options),
}
OF_INTS = ("randint", "randperm")
every_maker = pytest.mark.parametrize("name", MAKERS)


@every_maker
def test_dtype(name):
    make = MAKERS[name]
    assert make().dtype == (int64 if name in OF_INTS else float32)
    assert make(dtype=float64).dtype == float64
    assert make(dtype=minigrad.float).dtype == float32
    with pytest.raises(TypeError, match="not float16: convert first"):
        make(dtype=np.float16)


@every_maker
def test_device(name):
    for device in ("cpu", "cpu:0", minigrad.device("cpu"), None):
        assert MAKERS[name](device=device).device == minigrad.device("cpu")
    for device in ("cuda", minigrad.device("cuda:1")):
        with pytest.raises(ValueError, match=r'cuda.*"cpu" only'):
            MAKERS[name](device=device)


@every_maker
def test_requires_grad(name):
    if name == "randperm":
        return
    assert not MAKERS[name]().requires_grad
    made = MAKERS[name](dtype=float32, requires_grad=True)
    assert made.requires_grad
    assert made.is_leaf
    (made * 2).sum().backward()
    np.testing.assert_array_equal(made.grad.value, np.full(made.shape, 2))
    with pytest.raises((RuntimeError, TypeError), match=r"floats.* int64"):
        MAKERS[name](dtype=int64, requires_grad=True)


def test_options_that_mean_nothing_here():
    for name in MAKERS:
        options = {"layout": minigrad.strided, "pin_memory": False}
        options |= {"memory_format": minigrad.preserve_format}
        assert MAKERS[name](**options).dtype == MAKERS[name]().dtype
        with pytest.raises(RuntimeError, match="pin_memory"):
            MAKERS[name](pin_memory=True)
        with pytest.raises(TypeError, match="no argument color="):
            MAKERS[name](color="red")


# --- data ----------------------------------------------------------------------------------------


def test_tensor_copies_and_from_numpy_shares():
    array = np.array([1.0, 2.0])
    copied, shared = minigrad.tensor(array), minigrad.from_numpy(array)
    array[0] = 5
    assert copied.tolist() == [1, 2]
    assert shared.tolist() == [5, 2]
    shared[1] = 7
    assert array.tolist() == [5, 7]


def test_tensor_of_a_tensor_has_no_history():
    x = minigrad.ones(2, requires_grad=True)
    y = minigrad.tensor(x * 2)
    assert y.is_leaf
    assert not y.requires_grad
    assert y.tolist() == [2, 2]


ERRORS = {
    "ragged": (
        lambda: minigrad.tensor([[1], [2, 3]]), ValueError, "not a rectangular array of numbers",
    ),
    "ragged deeper": (
        lambda: minigrad.tensor([[[1], 2]]), ValueError, "not a rectangular array of numbers",
    ),
    "uint16": (lambda: minigrad.tensor(np.array([1], np.uint16)), TypeError, "not uint16"),
    "float16": (lambda: minigrad.tensor(np.array([1], np.float16)), TypeError, "not float16"),
    "complex": (lambda: minigrad.tensor([1j]), TypeError, "not complex 1j"),
    "string": (lambda: minigrad.tensor("abc"), TypeError, "not str 'abc'"),
    "None": (lambda: minigrad.tensor(None), TypeError, "numbers or lists of them, not None$"),
    "from_numpy uint16": (
        lambda: minigrad.from_numpy(np.ones(1, np.uint16)), TypeError, "not uint16",
    ),
    "from_numpy of a list": (lambda: minigrad.from_numpy([1]), TypeError, "list"),
    "negative size": (lambda: minigrad.zeros(-1), ValueError, "negative"),
    "float size": (lambda: minigrad.zeros(2.5), TypeError, "float"),
    "randint of an empty range": (lambda: minigrad.randint(3, 3, (2,)), ValueError, "low"),
    "rand of ints": (lambda: minigrad.rand(2, dtype=int64), TypeError, "int64"),
    "randn of ints": (lambda: minigrad.randn(2, dtype=int64), TypeError, "int64"),
    "arange with a step of 0": (lambda: minigrad.arange(0, 5, 0), ValueError, "step"),
    "randperm of a negative number": (lambda: minigrad.randperm(-1), ValueError, "-1"),
    "multinomial negative": (
        lambda: minigrad.multinomial(minigrad.tensor([-1.0, 1]), 1), ValueError, "none negative",
    ),
    "multinomial zero": (
        lambda: minigrad.multinomial(minigrad.zeros(2), 1), ValueError, "not all 0",
    ),
    "multinomial zero row": (
        lambda: minigrad.multinomial(minigrad.tensor([[1.0, 1], [0, 0]]), 1), ValueError,
        "not all 0",
    ),
    "multinomial inf": (
        lambda: minigrad.multinomial(minigrad.tensor([1.0, inf]), 1), ValueError, "finite",
    ),
    "multinomial nan": (
        lambda: minigrad.multinomial(minigrad.tensor([1.0, inf - inf]), 1), ValueError, "finite",
    ),
    "multinomial too many": (
        lambda: minigrad.multinomial(minigrad.ones(2), 3), ValueError, "fewer than 3",
    ),
    "multinomial 3-D": (
        lambda: minigrad.multinomial(minigrad.ones(2, 2, 2), 1), ValueError, r"dim|\(2, 2, 2\)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_what_is_wrong(case):
    expression, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        expression()


# --- random numbers ------------------------------------------------------------------------------


def _random_tensors():
    weights = minigrad.ones(5)
    return [
        minigrad.rand(3),
        minigrad.randn(2, 2),
        minigrad.randint(0, 100, (4,)),
        minigrad.randperm(6),
        minigrad.multinomial(weights, 3),
        minigrad.rand_like(weights),
        minigrad.randn_like(weights),
        minigrad.nn.functional.dropout(weights),
    ]


def test_a_seed_gives_the_same_numbers():
    minigrad.manual_seed(3)
    first, second = _random_tensors(), _random_tensors()
    minigrad.manual_seed(3)
    again = _random_tensors()
    minigrad.manual_seed(4)
    other = _random_tensors()
    assert all(minigrad.equal(x, y) for x, y in zip(first, again, strict=True))
    assert not minigrad.equal(first[0], second[0])
    assert not minigrad.equal(first[0], other[0])


def test_numpys_own_generator_is_left_alone():
    np.random.seed(0)
    expected = np.random.rand()
    np.random.seed(0)
    _random_tensors()
    assert np.random.rand() == expected


def test_rand_is_uniform():
    x = minigrad.rand(20_000, dtype=float64).value
    assert x.min() >= 0
    assert x.max() < 1
    np.testing.assert_allclose([x.mean(), x.var()], [1 / 2, 1 / 12], atol=0.01)
    np.testing.assert_allclose(np.histogram(x, 10, (0, 1))[0], 2_000, atol=200)


class Largest:
    """A generator that draws the largest number below 1."""

    def random(self, shape):
        return np.full(shape, np.nextafter(1, 0))


@pytest.mark.parametrize("dtype", [float32, float64])
def test_what_is_uniform_stays_below_its_end(monkeypatch, dtype):
    """As float32, the largest float64 below 1 is 1."""
    monkeypatch.setattr("minigrad.creation._Random.generator", Largest())
    assert minigrad.rand(3, dtype=dtype).value.max() < 1
    assert minigrad.rand_like(minigrad.ones((), dtype=dtype)).item() < 1
    for a, b in [(0, 1), (1, 2), (-3, 5), (-1e6, -1e6 + 1), (0, 1e-40)]:
        x = minigrad.nn.init.uniform_(minigrad.zeros(3, dtype=dtype), a, b)
        assert (x.value < x.dtype.type(b)).all()
        assert (x.value >= x.dtype.type(a)).all()


def test_randn_is_normal():
    x = minigrad.randn(20_000, dtype=float64).value
    np.testing.assert_allclose(
        [x.mean(), x.var(), (x**3).mean(), (x**4).mean()], [0, 1, 0, 3], atol=0.15
    )
    np.testing.assert_allclose([(x < -1).mean(), (x < 1).mean()], [0.1587, 0.8413], atol=0.01)


def test_randint_includes_low_and_excludes_high():
    x = minigrad.randint(-2, 3, (2_000,))
    values, counts = np.unique(x.value, return_counts=True)
    assert values.tolist() == [-2, -1, 0, 1, 2]
    np.testing.assert_allclose(counts, 400, atol=90)
    assert set(minigrad.randint(2, (100,)).tolist()) == {0, 1}


def test_randperm_has_each_number_once():
    x = minigrad.randperm(50)
    assert sorted(x.tolist()) == list(range(50))
    assert x.tolist() != list(range(50))


def test_multinomial_draws_by_weight():
    weights = minigrad.tensor([[1.0, 0.0, 3.0], [5.0, 5.0, 0.0]])
    drawn = minigrad.multinomial(weights, 4_000, replacement=True)
    assert drawn.shape == (2, 4_000)
    assert drawn.dtype == int64
    shares = [np.bincount(row, minlength=3) / 4_000 for row in drawn.value]
    np.testing.assert_allclose(shares, [[0.25, 0, 0.75], [0.5, 0.5, 0]], atol=0.03)


def test_multinomial_without_replacement_draws_each_once():
    firsts = []
    for _ in range(300):
        drawn = minigrad.multinomial(minigrad.tensor([1.0, 2.0, 0.0, 7.0]), 3).tolist()
        assert sorted(drawn) == [0, 1, 3]
        firsts.append(drawn[0])
    np.testing.assert_allclose(np.bincount(firsts) / 300, [0.1, 0.2, 0, 0.7], atol=0.08)

"""Printing: to the character as PyTorch prints tensors."""

import numpy as np
import pytest

import minigrad
from minigrad import nn, printing, set_printoptions

DTYPES = ("float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool")
ODD = (np.nan, np.inf, -np.inf, 0, -0.0, 1e-320, 5e-5, 1e8, 1.0001e8)


@pytest.fixture(autouse=True)
def as_before(request):
    yield
    set_printoptions(profile="default")


KNOWN = {
    "()": ("2.5", "tensor(2.5000)"),
    "ints": ("[1, -20]", "tensor([  1, -20])"),
    "whole floats": ("[1.0, 20.0]", "tensor([ 1., 20.])"),
    "floats": ("[1.0, 2.5]", "tensor([1.0000, 2.5000])"),
    "not finite": (
        "[1.0, float('nan'), float('-inf')]", "tensor([1., nan, -inf])",
    ),
    "scientific": ("[1e-5, 1.0]", "tensor([1.0000e-05, 1.0000e+00])"),
    "large": ("[123456789.0]", "tensor([1.2346e+08])"),
    "bools": ("[True, False]", "tensor([ True, False])"),
    "empty": ("[[], []]", "tensor([], size=(2, 0))"),
    "many": ("range(2000)", "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
    "rows": ("[[1, 2], [3, 4]]", "tensor([[1, 2],\n        [3, 4]])"),
    "matrices": ("[[[1]], [[2]]]", "tensor([[[1]],\n\n        [[2]]])"),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_known_texts(name):
    data, text = KNOWN[name]
    assert repr(minigrad.tensor(eval(data))) == str(minigrad.tensor(eval(data))) == text


def test_what_the_numbers_do_not_say():
    x = minigrad.ones(2, requires_grad=True)
    assert repr(x) == "tensor([1., 1.], requires_grad=True)"
    assert repr(x.double().detach()) == "tensor([1., 1.], dtype=torch.float64)"
    assert repr(x * 2) == "tensor([2., 2.], grad_fn=<MulBackward0>)"
    assert repr(nn.Parameter(x)) == f"Parameter containing:\n{x!r}"
    assert repr(minigrad.ones(2).byte()) == "tensor([1, 1], dtype=torch.uint8)"
    assert repr(minigrad.zeros(0, dtype=minigrad.int64)) == "tensor([], dtype=torch.int64)"

    class Named(minigrad.Tensor):
        __slots__ = ()

    assert repr(Named(np.ones(2, np.float32))) == "Named([1., 1.])"


def test_a_note_goes_to_the_next_line_if_the_line_gets_too_long():
    x = minigrad.full((8,), 1000.0, requires_grad=True)
    assert repr(x + 0.5) == (
        "tensor([1000.5000, 1000.5000, 1000.5000, 1000.5000, 1000.5000, 1000.5000,\n"
        "        1000.5000, 1000.5000], grad_fn=<AddBackward0>)"
    )
    set_printoptions(linewidth=30)
    assert repr(x * 1).endswith(",\n       grad_fn=<MulBackward0>)")


def test_options():
    x = minigrad.tensor([0.123456, 12.5])
    set_printoptions(precision=2)
    assert repr(x) == "tensor([ 0.12, 12.50])"
    set_printoptions(sci_mode=True)
    assert repr(x) == "tensor([1.23e-01, 1.25e+01])"
    set_printoptions(profile="default", threshold=3, edgeitems=1)
    assert repr(minigrad.arange(5)) == "tensor([0,  ..., 4])"
    assert printing.options.sci_mode is None
    set_printoptions(profile="full")
    assert "..." not in repr(minigrad.arange(1500))
    set_printoptions(profile="short")
    assert repr(x) == "tensor([ 0.12, 12.50])"
    with pytest.raises(ValueError, match="default, short or full, not 'long'"):
        set_printoptions(profile="long")


def _drawn(rng, dtype, shape):
    """Random numbers of a dtype, of all magnitudes, some of them odd."""
    size, kind = int(np.prod(shape)), rng.integers(8)
    if dtype == "bool":
        return (rng.random(size) < 0.5).reshape(shape)
    if not dtype.startswith("float"):
        limits = np.iinfo(dtype)
        few = rng.integers(0, 10, size).astype(dtype)
        wide = rng.integers(limits.min, limits.max, size, dtype=dtype)
        return (few if kind < 4 else wide).reshape(shape)
    numbers = rng.standard_normal(size)
    if kind < 2:
        numbers = numbers * 10.0 ** rng.integers(-9, 9)
    elif kind == 2:
        numbers = numbers * 10.0 ** rng.integers(-5, 5, size)
    elif kind < 5:
        numbers = np.round(numbers * 10.0 ** rng.integers(0, 10))
    odd = rng.random(size) < rng.choice([0, 0, 0.3, 1])
    numbers[odd] = rng.choice(ODD, odd.sum())
    return numbers.astype(dtype).reshape(shape)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("seed", range(4))
def test_random_tensors_print_as_in_torch(torch, seed):
    rng = np.random.default_rng(seed)
    for trial in range(100):
        options = {"profile": str(rng.choice(["default", "short", "full"]))}
        if trial % 5 == 0:
            options = {
                "precision": int(rng.integers(0, 8)), "threshold": int(rng.choice([0, 9, 1000])),
                "edgeitems": int(rng.integers(0, 5)), "linewidth": int(rng.choice([20, 60, 120])),
                "sci_mode": [None, True, False][rng.integers(3)],
            }  # fmt: skip
        sizes = [0, 1, 2, 3, 4, 5, 6, 7, 12]
        shape = tuple(map(int, rng.choice(sizes, rng.integers(0, 5), p=[0.04, *[0.12] * 8])))
        shape = (int(rng.choice([999, 1000, 1001])),) if trial % 30 == 0 else shape
        dtype = str(rng.choice(DTYPES))
        array, wraps = _drawn(rng, dtype, shape), rng.random() < 0.3
        texts = []
        for library, change in ((minigrad, set_printoptions), (torch, torch.set_printoptions)):
            change(**options)
            x = library.tensor(array, requires_grad=bool(wraps) and dtype.startswith("float"))
            texts.append(repr(x * 1) if trial % 2 else repr(x))
            library.set_printoptions(profile="default")
        assert texts[0] == texts[1], (options, dtype, shape)

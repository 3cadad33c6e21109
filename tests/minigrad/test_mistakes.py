"""Public names of creation, nn and optim with odd arguments: each works, or says what is wrong."""

import re

import numpy as np
import pytest

import minigrad
from minigrad import nn, optim
from minigrad.nn import functional as F
from minigrad.nn import init

ODD = {
    "int": 3, "a negative int": -1, "float": 2.5, "nan": float("nan"), "None": None, "text": "abc",
    "list": [1.0, 2.0], "dict": {}, "type": object, "array": np.ones(2),
    "ints": minigrad.tensor([1, 2]), "bools": minigrad.tensor([True]),
    "a number": minigrad.tensor(1.5), "floats": minigrad.ones(5),
    "large": minigrad.ones(2, 3, 4, 5),
}  # fmt: skip


def x():
    return minigrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def p():
    return nn.Parameter(x())


def ids():
    return minigrad.tensor([0, 1])


CALLS = {  # a function, and its right arguments
    "tensor": (lambda data, dtype: minigrad.tensor(data, dtype=dtype), [[1.0], None]),
    "a list": (lambda data: minigrad.tensor([data, 1]), [1.0]),
    "from_numpy": (minigrad.from_numpy, [np.ones(2)]),
    "full": (minigrad.full, [(2,), 1.0]),
    **{
        name: (getattr(minigrad, name), [2, 3])
        for name in ("zeros", "ones", "rand", "randn", "eye", "arange")
    },
    "arange by steps": (minigrad.arange, [0, 3, 2]),
    "a dtype": (lambda dtype: minigrad.zeros(2, dtype=dtype), [minigrad.float64]),
    "requires_grad": (lambda on: minigrad.zeros(2, requires_grad=on), [True]),
    "randint": (minigrad.randint, [0, 3, (2,)]),
    "randperm": (minigrad.randperm, [3]),
    "multinomial": (minigrad.multinomial, [minigrad.ones(3), 2, True]),
    "manual_seed": (minigrad.manual_seed, [3]),
    "full_like": (minigrad.full_like, [x(), 1.0]),
    **{
        name: (getattr(minigrad, name), [x()])
        for name in ("zeros_like", "ones_like", "rand_like", "randn_like")
    },
    "linear": (F.linear, [x(), minigrad.ones(4, 3), minigrad.ones(4)]),
    "dropout": (F.dropout, [x(), 0.5, True]),
    "layer_norm": (F.layer_norm, [x(), (3,), minigrad.ones(3), minigrad.ones(3), 1e-5]),
    "one_hot": (F.one_hot, [ids(), 3]),
    "nll_loss": (
        lambda x, t, i, r: F.nll_loss(x, t, ignore_index=i, reduction=r), [x(), ids(), -100, "sum"],
    ),
    "cross_entropy": (
        lambda x, t, i, r: F.cross_entropy(x, t, ignore_index=i, reduction=r),
        [x(), ids(), -100, "mean"],
    ),
    "mse_loss": (lambda x, y, r: F.mse_loss(x, y, reduction=r), [x(), x(), "mean"]),
    "embedding": (lambda i, w, p: F.embedding(i, w, padding_idx=p), [ids(), x(), 0]),
    "attention": (
        F.scaled_dot_product_attention, [x(), x(), x(), minigrad.ones(2, 2), 0.1, False, 0.5],
    ),
    **{name: (getattr(F, name), [x()]) for name in ("relu", "sigmoid", "tanh")},
    "Linear": (nn.Linear, [3, 4, True]),
    "Embedding": (nn.Embedding, [3, 4, 0]),
    "LayerNorm": (nn.LayerNorm, [3, 1e-5]),
    "Dropout": (nn.Dropout, [0.5]),
    **{
        f"calling {layer}": (layer, [given])
        for layer, given in [
            (nn.Linear(3, 4), x()), (nn.Embedding(3, 4), ids()), (nn.LayerNorm(3), x()),
            (nn.Dropout(0.5), x()), (nn.ReLU(), x()), (nn.Tanh(), x()), (nn.Sigmoid(), x()),
        ]
    },
    "Sequential": (nn.Sequential, [nn.ReLU()]),
    "a part of Sequential": (lambda i: nn.Sequential(nn.ReLU(), nn.Tanh())[i], [0]),
    "ModuleList": (nn.ModuleList, [[nn.ReLU()]]),
    "a part of ModuleList": (lambda i: nn.ModuleList([nn.ReLU()])[i], [0]),
    "append": (lambda module: nn.ModuleList().append(module), [nn.ReLU()]),
    "ModuleDict": (nn.ModuleDict, [{"a": nn.ReLU()}]),
    "a part of ModuleDict": (lambda name: nn.ModuleDict({"a": nn.ReLU()})[name], ["a"]),
    "Parameter": (nn.Parameter, [x(), True]),
    "register_parameter": (lambda n, p: nn.ReLU().register_parameter(n, p), ["w", p()]),
    "register_buffer": (lambda n, b: nn.ReLU().register_buffer(n, b), ["w", x()]),
    "apply": (lambda function: nn.ReLU().apply(function), [lambda module: None]),
    "train": (lambda mode: nn.ReLU().train(mode), [True]),
    "requires_grad_": (lambda on: nn.Linear(3, 2).requires_grad_(on), [True]),
    "uniform_": (init.uniform_, [x(), 0.0, 1.0]),
    "normal_": (init.normal_, [x(), 0.0, 1.0]),
    "constant_": (init.constant_, [x(), 0.5]),
    "zeros_": (init.zeros_, [x()]),
    "ones_": (init.ones_, [x()]),
    "xavier_uniform_": (init.xavier_uniform_, [x(), 1.0]),
    "xavier_normal_": (init.xavier_normal_, [x(), 1.0]),
    "kaiming_uniform_": (init.kaiming_uniform_, [x(), 0.0]),
    "orthogonal_": (init.orthogonal_, [x(), 1.0]),
    "clip_grad_norm_": (nn.utils.clip_grad_norm_, [[p()], 1.0]),
    "SGD": (optim.SGD, [[p()], 0.1, 0.9]),
    "Adam": (optim.Adam, [[p()], 0.1, (0.9, 0.99), 1e-8, 0.1]),
    "AdamW": (optim.AdamW, [[p()], 0.1, (0.9, 0.99), 1e-8, 0.1]),
    "a beta": (lambda beta: optim.Adam([p()], betas=(beta, 0.9)), [0.5]),
    "a group": (lambda group: optim.SGD([p()]).add_param_group(group), [{"params": [p()]}]),
    "parameters of a group": (lambda params: optim.SGD([{"params": params}]), [[p()]]),
    "step": (lambda closure: optim.SGD([p()]).step(closure), [lambda: x()]),
    "a state": (
        lambda state: optim.SGD([p()]).load_state_dict(state),
        [{"state": {}, "param_groups": [{"params": [0]}]}],
    ),
}  # fmt: skip

CASES = [
    pytest.param(name, i, odd, id=f"{name} {i} {odd}")
    for name, (_, right) in CALLS.items()
    for i in range(len(right))
    for odd in ODD
]

# What Python and NumPy say from the depths of a function that did not check.
LEAKS = re.compile(
    r"object has no attribute|not supported between|unsupported operand|not iterable|unhashable"
    r"|not subscriptable|cannot be interpreted|ufunc|can't multiply|can be converted|has no len"
    r"|literal|could not convert|bad operand|must be real|not callable|truth value|__"
    r"|index out of range"
)


@pytest.mark.parametrize("name", CALLS)
def test_right_arguments_are_right(name):
    function, right = CALLS[name]
    function(*right)


@pytest.mark.filterwarnings("ignore:mse_loss")  # shapes that differ, but broadcast
@pytest.mark.parametrize(("name", "i", "odd"), CASES)
def test_an_odd_argument_works_or_is_explained_in_one_line(name, i, odd):
    function, right = CALLS[name]
    given = [*right[:i], ODD[odd], *right[i + 1 :]]
    try:
        function(*given)
    except (TypeError, ValueError, IndexError, KeyError, RuntimeError) as error:
        message = str(error)
        assert message.isprintable()
        assert len(message) < 250
        assert not LEAKS.search(message)

"""PyTorch's own samples of its operators: the same values and gradients here.

The samples are PyTorch's tests' (torch.testing): calls with edge cases that its developers chose.
"""

import contextlib
import warnings
from types import FunctionType

import numpy as np
import pytest

import minigrad

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")  # which torch.testing imports: the extra `samples`
op_db = pytest.importorskip("torch.testing._internal.common_methods_invocations").op_db

# Random ones, whose numbers differ, and those that leave numbers as memory has them.
RANDOM = (
    "bernoulli", "multinomial", "nn.functional.dropout", "nn.functional.dropout1d", "empty_like",
    "nn.functional.dropout2d", "nn.functional.alpha_dropout", "nn.functional.rrelu", "empty",
    "normal", "rand_like", "randint", "randint_like", "randn", "randn_like", "uniform", "new_empty",
    "exponential", "nn.functional.gumbel_softmax", "nn.functional.multi_head_attention_forward",
)  # fmt: skip
# Not built: 16-bit floats, the nuclear norm, bicubic interpolation, normalizing without channels.
# PyTorch's hardsigmoid has a slope of 1/6 in float32.
APART = (
    "norm nuc", "nn.functional.interpolate bicubic", "nn.functional.batch_norm", "bfloat16", "half",
    "nn.functional.batch_norm without_cudnn", "linalg.norm", "linalg.norm subgradients_at_zero",
)  # fmt: skip
ROUNDED = {"nn.functional.hardsigmoid": 1e-7}


class NotHere(Exception):
    """A sample with a complex or a sparse tensor, or of a dtype that minigrad has not."""


def function(op):
    """minigrad's function or method of an operator's name; None if it has none."""
    thing, name = minigrad, op.name
    lambdas = isinstance(op.op, FunctionType) and op.op.__name__ == "<lambda>"
    with contextlib.suppress(AttributeError):
        for part in name.split("."):
            thing = getattr(thing, part)
        if lambdas:  # the arguments in another order: the same with minigrad
            names = op.op.__globals__ | {"torch": minigrad}
            return FunctionType(op.op.__code__, names, closure=op.op.__closure__)
        return thing if callable(thing) else None
    method = getattr(minigrad.ones(1, 1), name, None)
    return getattr(method, "__func__", None)


def converted(x):
    """PyTorch's tensors and dtypes in an argument as minigrad's."""
    if isinstance(x, torch.Tensor):
        if x.is_sparse or x.is_complex():
            raise NotHere
        return minigrad.tensor(x.detach().numpy(), requires_grad=x.requires_grad)
    if isinstance(x, torch.dtype):
        return known_dtype(x)
    if isinstance(x, torch.device):
        return str(x)
    if isinstance(x, torch.memory_format | torch.layout | complex):
        raise NotHere
    if type(x) in (list, tuple):
        return type(x)(map(converted, x))
    return {k: converted(v) for k, v in x.items()} if isinstance(x, dict) else x


def known_dtype(dtype):
    name = str(dtype).removeprefix("torch.")
    if name not in ("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"):
        raise NotHere
    return getattr(minigrad, name)


def tensors(x):
    if isinstance(x, list | tuple):
        return [t for y in x for t in tensors(y)]
    if isinstance(x, dict):
        return tensors(list(x.values()))
    return [x] if hasattr(x, "requires_grad") else []


def outcome(library, function, args, settings):
    """What a call gives, as arrays; and the gradients of its inputs."""
    out = function(*args, **settings)
    out = list(out) if isinstance(out, list | tuple) else [out]
    found = [x.detach().numpy() if hasattr(x, "detach") else x for x in out]
    inputs = [x for x in tensors([args, settings]) if x.requires_grad]
    smooth = [x for x in tensors(out) if x.requires_grad]
    if not (inputs and smooth):
        return found + [x.detach().numpy() * 0 for x in inputs]
    weights = [np.cos(np.arange(x.numel())).reshape(tuple(x.shape)) for x in smooth]
    loss = sum(
        (x * library.tensor(w).to(x.dtype)).sum() for x, w in zip(smooth, weights, strict=True)
    )
    grads = library.autograd.grad(loss, inputs, allow_unused=True)
    pairs = zip(inputs, grads, strict=True)
    return found + [x.detach().numpy() * 0 if g is None else g.detach().numpy() for x, g in pairs]


def samples(op, dtype):
    """The samples of an operator that PyTorch itself can run: (args, settings, outcome)."""
    grad = dtype.is_floating_point and op.supports_autograd
    torch.manual_seed(0)
    for sample in op.sample_inputs("cpu", dtype, requires_grad=grad):
        args, settings = (sample.input, *sample.args), dict(sample.kwargs)
        if settings.get("dropout_p"):  # random
            continue
        with contextlib.suppress(NotHere, RuntimeError):
            ours = converted(args), converted(settings)  # before it is written to
            theirs = outcome(torch, op.op, args, settings)
            if same(theirs, outcome(torch, op.op, args, settings)):  # not random
                yield *ours, theirs


def same(one, other):
    """True if the outcomes of two calls are equal."""
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))


def label(op):
    return f"{op.name} {op.variant_test_name}".strip()


OPS = [op for op in op_db if op.name not in RANDOM and label(op) not in APART and function(op)]


@pytest.mark.parametrize("op", OPS, ids=map(label, OPS))
@np.errstate(all="ignore")
def test_the_samples_of_an_operator(op):
    dtype = torch.float64 if torch.float64 in op.dtypes else torch.int64
    with warnings.catch_warnings(action="ignore"):
        for args, settings, theirs in samples(op, dtype):
            ours = outcome(minigrad, function(op), args, settings)
            assert len(ours) == len(theirs)
            for our, their in zip(ours, theirs, strict=True):
                assert np.shape(our) == np.shape(their)
                assert getattr(our, "dtype", type(our)) == getattr(their, "dtype", type(their))
                np.testing.assert_allclose(our, their, *[ROUNDED.get(op.name, 1e-9)] * 2)

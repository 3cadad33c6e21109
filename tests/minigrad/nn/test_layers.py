import numpy as np
import pytest

import minigrad
from minigrad import nn


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def ids(*shape):
    return np.random.default_rng(0).integers(0, 5, shape)


LAYERS = {
    "linear": (lambda nn: nn.Linear(3, 4), random(5, 3)),
    "linear of a vector": (lambda nn: nn.Linear(3, 4), random(3)),
    "linear of a batch of sequences": (lambda nn: nn.Linear(3, 4), random(2, 5, 3)),
    "linear without bias": (lambda nn: nn.Linear(3, 4, bias=False), random(5, 3)),
    "linear to one": (lambda nn: nn.Linear(3, 1), random(5, 3)),
    "linear of nothing": (lambda nn: nn.Linear(3, 2), random(0, 3)),
    "embedding": (lambda nn: nn.Embedding(5, 3), ids(4, 6)),
    "embedding of one": (lambda nn: nn.Embedding(5, 3), ids()),
    "embedding of nothing": (lambda nn: nn.Embedding(5, 3), ids(0, 2)),
    "embedding with padding": (lambda nn: nn.Embedding(5, 3, padding_idx=0), ids(4, 6)),
    "embedding with padding at the end": (lambda nn: nn.Embedding(5, 3, padding_idx=-1), ids(4, 6)),
    "layer norm": (lambda nn: nn.LayerNorm(4), random(5, 4)),
    "layer norm of a vector": (lambda nn: nn.LayerNorm([4]), random(4)),
    "layer norm of two dims": (lambda nn: nn.LayerNorm((3, 4)), random(2, 3, 4)),
    "layer norm with eps": (lambda nn: nn.LayerNorm(4, eps=0.5), random(2, 3, 4)),
    "layer norm of equal values": (lambda nn: nn.LayerNorm(4), np.ones((2, 4))),
    "tanh": (lambda nn: nn.Tanh(), random(2, 3)),
    "relu": (lambda nn: nn.ReLU(), random(2, 3)),
    "sigmoid": (lambda nn: nn.Sigmoid(), random(2, 3)),
    "dropout in evaluation mode": (lambda nn: nn.Dropout(0.5).eval(), random(2, 3)),
    "dropout with p 0": (lambda nn: nn.Dropout(0.0), random(2, 3)),
    "dropout with p 1": (lambda nn: nn.Dropout(1.0), random(2, 3)),
    "sequential": (
        lambda nn: nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.LayerNorm(4), nn.Linear(4, 2)),
        random(2, 5, 3),
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_values_and_gradients_as_torch(torch, name):
    make, given = LAYERS[name]
    ours, theirs = make(nn), make(torch.nn)
    for i, parameter in enumerate(theirs.parameters()):  # as some start as 0 or 1
        torch.nn.init.normal_(parameter, generator=torch.Generator().manual_seed(i))
    ours.double().load_state_dict({k: v.numpy() for k, v in theirs.double().state_dict().items()})

    results = []
    for framework, layer in ((minigrad, ours), (torch, theirs)):
        x = framework.tensor(given, requires_grad=given.dtype == np.float64)
        y = layer(x)
        weights = framework.tensor(random(*y.shape, seed=9))
        if y.requires_grad:
            (y * weights).sum().backward()
        results.append([y.detach(), x.grad, *[p.grad for p in layer.parameters()]])
    for mine, expected in zip(*results, strict=True):
        if expected is None:
            assert mine is None
        else:
            assert mine.shape == tuple(expected.shape)
            np.testing.assert_allclose(mine.value, expected.numpy(), atol=1e-12)


@pytest.mark.parametrize("name", LAYERS)
def test_float32_stays_float32(name):
    make, given = LAYERS[name]
    x = minigrad.tensor(given)
    assert make(nn)(x if x.dtype == minigrad.int64 else x.float()).dtype == minigrad.float32


# --- initialization


START = {
    "linear": lambda nn: nn.Linear(100, 300).weight,
    "bias": lambda nn: nn.Linear(25, 5000).bias,
    "embedding": lambda nn: nn.Embedding(300, 100).weight,
    "layer norm": lambda nn: nn.LayerNorm(10).weight,
    "layer norm's bias": lambda nn: nn.LayerNorm(10).bias,
}


@pytest.mark.parametrize("name", START)
def test_the_initial_values_are_distributed_as_torchs(torch, name):
    torch.manual_seed(0)
    ours, theirs = START[name](nn).value, START[name](torch.nn).detach().numpy()
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    for statistic in (np.mean, np.std, lambda x: (x**4).mean() ** 0.25):
        np.testing.assert_allclose(statistic(ours), statistic(theirs), rtol=0.03, atol=0.03)


@pytest.mark.parametrize("inputs", [1, 16, 100])
def test_linear_starts_within_its_bound(inputs):
    layer = nn.Linear(inputs, 2000)
    bound = 1 / np.sqrt(inputs)
    for parameter in layer.parameters():
        assert 0.99 * bound < np.abs(parameter.value).max() <= bound * (1 + 1e-6)


@pytest.mark.parametrize("padding_idx", [0, 2, -1])
def test_the_padding_row_starts_and_stays_zero(padding_idx):
    layer = nn.Embedding(5, 3, padding_idx=padding_idx)
    weight = layer.weight.value
    assert not weight[padding_idx].any()
    assert weight.any(axis=1).sum() == 4
    layer(minigrad.arange(5)).sum().backward()
    assert layer.weight.grad.value.any(axis=1).sum() == 4
    assert not layer.weight.grad.value[padding_idx].any()
    assert layer.padding_idx == padding_idx % 5


def test_the_seed_determines_the_initial_values():
    def weights(seed):
        minigrad.manual_seed(seed)
        net = nn.Sequential(nn.Linear(3, 3), nn.Embedding(3, 3))
        return [p.tolist() for p in net.parameters()]

    assert weights(1) == weights(1) != weights(2)


def test_the_embedding_adds_up_the_gradients_of_repeated_words():
    layer = nn.Embedding(3, 2)
    layer(minigrad.tensor([[1, 1], [1, 2]])).sum().backward()
    assert layer.weight.grad.tolist() == [[0, 0], [3, 3], [1, 1]]


# --- dropout


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_expected_value(p):
    layer, x = nn.Dropout(p), minigrad.ones(100_000, requires_grad=True)
    y = layer(x)
    kept = y.value != 0
    np.testing.assert_allclose(kept.mean(), 1 - p, atol=0.01)
    np.testing.assert_allclose(y.value[kept], 1 / (1 - p), rtol=1e-6)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.value, y.value)
    assert (layer(x).value != y.value).any()


def test_dropout_does_nothing_in_evaluation_mode():
    x = minigrad.randn(10)
    layer = nn.Dropout(0.5)
    assert layer.eval()(x).tolist() == x.tolist()
    assert layer.train()(x).tolist() != x.tolist()


# --- mistakes


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Linear(3, 2)(minigrad.ones(4)), ValueError, r"\(4,\) @ \(2, 3\)ᵀ"),
        (lambda: nn.Linear(3, 2)(minigrad.ones(2, 4)), ValueError, r"\(2, 4\) @ \(2, 3\)ᵀ"),
        (lambda: nn.Linear(3, 2)(minigrad.ones(3).double()), TypeError, "float64.*float32"),
        (lambda: nn.Embedding(3, 2)(minigrad.tensor([3])), IndexError, "3"),
        (lambda: nn.Embedding(3, 2)(minigrad.tensor([-1])), IndexError, "-1"),
        (lambda: nn.Embedding(3, 2)(minigrad.ones(1)), TypeError, "int64.*float32"),
        (lambda: nn.Embedding(3, 2, padding_idx=3), ValueError, "padding_idx 3"),
        (lambda: nn.LayerNorm(3)(minigrad.ones(2, 4)), ValueError, r"\(2, 4\).*\(3,\)"),
        (lambda: nn.Dropout(1.5), ValueError, "1.5"),
        (lambda: nn.Dropout(-0.1), ValueError, "-0.1"),
    ],
)
def test_mistakes_are_explained(call, error, message):
    with pytest.raises(error, match=message):
        call()

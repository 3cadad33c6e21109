"""Other layers, and the functions that they apply: beside PyTorch; and alone."""

import copy

import numpy as np
import pytest
from agreement import agree, draw
from room_tables import beside, cases, names, ours

import minigrad
from minigrad import nn
from minigrad.autograd import gradcheck
from minigrad.nn import functional as F

IDS, FLAT = np.array([[0, 2, 2], [3, 2, 0]]), np.array([1, 2, 2, 0, 3, 2])
TABLE_OF_4, OFFSETS = draw(4, 3), np.array([0, 2, 2, 5])

BAGS = [
    (lambda F, w, i, m=mode, s=settings: F.embedding_bag(i, w, mode=m, **s), TABLE_OF_4, IDS)
    for mode in ("mean", "sum", "max")
    for settings in ({}, {"padding_idx": 2})
] + [
    (
        lambda F, w, i, o, m=mode, s=settings: F.embedding_bag(i, w, o, mode=m, **s),
        TABLE_OF_4, FLAT, OFFSETS,
    )
    for mode in ("mean", "sum", "max")
    for settings in ({}, {"include_last_offset": True}, {"padding_idx": -2})
] + [
    (
        lambda F, w, i, p: F.embedding_bag(i, w, mode="sum", per_sample_weights=p),
        TABLE_OF_4, IDS, draw(2, 3),
    ),
    (  # each id twice: otherwise PyTorch divides by the counts of other ids
        lambda F, w, i: F.embedding_bag(i, w, scale_grad_by_freq=True),
        TABLE_OF_4, np.array([[0, 3], [3, 0]]),
    ),
]  # fmt: skip
TABLE = {
    "bilinear": [
        (
            lambda F, x, y, w, b: F.bilinear(x, y, w, b),
            draw(5, 2),
            draw(5, 3),
            draw(4, 2, 3),
            draw(4),
        ),
        (lambda F, x, y, w: F.bilinear(x, y, w), draw(2), draw(3), draw(4, 2, 3)),
        (lambda F, x, y, w: F.bilinear(x, y, w), draw(2, 5, 2), draw(2, 5, 3), draw(1, 2, 3)),
    ],
    "embedding_bag": BAGS,
    "dropout1d": [(lambda F, x: F.dropout1d(x, 0.0), draw(2, 3, 4))],
    "dropout2d": [(lambda F, x: F.dropout2d(x, 0.5, training=False), draw(2, 3, 4, 4))],
    "alpha_dropout": [(lambda F, x: F.alpha_dropout(x), draw(2, 3))],
}  # fmt: skip
OF_FUNCTIONAL = {
    "embedding": [
        (lambda F, w, i: F.embedding(i, w, scale_grad_by_freq=True), TABLE_OF_4, IDS),
        (lambda F, w, i: F.embedding(i, w, 2, scale_grad_by_freq=True), TABLE_OF_4, IDS),
    ],
    "dropout": [(lambda F, x: F.dropout(x * 1, 0.5, False, inplace=True), draw(2, 3))],
}
ALL = TABLE | OF_FUNCTIONAL


def test_every_name_of_the_room_is_in_the_table():
    assert names(F, "more_layers") == set(TABLE)


@pytest.mark.parametrize(("name", "i"), cases(ALL))
def test_beside_torch(torch, name, i):
    rows = ("embedding_bag", "embedding")
    beside(torch, ALL[name][i], order=1 if name in rows else 2)


@pytest.mark.parametrize("name", ["bilinear", "embedding_bag"])
def test_derivatives_against_differences(name):
    for i, example in enumerate(TABLE[name]):
        if name == "bilinear" or i % 3 == 0:
            function, xs = ours(example)
            assert gradcheck(function, xs)


# --- embeddings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("name", ["Embedding", "EmbeddingBag"])
def test_max_norm_shortens_the_rows_that_are_used(torch, name, norm_type):
    results = []
    for library in (minigrad, torch):
        layer = getattr(library.nn, name)(
            4, 3, max_norm=1.0, norm_type=norm_type, _weight=library.tensor(3 * TABLE_OF_4)
        )
        y = layer(library.tensor(IDS))
        (y * y).sum().backward()
        results.append([y.detach(), layer.weight.detach(), layer.weight.grad])
    for our, their in zip(*results, strict=True):
        np.testing.assert_allclose(our.numpy(), their.numpy(), rtol=1e-10)


def test_from_pretrained_shares_the_vectors_and_does_not_train_them(torch):
    for library in (minigrad, torch):
        vectors = library.tensor(TABLE_OF_4)
        layer = library.nn.Embedding.from_pretrained(vectors, padding_idx=0)
        assert not layer.weight.requires_grad
        assert layer.weight.tolist() == vectors.tolist()
        assert layer.padding_idx == 0
        vectors[1, 0] = 5.0
        assert layer.weight[1, 0].item() == 5
        assert library.nn.Embedding.from_pretrained(vectors, freeze=False).weight.requires_grad
        bag = library.nn.EmbeddingBag.from_pretrained(vectors, mode="sum")
        assert bag(library.tensor(IDS)).shape == (2, 3)


def test_ids_of_int32(torch):
    if hasattr(minigrad, "int32"):
        ids = IDS.astype(np.int32)
        agree(torch, lambda lib, w, i: lib.nn.functional.embedding(i, w), TABLE_OF_4, ids, order=1)


# --- dropout --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shape"), [("1d", (50, 40, 3)), ("2d", (50, 40, 2, 2))])
def test_whole_channels_are_dropped(name, shape):
    x = minigrad.ones(*shape, requires_grad=True)
    y = getattr(F, f"dropout{name}")(x, 0.25)
    channels = y.value.reshape(2000, -1)
    assert (channels == channels[:, :1]).all()
    kept = channels[:, 0] != 0
    assert kept.mean() == pytest.approx(0.75, abs=0.05)
    np.testing.assert_allclose(channels[kept], 4 / 3, rtol=1e-6)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.value, y.value)


def test_alpha_dropout_keeps_mean_and_variance():
    x = minigrad.randn(200_000, dtype=minigrad.float64)
    y = F.alpha_dropout(x, 0.3, training=True)
    assert y.value.mean() == pytest.approx(0, abs=0.02)
    assert y.value.var() == pytest.approx(1, abs=0.03)
    assert (y.value != x.value).all()


def test_dropout_in_place():
    x = minigrad.ones(100) * 1
    assert nn.Dropout(0.5, inplace=True)(x) is x
    assert set(x.tolist()) == {0, 2}


# --- lazy layers ----------------------------------------------------------------------------------

LAZY = {
    "LazyLinear": ((4,), (2, 3), "Linear"),
    "LazyConv1d": ((4, 2), (2, 3, 5), "Conv1d"),
    "LazyConv2d": ((4, 2), (2, 3, 5, 5), "Conv2d"),
    "LazyConv3d": ((4, 2), (2, 3, 3, 3, 3), "Conv3d"),
    "LazyConvTranspose1d": ((4, 2), (2, 3, 5), "ConvTranspose1d"),
    "LazyConvTranspose2d": ((4, 2), (2, 3, 5, 5), "ConvTranspose2d"),
    "LazyBatchNorm1d": ((), (2, 3, 5), "BatchNorm1d"),
    "LazyBatchNorm2d": ((), (2, 3, 5, 5), "BatchNorm2d"),
}


def test_every_lazy_layer_is_in_the_table():
    assert names(nn, "lazy") == set(LAZY)


@pytest.mark.filterwarnings("ignore")  # PyTorch's: lazy modules are a new feature
@pytest.mark.parametrize("name", LAZY)
def test_a_lazy_layer_becomes_another_at_its_first_call(torch, name):
    given, shape, kind = LAZY[name]
    layer, theirs = getattr(nn, name)(*given), getattr(torch.nn, name)(*given)
    before = list(layer.parameters())
    assert repr(layer) == repr(theirs)
    y, expected = layer(minigrad.randn(*shape)), theirs(torch.randn(*shape))
    assert y.shape == tuple(expected.shape)
    assert type(layer) is getattr(nn, kind)
    assert repr(layer) == repr(theirs)
    assert [p.shape for p in before] == [tuple(p.shape) for p in theirs.parameters()]
    assert all(a is b for a, b in zip(before, layer.parameters(), strict=True))
    state = {k: v.numpy() for k, v in theirs.state_dict().items()}
    layer.load_state_dict(state)
    x = draw(*shape).astype(np.float32)
    ours, their = layer.eval()(minigrad.tensor(x)), theirs.eval()(torch.tensor(x))
    np.testing.assert_allclose(ours.detach().numpy(), their.detach().numpy(), atol=1e-5)


def test_a_lazy_layer_of_float64_in_a_net_that_is_trained():
    net = nn.Sequential(nn.LazyLinear(5), nn.Tanh(), nn.LazyLinear(1)).double()
    optimizer = minigrad.optim.SGD(net.parameters(), lr=0.1)
    x = minigrad.tensor(draw(8, 3))
    losses = []
    for _ in range(20):
        loss = ((net(x) - 1) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert net[0].weight.dtype == minigrad.float64


# --- lists and dicts of parameters ----------------------------------------------------------------


def test_a_list_of_parameters():
    values = nn.ParameterList([minigrad.ones(2), nn.Parameter(minigrad.zeros(3))])
    values.append(minigrad.ones(1))
    values += [minigrad.ones(4)]
    assert len(values) == 4
    assert [p.shape for p in values] == [(2,), (3,), (1,), (4,)]
    assert values[-1].shape == (4,)
    assert [len(p) for p in values[1:3]] == [3, 1]
    values[0] = minigrad.ones(7)
    assert all(isinstance(p, nn.Parameter) for p in values)
    assert list(values.state_dict()) == ["0", "1", "2", "3"]
    assert values.state_dict()["0"].shape == (7,)
    with pytest.raises(IndexError):
        values[4]
    with pytest.raises(TypeError, match="list of parameters"):
        nn.ParameterList(minigrad.ones(2))


def test_a_dict_of_parameters():
    values = nn.ParameterDict({"b": minigrad.ones(2), "a": minigrad.ones(3)})
    values["c"] = nn.Parameter(minigrad.zeros(1))
    assert list(values) == list(values.keys()) == ["a", "b", "c"]
    assert [name for name, _ in values.named_parameters()] == ["a", "b", "c"]
    assert [p.shape for p in values.values()] == [(3,), (2,), (1,)]
    assert values.pop("a").shape == (3,)
    assert "a" not in values
    assert len(values) == 2
    assert values.get("a") is None
    assert dict(values.items()).keys() == {"b", "c"}
    del values["b"]
    values.update({"d": minigrad.ones(5)})
    assert list(values.state_dict()) == ["c", "d"]
    with pytest.raises(KeyError, match="there are c, d"):
        values["a"]
    values.clear()
    assert not list(values.parameters())


def test_a_module_finds_the_parameters_in_its_lists(torch):
    def net(nn, ones):
        module = nn.Module()
        module.several = nn.ParameterList([ones(2), ones(3)])
        module.named = nn.ParameterDict({"x": ones(1)})
        return module

    ours, theirs = net(nn, minigrad.ones), net(torch.nn, torch.ones)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    assert len(list(copy.deepcopy(ours).parameters())) == 3


# --- mistakes -------------------------------------------------------------------------------------

MISTAKES = {
    "bilinear": (
        lambda: F.bilinear(minigrad.ones(2), minigrad.ones(3), minigrad.ones(1, 3, 3)), ValueError,
        r"\(2,\) and \(3,\)",
    ),
    "mode": (
        lambda: F.embedding_bag(minigrad.tensor([[0]]), minigrad.ones(2, 2), mode="min"),
        ValueError, "'min'",
    ),
    "offsets": (
        lambda: F.embedding_bag(minigrad.tensor([0]), minigrad.ones(2, 2)), ValueError, "offsets",
    ),
    "weights of a mean": (
        lambda: F.embedding_bag(
            minigrad.tensor([[0]]), minigrad.ones(2, 2), per_sample_weights=minigrad.ones(1, 1)
        ),
        NotImplementedError, "sum",
    ),
    "pretrained": (
        lambda: nn.Embedding.from_pretrained(minigrad.ones(3)), ValueError, r"\(words, d\)",
    ),
    "weight": (
        lambda: nn.Embedding(2, 3, _weight=minigrad.ones(3, 3)), ValueError, r"\(3, 3\).*\(2, 3\)",
    ),
    "dims of dropout": (lambda: F.dropout1d(minigrad.ones(3)), RuntimeError, r"\(N, C, L\)"),
    "unknown setting": (lambda: nn.ELU(beta=3), TypeError, "ELU: .*beta"),
    "channels": (lambda: nn.Conv1d(3, 4, 2, groups=2), ValueError, "2 groups"),
    "padding_mode": (lambda: nn.Conv1d(3, 4, 2, padding_mode="x"), ValueError, "'x'"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained(name):
    call, error, message = MISTAKES[name]
    with pytest.raises(error, match=message):
        call()

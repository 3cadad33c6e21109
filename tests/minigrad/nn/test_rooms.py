"""Each module of nn's rooms with PyTorch's state: outputs, gradients, repr and state_dict agree."""

import copy
import inspect
import pickle

import numpy as np
import pytest
from agreement import draw
from room_tables import names

import minigrad
from minigrad import nn

X, LINE, IMAGE, BLOCK = draw(3, 4), draw(2, 4, 6), draw(2, 4, 6, 6), draw(1, 2, 4, 4, 4)
CLASSES, SIGNS = np.array([2, 0, 3]), np.array([1, -1, 1])
P = np.random.default_rng(0).uniform(0.1, 0.9, (3, 4))
W = np.array([0.5, 2.0, 1.0, 1.5])
KL = np.log(P / P.sum(1, keepdims=True))


def row(make, *inputs):
    """A module, made from nn and a function that makes tensors, and its inputs."""
    return make, inputs


PLAIN = "SiLU Mish SELU Softsign Hardsigmoid Hardswish ReLU6 LogSigmoid Tanhshrink"
ACTIVATIONS = {
    **{name: [row(lambda nn, _, n=name: getattr(nn, n)(), X)] for name in PLAIN.split()},
    **{
        name: [
            row(lambda nn, _, n=name: getattr(nn, n)(), X),
            row(lambda nn, _, n=name, s=settings: getattr(nn, n)(*s), X),
        ]
        for name, settings in [
            ("GELU", ("tanh",)), ("LeakyReLU", (0.2,)), ("ELU", (0.5,)), ("CELU", (0.5,)),
            ("Softplus", (2, 5)), ("Hardtanh", (-0.5, 2.0)), ("Softshrink", (0.3,)),
            ("Hardshrink", (0.3,)), ("PReLU", (4,)), ("GLU", (-1,)),
        ]
    },
    "Softmax": [row(lambda nn, _: nn.Softmax(1), X), row(lambda nn, _: nn.Softmax(dim=-1), LINE)],
    "LogSoftmax": [row(lambda nn, _: nn.LogSoftmax(dim=1), X)],
    "Softmin": [row(lambda nn, _: nn.Softmin(dim=1), X)],
    "Softmax2d": [row(lambda nn, _: nn.Softmax2d(), x) for x in (IMAGE, LINE)],
    "RReLU": [row(lambda nn, _: nn.RReLU().eval(), X)],
    "Threshold": [row(lambda nn, _: nn.Threshold(0.1, 20.0), X)],
}  # fmt: skip
LOSSES = {
    "CrossEntropyLoss": [
        row(lambda nn, _: nn.CrossEntropyLoss(), X, CLASSES),
        row(
            lambda nn, t: nn.CrossEntropyLoss(
                weight=t(W), ignore_index=0, reduction="sum", label_smoothing=0.1
            ),
            X, CLASSES,
        ),
        row(lambda nn, _: nn.CrossEntropyLoss(), X, P),
    ],
    "NLLLoss": [row(lambda nn, t: nn.NLLLoss(t(W), reduction="none"), KL, CLASSES)],
    "MSELoss": [row(lambda nn, _: nn.MSELoss(), X, P)],
    "L1Loss": [row(lambda nn, _: nn.L1Loss(reduction="sum"), X, P)],
    "SmoothL1Loss": [row(lambda nn, _: nn.SmoothL1Loss(beta=0.5), X, P)],
    "HuberLoss": [row(lambda nn, _: nn.HuberLoss("sum", 0.5), X, P)],
    "BCELoss": [row(lambda nn, t: nn.BCELoss(t(W)), P, 1 - P)],
    "BCEWithLogitsLoss": [
        row(lambda nn, _: nn.BCEWithLogitsLoss(), X, P),
        row(lambda nn, t: nn.BCEWithLogitsLoss(pos_weight=t(W)), X, P),
    ],
    "KLDivLoss": [row(lambda nn, _: nn.KLDivLoss(reduction="batchmean"), KL, P)],
    "CosineEmbeddingLoss": [row(lambda nn, _: nn.CosineEmbeddingLoss(0.1), X, P, SIGNS)],
    "MarginRankingLoss": [row(lambda nn, _: nn.MarginRankingLoss(0.1), X[:, 0], P[:, 0], SIGNS)],
    "HingeEmbeddingLoss": [row(lambda nn, _: nn.HingeEmbeddingLoss(), X[:, 0], SIGNS)],
    "TripletMarginLoss": [row(lambda nn, _: nn.TripletMarginLoss(p=1), X, P, -X)],
    "SoftMarginLoss": [row(lambda nn, _: nn.SoftMarginLoss(), X[:, 0], SIGNS)],
    "MultiMarginLoss": [row(lambda nn, t: nn.MultiMarginLoss(weight=t(W)), X, CLASSES)],
    "MultiLabelSoftMarginLoss": [row(lambda nn, _: nn.MultiLabelSoftMarginLoss(), X, P)],
    "PoissonNLLLoss": [row(lambda nn, _: nn.PoissonNLLLoss(full=True), X, 5 * P)],
    "GaussianNLLLoss": [row(lambda nn, _: nn.GaussianNLLLoss(full=True), X, P, 1 + P)],
}  # fmt: skip
LAYERS = {
    "Identity": [row(lambda nn, _: nn.Identity(3, a=1), X)],
    "Flatten": [row(lambda nn, _: nn.Flatten(), IMAGE), row(lambda nn, _: nn.Flatten(0, 1), LINE)],
    "Unflatten": [row(lambda nn, _: nn.Unflatten(1, (2, -1)), LINE)],
    "Bilinear": [row(lambda nn, _: nn.Bilinear(4, 4, 2), X, P)],
    "EmbeddingBag": [
        row(lambda nn, _: nn.EmbeddingBag(5, 3, mode="sum", padding_idx=0), CLASSES[None])
    ],
    "Dropout1d": [row(lambda nn, _: nn.Dropout1d(0.2).eval(), LINE)],
    "Dropout2d": [row(lambda nn, _: nn.Dropout2d(0.2).eval(), IMAGE)],
    "AlphaDropout": [row(lambda nn, _: nn.AlphaDropout(0.2).eval(), X)],
    "CosineSimilarity": [row(lambda nn, _: nn.CosineSimilarity(), X, P)],
    "PairwiseDistance": [row(lambda nn, _: nn.PairwiseDistance(1, keepdim=True), X, P)],
    "BatchNorm1d": [
        row(lambda nn, _: nn.BatchNorm1d(4), X),
        row(lambda nn, _: nn.BatchNorm1d(4, affine=False).eval(), LINE),
        row(lambda nn, _: nn.BatchNorm1d(4, bias=False, track_running_stats=False), LINE),
    ],
    "BatchNorm2d": [row(lambda nn, _: nn.BatchNorm2d(4, momentum=None), IMAGE)],
    "BatchNorm3d": [row(lambda nn, _: nn.BatchNorm3d(2), BLOCK)],
    "GroupNorm": [
        row(lambda nn, _: nn.GroupNorm(2, 4), IMAGE),
        row(lambda nn, _: nn.GroupNorm(1, 4, affine=False), X),
    ],
    "InstanceNorm1d": [
        row(lambda nn, _: nn.InstanceNorm1d(4), LINE),
        row(lambda nn, _: nn.InstanceNorm1d(4, affine=True), LINE[0]),
    ],
    "InstanceNorm2d": [row(lambda nn, _: nn.InstanceNorm2d(4, affine=True), IMAGE)],
    "RMSNorm": [
        row(lambda nn, _: nn.RMSNorm(4), X),
        row(lambda nn, _: nn.RMSNorm((4, 6), eps=0.1, elementwise_affine=False), LINE),
    ],
}
IMAGES = {
    "Conv1d": [
        row(lambda nn, _: nn.Conv1d(4, 2, 3), LINE),
        row(lambda nn, _: nn.Conv1d(4, 2, 3, padding="same", padding_mode="circular"), LINE),
        row(lambda nn, _: nn.Conv1d(4, 4, 2, 2, 1, 2, groups=4, bias=False), LINE),
    ],
    "Conv2d": [
        row(lambda nn, _: nn.Conv2d(4, 2, (3, 2), padding=1, stride=2), IMAGE),
        row(lambda nn, _: nn.Conv2d(4, 2, 3, padding=(2, 1), padding_mode="reflect"), IMAGE),
    ],
    "Conv3d": [row(lambda nn, _: nn.Conv3d(2, 3, 2), BLOCK)],
    "ConvTranspose1d": [row(lambda nn, _: nn.ConvTranspose1d(4, 2, 3, 2, 1, 1), LINE)],
    "ConvTranspose2d": [row(lambda nn, _: nn.ConvTranspose2d(4, 2, 3, groups=2), IMAGE)],
    "ConvTranspose3d": [row(lambda nn, _: nn.ConvTranspose3d(2, 1, 2, bias=False), BLOCK)],
    **{
        f"{kind}Pool{n}d": [
            row(lambda nn, _, k=kind, n=n: getattr(nn, f"{k}Pool{n}d")(2), x),
            row(lambda nn, _, k=kind, n=n: getattr(nn, f"{k}Pool{n}d")(3, 1, padding=1), x),
        ]
        for kind in ("Max", "Avg")
        for n, x in enumerate((LINE, IMAGE, BLOCK), 1)
    },
    **{
        f"Adaptive{kind}Pool{n}d": [
            row(lambda nn, _, k=kind, n=n: getattr(nn, f"Adaptive{k}Pool{n}d")(3), x)
        ]
        for kind in ("Max", "Avg")
        for n, x in enumerate((LINE, IMAGE, BLOCK), 1)
    },
    **{
        f"{kind}Pad{n}d": [
            row(lambda nn, _, k=kind, n=n, w=widths, v=value: getattr(nn, f"{k}Pad{n}d")(w, *v), x)
            for widths in (2, (1, 0, 0, 2)[: 2 * n])
        ]
        for kind, value in [
            ("Zero", ()), ("Constant", (3.5,)), ("Reflection", ()), ("Replication", ()),
            ("Circular", ()),
        ]
        for n, x in [(1, LINE), (2, IMAGE)]
    },
    "Unfold": [row(lambda nn, _: nn.Unfold(2, padding=1, stride=2), IMAGE)],
    "Fold": [row(lambda nn, _: nn.Fold((3, 4), 2), draw(2, 8, 6))],
    "Upsample": [
        row(lambda nn, _: nn.Upsample(scale_factor=2), IMAGE),
        row(lambda nn, _: nn.Upsample((4, 5), mode="bilinear", align_corners=True), IMAGE),
    ],
    "PixelShuffle": [row(lambda nn, _: nn.PixelShuffle(2), IMAGE)],
    "PixelUnshuffle": [row(lambda nn, _: nn.PixelUnshuffle(2), IMAGE)],
}  # fmt: skip
LAYERS_OF_THE_COURSE = {
    "Linear": [row(lambda nn, t: nn.Linear(4, 2, bias=False, dtype=t(W).dtype), X)],
    "Embedding": [
        row(lambda nn, _: nn.Embedding(5, 3, 1, scale_grad_by_freq=True), CLASSES),
        row(lambda nn, _: nn.Embedding(5, 3, max_norm=1.0, norm_type=1.0), CLASSES),
    ],
    "LayerNorm": [
        row(lambda nn, _: nn.LayerNorm(4, elementwise_affine=False), X),
        row(lambda nn, _: nn.LayerNorm((4, 6), bias=False), LINE),
    ],
    "Dropout": [row(lambda nn, _: nn.Dropout(0.5, inplace=True).eval(), X)],
    "ReLU": [row(lambda nn, _: nn.ReLU(), X)],
}
ROOMS = ACTIVATIONS | LOSSES | LAYERS | IMAGES
ALL = ROOMS | LAYERS_OF_THE_COURSE
CASES = [(name, i) for name, rows in ALL.items() for i in range(len(rows))]


def test_every_module_of_the_rooms_is_in_the_table():
    rooms = (
        "activation_modules", "loss_modules", "more_layers", "distances", "normalization_modules",
        "convolution_modules", "pooling_modules", "padding", "folding",
    )  # fmt: skip
    assert names(nn, *rooms) == set(ROOMS)
    assert names(nn, "parameters") == {"ParameterList", "ParameterDict"}  # see test_more_layers


def made(library, name, i):
    make, _ = ALL[name][i]
    return make(library.nn, library.tensor).double()


@pytest.mark.filterwarnings("ignore")  # PyTorch's, of its own plans
@pytest.mark.parametrize(("name", "i"), CASES)
def test_outputs_and_gradients_with_torchs_state(torch, name, i):
    ours, theirs = made(minigrad, name, i), made(torch, name, i)
    torch.manual_seed(0)
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter)
    state = {key: value.numpy().copy() for key, value in theirs.state_dict().items()}
    assert [k for k, v in ours.state_dict().items()] == list(state)
    ours.load_state_dict(state)
    results = []
    for library, module in ((minigrad, ours), (torch, theirs)):
        given = ALL[name][i][1]
        xs = [library.tensor(x, requires_grad=x.dtype.kind == "f") for x in given]
        y = module(*[x * 1 if x.requires_grad else x for x in xs])
        weights = library.tensor(np.asarray(draw(*y.shape)))
        (y * weights).sum().backward()
        found = [y.detach(), *[x.grad for x in xs], *[p.grad for p in module.parameters()]]
        results.append([None if g is None else g.numpy() for g in found])
    for our, their in zip(*results, strict=True):
        assert (our is None) == (their is None)
        if our is not None:
            assert our.shape == their.shape
            np.testing.assert_allclose(our, their, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(("name", "i"), CASES)
def test_repr_as_torch(torch, name, i):
    assert repr(made(minigrad, name, i)) == repr(made(torch, name, i))


@pytest.mark.parametrize(("name", "i"), CASES)
def test_copied_and_pickled(name, i):
    module = made(minigrad, name, i)
    for copied in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(copied) == repr(module)
        state = copied.state_dict()
        for key, value in module.state_dict().items():
            np.testing.assert_array_equal(state[key].value, value.value)


DIFFERENT = {  # arguments that only PyTorch has: names from before 2017, and where it has none
    "Hardtanh", "Softmax2d", "Softsign", "LogSigmoid", "Tanhshrink", "GaussianNLLLoss", "Identity",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(ALL) - DIFFERENT))
def test_arguments_as_torchs(torch, name):
    ours, theirs = (inspect.signature(getattr(lib.nn, name)) for lib in (minigrad, torch))
    assert list(ours.parameters) == list(theirs.parameters)
    for our, their in zip(ours.parameters.values(), theirs.parameters.values(), strict=True):
        assert our.default == their.default


FUNCTIONS = [
    name
    for table in (nn.functional.ROOMS,)
    for room, listed in table.items()
    if room not in ("minigrad.nn.transformer",)
    for name in listed.split()
] + [
    "cross_entropy",
    "nll_loss",
    "mse_loss",
    "embedding",
    "dropout",
    "softmax",
    "log_softmax",
    "relu",
    "layer_norm",
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_arguments_of_functions_as_torchs(torch, name):
    theirs = getattr(torch.nn.functional, name)
    try:
        signature = inspect.signature(theirs)
    except ValueError:
        pytest.skip("PyTorch's is written in C")
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in signature.parameters.values()):
        pytest.skip("PyTorch's takes anything")
    ours = inspect.signature(getattr(nn.functional, name))
    assert list(ours.parameters) == list(signature.parameters)
    for our, their in zip(ours.parameters.values(), signature.parameters.values(), strict=True):
        assert our.default == their.default


# --- the initial values ---------------------------------------------------------------------------

START = {
    "Conv1d": lambda nn: nn.Conv1d(20, 100, 5),
    "Conv2d": lambda nn: nn.Conv2d(10, 60, 3, groups=2),
    "ConvTranspose1d": lambda nn: nn.ConvTranspose1d(20, 100, 5),
    "Bilinear": lambda nn: nn.Bilinear(20, 10, 50),
    "EmbeddingBag": lambda nn: nn.EmbeddingBag(100, 50),
    "PReLU": lambda nn: nn.PReLU(3),
    "BatchNorm1d": lambda nn: nn.BatchNorm1d(3),
    "GroupNorm": lambda nn: nn.GroupNorm(1, 3),
    "RMSNorm": lambda nn: nn.RMSNorm(3),
}


@pytest.mark.parametrize("name", START)
def test_the_initial_values_are_distributed_as_torchs(torch, name):
    torch.manual_seed(0)
    ours, theirs = START[name](nn).state_dict(), START[name](torch.nn).state_dict()
    for key, their in theirs.items():
        our, their = ours[key].value.astype(float), their.numpy().astype(float)
        few = 0.03 if their.size > 1000 else 0.3
        np.testing.assert_allclose(our.std(), their.std(), rtol=few, atol=1e-12)
        np.testing.assert_allclose(our.mean(), their.mean(), atol=0.05 + few * their.std())
        if "Conv" in name:
            np.testing.assert_allclose(our.max(), their.max(), rtol=few)


def test_inputs_by_name_and_a_subclass():
    class Weighted(nn.CrossEntropyLoss):
        def __init__(self, factor):
            super().__init__(reduction="none")
            self.factor = factor

        def forward(self, input, target):
            return self.factor * super().forward(input, target).mean()

    x, y = minigrad.tensor(X), minigrad.tensor(CLASSES)
    expected = nn.CrossEntropyLoss()(input=x, target=y).item()
    assert Weighted(2)(x, target=y).item() == pytest.approx(2 * expected)


# --- without PyTorch ------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "i"), CASES)
def test_a_module_trains_in_float32_and_keeps_its_dtype(name, i):
    make, given = ALL[name][i]
    module = make(nn, lambda x: minigrad.tensor(x.astype(np.float32)))
    if any(p.dtype != minigrad.float32 for p in module.parameters()):
        module.float()
    xs = [minigrad.tensor(x.astype(np.float32) if x.dtype.kind == "f" else x) for x in given]
    y = module(*xs)
    assert y.dtype == minigrad.float32
    if parameters := list(module.parameters()):
        y.sum().backward()
        assert all(p.grad is not None and p.grad.shape == p.shape for p in parameters)


def test_a_convolutional_net_learns_to_tell_two_textures():
    minigrad.manual_seed(0)
    rng = np.random.default_rng(0)
    stripes = np.tile([[1.0, -1.0]], (64, 1, 8, 4)) + 0.5 * rng.standard_normal((64, 1, 8, 8))
    images = np.concatenate([stripes[:32], stripes[32:].transpose(0, 1, 3, 2)])
    x, y = minigrad.tensor(images).float(), minigrad.tensor(np.repeat([0, 1], 32))
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.1), nn.Linear(64, 2),
    )  # fmt: skip
    optimizer, criterion = minigrad.optim.Adam(net.parameters(), lr=0.01), nn.CrossEntropyLoss()
    for _ in range(30):
        loss = criterion(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (net.eval()(x).argmax(1) == y).float().mean().item() == 1


@pytest.mark.parametrize("call", [
    lambda x: nn.functional.pixel_shuffle(x, 1), lambda x: nn.functional.pixel_unshuffle(x, 1),
    lambda x: nn.functional.unfold(x, 1), lambda x: nn.functional.fold(x.flatten(2), (2, 2), 1),
    lambda x: nn.functional.pad(x, (0, 0)), lambda x: nn.functional.avg_pool2d(x, 1),
    lambda x: nn.functional.interpolate(x, scale_factor=1),
])  # fmt: skip
def test_what_is_computed_is_no_view(call):
    """Also where nothing changes: a later write to the input does not reach it."""
    x = minigrad.arange(4.0).reshape(1, 1, 2, 2)
    found = call(x).clone().tolist(), call(x)
    x.fill_(7)
    assert found[1].tolist() == found[0]


def test_padding_takes_away_at_most_what_there_is():
    cases = [
        ((1, 2), (-3, 4), "constant"), ((0, 0), (-1, 2), "constant"),
        ((3, 1), (0, -1), "reflect"), ((3, 1), (-1, 0), "replicate"),
    ]  # fmt: skip
    for shape, widths, mode in cases:
        with pytest.raises(RuntimeError, match="takes away more than there is"):
            nn.functional.pad(minigrad.zeros(*shape), widths, mode)
    assert nn.functional.pad(minigrad.zeros(1, 2), (-2, 0)).shape == (1, 0)


@pytest.mark.parametrize("shape", [(2, 0), (0,), (0, 3)])
def test_layer_norm_of_nothing_has_gradients(shape):
    x = minigrad.zeros(*shape, requires_grad=True)
    weight = minigrad.ones(shape[-1], requires_grad=True)
    nn.functional.layer_norm(x, shape[-1:], weight, weight).sum().backward()
    assert x.grad.shape == shape
    assert weight.grad.tolist() == [0.0] * shape[-1]

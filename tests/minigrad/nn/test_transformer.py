"""The Transformer and its layers, beside PyTorch."""

import itertools

import numpy as np
import pytest
from agreement import draw
from beside import agree, agree_in_structure, same, tensors

import minigrad
from minigrad import nn
from minigrad.nn import transformer

pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{says}")  # PyTorch's warnings
    for says in ("enable_nested_tensor", "Support for mismatched", "The PyTorch API of nested")
]
SIZE, HEADS, SOURCE, TARGET, BATCH = 4, 2, 4, 3, 2
SHAPE = {"d_model": SIZE, "nhead": HEADS, "dim_feedforward": 6, "dropout": 0.0}
SMALL = SHAPE | {"num_encoder_layers": 2, "num_decoder_layers": 2}
SETTINGS = [
    {},
    {"norm_first": True, "batch_first": True},
    {"activation": "gelu", "bias": False},
    {"layer_norm_eps": 0.1, "batch_first": True, "bias": False, "norm_first": True},
]
over_the_settings = pytest.mark.parametrize("settings", SETTINGS)
PADDING = np.array([[False, False, True, True], [False, False, False, True]])
CAUSAL = np.triu(np.ones((TARGET, TARGET), bool), 1)
MASKS = {
    "none": {},
    "causal": {"tgt_mask": CAUSAL, "src_mask": np.triu(np.full((SOURCE, SOURCE), -np.inf), 1)},
    "said to be causal": {"tgt_mask": np.where(CAUSAL, -np.inf, 0), "tgt_is_causal": True},
    "padding": {"src_key_padding_mask": PADDING, "memory_key_padding_mask": PADDING},
    "all": {
        "src_mask": draw(SOURCE, SOURCE),
        "tgt_mask": draw(TARGET, TARGET),
        "memory_mask": draw(BATCH * HEADS, TARGET, SOURCE) > 1,
        "src_key_padding_mask": draw(BATCH, SOURCE),
        "tgt_key_padding_mask": draw(BATCH, TARGET),
    },
}


def pair(settings, *lengths):
    """Inputs (length, batch, size); with batch_first (batch, length, size)."""
    xs = [draw(n, BATCH, SIZE, seed=i) for i, n in enumerate(lengths)]
    return [x.swapaxes(0, 1) for x in xs] if settings.get("batch_first") else xs


@pytest.mark.parametrize("masks", MASKS)
@over_the_settings
def test_the_transformer_as_torch(torch, settings, masks):
    def call(library, model, src, tgt):
        return model(src, tgt, **tensors(library, MASKS[masks]))

    modules = same(torch, "Transformer", **SMALL, **settings)
    agree(torch, modules, pair(settings, SOURCE, TARGET), call)


@over_the_settings
def test_the_encoder_layer_as_torch(torch, settings):
    modules = same(torch, "TransformerEncoderLayer", **SHAPE, **settings)
    given = {"src_mask": draw(SOURCE, SOURCE) > 1, "src_key_padding_mask": PADDING}
    xs = pair(settings, SOURCE)
    agree(torch, modules, xs, lambda lib, layer, x: layer(x, **tensors(lib, given)))
    agree(torch, modules, [draw(SOURCE, SIZE)], lambda lib, layer, x: layer(x))


@over_the_settings
def test_the_decoder_layer_as_torch(torch, settings):
    modules = same(torch, "TransformerDecoderLayer", **SHAPE, **settings)
    given = {"tgt_mask": np.where(CAUSAL, -np.inf, 0), "tgt_is_causal": True}
    xs = pair(settings, TARGET, SOURCE)
    agree(torch, modules, xs, lambda lib, layer, *xs: layer(*xs, **tensors(lib, given)))
    alone = [draw(TARGET, SIZE), draw(SOURCE, SIZE)]
    agree(torch, modules, alone, lambda lib, layer, *xs: layer(*xs))


@pytest.mark.parametrize("masks", ["none", "causal", "padding"])
@over_the_settings
def test_evaluation_without_gradients_as_torch(torch, settings, masks):
    """PyTorch takes another path there: in its encoder, the output at padding is 0 on it."""
    outputs = []
    pairs = zip((minigrad, torch), same(torch, "Transformer", **SMALL | settings), strict=True)
    for library, model in pairs:
        xs = [library.tensor(x) for x in pair(settings, SOURCE, TARGET)]
        with library.no_grad():
            given = tensors(library, MASKS[masks])
            masked = given.get("src_mask"), given.get("src_key_padding_mask")
            encoded = model.eval().encoder(xs[0], *masked)
            outputs.append([encoded.numpy(), model(*xs, **given).numpy()])
    for ours, theirs in zip(*outputs, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "padding", [PADDING, PADDING[:, ::-1].copy(), np.where(PADDING, -np.inf, 0)]
)
@pytest.mark.parametrize("nested", [True, False])
def test_padding_in_evaluation_as_torch(torch, nested, padding):
    outputs = []
    for library in (minigrad, torch):
        library.manual_seed(0)
        layer = library.nn.TransformerEncoderLayer(**SHAPE, batch_first=True)
        encoder = library.nn.TransformerEncoder(layer, 1, enable_nested_tensor=nested).eval()
        with library.no_grad():
            for parameter in encoder.parameters():
                parameter.copy_(library.tensor(draw(*parameter.shape)).float())
            mask = library.tensor(padding)
            mask = mask if padding.dtype == bool else mask.float()
            x = library.tensor(draw(BATCH, SOURCE, SIZE)).float()
            outputs.append(encoder(x, src_key_padding_mask=mask).numpy())
    np.testing.assert_allclose(*outputs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("activation", ["tanh", "ReLU", "GELU"])
def test_activations_as_functions_and_modules(torch, activation):
    found = []
    for library in (minigrad, torch):
        kind = getattr(library.nn, activation, None)
        f = kind() if kind else getattr(library, activation)
        found.append(library.nn.TransformerEncoderLayer(**SHAPE, activation=f))
    ours, theirs = found
    theirs.double()
    ours.double().load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
    agree(torch, found, [draw(SOURCE, BATCH, SIZE)], lambda _, layer, x: layer(x))


@over_the_settings
def test_the_same_parameters_and_repr_as_torch(torch, settings):
    agree_in_structure(*same(torch, "Transformer", **SMALL, **settings))


def test_initial_values_as_torch(torch):
    torch.manual_seed(0)
    models = [library.nn.Transformer(60, 2, 1, 1, 90) for library in (minigrad, torch)]
    pairs = zip(*[model.named_parameters() for model in models], strict=True)
    for (name, ours), (_, theirs) in pairs:
        ours, theirs = ours.detach().numpy(), theirs.detach().numpy()
        np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.25, err_msg=name)
        np.testing.assert_allclose(ours.mean(), theirs.mean(), atol=0.1, err_msg=name)


def test_every_name_of_the_room_is_there():
    for name in nn.ROOMS[transformer.__name__].split():
        assert getattr(nn, name) is getattr(transformer, name)


# --- without PyTorch -----------------------------------------------------------------------------


def random(*shape, seed=0):
    return minigrad.tensor(draw(*shape, seed=seed)).float()


def test_the_causal_mask():
    mask = nn.Transformer.generate_square_subsequent_mask(3)
    inf = float("inf")
    assert mask.tolist() == [[0, -inf, -inf], [0, 0, -inf], [0, 0, 0]]
    assert mask.dtype == minigrad.float32


@pytest.mark.parametrize("norm_first", [True, False])
def test_no_position_sees_what_comes_after_it(norm_first):
    model = nn.Transformer(**SMALL, norm_first=norm_first)
    mask = model.generate_square_subsequent_mask(TARGET)
    tgt = random(TARGET, BATCH, SIZE)
    changed = tgt.clone()
    changed[-1] = random(BATCH, SIZE, seed=2)
    src = random(SOURCE, BATCH, SIZE, seed=1)
    one, two = (model(src, x, tgt_mask=mask) for x in (tgt, changed))
    assert minigrad.allclose(one[:-1], two[:-1])
    assert not minigrad.allclose(one[-1], two[-1])


def test_the_copies_of_a_layer_start_equal_and_are_trained_apart():
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(**SHAPE), 2)
    one, two = (layer.linear1.weight for layer in encoder.layers)
    assert minigrad.equal(one, two)
    with minigrad.no_grad():
        one += 1
    assert not minigrad.equal(one, two)


def test_dropout_in_training_only():
    layer = nn.TransformerDecoderLayer(**SHAPE | {"dropout": 0.5})
    x = random(TARGET, BATCH, SIZE)
    assert not minigrad.equal(layer(x, x), layer(x, x))
    layer.eval()
    assert minigrad.equal(layer(x, x), layer(x, x))


def test_order_does_not_matter_to_an_encoder():
    layer = nn.TransformerEncoderLayer(**SHAPE)
    x, order = random(SOURCE, SIZE), minigrad.tensor([2, 0, 3, 1])
    assert minigrad.allclose(layer(x)[order], layer(x[order]), atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "norm_first"), [*itertools.product(["Encoder", "Decoder"], [True, False])]
)
def test_custom_parts(kind, norm_first):
    class Twice(nn.Module):
        def forward(self, x, *_, **__):
            return x * 2

    given = {f"custom_{kind.lower()}": Twice()}
    model = nn.Transformer(**SMALL, norm_first=norm_first, **given)
    assert isinstance(getattr(model, kind.lower()), Twice)
    x = random(TARGET, BATCH, SIZE)
    assert model(x, x).shape == x.shape


MISTAKES = {
    "an activation": ("nn.TransformerEncoderLayer(4, 2, activation='relo')", RuntimeError),
    "heads": ("nn.TransformerEncoderLayer(4, 3)", AssertionError),
    "batches that differ": ("model(x, x[:, :1])", RuntimeError),
    "another size": ("model(x, x[..., :2])", RuntimeError),
    "a mask of another shape": ("model(x, x, tgt_mask=zeros(2, 2))", RuntimeError),
    "a mask of ints": ("model.encoder(x, zeros(3, 3).long())", AssertionError),
    "causal without a mask": ("model.encoder(x, is_causal=True)", RuntimeError),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_raise_what_torch_raises(torch, name):
    text, kind = MISTAKES[name]
    for library in (minigrad, torch):
        nn, zeros = library.nn, library.zeros
        model, x = nn.Transformer(**SMALL), zeros(3, 2, 4)
        with pytest.raises(kind) as raised:
            eval(text, {"nn": nn, "zeros": zeros, "model": model, "x": x})
        assert library is torch or "\n" not in str(raised.value)

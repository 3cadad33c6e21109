"""MultiheadAttention, beside PyTorch and beside the attention of one head."""

import functools

import numpy as np
import pytest
from agreement import draw
from beside import agree, agree_in_structure, same, tensors

import minigrad
from minigrad import nn
from minigrad.nn import functional as F
from minigrad.nn import multihead

LENGTH, KEYS, BATCH, SIZE, HEADS = 3, 4, 2, 4, 2
LAYERS = {
    "plain": {},
    "batch_first": {"batch_first": True},
    "no bias": {"bias": False},
    "bias_kv": {"add_bias_kv": True},
    "zero_attn": {"add_zero_attn": True, "batch_first": True},
    "sizes": {"kdim": 5, "vdim": 6},
    "all": {"kdim": 5, "vdim": 6, "add_bias_kv": True, "add_zero_attn": True, "bias": False},
}


def mask(*shape, kind):
    """A bool mask that leaves the first key, or a mask of floats."""
    floats = draw(*shape)
    bools = floats > 0.5
    bools[..., 0] = False
    return bools if kind == "bool" else floats


CALLS = {
    "plain": {},
    "no weights": {"need_weights": False},
    "weights of heads": {"average_attn_weights": False},
    "padding": {"key_padding_mask": mask(BATCH, KEYS, kind="bool")},
    "padding in floats": {
        "key_padding_mask": mask(BATCH, KEYS, kind="float"),
        "need_weights": False,
    },
    "mask": {"attn_mask": mask(LENGTH, KEYS, kind="bool"), "need_weights": False},
    "mask of floats": {"attn_mask": mask(LENGTH, KEYS, kind="float")},
    "mask of heads": {"attn_mask": mask(BATCH * HEADS, LENGTH, KEYS, kind="bool")},
    "both": {
        "attn_mask": mask(BATCH * HEADS, LENGTH, KEYS, kind="float"),
        "key_padding_mask": mask(BATCH, KEYS, kind="float"),
        "need_weights": False,
    },
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("layer", LAYERS)
def test_values_and_gradients_as_torch(torch, layer, call):
    settings = LAYERS[layer]
    sizes = SIZE, settings.get("kdim", SIZE), settings.get("vdim", SIZE)
    lengths = LENGTH, KEYS, KEYS
    xs = [
        draw(n, BATCH, size, seed=i) for i, (n, size) in enumerate(zip(lengths, sizes, strict=True))
    ]
    xs = [x.swapaxes(0, 1) for x in xs] if settings.get("batch_first") else xs
    modules = same(torch, "MultiheadAttention", SIZE, HEADS, **settings)
    agree(torch, modules, xs, lambda lib, layer, *xs: layer(*xs, **tensors(lib, CALLS[call])))


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("form", ["self", "key is value", "alone", "alone with masks", "causal"])
def test_forms_of_attention_as_torch(torch, form, need_weights):
    masks, shape = {}, (LENGTH, BATCH, SIZE)
    if form == "causal":
        causal = np.triu(np.full((LENGTH, LENGTH), -np.inf), 1)
        masks = {"attn_mask": causal, "is_causal": True}
    if form.startswith("alone"):
        shape = LENGTH, SIZE
    if form == "alone with masks":
        masks["attn_mask"] = mask(HEADS, LENGTH, LENGTH, kind="bool")
        masks["key_padding_mask"] = mask(LENGTH, kind="bool")
    keys = [draw(LENGTH, BATCH, SIZE, seed=1)] if form == "key is value" else []

    def call(library, layer, query, key=None):
        key = query if key is None else key
        return layer(query, key, key, need_weights=need_weights, **tensors(library, masks))

    agree(torch, same(torch, "MultiheadAttention", SIZE, HEADS), [draw(*shape), *keys], call)


@pytest.mark.parametrize("separate", [True, False])
def test_the_function_as_torchs(torch, separate):
    """Its weights are tensors; positional and named arguments."""
    three = draw(3 * SIZE, SIZE, seed=7)
    parts = dict(zip(("q", "k", "v"), np.split(three, 3), strict=True))
    weights = {f"{name}_proj_weight": w for name, w in parts.items()} if separate else {}
    one = None if separate else three

    class Function(nn.Module):
        """A module without parameters."""

    def call(library, _, query, key):
        given = one, draw(3 * SIZE), draw(1, 1, SIZE), draw(1, 1, SIZE, seed=2), True, 0.5
        output = draw(SIZE, SIZE), draw(SIZE, seed=1)
        as_tensor = [library.tensor(x) if isinstance(x, np.ndarray) else x for x in given + output]
        attend = library.nn.functional.multi_head_attention_forward
        settings = tensors(library, {"use_separate_proj_weight": separate, **weights})
        return attend(
            query, key, key, SIZE, HEADS, *as_tensor, False, need_weights=True, **settings
        )

    xs = [draw(LENGTH, BATCH, SIZE), draw(KEYS, BATCH, SIZE)]
    agree(torch, (Function(), torch.nn.Module()), xs, call)


def test_static_keys_and_values_as_torch(torch):
    static = {
        "static_k": draw(BATCH * HEADS, KEYS, 2),
        "static_v": draw(BATCH * HEADS, KEYS, 2, seed=1),
    }

    class Function(nn.Module):
        """A module without parameters."""

    def call(library, _, query, key):
        weights = draw(3 * SIZE, SIZE), None, None, None, False, 0.0, draw(SIZE, SIZE), None
        given = [library.tensor(x) if isinstance(x, np.ndarray) else x for x in weights]
        attend = library.nn.functional.multi_head_attention_forward
        return attend(query, key, key, SIZE, HEADS, *given, **tensors(library, static))

    xs = [draw(LENGTH, BATCH, SIZE), draw(KEYS, BATCH, SIZE)]
    ours, theirs = Function(), torch.nn.Module()
    agree(torch, (ours, theirs), xs[:1], lambda lib, m, q: call(lib, m, q, lib.tensor(xs[1])))


@pytest.mark.parametrize("layer", LAYERS)
def test_the_same_parameters_and_repr_as_torch(torch, layer):
    ours, theirs = same(torch, "MultiheadAttention", SIZE, HEADS, **LAYERS[layer])
    agree_in_structure(ours, theirs)


def test_every_name_of_the_room_is_there():
    assert nn.MultiheadAttention is multihead.MultiheadAttention
    assert F.multi_head_attention_forward is multihead.multi_head_attention_forward


# --- without PyTorch -----------------------------------------------------------------------------


def test_one_head_is_scaled_dot_product_attention_between_projections():
    layer, x = nn.MultiheadAttention(SIZE, 1), minigrad.tensor(draw(LENGTH, SIZE)).float()
    q, k, v = F.linear(x, layer.in_proj_weight, layer.in_proj_bias).chunk(3, -1)
    expected = layer.out_proj(F.scaled_dot_product_attention(q, k, v))
    assert minigrad.allclose(layer(x, x, x)[0], expected, atol=1e-6)


def test_the_weights_of_each_query_add_up_to_one():
    x = minigrad.tensor(draw(LENGTH, BATCH, SIZE)).float()
    _, weights = nn.MultiheadAttention(SIZE, HEADS)(x, x, x)
    assert weights.shape == (BATCH, LENGTH, LENGTH)
    np.testing.assert_allclose(weights.sum(-1).detach(), 1, rtol=1e-6)


def test_padding_gets_no_weight():
    x, padding = minigrad.ones(1, 3, SIZE), minigrad.tensor([[False, False, True]])
    layer = nn.MultiheadAttention(SIZE, HEADS, batch_first=True)
    _, weights = layer(x, x, x, key_padding_mask=padding)
    np.testing.assert_allclose(weights[0].detach(), [[0.5, 0.5, 0]] * 3, rtol=1e-6)


def test_dropout_drops_weights_in_training_only():
    x = minigrad.tensor(draw(LENGTH, SIZE)).float()
    layer = nn.MultiheadAttention(SIZE, HEADS, dropout=1.0)
    assert not layer(x, x, x)[1].any()
    assert layer.eval()(x, x, x)[1].all()


def test_a_learned_mask_gets_a_gradient():
    x = minigrad.tensor(draw(LENGTH, SIZE), requires_grad=True)
    bias = minigrad.zeros(LENGTH, LENGTH, dtype=minigrad.float64, requires_grad=True)
    nn.MultiheadAttention(SIZE, HEADS).double()(x, x, x, attn_mask=bias)[0].sum().backward()
    assert bias.grad.all()


@pytest.mark.parametrize("name", ["in_proj_weight", "out_proj.weight", "bias_k", "in_proj_bias"])
def test_initial_values_as_torch(torch, name):
    """The standard deviation and the largest value; biases are 0."""
    torch.manual_seed(0)
    found = []
    for library in (minigrad, torch):
        layer = library.nn.MultiheadAttention(200, 2, add_bias_kv=True)
        found.append(dict(layer.named_parameters())[name].detach().numpy())
    ours, theirs = found
    np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.2)
    assert not (ours.any() and name == "in_proj_bias")


MISTAKES = {
    "no heads": ("layer(4, 0)", ValueError),
    "no size": ("layer(0, 1)", ValueError),
    "heads that do not divide": ("layer(4, 3)", AssertionError),
    "one dim": ("layer(4, 2)(zeros(4), zeros(4), zeros(4))", AssertionError),
    "dims that differ": ("layer(4, 2)(x, x[0], x[0])", AssertionError),
    "another size": ("layer(2, 2)(x, x, x)", AssertionError),
    "lengths that differ": ("layer(4, 2)(x, x, x[1:])", AssertionError),
    "a mask of ints": ("layer(4, 2)(x, x, x, attn_mask=zeros(3, 3).long())", AssertionError),
    "padding in ints": ("layer(4, 2)(x, x, x, zeros(2, 3).long())", AssertionError),
    "padding of another shape": ("layer(4, 2)(x, x, x, zeros(3, 2))", AssertionError),
    "padding of one sequence": ("layer(4, 2)(x, x, x, zeros(3))", AssertionError),
    "a mask of another shape": ("layer(4, 2)(x, x, x, attn_mask=zeros(3, 2))", RuntimeError),
    "a mask per sequence": ("layer(4, 2)(x, x, x, attn_mask=zeros(2, 3, 3))", RuntimeError),
    "a mask of one dim": ("layer(4, 2)(x, x, x, attn_mask=zeros(3))", AssertionError),
    "causal without a mask": ("layer(4, 2)(x, x, x, is_causal=True)", RuntimeError),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_raise_what_torch_raises(torch, name):
    text, kind = MISTAKES[name]
    for library in (minigrad, torch):
        layer = functools.partial(library.nn.MultiheadAttention)
        with pytest.raises(kind) as raised:
            eval(text, {"layer": layer, "zeros": library.zeros, "x": library.zeros(3, 2, 4)})
        assert library is torch or "\n" not in str(raised.value)

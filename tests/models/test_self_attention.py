import math

import numpy as np
import pytest

import minigrad
import minigrad.nn.functional as F
from models.self_attention import (
    BareSelfAttention,
    Config,
    Layer,
    SelfAttention,
    attention,
    pointer,
    sinusoids,
)

SMALL = {"words": 20, "embedding": 8}
TEXTS = minigrad.tensor([[3, 1, 4, 1, 5], [9, 2, 6, 0, 0]])  # the second is filled up
KINDS = [
    (BareSelfAttention, {}),
    (BareSelfAttention, {"scaled": False}),
    (SelfAttention, {"layers": 1}),
    (SelfAttention, {"layers": 3, "heads": 2}),
    (SelfAttention, {"positions": "learned", "heads": 8}),
    (SelfAttention, {"positions": "sinusoidal", "scaled": False}),
]


def arrays(*tensors):
    return [tensor.detach().numpy() for tensor in tensors]


@pytest.fixture(params=KINDS, ids=lambda kind: f"{kind[0].__name__} {kind[1]}")
def model(request):
    kind, settings = request.param
    return kind(Config(**SMALL, **settings)).double()


def test_shapes_and_weights(model):
    logits, weights = arrays(*model(TEXTS))
    config = model.config
    layers = config.layers if isinstance(model, SelfAttention) else 1
    heads = config.heads if isinstance(model, SelfAttention) else 1
    assert logits.shape == (2, 5, 5)
    assert weights.shape == (2, layers, heads, 5, 5)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-12)


def test_the_logits_are_the_log_of_the_weights_in_the_last_layer(model):
    logits, weights = model(TEXTS)
    probabilities, mean = arrays(minigrad.softmax(logits, -1), weights[:, -1].mean(1))
    np.testing.assert_allclose(probabilities, mean, atol=1e-12)


def test_no_word_attends_to_padding(model):
    _, together = arrays(*model(TEXTS))
    _, alone = arrays(*model(TEXTS[1:, :3]))
    assert (together[1, ..., 3:] == 0).all()
    np.testing.assert_allclose(together[1, ..., :3, :3], alone[0], atol=1e-12)


def test_every_parameter_of_the_answer_gets_a_gradient(model):
    logits, _ = model(TEXTS)
    logits[:, 2, 1].sum().backward()
    last = f"layers.{model.config.layers - 1}."
    without = {name for name, p in model.named_parameters() if p.grad is None}
    if isinstance(model, SelfAttention):
        # The output of the last layer does not affect where its words point.
        assert without == {f"{last}value.weight", f"{last}output.weight"}
    else:
        assert not without


def test_attention_in_numbers():
    query = minigrad.tensor([[1.0, 0.0]])
    key = minigrad.tensor([[math.log(3), 5.0], [0.0, 7.0]])
    value = minigrad.tensor([[4.0, 0.0], [0.0, 8.0]])
    everything = minigrad.tensor([True, True])
    context, weights = attention(query, key, value, everything)
    np.testing.assert_allclose(weights.numpy(), [[0.75, 0.25]], rtol=1e-6)
    np.testing.assert_allclose(context.numpy(), [[3.0, 2.0]], rtol=1e-6)
    _, weights = attention(query, key, value, everything, scale=2.0)
    np.testing.assert_allclose(weights.numpy(), [[0.9, 0.1]], rtol=1e-6)
    context, _ = attention(query, key, value, minigrad.tensor([False, True]))
    np.testing.assert_allclose(context.numpy(), [[0.0, 8.0]])


def test_attention_agrees_with_the_library():
    query, key, value = (minigrad.randn(2, 3, 5, 4, dtype=minigrad.float64) for _ in range(3))
    mask = minigrad.tensor([True, True, False, True, True])
    ours, _ = attention(query, key, value, mask, 1 / math.sqrt(4))
    theirs = F.scaled_dot_product_attention(query, key, value, mask.expand(5, 5))
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-12)


def test_bare_attention_has_only_its_embeddings():
    model = BareSelfAttention(Config(**SMALL)).double()
    assert [name for name, _ in model.named_parameters()] == ["embedding.weight"]
    x, (weights,) = arrays_of(model.encode(TEXTS[:1]))
    vectors = model.embedding.weight.detach().numpy()[TEXTS[0].numpy()]
    scores = np.exp(vectors @ vectors.T / math.sqrt(8))
    np.testing.assert_allclose(weights[0, 0], scores / scores.sum(-1, keepdims=True), atol=1e-12)
    np.testing.assert_allclose(x[0], weights[0, 0] @ vectors, atol=1e-12)


def arrays_of(encoded):
    x, weights = encoded
    return x.detach().numpy(), arrays(*weights)


def test_the_heads_are_small_attentions_side_by_side():
    layer = Layer(Config(**SMALL, heads=2)).double()
    x = minigrad.randn(1, 5, 8, dtype=minigrad.float64)
    everything = minigrad.tensor([True] * 5)
    context, weights = layer(x, everything)
    parts = []
    for head, part in enumerate((slice(0, 4), slice(4, 8))):
        query, key, value = (w(x)[..., part] for w in (layer.query, layer.key, layer.value))
        taken, expected = attention(query, key, value, everything, 1 / math.sqrt(4))
        np.testing.assert_allclose(*arrays(weights[:, head], expected), atol=1e-12)
        parts.append(taken)
    np.testing.assert_allclose(*arrays(context, layer.output(minigrad.cat(parts, -1))), atol=1e-12)


def test_the_residual_connection_keeps_the_words():
    model = SelfAttention(Config(**SMALL))
    with minigrad.no_grad():
        for layer in model.layers:
            layer.output.weight *= 0
    x, _ = model.encode(TEXTS)
    np.testing.assert_array_equal(*arrays(x, model.embedding(TEXTS)))


def test_a_cut_edge_carries_nothing():
    model = SelfAttention(Config(**SMALL, heads=2)).double()
    cut = np.zeros((2, 5, 5), bool)
    cut[0, 2, [0, 4]] = True
    _, before = arrays(*model(TEXTS[:1]))
    _, after = arrays(*model(TEXTS[:1], minigrad.tensor(cut)))
    assert (after[0, 0, :, 2, [0, 4]] == 0).all()
    np.testing.assert_allclose(after.sum(-1), 1, atol=1e-12)
    others = [0, 1, 3, 4]
    np.testing.assert_array_equal(after[0, 0, :, others], before[0, 0, :, others])
    assert not np.allclose(after[0, 1], before[0, 1])  # it is felt in the layer above

    nothing = minigrad.tensor(np.zeros_like(cut))
    np.testing.assert_array_equal(model(TEXTS[:1], nothing)[1].detach().numpy(), before)


def test_a_pointer_has_a_logarithm_however_small_a_weight_is():
    weights = minigrad.tensor([[[[1.0, 0.0]], [[0.5, 0.5]]]], requires_grad=True)
    logits = pointer(weights)  # (batch, words, words)
    np.testing.assert_allclose(np.exp(logits.detach().numpy()), [[[0.75, 0.25]]], rtol=1e-6)
    nothing = minigrad.tensor([[[[1.0, 0.0]]]], requires_grad=True)
    F.cross_entropy(pointer(nothing)[:, 0], minigrad.tensor([0])).backward()
    assert np.isfinite(nothing.grad.numpy()).all()


def test_sinusoids():
    waves = sinusoids(50, 6).numpy()
    for t in (0, 1, 49):
        for i in (0, 2, 4):
            angle = t / 10_000 ** (i / 6)
            expected = math.sin(angle), math.cos(angle)
            np.testing.assert_allclose(waves[t, i : i + 2], expected, atol=1e-6)
    assert sinusoids(3, 5).shape == (3, 5)


def test_positions_distinguish_equal_words():
    same = minigrad.tensor([[7, 7, 7]])
    for positions, apart in (("none", False), ("learned", True), ("sinusoidal", True)):
        x, _ = SelfAttention(Config(**SMALL, positions=positions)).encode(same)
        first, second, _ = x[0].detach().numpy()
        assert np.allclose(first, second) != apart


def test_without_positions_nothing_is_added():
    x = minigrad.ones(1, 3, SMALL["embedding"])
    assert SelfAttention(Config(**SMALL)).placed(x) is x


def test_texts_longer_than_the_learned_positions_are_refused():
    model = SelfAttention(Config(**SMALL, positions="learned", longest=4))
    model(TEXTS[:, :4])
    with pytest.raises(ValueError, match="5 words, but there are only 4 positions"):
        model(TEXTS)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"heads": 3}, "2 layers, 3 heads, an embedding of 8"),
        ({"layers": 0}, "0 layers, 1 heads"),
        ({"heads": 0}, "2 layers, 0 heads"),
        ({"positions": "rotary"}, "none, learned or sinusoidal, not rotary"),
    ],
)
def test_impossible_configurations_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Config(**SMALL, **settings)

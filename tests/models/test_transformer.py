"""The Transformer: its three kinds of attention, its variants, its cache."""

import itertools
import math

import numpy as np
import pytest

import minigrad
from minigrad import nn
from models.self_attention import sinusoids
from models.transformer import Block, Config, Embedding, MultiHead, Rotary, Transformer, causal

PAD, BEGIN = 0, 1
SIZES = {"source_words": 20, "target_words": 15, "embedding": 8, "hidden": 12, "longest": 16}
SOURCE = minigrad.tensor([[4, 7, 5, 19, 9], [6, 8, 4, PAD, PAD]])
TARGET = minigrad.tensor([[BEGIN, 4, 5, 6], [BEGIN, 14, 9, PAD]])
POSITIONS, NORMS = ("sinusoidal", "learned", "rotary"), ("before", "after")
VARIANTS = [
    {"positions": positions, "norm": norm, "tied": tied}
    for positions, norm, tied in itertools.product(POSITIONS, NORMS, (True, False))
]


def named(variant):
    return " ".join(f"{value}" for value in variant.values())


@pytest.fixture(params=VARIANTS, ids=named)
def model(request):
    return Transformer(Config(**SIZES, **request.param)).double().eval()


def close(value, other, tolerance=1e-12):
    np.testing.assert_allclose(
        value.detach().numpy(), other.detach().numpy(), rtol=0, atol=tolerance
    )


def arrays(nested):
    """All tensors of a state, whatever it is made of."""
    return [x for part in nested for x in arrays(part)] if isinstance(nested, tuple) else [nested]


# The contract of all models that translate.


def test_shapes_and_weights(model):
    logits, weights = model(SOURCE, TARGET)
    assert logits.shape == (2, 4, 15)
    assert weights.shape == (2, 2, 4, 4, 5)  # (batch, layers, heads, target, source)
    close(weights.sum(-1), minigrad.ones(2, 2, 4, 4, dtype=minigrad.float64))
    assert (weights[1, ..., 3:] == 0).all()  # no word attends to padding


def test_no_word_sees_a_later_one(model):
    logits, weights = model(SOURCE, TARGET)
    for place in range(1, 4):
        other = TARGET.clone()
        other[:, place] = 11
        changed, looks = model(SOURCE, other)
        close(changed[:, :place], logits[:, :place])
        close(looks[..., :place, :], weights[..., :place, :])
        assert not np.allclose(changed[:, place].detach(), logits[:, place].detach())


def test_every_word_of_the_source_sees_all_others(model):
    x, weights = model.read(SOURCE[:1])
    for place in range(5):
        other = SOURCE[:1].clone()
        other[:, place] = 11
        changed, _ = model.read(other)
        assert ((changed - x).abs().sum(-1) > 1e-6).all()
    assert [layer.shape for layer in weights] == [(1, 4, 5, 5)] * 2
    assert all((layer > 0).all() for layer in weights)


def test_padding_changes_nothing(model):
    together, alone = model(SOURCE, TARGET), model(SOURCE[1:, :3], TARGET[1:, :3])
    close(together[0][1:, :3], alone[0])
    close(together[1][1:, ..., :3, :3], alone[1])


@pytest.mark.parametrize("cuts", [(1, 2, 3), (2,), (1, 3)])
def test_words_one_by_one_give_what_all_give_at_once(model, cuts):
    state, memory = model.encode(SOURCE)
    logits, weights, last = model.decode(TARGET, state, memory)
    close(logits, model(SOURCE, TARGET)[0])
    parts, looks = [], []
    for start, end in itertools.pairwise((0, *cuts, 4)):
        given, found, state = model.decode(TARGET[:, start:end], state, memory)
        parts.append(given)
        looks.append(found)
    close(minigrad.cat(parts, 1), logits)
    close(minigrad.cat(looks, -2), weights)
    for one, other in zip(arrays(state), arrays(last), strict=True):
        assert one.shape == (2, 4, 4, 2)  # the batch comes first
        close(one, other)


def test_the_state_and_the_memory_can_be_reordered(model):
    """As beam search does: everything in them has the batch first."""
    _, memory = model.encode(SOURCE)
    _, _, state = model.decode(TARGET[:, :2], None, memory)
    swap = minigrad.tensor([1, 0])

    def swapped(x):
        return tuple(map(swapped, x)) if isinstance(x, tuple) else x[swap]

    word = minigrad.tensor([[5], [6]])
    logits, weights, _ = model.decode(word, state, memory)
    other, looks, _ = model.decode(word[swap], swapped(state), swapped(memory))
    close(other[swap], logits)
    close(looks[swap], weights)


def test_every_parameter_gets_a_gradient(model):
    logits, _ = model(SOURCE, TARGET)
    (logits**2).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name


def test_tied_embeddings_are_one_parameter():
    tied, own = (Transformer(Config(**SIZES, tied=tied)) for tied in (True, False))
    assert tied.output.weight is tied.target.words.weight
    assert own.output.weight is not own.target.words.weight
    fewer = sum(p.numel() for p in own.parameters()) - sum(p.numel() for p in tied.parameters())
    assert fewer == 15 * 8


def test_the_first_loss_is_that_of_guessing():
    logits, _ = Transformer(Config(20, 500, 64, 64, tied=False))(SOURCE, TARGET)
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), TARGET.flatten())
    assert loss.item() == pytest.approx(math.log(500), abs=0.5)


# Cuts.


def test_a_cut_edge_carries_nothing(model):
    cut = np.zeros((2, 2, 1, 5, 5), bool)
    cut[1, 0, 0, 2, 3] = True
    _, before = model.read(SOURCE)
    _, after = model.read(SOURCE, minigrad.tensor(cut))
    assert (after[1][0, :, 2, 3] == 0).all()
    close(after[0], before[0])
    close(after[1][1], before[1][1])

    _, memory = model.encode(SOURCE)
    cut = np.zeros((2, 1, 1, 4, 4), bool)
    cut[0, ..., 2, 1] = True
    logits, before, _ = model.write(TARGET, None, memory)
    changed, after, _ = model.write(TARGET, None, memory, minigrad.tensor(cut))
    assert (after[0][0][..., 2, 1] == 0).all()
    close(changed[:, :2], logits[:, :2])
    assert not np.allclose(changed[:, 2].detach(), logits[:, 2].detach())


# The parts, beside those of the library and of PyTorch.

NAMES = {  # of the parameters of a Block and of nn.TransformerEncoderLayer and …DecoderLayer
    "feed_forward.first": "linear1",
    "feed_forward.second": "linear2",
    "attention": "self_attn",
    "cross": "multihead_attn",
}


def library_weights(part):
    """The parameters of a MultiHead by the names of nn.MultiheadAttention."""
    joined = {
        f"in_proj_{kind}": minigrad.cat(
            [getattr(getattr(part, name), kind) for name in ("query", "key", "value")]
        )
        for kind in ("weight", "bias")
    }
    return joined | {f"out_proj.{kind}": getattr(part.output, kind) for kind in ("weight", "bias")}


def layer_weights(block):
    """The parameters of a Block by the names of the library's layers."""
    norms = block.before if isinstance(block.before[0], nn.LayerNorm) else block.after
    found = {f"norm{i}.{k}": v for i, n in enumerate(norms, 1) for k, v in n.state_dict().items()}
    for ours, theirs in NAMES.items():
        part = block.get_submodule(ours) if ours != "cross" or block.cross else None
        if isinstance(part, MultiHead):
            found |= {f"{theirs}.{k}": v for k, v in library_weights(part).items()}
        elif part is not None:
            found |= {f"{theirs}.{k}": v for k, v in part.state_dict().items()}
    return found


@pytest.fixture(params=["minigrad", "torch"])
def library(request):
    return request.getfixturevalue("torch") if request.param == "torch" else minigrad


def loaded(library, module, weights):
    module = module.double().eval()
    module.load_state_dict({k: library.tensor(v.detach().numpy()) for k, v in weights.items()})
    return module


def same(ours, theirs):
    np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=0, atol=1e-12)


def test_multi_head_attention_is_the_library_s(library):
    part = MultiHead(Config(**SIZES)).double()
    x, other = (minigrad.randn(2, n, 8, dtype=minigrad.float64) for n in (3, 5))
    visible = np.array([[True] * 5, [True, True, False, True, False]])
    ours, weights = part(x, part.remember(other), minigrad.tensor(visible)[:, None, None])
    theirs = loaded(
        library, library.nn.MultiheadAttention(8, 4, batch_first=True), library_weights(part)
    )
    query, key = (library.tensor(a.numpy()) for a in (x, other))
    output, looks = theirs(
        query, key, key, key_padding_mask=library.tensor(~visible), average_attn_weights=False
    )
    same(ours, output)
    same(weights, looks)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("cross", [False, True])
def test_a_block_is_a_layer_of_the_library(library, norm, cross):
    block = Block(Config(**SIZES, norm=norm), cross).double()
    with minigrad.no_grad():
        for parameter in block.parameters():
            parameter += 0.1 * minigrad.randn(*parameter.shape, dtype=minigrad.float64)
    kind = library.nn.TransformerDecoderLayer if cross else library.nn.TransformerEncoderLayer
    layer = kind(8, 4, 12, batch_first=True, norm_first=norm == "before")
    theirs = loaded(library, layer, layer_weights(block))
    x, source = (minigrad.randn(2, n, 8, dtype=minigrad.float64) for n in (3, 5))
    mask, all_words = causal(3, 3), minigrad.tensor([True] * 5)
    hidden = library.tensor(~mask.numpy())
    x_, source_ = (library.tensor(a.numpy()) for a in (x, source))
    if cross:
        ours, _, _ = block(x, mask, None, block.cross.remember(source), all_words)
        same(ours, theirs(x_, source_, tgt_mask=hidden))
    else:
        ours, _, _ = block(x, mask)
        same(ours, theirs(x_, src_mask=hidden))


def test_the_causal_mask():
    expected = [[True, False, False], [True, True, False], [True, True, True]]
    assert causal(3, 3).tolist() == expected
    assert causal(2, 3).tolist() == expected[1:]
    assert causal(1, 3).tolist() == expected[2:]


# Positions.


def test_rotary_dot_products_depend_on_the_distance_alone():
    rotary = Rotary(16, 6).double()
    query, key = (minigrad.randn(1, 1, 1, 6, dtype=minigrad.float64) for _ in range(2))

    def score(i, j):
        return (rotary(query, i) * rotary(key, j)).sum().item()

    for distance in range(-4, 5):
        scores = [score(i, i + distance) for i in range(4, 12)]
        assert scores == pytest.approx([scores[0]] * 8, abs=1e-5)  # sines are float32
    assert score(4, 4) == pytest.approx((query * key).sum().item(), abs=1e-6)
    assert len({round(score(8, j), 3) for j in range(16)}) > 10


def test_rotary_turns_pairs_by_the_angles_of_the_paper():
    x = minigrad.randn(1, 1, 5, 6, dtype=minigrad.float64)
    turned = Rotary(16, 6).double()(x, start=3).numpy()
    for t, (i, rate) in itertools.product(range(5), enumerate(10_000.0 ** -np.arange(0, 1, 1 / 3))):
        angle = (3 + t) * rate
        turn = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        pair = slice(2 * i, 2 * i + 2)
        expected = turn @ x.numpy()[0, 0, t, pair]
        np.testing.assert_allclose(turned[0, 0, t, pair], expected, atol=1e-5)


def test_rotary_positions_are_relative():
    """A layer without a mask gives the same for words that all stand later."""
    part = MultiHead(Config(**SIZES), rotary=True).double()
    x, everything = minigrad.randn(1, 4, 8, dtype=minigrad.float64), minigrad.tensor([True] * 4)
    _, weights = part(x, part.remember(x), everything)
    before = minigrad.randn(1, 3, 8, dtype=minigrad.float64)
    memory = part.remember(x, part.remember(before))
    _, later = part(x, memory, minigrad.tensor([False] * 3 + [True] * 4))
    close(later[..., 3:], weights, 1e-5)


def test_embeddings_and_positions_add_up():
    ids = minigrad.tensor([[3, 4, 3]])
    embedding = Embedding(20, Config(**SIZES))
    words = embedding.words.weight[ids[0]] * math.sqrt(8)
    close(embedding(ids)[0], words + sinusoids(16, 8)[:3], 1e-6)
    close(embedding(ids, 5)[0], words + sinusoids(16, 8)[5:8], 1e-6)
    learned = Embedding(20, Config(**SIZES, positions="learned"))
    words = learned.words.weight[ids[0]] * math.sqrt(8)
    close(learned(ids, 2)[0], words + learned.position[2:5], 1e-6)
    rotary = Embedding(20, Config(**SIZES, positions="rotary"))
    close(rotary(ids)[0, 0], rotary(ids)[0, 2])


def test_word_vectors_start_about_as_large_as_positions():
    words = Embedding(1000, Config(**SIZES | {"embedding": 64}, positions="rotary"))
    x = words(minigrad.arange(1, 16)[None])
    assert x.std().item() == pytest.approx(1, abs=0.1)


# Mistakes.


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"layers": 0}, "there must be at least one layer"),
        ({"heads": 0}, "there must be at least one layer"),
        ({"heads": 3}, "2 layers, 3 heads, an embedding of 8: .* divide the embedding"),
        ({"heads": 8}, "into even sizes"),
        ({"positions": "none"}, "positions must be sinusoidal, learned or rotary, not none"),
        ({"norm": "both"}, "norm must be before or after, not both"),
    ],
)
def test_a_config_that_is_not_possible(given, message):
    with pytest.raises(ValueError, match=message):
        Config(**SIZES | given)


@pytest.mark.parametrize("positions", POSITIONS)
def test_a_text_is_too_long(positions):
    model = Transformer(Config(**SIZES, positions=positions))
    state, memory = model.encode(SOURCE)
    _, _, state = model.decode(minigrad.full((2, 16), 5), state, memory)
    for source, words in ((minigrad.full((1, 17), 5), None), (SOURCE, TARGET[:, :1])):
        with pytest.raises(ValueError, match="a text of 17 words, but there are only 16 positions"):
            model.encode(source) if words is None else model.decode(words, state, memory)

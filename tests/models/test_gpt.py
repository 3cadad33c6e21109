"""The GPT: causal attention, its variants, its cache."""

import itertools

import numpy as np
import pytest

import minigrad
from models.gpt import GPT, Config

PAD, BEGIN = 0, 1
SIZES = {"words": 15, "embedding": 8, "hidden": 12, "layers": 2, "heads": 2, "longest": 16}
TEXT = minigrad.tensor([[BEGIN, 4, 5, 6, 9, 4], [BEGIN, 14, 9, PAD, PAD, PAD]])
VARIANTS = list(
    itertools.product(("sinusoidal", "learned", "rotary"), ("before", "after"), (True, False))
)


@pytest.fixture(params=VARIANTS, ids=lambda variant: " ".join(map(str, variant)))
def model(request):
    positions, norm, tied = request.param
    return GPT(Config(**SIZES, positions=positions, norm=norm, tied=tied)).double().eval()


def close(value, other):
    np.testing.assert_allclose(value.detach().numpy(), other.detach().numpy(), rtol=0, atol=1e-12)


def arrays(state):
    """All tensors of a state."""
    return [x for part in state for x in arrays(part)] if isinstance(state, tuple) else [state]


def test_shapes_and_weights(model):
    logits, weights = model(TEXT)
    assert logits.shape == (2, 6, 15)
    assert weights.shape == (2, 2, 2, 6, 6)  # (batch, layers, heads, words, words)
    close(weights.sum(-1), minigrad.ones(2, 2, 2, 6, dtype=minigrad.float64))
    assert (weights.triu(1) == 0).all()


def test_no_token_sees_a_later_one(model):
    logits, weights = model(TEXT)
    for place in range(1, 6):
        other = TEXT.clone()
        other[:, place] = 11
        changed, looks = model(other)
        close(changed[:, :place], logits[:, :place])
        close(looks[..., :place, :], weights[..., :place, :])
        assert not np.allclose(changed[:, place].detach(), logits[:, place].detach())


def test_padding_changes_nothing(model):
    close(model(TEXT)[0][1:, :3], model(TEXT[1:, :3])[0])


@pytest.mark.parametrize("places", [(1, 2, 3, 4, 5), (2,), (1, 4)])
def test_tokens_one_by_one_give_what_all_give_at_once(model, places):
    logits, weights, last = model.decode(TEXT)
    close(logits, model(TEXT)[0])
    state, parts = None, []
    for start, end in itertools.pairwise((0, *places, 6)):
        given, looks, state = model.decode(TEXT[:, start:end], state)
        parts.append(given)
        close(looks, weights[..., start:end, :end])
    close(minigrad.cat(parts, 1), logits)
    for one, other in zip(arrays(state), arrays(last), strict=True):
        assert one.shape == (2, 2, 6, 4)  # (batch, heads, words, size)
        close(one, other)


def test_a_cut_edge_carries_nothing(model):
    cut = np.zeros((2, 6, 6), bool)
    cut[0, 4, [1, 2]] = True
    before, after = model(TEXT)[1], model(TEXT, minigrad.tensor(cut))[1]
    assert (after[:, 0, :, 4, [1, 2]] == 0).all()
    close(after.sum(-1), before.sum(-1))
    close(after[:, 0, :, [0, 1, 2, 3, 5]], before[:, 0, :, [0, 1, 2, 3, 5]])
    assert not np.allclose(after[:, 1].detach(), before[:, 1].detach())


def test_a_word_alone_has_no_mask_but_may_be_cut(model):
    whole = minigrad.tensor(np.zeros((2, 1, 1), bool))
    text = TEXT[:, :1]
    for given, cut in zip(model(text), model(text, whole), strict=True):
        np.testing.assert_array_equal(given.detach().numpy(), cut.detach().numpy())


def test_every_parameter_gets_a_gradient(model):
    logits, _ = model(TEXT)
    (logits**2).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


def test_tied_weights_are_one_parameter():
    tied, untied = (GPT(Config(**SIZES, tied=tied)) for tied in (True, False))
    assert tied.output.weight is tied.embedding.words.weight
    assert len(list(untied.parameters())) == len(list(tied.parameters())) + 1


def test_a_text_can_be_as_long_as_there_are_positions():
    model = GPT(Config(**SIZES))
    _, _, state = model.decode(minigrad.full((1, 16), 5))
    with pytest.raises(ValueError, match="17 words, but there are only 16 positions"):
        model.decode(minigrad.tensor([[5]]), state)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"heads": 3}, "2 layers, 3 heads, an embedding of 8"),
        ({"layers": 0}, "0 layers"),
        ({"positions": "none"}, "sinusoidal, learned or rotary, not none"),
        ({"norm": "inside"}, "before or after, not inside"),
    ],
)
def test_impossible_configurations_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Config(**(SIZES | settings))

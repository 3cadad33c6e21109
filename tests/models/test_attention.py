import math

import numpy as np
import pytest

import minigrad
from minigrad.autograd import gradcheck
from models import attention
from models.attention import SCORES, Attention, attend
from models.rnn import hidden
from models.seq2seq import Config

QUERY = minigrad.tensor([[[1.0, 0.0], [0.0, math.log(2)]]], dtype=minigrad.float64)
HS = minigrad.tensor([[[0.0, 0.0], [0.0, 1.0], [math.log(3), 0.0]]], dtype=minigrad.float64)
ALL = minigrad.tensor([[True, True, True]])


def test_attend_by_hand():
    context, weights = attend(QUERY, HS, ALL)
    expected = [[[1 / 5, 1 / 5, 3 / 5], [1 / 4, 2 / 4, 1 / 4]]]
    np.testing.assert_allclose(weights.numpy(), expected, rtol=0, atol=1e-15)
    log3 = math.log(3)
    expected = [[[3 / 5 * log3, 1 / 5], [1 / 4 * log3, 2 / 4]]]
    np.testing.assert_allclose(context.numpy(), expected, rtol=0, atol=1e-15)


def test_padding_gets_no_weight():
    _, weights = attend(QUERY, HS, minigrad.tensor([[True, True, False]]))
    expected = [[[1 / 2, 1 / 2, 0], [1 / 3, 2 / 3, 0]]]
    np.testing.assert_allclose(weights.numpy(), expected, rtol=0, atol=1e-15)


def test_large_scores_do_not_overflow():
    context, weights = attend(QUERY * 1e5, HS, ALL)
    assert weights.tolist() == [[[0, 0, 1], [0, 1, 0]]]
    assert np.isfinite(context.numpy()).all()


def test_attend_over_a_batch():
    batch, target, source, hidden = 3, 4, 5, 6
    query = minigrad.randn(batch, target, hidden, dtype=minigrad.float64)
    hs = minigrad.randn(batch, source, hidden, dtype=minigrad.float64)
    lengths = [5, 1, 3]
    words = minigrad.arange(source) < minigrad.tensor(lengths)[:, None]
    context, weights = attend(query, hs, words)
    assert context.shape == (batch, target, hidden)
    np.testing.assert_allclose(weights.sum(-1).numpy(), 1, rtol=0, atol=1e-15)
    for i, length in enumerate(lengths):
        assert (weights[i, :, :length] > 0).all()
        assert not weights[i, :, length:].any()
        mean = weights.numpy()[i, :, :length] @ hs.numpy()[i, :length]
        np.testing.assert_allclose(context.numpy()[i], mean, rtol=0, atol=1e-14)


def test_gradients_are_the_derivatives():
    query, hs = (minigrad.randn(2, 3, 4, dtype=minigrad.float64).requires_grad_() for _ in "qh")
    words = minigrad.tensor([[True, True, True], [True, True, False]])
    assert gradcheck(lambda query, hs: attend(query, hs, words), (query, hs))
    attend(query, hs, words)[0].sum().backward()
    assert not hs.grad[1, 2].any()


def test_pytorchs_own_attention_agrees(torch):
    query, hs = (minigrad.randn(2, 3, 4, dtype=minigrad.float64) for _ in "qh")
    words = minigrad.tensor([[True, True, True], [True, True, False]])
    context, _ = attend(query, hs, words)
    query, hs, words = (torch.tensor(x.numpy()) for x in (query, hs, words))
    expected = torch.nn.functional.scaled_dot_product_attention(
        query, hs, hs, attn_mask=words[:, None], scale=1.0
    )
    np.testing.assert_allclose(context.numpy(), expected, rtol=0, atol=1e-14)


def test_attention_by_the_formula():
    model = Attention(Config(source_words=8, target_words=8, embedding=5, hidden=6)).eval().double()
    source = minigrad.tensor([[4, 5, 6], [7, 5, 0]])
    target = minigrad.tensor([[1, 4, 5], [1, 6, 0]])
    hs = model.encoder(source).detach().numpy()
    hds, _ = model.decoder(target, minigrad.tensor(np.stack([hs[0, 2], hs[1, 1]])))
    scores = hds.detach().numpy() @ hs.transpose(0, 2, 1)
    scores[1, :, 2] = -np.inf
    expected = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    logits, weights = model(source, target)
    np.testing.assert_allclose(weights.detach().numpy(), expected, rtol=0, atol=1e-13)

    context = minigrad.tensor(expected @ hs)
    expected = model.output(minigrad.cat([context, hds], -1))
    assert minigrad.allclose(logits, expected, rtol=0, atol=1e-13)


def test_every_state_is_attended_to_directly():
    model = Attention(Config(source_words=8, target_words=8, embedding=5, hidden=6)).eval()
    h, (hs, words) = model.encode(minigrad.tensor([[4, 5, 6, 7]]))
    logits, _, _ = model.decode(minigrad.tensor([[1, 4]]), h, (hs, words))
    changed = hs.detach().numpy().copy()
    changed[0, 1] += 0.5  # the state of the second word; the decoder's first state stays
    other, _, _ = model.decode(minigrad.tensor([[1, 4]]), h, (minigrad.tensor(changed), words))
    assert (other != logits).all()


@pytest.mark.parametrize("words", [1, 40])
def test_a_sentence_of_any_length(words):
    model = Attention(Config(source_words=8, target_words=8, embedding=5, hidden=6)).eval()
    _, weights = model(minigrad.full((2, words), 5), minigrad.full((2, 3), 1))
    assert weights.shape == (2, 3, words)
    np.testing.assert_allclose(weights.sum(-1).detach().numpy(), 1, rtol=0, atol=1e-6)


# Scores and orders.


def test_scores_by_the_formulas():
    query, hs = (minigrad.randn(2, n, 5, dtype=minigrad.float64) for n in (3, 4))
    general, additive = (SCORES[name](5).double() for name in ("general", "additive"))
    W, A, U, v = (
        part.weight.detach().numpy() for part in (general.W, additive.W, additive.U, additive.v)
    )
    formulas = {
        "dot": (SCORES["dot"](5), lambda s, h: s @ h),
        "general": (general, lambda s, h: s @ W @ h),
        "additive": (additive, lambda s, h: v[0] @ np.tanh(A @ s + U @ h)),
    }
    assert formulas.keys() == SCORES.keys()
    for score, formula in formulas.values():
        found = score.score(query, score.keys(hs)).detach().numpy()
        expected = [
            [[formula(s, h) for h in states.numpy()] for s in queries.numpy()]
            for queries, states in zip(query, hs, strict=True)
        ]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


def variant(**given):
    return Attention(Config(8, 8, embedding=5, hidden=6, **given)).eval().double()


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_bahdanau_attends_before_it_reads_and_luong_after(cell, score):
    source, target = minigrad.tensor([[4, 5, 6], [7, 5, 0]]), minigrad.tensor([[1, 4, 5]] * 2)
    for order in ("luong", "bahdanau"):
        model = variant(cell=cell, score=score, order=order)
        h, (hs, mask) = model.encode(source)
        keys, decoder = model.score.keys(hs), model.decoder
        logits, weights = model(source, target)
        for t in range(3):
            x_t = decoder.embedding(target[:, t : t + 1])
            if order == "luong":
                _, h = decoder.rnn(x_t, h)
                query = hidden(h)[:, None]
            else:
                query = hidden(h)[:, None]
            scores = model.score.score(query, keys).masked_fill(~mask[:, None], -math.inf)
            row = minigrad.softmax(scores, -1)
            context = row @ hs
            if order == "bahdanau":
                _, h = decoder.rnn(minigrad.cat([x_t, context], -1), h)
            expected = model.output(minigrad.cat([context, hidden(h)[:, None]], -1))
            assert minigrad.allclose(weights[:, t : t + 1], row, rtol=0, atol=1e-13)
            assert minigrad.allclose(logits[:, t : t + 1], expected, rtol=0, atol=1e-13)


def test_in_bahdanaus_order_a_context_changes_later_states():
    source, target = minigrad.tensor([[4, 5, 6, 7]]), minigrad.tensor([[1, 4, 5]])
    for order, changes in (("luong", False), ("bahdanau", True)):
        model = variant(order=order)
        h, (hs, mask) = model.encode(source)
        _, _, last = model.decode(target, h, (hs, mask))
        _, _, other = model.decode(target, h, (hs * 2, mask))  # the first state is the same
        assert bool((last != other).any()) == changes


def test_keys_are_computed_once_for_all_queries(monkeypatch):
    model, calls = variant(score="additive", order="bahdanau"), []
    keys = type(model.score).keys
    monkeypatch.setattr(
        attention.Additive, "keys", lambda self, hs: calls.append(1) or keys(self, hs)
    )
    model(minigrad.full((2, 4), 5), minigrad.full((2, 7), 1))
    assert len(calls) == 1

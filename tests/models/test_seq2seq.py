"""Seq2Seq, and what holds for Attention as well: both have the same contract."""

import dataclasses
import math

import numpy as np
import pytest

import minigrad
from models.attention import Attention
from models.rnn import each
from models.seq2seq import Config, Seq2Seq, last_states

PAD, BEGIN = 0, 1
CONFIG = Config(source_words=11, target_words=9, embedding=5, hidden=7, dropout=0.0)
SENTENCES = [[4, 5, 6, 7, 8, 9], [10, 4], [6, 6, 5]]
SOURCE = minigrad.tensor([words + [PAD] * (6 - len(words)) for words in SENTENCES])
TARGET = minigrad.tensor([[BEGIN, 3, 4, 5], [BEGIN, 6, 7, PAD], [BEGIN, 8, PAD, PAD]])


VARIANTS = [
    (Seq2Seq, {}),
    (Seq2Seq, {"cell": "gru"}),
    (Seq2Seq, {"cell": "lstm"}),
    (Attention, {}),
    (Attention, {"cell": "lstm", "score": "general"}),
    (Attention, {"cell": "gru", "score": "additive"}),
    (Attention, {"order": "bahdanau"}),
    (Attention, {"cell": "lstm", "score": "additive", "order": "bahdanau"}),
]


@pytest.fixture(params=VARIANTS, ids=lambda v: "-".join([v[0].__name__, *v[1].values()]))
def model(request):
    model, given = request.param
    return model(dataclasses.replace(CONFIG, **given)).double().eval()


def logits_and_weights(model, source, target):
    given = model(source, target)
    return given if isinstance(given, tuple) else (given, None)


def same(state, other):
    """Two states are equal: tensors, or pairs of them."""
    each(
        lambda a, b: np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy()),
        state,
        other,
    )


def test_shapes(model):
    logits, weights = logits_and_weights(model, SOURCE, TARGET)
    assert logits.shape == (3, 4, CONFIG.target_words)
    assert (weights is None) == (type(model) is Seq2Seq)
    assert weights is None or weights.shape == (3, 4, 6)


def test_the_encoder_and_the_decoder_are_recurrent_layers(model):
    encoder, decoder, hs = model.encoder, model.decoder, model.encoder(SOURCE)
    start = encoder.rnn.state(minigrad.stack([encoder.start] * 3))
    same(hs, encoder.rnn(encoder.embedding(SOURCE), start)[0])

    h, _ = model.encode(SOURCE)
    same(h, last_states(hs, SOURCE != PAD))
    if model.config.order == "luong":
        hds, last = decoder(TARGET, h)
        expected, end = decoder.rnn(decoder.embedding(TARGET), h)
        same(hds, expected)
        same(last, end)


def test_padding_changes_nothing(model):
    logits, weights = logits_and_weights(model, SOURCE, TARGET)
    for i, words in enumerate(SENTENCES):
        alone, looks = logits_and_weights(model, minigrad.tensor([words]), TARGET[i : i + 1])
        assert minigrad.allclose(alone[0], logits[i], rtol=0, atol=1e-12)
        if weights is not None:
            assert minigrad.allclose(looks[0], weights[i, :, : len(words)], rtol=0, atol=1e-12)


def test_the_first_state_is_that_after_the_last_word(model):
    """Padded, alone, and read word by word: h, and c too."""
    h, _ = model.encode(SOURCE)
    encoder = model.encoder
    for i, words in enumerate(SENTENCES):
        state = encoder.rnn.state(encoder.start[None])
        for word in words:
            _, state = encoder.rnn(encoder.embedding(minigrad.tensor([[word]])), state)
        alone, _ = model.encode(minigrad.tensor([words]))
        for other in (state, alone):
            each(
                lambda a, b, i=i: np.testing.assert_allclose(
                    a[i].detach().numpy(), b[0].detach().numpy(), rtol=0, atol=1e-12
                ),
                h,
                other,
            )


def test_the_decoder_reads_word_by_word_or_all_at_once(model):
    h, memory = model.encode(SOURCE)
    logits, weights, last = model.decode(TARGET, h, memory)
    found = []
    for t in range(TARGET.shape[1]):
        *one, h = model.decode(TARGET[:, t : t + 1], h, memory)
        found.append(one)
    each(
        lambda a, b: np.testing.assert_allclose(
            a.detach().numpy(), b.detach().numpy(), rtol=0, atol=1e-12
        ),
        (logits, last),
        (minigrad.cat([one for one, _ in found], 1), h),
    )
    if weights is not None:
        assert minigrad.allclose(weights, minigrad.cat([w for _, w in found], 1), atol=1e-12)


def test_logits_know_only_the_words_before(model):
    logits, _ = logits_and_weights(model, SOURCE, TARGET)
    later = TARGET.numpy().copy()
    later[:, 2:] = 5
    changed, _ = logits_and_weights(model, SOURCE, minigrad.tensor(later))
    assert minigrad.equal(changed[:, :2], logits[:, :2])


def test_gradients_reach_every_parameter(model):
    logits, _ = logits_and_weights(model, SOURCE, TARGET)
    (logits * minigrad.randn(*logits.shape, dtype=minigrad.float64)).sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert (parameter.grad != 0).any(), name
    for part in (model.encoder, model.decoder):
        assert not part.embedding.weight.grad[PAD].any()
        assert not part.embedding.weight[PAD].any()


def test_dropout_is_for_training_only(model):
    model = type(model)(dataclasses.replace(model.config, dropout=0.5))

    def same_twice():
        first, second = (logits_and_weights(model, SOURCE, TARGET)[0] for _ in range(2))
        return minigrad.equal(first, second)

    assert not same_twice()
    model.eval()
    assert same_twice()


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CONFIG.hidden = 8


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"cell": "LSTM"}, "cell must be rnn or gru or lstm, not LSTM"),
        ({"score": "cosine"}, "score must be dot or general or additive, not cosine"),
        ({"order": "before"}, "order must be luong or bahdanau, not before"),
    ],
)
def test_unknown_variants(given, expected):
    with pytest.raises(ValueError, match=f"^{expected}$"):
        Attention(dataclasses.replace(CONFIG, **given))


def test_the_last_state_is_that_of_the_last_word():
    hs = minigrad.arange(2 * 3 * 4).reshape(2, 3, 4)
    words = minigrad.tensor([[True, True, True], [True, False, False]])
    assert last_states(hs, words).tolist() == [[8, 9, 10, 11], [12, 13, 14, 15]]
    _, c = last_states((hs, -hs), words)
    assert c.tolist() == [[-8, -9, -10, -11], [-12, -13, -14, -15]]


def test_seq2seq_passes_on_one_vector_and_nothing_else():
    model = Seq2Seq(CONFIG).double()
    h, memory = model.encode(SOURCE)
    assert memory is None
    assert h.shape == (3, CONFIG.hidden)
    # The same vector of another sentence would be translated the same.
    logits, weights, _ = model.decode(TARGET, h)
    assert weights is None
    assert minigrad.equal(logits, model(SOURCE, TARGET))


def test_seq2seq_reaches_earlier_states_through_the_recurrence_alone():
    model = Seq2Seq(CONFIG).double()
    hs = model.encoder(SOURCE)
    hs.retain_grad()
    words = SOURCE != PAD
    model.decode(TARGET, last_states(hs, words))[0].sum().backward()
    last = words.sum(1) - 1
    for i, t in enumerate(last.tolist()):
        assert hs.grad[i, t].any()
        others = np.delete(hs.grad[i].numpy(), t, axis=0)
        assert not others.any()


def test_the_first_loss_is_that_of_guessing():
    logits = Seq2Seq(CONFIG)(SOURCE, TARGET)
    loss = minigrad.nn.functional.cross_entropy(logits.flatten(0, 1), TARGET.flatten())
    assert loss.item() == pytest.approx(math.log(CONFIG.target_words), abs=0.5)

"""Seq2Seq, and what holds for Attention as well: both have the same contract."""

import dataclasses
import math

import numpy as np
import pytest

import minigrad
from models.attention import Attention
from models.seq2seq import Config, Seq2Seq, greedy, last_states

PAD, BEGIN, END = 0, 1, 2
CONFIG = Config(source_words=11, target_words=9, embedding=5, hidden=7, dropout=0.0)
SENTENCES = [[4, 5, 6, 7, 8, 9], [10, 4], [6, 6, 5]]
SOURCE = minigrad.tensor([words + [PAD] * (6 - len(words)) for words in SENTENCES])
TARGET = minigrad.tensor([[BEGIN, 3, 4, 5], [BEGIN, 6, 7, PAD], [BEGIN, 8, PAD, PAD]])


@pytest.fixture(params=[Seq2Seq, Attention])
def model(request):
    return request.param(CONFIG).double().eval()


def logits_and_weights(model, source, target):
    given = model(source, target)
    return given if isinstance(given, tuple) else (given, None)


def test_shapes(model):
    logits, weights = logits_and_weights(model, SOURCE, TARGET)
    assert logits.shape == (3, 4, CONFIG.target_words)
    assert (weights is None) == (type(model) is Seq2Seq)
    assert weights is None or weights.shape == (3, 4, 6)


def test_the_encoder_and_the_decoder_are_recurrent_layers(model):
    encoder, decoder, hs = model.encoder, model.decoder, model.encoder(SOURCE)
    start = minigrad.stack([encoder.start] * 3)
    assert minigrad.equal(hs, encoder.rnn(encoder.embedding(SOURCE), start)[0])

    h, _ = model.encode(SOURCE)
    assert minigrad.equal(h, last_states(hs, SOURCE != PAD))
    hds, last = decoder(TARGET, h)
    expected, end = decoder.rnn(decoder.embedding(TARGET), h)
    assert minigrad.equal(hds, expected)
    assert minigrad.equal(last, end)


def test_padding_changes_nothing(model):
    logits, weights = logits_and_weights(model, SOURCE, TARGET)
    for i, words in enumerate(SENTENCES):
        alone, looks = logits_and_weights(model, minigrad.tensor([words]), TARGET[i : i + 1])
        assert minigrad.allclose(alone[0], logits[i], rtol=0, atol=1e-12)
        if weights is not None:
            assert minigrad.allclose(looks[0], weights[i, :, : len(words)], rtol=0, atol=1e-12)


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
    model = type(model)(dataclasses.replace(CONFIG, dropout=0.5))

    def same_twice():
        first, second = (logits_and_weights(model, SOURCE, TARGET)[0] for _ in range(2))
        return minigrad.equal(first, second)

    assert not same_twice()
    model.eval()
    assert same_twice()


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CONFIG.hidden = 8


def test_the_last_state_is_that_of_the_last_word():
    hs = minigrad.arange(2 * 3 * 4).reshape(2, 3, 4)
    words = minigrad.tensor([[True, True, True], [True, False, False]])
    assert last_states(hs, words).tolist() == [[8, 9, 10, 11], [12, 13, 14, 15]]


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


# Greedy translation.


def test_greedy_reads_what_it_wrote(model):
    ids, weights = greedy(model, SOURCE, BEGIN, END, limit=8)
    begin = np.full((3, 1), BEGIN)
    read = np.concatenate([begin, ids.numpy()[:, :-1]], axis=1)
    logits, looks = logits_and_weights(model, SOURCE, minigrad.tensor(read))
    best = logits.argmax(-1).numpy()
    for row, expected in zip(ids.numpy(), best, strict=True):
        length = row.tolist().index(END) + 1 if END in row else len(row)
        assert np.array_equal(row[:length], expected[:length])
        assert (row[length:] == END).all()
    if looks is None:
        assert weights is None
    else:
        assert minigrad.allclose(weights, looks, rtol=0, atol=1e-12)


class Scripted:
    """A model that writes given words, row by row."""

    def __init__(self, script):
        self.script, self.read = script, []

    def encode(self, source):
        return minigrad.zeros(len(source), 1), None

    def decode(self, word, h, memory):
        self.read.append(word.flatten().tolist())
        t = len(self.read) - 1
        best = [row[t] for row in self.script]
        return minigrad.tensor(np.eye(9)[best][:, None]), None, h


def test_greedy_stops_when_all_have_ended_and_pads_with_the_end():
    model = Scripted([[5, END, 7, 7, 7, 7], [6, 7, 8, END, 7, 7], [END, 8, 8, 8, 8, 8]])
    ids, weights = greedy(model, SOURCE, BEGIN, END, limit=6)
    assert ids.tolist() == [[5, END, END, END], [6, 7, 8, END], [END, END, END, END]]
    assert weights is None
    assert model.read == [[BEGIN] * 3, [5, 6, END], [END, 7, END], [END, 8, END]]


@pytest.mark.parametrize("limit", [1, 3])
def test_greedy_respects_the_limit(limit):
    ids, _ = greedy(Scripted([[5] * 9] * 3), SOURCE, BEGIN, END, limit)
    assert ids.tolist() == [[5] * limit] * 3


def test_greedy_records_no_graph(model):
    ids, weights = greedy(model, SOURCE, BEGIN, END, limit=3)
    assert not ids.requires_grad
    assert weights is None or not weights.requires_grad


def test_the_first_loss_is_that_of_guessing():
    logits = Seq2Seq(CONFIG)(SOURCE, TARGET)
    loss = minigrad.nn.functional.cross_entropy(logits.flatten(0, 1), TARGET.flatten())
    assert loss.item() == pytest.approx(math.log(CONFIG.target_words), abs=0.5)

"""Greedy decoding, beam search and sampling, of all models of the contract."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad
import minigrad.nn.functional as F
from models.attention import Attention
from models.decoding import beam, drawn, greedy, length_penalty, rows, sample
from models.seq2seq import Config, Seq2Seq

PAD, BEGIN, END = 0, 1, 2
CONFIG = Config(source_words=11, target_words=9, embedding=5, hidden=7, dropout=0.0)
SENTENCES = [[4, 5, 6, 7, 8, 9], [10, 4], [6, 6, 5]]
SOURCE = minigrad.tensor([words + [PAD] * (6 - len(words)) for words in SENTENCES])
KINDS = [
    (Seq2Seq, {}),
    (Seq2Seq, {"cell": "lstm"}),
    (Attention, {"cell": "gru", "score": "general"}),
    (Attention, {"cell": "lstm", "score": "additive", "order": "bahdanau"}),
]


@pytest.fixture(params=[Seq2Seq, Attention])
def model(request):
    return request.param(CONFIG).double().eval()


def logits_and_weights(model, source, target):
    given = model(source, target)
    return given if isinstance(given, tuple) else (given, None)


def begun(ids):
    """What the decoder has read when it wrote these ids: (batch, target)."""
    begin = np.full((len(ids), 1), BEGIN)
    return minigrad.tensor(np.concatenate([begin, ids.numpy()[:, :-1]], axis=1))


# Greedy decoding.


def test_greedy_reads_what_it_wrote(model):
    ids, weights = greedy(model, SOURCE, BEGIN, END, limit=8)
    logits, looks = logits_and_weights(model, SOURCE, begun(ids))
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


# Beam search.


def tiny(kind, seed, words=4):
    """A small model with large random weights, so that its probabilities differ."""
    minigrad.manual_seed(seed)
    model, given = KINDS[kind]
    model = model(Config(6, words, embedding=3, hidden=4, **given)).double().eval()
    with minigrad.no_grad():
        for parameter in model.parameters():
            parameter *= 4
    return model


def log_p_after(model, sentence, words):
    """The log-probabilities of the next word, read from the beginning: (target_words,)."""
    with minigrad.no_grad():
        logits, _ = logits_and_weights(
            model, minigrad.tensor([sentence]), minigrad.tensor([[BEGIN, *words]])
        )
    return F.log_softmax(logits[0, -1], -1).tolist()


def by_hand(model, sentence, limit, width, alpha):
    """Beam search for one sentence, with lists: the words of the best, without padding."""
    live, ended = [(0.0, ())], []
    for _ in range(limit):
        found = [
            (score + p, (*words, word))
            for score, words in live
            for word, p in enumerate(log_p_after(model, sentence, words))
        ]
        found = sorted(found, reverse=True)[: width - len(ended)]
        ended += [one for one in found if one[1][-1] == END]
        live = [one for one in found if one[1][-1] != END]
    return max(ended + live, key=lambda one: one[0] / length_penalty(len(one[1]), alpha))[1]


def unpadded(row):
    return tuple(row[: row.index(END) + 1] if END in row else row)


@settings(max_examples=25, deadline=None)
@given(
    kind=st.integers(0, len(KINDS) - 1),
    seed=st.integers(0, 10**6),
    limit=st.integers(1, 5),
    width=st.integers(1, 6),
    alpha=st.sampled_from([0.0, 0.6, 1.0, 3.0]),
)
def test_a_beam_is_that_of_each_sentence_by_hand(kind, seed, limit, width, alpha):
    model = tiny(kind, seed)
    source = minigrad.tensor([[4, 5, 3], [5, PAD, PAD], [3, 4, PAD]])
    ids, _ = beam(model, source, BEGIN, END, limit, width, alpha)
    for row, sentence in zip(ids.tolist(), ([4, 5, 3], [5], [3, 4]), strict=True):
        assert unpadded(row) == by_hand(model, sentence, limit, width, alpha)
        assert set(row[len(unpadded(row)) :]) <= {END}


@pytest.mark.parametrize("alpha", [0.0, 0.6, 2.0])
@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_a_beam_as_wide_as_all_sentences_finds_the_best_of_all(kind, alpha):
    limit, words = 3, 4
    sentences = [
        found
        for length in range(1, limit + 1)
        for found in itertools.product(range(words), repeat=length)
        if END not in found[:-1] and (found[-1] == END or length == limit)
    ]
    for seed in range(4):
        model = tiny(kind, seed, words)

        def value(found, model=model):
            score = sum(log_p_after(model, [4, 5], found[:t])[word] for t, word in enumerate(found))
            return score / length_penalty(len(found), alpha)

        ids, _ = beam(model, minigrad.tensor([[4, 5]]), BEGIN, END, limit, words**limit, alpha)
        assert unpadded(ids[0].tolist()) == max(sentences, key=value)


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_a_beam_of_one_is_greedy_to_the_token(kind):
    longest = 0
    for seed in range(12):
        model = tiny(kind, seed, words=9).float()
        source = minigrad.tensor([[4, 5, 3], [5, PAD, PAD], [3, 4, PAD]])
        ids, weights = greedy(model, source, BEGIN, END, limit=12)
        found, looks = beam(model, source, BEGIN, END, limit=12, width=1, alpha=seed / 4)
        assert found.tolist() == ids.tolist()
        longest = max(longest, ids.shape[1])
        if weights is None:
            assert looks is None
        else:
            np.testing.assert_allclose(looks.numpy(), weights.numpy(), rtol=0, atol=1e-6)
    assert longest == 12


def test_words_that_differ_in_their_last_bit_are_told_apart():
    near = np.float32(1e-3)
    logits = np.array([[[0, 0, 0, near, np.nextafter(near, np.float32(1))]]], np.float32)

    class Constant:
        def encode(self, source):
            return None, None

        def decode(self, word, state, memory):
            return minigrad.tensor(logits), None, state

    for found in (greedy, beam):
        ids, _ = found(Constant(), SOURCE[:1], BEGIN, END, 3, *([1] if found is beam else []))
        assert ids.tolist() == [[4, 4, 4]]


def test_the_weights_are_those_of_the_best(model):
    with minigrad.no_grad():
        for parameter in model.parameters():
            parameter *= 4
    ids, weights = beam(model, SOURCE, BEGIN, END, limit=8, width=5)
    assert not ids.requires_grad
    _, looks = logits_and_weights(model, SOURCE, begun(ids))
    assert (weights is None) == (looks is None)
    for i, row in enumerate(ids.tolist() if weights is not None else ()):
        t = len(unpadded(row))
        assert minigrad.allclose(weights[i, :t], looks[i, :t], rtol=0, atol=1e-12)


class Written:
    """A model that knows the probability of each next word, by the words before: {words: row}.

    Its state is what was read, nested; it has weights with layers and heads.
    """

    def __init__(self, probabilities):
        self.probabilities, self.steps = probabilities, 0

    def encode(self, source):
        return (minigrad.zeros(len(source), 0, dtype=minigrad.int64), (None,)), (source,)

    def decode(self, word, state, memory):
        self.steps += 1
        read = minigrad.cat([state[0], word], 1)
        rows = [self.probabilities.get(tuple(r[1:]), [0, 0, 1, 0, 0]) for r in read.tolist()]
        weights = read[:, -1, None, None, None, None].expand(-1, 2, 3, 1, memory[0].shape[1])
        return minigrad.tensor(rows).log()[:, None], weights.float(), (read, (None,))


def test_the_likeliest_word_need_not_begin_the_likeliest_sentence():
    model = Written({(): [0, 0, 0, 0.6, 0.4], (3,): [0, 0, 0.3, 0.4, 0.3], (4,): [0, 0, 1.0, 0, 0]})
    source = minigrad.tensor([[5, 6]])
    assert greedy(model, source, BEGIN, END, 4)[0].tolist() == [[3, 3, END]]
    ids, weights = beam(model, source, BEGIN, END, 4, width=2, alpha=0.0)
    assert ids.tolist() == [[4, END]]
    assert weights.shape == (1, 2, 3, 2, 2)  # (batch, layers, heads, target, source)
    assert weights[0, 0, 0, :, 0].tolist() == [BEGIN, 4]


def test_a_length_penalty_lets_longer_sentences_win():
    row = {(): [0, 0, 0.5, 0.5, 0], (3,): [0, 0, 0.1, 0.9, 0], (3, 3): [0, 0, 1.0, 0, 0]}
    source = minigrad.tensor([[5]])
    for alpha, expected in ((0.0, [END]), (1.0, [3, 3, END])):
        ids, _ = beam(Written(row), source, BEGIN, END, 9, width=3, alpha=alpha)
        assert ids.tolist() == [expected]


def test_an_ended_hypothesis_keeps_its_place():
    """Soon four others are likelier, and in the end it wins."""
    row = {
        (): [0, 0, 0.16, 0.42, 0.42],
        (3,): [0.5, 0, 0, 0.5, 0],
        (4,): [0.5, 0, 0, 0.5, 0],
        **{(a, b): [0.25, 0.25, 0, 0.25, 0.25] for a in (3, 4) for b in (0, 3)},
    }
    ids, _ = beam(Written(row), minigrad.tensor([[5]]), BEGIN, END, 4, width=3, alpha=0.0)
    assert ids.tolist() == [[END]]


def test_it_stops_when_nothing_can_win_any_more():
    row = {(): [0, 0, 0.9, 0.1, 0]} | {(3,) * t: [0, 0, 0, 1.0, 0] for t in range(1, 50)}
    model = Written(row)
    ids, _ = beam(model, minigrad.tensor([[5]]), BEGIN, END, 50, width=2, alpha=0.0)
    assert (ids.tolist(), model.steps) == ([[END]], 1)
    ids, _ = beam(Written(row), minigrad.tensor([[5]]), BEGIN, END, 50, width=2, alpha=2.0)
    assert ids.tolist() == [[3] * 50]  # as it may with a large penalty


@pytest.mark.parametrize(
    ("width", "alpha"), [(0, 0.6), (2, -0.1), (2, math.nan), (2, math.inf), (-1, 0.0)]
)
def test_impossible_beams(model, width, alpha):
    with pytest.raises(ValueError, match=f"width {width} and length penalty {alpha}: the width"):
        beam(model, SOURCE, BEGIN, END, 3, width, alpha)


def test_rows_of_any_state():
    x = minigrad.arange(3)
    state = (x, (None, (x + 1, ())), x + 2)
    found = rows(state, minigrad.tensor([2, 0]))
    assert found[1][0] is None
    assert [t.tolist() for t in (found[0], found[1][1][0], found[2])] == [[2, 0], [3, 1], [4, 2]]


# Sampling.


def frequencies(count, **settings):
    """How often each of four words is drawn."""
    logits = minigrad.tensor([0.5, 0.25, 0.15, 0.1]).log()[[2, 0, 3, 1]].expand(count, -1)
    words = drawn(logits, **settings)
    assert words.shape == (count, 1)
    return np.bincount(words.numpy().flatten(), minlength=4)[[1, 3, 0, 2]] / count


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [0.5, 0.25, 0.15, 0.1]),
        ({"temperature": 0.5}, [25 / 34.5, 6.25 / 34.5, 2.25 / 34.5, 1 / 34.5]),
        ({"temperature": 1e9}, [0.25] * 4),
        ({"temperature": 0}, [1, 0, 0, 0]),
        ({"temperature": 1e-300}, [1, 0, 0, 0]),
        ({"top_k": 1}, [1, 0, 0, 0]),
        ({"top_k": 2}, [2 / 3, 1 / 3, 0, 0]),
        ({"top_k": 99}, [0.5, 0.25, 0.15, 0.1]),
        ({"top_p": 0.01}, [1, 0, 0, 0]),
        ({"top_p": 0.7}, [2 / 3, 1 / 3, 0, 0]),
        ({"top_p": 0.8}, [5 / 9, 2.5 / 9, 1.5 / 9, 0]),
        ({"top_k": 2, "top_p": 0.6}, [1, 0, 0, 0]),  # of those two, the first has 2 / 3
    ],
)
def test_words_are_drawn_from_their_probabilities(settings, expected):
    found = frequencies(20_000, **settings)
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.015)
    assert ((found > 0) == (np.array(expected) > 0)).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": -1},
        {"temperature": math.nan},
        {"top_k": 0},
        {"top_k": -3},
        {"top_p": 0},
        {"top_p": 1.1},
        {"top_p": math.nan},
    ],
)
def test_impossible_settings(settings):
    ((name, value),) = settings.items()
    with pytest.raises(ValueError, match=f"{name} {value}.*must be"):
        frequencies(1, **settings)


def writer(model):
    """A translator as a model that goes on with a text: its decode, and the first state."""
    state, memory = model.encode(SOURCE)
    return lambda words, state: model.decode(words, state, memory), state


def test_what_was_drawn_is_read(model):
    """The same as drawing each word after reading all from the beginning."""
    decode, first = writer(model)
    prompt = minigrad.tensor([[BEGIN, 4, 5], [BEGIN, 3, 3], [BEGIN, 8, 7]])
    own = minigrad.Generator().manual_seed(3)
    found = minigrad.cat([*sample(decode, prompt, 6, first, generator=own)], 1)
    again = minigrad.Generator().manual_seed(3)
    text = prompt
    for _ in range(6):
        logits, _, _ = decode(text, first)
        text = minigrad.cat([text, drawn(logits[:, -1], generator=again)], 1)
    assert found.tolist() == text[:, 3:].tolist()
    assert len(set(found.flatten().tolist())) > 2


def test_without_temperature_it_is_greedy(model):
    decode, first = writer(model)
    begin = minigrad.full((3, 1), BEGIN)
    found = minigrad.cat([*sample(decode, begin, 8, first, END, temperature=0)], 1)
    assert found.tolist() == greedy(model, SOURCE, BEGIN, END, 8)[0].tolist()


def test_each_word_is_computed_when_it_is_asked_for():
    model = Scripted([[5, 6, END, 7], [END, 8, 8, 8]])
    stream = sample(
        lambda word, state: model.decode(word, state, None),
        minigrad.full((2, 1), BEGIN),
        limit=10,
        end=END,
        temperature=0,
    )
    assert model.read == []
    for count, expected in enumerate(([[5], [END]], [[6], [END]], [[END], [END]]), 1):
        assert next(stream).tolist() == expected
        assert len(model.read) == count
        assert minigrad.is_grad_enabled()  # the caller's code runs between the words
    assert list(stream) == []


def test_without_an_end_it_stops_at_the_limit():
    model = Scripted([[END] * 9])
    words = [*sample(lambda w, h: model.decode(w, h, None), SOURCE[:1], limit=4, temperature=0)]
    assert [word.tolist() for word in words] == [[[END]]] * 4

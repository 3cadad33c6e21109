import importlib.util
import json
from dataclasses import replace

import numpy as np
import pytest

import minigrad
from models.experiments import decoding
from models.experiments.decoding import FULL, QUICK, Corpus, Settings
from models.showing import plots
from models.tasks import calendar
from models.tasks.pairs import Pair
from models.tasks.vocabulary import Vocabulary
from models.training import evaluation, translating


def of(result, name):
    """A measure: (widths, alphas, seeds)."""
    found = np.array(result["decoded"][name])
    assert found.shape[:2] == (len(result["widths"]), len(result["alphas"]))
    assert found.shape[2] >= 3
    return found


# The claim, for every seed.


def test_a_beam_finds_likelier_sentences(result):
    likely = of(result, "log-probability")[:, 0]  # without a length penalty
    assert (np.diff(likely, axis=0) > 0).all()


def test_wider_beams_write_less(result):
    length = of(result, "length")[:, 0]
    assert (length[-1] < length[0] - 0.06).all()


def test_a_length_penalty_makes_translations_longer(result):
    length = of(result, "length")[-1]  # of the widest beam
    assert (np.diff(length, axis=0) > 0).all()


def test_with_a_beam_of_one_the_length_penalty_changes_nothing(result):
    assert result["widths"][0] == 1
    for name in result["decoded"]:
        assert (of(result, name)[0] == of(result, name)[0, :1]).all()


def test_the_claim_in_full(course):
    result = course["result"]
    assert len(result["digest"]) == 64
    alphas = result["alphas"]
    usual = [i for i, alpha in enumerate(alphas) if alpha <= 1]
    assert result["widths"][-1] >= 32
    assert 2 in alphas
    bleu, chrf = (of(result, name) - of(result, name)[:1, :1] for name in ("BLEU", "chrF"))
    assert (chrf[-1, 0] < -1).all()
    for gain in (bleu, chrf):
        assert (np.median(gain[-1, usual], -1) < 0).all()
        assert (gain[-1].min(-1) < 0).all()  # whatever the penalty, from some seed it is worse
    assert bleu[-1].max() > 0
    assert (chrf[-1, -1] > 1).mean() > 0.5
    length = of(result, "length")[-1]
    assert length[usual].max() < 0.75
    assert (abs(length[-1] - 1) < 0.15).all()


# Its parts.


@pytest.fixture(scope="module")
def small():
    """A translator of the calendar that has learned little, and its test sentences."""
    corpus = Corpus(steps=40, sentences=100, tests=20, embedding=8, hidden=16, every=10)
    return decoding.learned(translating.Translating, corpus, 0, None)


def test_the_run_has_its_best_weights(small):
    run, tests = small
    losses = dict(run.validation.losses)
    assert list(losses) == [10, 20, 30, 40]
    assert run.validation.last is not None
    assert not run.model.training
    assert len(tests) == 20


def test_the_log_probability_is_that_of_each_word_after_those_before_it(small):
    run, tests = small
    pairs = [Pair(p.source, p.target[:n]) for n, p in enumerate(tests[:4], start=1)]
    total = 0.0
    for pair in pairs:
        source = minigrad.tensor([run.source_vocabulary.encode(pair.source)])
        state, memory = run.model.encode(source)
        word = Vocabulary.BEGIN
        for following in (*run.target_vocabulary.encode(pair.target), Vocabulary.END):
            logits, _, state = run.model.decode(minigrad.tensor([[word]]), state, memory)
            total += minigrad.log_softmax(logits[0, 0], -1)[following].item()
            word = following
    assert decoding.log_probability(run, pairs) == pytest.approx(total / 4, rel=1e-5)


def test_lengths_are_relative_to_the_reference(small, monkeypatch):
    run, tests = small
    for times, exact in ((1, 1), (2, 0)):
        written = [Pair(pair.source, pair.target * times) for pair in tests]
        monkeypatch.setattr(decoding, "translations", lambda *_, written=written: written)
        found = decoding.decoded(run, tests, 1, 0.0)
        assert (found["length"], found["exact"]) == (times, exact)


def test_a_beam_of_one_writes_as_greedy_decoding_does(small):
    run, tests = small
    written = decoding.translations(run, tests, 1, 0.0)
    assert [pair.source for pair in written] == [pair.source for pair in tests]
    assert [list(p.target) for p in written] == [t.words for t in evaluation.translate(run, tests)]


# With a file.


def test_without_a_file_it_says_what_to_give():
    for settings in (FULL, replace(QUICK, corpus=FULL.corpus)):
        with pytest.raises(ValueError, match=r"--pairs FILE, in UTF-8.*English, a tab, Korean"):
            decoding.measure(settings)


@pytest.fixture(scope="module")
def pairs_file(tmp_path_factory):
    """Sentences of the calendar, in a file like one of real pairs."""
    path = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    texts = [pair.text for pair in calendar.corpus(100, 0, 1, 0, 0).train]
    path.write_text("".join(f"{to}\t{of}\n" for of, to in texts), encoding="utf-8")
    return path


TINY = Settings(
    Corpus(steps=2, merges=20, embedding=4, hidden=4, every=1),
    widths=(1, 2),
    alphas=(0.0,),
    seeds=(0, 1, 2),
)


def test_pairs_of_a_file(pairs_file):
    pytest.importorskip("sacrebleu")
    result = decoding.measure(TINY, pairs_file)
    assert list(result["decoded"]) == ["BLEU", "chrF", "length", "log-probability"]
    assert result["digest"] == translating.digest(pairs_file)
    assert of(result, "BLEU").shape == (2, 1, 3)
    json.dumps(result)


def test_without_sacrebleu_it_says_so_before_it_trains(pairs_file, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r'sacrebleu: pip install "minigrad\[bleu\]"'):
        decoding.measure(TINY, pairs_file)


# What it looks like.


def test_the_report_has_a_line_for_each_width_in_each_table(result):
    tables = decoding.report(result).split("\n\n")
    assert len(tables) == len(result["decoded"])
    for name, lines in zip(result["decoded"], map(str.splitlines, tables), strict=True):
        assert lines[0].startswith(f"{name}, beam width")
        assert [int(line.split()[0]) for line in lines[1:]] == result["widths"]


def test_the_figure(result, tmp_path):
    (fig,) = decoding.draw(result).values()
    assert plots.save(fig, tmp_path / "decoding.png").stat().st_size > 10_000
    measures = [of(result, name) for name in result["decoded"] if name != "log-probability"]
    for ax, values in zip(fig.axes, measures, strict=True):
        if values is not measures[-1]:
            values = values - values[:1, :1]
        for i, alpha in enumerate(result["alphas"]):
            np.testing.assert_allclose(ax.lines[i].get_ydata(), np.median(values[:, i], -1))
            assert ax.lines[i].get_label() == f"α = {alpha:g}"

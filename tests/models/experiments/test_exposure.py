from types import SimpleNamespace

import numpy as np
import pytest

import minigrad
from minigrad import nn
from models.experiments import exposure
from models.experiments.decoding import Corpus, learned
from models.experiments.exposure import (
    AFTER,
    CALENDAR,
    CORRECTED,
    FORCED,
    FULL,
    KEPT,
    READS,
    REAL,
    RIGHT,
    TRAININGS,
    Sampled,
)
from models.showing import plots
from models.tasks.pairs import Pair
from models.tasks.vocabulary import SPECIALS, Vocabulary
from models.training import evaluation
from models.training.translating import Translating


def wrong(result, corpus, training, case):
    """The fraction of words that are wrong: (reach, seeds)."""
    found = np.array(result["models"][corpus][training]["wrong"][case])
    assert found.shape[1] >= 3
    return found


# The claim, for every seed.


def test_after_a_wrong_word_the_next_one_is_wrong_more_often(result):
    for corpus in result["models"]:
        kept, corrected = (wrong(result, corpus, FORCED, case) for case in (KEPT, CORRECTED))
        assert (kept[0] > corrected[0] + 0.15).all()


def test_some_words_later_it_is_forgotten(result):
    for corpus in result["models"]:
        kept, corrected = (wrong(result, corpus, FORCED, case) for case in (KEPT, CORRECTED))
        added = kept - corrected
        assert (abs(added[3:]) < 0.3 * added[0]).all()


def test_with_its_own_words_fewer_agree_with_the_reference(result):
    for models in result["models"].values():
        forced, own = (np.array(models[FORCED]["right"][reads]) for reads in READS)
        np.testing.assert_array_equal(forced[0], own[0])  # nothing has been read yet
        assert (own[5:].mean(0) < forced[5:].mean(0) - 0.1).all()


def test_the_claim_in_full(course):
    result = course["result"]
    assert len(result["digest"]) == 64
    assert list(result["models"]) == [REAL, CALENDAR]
    for corpus in (REAL, CALENDAR):
        forced, sampled = (
            wrong(result, corpus, name, KEPT) - wrong(result, corpus, name, CORRECTED)
            for name in TRAININGS
        )
        assert (abs(forced[4]) < 0.05).all()  # five words later
        assert (sampled[:2] < forced[:2]).all()
        assert (sampled[:2].mean(1) < 0.9 * forced[:2].mean(1)).all()
        before, after = (np.array(result["models"][corpus][name]["quality"]) for name in TRAININGS)
        assert (after > before).any()
        assert (after < before).any()
    forced, sampled = (result["models"][CALENDAR][name]["right"][READS[1]] for name in TRAININGS)
    assert (np.array(sampled[-1]) > np.array(forced[-1])).all()


# Errors after errors, with a model that counts: after a word it predicts the next number.

NUMBERS = Vocabulary([*SPECIALS, *map(str, range(1, 20))])


def counting():
    """A run with this model, for which any sentence starts with 1."""

    def model(source, target):
        ids = minigrad.where(target < len(SPECIALS), len(SPECIALS) - 1, target) + 1
        return nn.functional.one_hot(ids % len(NUMBERS), len(NUMBERS)).float()

    return SimpleNamespace(model=model, vocabularies={"source": NUMBERS, "target": NUMBERS})


def numbers(*words):
    """A pair with this target."""
    return Pair(("1",), tuple(map(str, words)))


def test_the_words_after_an_error():
    # Of 1 2 3 7 8 9 END it predicts 4 for 7, and 10 for END.
    found, places = exposure.after_errors(counting(), [numbers(1, 2, 3, 7, 8, 9)], reach=3)
    assert places == 1
    assert found[CORRECTED].tolist() == [0, 0, 1]  # 8, 9, and END
    assert found[KEPT].tolist() == [1, 0, 1]  # after 4 it says 5
    # Right are 1, 2, 3, 8 and 9. The words after them are 2 3 7 9 END; 3 7 8 END; and 7 8 9.
    np.testing.assert_allclose(found[RIGHT], [2 / 5, 2 / 4, 1 / 3])


def test_the_words_after_an_error_are_those_of_its_own_sentence():
    pairs = [numbers(1, 2, 3, 7, 8, 9), numbers(1, 5, 6, 9, 10), numbers(1, 2), numbers(8, 9)]
    together, places = exposure.after_errors(counting(), pairs, reach=1)
    assert places == 4  # 4 for 7; 2 for 5 and 7 for 9; 1 for 8
    assert together[KEPT].tolist() == [1]
    assert together[CORRECTED].tolist() == [0]


def test_an_end_that_comes_too_soon_does_not_count():
    run = counting()
    forward = run.model

    def ends_after_five(source, target):
        logits = forward(source, target)
        logits[:, :, Vocabulary.END] += 2 * (target == NUMBERS.encode(["5"])[0])
        return logits

    run.model = ends_after_five
    found, places = exposure.after_errors(run, [numbers(1, 5, 6)], reach=1)
    assert places == 1  # 2 for 5, and not END for 6
    assert found[KEPT].tolist() == found[CORRECTED].tolist() == [1]


@pytest.fixture(scope="module")
def small():
    """A translator of the calendar that has learned little, and its test sentences."""
    corpus = Corpus(steps=60, sentences=100, tests=40, embedding=8, hidden=16, every=20)
    return learned(Translating, corpus, 0, None)


def test_the_words_at_each_position(small):
    run, tests = small
    found = exposure.at_positions(run, tests, positions=5)
    written = [[*t.words, "<end>"] for t in evaluation.translate(run, tests)]
    for i in range(5):
        there = [(w, p) for w, p in zip(written, tests, strict=True) if i <= len(p.target)]
        right = [w[i : i + 1] == [(*p.target, "<end>")[i]] for w, p in there]
        assert found[READS[1]][i] == pytest.approx(np.mean(right))
    batch = run.batch(tests)
    right = (exposure.predicted(run.model, batch) == batch.target_out)[:, :2]
    np.testing.assert_allclose(found[READS[0]][:2], right.mean(0))


# Scheduled sampling.


def test_at_first_it_reads_the_reference_and_in_the_end_its_own_words(small, monkeypatch):
    run, tests = small
    batch = run.batch(tests)
    read = []
    monkeypatch.setattr(Translating, "loss", lambda self, batch: read.append(batch.target_in))
    sampled = Sampled("", run.settings, run.vocabularies.values())
    monkeypatch.setattr(exposure, "SHARE", 1.0)
    sampled.model.load_state_dict(run.model.state_dict())
    sampled.model.eval()
    sampled.loss(batch)
    np.testing.assert_array_equal(read[-1], batch.target_in)  # not in training
    for module in sampled.model.modules():
        module.training = True  # without the dropout of train(), which is 0 here
    sampled.loss(batch)
    np.testing.assert_array_equal(read[-1], batch.target_in)
    sampled.metrics = [()] * sampled.settings.steps
    sampled.loss(batch)
    np.testing.assert_array_equal(read[-1][:, 0], Vocabulary.BEGIN)
    np.testing.assert_array_equal(read[-1][:, 1:], exposure.predicted(run.model, batch)[:, :-1])
    monkeypatch.setattr(exposure, "SHARE", 0.5)
    sampled.loss(batch)
    own = (read[-1] != batch.target_in).sum() / (
        exposure.predicted(run.model, batch)[:, :-1] != batch.target_in[:, 1:]
    ).sum()
    assert 0.3 < own < 0.7


def test_without_a_file_it_says_what_to_give():
    with pytest.raises(ValueError, match=r"--pairs FILE, in UTF-8.*English, a tab, Korean"):
        exposure.measure(FULL)


# What it looks like.


def test_the_report_has_a_line_for_each_case(result):
    lines = exposure.report(result).splitlines()
    models = len(result["models"]) * len(TRAININGS)
    for case in (*READS, *AFTER):
        assert sum(line.startswith(f"{case}  ") for line in lines) == models


def test_the_figure(result, tmp_path):
    (fig,) = exposure.draw(result).values()
    assert plots.save(fig, tmp_path / "exposure.png").stat().st_size > 10_000
    for i, corpus in enumerate(result["models"]):
        _, errors, added = fig.axes[3 * i : 3 * i + 3]
        for line, case in zip(errors.lines, AFTER, strict=True):
            assert line.get_label() == case
            expected = np.median(wrong(result, corpus, FORCED, case), 1)
            np.testing.assert_allclose(line.get_ydata(), expected)
        for line, training in zip(added.lines, TRAININGS, strict=False):
            kept, corrected = (wrong(result, corpus, training, case) for case in (KEPT, CORRECTED))
            np.testing.assert_allclose(line.get_ydata(), np.median(kept - corrected, 1))

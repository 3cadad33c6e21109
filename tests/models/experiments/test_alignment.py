import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import minigrad
from models.experiments import alignment
from models.experiments.alignment import LONG, WITH, WITHOUT, alignment_error
from models.showing import plots
from models.tasks import calendar
from models.tasks.calendar import COURSE as SENTENCE

COURSE = Path(__file__).parents[3] / "docs" / "figures" / "alignment.json"


@pytest.fixture(scope="module")
def quick():
    return alignment.measure(alignment.QUICK)


@pytest.fixture(scope="module", params=["quick", "course"])
def result(request):
    """The results of QUICK, and the stored results of the course."""
    if request.param == "quick":
        return request.getfixturevalue("quick")
    if not COURSE.exists():
        pytest.skip(f"{COURSE} is not there")
    return json.loads(COURSE.read_text())["result"]


def of(result, name, key):
    """The results of a model for each seed; a missing value is nan."""
    found = np.array(result["models"][name][key], float)
    assert len(found) == len(result["seeds"]) >= 3
    return found


# The claim.


def test_without_dropout_it_attends_elsewhere(result):
    with_dropout, without = of(result, WITH, "error"), of(result, WITHOUT, "error")
    assert (with_dropout < 0.07).all()
    assert (without > 1.5 * with_dropout).sum() >= len(without) - 1  # for all seeds but one
    assert np.median(without) > max(2 * np.median(with_dropout), 0.05)


def test_it_attends_one_word_late(result):
    error, late = of(result, WITHOUT, "error"), of(result, WITHOUT, "late")
    assert (late <= error + 1e-6).all()
    assert (late >= 0.75 * error).all()


def test_and_translates_as_well(result):
    assert (of(result, WITHOUT, "exact") > of(result, WITH, "exact") - 0.03).all()
    assert (of(result, WITHOUT, "exact") > 0.8).all()
    assert np.nanmin(of(result, WITHOUT, "late_right")) > 0.93  # nan where nothing is late


def test_that_is_where_it_reads_the_word(result):
    right = of(result, WITHOUT, "late_right")
    late = ~np.isnan(right)  # for the other seeds nothing is
    assert late.sum() >= len(right) - 1
    assert (of(result, WITHOUT, "late_without") < 0.75 * right)[late].all()


def test_words_that_others_determine_are_aligned_less_well(result):
    for name in (WITH, WITHOUT):
        assert (of(result, name, "error_linked") < 0.6).all()
    assert (of(result, WITH, "error_linked") > of(result, WITH, "error")).all()


def test_the_course_has_every_model_and_they_are_good():
    if not COURSE.exists():
        pytest.skip(f"{COURSE} is not there")
    result = json.loads(COURSE.read_text())["result"]
    assert list(result["models"]) == list(alignment.MODELS)
    assert result["seeds"] == list(alignment.FULL.seeds)
    assert result["sentences"] == alignment.FULL.test
    for name in alignment.MODELS:
        assert (of(result, name, "exact") > 0.85).all()
        assert np.median(of(result, name, "exact")) > 0.98
    for start in ("", ", usual start"):
        errors = of(result, WITH + start, "error"), of(result, WITHOUT + start, "error")
        assert (errors[0] <= errors[1]).all()


# The alignment error rate.


@pytest.mark.parametrize(
    ("found", "sure", "possible", "rate"),
    [
        ({1, 2}, {1, 2}, {1, 2}, 0),
        ({3, 4}, {1, 2}, {1, 2}, 1),
        ({1, 4}, {1, 2}, {1, 2}, 1 / 2),
        ({1, 2, 3}, {1, 2}, {1, 2, 3}, 0),  # a possible link may be found …
        ({1, 2}, {1, 2}, {1, 2, 3}, 0),  # … and need not be
        ({1, 3, 4}, {1, 2}, {1, 2, 3}, 1 - (1 + 2) / (3 + 2)),
        ({1}, {1, 2, 3}, {1, 2, 3, 4}, 1 - (1 + 1) / (1 + 3)),
        (set(), {1}, {1}, 1),
    ],
)
def test_alignment_error(found, sure, possible, rate):
    assert alignment_error(found, sure, possible) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("most", "counted", "rate"),
    [
        ([0, 2, 1, 0], [0, 2], 0),
        ([0, 0, 1, 0], [0, 2], 0),  # what does not count may look anywhere
        ([0, 0, 1, 0], [0, 1, 2], 1 / 3),
        ([1, 2, 1, 0], [0, 2], 1 / 2),
        ([1, 2, 2, 0], [0, 2], 1),
    ],
)
def test_the_error_is_the_fraction_of_words_that_attend_elsewhere(most, counted, rate):
    found = alignment.error_of([most, [0, 2, 1, 0]], [SENTENCE] * 2, [counted, []])
    assert found == pytest.approx(rate)


@pytest.mark.parametrize(("second", "rate"), [([0, 2, 1, 0], 0), ([1, 2, 2, 0], 1 / 2)])
def test_links_of_one_sentence_are_not_those_of_another(second, rate):
    found = alignment.error_of([[0, 2, 1, 0], second], [SENTENCE] * 2, [[0, 2]] * 2)
    assert found == pytest.approx(rate)


def test_examined_on_given_weights(monkeypatch):
    def look(run, pair):
        """Today attends one late and needs that state; Friday too, and is right without it."""
        weights = np.eye(4)[[1, 2, 2, 0]]
        return weights, np.array([True] * 4), np.array([False, False, True, False])

    monkeypatch.setattr(alignment, "look", look)
    found = alignment.examined(None, [SENTENCE])
    assert found == {
        "error": 1,
        "error_linked": pytest.approx(3 / 4),
        "late": 1,
        "late_right": 1,
        "late_without": 1 / 2,
    }


# Looking into a model.


@pytest.fixture(scope="module")
def pairs():
    return calendar.corpus(200, max_clauses=2, validation=0, test=0).train


def test_the_weights_are_those_of_the_model_itself(pairs):
    settings = replace(alignment.QUICK, hidden=16)
    run = alignment.start(WITH, 0, settings, pairs)
    for pair in pairs[:5]:
        batch = run.batch([pair])
        weights, right, _ = alignment.look(run, pair)
        logits, expected = run.model(
            minigrad.tensor(batch.source), minigrad.tensor(batch.target_in)
        )
        np.testing.assert_allclose(weights, expected.detach().numpy()[0, :-1], rtol=1e-5)
        assert (right == (logits.argmax(-1).numpy() == batch.target_out)[0, :-1]).all()


def test_without_its_only_state_the_context_is_empty(pairs):
    """Nothing is left of the context then, so only the decoder's own state counts."""
    settings = replace(alignment.QUICK, hidden=16)
    run = alignment.start(WITH, 0, settings, pairs)
    model = run.model
    model.encoder.forward = lambda source: 1e3 * minigrad.eye(16)[None, : source.shape[1]]
    model.decoder.forward = lambda target, h: (minigrad.eye(16)[None, : target.shape[1]], h)
    seen = []
    output = model.output.forward
    model.output.forward = lambda x: seen.append(x.numpy()) or output(x)
    weights, _, _ = alignment.look(run, SENTENCE)
    context, blind = (x[0, : len(SENTENCE.source), :16] for x in seen)
    words = len(SENTENCE.source)
    np.testing.assert_allclose(weights[:words], np.eye(words), atol=1e-6)
    np.testing.assert_allclose(context, 1e3 * np.eye(16)[:words], atol=1e-3)
    np.testing.assert_allclose(blind, 0, atol=1e-3)


def test_the_usual_start_is_that_of_a_linear_layer(pairs):
    bound = alignment.QUICK.hidden**-0.5
    for name, (_, larger) in alignment.MODELS.items():
        model = alignment.start(name, 0, alignment.QUICK, pairs).model
        largest = np.abs(model.encoder.rnn.hidden.weight.detach().numpy()).max()
        assert largest == pytest.approx(bound * larger / 10, rel=1e-2)


def test_dropout_is_all_that_differs(pairs):
    with_dropout, without = (
        alignment.start(name, 0, alignment.QUICK, pairs) for name in (WITH, WITHOUT)
    )
    settings = replace(with_dropout.settings, dropout=0.0, final_dropout=0.0)
    assert without.settings == settings
    assert with_dropout.settings.dropout > with_dropout.settings.final_dropout > 0
    for one, other in zip(with_dropout.parameters, without.parameters, strict=True):
        assert np.array_equal(one.detach().numpy(), other.detach().numpy())


def test_the_longer_sentence_is_one_of_the_grammar():
    yesterday, my_birthday = (
        calendar.DAYS[1],
        calendar.arrange("{0} {1}", calendar.OWNERS[0], calendar.gloss("생일", "birthday")),
    )
    our_exam = calendar.arrange("{0} {1}", calendar.OWNERS[2], calendar.EVENTS[0])
    march_5 = calendar.arrange("{0} {1}", calendar.MONTHS[2], calendar.DAY_NUMBERS[4])
    friday_march_5 = calendar.arrange("{1} , {0}", march_5, calendar.WEEKDAYS[4])
    when = calendar.at(calendar.one_of([friday_march_5]))(random, 0)
    clauses = [
        calendar.clause(yesterday, my_birthday, "was", "and"),
        calendar.clause(our_exam, when, "is", "."),
    ]
    assert calendar._pair(clauses, ".") == LONG


# The report and the pictures.


def test_the_weights_of_the_course_s_sentence_match_the_grammar(result):
    """With dropout and the first seed: the picture in the course."""
    weights = np.array(result["models"][WITH]["weights"][0][0])
    assert weights.shape == (len(SENTENCE.target), len(SENTENCE.source))
    for target, source in SENTENCE.alignment:
        if target in SENTENCE.content:
            assert weights[target, source] > 0.6


def test_the_weights_of_each_sentence(result):
    for found in result["models"].values():
        for seed in found["weights"]:
            for weights, pair in zip(seed, (SENTENCE, LONG), strict=True):
                assert np.shape(weights) == (len(pair.target), len(pair.source))
                np.testing.assert_allclose(np.sum(weights, 1), 1, atol=1e-4)


def test_the_report_has_two_lines_for_each_model(result):
    lines = alignment.report(result).splitlines()
    for name in result["models"]:
        assert sum(line.startswith(f"{name}  ") for line in lines) == 2
    middle = np.median(of(result, WITHOUT, "error"))
    assert f"{middle:.3f}" in alignment.report(result)


def test_a_model_in_which_nothing_is_late_has_a_report():
    found = {
        "exact": [1.0],
        "error": [0.0],
        "error_linked": [0.0],
        "late": [0.0],
        "late_right": [None],
        "late_without": [None],
    }
    report = alignment.report({"sentences": 1, "seeds": [0], "models": {WITH: found}})
    assert report.splitlines()[-1].split()[-2:] == ["-", "-"]


def test_the_figures(result, tmp_path):
    figures = alignment.draw(result)
    assert list(figures) == ["alignment", "alignment_sentences", "alignment_error"]
    for name, fig in figures.items():
        for ax in fig.axes:
            assert ax.get_xlabel() or ax.get_ylabel()
        assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000
    course = figures["alignment"].axes[0]
    assert np.array_equal(course.images[0].get_array(), result["models"][WITH]["weights"][0][0])
    worst = of(result, WITHOUT, "error").argmax()
    for ax, name in zip(figures["alignment_sentences"].axes, (WITH, WITHOUT), strict=False):
        assert np.array_equal(ax.images[0].get_array(), result["models"][name]["weights"][worst][1])
        assert len(ax.patches) == len(LONG.alignment)
        assert ax.get_title() == f"{name} (seed {result['seeds'][worst]})"
    for ax, key in zip(figures["alignment_error"].axes, ("exact", "error"), strict=True):
        for line, name in zip(ax.lines, result["models"], strict=True):
            assert np.array_equal(line.get_xdata(), of(result, name, key))


def test_the_frames_are_the_true_links():
    _, ax = plots.figure(3, 3)
    plots.frame(ax, [(4, 7)])
    (frame,) = ax.patches
    assert frame.get_center() == pytest.approx((7, 4))  # a row is a place on the y axis

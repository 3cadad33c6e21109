from dataclasses import replace

import numpy as np
import pytest

import minigrad
from models.experiments import transformer
from models.experiments.transformer import MODELS, POSITIONS, QUICK, RECURRENT
from models.showing import plots
from models.tasks import calendar
from models.training import evaluation

SINUSOIDAL = next(iter(POSITIONS))


def of(result, name, key):
    """The results of a model for each seed."""
    found = np.array(result["models"][name][key], float)
    assert len(found) == len(result["seeds"]) >= 3
    return found


# The claim.


def test_the_models_have_equally_many_parameters(result):
    fixed = of(result, SINUSOIDAL, "parameters")
    for name in result["models"]:
        assert of(result, name, "parameters") == pytest.approx(fixed, rel=0.06)
    assert of(result, RECURRENT, "parameters") == pytest.approx(fixed, rel=0.02)


def test_they_learn(result):
    for name in (RECURRENT, SINUSOIDAL):
        assert (of(result, name, "curve")[:, -1] > 0.15).all()


def test_sentences_that_are_longer_than_those_of_training_are_hardly_ever_right(result):
    for name in (RECURRENT, SINUSOIDAL):
        longer = of(result, name, "longer")
        known = result["clauses"]
        assert (longer[:, known:].max(1) < 0.5 * longer[:, :known].mean(1)).all()


def test_heads_differ_in_how_well_they_align(result):
    error, best = of(result, SINUSOIDAL, "error"), of(result, SINUSOIDAL, "best")
    assert (best < 0.5).all()
    assert (best <= np.median(error, (1, 2)) + 1e-6).all()


# Its parts.


@pytest.fixture(scope="module")
def small():
    return replace(QUICK, pairs=400, tests=20, clauses=2, tested=4, steps=2, every=1)


@pytest.fixture(scope="module")
def learned(small):
    return transformer.sentences(small, seed=1)


def test_sentences_are_sorted_by_their_clauses(small, learned):
    pairs, tests = learned
    assert {transformer.clauses_of(pair) for pair in pairs} == {1, 2}
    assert [{transformer.clauses_of(p) for p in same} for same in tests] == [{1}, {2}, {3}, {4}]
    assert sum(map(len, tests)) == 80
    sources = {pair.source for pair in pairs}
    assert not any(pair.source in sources for same in tests for pair in same)
    assert transformer.clauses_of(calendar.COURSE) == 1


@pytest.mark.parametrize("name", MODELS)
def test_the_sizes_of_the_models(small, learned, name):
    run = transformer.start(name, 0, small, learned[0])
    fixed = transformer.start(SINUSOIDAL, 0, small, learned[0])
    parameters, wanted = (sum(p.numel() for p in r.parameters) for r in (run, fixed))
    if name == RECURRENT:
        words = [len(known) for known in run.vocabularies.values()]
        hidden = transformer.hidden_of(small, *words)
        assert run.settings.hidden == hidden
        assert wanted <= parameters < wanted * 1.02
    else:
        assert run.settings.positions == POSITIONS[name]
        if POSITIONS[name] != "learned":
            assert parameters == wanted


@pytest.mark.parametrize("name", [RECURRENT, SINUSOIDAL])
def test_right_is_exact_match(small, name):
    """A sentence of which every next word is predicted is one that greedy decoding writes."""
    pairs = [pair for pair in calendar.corpus(20, 0, 1, 0, 0).train if len(pair.target) < 10][:8]
    settings = replace(small, steps=60, learning_rate=2e-2, batch_size=8)
    run = transformer.start(name, 0, settings, pairs)
    found = []
    for _, batch in zip(range(60), run.batches(pairs), strict=False):
        run.step(batch)
        if len(run.metrics) % 4 == 0:
            found.append(transformer.right(run, pairs))
            assert run.model.training
            assert found[-1] == evaluation.exact_match(evaluation.translate(run, pairs), pairs)
            run.model.train()
    assert len(set(found)) >= 2
    assert minigrad.is_grad_enabled()


def test_when_a_model_is_good_enough():
    curves = [[0.5, 0.995, 0.98], [0.1, 0.2, 0.3], [0.99, 1.0, 1.0]]
    result = {"models": {"x": {"curve": curves}}}
    assert transformer.reached(result, "x") == [1, None, 0]


# The report and the pictures.


def test_the_report_has_a_line_for_each_model_in_each_table(result):
    lines = transformer.report(result).splitlines()
    for name in result["models"]:
        assert sum(line.startswith(f"{name}  ") for line in lines) == 3


def test_the_figures(result, tmp_path):
    figures = transformer.draw(result)
    assert list(figures) == ["transformer", "transformer_longer", "transformer_alignment"]
    for name, fig in figures.items():
        assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000
    for ax in figures["transformer"].axes:
        for line, name in zip(ax.lines, result["models"], strict=True):
            expected = np.median(of(result, name, "curve"), 0)
            np.testing.assert_allclose(line.get_ydata(), expected)
    for ax, name in zip(figures["transformer_alignment"].axes, result["models"], strict=True):
        shown = np.concatenate([line.get_ydata() for line in ax.lines])
        np.testing.assert_allclose(np.sort(shown), np.sort(of(result, name, "error").flatten()))

"""Early stopping: when it stops, which weights are kept, and that a resumed run is the same."""

from dataclasses import replace

import numpy as np
import pytest

from models import kinds
from models.training.translating import Settings, Translating
from tests.models.training.test_run import ctrl_c, parameters, stop_after

SETTINGS = Settings(
    embedding=4, hidden=4, steps=12, batch_size=8, patience=2, evaluate_every=2, learning_rate=0.05
)


@pytest.fixture
def start(tmp_path, splits):
    """A function that starts a new run."""
    return lambda name="run", **settings: Translating.start(
        tmp_path / name, replace(SETTINGS, **settings), splits.train
    )


@pytest.fixture
def losses(monkeypatch):
    """A function that makes the validation losses these, one after the other."""

    def give(*values):
        left = iter(values)
        monkeypatch.setattr("models.training.patience.np.average", lambda *_, **__: next(left))

    return give


def train(run, splits):
    return run.train(splits.train, validation=splits.validation)


@pytest.mark.parametrize(
    ("values", "steps", "best"),
    [
        ((3, 2, 1, 1, 1, 0), 10, 6),  # an equal loss is not lower
        ((3, 4, 2, 3, 3), 10, 6),
        ((1, 2, 3), 6, 2),
        ((6, 5, 4, 3, 2, 1), 12, 12),
    ],
)
def test_when_it_stops(start, splits, losses, values, steps, best):
    losses(*values)
    run = start()
    assert train(run, splits)
    assert len(run.metrics) == steps
    assert run.validation.best == (best, values[best // 2 - 1])
    assert [step for step, _ in run.validation.losses] == list(range(2, steps + 1, 2))


def test_the_last_step_is_evaluated_too(start, splits):
    run = start(steps=5, patience=9)
    assert train(run, splits)
    assert [step for step, _ in run.validation.losses] == [2, 4, 5]


def test_the_best_weights_are_shown_and_the_last_ones_go_on(start, splits, losses, monkeypatch):
    at_step = {}
    step = Translating.step

    def noted(run, batch):
        step(run, batch)
        at_step[len(run.metrics)] = parameters(run)

    monkeypatch.setattr(Translating, "step", noted)
    losses(1, 2, 3)
    run = start()
    assert train(run, splits)
    assert parameters(run) == at_step[2] != at_step[6]
    opened, _ = kinds.open_run(run.folder)
    assert parameters(opened) == at_step[2]
    (run.folder / "checkpoint.safetensors").unlink()
    assert parameters(kinds.open_run(run.folder)[0]) == at_step[2]  # model.safetensors
    opened.validation.use_last()
    assert parameters(opened) == at_step[6]


def test_the_loss_is_the_mean_over_the_words(start, splits):
    run = start(batch_size=3)
    assert train(run, splits)
    run.model.eval()
    loss = run.loss(run.batch(splits.validation))[0].item()
    _, best = run.validation.best
    assert best == pytest.approx(loss, rel=1e-5)
    assert best == min(loss for _, loss in run.validation.losses)


@pytest.mark.parametrize("steps", [1, 2, 5, 6, 9])
def test_a_resumed_run_stops_at_the_same_step(monkeypatch, start, splits, losses, steps):
    values = (5, 4, 6, 3, 7, 8)
    losses(*values)
    whole, stopped = start("whole"), start("stopped")
    assert train(whole, splits)
    losses(*values)
    with monkeypatch.context() as patch:
        stop_after(patch, steps, ctrl_c)
        assert not train(stopped, splits)
    resumed, _ = kinds.open_run(stopped.folder)
    assert train(resumed, splits)
    assert resumed.metrics == whole.metrics
    assert resumed.validation.losses == whole.validation.losses
    assert parameters(resumed) == parameters(whole)
    for name in ("model.safetensors", "metrics.csv", "checkpoint.safetensors"):
        assert (resumed.folder / name).read_bytes() == (whole.folder / name).read_bytes()
    again, _ = kinds.open_run(resumed.folder)
    assert train(again, splits)  # nothing is left to do
    assert parameters(again) == parameters(whole)
    assert again.metrics == whole.metrics


def test_evaluating_changes_no_number(start, splits):
    with_patience, without = start("with", patience=99), start("without", patience=0)
    for run in (with_patience, without):
        assert train(run, splits)
    assert with_patience.metrics == without.metrics
    assert not without.validation.losses


def test_without_validation_examples_there_is_nothing_to_wait_for(start, splits):
    with pytest.raises(ValueError, match="needs validation examples"):
        start().train(splits.train)


def test_a_damaged_record_is_explained(start, splits):
    run = start()
    for shape in ((3,), (0, 2), (2, 3)):
        with pytest.raises(ValueError, match="validation of shape"):
            run.validation.restore({"validation": np.zeros(shape)})

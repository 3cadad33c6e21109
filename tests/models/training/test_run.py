import csv
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import minigrad
from models import kinds
from models.tasks.batches import make_batch
from models.tasks.calendar import corpus
from models.tasks.pairs import Pair
from models.training.evaluation import exact_match, translate
from models.training.run import METRICS
from models.training.translating import Settings, Translating, load_task, logits_of, loss_of

CHECKOUT = Path(__file__).parents[3]


def class_of(settings):
    return kinds.KINDS[settings.model].model


def parameters(run):
    return {name: value.numpy().tobytes() for name, value in run.model.state_dict().items()}


@pytest.fixture
def start(tmp_path, small, splits):
    """A function that starts a new run."""
    return lambda name="run", **settings: Translating.start(
        tmp_path / name, replace(small, **settings), splits.train, model=class_of(small)
    )


def stop_after(monkeypatch, steps, how):
    """Call `how()` during step number `steps`."""
    step = Translating.step

    def stopping(run, batch):
        if len(run.metrics) + 1 == steps:
            how()
        step(run, batch)

    monkeypatch.setattr(Translating, "step", stopping)


def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)


# Reproducible numbers.


def test_the_same_settings_give_the_same_numbers(start, splits):
    first, second, other = start("first"), start("second"), start("other", seed=1)
    for run in (first, second, other):
        assert run.train(splits.train)
    assert first.metrics == second.metrics != other.metrics
    assert parameters(first) == parameters(second) != parameters(other)
    for name in ("model.safetensors", "config.json", "metrics.csv", "checkpoint.safetensors"):
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


@pytest.mark.parametrize("steps", [1, 8])
def test_a_resumed_run_gives_the_same_numbers(monkeypatch, start, splits, steps):
    whole, stopped = start("whole"), start("stopped")
    assert whole.train(splits.train)
    with monkeypatch.context() as patch:
        stop_after(patch, steps, ctrl_c)
        assert not stopped.train(splits.train)
    assert len(stopped.metrics) == steps

    resumed = kinds.open_run(stopped.folder)[0]
    assert resumed.settings == stopped.settings
    assert resumed.source_vocabulary.words == stopped.source_vocabulary.words
    assert resumed.metrics == whole.metrics[:steps]
    assert resumed.train(splits.train)
    assert resumed.metrics == whole.metrics
    assert parameters(resumed) == parameters(whole)
    for name in ("model.safetensors", "metrics.csv", "checkpoint.safetensors"):
        assert (resumed.folder / name).read_bytes() == (whole.folder / name).read_bytes()


def test_a_finished_run_is_opened_as_it_is(start, splits):
    run = start()
    run.train(splits.train)
    again = kinds.open_run(run.folder)[0]
    assert parameters(again) == parameters(run)
    assert again.train(splits.train)
    assert again.metrics == run.metrics
    assert parameters(again) == parameters(run)


def test_without_a_checkpoint_the_model_still_opens(start, splits):
    run = start()
    run.train(splits.train)
    (run.folder / "checkpoint.safetensors").unlink()
    assert parameters(kinds.open_run(run.folder)[0]) == parameters(run)


def test_every_step_has_its_own_dropout(start, splits):
    run = start(learning_rate=0.0)
    batch = make_batch(splits.train, run.source_vocabulary, run.target_vocabulary)
    run.step(batch)
    run.step(batch)
    assert run.metrics[0] != run.metrics[1]


# Ctrl-C.


def test_ctrl_c_stops_after_the_current_step_and_saves(monkeypatch, start, splits):
    before = signal.getsignal(signal.SIGINT)
    stop_after(monkeypatch, 3, ctrl_c)
    run = start()
    assert not run.train(splits.train)
    assert len(run.metrics) == 3
    assert signal.getsignal(signal.SIGINT) is before
    assert parameters(kinds.open_run(run.folder)[0]) == parameters(run)
    assert not run.model.training


def test_a_second_ctrl_c_stops_at_once(monkeypatch, start, splits):
    def twice():
        ctrl_c()
        ctrl_c()

    before = signal.getsignal(signal.SIGINT)
    stop_after(monkeypatch, 3, twice)
    run = start()
    with pytest.raises(KeyboardInterrupt):
        run.train(splits.train)
    assert signal.getsignal(signal.SIGINT) is before
    assert kinds.open_run(run.folder)[0].metrics == []  # as saved last


# Saving.


@pytest.mark.parametrize("file", range(4))
def test_a_failed_save_leaves_the_last_checkpoint(monkeypatch, start, splits, file):
    run = start()
    run.train(splits.train)
    reached, metrics = parameters(run), list(run.metrics)
    run.step(make_batch(splits.train, run.source_vocabulary, run.target_vocabulary))
    written = []
    move = os.replace

    def full(source, target):
        if len(written) == file:
            raise OSError("no space left on device")
        written.append(target)
        move(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="no space left"):
            run.save()
    again = kinds.open_run(run.folder)[0]
    whole = any(str(path).endswith("checkpoint.safetensors") for path in written)
    assert parameters(again) == (parameters(run) if whole else reached)
    assert again.metrics == (run.metrics if whole else metrics)
    assert not [path.name for path in run.folder.iterdir() if path.name.startswith(".")]


KILLED = """
import os, signal, sys
from models.tasks.calendar import corpus
from models.training.translating import Settings, Translating

pairs = corpus(size=40, validation=2, test=2, max_clauses=1).train
settings = Settings(embedding=4, hidden=4, steps=5, batch_size=8)
move, moved = os.replace, []

def kill_in_the_second_save(source, target):
    moved.append(target)
    if len(moved) == 7:  # its checkpoint: written, not yet in its place
        print(target, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    move(source, target)

os.replace = kill_in_the_second_save
Translating.start(sys.argv[1], settings, pairs).train(pairs, save_every=2)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_process_killed_while_it_saves_leaves_the_last_checkpoint(tmp_path):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert killed.stdout.strip().endswith("checkpoint.safetensors")
    pairs = corpus(size=40, validation=2, test=2, max_clauses=1).train
    run = kinds.open_run(tmp_path)[0]
    assert run.metrics == []  # as it was at the first save
    assert run.train(pairs)
    assert len(run.metrics) == 5


def test_a_folder_without_a_run_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing-here holds no run .*train one first"):
        kinds.open_run(tmp_path / "nothing-here")[0]


def test_the_metrics_have_one_row_per_step(start, splits):
    run = start()
    run.train(splits.train)
    with open(run.folder / "metrics.csv", encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    assert names == ["step", *METRICS]
    assert [int(row[0]) for row in rows] == list(range(run.settings.steps))
    assert [tuple(map(float, row[1:])) for row in rows] == run.metrics
    assert all(0 <= accuracy <= 1 for _, accuracy, _, _ in run.metrics)
    rates = [rate for *_, rate in run.metrics]
    falling = np.linspace(run.settings.learning_rate, 0, run.settings.steps + 1)
    assert rates == pytest.approx(falling[:-1])


def test_the_config_is_readable_text(start, splits, small):
    run = start()
    run.train(splits.train)
    text = (run.folder / "config.json").read_text(encoding="utf-8")
    assert "금요일" in text
    assert Settings(**json.loads(text)["settings"]) == small


# What is learned.


@pytest.mark.parametrize("model", ["seq2seq", "attention"])
def test_twenty_sentences_are_learned_by_heart(tmp_path, model):
    pairs = corpus(size=20, validation=0, test=0, max_clauses=2).train
    settings = Settings(
        model=model,
        embedding=16,
        hidden=48,
        dropout=0.0,
        steps=250,
        batch_size=20,
        learning_rate=1e-2,
    )
    run = Translating.start(tmp_path, settings, pairs, model=class_of(settings))
    assert run.train(pairs)
    assert run.metrics[0][0] > 3
    assert run.metrics[-1][0] < 0.1
    assert run.metrics[-1][1] == 1
    assert exact_match(translate(run, pairs), pairs) == 1


def test_padding_does_not_count_in_the_loss(start, splits):
    run = start()
    run.model.eval()
    short, long = sorted(splits.train, key=lambda pair: len(pair.target))[:: len(splits.train) - 1]
    vocabularies = run.source_vocabulary, run.target_vocabulary

    def losses(pairs):
        return loss_of(run.model, make_batch(pairs, *vocabularies))[0].item()

    words = [len(pair.target) + 1 for pair in (short, long)]
    mean = np.average([losses([short]), losses([long])], weights=words)
    assert losses([short, long]) == pytest.approx(mean, rel=1e-6)


def test_logits_of_leaves_out_the_weights(start, splits):
    run = start()
    batch = make_batch(splits.train[:3], run.source_vocabulary, run.target_vocabulary)
    logits = logits_of(run.model, *map(minigrad.tensor, batch[:2]))
    assert logits.shape == (*batch.target_in.shape, len(run.target_vocabulary))


# The training data.


def test_the_task_is_the_calendar_or_a_file(monkeypatch, tmp_path):
    monkeypatch.setattr("models.tasks.calendar.corpus", lambda seed: f"the calendar {seed}")
    assert load_task(Settings(seed=3)) == "the calendar 3"

    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"word {i}\t단어 {i}\n" for i in range(40)), encoding="utf-8")
    splits = load_task(Settings(pairs=str(path)))
    assert [len(split) for split in splits] == [36, 2, 2]
    assert all(pair.source[0] == "단어" for pair in splits.train)
    splits = load_task(Settings(pairs=str(path), source="first"))
    assert all(pair.source[0] == "word" for pair in splits.train)


def test_rare_words_can_be_unknown(tmp_path, small):
    pairs = [Pair(("a", "b"), ("A", "B")), Pair(("a", "c"), ("A", "C"))]
    rare = replace(small, min_count=2)
    run = Translating.start(tmp_path, rare, pairs, model=class_of(small))
    assert run.source_vocabulary.words[4:] == ["a"]
    assert run.target_vocabulary.words[4:] == ["A"]

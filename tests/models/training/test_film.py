"""The film of a training: what is noted and when; and that the training does not notice."""

import base64
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
from models.kinds import KINDS
from models.tasks import calendar, coreference, stories
from models.tasks.calendar import corpus
from models.training import film
from models.training.backend import MINIGRAD, Backend
from models.training.film import FILM, moments
from tests.models.training.test_run import CHECKOUT, ctrl_c, parameters, stop_after

STEPS = 12


@pytest.fixture(autouse=True)
def few_examples(monkeypatch, splits):
    """A small corpus for every kind."""
    texts, told = coreference.corpus, stories.corpus
    monkeypatch.setattr(calendar, "corpus", lambda seed: splits)
    monkeypatch.setattr(coreference, "corpus", lambda seed: texts(60, seed, 10, 10))
    monkeypatch.setattr(stories, "corpus", lambda seed: told(60, seed, 10))


def started(folder, model="attention", backend=MINIGRAD, **given):
    """A new run of a small model, and its examples."""
    kind = KINDS[model]
    small = {"model": model, **kind.run.SMALL, "steps": STEPS, "batch_size": 8}
    settings = kind.run.settings_from(small | given)
    splits = kind.run.load(settings)
    return kind.run.start(folder, settings, splits.train, backend, kind.model), splits


def train(run, splits):
    return run.train(splits.train, validation=splits.validation)


def steps_of(folder):
    return [moment["step"] for moment in film.read(Path(folder))[1]]


def unpacked(text):
    return np.frombuffer(base64.b64decode(text), np.uint8)


# When.


@pytest.mark.parametrize(("steps", "count"), [(2800, 80), (1000, 80), (5000, 80), (300, 80)])
def test_moments_are_closer_together_at_first(steps, count):
    found = sorted(moments(steps, count))
    assert found[0] == 0
    assert found[-1] == steps
    gaps = np.diff(found)
    assert gaps[0] <= 2
    assert gaps[-1] > steps / 100
    assert len(found) <= 1 + max(30, steps / 30)
    assert len(found) > 0.8 * min(count, max(30, steps / 30))


def test_a_run_without_a_film_writes_none(tmp_path):
    run, splits = started(tmp_path, film=0)
    assert train(run, splits)
    assert not (tmp_path / FILM).exists()


def test_the_moment_at_which_patience_ends_a_run_is_noted(tmp_path, monkeypatch):
    run, splits = started(tmp_path, film=2, patience=1, evaluate_every=1, learning_rate=0.0)
    assert train(run, splits)
    assert len(run.metrics) < STEPS
    assert steps_of(tmp_path) == [0, len(run.metrics)]


# What.


@pytest.mark.parametrize("model", KINDS)
def test_a_moment_holds_what_the_run_was(tmp_path, model):
    run, splits = started(tmp_path, model, clip=0.01)
    assert train(run, splits)
    head, found = film.read(tmp_path)
    assert head["model"] == model
    assert [name for name, _ in head["parameters"]] == [n for n, _ in run.model.named_parameters()]
    assert [m["step"] for m in found] == list(range(STEPS + 1))
    first, last = found[0], found[-1]
    assert first["loss"] is first["gradients"] is None
    assert last["loss"] == pytest.approx(run.metrics[-1][0], rel=1e-3)
    for name, norm, limits in zip(
        dict(head["parameters"]), last["weights"]["norms"], last["weights"]["ranges"], strict=True
    ):
        values = run.model.state_dict()[name].numpy()
        assert norm == pytest.approx(np.linalg.norm(values), rel=1e-3)
        assert limits == pytest.approx([values.min(), values.max()], rel=1e-3)
    for moment, (_, _, norm, _) in zip(found[1:], run.metrics, strict=True):  # before clipping
        assert np.linalg.norm(moment["gradients"]["norms"]) == pytest.approx(norm, rel=1e-2)
    with minigrad.no_grad():
        batch = run.batch(splits.validation[:2])
        loss = run.loss(batch)[0].item()
    assert last["validation"] == pytest.approx(loss, rel=1e-3)


@pytest.mark.parametrize("model", KINDS)
def test_the_example_is_seen_by_the_model_of_that_moment(tmp_path, model):
    run, splits = started(tmp_path, model)
    assert train(run, splits)
    head, found = film.read(tmp_path)
    example, last = head["example"], found[-1]
    with minigrad.no_grad():
        seen = run.seen(run.watched(splits.validation))
    assert [example["rows"], example["columns"]] == [seen.rows, seen.columns]
    assert last["says"] == seen.says
    p = np.exp(seen.logits.astype(float))
    p /= p.sum(-1, keepdims=True)
    for row, answer in zip(p, last["answers"], strict=True):
        assert (answer is None) == bool(np.isnan(row).any())
        if answer:
            assert answer[0][0] == seen.names[row.argmax()]
            assert answer[0][1] == pytest.approx(row.max(), abs=1e-3)
    if model == "seq2seq":
        assert example["maps"] is None
        assert not last["attention"]
        return
    weights = unpacked(last["attention"]).reshape(seen.weights.shape) / 255
    assert example["maps"] == list(seen.weights.shape[:2])
    np.testing.assert_allclose(weights, seen.weights, atol=1 / 255)


def test_of_a_text_of_ones_own_a_passage_is_the_example(tmp_path):
    (tmp_path / "text.txt").write_text("오늘은 금요일입니다. " * 40, encoding="utf-8")
    run, splits = kinds.start(
        tmp_path / "run",
        "gpt",
        {**KINDS["gpt"].run.SMALL, "steps": 3, "text": str(tmp_path / "text.txt")},
    )
    assert train(run, splits)
    head, _ = film.read(tmp_path / "run")
    assert head["example"]["rows"] == ["<begin>", *splits.validation[0][:14]]


# The training does not notice.


@pytest.mark.parametrize("model", KINDS)
def test_the_numbers_are_the_same_with_and_without_a_film(tmp_path, model):
    """To the last bit: dropout draws the same numbers, and nothing stays in evaluation mode."""
    dropout = {} if model == "self_attention" else {"dropout": 0.3}
    both = []
    for name, count in (("with", 80), ("without", 0)):
        run, splits = started(tmp_path / name, model, film=count, **dropout)
        assert train(run, splits)
        both.append((parameters(run), run.metrics, minigrad.rand(3).tolist()))
    assert both[0] == both[1]


def test_the_numbers_are_the_same_on_pytorch(tmp_path, torch):
    both = []
    for name, count in (("with", 80), ("without", 0)):
        run, splits = started(tmp_path / name, backend=Backend("torch"), film=count, dropout=0.3)
        assert train(run, splits)
        both.append((parameters(run), run.metrics))
    assert both[0] == both[1]
    assert steps_of(tmp_path / "with") == list(range(STEPS + 1))


def test_where_attention_is_fused_the_film_has_weights(tmp_path, torch):
    run, splits = started(tmp_path, "gpt", Backend("torch", fused=True), steps=2)
    assert train(run, splits)
    _, found = film.read(tmp_path)
    assert [unpacked(moment["attention"]).max() for moment in found] == [255] * 3


def test_a_compiled_model_is_not_compiled_again_for_a_validation_loss(tmp_path, monkeypatch):
    run, splits = started(tmp_path)
    assert film.Film(run, splits.validation)._validation_loss() > 0
    monkeypatch.setattr(run.backend, "compiled", True)
    assert film.Film(run, splits.validation)._validation_loss() is None


# Files.


def test_a_resumed_run_goes_on_with_its_film(tmp_path, monkeypatch):
    whole, splits = started(tmp_path / "whole")
    assert train(whole, splits)
    run, _ = started(tmp_path / "stopped")
    with monkeypatch.context() as patch:
        stop_after(patch, 5, ctrl_c)
        assert not train(run, splits)
    assert steps_of(run.folder) == [0, 1, 2, 3, 4, 5]
    assert train(kinds.open_run(run.folder)[0], splits)
    assert (run.folder / FILM).read_bytes() == (whole.folder / FILM).read_bytes()


def test_a_run_that_goes_on_from_an_earlier_checkpoint_drops_the_moments_after_it(tmp_path):
    run, splits = started(tmp_path)
    assert train(run, splits)
    before = (tmp_path / FILM).read_bytes()
    for name in ("checkpoint", "checkpoint.previous"):  # that of step 0
        (tmp_path / f"{name}.safetensors").rename(tmp_path / name)
    (tmp_path / "checkpoint.previous").rename(tmp_path / "checkpoint.safetensors")
    again, _ = kinds.open_run(tmp_path)
    assert again.metrics == []
    assert train(again, splits)
    assert (tmp_path / FILM).read_bytes() == before


def test_a_finished_film_is_left_as_it_is(tmp_path):
    run, splits = started(tmp_path)
    assert train(run, splits)
    before = (tmp_path / FILM).read_bytes()
    assert train(kinds.open_run(tmp_path)[0], splits)
    assert (tmp_path / FILM).read_bytes() == before


def cut(content):
    return content[:-100]


def garbled(content):
    return content[: content.rindex(b"\n", 0, -1)] + b"\n{\n"


@pytest.mark.parametrize("damage", [cut, garbled])
def test_a_moment_that_was_cut_off_is_lost_alone(tmp_path, monkeypatch, damage):
    run, splits = started(tmp_path)
    with monkeypatch.context() as patch:
        stop_after(patch, 5, ctrl_c)
        assert not train(run, splits)
    path = tmp_path / FILM
    path.write_bytes(damage(path.read_bytes()))
    if damage is cut:  # by whatever killed it: the rest can be seen
        assert steps_of(tmp_path) == [0, 1, 2, 3, 4]
    assert train(kinds.open_run(tmp_path)[0], splits)
    assert set(range(STEPS + 1)) - set(steps_of(tmp_path)) <= {5}


KILLED = """
import os, signal, sys
from models.tasks.calendar import corpus
from models.training.run import Run
from models.training.translating import Settings, Translating

pairs = corpus(size=40, validation=2, test=2, max_clauses=1).train
settings = Settings(embedding=4, hidden=4, steps=9, batch_size=8)
step = Run.step

def killed(run, batch):
    if len(run.metrics) == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    step(run, batch)

Run.step = killed
Translating.start(sys.argv[1], settings, pairs).train(pairs, save_every=4)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_killed_process_leaves_a_whole_film_and_what_it_did_not_save_is_dropped(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=CHECKOUT)
    assert done.returncode == -signal.SIGKILL
    assert steps_of(tmp_path) == list(range(7))
    path = tmp_path / FILM
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for moment in lines[6:]:  # those of the steps 5 and 6
        moment["says"] = "this was not saved"
    path.write_bytes(b"".join(map(film.as_line, lines)))
    run, _ = kinds.open_run(tmp_path)
    assert len(run.metrics) == 4
    assert run.train(corpus(size=40, validation=2, test=2, max_clauses=1).train)
    assert steps_of(tmp_path) == list(range(10))
    assert "this was not saved" not in path.read_text("utf-8")


def test_a_film_of_something_else_is_not_continued(tmp_path, monkeypatch):
    run, splits = started(tmp_path)
    with monkeypatch.context() as patch:
        stop_after(patch, 5, ctrl_c)
        train(run, splits)
    path = tmp_path / FILM
    lines = path.read_text("utf-8").splitlines(keepends=True)
    head = json.loads(lines[0]) | {"steps": 99}
    path.write_text("".join([json.dumps(head) + "\n", *lines[1:]]), "utf-8")
    assert train(kinds.open_run(tmp_path)[0], splits)
    assert steps_of(tmp_path) == list(range(5, STEPS + 1))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: [], "does not begin as a film"),
        (lambda lines: ["[]\n", *lines[1:]], "does not begin as a film"),
        (lambda lines: [lines[0], "{}\n", *lines[1:]], "line 2 is not a moment"),
        (lambda lines: [*lines[:2], lines[2].replace('"norms":[', '"norms":[1,')], "line 3 is not"),
        (
            lambda lines: [*lines[:2], lines[2].replace('"attention":"', '"attention":"AAAA')],
            "line 3",
        ),
    ],
)
def test_a_damaged_film_is_refused(tmp_path, change, expected):
    run, splits = started(tmp_path)
    assert train(run, splits)
    path = tmp_path / FILM
    path.write_text("".join(change(path.read_text("utf-8").splitlines(keepends=True))), "utf-8")
    with pytest.raises(ValueError, match=expected) as refused:
        film.read(tmp_path)
    assert str(path) in str(refused.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFOs")
def test_what_is_not_a_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / FILM)
    run, splits = started(tmp_path)
    with pytest.raises(ValueError, match="not a regular file"):
        train(run, splits)


def test_only_the_first_rank_keeps_a_film(tmp_path, monkeypatch):
    run, _ = started(tmp_path)
    monkeypatch.setattr(type(run.ranks), "first", False)
    film.Film(run).note()
    assert not (tmp_path / FILM).exists()


def test_an_old_run_goes_on_without_a_film(tmp_path):
    run, _ = started(tmp_path)
    config = {"settings": {k: v for k, v in vars(run.settings).items() if k != "film"}}
    words = {f"{name}_vocabulary": known.words for name, known in run.vocabularies.items()}
    settings, _ = run.parsed(config | words, tmp_path / "config.json")
    assert settings == replace(run.settings, film=0)

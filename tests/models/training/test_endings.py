"""Whatever ends a training, what was reached is saved, and nothing that is spoiled."""

import math
import os
import signal

import pytest

import minigrad
from models import kinds
from models.__main__ import main
from models.tasks import coreference
from models.tasks.calendar import corpus
from models.training import reading
from models.training.translating import Settings, Translating

PAIRS = corpus(size=40, validation=2, test=2, max_clauses=1).train
SETTINGS = {"embedding": 4, "hidden": 4, "steps": 12, "batch_size": 8}
NAN = float("nan")


@pytest.fixture
def run(tmp_path):
    return Translating.start(tmp_path / "run", Settings(**SETTINGS), PAIRS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The arrays of a training that nothing ended."""
    run = Translating.start(tmp_path_factory.mktemp("whole"), Settings(**SETTINGS), PAIRS)
    assert run.train(PAIRS)
    return state(run)


def state(run):
    return {name: (value.shape, value.tobytes()) for name, value in run._state().items()}


def at_step(monkeypatch, number, change):
    """Change the loss of step `number` by change(loss)."""
    loss_of = Translating.loss

    def loss(run, batch):
        loss, accuracy = loss_of(run, batch)
        return (change(loss) if len(run.metrics) + 1 == number else loss), accuracy

    monkeypatch.setattr(Translating, "loss", loss)


def fail(error):
    """A function of anything that raises the error."""

    def function(*anything, **more):
        raise error

    return function


def check_resumes(run, whole, steps):
    """So many steps are saved, and resuming gives the numbers of an uninterrupted run."""
    again = kinds.open_run(run.folder)[0]
    assert len(again.metrics) == steps == run.saved
    assert again.train(PAIRS)
    assert state(again) == whole


# Errors.


@pytest.mark.parametrize(
    "error",
    [KeyboardInterrupt(), MemoryError(), ZeroDivisionError(), OSError(5, "I/O"), SystemExit(3)],
)
def test_an_error_in_a_step_saves_the_steps_before_it(run, whole, monkeypatch, error):
    with monkeypatch.context() as patch:
        at_step(patch, 6, fail(error))
        with pytest.raises(type(error)):
            run.train(PAIRS)
    assert not run.model.training
    check_resumes(run, whole, 5)


@pytest.mark.parametrize("part", ["the first", "the last"])
def test_half_an_update_is_not_saved(run, whole, monkeypatch, part):
    update = type(run.optimizer).update
    calls = []

    def half(optimizer, p, g, state, **group):
        new = update(optimizer, p, g, state, **group)
        if len(run.metrics) == 7:
            calls.append(p)
            bundles = sum(map(len, run.optimizer._bundles.by_params.values()))
            if part == "the first" or len(calls) == bundles:
                raise MemoryError
        return new

    with monkeypatch.context() as patch:
        patch.setattr(type(run.optimizer), "update", half)
        with pytest.raises(
            MemoryError, match=r"step of training with --batch-size 8 --embedding 4 --hidden 4$"
        ):
            run.train(PAIRS, save_every=5)
    check_resumes(run, whole, 5)


@pytest.mark.parametrize("file", [5, 6, 7, 8])
def test_a_disk_that_gets_full(run, whole, monkeypatch, file):
    fsync, calls = os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) >= file:  # of the four files of the second save, and of the one at the end
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match=r"No space left on device: '.*run/"):
            run.train(PAIRS, save_every=5)
    assert not [path.name for path in run.folder.iterdir() if path.name.startswith(".")]
    check_resumes(run, whole, 5 if file == 8 else 0)


def test_a_progress_bar_never_ends_a_training(run, whole, monkeypatch):
    import tqdm

    monkeypatch.setattr(tqdm.tqdm, "update", fail(RuntimeError("no bar")))
    assert run.train(PAIRS)
    assert state(run) == whole


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signals_end_the_current_step_and_save(run, whole, monkeypatch, name):
    if not hasattr(signal, name):
        pytest.skip(f"there is no {name}")
    with monkeypatch.context() as patch:
        at_step(patch, 6, lambda loss: os.kill(os.getpid(), getattr(signal, name)) or loss)
        assert not run.train(PAIRS)
    check_resumes(run, whole, 6)


# Numbers that are not finite.


def test_the_first_loss_that_is_nan_ends_the_training(run, whole, monkeypatch):
    batches = list(zip(range(7), run.batches(PAIRS), strict=False))
    with monkeypatch.context() as patch:
        at_step(patch, 7, lambda loss: loss * NAN)
        with pytest.raises(FloatingPointError) as error:
            run.train(PAIRS)
    first = batches[6][1].pairs[0].text[0]
    said = str(error.value)
    assert said.startswith("step 7: the loss is nan, its gradient's norm nan, on the batch that ")
    assert f"begins with «{first}»" in said
    assert said.isprintable()
    check_resumes(run, whole, 6)


@pytest.mark.parametrize(
    "change",
    [
        lambda loss: loss + math.inf,
        lambda loss: loss * math.inf,
        lambda loss: loss + (loss - loss.item()).sqrt(),  # a gradient of inf, a loss that is finite
        lambda loss: loss + minigrad.where(loss > 0, loss * 0, loss.log() * NAN),  # 0 · nan
        lambda loss: loss.detach() * NAN + loss * 0,  # a loss that is nan, a gradient of 0
    ],
)
def test_a_norm_that_is_not_finite_updates_nothing(run, whole, monkeypatch, change):
    with monkeypatch.context() as patch:
        at_step(patch, 4, change)
        with pytest.raises(FloatingPointError, match="step 4: the loss is "):
            run.train(PAIRS)
    check_resumes(run, whole, 3)


def test_an_update_that_makes_a_weight_nan_is_not_saved(run, whole, monkeypatch):
    update = type(run.optimizer).update

    def spoil(optimizer, p, g, state, **group):
        new = update(optimizer, p, g, state, **group)
        return new * NAN if len(run.metrics) == 8 else new

    for save_every in (5, 9):  # found by the loss after it, and by the next save
        with monkeypatch.context() as patch:
            patch.setattr(type(run.optimizer), "update", spoil)
            again = Translating.start(run.folder, run.settings, PAIRS)
            run = again
            with pytest.raises(FloatingPointError, match=r"step 10: the loss is nan|step 9 made"):
                run.train(PAIRS, save_every=save_every)
        check_resumes(run, whole, 5 if save_every == 5 else 0)


def test_a_batch_of_a_reader_is_named_too(tmp_path):
    texts = coreference.corpus(20, 0, 4, 4).train
    run = reading.Reading.start(tmp_path, reading.Settings(embedding=4, steps=3), texts)
    run.loss = lambda batch: (minigrad.tensor(NAN, requires_grad=True) * 1, 0.0)
    with pytest.raises(FloatingPointError, match=r"the batch that begins with «[A-Z][a-z]+ .*»"):
        run.train(texts)
    run.sentences = lambda batch: ["\x1b[2J" * 1000, "\n"]
    with pytest.raises(FloatingPointError) as error:
        run.train(texts)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 300


def test_the_command_says_so_with_its_code(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("models.tasks.calendar.corpus", lambda seed: corpus(40, 0, 2, 2, 1))
    at_step(monkeypatch, 2, lambda loss: loss * NAN)
    options = [f"--{name.replace('_', '-')}={value}" for name, value in SETTINGS.items()]
    assert main(["train", "attention", *options]) == 2
    printed, said = capsys.readouterr()
    assert printed.endswith("stopped after step 1 of 12, saved in runs/attention\n")
    assert said.splitlines()[-1].startswith("python -m models: step 2: the loss is nan")
    at_step(monkeypatch, 1, fail(KeyboardInterrupt()))
    assert main(["train", "attention", *options, "--out=my 'run"]) == 130
    assert """--resume --out 'my '"'"'run'""" in capsys.readouterr().out


# Settings.


ODD = [None, True, -1, NAN, math.inf, 10**400, "x", "", [], {}, 1e308, 2**63, b"x"]


def mistake(kind, **given):
    """The error message for settings, "" if they are accepted."""
    try:
        kind(**given)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("kind", [Settings, reading.Settings])
def test_odd_settings_are_refused_by_their_name(kind):
    for name, field in kind.__dataclass_fields__.items():
        for odd in ODD:
            said = mistake(kind, **{name: odd})
            assert said.isprintable()
            assert len(said) < 300
            assert name in said or not said
            number = field.type in (int, float)
            right = (odd is None or isinstance(odd, str)) if not number else odd in (1e308, 2**63)
            assert said or right, (name, odd)
    assert mistake(kind, steps=2**63)
    assert mistake(kind, steps=1e308)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--learning-rate", "inf"),
        ("--learning-rate", "nan"),
        ("--weight-decay", "inf"),
        ("--dropout", "nan"),
        ("--seed", "-1"),
        ("--seed", "9" * 30),
        ("--batch-size", "1" + "0" * 30),
        ("--hidden", "1" + "0" * 9),
        ("--steps", "9" * 400),
    ],
)
def test_settings_of_the_command_line(option, value, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "attention", option, value]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"python -m models: {option[2:].replace('-', '_')} must be " in said
    assert not list(tmp_path.iterdir())


def test_too_little_memory_names_the_settings(tmp_path, monkeypatch):
    monkeypatch.setattr(Translating, "build", fail(MemoryError("Unable to allocate 3 TiB")))
    with pytest.raises(
        MemoryError, match=r"memory for a model with --embedding 4 --hidden 4 \(Unable"
    ):
        Translating.start(tmp_path, Settings(**SETTINGS), PAIRS)

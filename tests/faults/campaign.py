"""Faults put into real trainings: nothing may be lost, left over or silent.

Each function raises AssertionError with what it found. `python -m tests.faults` runs them all, with
50 kills; test_campaign.py runs a short form.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from models import kinds
from models.training import folder as files
from models.training.film import FILM
from tests.faults import tiny

ROOT = Path(__file__).parents[2]
SAME = (files.CHECKPOINT, files.MODEL, files.CONFIG, files.METRICS)
EXPECTED = {*SAME, FILM, files.PREVIOUS}


def command(folder, *more):
    """The command that trains in a folder; it resumes if there is something to resume."""
    resume = ("--resume",) if (folder / files.CHECKPOINT).exists() else ()
    options = (*tiny.OPTIONS, "--out", folder, *resume, *more)
    return [sys.executable, "-m", "tests.faults.tiny", "train", "attention", *map(str, options)]


def started(folder, **settings):
    """A training in its own process."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings}
    return subprocess.Popen(command(folder), cwd=ROOT, text=True, **streams)


def finished(folder):
    """Train to the end; checks that it gets there."""
    training = started(folder)
    said = training.communicate(timeout=120)
    assert training.returncode == 0, said
    assert said[0].endswith("reached the end\n"), said
    return folder


def steps_saved(folder):
    """How many steps are saved in a folder: 0 if there is no checkpoint yet."""
    if not (folder / files.CHECKPOINT).exists():
        return 0
    return len(kinds.open_run(folder)[0].metrics)


def wait_for(folder, steps, training):
    """Wait until so many steps are saved."""
    while training.poll() is None:
        with suppress(OSError):
            if (folder / files.METRICS).read_text().count("\n") > steps:
                return
        time.sleep(0.01)
    raise AssertionError(("it ended too early", training.communicate()))


def check_same(folder, whole):
    """The files of a folder are those of an uninterrupted run, to the bit, and no others."""
    names = {path.name for path in folder.iterdir()}
    assert names == EXPECTED, names ^ EXPECTED
    for name in (*SAME, FILM):
        assert (folder / name).read_bytes() == (whole / name).read_bytes(), name


def kills(root, whole, number, seed=0):
    """Kill trainings at random moments and resume them; returns how many kills hit a save."""
    rng = random.Random(seed)
    folder, runs, littered, reached = root / "killed-0", 0, 0, 0
    start = time.monotonic()
    finished(root / "timed")
    seconds = time.monotonic() - start
    for _ in range(number):
        training = started(folder)
        with suppress(subprocess.TimeoutExpired):
            training.communicate(timeout=rng.uniform(0.1, 0.6 * seconds))
        training.kill()
        training.communicate()
        if folder.exists():
            littered += any(path.name.startswith(".minigrad-") for path in folder.iterdir())
        now = steps_saved(folder)
        assert now >= reached, f"{reached} steps were saved, and then only {now}"
        reached = now
        if training.returncode == 0:
            check_same(folder, whole)
            runs, reached = runs + 1, 0
            folder = root / f"killed-{runs}"
    check_same(finished(folder), whole)
    return littered


def a_signal(root, whole, number):
    """A signal ends a training in order: it is saved, and resumes to the same numbers."""
    folder = root / f"signal-{number}"
    training = started(folder, env={**os.environ, "PAUSE": "0.02"})
    wait_for(folder, 10, training)
    training.send_signal(number)
    printed, said = training.communicate(timeout=60)
    assert training.returncode == 130, (training.returncode, said)
    saved = steps_saved(folder)
    assert f"stopped after step {saved} of {tiny.STEPS}, saved in {folder}; go on with: " in printed
    assert printed.rstrip().endswith(f"train attention --resume --out {folder}"), printed
    assert "Traceback" not in said, said
    assert 10 <= saved < tiny.STEPS
    assert {path.name for path in folder.iterdir()} == EXPECTED
    check_same(finished(folder), whole)


def full_disk(root, whole, largest):
    """Files cannot grow beyond `largest` bytes: the training ends in one line and resumes."""
    import resource

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    folder = root / f"full-{largest}"
    training = started(folder, preexec_fn=limited)
    printed, said = training.communicate(timeout=120)
    assert training.returncode == 2, (printed, said)
    assert said.splitlines()[-1].startswith("python -m models: [Errno 27] File too large: "), said
    assert "Traceback" not in said, said
    saved = steps_saved(folder)
    said_so = f"stopped after step {saved} of {tiny.STEPS}, saved in {folder}" in printed
    assert said_so == (folder / files.CHECKPOINT).exists(), printed
    if folder.exists():
        assert {path.name for path in folder.iterdir()} <= EXPECTED
    if not (folder / files.CHECKPOINT).exists():  # it did not even begin
        shutil.rmtree(folder, ignore_errors=True)
    check_same(finished(folder), whole)


def damaged_bytes(root, whole, number, seed=0):
    """Flip bits of each file: the run is refused in one line, or opens exactly as it was saved."""
    rng = random.Random(seed)
    folder = root / "damaged"
    shutil.copytree(whole, folder)
    right = contents(folder)
    for name in SAME:
        good = (folder / name).read_bytes()
        for _ in range(number):
            content = bytearray(good)
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            (folder / name).write_bytes(content)
            check_damage(folder, name, right)
        for length in (0, 1, 7, 8, 9, len(good) // 2, len(good) - 1):
            (folder / name).write_bytes(good[:length])
            check_damage(folder, name, right)
        (folder / name).write_bytes(good)
    (folder / files.CHECKPOINT).write_bytes(b"nothing")
    (folder / files.PREVIOUS).replace(folder / files.CHECKPOINT)
    check_same_steps(folder, whole)


def check_same_steps(folder, whole):
    """The previous checkpoint, in the place of the damaged one, is trained to the same end."""
    (whole_again := folder / files.PREVIOUS).unlink(missing_ok=True)
    finished(folder)
    assert whole_again.exists()
    check_same(folder, whole)


def contents(folder):
    """All that a run consists of."""
    run = kinds.open_run(folder)[0]
    return run.settings, [v.words for v in run.vocabularies.values()], files_of(run)


def files_of(run):
    """The arrays of a run as bytes, by name."""
    return {name: (value.shape, value.tobytes()) for name, value in run._state().items()}


def check_damage(folder, name, right):
    """The damaged run is refused, with a way to go on if it is the checkpoint, or it is right."""
    try:
        found = contents(folder)
    except (ValueError, OSError) as error:
        said = str(error)
        assert "\n" not in said, said
        assert str(folder) in said, said
        assert len(said) < 600, said
        if name == files.CHECKPOINT:
            assert f"rename {files.PREVIOUS} to {files.CHECKPOINT}" in said, said
        return
    assert name != files.CHECKPOINT, "a damaged checkpoint was opened"
    assert found == right, f"damage in {name} gave another run"


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else ()

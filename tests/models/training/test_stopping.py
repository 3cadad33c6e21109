"""Signals, broken streams and errors: each ends a command in order."""

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest


from models.training import stopping
from models.training.stopping import Stopped, asked_to_stop, importing, one_line
from tests.models.streams import Broken

CHECKOUT = Path(__file__).parents[3]
SIGNALS = stopping.SIGNALS


def handlers():
    return [signal.getsignal(number) for number in SIGNALS]


# Signals.


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_asks_and_a_second_one_stops_at_once(number, monkeypatch):
    before = handlers()
    monkeypatch.setattr(stopping, "TWICE", -1.0)
    with asked_to_stop() as asked:
        assert not asked
        os.kill(os.getpid(), number)
        assert asked
        with pytest.raises(Stopped) as stopped:
            os.kill(os.getpid(), number)
    assert stopped.value.number == number
    assert handlers() == before


@pytest.mark.parametrize("number", [number for number in SIGNALS if number != signal.SIGINT])
def test_a_signal_that_is_sent_twice_at_a_time_counts_once(number):
    with asked_to_stop() as asked:
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert asked


def test_ignored_signals_stay_ignored(monkeypatch):
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with asked_to_stop() as asked:
            os.kill(os.getpid(), signal.SIGTERM)
        assert not asked
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_command_ends_with_the_signals_code(number, capsys):
    before = handlers()
    assert one_line(lambda: os.kill(os.getpid(), number))() == 128 + number
    assert capsys.readouterr().err == "python -m models: interrupted\n"
    assert handlers() == before


# Errors.


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("a\nb"), "a b"),
        (ValueError("\x1b[2J금요일\u202e"), r"\x1b[2J금요일\u202e"),
        (MemoryError(), "MemoryError"),
        (OverflowError("too large"), "too large"),
        (FloatingPointError("nan"), "nan"),
        (
            OSError(28, "No space left on device", "file"),
            "[Errno 28] No space left on device: 'file'",
        ),
        (OSError(28, "No space left on device"), "cannot print: No space left on device"),
        (RecursionError("deep"), "deep"),
    ],
)
def test_an_error_is_one_line(error, said, capsys):
    @one_line
    def command():
        raise error

    assert command() == 2
    assert capsys.readouterr().err == f"python -m models: {said}\n"


def test_a_mistake_in_the_program_keeps_its_traceback():
    with pytest.raises(KeyError):
        one_line(lambda: {}["a"])()


def test_without_stderr_an_error_has_its_code(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert one_line(lambda: int("x"))() == 2
    assert sys.stdout.getvalue() == ""


def test_ctrl_c_during_imports(capsys):
    with pytest.raises(SystemExit) as stop, importing():
        raise KeyboardInterrupt
    assert stop.value.code == 130
    assert capsys.readouterr().err == "python -m models: interrupted\n"


IMPORTING = """
import os, runpy, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "minigrad.tensor":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
runpy.run_module("models", run_name="__main__", alter_sys=True)
"""


def test_ctrl_c_during_the_imports_of_the_command():
    done = subprocess.run(
        [sys.executable, "-c", IMPORTING], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert done.returncode == 130
    assert done.stderr == "python -m models: interrupted\n"


CAUGHT = IMPORTING.replace(
    "os.kill(os.getpid(), signal.SIGINT)",
    "exec('try: os.kill(os.getpid(), int(sys.argv[1]))\\nexcept BaseException: pass')",
)  # an import of C code turns KeyboardInterrupt into another error


@pytest.mark.parametrize("number", SIGNALS)
def test_an_import_that_loses_the_exception_is_ended_too(number):
    done = subprocess.run(
        [sys.executable, "-c", CAUGHT, str(int(number))],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 128 + number
    assert done.stderr == "python -m models: interrupted\n"


# In a shell: what is typed, and streams that are closed or full.


def test_a_command_as_it_is_typed():
    typed = stopping.as_typed("train", Path("my runs/it's"))
    if os.name != "nt":
        assert typed == """train 'my runs/it'"'"'s'"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", ">&- 2>&- <&-", ">/dev/full", "| true"])
def test_a_training_ends_whatever_its_streams_are(tmp_path, streams):
    words = f"{sys.executable} -m tests.faults.tiny train attention --embedding 4 --hidden 4"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").touch()  # something to put aside, and to say so
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"{words} --steps 20 --out {tmp_path}/run {streams}; exit ${{PIPESTATUS[0]}}",
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1" if streams == "| true" else ""},
    )
    metrics = (tmp_path / "run" / "metrics.csv").read_text()
    assert metrics.count("\n") == 21
    assert "Traceback" not in done.stderr
    broken = ">/dev/full", "| true"
    assert done.returncode == (2 if streams in broken else 0), done.stderr
    if streams in broken:
        assert done.stderr.splitlines()[-1].startswith("python -m models: cannot print: ")


def test_printing_that_fails_ends_nothing(capsys, monkeypatch):
    done = []

    @one_line
    def command():
        print("before")
        done.append("work")

    monkeypatch.setattr(sys, "stdout", Broken())
    assert command() == 2
    assert done == ["work"]
    assert capsys.readouterr().err == "python -m models: cannot print: Broken pipe\n"
    assert isinstance(sys.stdout, Broken)


def test_help_that_cannot_be_printed(capsys, monkeypatch):
    @one_line
    def command():
        print("usage")
        raise SystemExit(0)

    monkeypatch.setattr(sys, "stdout", Broken())
    with pytest.raises(SystemExit) as end:
        command()
    assert end.value.code == 2
    assert capsys.readouterr().err == "python -m models: cannot print: Broken pipe\n"


def test_without_docstrings(tmp_path):
    options = ["--embedding", "4", "--hidden", "4", "--steps", "2", "--out", str(tmp_path / "run")]
    for arguments in (["--help"], ["train", "--help"], ["train", "seq2seq", *options]):
        done = subprocess.run(
            [sys.executable, "-OO", "-m", "tests.faults.tiny", *arguments],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

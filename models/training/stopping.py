"""How a command ends: by itself, by a signal, by an error; in order, and in one line.

What prints while it runs (see terminal.py) never ends it.

Nothing heavy is imported here, so that Ctrl-C is handled before the other imports begin.
"""

import contextlib
import errno
import functools
import os
import shlex
import signal
import sys
import time

from ..terminal import Unbreakable, mute

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
ERRORS = (ValueError, OSError, RuntimeError, ArithmeticError, MemoryError)
UNPRINTED = (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF)
TWICE = 1.0  # seconds: `timeout` and a closing terminal send the same signal twice


class Stopped(KeyboardInterrupt):
    """A signal that ends the command at once."""

    def __init__(self, number=signal.SIGINT):
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def handling(first):
    """Call first(number) for the first signal within the block; a second one raises Stopped.

    Ignored signals stay ignored, as SIGHUP under nohup.
    """
    times, before = [], {}

    def handle(number, frame):
        now = time.monotonic()
        if times and number != signal.SIGINT and now - times[0] < TWICE:
            return
        times.append(now)
        if len(times) > 1:
            raise Stopped(number)
        first(number)

    try:
        for number in SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, handle)
    except ValueError:  # not in the main thread, which no signal reaches
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def asked_to_stop():
    """A list that is empty until a signal asks to stop; a second signal raises Stopped at once."""
    asked = []
    with handling(asked.append):
        yield asked


def stop(number):
    """End the command at once."""
    raise Stopped(number)


def one_line(command):
    """Decorate a function that runs a command: however it ends, it returns an exit code.

    It says in one line what went wrong. A signal ends it with the code 128 + its number.
    """

    @functools.wraps(command)
    def run(*arguments):
        ended = None
        with unbreakable_stdout() as out:
            try:
                code = code_of(command, arguments)
            except SystemExit as end:  # argparse has printed help, or an error
                code, ended = end.code, end
        if out.error is not None:  # only now: even without a reader, the command does its work
            tell(line_of(out.error))
            code = code or 2
        if ended is not None:
            raise SystemExit(code) from None
        return code

    return run


def code_of(command, arguments):
    """The exit code of a command; what went wrong is told in one line."""
    try:
        with handling(stop):
            return command(*arguments)
    except KeyboardInterrupt as error:
        tell("interrupted")
        return 128 + getattr(error, "number", signal.SIGINT)
    except ERRORS as error:
        tell(line_of(error))
        return 2


@contextlib.contextmanager
def unbreakable_stdout():
    """Let no print raise an error within the block; yields the stream, which knows the error."""
    stream = sys.stdout
    out = Unbreakable(stream)
    if stream is not None:
        sys.stdout = out
    try:
        yield out
    finally:
        if stream is not None:
            out.flush()
        sys.stdout = stream


def line_of(error):
    """An error's message in one line, whatever characters are in it."""
    from minigrad.text import printable

    if isinstance(error, OSError) and error.errno in UNPRINTED and error.filename is None:
        return f"cannot print: {error.strerror}"
    return printable(" ".join(str(error).splitlines()), most=2000) or type(error).__name__


@contextlib.contextmanager
def importing():
    """Imports that a signal ends in one line."""
    try:
        with handling(leave):
            yield
    except KeyboardInterrupt:  # where leave() is not called: not in the main thread
        tell("interrupted")
        raise SystemExit(128 + signal.SIGINT) from None


def leave(number):
    """End the process at once; an exception might be lost, or changed, in an import of C code."""
    tell("interrupted")
    os._exit(128 + number)


def say(text):
    """Print a line at once; without a reader, the command goes on."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def tell(text):
    """Print a line to stderr, if there is somebody to read it."""
    if sys.stderr is not None:
        try:
            print(f"python -m models: {text}", file=sys.stderr, flush=True)
        except (OSError, ValueError):
            mute(sys.stderr)


def as_typed(*arguments):
    """The arguments as they are typed into a shell, in one line."""
    arguments = [str(argument) for argument in arguments]
    if os.name == "nt":
        import subprocess

        return subprocess.list2cmdline(arguments)
    return shlex.join(arguments)

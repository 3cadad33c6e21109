"""Streams and progress bars that never end what is printed to them.

Nothing heavy is imported here: training/stopping.py needs it before the other imports begin.
"""

import contextlib
import os
import sys


def mute(stream):
    """Point a stream that nobody reads any more at nothing, so that Python can end."""
    with contextlib.suppress(OSError, ValueError), open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), stream.fileno())


class Unbreakable:
    """A stream that loses what cannot be written; it keeps the error instead of raising it."""

    def __init__(self, stream):
        self.stream, self.error = stream, None

    def write(self, text):
        """Write the text if possible."""
        self.attempt(self.stream.write, text)

    def flush(self):
        """Flush the stream if possible."""
        self.attempt(self.stream.flush)

    def attempt(self, action, *arguments):
        """Do something with the stream; if that fails, point it at nothing."""
        try:
            action(*arguments)
        except (OSError, ValueError) as error:
            self.error = self.error or error
            mute(self.stream)

    def __getattr__(self, name):
        return getattr(self.stream, name)


class Progress:
    """A progress bar that never ends what it counts, whatever happens to it; options as in tqdm."""

    def __init__(self, total, title, done=0, unit="step", shown=True, **options):
        from tqdm import tqdm

        stream = sys.stderr
        with contextlib.suppress(Exception):
            self.bar = tqdm(
                total=total, initial=done, desc=title, unit=unit,
                file=Unbreakable(stream), disable=stream is None or not shown, **options,
            )  # fmt: skip

    def update(self, steps=1, **numbers):
        """Count the steps, and return them; show the numbers, if there are any."""
        with contextlib.suppress(Exception):
            self.bar.update(steps)
            if numbers:
                self.bar.set_postfix(numbers)
        return steps

    def __enter__(self):
        return self

    def __exit__(self, *error):
        with contextlib.suppress(Exception):
            self.bar.close()

"""python -m models, with trainings that take a second: a small corpus, no report, many saves.

The environment variable PAUSE makes each batch take so many seconds longer.
"""

import os
import sys
import time

from models import __main__ as command
from models.showing import common
from models.tasks import calendar
from models.training.run import Run
from models.training.translating import Translating

SMALL = calendar.corpus(size=60, validation=5, test=5, max_clauses=1)
STEPS = 200
OPTIONS = ("--embedding=4", "--hidden=4", "--batch-size=8", f"--steps={STEPS}", "--dropout=0.2")
SAVE_EVERY = 5


def slowly(batches, seconds):
    """The batches, with a pause before each."""
    for batch in batches:
        time.sleep(seconds)
        yield batch


def main(arguments):
    """Run a command of python -m models."""
    calendar.corpus = lambda seed: SMALL
    common.report = lambda showing, run, splits: print("reached the end")
    Run.train.__defaults__ = (SAVE_EVERY,)
    if pause := float(os.environ.get("PAUSE", 0)):
        batches = Translating.batches
        Translating.batches = lambda *given, **more: slowly(batches(*given, **more), pause)
    return command.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

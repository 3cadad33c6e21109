"""python -m models, interrupted in training: RANK STEP WHOM SIGNAL ARGUMENTS …

In step number STEP, counted from 0, the rank sends the signal to itself, or to torchrun, which
started it; and from there on the steps are slow, so that the signal comes before the last one.
"""

import os
import signal
import sys
import time

from models.__main__ import main
from models.training.run import Run

rank, at, whom, name = sys.argv[1:5]
step = Run.step


def interrupted(run, batch):
    if len(run.metrics) >= int(at):
        if len(run.metrics) == int(at) and run.ranks.rank == int(rank):
            os.kill({"itself": os.getpid(), "torchrun": os.getppid()}[whom], signal.Signals[name])
        time.sleep(0.2)
    step(run, batch)


Run.step = interrupted
sys.exit(main(sys.argv[5:]))

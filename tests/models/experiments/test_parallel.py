"""The processes of an experiment end with it, whatever ends it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.experiments import parallel

if not hasattr(signal, "SIGHUP"):
    pytest.skip("Windows has no such signals", allow_module_level=True)

CHECKOUT = Path(__file__).parents[3]

# A cell prints its process's id and works until it is ended.
EXPERIMENT = """
import os, sys, time
from models.experiments import parallel
from models.training.stopping import one_line

def work(number):
    with open(f"{sys.argv[1]}/{number}", "w") as file:
        file.write(f"{os.getpid()}")
    os.rename(f"{sys.argv[1]}/{number}", f"{sys.argv[1]}/process-{number}")
    time.sleep(60)

if __name__ == "__main__":
    sys.exit(one_line(lambda: parallel.each(work, [(0,), (1,)], "work", steps=1))())
"""


def runs(process):
    """True if there is a process with this id, and it is not a zombie."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("name", "end"),
    [("SIGINT", os.killpg), ("SIGHUP", os.killpg), ("SIGTERM", os.kill), ("SIGKILL", os.kill)],
)
def test_no_process_is_left(tmp_path, name, end):
    script = tmp_path / "experiment.py"
    script.write_text(EXPERIMENT)
    main = subprocess.Popen(
        [sys.executable, script, tmp_path],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    cells = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    files = [tmp_path / f"process-{number}" for number in range(min(2, cells))]
    wait_until(lambda: all(file.exists() for file in files))
    number = getattr(signal, name)
    end(main.pid, number)
    said = main.communicate(timeout=30)[1]
    wait_until(lambda: not any(runs(int(file.read_text())) for file in files))
    assert "leaked" not in said  # by the process that keeps account of semaphores
    if name != "SIGKILL":
        assert main.returncode == 128 + number
        assert said.splitlines()[-1] == "python -m models: interrupted"
        assert "Traceback" not in said


def wait_until(reached, seconds=30):
    """Wait until reached() is true."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def test_the_rate_is_chosen_on_the_first_seed_and_kept_for_the_others():
    asked = []

    def run(cells):
        asked.append(cells)
        return [{"validation": abs(rate - best), "seed": seed} for best, rate, seed in cells]

    found = parallel.tuned(run, [(1,), (3,)], (1, 2, 3), (7, 8, 9), min)
    assert asked[1] == [(1, 1, 8), (1, 1, 9), (3, 3, 8), (3, 3, 9)]
    assert found[1,][:2] == (1, {1: 0, 2: 1, 3: 2})
    assert found[3,][0] == 3
    assert [row["seed"] for row in found[3,][2]] == [7, 8, 9]

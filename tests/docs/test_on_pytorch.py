"""The pages about PyTorch: every command runs, and the tables are those that are counted."""

import os
import re
import shlex
import socket
import subprocess
import sys

import pytest

from docs.tools.sync import DOCS

PAGE = (DOCS / "on_pytorch.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for fence in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)
    for line in fence.splitlines()
]
PROGRAMS = {"python": [sys.executable], "torchrun": [sys.executable, "-m", "torch.distributed.run"]}


@pytest.fixture(scope="module")
def folder(torch, tmp_path_factory):
    """Where the commands run, one after the other; the runs of the first are there for the next."""
    return tmp_path_factory.mktemp("checkout")


def begin(command, folder):
    program, *arguments = shlex.split(command)
    return subprocess.Popen(
        [*PROGRAMS[program], *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(DOCS.parent), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def free_port():
    with socket.create_server(("localhost", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs(torch, folder, command):
    if command == 'python -m pip install -e ".[torch]"':  # .ci/run has done it
        return
    there = command.replace("HOST:29400", f"localhost:{free_port()}")
    machines = 2 if "--nnodes 2" in command else 1
    running = [begin(there, folder) for _ in range(machines)]
    said = [process.communicate(timeout=500)[0] for process in running]
    if "--device cuda" in command and not torch.cuda.is_available():
        assert "--device cuda: PyTorch finds no such device here" in said[0]
        return
    assert [process.returncode for process in running] == [0] * machines, said
    assert sum("written:" in text for text in said) == 1  # the first rank's


def test_the_tables_are_what_is_counted(torch):
    from tests.benchmarks.workers import tables

    page = (DOCS / "many_workers.md").read_text(encoding="utf-8")
    for table in tables():
        assert table in page, table

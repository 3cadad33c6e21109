"""Two processes on gloo train as one does, stop together, and leave a run that can be resumed."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models import kinds
from models.__main__ import main
from models.training import ranks
from models.training.backend import Backend, checked

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[2]
STEPS = 30
GIVEN = {"embedding": 6, "hidden": 8, "dropout": 0.0, "final_dropout": 0.0, "batch_size": 7}
ENVIRONMENT = {"RANK": "1", "LOCAL_RANK": "1", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}


@pytest.fixture
def given(tmp_path):
    """The settings of a run: 36 pairs of different lengths; the last batch of an epoch has one."""
    lines = [
        f"It is {'very ' * (i % 5)}late on day {i} .\t{'아주 ' * (i % 3)}늦은 {i}일\n"
        for i in range(40)
    ]
    (tmp_path / "pairs.tsv").write_text("".join(lines), encoding="utf-8")
    return GIVEN | {"steps": STEPS, "pairs": str(tmp_path / "pairs.tsv")}


@pytest.fixture
def run_until(monkeypatch):
    """A function that trains a run alone, until it has made so many steps."""

    def run_until(run, splits, steps):
        kind, step = type(run), type(run).step

        def stopping(run, batch):
            step(run, batch)
            if len(run.metrics) == steps:
                os.kill(os.getpid(), 2)

        with monkeypatch.context() as patch:
            patch.setattr(kind, "step", stopping)
            run.train(splits.train)
        assert len(run.metrics) == steps
        return np.array(run.metrics)

    return run_until


def torchrun(rank, step, whom, signal, *options):
    """Start two ranks, which are interrupted as interrupted.py says."""
    command = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    ours = (HERE / "interrupted.py", rank, step, whom, signal, "train", "attention", *options)
    return subprocess.run(
        list(map(str, (sys.executable, *command, *ours, "--backend", "torch"))),
        env=os.environ | {"PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def said(done):
    """The lines that the command itself has said, for torchrun says many."""
    return [line for line in done.stderr.splitlines() if "python -m models: " in line]


def test_one_rank_then_two_then_one_are_the_same_run(torch, tmp_path, given, run_until):
    whole, splits = kinds.start(tmp_path / "whole", "attention", given)
    expected = run_until(whole, splits, STEPS)
    folder = tmp_path / "run"
    run_until(kinds.start(folder, "attention", given, Backend("torch"))[0], splits, 5)

    done = torchrun(1, 11, "torchrun", "SIGINT", "--resume", "--out", folder)
    assert "torchrun --nproc-per-node 2 -m models train attention --backend torch" in done.stdout
    assert said(done) == []
    done = torchrun(1, 17, "itself", "SIGTERM", "--resume", "--out", folder)
    assert "stopped after step 18 of 30" in done.stdout  # both: a signal to one is one to all
    assert said(done) == []
    assert "written:" not in done.stdout
    run, _ = kinds.resume(folder, {}, Backend("torch"))
    found = run_until(run, splits, STEPS)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    for name, value in whole.model.state_dict().items():
        other = run.model.state_dict()[name].numpy()
        np.testing.assert_allclose(value.numpy(), other, rtol=0, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("killed", [0, 1])
def test_a_rank_that_is_killed_ends_the_other_and_the_checkpoint_is_good(
    torch, tmp_path, given, run_until, killed
):
    folder = tmp_path / "run"
    kinds.start(folder, "attention", given)[0].save()
    done = torchrun(killed, 4, "itself", "SIGKILL", "--resume", "--out", folder)
    assert done.returncode != 0
    (line,) = said(done)
    assert f"rank {1 - killed} ends because another one did" in line
    run, splits = kinds.resume(folder, {})
    assert len(run.metrics) == (4 if killed else 0)  # the first rank is the one that saves
    assert run_until(run, splits, STEPS).shape == (STEPS, 4)


def test_what_all_ranks_meet_is_told_once(torch, tmp_path, given):
    options = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    folder = tmp_path / "run"
    done = torchrun(1, STEPS, "itself", "SIGINT", *options, "--learning-rate=1e30", "--out", folder)
    (line,) = said(done)
    assert "the loss is" in line
    assert "a smaller learning rate may help" in line
    assert kinds.open_run(folder)


# What all processes say, one says.


@pytest.fixture
def launched(monkeypatch):
    """As if torchrun had started this process, as the first or as another one of two."""
    monkeypatch.setattr(ranks, "PATIENCE", 0)

    def launched(rank):
        for name, value in (ENVIRONMENT | {"RANK": rank, "LOCAL_RANK": rank}).items():
            monkeypatch.setenv(name, value)

    return launched


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["train", "attention"], "torchrun: only PyTorch trains with many processes: add"),
        (["translate", "오늘은"], "torchrun is for training alone"),
    ],
)
def test_torchrun_is_for_pytorch(launched, capsys, arguments, expected):
    launched("0")
    assert main(arguments) == 2
    assert expected in capsys.readouterr().err
    launched("1")
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().err == ""


def test_each_process_has_a_gpu_of_its_own(torch, launched, monkeypatch):
    launched("1")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(ValueError, match=r"--device cuda: .*\(2 processes for 1 GPUs of CUDA\)"):
        checked(torch, "cuda")
    chosen, ones = [], torch.ones
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(torch, "ones", lambda size, device: ones(size))
    assert checked(torch, "cuda") == "cuda:1"
    assert chosen == [torch.device("cuda:1")]
    assert Backend("torch", "cuda:1", ranks=Two()).options()[2:] == ["--device", "cuda"]


class Two(ranks.Alone):
    """The first of two ranks, as far as can be seen before training."""

    world = 2


def test_a_world_larger_than_the_batch(torch, tmp_path, given):
    backend = Backend("torch", ranks=Two())
    expected = "torchrun has started 2 processes for a batch of 1"
    with pytest.raises(ValueError, match=expected):
        kinds.start(tmp_path / "run", "attention", given | {"batch_size": 1}, backend)
    kinds.start(tmp_path / "run", "attention", given | {"batch_size": 1})[0].save()
    with pytest.raises(ValueError, match=expected):
        kinds.resume(tmp_path / "run", {}, backend)
    assert len(kinds.start(tmp_path / "run", "attention", given | {"batch_size": 2}, backend)) == 2

"""python -m models train --backend torch, and what it needs."""

import sys

import pytest

from models.__main__ import main
from models.training.translating import Translating
from tests.models.command_line.helpers import FILES, SMALL, refused, written


def test_train_on_pytorch_and_show_on_minigrad(torch, capsys):
    assert main(["train", "attention", *SMALL, "--backend", "torch", "--precision", "bf16"]) == 0
    printed = capsys.readouterr().out
    assert f"parameters, on torch {torch.__version__} (cpu, bf16)\n" in printed
    assert "of 10 sentences exactly right" in printed
    assert written(printed) == FILES | {"alignment.svg"}
    for command in (
        ["translate", "오늘은 금요일 입니다"],
        ["attend", "오늘은 금요일 입니다"],
        ["draw", "attention"],
    ):
        assert main(command) == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_stopped_run_says_how_to_go_on_with_it(torch, capsys, monkeypatch):
    def failing(run, batch):
        raise RuntimeError("the power is out")

    with monkeypatch.context() as patch:
        patch.setattr(Translating, "step", failing)
        options = ["--backend", "torch", "--precision", "bf16", "--compile"]
        assert main(["train", "attention", *SMALL, *options]) == 2
    printed, said = capsys.readouterr()
    assert "the power is out" in said
    command = printed.split("go on with: ")[1].split()
    assert command[:5] == ["python", "-m", "models", "train", "attention"]
    assert command[5:10] == options
    assert main([*command[3:5], *command[10:]]) == 0  # on minigrad
    assert len(Translating.open("runs/attention").metrics) == 3


def test_without_pytorch(monkeypatch, capsys, here):
    monkeypatch.setitem(sys.modules, "torch", None)
    said = refused(capsys, "train", "attention", *SMALL, "--backend", "torch")
    assert "PyTorch cannot be imported" in said
    assert 'pip install -e ".[torch]"' in said
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--device", "cuda"], "--device: only PyTorch"),
        (["--precision", "float32"], "--precision: only PyTorch"),
        (["--compile", "--precision", "bf16"], "--precision and --compile: only PyTorch"),
    ],
)
def test_what_is_pytorchs_needs_pytorch(capsys, here, options, expected):
    said = refused(capsys, "train", "attention", *SMALL, *options)
    assert expected in said
    assert "add --backend torch" in said
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "meta", "gpu"])
def test_a_device_that_is_not_there(torch, capsys, here, device):
    if device == "cuda" and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    options = "--backend", "torch", "--device", device
    said = refused(capsys, "train", "attention", *SMALL, *options)
    assert f"--device {device}: PyTorch finds no such device here" in said
    assert list(here.iterdir()) == []

"""User errors: one line that says what is wrong, and exit code 2."""

from pathlib import Path

import pytest

from models.__main__ import main
from models.tasks import calendar
from tests.models.command_line.helpers import SMALL, refused


@pytest.mark.parametrize(
    "arguments",
    [
        ("translate", "오늘은 금요일 입니다"),
        ("train", "attention", "--resume"),
        ("draw", "attention", "--run", "runs/attention"),
        ("attend", "오늘은 금요일 입니다"),
        ("attend", "It has a tail"),
    ],
)
def test_no_run_there(capsys, arguments):
    assert "holds no run (no config.json): train one first" in refused(capsys, *arguments)


def test_resume_keeps_the_settings(trained, capsys):
    before = (trained / "checkpoint.safetensors").read_bytes()
    said = refused(capsys, "train", "attention", "--resume", "--hidden", "9", "--steps", "4")
    assert "was started with --steps 3" in said
    assert "hidden" in said
    assert "steps" in said
    assert "model" in refused(capsys, "train", "seq2seq", "--resume", "--out", "runs/attention")
    assert (trained / "checkpoint.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "No such file"),
        (b"Today is Friday .\n", "line 1: 'Today is Friday .' is not two sentences"),
        (b"\xff\xfe\x00", "utf-8"),
    ],
)
def test_pairs_that_cannot_be_read(capsys, here, content, expected):
    if content is not None:
        (here / "pairs.tsv").write_bytes(content)
    assert expected in refused(capsys, "train", "attention", *SMALL, "--pairs", "pairs.tsv")


def test_there_is_nothing_to_resume_from(trained, capsys):
    (trained / "checkpoint.safetensors").unlink()
    assert "checkpoint.safetensors" in refused(capsys, "train", "attention", "--resume")


def test_resume_with_a_file_that_has_changed(capsys, pairs_file):
    assert main(["train", "seq2seq", *SMALL, "--pairs", pairs_file]) == 0
    capsys.readouterr()
    with open(pairs_file, "a", encoding="utf-8") as file:
        file.write("It is June 1 .\t6월 1일 입니다\n")
    assert "has changed" in refused(capsys, "train", "seq2seq", "--resume")


def test_a_new_run_puts_the_old_one_aside(trained, capsys):
    before = (trained / "model.safetensors").read_bytes()
    assert main(["train", "attention", *SMALL, "--seed", "1"]) == 0
    assert "is now in runs/attention.1" in capsys.readouterr().out.replace("\\", "/")
    assert Path("runs/attention.1/model.safetensors").read_bytes() == before
    assert (trained / "model.safetensors").read_bytes() != before


@pytest.mark.parametrize(
    ("option", "value"), [("--dropout", "1.5"), ("--weight-decay", "-1"), ("--seed", "-1")]
)
def test_invalid_settings_leave_the_old_run_in_place(trained, capsys, option, value):
    name = option.removeprefix("--").replace("-", "_")
    assert name in refused(capsys, "train", "attention", option, value)
    assert (trained / "config.json").exists()


def test_words_that_are_all_too_rare(capsys):
    said = refused(capsys, "train", "attention", *SMALL, "--min-count", "100000")
    assert "100000 times" in said


def test_missing_packages_are_named(monkeypatch, capsys):
    monkeypatch.setattr("models.__main__.NEEDED", ("tqdm", "not_there_at_all"))
    said = refused(capsys, "train", "attention")
    assert "not_there_at_all" in said
    assert 'pip install -e ".[models]"' in said


def test_ctrl_c_before_training(monkeypatch, capsys):
    def interrupted(seed):
        raise KeyboardInterrupt

    monkeypatch.setattr(calendar, "corpus", interrupted)
    assert main(["train", "attention", *SMALL]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_an_unknown_picture_format(capsys):
    assert "must end in .svg" in refused(capsys, "draw", "seq2seq", "--out", "graph.jpg")


def test_no_words(trained, capsys):
    assert "no words" in refused(capsys, "translate", "  ")
    assert "no words" in refused(capsys, "attend", "  ")


def test_a_run_of_another_kind(reader, trained, capsys):
    said = refused(capsys, "translate", "오늘은", "--run", "runs/self_attention")
    assert "is a run of self_attention, not of seq2seq or attention" in said
    said = refused(capsys, "draw", "self_attention", "--run", "runs/attention")
    assert "is a run of attention, not of self_attention" in said
    (trained / "config.json").write_text('{"settings": {"model": "perceptron"}}')
    assert "is a run of perceptron, not of " in refused(capsys, "attend", "오늘은")


@pytest.mark.parametrize(("option", "value"), [("--dropout", "1.5"), ("--learning-rate", "-1")])
def test_numbers_that_make_no_sense(capsys, option, value):
    refused(capsys, "train", "seq2seq", *SMALL, option, value)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("train", "perceptron"),
        ("train", "attention", "--steps", "0"),
        ("train", "attention", "--steps", "many"),
        ("train", "attention", "--heads", "2"),
        ("train", "self_attention", "--hidden", "2"),
        ("train", "self_attention", "--positions", "rotary"),
        ("train", "attention", "--task", "calendar"),
    ],
)
def test_wrong_arguments(capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        main([*arguments])
    assert stop.value.code == 2
    assert "usage: python -m models" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("train",),
        ("train", "attention"),
        ("train", "self_attention"),
        ("translate",),
        ("attend",),
        ("draw",),
        ("experiment",),
    ],
)
def test_help(capsys, command):
    with pytest.raises(SystemExit) as stop:
        main([*command, "--help"])
    assert stop.value.code == 0
    assert "usage: python -m models" in capsys.readouterr().out

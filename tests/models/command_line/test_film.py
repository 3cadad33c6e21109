"""python -m models film, and the setting --film of train."""

from pathlib import Path

import pytest

from models.__main__ import main
from tests.models.command_line.helpers import FILES, SMALL, refused, written


def test_film(trained, capsys):
    assert main(["film"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"4 moments of the training in {Path('runs/attention')}\n")
    assert written(printed) == {"film.html"}
    assert main(["film", "runs/attention", "--out", "new/page.html"]) == 0
    assert written(capsys.readouterr().out) == {"page.html"}


def test_a_run_without_a_film(capsys):
    assert main(["train", "seq2seq", *SMALL, "--film", "0"]) == 0
    assert written(capsys.readouterr().out) == FILES - {"film.jsonl"}
    said = refused(capsys, "film", "runs/seq2seq")
    assert "has no film.jsonl: it was trained with --film 0, or before runs kept a film" in said
    assert not Path("film.html").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["film", "nowhere"], "nowhere holds no run"),
        (["film", "--out", "film.svg"], "film.svg must end in .html"),
    ],
)
def test_mistakes(trained, capsys, arguments, expected):
    assert expected in refused(capsys, *arguments)


def test_a_resumed_run_keeps_its_setting(trained, capsys):
    said = refused(capsys, "train", "attention", "--resume", "--film", "3")
    assert "was started with --film 80, not --film 3" in said

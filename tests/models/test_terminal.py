"""Progress bars: nothing that happens to them ends what they count."""

import io
import sys

import pytest


from models.terminal import Progress
from tests.models.streams import Broken


@pytest.mark.parametrize("stream", [None, Broken(), "closed"])
def test_a_progress_bar_without_a_reader_counts_on(stream, monkeypatch):
    if stream == "closed":
        stream = io.StringIO()
        stream.close()
    monkeypatch.setattr(sys, "stderr", stream)
    with Progress(10, "title", done=3) as bar:
        assert bar.update(2, loss="1.0") == 2
    monkeypatch.undo()


def test_a_progress_bar_that_fails_counts_on(monkeypatch):
    import tqdm

    with Progress(10, "title") as bar:
        monkeypatch.setattr(bar.bar, "update", lambda steps: 1 / 0)
        assert bar.update() == 1
    monkeypatch.setattr(tqdm, "tqdm", lambda **settings: 1 / 0)
    with Progress(10, "title") as bar:
        assert bar.update() == 1


def test_a_progress_bar_shows_what_is_counted(capsys):
    with Progress(10, "title", done=3) as bar:
        bar.update(7, loss="0.5")
    said = capsys.readouterr().err
    assert "title" in said
    assert "10/10" in said
    assert "loss=0.5" in said

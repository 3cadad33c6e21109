"""The page of a film: small, whole, safe, and honest about what it leaves out."""

import json
import re
from pathlib import Path

import pytest

from models.showing import film as shows
from models.training import film
from models.training.film import FILM
from models.training.translating import Settings, Translating

SETTINGS = Settings(model="attention", embedding=6, hidden=8, steps=9, batch_size=16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, splits):
    """The folder of a trained run."""
    run = Translating.start(tmp_path_factory.mktemp("run"), SETTINGS, splits.train)
    run.train(splits.train, validation=splits.validation)
    return run.folder


def data_of(path):
    """The data that a page holds."""
    (found,) = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>', path.read_text("utf-8"), re.S
    )
    return json.loads(found)


def test_a_page_holds_the_whole_film(folder, tmp_path):
    path, count = shows.save(folder, tmp_path / "new" / "film.html")
    head, moments = film.read(folder)
    assert count == len(moments) == SETTINGS.steps + 1
    assert data_of(path) == {"head": head, "moments": moments, "every": 1}
    text = path.read_text("utf-8")
    assert "오늘은" in text
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    assert not re.search(r"https?://(?!www\.w3\.org)", text)


def test_a_long_film_leaves_out_moments_and_keeps_both_ends(folder, tmp_path, monkeypatch):
    path, _ = shows.save(folder, tmp_path / "film.html")
    whole, size = data_of(path)["moments"], path.stat().st_size
    monkeypatch.setattr(shows, "LARGEST", size - 1)
    path, count = shows.save(folder, tmp_path / "film.html")
    data = data_of(path)
    assert path.stat().st_size < size
    assert count == len(data["moments"]) < len(whole)
    assert data["every"] == 2
    assert [data["moments"][0], data["moments"][-1]] == [whole[0], whole[-1]]
    monkeypatch.setattr(shows, "LARGEST", 1)
    assert shows.save(folder, tmp_path / "film.html")[1] == 2


def test_no_word_ends_the_script_or_turns_the_text(folder, tmp_path):
    lines = (folder / FILM).read_text("utf-8").splitlines()
    bad = "</script><script>alert(1)</script>\u202e\ud800"
    head = json.loads(lines[0])
    head["example"]["columns"][0] = head["parameters"][0][0] = head["model"] = bad
    moment = json.loads(lines[1]) | {"says": bad}
    moment["answers"][0][0][0] = bad
    (tmp_path / FILM).write_text("".join(json.dumps(x) + "\n" for x in (head, moment)), "utf-8")
    path, _ = shows.save(tmp_path, tmp_path / "film.html")
    text = path.read_text("utf-8")
    assert "</script><script>" not in text
    assert "\u202e" not in text
    assert data_of(path)["moments"][0]["says"].startswith(
        "</script><script>alert(1)</script>\\u202e"
    )


def test_a_run_without_a_film_says_what_to_do(tmp_path):
    with pytest.raises(ValueError, match=r"has no film\.jsonl: it was trained with --film 0, or"):
        shows.save(tmp_path, tmp_path / "film.html")


def test_a_film_without_moments_says_so(folder, tmp_path):
    head, *_ = (folder / FILM).read_text("utf-8").splitlines(keepends=True)
    (tmp_path / FILM).write_text(head, "utf-8")
    with pytest.raises(ValueError, match="has no moments yet"):
        shows.save(tmp_path, tmp_path / "film.html")
    assert not Path(tmp_path, "film.html").exists()

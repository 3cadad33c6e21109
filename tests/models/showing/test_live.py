"""The live page as a file: what is in it, and when there is none."""

import base64
import json
import re

import numpy as np
import pytest

import minigrad
from models import kinds
from models.__main__ import main
from models.showing import live, translating
from models.tasks.calendar import corpus
from models.training.translating import Settings, Translating
from tests.models.command_line.helpers import refused


@pytest.fixture
def run():
    pairs = corpus(size=50, validation=2, test=2).train
    return Translating.start("", Settings(embedding=8, hidden=8), pairs)


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page)[1])


def test_the_page_holds_the_weights_as_float16(run):
    data = data_of(live.html(run, translating.live(run)))
    given = np.frombuffer(base64.b64decode(data["weights"]), "<f2")
    named = dict(run.model.named_parameters())
    assert data["shapes"] == {name: list(value.shape) for name, value in named.items()}
    whole = np.concatenate([value.detach().numpy().ravel() for value in named.values()])
    assert (given == whole.astype(np.float16)).all()
    assert data["vocabularies"]["source"]["words"] == run.source_vocabulary.words


def test_no_word_ends_the_script(run):
    about = translating.live(run)
    about["vocabularies"]["target"]["words"] += ["</script><script>alert(1)</script>"]
    page = live.html(run, about)
    assert page.count("<script") == page.count("</script>") == 2
    assert data_of(page)["vocabularies"]["target"]["words"][-1].startswith("</script>")


def test_the_default_sizes_make_pages_under_1_5_MB():
    for model in kinds.models_with("live"):
        kind = kinds.KINDS[model]
        settings = kind.run.settings_from({"model": model})
        examples = [kind.run.COURSE]
        run = kind.run.start("", settings, examples, model=kind.model)
        assert len(live.html(run, kind.showing.live(run))) < 1_200_000  # and some words


def test_a_weight_that_float16_does_not_have(run):
    with minigrad.no_grad():
        run.model.output.weight[0, 0] = 1e6
    with pytest.raises(ValueError, match=r"has a weight of 1e\+06: a page holds them as float16"):
        live.html(run, translating.live(run))


def test_the_command(run, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run.folder = tmp_path / "runs" / "attention"
    run.save()
    assert main(["live"]) == 0
    assert capsys.readouterr().out == "\nwritten:\n  live.html\n"
    assert main(["live", str(run.folder), "--out", "new/page.html"]) == 0
    assert (tmp_path / "new/page.html").read_bytes() == (tmp_path / "live.html").read_bytes()
    capsys.readouterr()
    assert "page.svg must end in .html" in refused(capsys, "live", "--out", "page.svg")


def test_a_kind_that_has_no_live_page(tmp_path, capsys):
    kind = kinds.KINDS["transformer"]
    settings = kind.run.settings_from({"model": "transformer", **kind.run.SMALL})
    run = kind.run.start(tmp_path / "run", settings, [kind.run.COURSE], model=kind.model)
    run.save()
    said = refused(capsys, "live", str(tmp_path / "run"))
    assert "is a run of transformer, not of seq2seq or attention or self_attention or gpt" in said

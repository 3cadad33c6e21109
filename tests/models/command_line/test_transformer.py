"""All commands with a Transformer."""

import json
import re
from pathlib import Path

import pytest

import minigrad
from models import kinds
from models.__main__ import main
from models.showing import pages
from models.tasks.tokens import Words
from models.training import evaluation
from models.training.transformer import Settings, Transforming
from tests.models.command_line.helpers import FILES, refused, written

SENTENCE = "오늘은 금요일입니다."
TOKENS = ["오늘은", "금요일", "입니다", "."]
SMALL = ("--steps", "3", "--embedding", "8", "--hidden", "8", "--heads", "2", "--warmup", "2")


@pytest.fixture(scope="module")
def learned(splits):
    """A small Transformer, trained for a few steps."""
    settings = Settings(embedding=8, hidden=8, heads=2, steps=40, warmup=4, learning_rate=1e-2)
    run = Transforming.start("", settings, splits.train)
    for _, batch in zip(range(20), run.batches(splits.train), strict=False):
        run.step(batch)
    with minigrad.no_grad():
        run.model.output.bias[:4] -= 10.0  # it writes no special tokens, such as an early end
    return run


@pytest.fixture
def run(learned, here, monkeypatch):
    """The same in runs/transformer, as a function of the arguments of a command."""
    monkeypatch.setattr(learned, "folder", here / "runs" / "transformer")
    monkeypatch.setattr(evaluation, "LIMIT", 6)
    learned.save()
    return "--run", "runs/transformer"


def test_train_and_resume(capsys, splits):
    assert main(["train", "transformer", *SMALL]) == 0
    printed = capsys.readouterr().out
    assert written(printed) == {*FILES, "alignment.svg"}
    assert re.search(r"of 10 sentences exactly right \(validation: \d+\.\d%\)", printed)
    best = r"\d+\.\d% of content words attend most to the word they translate in layer \d, head \d"
    assert re.search(best, printed)
    rows = printed.split("in all heads:\n\n")[1].split("\n\n")[0].splitlines()
    assert rows[0].split() == ["head", "1", "head", "2"]
    assert [row.split()[:2] for row in rows[1:]] == [["layer", "1"], ["layer", "2"]]
    assert main(["train", "transformer", "--resume"]) == 0
    capsys.readouterr()
    assert "was started with --heads 2" in refused(
        capsys, "train", "transformer", "--resume", "--heads", "4"
    )


def test_its_settings_are_options(capsys):
    names = ("layers", "heads", "embedding", "hidden", "dropout", "positions", "norm", "warmup")
    with pytest.raises(SystemExit):
        main(["train", "transformer", "--help"])
    printed = capsys.readouterr().out
    for name in (*names, "label-smoothing", "pairs", "final-dropout"):
        assert f"--{name} " in printed
    assert "--cell" not in printed
    given = ("--positions", "rotary", "--norm", "after", "--layers", "1", "--label-smoothing", "0")
    assert main(["train", "transformer", *SMALL, *given]) == 0
    settings = kinds.open_run(Path("runs/transformer"))[0].settings
    assert (settings.positions, settings.norm, settings.layers) == ("rotary", "after", 1)
    assert settings.label_smoothing == 0


def test_it_learns_from_a_file(pairs_file, capsys):
    assert main(["train", "transformer", *SMALL, "--pairs", pairs_file]) == 0
    assert "BLEU" in capsys.readouterr().out


def test_translate(run, capsys):
    for decoding in ((), ("--beam", "3")):
        assert main(["translate", f"모르는 {SENTENCE}", *run, *decoding]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith(f"unknown words: 모르는\n«모르는 {SENTENCE}» → «")
        assert "attends to" in printed


@pytest.mark.parametrize("kind", [None, "cross", "encoder", "decoder"])
def test_attend_to_each_kind(run, capsys, kind):
    given = () if kind is None else ("--kind", kind)
    assert main(["attend", SENTENCE, *run, *given]) == 0
    printed = capsys.readouterr().out
    words = Words().encode(re.search(r"→ «(.*)»", printed)[1])
    rows = TOKENS if kind == "encoder" else words
    columns = ["<begin>", *words[:-1]] if kind == "decoder" else TOKENS
    for layer in ("layer 1", "layer 2"):
        header, *lines = printed.split(f"\n{layer}\n")[1].split("\n\n")[0].splitlines()
        assert header.split() == columns
        assert [line.split()[0] for line in lines] == rows
        for line in lines:
            assert sum(map(float, line.split()[1:])) == pytest.approx(1, abs=0.05)
    assert written(printed) == {"weights.svg"}


def test_attend_by_layer_and_head(run, capsys):
    tables = set()
    for layer, *head in (("1",), ("2", "--head", "1"), ("2", "--head", "2")):
        assert main(["attend", SENTENCE, *run, "--layer", layer, *head]) == 0
        printed = capsys.readouterr().out
        assert f"\nlayer {layer}\n" in printed
        assert printed.count("\nlayer ") == 1
        tables.add(printed)
    assert len(tables) == 3
    said = refused(capsys, "attend", SENTENCE, *run, "--layer", "3")
    assert "has 2 layers: there is no layer 3" in said
    assert "has 2 heads: there is no head 3" in refused(
        capsys, "attend", SENTENCE, *run, "--head", "3"
    )
    assert "whose attention is of --kind cross or encoder or decoder" in refused(
        capsys, "attend", SENTENCE, *run, "--kind", "self"
    )


@pytest.mark.parametrize("kind", ["cross", "encoder", "decoder"])
def test_attend_writes_a_page(run, capsys, kind):
    given = ("--kind", kind, "--layer", "1", "--head", "2", "--out", "weights.html")
    assert main(["attend", SENTENCE, *run, *given]) == 0
    text = Path("weights.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text)[1])
    assert (data["layer"], data["head"]) == (1, 2)
    assert data["sentence"] == TOKENS
    opened, showing = kinds.open_run(Path("runs/transformer"))
    expected = pages.html(showing.page(opened, TOKENS, kind) | {"head": 2, "layer": 1})
    assert text == expected


def test_draw(run, capsys):
    assert main(["draw", "transformer", "--out", "graph.svg"]) == 0
    assert "transformer, as trained in runs" in capsys.readouterr().out
    text = Path("graph.svg").read_text(encoding="utf-8")
    for part in ("encoder", "decoder", "source", "target"):
        assert part in text
    assert main(["draw", "transformer", "--run", "runs/transformer", "--html"]) == 0
    assert main(["draw", "transformer", "--sentence", SENTENCE, "--depth", "1"]) == 0


def test_draw_an_untrained_one(capsys):
    assert main(["draw", "transformer", "--out", "graph.dot"]) == 0
    assert "transformer, untrained, with small sizes" in capsys.readouterr().out
    assert "cross.key.weight" in Path("graph.dot").read_text(encoding="utf-8")


# The same options with the other models.


def test_the_layer_of_a_reader(reader, capsys):
    both = []
    for layer in ("1", "2"):
        assert main(["attend", "It has a tail", "--layer", layer]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith(f"layer {layer}\n")
        assert printed.count("layer ") == 1
        both.append(printed.split("\n", 1)[1])
    assert both[0] != both[1]
    assert "It means" in both[0]
    assert "there is no layer 3" in refused(capsys, "attend", "It", "--layer", "3")
    said = refused(capsys, "attend", "It", "--kind", "cross")
    assert "is a run of self_attention, whose attention is of --kind self" in said


def test_a_recurrent_translator_has_one_layer_and_one_kind(trained, capsys):
    assert "has no layers to choose from" in refused(capsys, "attend", SENTENCE, "--layer", "1")
    said = refused(capsys, "attend", SENTENCE, "--kind", "decoder")
    assert "is a run of attention, whose attention is of --kind cross" in said
    assert main(["attend", SENTENCE, "--kind", "cross"]) == 0

"""python -m models train: new runs, resumed runs, and pairs from a file."""

import csv
import json
import re
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from models.kinds import open_run
from models.__main__ import main
from models.showing import plots
from models.training.translating import Translating
from tests.models.command_line.helpers import FILES, SMALL, refused, written

CHECKOUT = Path(__file__).parents[3]


@pytest.mark.parametrize("model", ["seq2seq", "attention"])
def test_train(capsys, model):
    assert main(["train", model, *SMALL]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("100 sentence pairs, ")
    assert "held-out test set: " in printed
    assert "of 10 sentences exactly right" in printed
    assert "«오늘은 금요일입니다.» → «" in printed
    looks = model == "attention"
    assert ("attend most to the word they translate" in printed) == looks
    assert (" attends to " in printed) == looks
    assert written(printed) == FILES | ({"alignment.svg"} if looks else set())
    with open(f"runs/{model}/metrics.csv", encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == 1 + 3


def test_the_options_are_the_settings(capsys):
    options = {
        "steps": 2,
        "seed": 5,
        "batch_size": 7,
        "learning_rate": 0.5,
        "embedding": 4,
        "hidden": 3,
        "dropout": 0.1,
        "min_count": 3,
    }
    given = [text for k, v in options.items() for text in (f"--{k.replace('_', '-')}", str(v))]
    assert main(["train", "seq2seq", *given, "--out", "elsewhere"]) == 0
    settings = json.loads(Path("elsewhere/config.json").read_text(encoding="utf-8"))["settings"]
    assert settings | options == settings
    assert not Path("runs").exists()


def test_ctrl_c_and_resume(monkeypatch, capsys):
    step = Translating.step

    def interrupted(run, batch):
        signal.raise_signal(signal.SIGINT)
        step(run, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Translating, "step", interrupted)
        assert main(["train", "attention", *SMALL]) == 130
    printed = capsys.readouterr().out
    assert "stopped after step 1 of 3, saved in runs" in printed
    command = printed.split("python -m models ")[1].split()
    assert command == ["train", "attention", "--resume", "--out", str(Path("runs/attention"))]
    assert main(command) == 0
    assert written(capsys.readouterr().out) == FILES | {"alignment.svg"}
    assert len(Translating.open("runs/attention").metrics) == 3


def test_resume_accepts_the_same_settings_again(trained):
    assert main(["train", "attention", "--resume", *SMALL]) == 0


def test_pairs_of_a_file(capsys, pairs_file):
    assert main(["train", "attention", *SMALL, "--pairs", pairs_file, "--out", "mine"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("36 sentence pairs")
    assert "of 2 sentences exactly right" in printed
    assert "content words" not in printed  # nobody knows their alignment
    scores = r"BLEU \d+\.\d \(nrefs:1\|.*\|tok:13a\|.*\)\nchrF2 \d+\.\d \(nrefs:1"
    missing = "BLEU and chrF: not computed"
    assert re.search(scores if find_spec("sacrebleu") else missing, printed)
    assert written(printed) >= FILES
    run = Translating.open("mine")
    assert run.settings.min_count == 2
    assert "입니다" in run.source_vocabulary
    assert "<unknown>" in run.source_vocabulary.words

    given = ["--pairs", pairs_file, "--source", "first", "--min-count", "1", "--out", "other"]
    assert main(["train", "seq2seq", *SMALL, *given]) == 0
    assert "입니다" in open_run("other")[0].target_vocabulary


@pytest.mark.parametrize("tokens", ["bpe", "characters"])
def test_other_tokens_than_words(capsys, pairs_file, tokens):
    given = ["--pairs", pairs_file, "--tokens", tokens, "--merges", "20", "--out", "mine"]
    assert main(["train", "attention", *SMALL, *given]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"«5월 \d+일 입니다» → «", printed)
    run = Translating.open("mine")
    assert run.settings.min_count == 1
    pairs = run.tokenized(run.load(run.settings)).test
    for pair in pairs:
        assert run.source_tokens.decode(pair.source) == pair.text[0]
        assert run.target_tokens.decode(pair.target) == pair.text[1]
        assert not run.target_vocabulary.unknown(pair.target)
    text = "5월 7일 입니다"
    assert (" 입니다" in run.tokens_of(text)) == (tokens == "bpe")
    assert "".join(run.tokens_of("  5월\u200b 7일   입니다 ")) == text
    assert bool(run.source_vocabulary.merges) == (tokens == "bpe")

    assert main(["translate", text, "--run", "mine"]) == 0
    assert capsys.readouterr().out.startswith(f"«{text}» → «")
    assert main(["train", "attention", "--resume", "--out", "mine"]) == 0
    assert main(["draw", "attention", "--run", "mine", "--out", "graph.dot"]) == 0


def test_byte_pairs_of_the_calendar(capsys):
    assert main(["train", "attention", *SMALL, "--tokens", "bpe"]) == 0
    printed = capsys.readouterr().out
    assert "«오늘은 금요일입니다.» → «" in printed
    assert "content words" not in printed  # only words have a known alignment


def test_damaged_merges_are_explained(capsys, pairs_file):
    given = ["--pairs", pairs_file, "--tokens", "bpe", "--merges", "20", "--out", "mine"]
    assert main(["train", "attention", *SMALL, *given]) == 0
    capsys.readouterr()
    config = json.loads(Path("mine/config.json").read_text(encoding="utf-8"))
    for merges in (7, [7], [["a"]], [["a", 7]], {"a": "b"}):
        text = json.dumps(config | {"source_merges": merges})
        Path("mine/config.json").write_text(text, encoding="utf-8")
        assert "merges must be a list of pairs" in refused(
            capsys, "translate", "가", "--run", "mine"
        )


def test_early_stopping(capsys, pairs_file):
    given = ["--pairs", pairs_file, "--patience", "2", "--evaluate-every", "1", "--out", "mine"]
    given += ["--steps", "40", "--learning-rate", "0"]
    assert main(["train", "attention", *SMALL[2:], *given]) == 0
    said = capsys.readouterr().out
    assert "ended after step 3; the lowest validation loss was" in said
    assert "after step 1: its weights are used" in said


def test_without_sacrebleu_there_is_no_bleu(monkeypatch, capsys, pairs_file):
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    assert main(["train", "seq2seq", *SMALL, "--pairs", pairs_file]) == 0
    assert 'pip install "minigrad[bleu]"' in capsys.readouterr().out


def test_without_graphviz_the_dot_text_is_written(monkeypatch, capsys):
    def no_graphviz(source, format):
        raise RuntimeError("there is no Graphviz")

    monkeypatch.setattr(sys.modules["minigrad.draw"], "lay_out", no_graphviz)
    assert main(["train", "seq2seq", *SMALL]) == 0
    printed = capsys.readouterr().out
    assert "graph.svg is not drawn: there is no Graphviz" in printed
    assert written(printed) == FILES - {"graph.svg"} | {"graph.dot"}


def test_train_a_reader(capsys):
    options = ("--steps", "3", "--embedding", "8", "--layers", "3", "--heads", "2")
    assert main(["train", "self_attention", *options]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("200 texts, ")
    assert "of 10 texts understood" in printed
    assert "«The dog likes an apple . It has a long tail .»\nIt means " in printed
    for layer in (1, 2, 3):
        for head in (1, 2):
            assert f"layer {layer}, head {head}  attends to " in printed
    assert written(printed) == FILES | {"weights.svg"}
    settings = json.loads(Path("runs/self_attention/config.json").read_text())["settings"]
    assert (settings["layers"], settings["heads"]) == (3, 2)
    assert main(["train", "self_attention", "--resume"]) == 0


# In its own process, with the whole corpus


def run_models(*arguments):
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "models", *map(str, arguments)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_the_command_itself(here):
    done = run_models("train", "attention", *SMALL, "--out", here / "run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20,000 sentence pairs, ")
    assert written(done.stdout) == FILES | {"alignment.svg"}
    assert "100%" in done.stderr  # the progress bar, and nothing else
    assert "Warning" not in done.stderr
    picture = (here / "run" / "alignment.svg").read_text(encoding="utf-8")
    assert "<text" not in picture
    assert plots.HANGUL in picture
    assert str(here / "run" / "alignment.svg") in done.stdout

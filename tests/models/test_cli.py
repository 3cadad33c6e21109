import csv
import json
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from models.__main__ import main
from models.experiments import NAMES
from models.showing import plots
from models.tasks import calendar, coreference
from models.training.reading import Reading
from models.training.reading import Settings as ReadingSettings
from models.training.translating import Settings, Translating

CHECKOUT = Path(__file__).parents[2]
SMALL = ("--steps", "3", "--embedding", "8", "--hidden", "8")
SETTINGS = Settings(model="attention", steps=3, embedding=8, hidden=8)
FILES = {
    "model.safetensors",
    "checkpoint.safetensors",
    "config.json",
    "metrics.csv",
    "loss.svg",
    "graph.svg",
}
READER = ReadingSettings(steps=3, embedding=8, heads=2)
PAIRS = 40


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path, splits):
    """A folder to work in, and a corpus that is small."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(calendar, "corpus", lambda seed: splits)
    texts = coreference.corpus
    monkeypatch.setattr(coreference, "corpus", lambda seed: texts(200, seed, 10, 10))
    return tmp_path


@pytest.fixture
def pairs_file(here):
    lines = [f"It is May {i} .\t5월 {i}일 입니다\tsomeone\n" for i in range(PAIRS)]
    (here / "pairs.tsv").write_text("".join(lines), encoding="utf-8")
    return "pairs.tsv"


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory, splits):
    run = Translating.start(tmp_path_factory.mktemp("trained"), SETTINGS, splits.train)
    run.train(splits.train)
    return run.folder


@pytest.fixture
def trained(trained_once, here):
    """A small attention model, trained, in runs/attention."""
    return shutil.copytree(trained_once, here / "runs" / "attention")


@pytest.fixture
def reader(here):
    """A small reader, trained, in runs/self_attention."""
    texts = coreference.corpus(0).train
    run = Reading.start(here / "runs" / "self_attention", READER, texts)
    run.train(texts)
    return run


def refused(capsys, *arguments):
    """What is said of a mistake: one line, and exit code 2."""
    assert main([*arguments]) == 2
    printed, said = capsys.readouterr()
    assert said.count("\n") == 1, said
    assert said.startswith("python -m models: ")
    assert not printed
    return said


def written(printed):
    """The files that were said to be written; they are there, the pictures are well-formed."""
    files = [Path(line.strip()) for line in printed.split("written:\n")[1].splitlines()]
    for file in files:
        assert file.stat().st_size, file
        if file.suffix == ".svg":
            ET.parse(file)
    return {file.name for file in files}


# train


@pytest.mark.parametrize("model", ["seq2seq", "attention"])
def test_train(capsys, model):
    assert main(["train", model, *SMALL]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("100 sentence pairs, ")
    assert "held-out test set: " in printed
    assert "of 10 sentences exactly right" in printed
    assert "«오늘은 금요일 입니다» → «" in printed
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


def test_the_same_settings_may_be_said_again(trained):
    assert main(["train", "attention", "--resume", *SMALL]) == 0


def test_pairs_of_a_file(capsys, pairs_file):
    assert main(["train", "attention", *SMALL, "--pairs", pairs_file, "--out", "mine"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("36 sentence pairs")
    assert "of 2 sentences exactly right" in printed
    assert "content words" not in printed  # nobody knows their alignment
    assert "BLEU" in printed
    assert written(printed) >= FILES
    run = Translating.open("mine")
    assert run.settings.min_count == 2
    assert "입니다" in run.source_vocabulary
    assert "<unknown>" in run.source_vocabulary.words

    given = ["--pairs", pairs_file, "--source", "first", "--min-count", "1", "--out", "other"]
    assert main(["train", "seq2seq", *SMALL, *given]) == 0
    assert "입니다" in Translating.open("other").target_vocabulary


def test_without_sacrebleu_there_is_no_bleu(monkeypatch, capsys, pairs_file):
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    assert main(["train", "seq2seq", *SMALL, "--pairs", pairs_file]) == 0
    assert 'pip install "minigrad[bleu]"' in capsys.readouterr().out


def test_where_no_picture_can_be_made_the_dot_text_is_written(monkeypatch, capsys):
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


# translate


def test_translate(trained, capsys):
    assert main(["translate", "오늘은 금요일 입니다"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("«오늘은 금요일 입니다» → «")
    assert "attends to" in printed
    assert "unknown words" not in printed


def test_translate_says_which_words_are_unknown(trained, capsys):
    assert main(["translate", "오늘은 모르는 금요일 말", "--run", "runs/attention"]) == 0
    assert capsys.readouterr().out.startswith("unknown words: 모르는, 말\n")


# attend


def test_attend_to_a_korean_sentence(trained, capsys):
    assert main(["attend", "오늘은 모르는 금요일"]) == 0
    said, translation, _, header, *rows = capsys.readouterr().out.splitlines()
    assert said == "unknown words: 모르는"
    assert translation.startswith("«오늘은 모르는 금요일» → «")
    assert header.split() == ["오늘은", "모르는", "금요일"]
    words = translation.split("→ «")[1].removesuffix("»").split()
    assert rows[len(words) :] == ["", "written:", "  weights.svg"]
    for word, row in zip(words, rows, strict=False):
        first, *weights = row.split()
        assert first == word
        assert sum(map(float, weights)) == pytest.approx(1, abs=0.02)
    assert "NanumGothic" in Path("weights.svg").read_text(encoding="utf-8")


def test_attend_to_an_english_text(reader, capsys):
    assert main(["attend", "The aardvark sleeps. It has a tail.", "--out", "new/map.png"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("unknown words: aardvark, sleeps\nlayer 1\n")
    assert "\nlayer 2\n" in printed
    assert "\nIt means " in printed
    assert written(printed) == {"map.png"}
    table = printed.split("layer 1\n")[1].split("\n\n")[0].splitlines()
    assert table[0].split() == ["The", "aardvark", "sleeps", ".", "It", "has", "a", "tail", "."]
    for row in table[1:]:
        assert sum(map(float, row.split()[1:])) == pytest.approx(1, abs=0.05)


def test_attend_by_one_head(reader, capsys):
    tables = []
    for head in ((), ("--head", "1"), ("--head", "2")):
        assert main(["attend", "It has a tail", *head]) == 0
        tables.append(capsys.readouterr().out)
    assert len(set(tables)) == 3
    assert "has the heads 1 to 2, and no 3" in refused(capsys, "attend", "a", "--head", "3")


def test_who_looks_at_nothing_cannot_attend(trained, capsys):
    assert main(["train", "seq2seq", *SMALL]) == 0
    capsys.readouterr()
    assert "has no weights" in refused(capsys, "attend", "오늘은", "--run", "runs/seq2seq")
    assert "has no heads" in refused(capsys, "attend", "오늘은", "--head", "1")


# experiment


def test_experiments(monkeypatch, capsys):
    done = []

    def perform(name, folder, quick):
        done.append((name, folder, quick))
        return [folder / f"{name}.json"]

    monkeypatch.setattr("models.__main__.perform", perform)
    assert main(["experiment", "scaling", "bottleneck", "--quick"]) == 0
    folder = Path("runs/experiments")
    assert done == [("scaling", folder, True), ("bottleneck", folder, True)]
    assert f"written:\n  {folder / 'scaling.json'}\n" in capsys.readouterr().out
    done.clear()
    assert main(["experiment", "--all", "--out", "here"]) == 0
    assert done == [(name, Path("here"), False) for name in NAMES]


@pytest.mark.parametrize("arguments", [(), ("scaling", "--all"), ("flying",), ("scaling", "x")])
def test_experiments_that_are_not_there(capsys, arguments):
    said = refused(capsys, "experiment", *arguments)
    assert all(name in said for name in NAMES)


# draw


def test_draw_a_reader(reader, capsys):
    assert main(["draw", "self_attention", "--out", "trained.dot"]) == 0
    assert "as trained in runs" in capsys.readouterr().out
    shutil.rmtree("runs")
    assert main(["draw", "self_attention", "--out", "new.svg"]) == 0
    said = "self_attention, untrained, with small sizes, on «The dog likes an apple . It has a"
    assert said in capsys.readouterr().out
    assert "layers.1.key.weight" in Path("new.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["graph.svg", "new/folder/graph.dot"])
def test_draw_an_untrained_model(capsys, name):
    assert main(["draw", "attention", "--out", name]) == 0
    printed = capsys.readouterr().out
    assert "untrained, with small sizes, on «오늘은 금요일 입니다» → «Today is Friday .»" in printed
    assert f"written: {Path(name)}" in printed
    text = Path(name).read_text(encoding="utf-8")
    assert "softmax" in text
    assert "encoder.embedding.weight" in text
    if name.endswith(".svg"):
        ET.fromstring(text)
    else:
        assert text.startswith("digraph")
    assert not Path("runs").exists()


def test_draw_a_trained_model(trained, capsys):
    assert main(["draw", "attention", "--out", "graph.dot"]) == 0
    assert f"as trained in {Path('runs/attention')}" in capsys.readouterr().out
    assert main(["draw", "attention", "--run", "runs/attention", "--out", "again.dot"]) == 0
    assert Path("graph.dot").read_bytes() == Path("again.dot").read_bytes()


def test_draw_a_sentence_of_one_s_own(trained, reader, capsys):
    options = ["--sentence", "내일은 모르는 토요일 입니다", "--depth", "1", "--out", "graph.dot"]
    assert main(["draw", "attention", *options]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("unknown words: 모르는\n")
    assert "on «내일은 모르는 토요일 입니다» → «" in printed
    assert "<B>encoder</B>" in Path("graph.dot").read_text(encoding="utf-8")
    options = ["--sentence", "The cat eats a fig. It sleeps", "--unroll", "--out", "graph.dot"]
    assert main(["draw", "self_attention", *options]) == 0
    assert "«The cat eats a fig . It sleeps»" in capsys.readouterr().out
    assert "no words" in refused(capsys, "draw", "attention", "--sentence", " ")


def test_draw_a_page(capsys):
    assert main(["draw", "seq2seq", "--html"]) == 0
    assert "written: graph.html" in capsys.readouterr().out
    assert Path("graph.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["draw", "seq2seq", "--html", "--out", "new/page.html"]) == 0
    assert Path("new/page.html").exists()


def test_draw_the_backward_pass(capsys):
    assert main(["draw", "seq2seq", "--backward", "--depth", "0", "--out", "graph.dot"]) == 0
    assert "dir=back" in Path("graph.dot").read_text(encoding="utf-8")


# Mistakes


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
    assert "--resume goes on with the settings of runs" in said
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
def test_settings_that_cannot_be_leave_the_old_run_where_it_is(trained, capsys, option, value):
    name = option.removeprefix("--").replace("-", "_")
    assert name in refused(capsys, "train", "attention", option, value)
    assert (trained / "config.json").exists()


def test_words_that_are_all_too_rare(capsys):
    said = refused(capsys, "train", "attention", *SMALL, "--min-count", "100000")
    assert "100000 times" in said


def test_what_is_not_installed_is_named(monkeypatch, capsys):
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


def test_a_picture_of_no_known_kind(capsys):
    assert "must end in .svg" in refused(capsys, "draw", "seq2seq", "--out", "graph.jpg")


def test_no_words(trained, capsys):
    assert "no words" in refused(capsys, "translate", "  ")
    assert "no words" in refused(capsys, "attend", "  ")


def test_a_run_of_another_kind(reader, trained, capsys):
    said = refused(capsys, "translate", "오늘은", "--run", "runs/self_attention")
    assert "holds self_attention, not seq2seq or attention" in said
    said = refused(capsys, "draw", "self_attention", "--run", "runs/attention")
    assert "holds attention, not self_attention" in said
    (trained / "config.json").write_text('{"settings": {"model": "transformer"}}')
    assert "holds transformer, not " in refused(capsys, "attend", "오늘은")


@pytest.mark.parametrize(("option", "value"), [("--dropout", "1.5"), ("--learning-rate", "-1")])
def test_numbers_that_make_no_sense(capsys, option, value):
    refused(capsys, "train", "seq2seq", *SMALL, option, value)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("train", "transformer"),
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


# In a process of its own, with the whole corpus


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

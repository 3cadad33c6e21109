"""A kind of run from outside: a model, its settings and run, what shows it, and one row in KINDS.

It learns whether a text has more a or more b, and attends to the letters.
"""

import json
import signal
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar, NamedTuple

import numpy as np
import pytest

import minigrad
from models import kinds
from models.__main__ import main
from models.showing import pages, plots
from models.showing.common import print_unknown, print_weights
from models.tasks.coreference import Splits
from models.tasks.vocabulary import Vocabulary
from models.training import run as training
from models.training.backend import Backend
from tests.models.majority import Majority


class Text(NamedTuple):
    words: tuple[str, ...]
    answer: int


@dataclass(frozen=True, kw_only=True)
class Settings(training.Settings):
    model: str = training.setting("the model's name", "majority")
    steps: int = training.steps(40)
    learning_rate: float = training.learning_rate(0.1)
    size: int = training.setting("embedding size", 4, training.positive)
    letters: str = training.setting("which letters there are", "ab", ("ab", "ba"))


def text_of(rng):
    words = tuple("ab"[i] for i in rng.integers(0, 2, 5))
    return Text(words, int(words.count("b") > words.count("a")))


class Voting(training.Run):
    Settings = Settings
    EXAMPLES, COURSE = "votes", Text(("a", "b", "a", "a", "b"), 0)
    VOCABULARIES = ("letter",)
    MODEL = Majority
    SMALL: ClassVar = {"size": 2}

    @staticmethod
    def load(settings):
        rng = np.random.default_rng(settings.seed)
        return Splits(*([text_of(rng) for _ in range(n)] for n in (64, 8, 16)))

    @classmethod
    def vocabularies_of(cls, settings, texts):
        return [Vocabulary.build([list(settings.letters)])]

    def build(self, model):
        return model(len(self.vocabularies["letter"]), self.settings.size)

    def batch(self, texts):
        ids = np.array([self.vocabularies["letter"].encode(text.words) for text in texts])
        return ids, np.array([text.answer for text in texts])

    def batches(self, texts, start=0):
        for step in count(start):
            rows = np.random.default_rng((self.settings.seed, step)).integers(len(texts), size=16)
            yield self.batch([texts[i] for i in rows])

    def loss(self, batch):
        text, answer = map(self.framework.tensor, batch)
        logits, _ = self.model(text)
        right = (logits.argmax(-1) == answer).numpy().mean()
        return self.framework.nn.functional.cross_entropy(logits, answer), right


# What shows it: the parts that showing/common.py lists.


def example(run, splits=None):
    return run.COURSE


def example_of(run, words):
    return Text(words, int(answer_of(run, words)[0].argmax()))


def answer_of(run, words):
    print_unknown(run.vocabularies["letter"], words)
    logits, weights = run.model(minigrad.tensor([run.vocabularies["letter"].encode(words)]))
    return logits.detach().numpy()[0], weights.detach().numpy()


def caption(text):
    return " ".join(text.words)


def report(run, splits, text):
    _, right = run.loss(run.batch(splits.test))
    print(f"{right:.0%} of {len(splits.test)} votes counted")
    return {"votes": attend(run, text.words)}


def attend(run, words, head=None):
    _, weights = answer_of(run, words)
    print_weights(weights.tolist(), ["majority"], words)
    return plots.heat_map(weights, ["majority"], words, "", "letters")


def page(run, words):
    logits, weights = answer_of(run, words)
    names = ["more a", "more b"]
    return {
        "rows": ["majority"],
        "columns": words,
        "asked": None,
        "unknown": [],
        "weights": [[weights.tolist()]],
        "gradients": [[np.zeros_like(weights).tolist()]],
        "answers": [pages.best(pages.probabilities(minigrad.tensor(logits)), names)],
        "cuts": [[[None] * len(words)]],
    }


showing = SimpleNamespace(
    example=example, example_of=example_of, caption=caption, report=report, attend=attend, page=page
)


@pytest.fixture(autouse=True)
def toy(monkeypatch, tmp_path):
    """Add the row `majority` to KINDS."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(
        kinds.KINDS, "majority", kinds.Kind(Majority, Voting, showing, "counts votes")
    )


def test_it_is_trained_and_reports(capsys):
    assert main(["train", "majority", "--size", "8", "--letters", "ba"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("64 votes, 6 words, ")
    assert "of 16 votes counted" in printed
    for name in ("loss.svg", "votes.svg", "graph.svg", "checkpoint.safetensors"):
        assert Path("runs/majority", name).stat().st_size
        assert f"runs/majority/{name}" in printed.replace("\\", "/")
    settings = json.loads(Path("runs/majority/config.json").read_text())["settings"]
    assert (settings["size"], settings["letters"], settings["steps"]) == (8, "ba", 40)
    losses = [row[0] for row in Voting.open("runs/majority").metrics]
    assert losses[-1] < losses[0] / 2


def test_its_settings_are_its_options(capsys):
    with pytest.raises(SystemExit):
        main(["train", "majority", "--help"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "--size N embedding size (default: 4)" in printed
    assert "--letters {ab,ba} which letters there are (default: ab)" in printed
    assert "--hidden" not in printed
    with pytest.raises(SystemExit):
        main(["train", "majority", "--size", "0"])


def test_it_is_resumed_to_the_same_numbers(monkeypatch, capsys):
    assert main(["train", "majority", "--out", "whole"]) == 0
    step = Voting.step

    def interrupted(run, batch):
        if len(run.metrics) == 4:
            signal.raise_signal(signal.SIGINT)
        step(run, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Voting, "step", interrupted)
        assert main(["train", "majority", "--out", "stopped"]) == 130
    assert main(["train", "majority", "--resume", "--out", "stopped"]) == 0
    names = ("checkpoint.safetensors", "model.safetensors", "metrics.csv")
    for name in names:
        assert Path("whole", name).read_bytes() == Path("stopped", name).read_bytes()
    assert main(["train", "majority", "--out", "whole"]) == 0
    assert "is now in whole.1" in capsys.readouterr().out


def test_it_shows_its_weights(capsys):
    assert main(["train", "majority", "--steps", "2"]) == 0
    capsys.readouterr()
    command = ["attend", "a b c", "--run", "runs/majority"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("unknown words: c\n")
    assert "weights.svg" in printed
    assert main([*command, "--out", "weights.html"]) == 0
    assert '"rows":["majority"]' in Path("weights.html").read_text(encoding="utf-8")
    assert main(["translate", "a b", "--run", "runs/majority"]) == 2
    assert "is a run of majority, not of seq2seq or attention" in capsys.readouterr().err


def test_it_is_drawn_untrained_and_trained(capsys):
    assert main(["draw", "majority", "--out", "graph.dot"]) == 0
    assert "majority, untrained, with small sizes, on a b a a b" in capsys.readouterr().out
    assert "embedding.weight" in Path("graph.dot").read_text(encoding="utf-8")
    assert main(["train", "majority", "--steps", "2"]) == 0
    assert main(["draw", "majority", "--sentence", "b b", "--html"]) == 0
    assert "majority, as trained in runs" in capsys.readouterr().out


def test_it_runs_on_pytorch_too(torch):
    examples = Voting.load(Settings()).train
    run = Voting.start("", Settings(), examples, Backend("torch"))
    assert isinstance(run.model, torch.nn.Module)
    for _, batch in zip(range(40), run.batches(examples), strict=False):
        run.step(batch)
    assert run.metrics[-1][0] < run.metrics[0][0] / 2


# The rows that are there.


def test_every_kind_has_the_same_parts():
    for model, kind in kinds.KINDS.items():
        assert kind.run.Settings(model=model).model == model
        for part in vars(showing):
            assert callable(getattr(kind.showing, part)), (model, part)


def test_every_setting_has_its_help_text():
    for kind in kinds.KINDS.values():
        for field in kind.run.Settings.__dataclass_fields__.values():
            assert field.metadata["help"], field.name


def test_a_run_of_the_time_when_scaled_was_a_setting_opens(tmp_path):
    run, _ = kinds.start(tmp_path / "run", "self_attention", {"steps": 1, "embedding": 4})
    run.save()
    path = run.folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    for scaled, opens in ((True, True), (False, False)):
        config["settings"]["scaled"] = scaled
        path.write_text(json.dumps(config), encoding="utf-8")
        if opens:
            assert kinds.open_run(run.folder)[0].settings == run.settings
        else:
            with pytest.raises(ValueError, match=r"not a valid run config: .*scaled"):
                kinds.open_run(run.folder)


# Where a run goes when another one takes its folder.


def files_of(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_a_new_run_moves_all_of_the_old_one(capsys):
    for steps in ("2", "3", "4"):
        before = files_of("run") if steps != "2" else None
        assert main(["train", "majority", "--steps", steps, "--out", "run"]) == 0
        if before:
            assert files_of(f"run.{int(steps) - 2}") == before
        Path("run/notes.txt").write_text(steps)
    assert "the run that was in run is now in run.2\n" in capsys.readouterr().out
    assert sorted(path.name for path in Path().iterdir()) == ["run", "run.1", "run.2"]


@pytest.mark.parametrize("name", ["config.json", "checkpoint.safetensors"])
def test_an_incomplete_run_is_moved_too(capsys, name):
    assert main(["train", "majority", "--steps", "2", "--out", "run"]) == 0
    Path("run", name).unlink()
    before = files_of("run")
    assert main(["train", "majority", "--steps", "3", "--out", "run"]) == 0
    assert files_of("run.1") == before
    assert len(Voting.open("run").metrics) == 3


def test_the_run_of_a_linked_folder_is_moved_beside_it(capsys):
    assert main(["train", "majority", "--steps", "2", "--out", "elsewhere/run"]) == 0
    Path("link").symlink_to(Path("elsewhere/run"))
    assert main(["train", "majority", "--steps", "3", "--out", "link"]) == 0
    moved = Path("elsewhere/run.1").resolve()
    assert f"the run that was in link is now in {moved}" in capsys.readouterr().out
    assert (len(Voting.open("link").metrics), len(Voting.open(moved).metrics)) == (3, 2)


def test_the_run_of_the_current_folder_stays(monkeypatch, capsys, tmp_path):
    (tmp_path / "inner").mkdir()
    assert main(["train", "majority", "--steps", "2", "--out", "."]) == 0
    before = sorted(path.name for path in Path().iterdir())
    capsys.readouterr()
    for folder, out in ((".", "."), ("inner", ".."), (".", str(tmp_path)), (".", "inner/..")):
        monkeypatch.chdir(tmp_path / folder)
        assert main(["train", "majority", "--steps", "2", "--out", out]) == 2
        printed, said = capsys.readouterr()
        assert f"{out} holds a run and is the folder you are in" in said
        assert said.count("\n") == 1
        assert not printed
    monkeypatch.chdir(tmp_path)
    assert sorted(path.name for path in Path().iterdir()) == before
    assert main(["train", "majority", "--steps", "2", "--out", ".", "--resume"]) == 0

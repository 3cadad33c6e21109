"""Other cells, scores and orders, and beam search: all that is done with a trained translator."""

import json
import signal
from pathlib import Path

import pytest

from models.__main__ import main
from models.decoding import beam
from models.kinds import open_run
from models.showing import translating as shows
from models.training import evaluation
from models.training.translating import Settings, Translating

from .helpers import FILES, SMALL, refused, written

SENTENCE = "오늘은 금요일 입니다"
VARIANTS = [
    ("seq2seq", {"cell": "gru"}),
    ("attention", {"cell": "lstm", "score": "general"}),
    ("attention", {"cell": "lstm", "score": "additive", "order": "bahdanau"}),
]


@pytest.mark.parametrize(("model", "given"), VARIANTS)
def test_a_variant_is_trained_resumed_and_shown(monkeypatch, capsys, model, given):
    step, options = Translating.step, [x for k, v in given.items() for x in (f"--{k}", v)]

    def interrupted(run, batch):
        signal.raise_signal(signal.SIGINT)
        step(run, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Translating, "step", interrupted)
        assert main(["train", model, *SMALL, *options]) == 130
    monkeypatch.setattr(evaluation, "LIMIT", 5)
    folder = ["--run", f"runs/{model}"]
    assert main(["train", model, "--resume", *options]) == 0
    looks = {"alignment.svg"} if model == "attention" else set()
    assert written(capsys.readouterr().out) == FILES | looks
    whole = Path("runs", model, "metrics.csv").read_text()
    assert main(["train", model, *SMALL, *options, "--out", "again"]) == 0
    assert Path("again/metrics.csv").read_text() == whole

    config = json.loads(Path("runs", model, "config.json").read_text(encoding="utf-8"))
    assert config["settings"] | given == config["settings"]
    assert main(["translate", SENTENCE, *folder]) == 0
    assert main(["translate", SENTENCE, *folder, "--beam", "3"]) == 0
    assert main(["draw", model, *folder, "--html", "--sentence", SENTENCE]) == 0
    whole = ["--depth", "9", "--unroll", "--backward", "--sentence", "금요일"]
    assert main(["draw", model, *folder, *whole]) == 0
    if looks:
        for out in ("weights.svg", "weights.html"):
            assert main(["attend", SENTENCE, *folder, "--out", out]) == 0
            assert Path(out).stat().st_size


def test_resume_keeps_the_variant(trained, capsys):
    said = refused(capsys, "train", "attention", "--resume", "--cell", "lstm")
    assert "was started with --cell rnn, not --cell lstm" in said


@pytest.mark.parametrize("option", [("--score", "general"), ("--order", "bahdanau")])
def test_without_attention_there_is_no_score_and_no_order(capsys, option):
    with pytest.raises(SystemExit) as stopped:
        main(["train", "seq2seq", *SMALL, *option])
    assert stopped.value.code == 2
    assert f"unrecognized arguments: {option[0]} {option[1]}" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["train", "seq2seq", "--help"])
    printed = capsys.readouterr().out
    assert "--cell {rnn,gru,lstm}" in printed
    assert option[0] not in printed
    name, value = option[0].removeprefix("--"), option[1]
    expected = f"^{name} is a setting of attention, not of seq2seq: leave it out$"
    with pytest.raises(ValueError, match=expected):
        Settings(model="seq2seq", **{name: value})


def test_a_run_of_the_time_before_these_settings_opens(trained):
    path = trained / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    new, _ = open_run(trained)
    for name in ("cell", "score", "order"):
        del config["settings"][name]
    path.write_text(json.dumps(config), encoding="utf-8")
    run, _ = open_run(trained)
    assert run.settings == new.settings
    assert (run.settings.cell, run.settings.score, run.settings.order) == ("rnn", "dot", "luong")


def test_a_beam_is_what_translates(trained, monkeypatch, capsys):
    monkeypatch.setattr(evaluation, "LIMIT", 5)
    given = []

    def noted(*arguments, **settings):
        given.append(settings)
        return beam(*arguments, **settings)

    monkeypatch.setattr("models.__main__.beam", noted)
    assert main(["translate", SENTENCE, "--beam", "4", "--length-penalty", "0"]) == 0
    assert given == [{"width": 4, "alpha": 0.0}]
    run, _ = open_run(trained)
    expected = evaluation.translate_words(
        run, run.tokens_of(SENTENCE), lambda *where: beam(*where, width=4, alpha=0.0)
    )
    text = run.target_tokens.decode(expected.words)
    assert f"→ «{text}»" in capsys.readouterr().out
    assert shows.translate(run, run.tokens_of(SENTENCE), noted).words


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--length-penalty", "1"), "--length-penalty is a setting of beam search: give --beam"),
        (("--beam", "2", "--length-penalty", "-1"), "the penalty a number that is at least 0"),
        (("--beam", "2", "--length-penalty", "nan"), "the penalty a number that is at least 0"),
    ],
)
def test_impossible_beams(trained, capsys, options, expected):
    assert expected in refused(capsys, "translate", SENTENCE, *options)

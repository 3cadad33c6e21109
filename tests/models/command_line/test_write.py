"""python -m models train gpt, write, and what shows a GPT."""

import json
import re
import signal
from pathlib import Path

import pytest

from models.__main__ import main
from models.showing import writing as showing
from models.training.generation import continued
from models.training.writing import Writing
from tests.models.command_line.helpers import FILES, refused, written

SMALL = ("--steps", "3", "--embedding", "8", "--hidden", "8", "--layers", "1", "--heads", "2")


# train


def test_train_on_stories(monkeypatch, capsys):
    monkeypatch.setattr(showing, "STORIES", 30)
    assert main(["train", "gpt", *SMALL]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("200 texts, ")
    assert re.search(r"\nvalidation: loss \d\.\d{3}, perplexity \d+\.\d\d per token\n", printed)
    assert re.search(r"\na 5-gram model with Kneser–Ney smoothing: loss \d\.\d{3}, perpl", printed)
    assert re.search(
        r"\nwritten at temperature 0.5: \d+\.\d% of 30 stories are grammatical and consistent\n",
        printed,
    )
    assert written(printed) == FILES | {"weights.svg"}
    assert main(["train", "gpt", "--resume", *SMALL]) == 0


@pytest.mark.parametrize("tokens", ["characters", "words", "bpe"])
def test_train_on_a_text(capsys, text_file, tokens):
    options = ("--tokens", tokens, "--merges", "20", "--context", "16", "--out", "mine")
    assert main(["train", "gpt", *SMALL, "--text", text_file, *options]) == 0
    printed = capsys.readouterr().out
    assert "per token" in printed
    assert "grammatical" not in printed
    assert written(printed) == FILES | {"weights.svg"}
    run = Writing.open("mine")
    assert Path(run.settings.text).name == text_file
    known = run.vocabulary.words[4:]
    assert ("오늘은" in known) == (tokens != "characters")
    assert any(len(token) > 1 for token in known) == (tokens != "characters")
    text = "오늘은 5월 7일입니다."
    assert run.tokens.decode(run.tokens_of(text)) == text
    if tokens == "bpe":
        assert len(run.tokens.merges) == 20
    assert main(["train", "gpt", "--resume", "--out", "mine"]) == 0
    capsys.readouterr()
    assert main(["write", "오늘은 5월", "--run", "mine", "--limit", "40"]) == 0
    assert capsys.readouterr().out.startswith("오늘은 5월")


def test_characters_are_the_default_for_a_text(text_file, capsys):
    assert main(["train", "gpt", *SMALL, "--text", text_file, "--context", "8"]) == 0
    settings = json.loads(Path("runs/gpt/config.json").read_text(encoding="utf-8"))["settings"]
    assert settings["tokens"] == "characters"
    with open(text_file, "a", encoding="utf-8") as file:
        file.write("more")
    capsys.readouterr()
    assert "text.txt has changed" in refused(capsys, "train", "gpt", "--resume")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "No such file"),
        (b"", "only 0 tokens"),
        (b"abc", "only 3 tokens"),
        (b"\xff\xfe\x00" * 20, "is not in UTF-8"),
    ],
)
def test_texts_that_cannot_be_read(here, capsys, content, expected):
    if content is not None:
        (here / "text.txt").write_bytes(content)
    assert expected in refused(capsys, "train", "gpt", *SMALL, "--text", "text.txt")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--dropout", "1"), "dropout must be below 1"),
        (("--context", "1"), "context must be at least 2"),
        (("--heads", "3"), "3 heads"),
        (("--tokens", "bpe"), "because stories are made of words"),
        (("--text", "."), "is not a regular file"),
    ],
)
def test_settings_that_make_no_sense(capsys, options, expected):
    assert expected in refused(capsys, "train", "gpt", *options)


# write


def test_write(writer, capsys):
    assert main(["write", "The dog", "--limit", "12"]) == 0
    text, *check = capsys.readouterr().out.splitlines()
    tokens = list(continued(writer, ("The", "dog"), limit=12, temperature=0.5, generator=seeded(0)))
    assert text == writer.tokens.decode(["The", "dog", *tokens])
    assert all(line.startswith("  ") for line in check)
    assert check


def seeded(number):
    import minigrad

    return minigrad.Generator().manual_seed(number)


def test_each_token_is_printed_as_soon_as_it_is_written(writer, monkeypatch, capsys):
    seen = []

    def slow(*arguments, **options):
        for token in continued(*arguments, **options):
            seen.append(capsys.readouterr().out)
            yield token

    monkeypatch.setattr(showing, "continued", slow)
    assert main(["write", "The dog", "--limit", "5", "--temperature", "0"]) == 0
    rest = capsys.readouterr().out
    assert seen[0] == "The dog"
    assert len(seen) == 5
    assert "".join([*seen, rest]).startswith("The dog")


def test_the_same_seed_gives_the_same_text(writer, capsys):
    texts = []
    for options in ((), (), ("--seed", "1"), ("--temperature", "0"), ("--top-k", "1")):
        assert main(["write", "--limit", "20", *options]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] != texts[2]
    assert texts[3] == texts[4]


def test_several_texts(writer, capsys):
    assert main(["write", "The", "--count", "3", "--limit", "4"]) == 0
    texts = capsys.readouterr().out.split("\n\n")
    assert len(set(texts)) == len(texts) == 3
    assert all(text.startswith("The") for text in texts)


def test_write_without_a_prompt(writer, capsys):
    for prompt in ((), ("",), ("  ",)):
        assert main(["write", *prompt, "--limit", "3"]) == 0
    assert not capsys.readouterr().out.startswith(" ")


def test_write_says_which_words_are_unknown(writer, capsys):
    assert main(["write", "The aardvark sleeps", "--limit", "2"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("unknown words: aardvark, sleeps\nThe aardvark sleeps")


def test_a_right_story_is_told_so(writer, monkeypatch, capsys):
    rest = writer.COURSE[2:]
    monkeypatch.setattr(showing, "continued", lambda *_, **__: iter(rest))
    assert main(["write", "The young"]) == 0
    text, check = capsys.readouterr().out.splitlines()
    assert text.startswith("The young dog finds a red apple on Monday. It has a long tail.")
    assert check == "  (grammatical and consistent)"


def test_ctrl_c_ends_the_line(writer, monkeypatch, capsys):
    def interrupted(*arguments, **options):
        yield "dog"
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(showing, "continued", interrupted)
    assert main(["write", "The"]) == 130
    out, err = capsys.readouterr()
    assert out == "The dog\n"
    assert err == "python -m models: interrupted\n"


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--temperature", "-1", "temperature must be at least 0"),
        ("--top-p", "0", "top_p above 0"),
        ("--temperature", "nan", "temperature"),
    ],
)
def test_sampling_that_makes_no_sense(writer, capsys, option, value, expected):
    assert main(["write", "The", option, value]) == 2
    assert expected in capsys.readouterr().err


def test_only_a_gpt_writes(reader, capsys):
    said = refused(capsys, "write", "The dog", "--run", "runs/self_attention")
    assert "is a run of self_attention, not of gpt" in said


# attend, draw


def test_attend(writer, capsys):
    sentence = ["attend", "The dog finds an aardvark", "--run", "runs/gpt"]
    assert main(sentence) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("unknown words: aardvark\n«The dog finds an aardvark» goes on with ")
    assert "\nlayer 1\n" in printed
    assert "\nlayer 2\n" in printed
    assert main([*sentence, "--layer", "2", "--head", "1"]) == 0
    assert "layer 1" not in capsys.readouterr().out
    assert "has 2 heads: there is no head 3" in refused(capsys, *sentence, "--head", "3")
    assert "there is no layer 3" in refused(capsys, *sentence, "--layer", "3")
    assert "--kind self" in refused(capsys, *sentence, "--kind", "cross")
    assert main([*sentence, "--out", "page.html"]) == 0
    assert '"next":true' in Path("page.html").read_text(encoding="utf-8")


def test_a_text_that_is_too_long(writer, capsys):
    said = refused(capsys, "attend", "dog " * 100, "--run", "runs/gpt")
    assert "a text of 101 words, but there are only 72 positions" in said


def test_draw(writer, capsys):
    assert main(["draw", "gpt", "--out", "graph.dot", "--depth", "1"]) == 0
    assert "gpt, as trained in" in capsys.readouterr().out
    assert main(["draw", "gpt", "--sentence", "The dog finds", "--html"]) == 0
    assert "«The dog finds»" in capsys.readouterr().out
    writer.folder.rename("elsewhere")
    assert main(["draw", "gpt", "--out", "new.svg"]) == 0
    assert "gpt, untrained, with small sizes, on «The young dog" in capsys.readouterr().out

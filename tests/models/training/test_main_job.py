"""What the main trainings must have learned, if they have been run here (see .ci/run)."""

import re
from pathlib import Path

import pytest

from models.tasks import calendar
from models.training import evaluation, transformer
from models.training.translating import Settings, Translating, load_task

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "runs" / "attention"


@pytest.fixture(scope="module")
def run():
    """The run of the README's command, finished and with its settings."""
    if not (FOLDER / "config.json").exists():
        pytest.skip("python -m models train attention has not been run here")
    run = Translating.open(FOLDER)
    if run.settings != Settings() or len(run.metrics) < run.settings.steps:
        pytest.skip(f"{FOLDER.name} was trained with other settings, or not to the end")
    return run


def test_held_out_sentences_are_exactly_right(run):
    test = load_task(run.settings).test
    assert len(test) == 1000
    assert evaluation.exact_match(evaluation.translate(run, test), test) >= 0.99
    assert evaluation.aligned(run, test) >= 0.95


@pytest.mark.parametrize("text", ["오늘은 금요일입니다.", "오늘은 금요일 입니다"])
def test_the_sentence_of_the_course(run, text):
    assert run.tokens_of(text) == calendar.COURSE.source
    translation = evaluation.translate_words(run, run.tokens_of(text))
    assert tuple(translation.words) == calendar.COURSE.target
    today, verb, friday, _ = translation.weights
    assert today[0] > 0.5  # 오늘은
    assert verb[2] > 0.5  # 입니다
    assert friday[1] > 0.5  # 금요일


def test_the_sentence_of_the_readme(run):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r'models translate "(.+)"', readme)
    assert run.source_vocabulary.unknown(run.tokens_of(sentence)) == []
    translation = evaluation.translate_words(run, run.tokens_of(sentence))
    expected = "Yesterday was my birthday and the exam is tomorrow ."
    assert " ".join(translation.words) == expected


# python -m models train transformer


@pytest.fixture(scope="module")
def whole():
    """The Transformer, finished and with its settings."""
    folder = FOLDER.with_name("transformer")
    if not (folder / "config.json").exists():
        pytest.skip("python -m models train transformer has not been run here")
    run = transformer.Transforming.open(folder)
    if run.settings != transformer.Settings() or len(run.metrics) < run.settings.steps:
        pytest.skip(f"{folder.name} was trained with other settings, or not to the end")
    return run


def test_a_transformer_translates_held_out_sentences(whole):
    test = load_task(whole.settings).test
    assert evaluation.exact_match(evaluation.translate(whole, test), test) >= 0.99
    assert evaluation.aligned(whole, test).max() >= 0.9


@pytest.mark.parametrize("text", ["오늘은 금요일입니다.", "오늘은 금요일 입니다"])
def test_a_transformer_translates_the_sentence_of_the_course(whole, text):
    translation = evaluation.translate_words(whole, whole.tokens_of(text))
    assert tuple(translation.words) == calendar.COURSE.target

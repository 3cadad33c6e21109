"""What the tests of the command line share: a folder, a small corpus, trained runs."""

import shutil

import pytest

from models.tasks import calendar, coreference, stories
from models.training import reading, translating, writing
from models.training.reading import Reading
from models.training.translating import Translating
from models.training.writing import Writing

SETTINGS = translating.Settings(model="attention", steps=3, embedding=8, hidden=8)
READER = reading.Settings(steps=3, embedding=8, heads=2)
WRITER = writing.Settings(steps=3, embedding=8, hidden=8, layers=2, heads=2)
PAIRS = 40


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path, splits):
    """A folder to work in, and a small corpus."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(calendar, "corpus", lambda seed: splits)
    texts = coreference.corpus
    monkeypatch.setattr(coreference, "corpus", lambda seed: texts(200, seed, 10, 10))
    told = stories.corpus
    monkeypatch.setattr(stories, "corpus", lambda seed: told(200, seed, 10))
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


@pytest.fixture(scope="module")
def writer_once(tmp_path_factory):
    texts = stories.corpus(200, 0, 10).train
    run = Writing.start(tmp_path_factory.mktemp("writer"), WRITER, texts)
    run.train(texts)
    return run.folder


@pytest.fixture
def writer(writer_once, here):
    """A small GPT, trained on stories, in runs/gpt."""
    return Writing.open(shutil.copytree(writer_once, here / "runs" / "gpt"))


@pytest.fixture
def text_file(here):
    lines = [f"오늘은 5월 {i}일입니다. It is May {i}.\r\n" for i in range(60)]
    (here / "text.txt").write_text("".join(lines), encoding="utf-8")
    return "text.txt"

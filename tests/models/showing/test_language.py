"""Pictures in Korean: every text has a translation, every translation is used."""

import ast
import json
import re
from importlib import import_module
from pathlib import Path

import pytest

from models.experiments import FIGURES, NAMES
from models.showing import language
from models.showing.language import korean, named, said, speaking

ROOT = Path(__file__).parents[3]
SOURCES = [*ROOT.glob("models/**/*.py")]


def nodes(kind):
    """All nodes of this kind in the code of the models."""
    for file in SOURCES:
        yield from (n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, kind))


def test_english_is_as_it_stands_in_the_code():
    assert said("anything") == "anything"
    assert said("query · {}", "key") == "query · key"


def test_korean_is_spoken_inside_alone():
    with speaking("ko"):
        assert said("weight") == "가중치"
        assert said("query · {}", said("key")) == "쿼리 · 키"
        assert named("attention 12") == "어텐션 12"
        with speaking("en"):
            assert said("weight") == "weight"
    assert said("weight") == "weight"


def test_a_text_without_a_translation_is_an_error_in_korean():
    with speaking("ko"), pytest.raises(LookupError, match=r"'anything' has no Korean text"):
        said("anything")
    with pytest.raises(ValueError, match=r"'fr' must be one of en, ko"), speaking("fr"):
        pass


def test_every_text_that_is_said_has_a_translation():
    calls = [n for n in nodes(ast.Call) if getattr(n.func, "id", "") in ("said", "named")]
    texts = [n.args[0].value for n in calls if isinstance(n.args[0], ast.Constant)]
    assert len(texts) > 90
    assert {text for text in texts if text not in korean()} == set()


def test_every_translation_is_used(monkeypatch):
    """As a string in the code, in a chapter's session, or as a name that a figure shows."""
    looked_up = set()

    class Watched(dict):
        def __getitem__(self, text):
            looked_up.add(text)
            return super().__getitem__(text)

    table = Watched(korean())
    monkeypatch.setattr(language, "korean", lambda: table)
    with speaking("ko"):
        for experiment in NAMES:
            file = FIGURES["en"] / f"{experiment}.json"
            result = json.loads(file.read_text("utf-8"))["result"]
            import_module(f"models.experiments.{experiment}").draw(result)
    code = {n.value for n in nodes(ast.Constant)}
    sessions = {
        text
        for chapter in ROOT.glob("docs/*.md")
        for text in re.findall('"([^"\n]+)"', chapter.read_text("utf-8"))
    }
    assert set(language.korean()) - looked_up - code - sessions == set()


@pytest.mark.parametrize("text", korean())
def test_a_translation_is_korean_and_has_the_same_gaps(text):
    translated = korean()[text]
    assert sorted(re.findall("{.*?}", translated)) == ["{}"] * text.count("{}")
    assert re.search("[가-힣]", translated) or text in ("BLEU", "chrF", "weights {}")

"""The graph of a run's loss has the words of its sentence, on the tensors that have them."""

import json
import re

import pytest

from models.showing import common
from models.tasks import coreference
from models.tasks.pairs import Pair
from models.training.translating import Settings, Translating

TEXT = coreference.COURSE.words
SENTENCE = ("오늘은", "금요일", "입니다")
DATA = r'<script type="application/json"[^>]*>(.*?)</script>'


def drawn_words(run, example, tmp_path):
    """The lists of words in the explorer of a run's loss."""
    path = common.graph(run, example).save(tmp_path / "graph.html")
    data = json.loads(re.search(DATA, path.read_text(encoding="utf-8"))[1])
    named = [tensor for tensor in data["tensors"] if tensor.get("words")]
    return data["words"], len(named)


def test_a_drawing_has_the_words_of_its_tensors(reader, splits, tmp_path):
    translator = Translating.start("", Settings(embedding=8, hidden=8, steps=9), splits.train)
    words, named = drawn_words(reader, coreference.COURSE, tmp_path)
    assert words == [list(TEXT)]
    assert named > 10
    pair = Pair(SENTENCE, ("Today", "is", "Friday"))
    words, named = drawn_words(translator, pair, tmp_path)
    assert words == [list(SENTENCE), ["<begin>", "Today", "is", "Friday"]]
    assert named > 5


def test_a_watched_model_is_as_before(reader):
    forward = reader.model.forward
    with pytest.raises(TypeError), common.watched(reader.model):
        reader.model()
    assert reader.model.forward == forward
    assert "forward" not in vars(reader.model)

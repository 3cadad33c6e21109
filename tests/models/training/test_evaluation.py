import importlib.util
import sys
from types import SimpleNamespace

import pytest

import minigrad
from models import kinds
from models.tasks.pairs import Pair
from models.tasks.vocabulary import Vocabulary
from models.training import evaluation
from models.training.evaluation import (
    Translation,
    aligned,
    exact_match,
    scores,
    translate,
    translate_words,
)
from models.training.translating import Translating

TODAY = Pair(("오늘은", "금요일", "입니다"), ("Today", "is", "Friday", "."))
TOMORROW = Pair(("내일은", "토요일", "입니다"), ("Tomorrow", "is", "Saturday", "."))


def said(text):
    return Translation(text.split(), None)


@pytest.mark.parametrize(
    ("translations", "share"),
    [
        (["Today is Friday .", "Tomorrow is Saturday ."], 1),
        (["Today is Friday .", "Tomorrow is Friday ."], 0.5),
        (["Today is Friday", "Tomorrow is Saturday . ."], 0),
        (["", ""], 0),
    ],
)
def test_exact_match(translations, share):
    assert exact_match([said(text) for text in translations], [TODAY, TOMORROW]) == share


REFERENCES = ["Today is Friday.", "Tomorrow is not Saturday."]


def test_bleu_and_chrf():
    if importlib.util.find_spec("sacrebleu") is None:
        pytest.skip("sacrebleu is not installed")
    import sacrebleu

    half = ["Today is Friday.", "Today was on Friday"]
    for texts in (REFERENCES, half):
        (bleu, one, how), (chrf, other, also) = scores(texts, REFERENCES)
        assert (bleu, chrf) == ("BLEU", "chrF2")
        assert "tok:13a" in how
        assert "nc:6" in also
        assert one == sacrebleu.corpus_bleu(texts, [REFERENCES]).score
        assert other == sacrebleu.corpus_chrf(texts, [REFERENCES]).score
        assert (one == pytest.approx(100)) == (other == pytest.approx(100)) == (texts is REFERENCES)


def test_bleu_of_korean_is_by_characters():
    if importlib.util.find_spec("sacrebleu") is None:
        pytest.skip("sacrebleu is not installed")
    (_, score, how), _ = scores(["오늘은 금요일입니다."], ["오늘은 토요일입니다."])
    assert "tok:char" in how
    assert 0 < score < 100


def test_scores_need_sacrebleu(monkeypatch):
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    with pytest.raises(ModuleNotFoundError, match="sacrebleu"):
        scores(REFERENCES, REFERENCES)


class Looking:
    """A model that attends, before each word, to a given source word."""

    def __init__(self, looks):
        self.looks = looks

    def eval(self):
        return self

    def __call__(self, source, target):
        weights = minigrad.zeros(*target.shape, source.shape[1])
        for i, row in enumerate(self.looks):
            for t, most in enumerate(row):
                weights[i, t, most] = 1.0
        return None, weights


@pytest.mark.parametrize(
    ("looks", "share"),
    [
        # Today → 오늘은, Friday → 금요일, Saturday → 토요일; of the rest nothing counts.
        ([[0, 2, 1, 0, 0], [0, 2, 1, 0, 0]], 1),
        ([[0, 0, 1, 2, 2], [0, 1, 1, 1, 2]], 1),
        ([[0, 2, 1, 0, 0], [1, 2, 1, 0, 0]], 1),
        ([[0, 2, 1, 0, 0], [0, 2, 0, 0, 0]], 2 / 3),
        ([[1, 2, 0, 0, 0], [0, 2, 2, 0, 0]], 0),
    ],
)
def test_aligned_counts_content_words(looks, share):
    links = (0, 0), (1, 2), (2, 1)
    pairs = [
        TODAY._replace(alignment=links, content=(0, 2)),
        TOMORROW._replace(alignment=links, content=(2,)),
    ]
    run = SimpleNamespace(
        model=Looking(looks),
        source_vocabulary=Vocabulary.build(pair.source for pair in pairs),
        target_vocabulary=Vocabulary.build(pair.target for pair in pairs),
    )
    assert aligned(run, pairs) == share


def test_any_link_of_a_word_is_right():
    pair = TODAY._replace(alignment=((0, 0), (0, 1), (2, 1)), content=(0,))
    vocabularies = Vocabulary.build([pair.source]), Vocabulary.build([pair.target])
    for most, share in ((0, 1), (1, 1), (2, 0)):
        run = SimpleNamespace(
            model=Looking([[most] * 5]),
            source_vocabulary=vocabularies[0],
            target_vocabulary=vocabularies[1],
        )
        assert aligned(run, [pair]) == share


@pytest.fixture
def run(tmp_path, small, splits):
    model = kinds.KINDS[small.model].model
    return Translating.start(tmp_path, small, splits.train, model=model)


def test_translations_come_in_the_order_of_the_pairs(run, splits):
    one_by_one = [translate_words(run, pair.source) for pair in splits.test]
    for batch_size in (3, 250):
        together = translate(run, splits.test, batch_size)
        assert [t.words for t in together] == [t.words for t in one_by_one]


def test_long_translating_shows_a_progress_bar(run, splits, capsys, monkeypatch):
    translate(run, splits.test)
    assert not capsys.readouterr().err
    monkeypatch.setattr(evaluation, "DELAY", 0)
    translate(run, splits.test, batch_size=1)
    assert "translate:" in capsys.readouterr().err


def test_a_translation_has_its_weights(run, splits):
    for pair, (words, weights) in zip(splits.test, translate(run, splits.test), strict=True):
        assert "<end>" not in words
        if run.settings.model == "seq2seq":
            assert weights is None
            continue
        assert len(weights) == len(words)
        for row in weights:
            assert len(row) == len(pair.source)
            assert sum(row) == pytest.approx(1, abs=1e-5)


def test_unknown_words_are_translated_somehow(run):
    assert isinstance(translate_words(run, ["모르는", "말"]), Translation)

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from models.experiments import self_attention as experiment
from models.experiments.self_attention import BARE, CUTS, ONE_LAYER, QUICK, TWO_LAYERS
from models.tasks.coreference import corpus

FINISHED = Path(__file__).parents[3] / "docs" / "figures" / "self_attention.json"


@pytest.fixture(scope="module")
def quick():
    return experiment.measure(QUICK)


def check(result, seeds, least):
    """The claims, for every seed."""
    for random in result["random"]:
        assert 0.6 < random["diagonal_scaled"] < 0.85
        assert random["diagonal_unscaled"] > 0.9
    for name in (BARE, ONE_LAYER):
        assert len(result["accuracy"][name]) == seeds
        assert max(result["accuracy"][name]) <= 0.5
        assert max(result["twins"][name]) < 1e-5  # what is said moves nothing
    assert min(result["accuracy"][TWO_LAYERS]) >= least
    assert min(result["twins"][TWO_LAYERS]) > 5

    def accuracy(cut):
        return np.array([seed["answer"] for seed in result["cuts"][cut]])

    assert (accuracy("layer 2: it → its noun") == 0).all()
    assert (abs(accuracy("layer 1: all → what is said") - 0.5) < 0.02).all()
    assert (accuracy("layer 1: it → what is said") > accuracy("nothing") - 0.1).all()
    assert (accuracy("layer 1: it → the first sentence") > accuracy("nothing") - 0.05).all()


def test_the_claim(quick):
    assert len(QUICK.seeds) >= 3
    check(quick, len(QUICK.seeds), least=0.85)


def test_the_claim_in_full():
    if not FINISHED.exists():
        pytest.skip("not measured in full")
    about = json.loads(FINISHED.read_text(encoding="utf-8"))
    assert about["settings"] == json.loads(json.dumps(asdict(experiment.FULL)))
    check(about["result"], seeds=5, least=0.99)
    assert np.median(about["result"]["accuracy"][TWO_LAYERS]) == 1


def test_what_it_attends_to(quick):
    it = quick["it"]
    dog, apple = quick["text"].index("dog"), quick["text"].index("apple")
    ((one,), (_, two)) = (quick["weights"][name] for name in (ONE_LAYER, TWO_LAYERS))
    assert one[it][dog] + one[it][apple] > 0.9
    assert 0.2 < one[it][dog] < 0.8
    assert two[it][dog] > 0.9
    assert quick["course"]["layer 2: it → its noun"]["answer_weight"] == 0


def test_the_words_that_are_cut():
    (text, *_) = corpus(size=2, validation=0, test=0).train
    dot = text.words.index(".")
    for cut, expected in {
        "layer 2: it → its noun": [text.answer],
        "layer 1: it → what is said": [*range(text.it + 1, len(text.words))],
        "layer 1: it → the first sentence": [*range(dot + 1)],
    }.items():
        batch = type("Batch", (), {"text": np.zeros((1, len(text.words)))})
        edges = experiment.cut_edges([text], batch, *CUTS[cut])
        layer = 1 if cut.startswith("layer 2") else 0
        assert edges.shape == (2, 1, 1, len(text.words), len(text.words))
        assert np.flatnonzero(edges[layer, 0, 0, text.it]).tolist() == expected
        assert edges.sum() == len(expected)


def test_the_report_and_the_pictures(quick):
    report = experiment.report(quick)
    for text in (*quick["accuracy"], *CUTS, "scaled", "unscaled"):
        assert text in report
    pictures = experiment.draw(quick)
    assert set(pictures) == {
        "self_attention",
        "self_attention_accuracy",
        "self_attention_random",
        "self_attention_cut",
    }
    looks = pictures["self_attention"].axes[0].images[0].get_array()
    rows = ((BARE, 0), (ONE_LAYER, 0), (TWO_LAYERS, 0), (TWO_LAYERS, 1))
    expected = [quick["weights"][name][i][quick["it"]] for name, i in rows]
    np.testing.assert_allclose(looks, expected)


def test_the_numbers_do_not_depend_on_what_else_is_measured(quick):
    again = experiment.measure(replace(QUICK, models=(TWO_LAYERS,), seeds=(1,)))
    assert again["accuracy"][TWO_LAYERS] == [quick["accuracy"][TWO_LAYERS][1]]

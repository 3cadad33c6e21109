import json
import math
from pathlib import Path

import numpy as np
import pytest

import minigrad
from models.experiments import worked_example
from models.showing import plots

COURSE = Path(__file__).parents[3] / "docs" / "figures" / "worked_example.json"
E3, E1 = math.exp(3), math.exp(1)
SUM = E3 + E1 + 1


@pytest.fixture(scope="module", params=["quick", "course"])
def result(request):
    """The results of QUICK, and the stored results of the course."""
    if request.param == "quick":
        return worked_example.measure(worked_example.QUICK)
    if not COURSE.exists():
        pytest.skip(f"{COURSE} is not there")
    return json.loads(COURSE.read_text())["result"]


def test_today(result):
    assert result["target"][0] == "Today"
    assert result["hds"][0] == [1, 0, 0, 0, 2]
    step = result["steps"][0]
    assert step["scores"] == [3, 1, 0]
    assert step["exps"] == pytest.approx([E3, E1, 1], rel=1e-5)
    assert step["sum"] == pytest.approx(SUM, rel=1e-5)
    w0, w1, w2 = E3 / SUM, E1 / SUM, 1 / SUM
    assert step["weights"] == pytest.approx([w0, w1, w2], rel=1e-5)
    assert step["context"] == pytest.approx([w0 + w1, w2, w1, w1 + w2, w0], rel=1e-5)


def test_each_word_attends_most_to_the_word_it_translates(result):
    most = {
        word: result["source"][np.argmax(step["weights"])]
        for word, step in zip(result["target"], result["steps"], strict=True)
    }
    assert most == {"Today": "오늘은", "is": "입니다", "Friday": "금요일"}
    for step in result["steps"]:
        assert max(step["weights"]) > 0.8
        assert sum(step["weights"]) == pytest.approx(1, abs=1e-5)


def test_the_library_agrees(result):
    assert result["largest_difference"] < 1e-14


def test_a_wrong_number_is_a_difference():
    settings = worked_example.QUICK
    steps = [worked_example.by_hand(hd, settings.hs) for hd in settings.hds]
    for name in ("weights", "context"):
        steps[1][name][2] += 0.25
        assert worked_example.largest_difference(settings, steps) == pytest.approx(0.25)
        steps[1][name][2] -= 0.25


def test_the_report_shows_each_step(result):
    text = worked_example.report(result)
    lines = [line.split() for line in text.splitlines()]
    exp = f"{result['steps'][0]['exps'][0]:.3f}"
    assert ["오늘은", "(1", "0", "0", "0", "1)", "3", exp, "0.844"] in lines
    assert ["sum", "23.804", "1.000"] in lines
    assert "context (0.958 0.042 0.114 0.156 0.844)" in text
    assert all(word in text for word in result["target"])


def test_the_graph_and_its_gradients(result):
    pictures = worked_example.draw(result)
    plain, backward = pictures["worked_example"], pictures["worked_example_gradients"]
    for name in ("hd0", "h0", "h1", "h2", "hs", "scores", "weights", "context"):
        assert f">{name}&#160;" in plain.source
        assert f">{name}&#160;" in backward.source
    assert ">0.8438<" in plain.source
    assert "grad" not in plain.source

    w0, w1, w2 = result["steps"][0]["weights"]
    for gradient in (w0 * (1 - w0), -w0 * w1, -w0 * w2):  # of w0, by each score
        assert f">{gradient:.4g}<" in backward.source


def test_pictures_are_written(result, tmp_path):
    pictures = worked_example.draw(result)
    assert next(iter(pictures)) == "worked_example"
    for name, picture in pictures.items():
        assert plots.save(picture, tmp_path / f"{name}.png").stat().st_size > 5_000
    (ax,) = pictures["worked_example_weights"].axes
    np.testing.assert_allclose(
        ax.images[0].get_array(), [step["weights"] for step in result["steps"]]
    )


def test_drawing_needs_nothing_but_the_result(result):
    minigrad.manual_seed(1)
    first = worked_example.draw(json.loads(json.dumps(result)))["worked_example"].source
    assert first == worked_example.draw(result)["worked_example"].source

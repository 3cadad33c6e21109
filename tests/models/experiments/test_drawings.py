import json
from pathlib import Path

import pytest

from minigrad.draw import Drawing
from minigrad.draw.view import BOXES
from models.experiments import drawings
from models.experiments.drawings import QUICK

FINISHED = Path(__file__).parents[3] / "docs" / "figures" / "drawings.json"


@pytest.fixture(scope="module", params=["quick", "finished"])
def result(request):
    if request.param == "quick":
        return drawings.measure(QUICK)
    if not FINISHED.exists():
        pytest.skip("not measured in full")
    return json.loads(FINISHED.read_text(encoding="utf-8"))["result"]


def test_the_size_of_the_drawing_does_not_depend_on_the_text(result):
    assert set(result["models"]) == {"seq2seq", "attention"}
    for found in result["models"].values():
        assert len(set(found["boxes"])) == 1
        assert max(found["boxes"]) <= BOXES
        assert found["ops"][-1] > 2 * found["ops"][0]


def widths(drawing, group):
    """The widths of the arrows from step to step."""
    found = []
    steps = {}
    for line in drawing.source.splitlines():
        line = line.strip()
        if "<B>step" in line:
            steps[line.split()[0]] = line.split("<B>")[1].split("</B>")[0]
        elif " -> " in line and "penwidth" in line:
            tail, head = line.split(" [")[0].split(" -> ")
            if tail in steps and head in steps:
                found.append(float(line.split("penwidth=")[1].split("]")[0]))
    half = len(found) // 2
    return found[:half] if group == 0 else found[half:]


def test_without_attention_the_gradient_can_be_seen_to_vanish():
    drawing = drawings.two_encoders(8)
    without, attention = widths(drawing, 0), widths(drawing, 1)
    assert len(without) == len(attention) == 7
    assert without == sorted(without)
    assert without[0] < attention[0]
    assert without[0] < without[-1]


def test_the_report_and_the_pictures(result, tmp_path):
    report = drawings.report(result)
    for found in result["models"].values():
        assert str(found["boxes"][0]) in report
    pictures = drawings.draw(result)
    assert "drawings" in pictures
    for name, picture in pictures.items():
        assert isinstance(picture, Drawing)
        assert picture.save(tmp_path / f"{name}.svg").stat().st_size > 1000
    for name in ("w.grad", "b.grad", "y.grad"):
        assert name in pictures["drawings_backward"].source
    assert "tanh‴(x)" in pictures["drawings_tanh"].source

"""The drawings of all models and of the course: no arrow over a label, text that can be read."""

import re
from pathlib import Path

import pytest
from overlaps import covered

import minigrad
from models import kinds
from models.experiments import drawings, worked_example
from models.showing import common

DOCS = Path(__file__).parents[3] / "docs"
OPTIONS = [{}, {"depth": 1}, {"unroll": True}, {"backward": True}]
# A screen of 1280 px, of which the smallest text, 10 pt = 13.3 px, may be scaled down to 9 px.
WIDEST = 1280 * 13.3 / 9 * 3 / 4  # in points


def of_models():
    """The drawings of the course's example, for each kind of model and each way to draw it."""
    for model in kinds.KINDS:
        for options in OPTIONS:
            minigrad.manual_seed(0)
            run = kinds.untrained("", model)
            yield f"{model} {options}", common.graph(run, run.COURSE, **options)


def of_the_course():
    """The drawings of the experiments."""
    result = worked_example.measure(worked_example.FULL)
    found = drawings.draw({"rolled": 30, "unrolled": 8}) | worked_example.draw(result)
    return [(name, drawing) for name, drawing in found.items() if hasattr(drawing, "svg")]


@pytest.fixture(scope="module")
def pictures():
    """The SVG of each."""
    return {name: drawing.svg() for name, drawing in [*of_models(), *of_the_course()]}


def test_hardly_any_label_is_under_an_arrow(pictures):
    """218 of 404 were."""
    counts = {name: covered(svg) for name, svg in pictures.items()}
    under, labels = (sum(column) for column in zip(*counts.values(), strict=True))
    assert labels > 400
    assert under < 0.03 * labels, {name: count for name, count in counts.items() if count[0]}


def width(svg):
    """The width of a picture, in points."""
    return float(re.search(r'<svg[^>]*? width="([\d.]+)pt"', svg)[1])


def test_the_text_of_a_picture_that_fits_a_screen_can_be_read(pictures):
    """A translator's was 3.7 px: its decoder was drawn beside its encoder."""
    shown = {
        name: width(svg)
        for name, svg in pictures.items()
        if "unroll" not in name and "backward" not in name
    }
    assert {name: round(wide) for name, wide in shown.items() if wide > WIDEST} == {}
    assert all(float(size) >= 10 for svg in pictures.values() for size in sizes(svg))


def sizes(svg):
    """The sizes of the texts in a picture, in points."""
    return re.findall(r'font-size="([\d.]+)"', svg)


def test_no_label_of_the_chapters_pictures_is_under_an_arrow():
    files = [*DOCS.glob("pictures/*.svg"), *DOCS.glob("figures/drawings*.svg")]
    counts = [covered(file.read_text(encoding="utf-8")) for file in files]
    under, labels = (sum(column) for column in zip(*counts, strict=True))
    assert under < 0.03 * labels


def test_the_counter_counts():
    edge = (
        '<svg xmlns="http://www.w3.org/2000/svg"><g class="edge"><path d="M0,0C0,10 0,20 0,30"/>'
        '<text text-anchor="middle" x="{}" y="15" font-size="10">(3, 4)</text></g></svg>'
    )
    assert covered(edge.format(0)) == (1, 1)
    assert covered(edge.format(40)) == (0, 1)

"""SVG: a title that names what is drawn, and texts as wide as their room in any font."""

import re

import pytest
from drawn import Reader, small_graph

import minigrad
from minigrad import nn
from minigrad.draw import draw, svg


def test_a_text_is_as_wide_as_in_helvetica():
    assert svg.measured("value") == 500 + 556 + 222 + 556 + 556
    assert svg.measured("mul", bold=True) == 889 + 611 + 278
    assert svg.measured("\xa0…") == 278 + 1000
    assert svg.measured("한글") == svg.measured("") == 0


def test_every_latin_text_of_a_picture_has_its_width():
    x, w, y = small_graph()
    shown = draw(y, names={"x": x, "한글": w}).svg()
    texts = re.findall(r"<text ([^>]*)>([^<]*)</text>", shown)
    without = {text for look, text in texts if "textLength" not in look}
    assert without == {"한글\xa0"}
    (look,) = {look for look, text in texts if text == "mul"}
    assert 'textLength="21.34" lengthAdjust="spacingAndGlyphs"' in look


def test_a_picture_has_a_title_that_names_what_is_drawn():
    *_, y = small_graph()
    model = Reader()
    loss = model(minigrad.randn(2, 3))
    titles = {
        draw(y, names={"y": y}).title: "Graph of y",
        draw(y).title: "Graph of a tensor of shape (2,)",
        draw(y.sum()).title: "Graph of a number",
        draw(loss, names=model).title: "Graph of Reader",
        draw(loss, backward=True).title: "Graph and backward pass of Reader",
    }
    loss.backward()
    titles[draw(loss, names={"<loss>": loss}).title] = "Graph and gradients of <loss>"
    assert all(title == expected for title, expected in titles.items())
    shown = draw(loss, names={"<loss>": loss}).svg()
    assert "<title>Graph and gradients of &lt;loss&gt;</title>" in shown
    assert 'role="img"' in shown
    page = draw(loss, names={"<loss>": loss}).page()
    assert not re.search("<svg[^>]* role", page)  # where boxes are to be found one by one
    assert '"title":"Graph and gradients of <loss>"' in page


@pytest.mark.parametrize("text", ["", "no svg", "<text >a</text>"])
def test_other_text_stays_as_it_is(text):
    assert svg.finished(text, "title") == text


def test_a_linear_is_named_by_its_class():
    assert draw(nn.Linear(2, 2)(minigrad.ones(1, 2))).title == "Graph of Linear"

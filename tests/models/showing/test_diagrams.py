"""Pictures of words: what they say, that it fits inside, and that both looks are there."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest

from models.showing import canvas, diagrams
from models.showing.language import speaking

DOCS = Path(__file__).parents[3] / "docs"
SOURCE, TARGET = ["오늘은", "금요일", "입니다", "."], ["Today", "is", "Friday", "."]
WEIGHTS = np.array([[0.9, 0.1, 0, 0], [0.2, 0.1, 0.7, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])
QKV = (["the", "dog"], 1, [1.0, -2.0], [[1, 0], [0, -1]], [[10, 0, 0], [0, 30, 0]])
EVERY = {
    "embedded": lambda: diagrams.embedded(SOURCE, [7, 30, 5, 4], np.eye(4)),
    "recurrent": lambda: diagrams.recurrent(SOURCE),
    "recurrent, with outputs": lambda: diagrams.recurrent(TARGET, [*TARGET[1:], "<end>"]),
    "recurrent, with gradients": lambda: diagrams.recurrent(TARGET, gradients=[1e-9, 0.01, 1, 1]),
    "unrolled": lambda: diagrams.unrolled(SOURCE, TARGET),
    "looking back": lambda: diagrams.unrolled(SOURCE, TARGET, WEIGHTS),
    "lines": lambda: diagrams.attention_lines(TARGET, SOURCE, WEIGHTS),
    "one word's lines": lambda: diagrams.attention_lines(TARGET, SOURCE, WEIGHTS, only=1),
    "query, key, value": lambda: diagrams.query_key_value(*QKV),
    "mask": lambda: diagrams.mask(TARGET),
    "block": diagrams.block,
    "block of a decoder": lambda: diagrams.block("after", cross=True, causal=True),
    "residual stream": lambda: diagrams.residual_stream(
        ["attention 1", "feed-forward 1"], [1, 2], [3, 3.5, 4]
    ),
}
each = pytest.mark.parametrize("name", EVERY)


def texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)<", svg) + re.findall(r"<!--([^<]*)-->", svg)


@each
def test_everything_is_inside_the_picture_and_large_enough_to_read(name):
    svg = EVERY[name]().svg
    root = ElementTree.fromstring(svg)
    wide, high = float(root.get("width")), float(root.get("height"))
    for box in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y = float(box.get("x", 0)), float(box.get("y", 0))
        assert 0 <= x <= x + float(box.get("width")) <= wide
        assert 0 <= y <= y + float(box.get("height")) <= high
    for text in root.iter("{http://www.w3.org/2000/svg}text"):
        assert float(text.get("font-size")) >= 11
    assert wide < 900


@pytest.mark.parametrize("file", sorted(DOCS.glob("**/pictures/*.svg")), ids=lambda file: file.name)
def test_every_text_in_the_chapters_has_at_least_9_px_on_a_page_of_1280(file):
    svg = file.read_text(encoding="utf-8")
    if 'class="diagram"' in svg[:300]:
        shown = min(1, 782 / float(re.search(r'width="(\d+)"', svg)[1]))
        sizes = map(float, re.findall(r'font-size="([\d.]+)"', svg))
        assert min(sizes, default=12) * shown >= 9


@each
def test_every_class_has_a_colour_in_light_and_in_dark(name):
    svg = EVERY[name]().svg
    classes = set(re.findall(r'class="([a-z]+)"', svg)) - {"diagram"}
    for look in (canvas.LIGHT, canvas.DARK):
        assert look in svg
        assert all(f".diagram .{one}{{" in look for one in classes)


@each
@pytest.mark.filterwarnings("error")  # matplotlib's, for a letter that the font does not have
def test_in_korean_only_tokens_are_english(name):
    english = EVERY[name]().svg
    with speaking("ko"):
        korean = EVERY[name]().svg
    tokens = {*SOURCE, *TARGET, "the", "dog", "&lt;begin&gt;", "&lt;end&gt;"}
    same = {text for text in {*texts(english)} & {*texts(korean)} if re.search("[a-z]{3}", text)}
    assert same <= tokens
    assert re.search("<title>[^<]*[가-힣]", korean)


def test_a_recurrent_network_has_a_state_more_than_tokens():
    found = texts(EVERY["recurrent, with outputs"]().svg)
    assert [text for text in found if text.startswith("h")] == ["h0", "h1", "h2", "h3", "h4"]
    assert found.count("Friday") == 2
    assert "&lt;end&gt;" in found


def test_an_arrow_is_wider_where_the_gradient_is_larger():
    svg = EVERY["recurrent, with gradients"]().svg
    wide = [float(w) for w in re.findall(r'class="arrow" stroke-width="([\d.]+)"', svg)]
    assert wide[1::2] == [0.5, canvas.WIDEST - 4, canvas.WIDEST, canvas.WIDEST]
    assert {"1e-09", "1e-02", "1e+00"} <= set(texts(svg))


def test_words_are_there_also_korean_ones_whose_letters_are_outlines():
    svg = EVERY["looking back"]().svg
    assert set(SOURCE + TARGET) <= set(texts(svg))
    assert "h0" in texts(svg)
    assert "hd3" in texts(svg)
    assert "오" not in re.sub("<!--.*?-->|<title>.*?</title>", "", svg)


def test_a_line_is_as_wide_as_its_weight_and_tiny_weights_have_none():
    svg = EVERY["lines"]().svg
    widths = [float(w) for w in re.findall(r'class="weight" stroke-width="([\d.]+)"', svg)]
    assert sorted(widths) == sorted(round(9 * w, 1) for w in WEIGHTS.flat if w)
    assert EVERY["one word's lines"]().svg.count('class="weight"') == 3
    assert "90%" in texts(svg)


def test_the_numbers_of_a_query_are_computed():
    shown = texts(EVERY["query, key, value"]().svg)
    assert "2" in shown
    assert "1" in shown
    assert "0.73" in shown
    assert "0.27" in shown
    assert "2.69" in shown
    assert "21.93" in shown


def test_a_causal_mask_is_a_triangle_and_another_is_as_given():
    assert EVERY["mask"]().svg.count('class="blocked"') == 6
    allowed = np.ones((4, 4), bool)
    assert 'class="blocked"' not in diagrams.mask(TARGET, allowed).svg.partition("</style>")[2]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: diagrams.attention_lines(TARGET, SOURCE[:3], WEIGHTS), "(4, 4) for 4 rows and 3"),
        (lambda: diagrams.query_key_value(["a"], *QKV[1:]), "for 1 words there must be 1 keys"),
        (lambda: diagrams.block("between"), "norm must be before or after"),
        (lambda: diagrams.residual_stream(["a"], [1], [1]), "one total more"),
        (lambda: diagrams.mask(TARGET).save("mask.png"), "must end in .svg"),
    ],
)
def test_mistakes(wrong, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        wrong()


def test_it_is_saved_and_shown_in_notebooks(tmp_path):
    picture = diagrams.mask(TARGET)
    path = picture.save(tmp_path / "new" / "mask.svg")
    assert path.read_text(encoding="utf-8") == picture.svg == picture._repr_svg_()
    assert len(repr(picture)) < 80  # not the whole SVG

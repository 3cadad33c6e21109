"""The explorer on paper, and a step saved as a picture."""

from xml.etree import ElementTree

import pytest
from explored import scalars, transformer

import minigrad
from minigrad.draw import draw

CALM = {"reduced_motion": "reduce"}
CUT = """() => {
  const view = document.querySelector("#graph").getBoundingClientRect();
  return [...document.querySelectorAll(".node:not(.gone), .cluster:not(.gone)")].filter((part) => {
    const { left, right, top, bottom } = part.getBoundingClientRect();
    return left < view.left || right > view.right || top < view.top || bottom > view.bottom;
  }).length;
}"""


def test_the_whole_graph_is_printed(explore):
    page = explore(transformer(), "#step=40", **CALM)
    assert page.evaluate(CUT) > 0  # the camera is near
    before = page.locator(".node.lit").bounding_box()
    page.emulate_media(media="print", reduced_motion="reduce")
    page.wait_for_function(f"() => ({CUT})() === 0")
    page.emulate_media(media="screen", reduced_motion="reduce")
    page.wait_for_function(f"() => ({CUT})() > 0")
    assert page.locator(".node.lit").bounding_box() == pytest.approx(before, abs=2)


def test_heat_maps_are_printed_with_their_colours(explore):
    x = minigrad.randn(10, 10, requires_grad=True)
    page = explore(draw(x.exp().sum(), names={"x": x}), "#step=1", color_scheme="dark", **CALM)
    page.emulate_media(media="print", color_scheme="dark", reduced_motion="reduce")
    cell = page.locator(".map i").first
    assert cell.evaluate("e => getComputedStyle(e).printColorAdjust") == "exact"
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"  # whatever the screen is
    for hidden in ("#zoom", "#slider", "#play", "#search"):
        assert page.locator(hidden).is_hidden()
    # The panel is printed to its end, and does not scroll.
    assert page.evaluate("panel.scrollHeight - panel.clientHeight") <= 0
    assert len(page.pdf()) > 10_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_step_can_be_saved_as_svg_and_png(explore, browser, scheme, tmp_path):
    page = explore(scalars(), "#step=6", color_scheme=scheme, accept_downloads=True, **CALM)
    with page.expect_download() as found:
        page.click("#svg")
    assert found.value.suggested_filename == "loss-step-6.svg"
    found.value.save_as(tmp_path / "step.svg")
    picture = ElementTree.parse(tmp_path / "step.svg").getroot()
    texts = ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert "–" in texts  # the numbers of this step, not those of the end
    assert "add" in texts
    assert "class=" not in (tmp_path / "step.svg").read_text("utf-8")
    with page.expect_download() as found:
        page.click("#png")
    found.value.save_as(tmp_path / "step.png")
    assert (tmp_path / "step.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    # Opened by itself, the picture has the colours of the page.
    other = browser.new_page()
    other.goto((tmp_path / "step.svg").as_uri())
    colors = "document.querySelector('rect').getAttribute('fill')"
    assert other.evaluate(colors) == page.evaluate("getComputedStyle(graph).backgroundColor")
    other.close()
